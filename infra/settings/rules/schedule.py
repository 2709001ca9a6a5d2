"""Backups, maintenance and jobs must not run into each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from infra.settings.errors import Problem
from infra.settings.jobs import JobSettings
from infra.settings.rules.base import Rule, problem
from infra.settings.stack import StackSettings
from infra.settings.time_windows import (
    MINUTES_OF_WEEK,
    Stretch,
    clock,
    cron_starts,
    daily_window,
    weekly_window,
)


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something that recurs, with all its stretches of a week."""

    location: tuple[str, ...]
    stretches: Sequence[Stretch]

    @property
    def key(self) -> str:
        """How a message calls it."""
        return ".".join(self.location)


_DATABASE_WINDOWS: Final = ("database.backupWindow", "database.maintenanceWindow")
_CACHE_WINDOWS: Final = ("cache.snapshotWindow", "cache.maintenanceWindow")

_UNDISTURBED: Final = {
    # A copy within S3, which touches neither database nor cache: only the dump that it copies must be finished.
    "jobs.archive": (
        *_DATABASE_WINDOWS,
        *_CACHE_WINDOWS,
        "jobs.maintenance",
        "jobs.hourlyDump",
        "jobs.awsBackup",
    ),
    # Copies of the database do not touch the cache.
    "jobs.hourlyDump": _CACHE_WINDOWS,
    "jobs.awsBackup": _CACHE_WINDOWS,
}

MAY_MEET: Final = frozenset(
    frozenset({task, other}) for task, others in _UNDISTURBED.items() for other in others
)
"""Pairs that do not disturb each other. All others must not meet, so that never two things fail over at once."""


def _job(settings: JobSettings, name: str) -> Task:
    starts = cron_starts(settings.schedule)
    return Task(
        location=("jobs", name),
        stretches=[Stretch(start, start + settings.deadline_minutes) for start in starts],
    )


def tasks(settings: StackSettings) -> tuple[Task, ...]:
    """List everything that recurs."""
    database, cache, jobs = settings.database, settings.cache, settings.jobs
    return (
        Task(location=("database", "backupWindow"), stretches=daily_window(database.backup_window)),
        Task(
            location=("database", "maintenanceWindow"), stretches=weekly_window(database.maintenance_window)
        ),
        Task(location=("cache", "snapshotWindow"), stretches=daily_window(cache.snapshot_window)),
        Task(location=("cache", "maintenanceWindow"), stretches=weekly_window(cache.maintenance_window)),
        _job(jobs.full_dump, "fullDump"),
        _job(jobs.hourly_dump, "hourlyDump"),
        _job(jobs.archive, "archive"),
        _job(jobs.maintenance, "maintenance"),
        _job(jobs.aws_backup, "awsBackup"),
    )


def windows_do_not_meet(settings: StackSettings) -> Iterator[Problem]:
    """A dump during a failover fails; a backup during maintenance is refused by AWS."""
    for first, second in combinations(tasks(settings), 2):
        if frozenset({first.key, second.key}) in MAY_MEET:
            continue
        meeting = next(((a, b) for a in first.stretches for b in second.stretches if a.meets(b)), None)
        if meeting:
            yield problem(
                f"{meeting[1]} meets {first.key} ({meeting[0]}, UTC): move one of them, or shorten its deadline",
                *second.location,
            )


def jobs_end_before_their_next_run(settings: StackSettings) -> Iterator[Problem]:
    """A run that is still busy when the next begins is skipped or doubled."""
    for task in tasks(settings):
        ordered = list(task.stretches)
        following = [*(stretch.start for stretch in ordered[1:]), ordered[0].start + MINUTES_OF_WEEK]
        for stretch, start in zip(ordered, following, strict=True):
            if stretch.end > start:
                yield problem(
                    f"a run that starts {clock(stretch.start)} may last until {clock(stretch.end)}, "
                    f"beyond the next start {clock(start)}",
                    *task.location,
                )
                break


SCHEDULE_RULES: Final[tuple[Rule, ...]] = (windows_do_not_meet, jobs_end_before_their_next_run)
"""All rules of this file."""
