"""Which part of a window an answer is an answer for, and pages that are answered whole. Pure: `ask` is given.

A venue may send fewer rows than it was asked for: its limit was lowered, a gateway caps it. It leaves out the
older or the newer ones then, and nothing in the answer says so. So an answer tells of the time from its first
row to its last one, and of the whole window only where it holds no row at all, or as many as were asked for.
What is beyond is asked for in a request of its own, until it comes or an empty answer says there is none.

Each further request brings a row or closes a stretch. A page whose minutes are all there costs one request,
as ever. Where the first or last minute of the window is absent in truth it is one more for each. Between two
pages it is none where minutes are absent at the end of the first, since the second begins with the last row
known, and one where they are only absent at the beginning of the second. With hours of silence between single
trades it is at most three for each page's worth of minutes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_resources.frames import floor_time
from alphapulse_resources.off_grid import OFF_GRID_SCHEMA
from alphapulse_resources.venues.model import CandlePage, Fetch, Reject
from alphapulse_resources.venues.rows import MINUTE, find_extent, read_rows
from alphapulse_resources.venues.wire import Row

SETTLING: Final = timedelta(minutes=3)
"""A minute may reach the venue's REST interface late; only when it is older is its absence a gap (ours)."""
PARTS: Final = 16
"""Requests for one page before it is given out as far as it is answered, or made smaller (ours)."""
SMALLEST: Final = 7 * MINUTE
"""A page of so many minutes is answered by `PARTS` requests whatever the venue does: 7 rows and 8 gaps."""

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Part:
    """What one request for `[start, end)` brought.

    `first` and `last` are the minutes of its outermost rows within the window, candles or not; None where it
    brought no row. `rows` counts different minutes, so that a row sent twice does not pass for two. Minutes
    from `closed` on are not over yet.
    """

    start: datetime
    end: datetime
    closed: datetime
    candles: pl.DataFrame
    first: datetime | None = None
    last: datetime | None = None
    rows: int = 0
    rejects: list[Reject] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    off_grid: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=OFF_GRID_SCHEMA))


def read_part(
    raw: Sequence[Any],
    read: Callable[[Any], Row | None],
    opened: Callable[[Any], int | None],
    window: Stretch,
    *,
    closed: datetime,
    fetches: list[Fetch],
) -> Part:
    """The part that these rows of an answer about `window` are; those that are no candles are its rejects."""
    read_out = read_rows(raw, read, *window, closed)
    extent = find_extent(raw, opened, *window)
    return Part(
        *window,
        closed,
        read_out.candles,
        first=extent.first,
        last=extent.last,
        rows=extent.rows,
        rejects=read_out.rejects,
        fetches=fetches,
        off_grid=read_out.off_grid,
    )


Ask = Callable[[datetime, datetime], Part]
"""Sends one request for `[start, end)`; raises `VenueError`, also for rows of which none is of that time."""


def unanswered(part: Part, due: datetime) -> list[Stretch]:
    """The stretches of its window up to `due` that an answer says nothing about: newer one first."""
    if part.first is None or part.last is None or part.rows >= (part.end - part.start) // MINUTE:
        return []
    newer = [(part.last + MINUTE, part.end)] if part.last + MINUTE < min(part.end, part.closed, due) else []
    older = [(part.start, part.first)] if part.start < part.first else []
    return newer + older


def pages(
    source: str, ask: Ask, start: datetime, end: datetime, size: timedelta, now: datetime
) -> Iterator[CandlePage]:
    """Pages in time order over `[start, end)`, each answered whole; `size` is what a request is to ask for.

    Ends early where the venue's clock says a minute is not over yet.
    """
    cursor, length, joined = start, size, False
    unused: list[Fetch] = []
    while cursor < end:
        first = cursor - MINUTE if joined else cursor
        last = min(first + length, end)
        parts, reached = _answered(ask, (first, last), cursor, end, now)
        fetches = [*unused, *(fetch for part in parts for fetch in part.fetches)]
        if reached <= cursor:  # cut short at the older end, more often than a page is worth: a smaller one
            length, unused = _smaller(length, parts), fetches
            continue
        closed = max(cursor, min(reached, *(part.closed for part in parts)))
        if closed > cursor or fetches:
            yield _page(source, parts, cursor, closed, last, fetches)
        if closed < reached:
            return
        if len(parts) == 1 and length < size:
            length = min(2 * length, size)
        cursor, joined, unused = reached, reached < last, []


def _answered(
    ask: Ask, window: Stretch, cursor: datetime, end: datetime, now: datetime
) -> tuple[list[Part], datetime]:
    """The answers about a window and how far from its start they leave nothing open.

    Older stretches first. A newer edge of less than half a page is left to the next one, which begins with
    the row before it. The newest minutes may still be on their way (`SETTLING`): they are asked for again
    only of a venue that has just been seen to cut its answers.
    """
    parts: list[Part] = []
    settled = floor_time(now - SETTLING, "1m")
    todo = [window]
    half = (window[1] - window[0]) / 2
    while todo and len(parts) < PARTS:
        first, last = todo[-1]
        if len(todo) == 1 and cursor < first and last - first < half and last < end:
            break
        part = ask(*todo.pop())
        parts.append(part)
        cuts = len(parts) > 1 and part.first is not None
        todo.extend(unanswered(part, part.end if cuts else settled))
    return parts, min((first for first, _ in todo), default=window[1])


def _smaller(length: timedelta, parts: list[Part]) -> timedelta:
    """A page that half of `PARTS` requests can answer, at most half as long as the one that was too long."""
    rows = max(part.rows for part in parts)
    return max(SMALLEST, min(length // 2 // MINUTE * MINUTE, rows * PARTS // 2 * MINUTE))


def _page(
    source: str, parts: list[Part], start: datetime, end: datetime, asked: datetime, fetches: list[Fetch]
) -> CandlePage:
    """The page `[start, end)` of parts that may hold more: a minute before, and what comes again later."""
    within = pl.col("ts").is_between(start, end, closed="left")
    candles = pl.concat(part.candles for part in parts).filter(within).sort("ts", maintain_order=True)
    off_grid = pl.concat(part.off_grid for part in parts).filter(within)
    rejects = [
        reject
        for part in parts
        for reject in part.rejects
        if reject.ts is None or not (start - MINUTE <= reject.ts < start or end <= reject.ts < asked)
    ]
    return CandlePage(source, start, end, candles, rejects, fetches, off_grid=off_grid)
