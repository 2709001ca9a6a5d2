"""Rules about copies of the database."""

from collections.abc import Iterator
from typing import Final

from infra.settings.errors import Problem
from infra.settings.rules.base import Rule, problem
from infra.settings.stack import StackSettings

BACKUP_MINUTES: Final = 120
"""Shortest time for a backup: AWS takes 60 minutes to start in, and 60 more to end in (AWS Backup API). A backup
that starts late is then still an hour ahead of whatever must not meet it, as RDS wants of its own windows."""


def dumps_outlive_their_lock(settings: StackSettings) -> Iterator[Problem]:
    """A locked version that expires is hidden, stays, and is paid for."""
    storage = settings.storage
    for key, days in (("fullDumpDays", storage.full_dump_days), ("hourlyDumpDays", storage.hourly_dump_days)):
        if days < storage.object_lock_days:
            yield problem(
                f"{days} is below objectLockDays {storage.object_lock_days}: no version can be removed earlier",
                "storage",
                key,
            )


def vaults_take_the_retentions(settings: StackSettings) -> Iterator[Problem]:
    """AWS Backup accepts the plan, and then every job of it fails."""
    backups = settings.backups
    low, high = backups.min_retention_days, backups.max_retention_days
    if low > high:
        yield problem(f"{low} is above maxRetentionDays {high}", "backups", "minRetentionDays")
        return
    for key, days in (
        ("retentionDays", backups.retention_days),
        ("copyRetentionDays", backups.copy_retention_days),
    ):
        if not low <= days <= high:
            yield problem(
                f"{days} is outside minRetentionDays {low} and maxRetentionDays {high}", "backups", key
            )


def copies_leave_the_region(settings: StackSettings) -> Iterator[Problem]:
    """A copy beside the original is lost with it."""
    if settings.backups.copy_region == settings.account.region:
        yield problem(
            f"{settings.account.region} is the stack's own region: choose another, or null for no copies",
            "backups",
            "copyRegion",
        )


def aws_backup_has_time(settings: StackSettings) -> Iterator[Problem]:
    """AWS refuses a plan whose backups may not take an hour to start and another to end."""
    minutes = settings.jobs.aws_backup.deadline_minutes
    if minutes < BACKUP_MINUTES:
        yield problem(
            f"{minutes} is too short: AWS Backup takes {BACKUP_MINUTES} or more",
            "jobs",
            "awsBackup",
            "deadlineMinutes",
        )


BACKUPS_RULES: Final[tuple[Rule, ...]] = (
    dumps_outlive_their_lock,
    vaults_take_the_retentions,
    copies_leave_the_region,
    aws_backup_has_time,
)
"""All rules of this file."""
