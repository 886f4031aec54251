"""Which stretch is asked of which source: every minute once, archives where they are worth it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_resources.venues.plan import MONTH_WORTH, Step, next_month, steps, whole_minutes

NOW = datetime(2024, 5, 20, 15, 30, 20, tzinfo=UTC)
ORDER = ("archive", "rest", "mirror", "yahoo")
MINUTES = st.datetimes(datetime(2023, 12, 1), datetime(2024, 5, 21), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)


def day(month: int, number: int, hour: int = 0) -> datetime:
    return datetime(2024, month, number, hour, tzinfo=UTC)


def plan(start: datetime, end: datetime, **how: bool) -> list[Step]:
    return list(steps(start, end, NOW, ORDER, **how))


@given(
    MINUTES, MINUTES, st.booleans(), st.sampled_from([ORDER, ("rest",), ("archive",), ("rest", "archive")])
)
def test_steps_are_the_window_without_hole_or_overlap(
    start: datetime, end: datetime, as_asked: bool, order: tuple[str, ...]
) -> None:
    found = list(steps(start, end, NOW, order, as_asked=as_asked))
    edges = [start, *(step.end for step in found)]
    assert [step.start for step in found] == edges[:-1]
    assert edges[-1] == (end if start < end else start)
    assert all(step.sources for step in found)


def test_whole_months_come_as_months_the_rest_as_days_and_today_by_rest() -> None:
    found = plan(day(3, 1), day(5, 20, 12))
    assert [(step.start, step.end) for step in found[:2]] == [(day(3, 1), day(4, 1)), (day(4, 1), day(5, 1))]
    assert [step.end - step.start for step in found[2:-1]] == [timedelta(days=1)] * 19
    assert found[-1] == Step(day(5, 20), day(5, 20, 12), ("rest", "mirror", "yahoo"))


def test_a_month_of_which_little_is_asked_comes_by_days() -> None:
    worth = plan(day(5, 1) - MONTH_WORTH, day(5, 1))
    little = plan(day(5, 1) - MONTH_WORTH + timedelta(minutes=1), day(5, 1))
    assert (len(worth), len(little)) == (1, MONTH_WORTH.days)


def test_a_window_shorter_than_a_day_asks_the_archive_last_but_before_yahoo() -> None:
    assert plan(day(5, 10, 3), day(5, 10, 9)) == [
        Step(day(5, 10, 3), day(5, 10, 9), ("rest", "mirror", "archive", "yahoo"))
    ]


def test_a_chosen_order_is_kept() -> None:
    (step,) = plan(day(5, 10, 3), day(5, 10, 9), as_asked=True)
    assert step.sources == ORDER


def test_a_venue_without_archives_is_one_step() -> None:
    assert list(steps(day(1, 1), day(5, 20), NOW, ("rest",))) == [Step(day(1, 1), day(5, 20), ("rest",))]


def test_windows_end_with_the_last_closed_minute_and_hold_whole_minutes() -> None:
    start = day(5, 20, 15) + timedelta(seconds=1)
    assert whole_minutes(start, NOW, NOW) == (day(5, 20, 15) + timedelta(minutes=1), NOW.replace(second=0))
    assert whole_minutes(start, start + timedelta(minutes=1), NOW)[1] == day(5, 20, 15) + timedelta(minutes=2)


def test_a_time_without_zone_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="end 2024-05-20T00:00:00 has no time zone"):
        whole_minutes(day(5, 1), datetime(2024, 5, 20), NOW)


def test_december_is_followed_by_january() -> None:
    assert next_month(datetime(2023, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2024, 1, 1, tzinfo=UTC)
