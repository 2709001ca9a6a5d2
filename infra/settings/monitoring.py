"""Prometheus, Alertmanager and whom they tell."""

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.types import Email, Hostname, SlackChannel, UserName


class SmtpSettings(Settings):
    """Mail relay for alerts. Its password comes from Secrets Manager."""

    host: Hostname = Field(
        default="email-smtp.us-east-1.amazonaws.com",
        title="Relay",
        description="Host, spoken to with STARTTLS.",
    )
    port: int = Field(default=587, ge=1, le=65535, title="Port", description="TCP port of the relay.")
    username: UserName = Field(
        title="User", description="SMTP user name (with Amazon SES one of its own kind)."
    )
    sender: Email = Field(
        default="alerts@intendly.xyz", title="Sender", description="Address that alerts come from."
    )


class MonitoringSettings(Settings):
    """Metrics and alerts."""

    retention_days: int = Field(
        default=15, ge=1, le=90, title="Metrics", description="Days for which Prometheus keeps them."
    )
    prometheus_replicas: int = Field(
        default=2, ge=1, le=2, title="Prometheus", description="Pods of Prometheus."
    )
    prometheus_storage_gib: int = Field(
        default=50, ge=10, le=1000, title="Prometheus' disk", description="Volume of each pod, in GiB."
    )
    prometheus_cpu_request_millicores: int = Field(
        default=500,
        ge=100,
        le=8000,
        title="Prometheus' CPU",
        description="Reserved for each pod, in millicores.",
    )
    prometheus_memory_request_mib: int = Field(
        default=2048,
        ge=512,
        le=65536,
        title="Prometheus' memory",
        description="Reserved for each pod, in MiB.",
    )
    prometheus_memory_limit_mib: int = Field(
        default=4096,
        ge=512,
        le=65536,
        title="Prometheus' limit",
        description="Above it a pod is killed, in MiB.",
    )
    alertmanager_replicas: int = Field(
        default=3, ge=1, le=5, title="Alertmanager", description="Pods of Alertmanager."
    )
    alertmanager_storage_gib: int = Field(
        default=2, ge=1, le=100, title="Alertmanager's disk", description="Volume of each pod, in GiB."
    )
    slack_channel: SlackChannel = Field(
        default="#production-alerts", title="Slack channel", description="Where warnings go."
    )
    email_to: Email = Field(
        default="devops@intendly.xyz", title="Recipient", description="Where alerts of severity info go."
    )
    smtp: SmtpSettings = Field(title="Mail relay", description="How mail leaves.")
