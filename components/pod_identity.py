"""AWS permissions for one Kubernetes service account, by EKS Pod Identity."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import eks, iam

ROLE_NAME_MAX = 64
"""IAM's limit for a role's name."""

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                # Without TagSession EKS calls the trust policy invalid.
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    }
)


@dataclass(frozen=True, kw_only=True)
class PodIdentityArgs:
    """Who gets what. At least one of `policy` and `managed_policy_arns` must be given."""

    cluster_name: pulumi.Input[str]
    namespace: str
    service_account: str
    role_name: str
    """Physical name of the role, 64 characters at most."""
    policy: pulumi.Input[str] | None = None
    """An inline policy document (JSON)."""
    managed_policy_arns: Sequence[str] = ()
    """AWS-managed policies, where AWS maintains the right one."""


class PodIdentity(pulumi.ComponentResource):
    """A role of its own for one service account, and the association that gives it to its pods.

    Pods that were there before the association keep running without it until they are restarted.
    """

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: PodIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__("intendly:cluster:PodIdentity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            f"{name}-role",
            name=args.role_name,
            description=f"Pods of service account {args.namespace}/{args.service_account}",
            assume_role_policy=TRUST,
            opts=child,
        )
        permissions: list[pulumi.Resource] = [
            iam.RolePolicyAttachment(
                f"{name}-{arn.rsplit('/', maxsplit=1)[-1]}", role=role.name, policy_arn=arn, opts=child
            )
            for arn in args.managed_policy_arns
        ]
        if args.policy is not None:
            permissions.append(
                iam.RolePolicy(f"{name}-policy", role=role.name, policy=args.policy, opts=child)
            )
        eks.PodIdentityAssociation(
            f"{name}-association",
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=args.service_account,
            role_arn=role.arn,
            # A pod must never get the role before its permissions.
            opts=pulumi.ResourceOptions(parent=self, depends_on=permissions),
        )
        self.role_arn = role.arn
        self.register_outputs({"role_arn": self.role_arn})


def _check(args: PodIdentityArgs) -> None:
    account = f"{args.namespace}/{args.service_account}"
    if len(args.role_name) > ROLE_NAME_MAX:
        raise ValueError(
            f"role name {args.role_name!r} of {account} is longer than {ROLE_NAME_MAX} characters"
        )
    if args.policy is None and not args.managed_policy_arns:
        raise ValueError(
            f"{account} would get a role without permissions: give policy or managed_policy_arns"
        )
