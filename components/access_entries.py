"""Who may enter the cluster, by EKS access entries alone (no aws-auth ConfigMap)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import eks

CLUSTER_ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/(?P<path>.+)")


def role_path(role_arn: str) -> str:
    """Path and name of an IAM role, from its ARN.

    Raises:
        ValueError: it is no role's ARN. AWS refuses a session's (`sts:…:assumed-role/…`) as a principal too.
    """
    found = _ROLE_ARN.fullmatch(role_arn)
    if found is None:
        raise ValueError(f"{role_arn!r} is no IAM role's ARN like arn:aws:iam::123456789012:role/name")
    return found.group("path")


def grant_administrator(
    name: str, cluster_name: pulumi.Input[str], role_arn: str, parent: pulumi.Resource
) -> eks.AccessPolicyAssociation:
    """Let a role administer the whole cluster: an entry alone permits nothing, it takes the association too."""
    role_path(role_arn)
    child = pulumi.ResourceOptions(parent=parent)
    entry = eks.AccessEntry(
        name, cluster_name=cluster_name, principal_arn=role_arn, type="STANDARD", opts=child
    )
    return eks.AccessPolicyAssociation(
        name,
        cluster_name=cluster_name,
        principal_arn=entry.principal_arn,
        policy_arn=CLUSTER_ADMIN_POLICY,
        access_scope=eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
        opts=child,
    )


def role_name(role_arn: str) -> str:
    """Path and name of an IAM role as one part of a logical name."""
    return role_path(role_arn).replace("/", "-")


@dataclass(frozen=True, kw_only=True)
class Members:
    """IAM roles that enter as one Kubernetes group."""

    group: str
    role_arns: Sequence[str]


def admit_to_groups(
    name: str,
    cluster_name: pulumi.Input[str],
    role_arn: pulumi.Input[str],
    groups: Sequence[pulumi.Input[str]],
    parent: pulumi.Resource,
) -> eks.AccessEntry:
    """Let a role in as a member of Kubernetes groups; what these may do is RBAC's matter."""
    return eks.AccessEntry(
        name,
        cluster_name=cluster_name,
        principal_arn=role_arn,
        kubernetes_groups=list(groups),
        type="STANDARD",
        opts=pulumi.ResourceOptions(parent=parent),
    )
