"""The key that encrypts a stack's data."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import kms

PUBLISHERS = (
    "cloudwatch.amazonaws.com",
    "events.rds.amazonaws.com",
    "budgets.amazonaws.com",
    "backup.amazonaws.com",
)
"""AWS services that tell operators something through an SNS topic."""


@dataclass(frozen=True, kw_only=True)
class DataKeyArgs:
    """What the key needs to know."""

    prefix: str
    """Start of the physical names, such as `intendly-staging`."""
    account_id: str
    region: str
    protect: bool
    """Refuse to destroy it: what it encrypted is then unreadable, backups included."""


class DataKey(pulumi.ComponentResource):
    """One customer-managed key for the cluster's secrets, database, cache, secrets, dumps and logs of a stack."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: DataKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:data:DataKey", name, None, opts)
        key = kms.Key(
            f"{name}-key",
            description=f"Data of {args.prefix}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=json.dumps(key_policy(args.account_id, args.region)),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        kms.Alias(
            f"{name}-alias",
            name=f"alias/{args.prefix}-data",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})


def account_statement(account_id: str) -> dict[str, Any]:
    """The account's own IAM policies decide. A key without it could never be changed again."""
    return {
        "Sid": "AccountDecidesByIam",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def key_policy(account_id: str, region: str) -> dict[str, Any]:
    """Who may use the key.

    The account's own IAM policies decide (without the first statement nobody could ever change the key),
    CloudWatch Logs for log groups of this account, and AWS services that publish to this account's topics:
    without it their messages to an encrypted topic are dropped without a word. EKS, RDS, ElastiCache, Secrets
    Manager, S3 and AWS Backup work through grants or the permissions of the caller or of a role, and need no
    statement.

    Sources: CloudWatch Logs user guide, "Encrypt log data"; SNS developer guide, "Enable compatibility between
    event sources from AWS services and encrypted topics" (the topic's ARN is in every request's encryption
    context; not every service's request names the account); AWS Backup developer guide, "Encryption for backups".
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            account_statement(account_id),
            {
                "Sid": "TopicsOfThisAccount",
                "Effect": "Allow",
                "Principal": {"Service": list(PUBLISHERS)},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {
                    "ArnLike": {
                        "kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:{region}:{account_id}:*"
                    }
                },
            },
            {
                "Sid": "LogGroupsOfThisAccount",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{region}.amazonaws.com"},
                "Action": [
                    "kms:Encrypt*",
                    "kms:Decrypt*",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:Describe*",
                ],
                "Resource": "*",
                "Condition": {
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account_id}:log-group:*"
                    }
                },
            },
        ],
    }
