"""Windows and schedules as stretches of a week, in minutes since Sunday 00:00 UTC.

Everything here repeats weekly, so whether two things meet is decided on the 10,080 minutes of one week.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, Field

MINUTES_OF_DAY: Final = 24 * 60
MINUTES_OF_WEEK: Final = 7 * MINUTES_OF_DAY
DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""Names of days in AWS windows, at their cron numbers."""

_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY = "(sun|mon|tue|wed|thu|fri|sat)"
_DAILY_WINDOW: Final = rf"^{_TIME}-{_TIME}$"
_WEEKLY_WINDOW: Final = rf"^{_DAY}:{_TIME}-{_DAY}:{_TIME}$"
_CRON_PART = r"(\*(/[0-9]{1,2})?|[0-9]{1,2}(-[0-9]{1,2})?(,[0-9]{1,2}(-[0-9]{1,2})?)*)"
_CRON: Final = rf"^{_CRON_PART} {_CRON_PART} \* \* {_CRON_PART}$"


@dataclass(frozen=True, order=True)
class Stretch:
    """Minutes ``start`` to ``end`` (exclusive) of a week; ``end`` may lie beyond Saturday's midnight."""

    start: int
    end: int

    @property
    def minutes(self) -> int:
        """Length."""
        return self.end - self.start

    def meets(self, other: "Stretch") -> bool:
        """Whether the two share a minute, also across the turn of the week."""
        ahead = (other.start - self.start) % MINUTES_OF_WEEK
        return ahead < self.minutes or MINUTES_OF_WEEK - ahead < other.minutes

    def __str__(self) -> str:
        return f"{clock(self.start)}-{clock(self.end)}"


def clock(minute: int) -> str:
    """Say a minute of the week as people do: ``sun 03:00``."""
    day, rest = divmod(minute % MINUTES_OF_WEEK, MINUTES_OF_DAY)
    return f"{DAYS[day]} {rest // 60:02d}:{rest % 60:02d}"


def _minute_of_day(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def daily_window(window: str) -> list[Stretch]:
    """Spread ``23:00-00:00`` over the week; an end at or before the start lies on the next day."""
    start, end = (_minute_of_day(part) for part in window.split("-"))
    length = (end - start) % MINUTES_OF_DAY or MINUTES_OF_DAY
    return [Stretch(day * MINUTES_OF_DAY + start, day * MINUTES_OF_DAY + start + length) for day in range(7)]


def weekly_window(window: str) -> list[Stretch]:
    """Place ``sun:05:00-sun:06:00`` in the week; an end at or before the start lies in the next one."""
    start, end = (
        DAYS.index(part[:3]) * MINUTES_OF_DAY + _minute_of_day(part[4:]) for part in window.split("-")
    )
    length = (end - start) % MINUTES_OF_WEEK or MINUTES_OF_WEEK
    return [Stretch(start, start + length)]


def cron_starts(schedule: str) -> list[int]:
    """List the minutes of the week at which a schedule fires, in order.

    Raises:
        ValueError: a number is out of its range; the message names the part.
    """
    minute, hour, _, _, weekday = schedule.split(" ")
    minutes = _cron_values("minute", minute, 0, 59)
    hours = _cron_values("hour", hour, 0, 23)
    days = {day % 7 for day in _cron_values("day of the week", weekday, 0, 7)}  # 7 is Sunday too
    return sorted(day * MINUTES_OF_DAY + h * 60 + m for day in days for h in hours for m in minutes)


def aws_cron(schedule: str) -> str:
    """Say a schedule as EventBridge and AWS Backup do: ``0 7 * * *`` becomes ``cron(0 7 ? * * *)``.

    There Sunday is 1, not 0, so days go by name; and of the two kinds of days one must be left open.
    """
    minute, hour, _, _, weekday = schedule.split(" ")
    days = sorted({day % 7 for day in _cron_values("day of the week", weekday, 0, 7)})
    on = "*" if len(days) == len(DAYS) else ",".join(DAYS[day].upper() for day in days)
    return f"cron({_listed(minute, 59)} {_listed(hour, 23)} ? * {on} *)"


def _listed(part: str, high: int) -> str:
    """Write steps out: AWS documents no ``*/15``."""
    if not part.startswith("*/"):
        return part
    return ",".join(str(value) for value in sorted(_cron_values("step", part, 0, high)))


def _cron_values(name: str, part: str, low: int, high: int) -> set[int]:
    """Expand one part of a schedule."""
    if part.startswith("*"):
        step = int(part[2:] or 1)
        if not 1 <= step <= high:
            raise ValueError(f"the {name}'s step must be 1 to {high}")
        return set(range(low, high + 1, step))
    return {value for item in part.split(",") for value in _cron_range(name, item, low, high)}


def _cron_range(name: str, item: str, low: int, high: int) -> Iterator[int]:
    first, _, last = item.partition("-")
    begin, end = int(first), int(last or first)
    if not low <= begin <= end <= high:
        raise ValueError(f"the {name} must be {low} to {high}, and a range must rise")
    yield from range(begin, end + 1)


def _schedule(value: str) -> str:
    cron_starts(value)
    return value


def _lasting(minimum: int, stretches: Callable[[str], list[Stretch]]) -> AfterValidator:
    """Check a window's length: AWS takes neither a shorter one nor one of more than a day."""

    def check(value: str) -> str:
        length = stretches(value)[0].minutes
        if not minimum <= length <= MINUTES_OF_DAY:
            raise ValueError(f"the window lasts {length} minutes; AWS takes {minimum} to {MINUTES_OF_DAY}")
        return value

    return AfterValidator(check)


def _window(pattern: str, allowed: str) -> object:
    return Field(pattern=pattern, json_schema_extra={"allowed": allowed})


_DAILY_WORDS = "hh:mm-hh:mm in UTC, at least {} minutes, such as 00:30-01:30"
_WEEKLY_WORDS = "ddd:hh:mm-ddd:hh:mm in UTC, lower case, at least {} minutes, such as sun:05:00-sun:06:00"

DatabaseDailyWindow = Annotated[
    str, _window(_DAILY_WINDOW, _DAILY_WORDS.format(30)), _lasting(30, daily_window)
]
DatabaseWeeklyWindow = Annotated[
    str, _window(_WEEKLY_WINDOW, _WEEKLY_WORDS.format(30)), _lasting(30, weekly_window)
]
CacheDailyWindow = Annotated[str, _window(_DAILY_WINDOW, _DAILY_WORDS.format(60)), _lasting(60, daily_window)]
CacheWeeklyWindow = Annotated[
    str, _window(_WEEKLY_WINDOW, _WEEKLY_WORDS.format(60)), _lasting(60, weekly_window)
]
CronSchedule = Annotated[
    str,
    _window(_CRON, 'five cron fields in UTC, day of the month and month "*", such as "0 3 * * 0"'),
    AfterValidator(_schedule),
]
