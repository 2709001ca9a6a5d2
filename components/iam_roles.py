"""IAM roles that AWS's own services take."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import iam


@dataclass(frozen=True)
class ServiceRole:
    """A role and what gives it its permissions: who uses the role waits for both, and is gone before them."""

    arn: pulumi.Output[str]
    permissions: Sequence[pulumi.Resource]


def service_trust(service: str, *, account_id: str | None = None) -> str:
    """The trust policy (JSON) that lets one AWS service take a role.

    Args:
        service: such as `eks.amazonaws.com`.
        account_id: only on behalf of this account, where the service says for whom it acts (AWS: "confused
            deputy"; AWS names the services whose requests carry the account).
    """
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    if account_id is not None:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account_id}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def service_role(
    name: str, physical_name: str, service: str, policy_arns: Sequence[str], parent: pulumi.Resource
) -> ServiceRole:
    """A role that one AWS service takes, with AWS-managed policies attached one by one.

    Args:
        name: start of the logical names.
        physical_name: the role's name, 64 characters at most.
        service: who takes it, such as `eks.amazonaws.com`.
        policy_arns: the policies. Attached singly: the role's own list would detach what others attach.
        parent: the component it belongs to.
    """
    child = pulumi.ResourceOptions(parent=parent)
    role = iam.Role(f"{name}-role", name=physical_name, assume_role_policy=service_trust(service), opts=child)
    permissions = [
        iam.RolePolicyAttachment(
            f"{name}-{arn.rpartition('/')[2]}", role=role.name, policy_arn=arn, opts=child
        )
        for arn in policy_arns
    ]
    return ServiceRole(role.arn, permissions)
