"""Moments as people write them: a date, a time, a stretch back from now. Pure."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeAlias

from alphapulse.errors import ParameterError

Moment: TypeAlias = str | date | datetime | timedelta
"""A time; without a zone it is UTC. A `timedelta`, or `"7d"`, is so long before now."""

_BACK: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w)")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
EXAMPLES: Final = (
    "2026-11-01, 2026-11-01T12:30, a date, a datetime (without a zone: UTC), or 7d for seven days ago"
)


def moment(parameter: str, given: Moment | None, now: datetime | None = None) -> datetime | None:
    """The moment in UTC; None stays None. Raises ParameterError for what is no time.

    now: what stretches such as `"7d"` count back from; the clock's where it is None.
    """
    if given is None:
        return None
    if isinstance(given, datetime):  # pandas' Timestamp is one
        return _utc(given)
    if isinstance(given, date):
        return datetime.combine(given, time(), UTC)
    if isinstance(given, timedelta):
        return _before(parameter, given, now)
    if not isinstance(given, str):
        raise ParameterError(parameter, f"{parameter} is {given!r}, which is no time; times are: {EXAMPLES}")
    text = given.strip()
    if text == "now":
        return now or datetime.now(UTC)
    try:
        if found := _BACK.fullmatch(text):
            return _before(parameter, timedelta(**{_UNITS[found[2]]: float(found[1])}), now)
        return _utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise ParameterError(
            parameter, f"{parameter} is {text!r}, which is no time; times are: {EXAMPLES}"
        ) from None


def in_order(start: datetime | None, end: datetime | None) -> None:
    """Raises ParameterError where the end is before the start: no row could be in between."""
    if start is not None and end is not None and end < start:
        raise ParameterError(
            "end", f"end ({end.isoformat()}) is before start ({start.isoformat()}): exchange them"
        )


def _utc(given: datetime) -> datetime:
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)


def _before(parameter: str, length: timedelta, now: datetime | None) -> datetime:
    try:
        return (now or datetime.now(UTC)) - length
    except OverflowError:
        raise ParameterError(parameter, f"{parameter}: {length} ago is before all calendars") from None
