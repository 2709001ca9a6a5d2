"""Copies of the database: dumps in a bucket, recovery points of AWS Backup."""

from pydantic import Field

from infra.settings.account import Region
from infra.settings.base import Settings
from infra.settings.time_windows import CronSchedule


class StorageSettings(Settings):
    """The bucket of dumps. The defaults are production's. What expires stays another noncurrentDays."""

    object_lock_days: int = Field(
        default=30,
        ge=0,
        le=365,
        title="Lock",
        description="Days for which no stored version can be removed (governance mode); 0: none.",
    )
    full_dump_days: int = Field(
        default=35, ge=1, le=3650, title="Full dumps", description="Days for which daily dumps are kept."
    )
    hourly_dump_days: int = Field(
        default=30, ge=1, le=3650, title="Hourly dumps", description="Days for which hourly dumps are kept."
    )
    archive_days: int = Field(
        default=730,
        # Deep archive begins after 90 days and bills 180 at least (S3 pricing).
        ge=270,
        le=3650,
        title="Archive",
        description="Days for which weekly copies are kept in cold storage; the first 90 they are read at once.",
    )
    noncurrent_days: int = Field(
        default=30,
        ge=1,
        le=365,
        title="Deleted versions",
        description="Days for which what was deleted or overwritten can be brought back.",
    )


class BackupsSettings(Settings):
    """Recovery points of the database by AWS Backup; jobs.awsBackup says when. The defaults are production's."""

    retention_days: int = Field(
        default=35, ge=1, le=3650, title="Retention", description="Days for which a recovery point is kept."
    )
    min_retention_days: int = Field(
        default=7,
        ge=1,
        le=3650,
        title="Shortest retention",
        description="The vaults refuse what is to be kept for fewer days, and keep what they have for as long.",
    )
    max_retention_days: int = Field(
        default=365,
        ge=1,
        le=36500,
        title="Longest retention",
        description="The vaults refuse what is to be kept for more days.",
    )
    copy_region: Region | None = Field(
        default="us-west-2",
        title="Second region",
        description="Region of a second vault, with a key of its own; null: no copies.",
    )
    copy_retention_days: int = Field(
        default=35, ge=1, le=3650, title="Retention of copies", description="Days for which a copy is kept."
    )
    restore_test_schedule: CronSchedule = Field(
        default="0 10 * * 1",
        title="Restore test",
        description="When the newest recovery point is restored beside the database, for 4 hours; five cron fields, UTC.",
    )
