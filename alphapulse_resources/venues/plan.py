"""Which stretch of a window is asked of which sources, in which order. Pure: no I/O.

Archives cost no request weight and are verified, but are published hours after a day and days after a month
is over; a file holds a whole day or month. So: months and days that are over come from archives when the
window is long enough, the rest from REST.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from alphapulse_resources.frames import floor_time
from alphapulse_resources.venues.rows import MINUTE

DAY: Final = timedelta(days=1)
MONTH_WORTH: Final = 8 * DAY
"""From so many days of a month on its file is taken: about where it is smaller than its days (ours)."""

ARCHIVE: Final = "archive"
YAHOO: Final = "yahoo"
TRADES: Final = "trades"


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch `[start, end)` and the sources to ask for it, in order."""

    start: datetime
    end: datetime
    sources: tuple[str, ...]


def whole_minutes(start: datetime, end: datetime, now: datetime) -> tuple[datetime, datetime]:
    """The open times that lie in `[start, end)` and are closed at `now`, as a window of whole minutes.

    Raises `ValueError` for a time without zone: it could mean anything.
    """
    for name, moment in (("start", start), ("end", end), ("now", now)):
        if moment.tzinfo is None:
            raise ValueError(f"{name} {moment.isoformat()} has no time zone: give UTC times")
    closed = floor_time(now.astimezone(UTC), "1m")
    return _ceil(start.astimezone(UTC)), min(_ceil(end.astimezone(UTC)), closed)


def _ceil(moment: datetime) -> datetime:
    floor = floor_time(moment, "1m")
    return floor if floor == moment else floor + MINUTE


def steps(
    start: datetime, end: datetime, now: datetime, sources: Sequence[str], *, as_asked: bool = False
) -> Iterator[Step]:
    """Steps in time order that together are `[start, end)`.

    `as_asked` keeps the order of `sources` everywhere (someone chose it); else the archive comes last
    where a window is shorter than a day.
    """
    order = tuple(sources)
    if ARCHIVE not in order:
        if start < end:
            yield Step(start, end, order)
        return
    past = min(end, floor_time(now, "1d"))
    if end - start < DAY and not as_asked:
        if start < past:
            yield Step(start, past, _archive_late(order))
    else:
        for first, last in _months_and_days(start, past, now):
            yield Step(first, last, order)
    if max(start, past) < end:
        others = tuple(source for source in order if source != ARCHIVE)
        yield Step(max(start, past), end, others or order)


def within_reach(plan: Iterable[Step], reach: Mapping[str, timedelta], now: datetime) -> Iterator[Step]:
    """The steps without the sources that do not go so far back; they are cut where a source begins.

    A step that no source reaches keeps its sources: they say themselves why they have nothing.
    """
    begins = {source: _ceil(now - far) for source, far in reach.items()}
    for step in plan:
        within = {begin for source, begin in begins.items() if source in step.sources}
        edges = [step.start, *sorted(edge for edge in within if step.start < edge < step.end), step.end]
        for first, last in pairwise(edges):
            reached = tuple(source for source in step.sources if begins.get(source, first) <= first)
            yield Step(first, last, reached or step.sources)


def _archive_late(order: tuple[str, ...]) -> tuple[str, ...]:
    """The archive behind the other sources of the venue, before the last resort."""
    venue = [source for source in order if source not in (ARCHIVE, YAHOO)]
    return (*venue, ARCHIVE, *(source for source in order if source == YAHOO))


def _months_and_days(start: datetime, end: datetime, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Months that are over and of which at least `MONTH_WORTH` is asked, else days."""
    cursor = start
    while cursor < end:
        in_month = min(next_month(cursor), end)
        last = in_month if wants_month(cursor, in_month, now) else min(floor_time(cursor, "1d") + DAY, end)
        yield cursor, last
        cursor = last


def wants_month(start: datetime, end: datetime, now: datetime) -> bool:
    """Whether a month's file is the way to `[start, end)`, a stretch within one month."""
    return end <= next_month(start) <= now and end - start >= MONTH_WORTH


def next_month(moment: datetime) -> datetime:
    """Midnight of the first day of the next month."""
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + 32 * DAY).replace(day=1)
