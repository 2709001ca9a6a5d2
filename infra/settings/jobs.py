"""When the recurring work of the platform runs. All times are UTC."""

from pydantic import Field

from infra.settings.base import Settings
from infra.settings.time_windows import CronSchedule


class JobSettings(Settings):
    """A schedule and the time after which a run is ended."""

    schedule: CronSchedule = Field(title="Schedule", description="Five cron fields, UTC.")
    deadline_minutes: int = Field(
        ge=5, le=720, title="Deadline", description="Minutes after which a run is ended and counts as failed."
    )


def _job(schedule: str, deadline_minutes: int) -> JobSettings:
    """Make a default, checked like a value that was given."""
    return JobSettings.model_validate({"schedule": schedule, "deadlineMinutes": deadline_minutes})


class JobsSettings(Settings):
    """The operations manual's schedule, chosen so that nothing meets."""

    full_dump: JobSettings = Field(
        default=_job("0 2 * * *", 55),
        title="Full dump",
        description="Daily dump of the database.",
    )
    hourly_dump: JobSettings = Field(
        default=_job("0 9-17 * * *", 55),
        title="Hourly dump",
        description="Dump of the database in trading hours.",
    )
    archive: JobSettings = Field(
        default=_job("0 3 * * 0", 50),
        title="Archive",
        description="Weekly copy of the newest full dump to cold storage, within S3.",
    )
    maintenance: JobSettings = Field(
        default=_job("0 3 * * 0", 50),
        title="Maintenance",
        description="Weekly ANALYZE, VACUUM, REINDEX and deletion of old logs.",
    )
    aws_backup: JobSettings = Field(
        default=_job("0 7 * * *", 120),
        title="AWS Backup",
        description="Daily recovery point of the database, copied to another vault.",
    )
