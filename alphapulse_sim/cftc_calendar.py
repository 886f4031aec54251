"""When the CFTC releases a report: on the third federal business day after its day, at 15:30 US Eastern.

Holidays are those that fall between a Tuesday and a Friday or on a Tuesday; the shutdown of 2025 is there as
it was, with the dates on which its reports came out.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_EASTERN: Final = ZoneInfo("America/New_York")
_DAY: Final = timedelta(days=1)
SHUTDOWN: Final = {
    "2025-09-30": "2025-11-19", "2025-10-07": "2025-11-21", "2025-10-14": "2025-11-25",
    "2025-10-21": "2025-12-02", "2025-10-28": "2025-12-05", "2025-11-04": "2025-12-09",
    "2025-11-10": "2025-12-10", "2025-11-18": "2025-12-12", "2025-11-25": "2025-12-15",
    "2025-12-02": "2025-12-17", "2025-12-09": "2025-12-19", "2025-12-16": "2025-12-23",
}  # fmt: skip
"""Day of the positions and day of the release, of the reports of the shutdown of 2025."""
_ONCE: Final = ("2018-12-24", "2020-12-24", "2025-01-09")


@lru_cache(maxsize=4096)
def works(day: date) -> bool:
    """Whether the government works."""
    if day.weekday() >= 5 or day.isoformat() in _ONCE:
        return False
    floating = {(11, 3): range(22, 29)}  # Thanksgiving; other Mondays move no report
    if day.day in floating.get((day.month, day.weekday()), ()):
        return False
    fixed = [(1, 1), (7, 4), (11, 11), (12, 25), *([(6, 19)] if day.year >= 2021 else [])]
    moved = {day}
    if day.weekday() == 4:
        moved.add(day + _DAY)
    if day.weekday() == 0:
        moved.add(day - _DAY)
    return not any((each.month, each.day) in fixed for each in moved)


def report_days(first: date, last: date) -> list[date]:
    """Tuesdays, or the Monday before a holiday, of `[first, last]`."""
    tuesday = first + (1 - first.weekday()) % 7 * _DAY
    weeks = [tuesday + 7 * number * _DAY for number in range((last - tuesday).days // 7 + 2)]
    days = [each if works(each) and each.isoformat() != "2020-12-22" else each - _DAY for each in weeks]
    return [day for day in days if first <= day <= last]


@lru_cache(maxsize=4096)
def release_ms(day: date) -> int:
    """When the report of a day comes out, in milliseconds since 1970."""
    out = SHUTDOWN.get(day.isoformat())
    released = date.fromisoformat(out) if out else _third_business_day(day)
    return int(datetime.combine(released, time(15, 30), _EASTERN).astimezone(UTC).timestamp() * 1000)


def _third_business_day(day: date) -> date:
    left = 3
    while left:
        day += _DAY
        left -= works(day)
    return day
