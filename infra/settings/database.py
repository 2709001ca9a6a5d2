"""PostgreSQL on RDS."""

from typing import Literal

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.cluster import LogRetentionDays
from infra.settings.machines import DatabaseClass
from infra.settings.time_windows import DatabaseDailyWindow, DatabaseWeeklyWindow
from infra.settings.types import PostgresVersion


class DatabaseSettings(Settings):
    """The database instance. The defaults are production's."""

    engine_version: PostgresVersion = Field(
        default="18.6",
        title="PostgreSQL version",
        description="Exact version; upgrades are ours, never automatic.",
    )
    instance_class: DatabaseClass = Field(
        default="db.r6g.large",
        title="Instance class",
        description="A change fails over (minutes) or restarts.",
    )
    multi_az: bool = Field(default=True, title="Multi-AZ", description="Keep a standby in a second zone.")
    storage_gib: int = Field(
        default=100,
        ge=20,
        le=65536,
        title="Storage",
        description="gp3 storage at creation, in GiB; never shrinks.",
    )
    max_storage_gib: int = Field(
        default=500,
        ge=20,
        le=65536,
        title="Storage limit",
        description="Up to where storage grows by itself, in GiB.",
    )
    backup_retention_days: int = Field(
        default=14,
        ge=1,
        le=35,
        title="Point-in-time recovery",
        description="Days back to which any second can be restored (RDS: at most 35).",
    )
    backup_window: DatabaseDailyWindow = Field(
        default="00:30-01:30", title="Backup window", description="When RDS takes its daily snapshot, UTC."
    )
    maintenance_window: DatabaseWeeklyWindow = Field(
        default="sun:05:00-sun:06:00", title="Maintenance window", description="When RDS may restart it, UTC."
    )
    deletion_protection: bool = Field(
        default=True,
        title="Deletion protection",
        description="AWS refuses to delete the database while true.",
    )
    final_snapshot: bool = Field(
        default=True, title="Final snapshot", description="Take a last snapshot when the database is deleted."
    )
    apply_immediately: bool = Field(
        default=False,
        title="Apply at once",
        description="Make changes now, outages included, instead of in the maintenance window.",
    )
    ca_certificate: Literal["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"] = Field(
        default="rds-ca-rsa2048-g1",
        title="Certificate authority",
        description="Signs the server's certificate.",
    )
    slow_query_ms: int = Field(
        default=500,
        ge=50,
        le=60000,
        title="Slow query",
        description="Duration that is logged with plan, in ms.",
    )
    log_retention_days: LogRetentionDays = Field(
        default=90, title="Database logs", description="How long CloudWatch keeps them, in days."
    )
