"""IAM roles that GitHub's workflows take, by the account's OIDC provider: no key is ever stored at GitHub."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import iam

from components.access_entries import admit_to_groups

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"

VIEW_ONLY = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
"""Lists and describes, and reads no content. `ReadOnlyAccess` also reads every object and log line; a preview
needs neither, since the program looks nothing up and the engine compares with the state."""

SECURITY_AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
"""Reads how everything is configured, policies included, and no content: what a refresh compares."""

MAIN_BRANCH = "ref:refs/heads/main"
"""Subject of workflows on the main branch without a GitHub environment: what looks for drift every night, and what
makes the approval that production waits for. Reviewed code only."""

SESSION_S = 3600
"""Seconds that a workflow keeps a role at a time; a workflow that takes longer asks again."""

DATA_READS = (
    "secretsmanager:GetSecretValue",
    "secretsmanager:BatchGetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
    "logs:StartQuery",
    "rds:DownloadDBLogFilePortion",
    "ec2:GetConsoleOutput",
)
"""What a preview may never read, whatever AWS adds to the managed policy."""


@dataclass(frozen=True, kw_only=True)
class GithubRolesArgs:
    """Whose workflows may do what."""

    prefix: str
    """Start of the roles' names, such as `intendly-staging`."""
    environment: str
    """The GitHub environment of the same name guards deployments: its approvals hold before AWS is asked."""
    provider_arn: str
    """The account's OIDC provider for GitHub, one per account, made before the first stack."""
    repository: str
    """`owner/name` of this program's repository."""
    web_repository: str
    """`owner/name` of the web application's."""
    deployer_role_arn: str
    """The role that runs updates."""
    state_bucket_arn: str
    state_key_arn: str
    site_bucket_arn: pulumi.Input[str]
    distribution_arn: pulumi.Input[str]
    cluster_name: pulumi.Input[str]
    preview_group: pulumi.Input[str]
    """Kubernetes group in which those who only look enter the cluster."""


class GithubRoles(pulumi.ComponentResource):
    """Four roles: deploy takes the deployer's role, preview (pull requests) and look (main branch) only look, web uploads the site."""

    deploy_arn: pulumi.Output[str]
    preview_arn: pulumi.Output[str]
    look_arn: pulumi.Output[str]
    web_arn: pulumi.Output[str]

    def __init__(self, name: str, args: GithubRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("intendly:access:GithubRoles", name, None, opts)
        self._name, self._args = name, args
        guarded = f"environment:{args.environment}"
        self.deploy_arn = self._role(
            "deploy", f"{args.repository}:{guarded}", deploy_policy(args.deployer_role_arn)
        )
        self.preview_arn = self._role(
            "preview",
            f"{args.repository}:pull_request",
            preview_policy(args.state_bucket_arn, args.state_key_arn),
            managed=[VIEW_ONLY],
        )
        self.look_arn = self._role(
            "look",
            f"{args.repository}:{MAIN_BRANCH}",
            preview_policy(args.state_bucket_arn, args.state_key_arn),
            managed=[VIEW_ONLY, SECURITY_AUDIT],
        )
        for role, arn in (("preview", self.preview_arn), ("look", self.look_arn)):
            admit_to_groups(f"{name}-{role}", args.cluster_name, arn, [args.preview_group], self)
        site = pulumi.Output.all(args.site_bucket_arn, args.distribution_arn)
        self.web_arn = self._role(
            "web", f"{args.web_repository}:{guarded}", site.apply(lambda arns: web_policy(*arns))
        )
        self.register_outputs(
            {
                "deploy_arn": self.deploy_arn,
                "preview_arn": self.preview_arn,
                "look_arn": self.look_arn,
                "web_arn": self.web_arn,
            }
        )

    def _role(
        self, role: str, whose: str, policy: pulumi.Input[str], managed: Sequence[str] = ()
    ) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        subject = f"repo:{whose}"
        made = iam.Role(
            f"{self._name}-{role}",
            name=f"{self._args.prefix}-github-{role}",
            description=f"GitHub workflows with subject {subject}",
            assume_role_policy=trust_policy(self._args.provider_arn, subject),
            max_session_duration=SESSION_S,
            opts=child,
        )
        iam.RolePolicy(f"{self._name}-{role}-policy", role=made.name, policy=policy, opts=child)
        for arn in managed:
            iam.RolePolicyAttachment(
                f"{self._name}-{role}-{arn.rpartition('/')[2]}", role=made.name, policy_arn=arn, opts=child
            )
        return made.arn


def trust_policy(provider_arn: str, subject: str) -> str:
    """Trust (JSON) in one exact subject: without it every repository at GitHub could come.

    Args:
        provider_arn: the account's OIDC provider.
        subject: `repo:OWNER/NAME:environment:NAME`, `…:ref:refs/heads/main`, or `…:pull_request`, which forks do
            not get a token for.
    """
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}},
        }
    )


def deploy_policy(deployer_role_arn: str) -> str:
    """Permissions (JSON): take the deployer's role, and nothing besides."""
    return _document(
        {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": deployer_role_arn}
    )


def preview_policy(state_bucket_arn: str, state_key_arn: str) -> str:
    """Permissions (JSON) beside AWS's own policies: read the state and decrypt what is secret in it.

    Who previews sees the state's secrets: the engine cannot compare without them. So pull requests of people
    who may write to the repository only; and no value that the state does not hold.
    """
    return _document(
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": state_bucket_arn},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{state_bucket_arn}/*"},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": state_key_arn},
        {"Effect": "Deny", "Action": list(DATA_READS), "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "NotResource": f"{state_bucket_arn}/*",
        },
        {"Effect": "Deny", "Action": "kms:Decrypt", "NotResource": state_key_arn},
    )


def web_policy(site_bucket_arn: str, distribution_arn: str) -> str:
    """Permissions (JSON): put the site's files, take old ones away, and have CloudFront forget its copies."""
    return _document(
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": site_bucket_arn},
        {
            "Effect": "Allow",
            "Action": ["s3:PutObject", "s3:DeleteObject"],
            "Resource": f"{site_bucket_arn}/*",
        },
        {"Effect": "Allow", "Action": "cloudfront:CreateInvalidation", "Resource": distribution_arn},
    )


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
