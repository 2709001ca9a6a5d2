"""A record of every connection in a VPC, for whoever has to find out afterwards."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, ec2, iam

from components.iam_roles import service_trust

SERVICE = "vpc-flow-logs.amazonaws.com"

AGGREGATION_S = 600
"""Seconds that one record covers: the longest, since each record is paid for."""


@dataclass(frozen=True, kw_only=True)
class FlowLogsArgs:
    """What flow logs need."""

    prefix: str
    """Start of the physical names, such as `intendly-staging`."""
    account_id: str
    region: str
    vpc_id: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    """Encrypts the log group; its policy lets CloudWatch Logs use it."""
    retention_days: int


class FlowLogs(pulumi.ComponentResource):
    """Accepted and refused connections of all interfaces, in an encrypted log group."""

    log_group_name: str

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:network:FlowLogs", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.log_group_name = f"/intendly/{args.prefix}/flow-logs"
        group = cloudwatch.LogGroup(
            f"{name}-group",
            name=self.log_group_name,
            retention_in_days=args.retention_days,
            kms_key_id=args.key_arn,
            opts=child,
        )
        role = iam.Role(
            f"{name}-role",
            name=f"{args.prefix}-flow-logs",
            assume_role_policy=service_trust(SERVICE, account_id=args.account_id),
            opts=child,
        )
        groups = f"arn:aws:logs:{args.region}:{args.account_id}:log-group:*"
        permission = iam.RolePolicy(
            f"{name}-write",
            role=role.name,
            policy=group.arn.apply(lambda arn: write_policy(arn, groups)),
            opts=child,
        )
        ec2.FlowLog(
            f"{name}-log",
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=AGGREGATION_S,
            tags={"Name": f"{args.prefix}-flow-logs"},
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[permission],
                # Every change replaces it, and AWS refuses two of one VPC into one group.
                delete_before_replace=True,
            ),
        )
        self.register_outputs({"log_group_name": self.log_group_name})


def write_policy(group_arn: str, groups_arn: str) -> str:
    """What flow logs may do: write into one group, and list the groups of the account's region.

    Source: VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs", without making groups.
    """
    statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            "Resource": [group_arn, f"{group_arn}:*"],
        },
        {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": groups_arn},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
