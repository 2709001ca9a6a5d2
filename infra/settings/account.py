"""Whose account, which region, whose bill."""

from typing import Final, Literal

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.types import AccountId, RoleName, TagValue

Region = Literal["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1"]

ZONE_PREFIXES: Final[dict[str, str]] = {
    "us-east-1": "use1",
    "us-east-2": "use2",
    "us-west-2": "usw2",
    "eu-west-1": "euw1",
    "eu-central-1": "euc1",
}
"""How the ids of a region's zones begin (EC2 user guide, "Availability Zone IDs")."""


class AccountSettings(Settings):
    """The AWS account that a stack owns alone."""

    id: AccountId = Field(
        title="AWS account",
        description="Account in which everything is made; the provider refuses any other.",
    )
    region: Region = Field(
        default="us-east-1",
        title="AWS region",
        description="Region of everything but CloudFront and Route53.",
    )
    deployer_role_name: RoleName = Field(
        default="intendly-deployer",
        title="Deployer's role",
        description="Name of the IAM role of this account that runs updates and administers the cluster.",
    )

    @property
    def deployer_role_arn(self) -> str:
        """The role that runs updates, and that the Kubernetes provider's tokens are got for."""
        return f"arn:aws:iam::{self.id}:role/{self.deployer_role_name}"


class TagsSettings(Settings):
    """Tags that every AWS resource carries, for cost reports and for people who find one."""

    owner: TagValue = Field(default="platform", title="Owner", description="Team that answers for the stack.")
    cost_center: TagValue = Field(default="trading", title="Cost centre", description="Who pays.")
    repository: TagValue = Field(
        default="intendly/infrastructure", title="Repository", description="Where the program lives."
    )
