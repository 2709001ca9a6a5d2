"""Who may enter: people's roles, and what GitHub's workflows may do."""

from typing import Annotated

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.types import BucketArn, KeyArn, OidcProviderArn, RepositoryName, RoleArn

Roles = Annotated[tuple[RoleArn, ...], Field(strict=False, max_length=20)]


class GithubSettings(Settings):
    """What GitHub's workflows need of the account; `intendly bootstrap` makes it and prints it."""

    oidc_provider_arn: OidcProviderArn = Field(
        title="GitHub's identity provider", description="ARN of the account's one OIDC provider for GitHub."
    )
    state_bucket_arn: BucketArn = Field(
        title="State bucket", description="ARN of the bucket that holds the stack's state."
    )
    state_key_arn: KeyArn = Field(
        title="State key", description="ARN of the KMS key that encrypts the state's secrets."
    )
    repository: RepositoryName = Field(
        default="intendly/infrastructure",
        title="This program's repository",
        description="Its workflows preview pull requests, and deploy from the GitHub environment named like the stack.",
    )
    web_repository: RepositoryName = Field(
        title="Web application's repository",
        description="Its workflows upload the site from the GitHub environment named like the stack.",
    )


class AccessSettings(Settings):
    """Roles of people and workflows. Each role stands in one list: a cluster knows a role once."""

    operator_role_arns: Roles = Field(
        default=(),
        title="Operators' roles",
        description="IAM roles that get the Kubernetes group intendly-operators: look, scale and restart in intendly.",
    )
    on_call_role_arns: Roles = Field(
        default=(),
        title="On-call roles",
        description="IAM roles that get the group intendly-on-call: as operators, and logs, events and eviction of pods.",
    )
    auditor_role_arns: Roles = Field(
        default=(),
        title="Auditors' roles",
        description="IAM roles that get the group intendly-auditors: read the whole cluster but its Secrets.",
    )
    github: GithubSettings | None = Field(
        default=None, title="GitHub", description="Roles of GitHub's workflows; without it none is made."
    )
