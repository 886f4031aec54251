"""When Commitments of Traders come out: the rule against the dates that the CFTC published."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from alphapulse_resources.providers.cftc.release import (
    INTERRUPTED,
    federal_holidays,
    is_business_day,
    release_of,
    report_days,
)
from alphapulse_sim import cftc_calendar

# cftc.gov, release schedule of December 2023 to 2024, day by day; those moved by a holiday are not Fridays
SCHEDULE = {
    2023: {12: (1, 8, 15, 22, 29)},
    2024: {
        1: (5, 12, 19, 26), 2: (2, 9, 16, 23), 3: (1, 8, 15, 22, 29), 4: (5, 12, 19, 26),
        5: (3, 10, 17, 24, 31), 6: (7, 14, 24, 28), 7: (8, 12, 19, 26), 8: (2, 9, 16, 23, 30),
        9: (6, 13, 20, 27), 10: (4, 11, 18, 25), 11: (1, 8, 15, 22), 12: (2, 6, 13, 20, 30),
    },
}  # fmt: skip


def test_the_rule_gives_every_date_of_the_published_schedule() -> None:
    published = [
        date(year, month, day)
        for year, months in SCHEDULE.items()
        for month, days in months.items()
        for day in days
    ]
    releases = [release_of(day).due_at for day in report_days(date(2023, 11, 28), date(2024, 12, 24))]
    assert [each.date() for each in releases] == published
    assert {each.strftime("%H:%M") for each in releases} == {
        "19:30",
        "20:30",
    }  # summer and winter in New York
    assert releases[14] == datetime(2024, 3, 8, 20, 30, tzinfo=UTC)
    assert releases[15] == datetime(2024, 3, 15, 19, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "released"),
    [
        ("2020-12-21", "2020-12-28"),  # government closed on Thursday by order, on Friday for Christmas
        ("2021-06-15", "2021-06-21"),  # the first Juneteenth, the day after it became law
        ("2023-07-03", "2023-07-07"),  # Monday's positions, of a week whose Tuesday was a holiday
        ("2025-01-07", "2025-01-13"),  # a day of mourning
        ("2025-12-23", "2025-12-29"),
        ("2025-12-30", "2026-01-05"),
        ("2026-01-13", "2026-01-16"),
    ],
)
def test_dates_that_the_cftc_announced_one_by_one(day: str, released: str) -> None:
    assert release_of(date.fromisoformat(day)).due_at.date().isoformat() == released


def test_what_was_interrupted_came_late_in_order_and_says_why() -> None:
    days = sorted(INTERRUPTED)
    assert len(days) == 10 + 7 + 12
    assert set(days) <= set(report_days(days[0], days[-1]))
    releases = [release_of(day) for day in days]
    assert [each.due_at for each in releases] == sorted(each.due_at for each in releases)
    for each in releases:
        assert each.due_at > each.normal_due_at
        assert each.reason is not None
    assert release_of(date(2025, 10, 7)).due_at == datetime(2025, 11, 21, 20, 30, tzinfo=UTC)
    assert release_of(date(2025, 10, 7)).normal_due_at == datetime(2025, 10, 10, 19, 30, tzinfo=UTC)
    assert "shutdown of 2025-10-01" in str(release_of(date(2025, 10, 7)).reason)
    assert release_of(date(2024, 6, 18)).reason == "federal holiday"
    assert release_of(date(2024, 6, 11)).reason is None


def test_reports_are_of_tuesdays_or_of_mondays_before_a_holiday_once_a_week() -> None:
    days = list(report_days(date(2018, 1, 1), date(2027, 12, 31)))
    assert [day.isocalendar()[:2] for day in days] == sorted({day.isocalendar()[:2] for day in days})
    assert all(6 <= (later - day).days <= 8 for day, later in pairwise(days))
    mondays = {day.isoformat() for day in days if day.weekday() == 0}
    assert mondays >= {"2018-12-24", "2018-12-31", "2023-07-03", "2025-11-10"}
    moved = mondays - {"2020-12-21"}
    assert all(not is_business_day(date.fromisoformat(day) + timedelta(days=1)) for day in moved)
    assert list(report_days(date(2025, 11, 11), date(2025, 11, 16))) == []  # its Monday is before


def test_holidays_on_weekends_are_kept_beside_them() -> None:
    assert date(2021, 7, 5) in federal_holidays(2021)  # Sunday the fourth
    assert date(2021, 12, 31) in federal_holidays(2021)  # for Saturday the first
    assert date(2026, 7, 3) in federal_holidays(2026)
    assert date(2020, 6, 19) not in federal_holidays(2020)
    assert len(federal_holidays(2026)) == 11


def test_the_simulator_which_reckons_by_itself_agrees_where_it_knows() -> None:
    for day in report_days(date(2021, 3, 1), date(2027, 12, 31)):
        if "ION" in str(release_of(day).reason):
            continue  # it has no such incident
        at = datetime.fromtimestamp(cftc_calendar.release_ms(day) / 1000, UTC)
        assert at == release_of(day).due_at, day
