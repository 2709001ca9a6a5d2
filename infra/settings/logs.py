"""Logs of pods in CloudWatch."""

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.cluster import LogRetentionDays


class LogsSettings(Settings):
    """How long the log groups keep what pods write."""

    applications_retention_days: LogRetentionDays = Field(
        default=90, title="Applications' logs", description="Days for which CloudWatch keeps them."
    )
    platform_retention_days: LogRetentionDays = Field(
        default=30,
        title="Platform's logs",
        description="Days for which CloudWatch keeps the lines of all other namespaces.",
    )
