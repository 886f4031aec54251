"""When a Commitments of Traders report comes out: three federal business days after its day, 15:30 Eastern.

Documented: "released at 3:30 p.m. Eastern time ... usually on Friday ... data from the previous Tuesday ...
Federal holidays may delay release by one or two days", and "Use of Monday data, due to Tuesday US holiday"
(cftc.gov/MarketReports/CommitmentsofTraders/ReleaseSchedule). Counting business days gives each date of those
schedules, those put off to a Monday among them. Days on which an order closed the government count as
holidays. What was interrupted came out at the dates that the CFTC told later
(.../CommitmentsofTraders/HistoricalSpecialAnnouncements; its catch-up schedule of 2025-12-09). Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

EASTERN: Final = ZoneInfo("America/New_York")
RELEASED_AT: Final = time(15, 30)
BUSINESS_DAYS: Final = 3
DAY: Final = timedelta(days=1)
TUESDAY: Final = 1

_CLOSED: Final = frozenset(
    date.fromisoformat(day)
    for day in (
        "2018-12-05", "2018-12-24", "2019-12-24", "2020-12-24", "2024-12-24", "2025-01-09",
    )
)  # fmt: skip
"""Days of mourning and days before Christmas, by executive order. Two of December 2025 moved no report."""
_OF_MONDAY: Final = frozenset({date(2020, 12, 22)})
"""Tuesdays that were no holidays, and whose report is of the Monday all the same."""

_SHUTDOWN_2018: Final = "government shutdown of 2018-12-22 to 2019-01-25"
_ION: Final = "reports of members were missing after the attack on ION Markets of 2023-01-31"
_SHUTDOWN_2025: Final = "government shutdown of 2025-10-01 to 2025-11-12"
INTERRUPTED: Final = {
    date.fromisoformat(day): (date.fromisoformat(released), why)
    for why, released_on in {
        _SHUTDOWN_2018: {
            "2018-12-24": "2019-02-01", "2018-12-31": "2019-02-05", "2019-01-08": "2019-02-08",
            "2019-01-15": "2019-02-12", "2019-01-22": "2019-02-15", "2019-01-29": "2019-02-19",
            "2019-02-05": "2019-02-22", "2019-02-12": "2019-02-26", "2019-02-19": "2019-03-01",
            "2019-02-26": "2019-03-05",
        },
        _ION: {
            "2023-01-31": "2023-02-24", "2023-02-07": "2023-03-03", "2023-02-14": "2023-03-08",
            "2023-02-21": "2023-03-10", "2023-02-28": "2023-03-14", "2023-03-07": "2023-03-16",
            "2023-03-14": "2023-03-21",
        },
        _SHUTDOWN_2025: {
            "2025-09-30": "2025-11-19", "2025-10-07": "2025-11-21", "2025-10-14": "2025-11-25",
            "2025-10-21": "2025-12-02", "2025-10-28": "2025-12-05", "2025-11-04": "2025-12-09",
            "2025-11-10": "2025-12-10", "2025-11-18": "2025-12-12", "2025-11-25": "2025-12-15",
            "2025-12-02": "2025-12-17", "2025-12-09": "2025-12-19", "2025-12-16": "2025-12-23",
        },
    }.items()
    for day, released in released_on.items()
}  # fmt: skip
"""By day of the positions: when the report came out, and why that late."""


@dataclass(frozen=True, slots=True)
class Release:
    """When the report of a day is due (UTC), when without what put it off, and what did."""

    day: date
    due_at: datetime
    normal_due_at: datetime
    reason: str | None


def release_of(day: date) -> Release:
    """The release of the report whose positions are those of `day`."""
    normal = _at_release(_business_day_after(day, BUSINESS_DAYS))
    if (late := INTERRUPTED.get(day)) is not None:
        return Release(day, _at_release(late[0]), normal, late[1])
    plain = _at_release(day + BUSINESS_DAYS * DAY)
    holiday = "federal holiday" if day.weekday() == TUESDAY and normal > plain else None
    return Release(day, normal, plain if holiday else normal, holiday)


def report_days(first: date, last: date) -> Iterator[date]:
    """The days from `first` to `last` that have a report: Tuesdays, or Monday where that is a holiday."""
    tuesday = first + (TUESDAY - first.weekday()) % 7 * DAY
    while tuesday - DAY <= last:
        monday = tuesday in federal_holidays(tuesday.year) or tuesday in _OF_MONDAY
        day = tuesday - DAY if monday else tuesday
        if first <= day <= last:
            yield day
        tuesday += 7 * DAY


def is_business_day(day: date) -> bool:
    """Whether the federal government works."""
    return day.weekday() < 5 and day not in _CLOSED and day not in federal_holidays(day.year)


@lru_cache(maxsize=256)
def federal_holidays(year: int) -> frozenset[date]:
    """Federal holidays as they are kept in a year: on Friday or Monday where they fall on a weekend.

    Memorial Day is the last Monday of May: a week before the first of June. Inauguration Day, kept in
    Washington alone, moved no report.
    """
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    if year >= 2021:  # in law since 2021-06-17
        fixed.append(date(year, 6, 19))
    floating = [
        _nth(year, 1, 0, 3), _nth(year, 2, 0, 3), _nth(year, 6, 0, 1) - 7 * DAY,
        _nth(year, 9, 0, 1), _nth(year, 10, 0, 2), _nth(year, 11, 3, 4),
    ]  # fmt: skip
    kept = {5: -DAY, 6: DAY}
    observed = {each + kept.get(each.weekday(), timedelta()) for each in fixed}
    if date(year + 1, 1, 1).weekday() == 5:
        observed.add(date(year, 12, 31))
    return frozenset({*observed, *floating})


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    """The `count`-th such weekday (0: Monday) of a month."""
    first = date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (count - 1)) * DAY


def _business_day_after(day: date, count: int) -> date:
    while count:
        day += DAY
        count -= is_business_day(day)
    return day


def _at_release(day: date) -> datetime:
    return datetime.combine(day, RELEASED_AT, EASTERN).astimezone(UTC)
