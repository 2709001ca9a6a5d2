"""What the deployer's role may do, and who may take it: documents as plain values.

The account is the stack's alone (settings, ``account``), so services that the program uses are allowed within
the stack's regions; where names tell the stack's things from others (S3, Secrets Manager, IAM), only those are.
Whoever deploys can still do, through a role that the program makes, whatever that role may: guard this role like
the administrator's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from infra.settings import StackSettings
from operations.json_object import Json

SERVICES: Final = (
    "acm",
    "autoscaling",
    "backup",
    "backup-storage",
    "budgets",
    "cloudfront",
    "cloudwatch",
    "ec2",
    "eks",
    "elasticache",
    "elasticloadbalancing",
    "kms",
    "logs",
    "rds",
    "route53",
    "sns",
)
"""IAM's names of the services whose resources the program makes, or that its resources need."""

PASSED_TO: Final = (
    "backup.amazonaws.com",
    "ec2.amazonaws.com",
    "eks.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "pods.eks.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""Services that take one of the stack's roles."""

LINKED: Final = (
    "autoscaling.amazonaws.com",
    "backup.amazonaws.com",
    "eks.amazonaws.com",
    "eks-nodegroup.amazonaws.com",
    "elasticache.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "rds.amazonaws.com",
)
"""Services that make a role of their own in a new account, in the name of whoever first uses them."""

GLOBAL_REGION: Final = "us-east-1"
"""Where IAM's condition places services without a region, and where CloudFront's certificates are."""

SESSION_S: Final = 4 * 3600
"""Seconds of a session; a first update takes half an hour. Who comes by another role has one hour (IAM)."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What the documents are about. ``regions`` are those in which the stack has anything."""

    account: str
    prefix: str
    regions: tuple[str, ...]
    role: str
    state_bucket: str
    state_alias: str

    @property
    def role_arn(self) -> str:
        """The deployer's role."""
        return f"arn:aws:iam::{self.account}:role/{self.role}"

    @property
    def github_role_arn(self) -> str:
        """The role of GitHub's deploy workflow, which the program makes and which takes the deployer's."""
        return f"arn:aws:iam::{self.account}:role/{self.prefix}-github-deploy"


def regions_of(settings: StackSettings) -> tuple[str, ...]:
    """Where a stack has anything: its own region, and the one that copies of backups go to."""
    elsewhere = settings.backups.copy_region
    return (settings.account.region, *((elsewhere,) if elsewhere else ()))


def resources(deployment: Deployment) -> Json:
    """What may be done with everything but identities."""
    regions = sorted({*deployment.regions, GLOBAL_REGION})
    bucket = f"arn:aws:s3:::{deployment.state_bucket}"
    return _document(
        {
            "Sid": "Services",
            "Effect": "Allow",
            "Action": [f"{service}:*" for service in SERVICES],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": regions}},
        },
        {
            "Sid": "Buckets",
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{deployment.prefix}-*", bucket, f"{bucket}/*"],
        },
        {
            "Sid": "Secrets",
            "Effect": "Allow",
            "Action": "secretsmanager:*",
            # RDS names its secret of the master user itself, and needs the caller's right to make it.
            "Resource": [
                f"arn:aws:secretsmanager:*:{deployment.account}:secret:{name}"
                for name in (f"{deployment.prefix}/*", "rds!*")
            ],
        },
        {
            "Sid": "Quotas",
            "Effect": "Allow",
            "Action": ["servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota"],
            "Resource": "*",
        },
        {
            "Sid": "KeepStateBucket",
            "Effect": "Deny",
            "Action": [
                "s3:DeleteBucket",
                "s3:DeleteBucketPolicy",
                "s3:DeleteObjectVersion",
                "s3:PutBucketPolicy",
                "s3:PutBucketPublicAccessBlock",
                "s3:PutBucketVersioning",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
            ],
            "Resource": [bucket, f"{bucket}/*"],
        },
        {
            "Sid": "KeepStateKey",
            "Effect": "Deny",
            "Action": ["kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
            "Resource": "*",
            "Condition": {
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": deployment.state_alias},
            },
        },
    )


def identities(deployment: Deployment) -> Json:
    """What may be done with roles: the stack's own, by name; never the deployer's itself."""
    stack = [f"arn:aws:iam::{deployment.account}:{kind}/{deployment.prefix}-*" for kind in ("role", "policy")]
    return _document(
        {
            "Sid": "StackRoles",
            "Effect": "Allow",
            "Action": [
                *(f"iam:{verb}Role" for verb in ("Create", "Delete", "Get", "Tag", "Untag", "Update")),
                *(f"iam:{verb}RolePolicy" for verb in ("Attach", "Delete", "Detach", "Get", "Put")),
                *(f"iam:{verb}Policy" for verb in ("Create", "Delete", "Get", "Tag", "Untag")),
                *(f"iam:{verb}PolicyVersion" for verb in ("Create", "Delete", "Get")),
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListPolicyVersions",
                "iam:ListRolePolicies",
                "iam:ListRoleTags",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRoleDescription",
            ],
            "Resource": stack,
        },
        {
            "Sid": "PassStackRoles",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": stack[0],
            "Condition": {"StringEquals": {"iam:PassedToService": list(PASSED_TO)}},
        },
        {
            "Sid": "ServicesOwnRoles",
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": f"arn:aws:iam::{deployment.account}:role/aws-service-role/*",
            "Condition": {"StringEquals": {"iam:AWSServiceName": list(LINKED)}},
        },
        {
            "Sid": "Look",
            "Effect": "Allow",
            "Action": ["iam:GetOpenIDConnectProvider", "iam:GetRole", "iam:ListOpenIDConnectProviders"],
            "Resource": "*",
        },
        {
            "Sid": "Itself",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            # The Kubernetes provider gets its tokens as the deployer, who is the deployer already.
            "Resource": deployment.role_arn,
        },
    )


def trust(deployment: Deployment, people: Sequence[str]) -> Json:
    """Who may take the deployer's role.

    The account's own principals, and of those exactly the ones named: a condition, since IAM refuses a principal
    that is not there yet, and turns one that was deleted into an id that nobody recognises.
    """
    named = sorted({*people, deployment.role_arn, deployment.github_role_arn})
    return _document(
        {
            "Sid": "Named",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{deployment.account}:root"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {"ArnEquals": {"aws:PrincipalArn": named}},
        }
    )


def _document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}
