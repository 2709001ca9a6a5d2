"""Windows and schedules on the minutes of a week."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.settings.time_windows import (
    MINUTES_OF_WEEK,
    Stretch,
    aws_cron,
    clock,
    cron_starts,
    daily_window,
    weekly_window,
)


def test_a_daily_window_over_midnight_ends_on_the_next_day() -> None:
    assert [str(stretch) for stretch in daily_window("23:00-00:00")][:2] == [
        "sun 23:00-mon 00:00",
        "mon 23:00-tue 00:00",
    ]


def test_a_weekly_window_over_saturday_reaches_sunday() -> None:
    [stretch] = weekly_window("sat:23:30-sun:00:30")

    assert stretch.minutes == 60
    assert stretch.meets(Stretch(0, 10))
    assert not stretch.meets(Stretch(30, 40))


@pytest.mark.parametrize(
    ("schedule", "starts"),
    [
        ("0 3 * * 0", ["sun 03:00"]),
        ("0 3 * * 7", ["sun 03:00"]),
        ("30 2 * * 1,3", ["mon 02:30", "wed 02:30"]),
        ("0 9-11 * * 6", ["sat 09:00", "sat 10:00", "sat 11:00"]),
        ("*/30 1 * * 2", ["tue 01:00", "tue 01:30"]),
        ("0 */12 * * 5", ["fri 00:00", "fri 12:00"]),
    ],
)
def test_a_schedule_fires_when_cron_would(schedule: str, starts: list[str]) -> None:
    assert [clock(start) for start in cron_starts(schedule)] == starts


def test_a_daily_schedule_fires_seven_times_a_week() -> None:
    assert len(cron_starts("0 2 * * *")) == 7
    assert len(cron_starts("* * * * *")) == MINUTES_OF_WEEK


@pytest.mark.parametrize(
    "schedule", ["60 2 * * *", "0 24 * * *", "0 2 * * 8", "0 5-3 * * *", "*/0 * * * *", "*/60 * * * *"]
)
def test_a_number_out_of_range_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        cron_starts(schedule)


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    start = draw(st.integers(min_value=0, max_value=MINUTES_OF_WEEK - 1))
    return Stretch(start, start + draw(st.integers(min_value=1, max_value=1440)))


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(stretches(), stretches())
def test_two_stretches_meet_exactly_when_they_share_a_minute_of_the_week(a: Stretch, b: Stretch) -> None:
    def minutes(stretch: Stretch) -> set[int]:
        return {minute % MINUTES_OF_WEEK for minute in range(stretch.start, stretch.end)}

    assert a.meets(b) == bool(minutes(a) & minutes(b)) == b.meets(a)


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("0 7 * * *", "cron(0 7 ? * * *)"),
        ("0 3 * * 0", "cron(0 3 ? * SUN *)"),
        ("0 3 * * 7", "cron(0 3 ? * SUN *)"),
        ("30 9-17 * * 1-5", "cron(30 9-17 ? * MON,TUE,WED,THU,FRI *)"),
        ("*/20 */12 * * 1", "cron(0,20,40 0,12 ? * MON *)"),
        ("* * * * 0-6", "cron(* * ? * * *)"),
    ],
)
def test_aws_counts_days_otherwise_and_takes_them_by_name(schedule: str, said: str) -> None:
    assert aws_cron(schedule) == said
