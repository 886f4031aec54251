"""Whether the time that a source tells of an article can be believed. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

AHEAD: Final = timedelta(minutes=10)
"""How far ahead of us an outlet's clock may be (ours)."""
FIRST: Final = datetime(2009, 1, 3, tzinfo=UTC)
"""Nothing was written of crypto before the first block: older times are defaults, such as 1970."""
_TOLD: Final = 60


def believed(told: str | None, now: datetime) -> tuple[datetime | None, str | None]:
    """The time (UTC) in RFC 822 or ISO 8601, and None; or None, and why it is not believed."""
    if told is None or not told.strip():
        return None, "not told"
    words = " ".join(told.split())[:_TOLD]
    at = _parsed(words)
    if at is None:
        return None, f"no time can be read of {words!r}"
    if at.tzinfo is None:
        return None, f"told without a time zone: {words!r}"
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        return None, f"no time that can be: {words!r}"
    if at > now + AHEAD:
        return None, f"after it was seen: {words!r}"
    if at < FIRST:
        return None, f"before there was anything to tell of: {words!r}"
    return min(at, now), None


def _parsed(words: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(words)
        except (ValueError, TypeError, OverflowError):
            continue
    return None
