"""From a venue's rows to a candle frame and rejects, how far they reach, and which minutes are over. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple

import polars as pl

from alphapulse_resources.frames import CANDLE_SCHEMA, floor_time
from alphapulse_resources.off_grid import find_offsets, off_grid_frame
from alphapulse_resources.venues.model import Reject
from alphapulse_resources.venues.wire import MINUTE_MS, Row, to_ms

MINUTE: Final = timedelta(minutes=1)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MISALIGNED: Final = "open time is not a whole minute"
OUTSIDE: Final = "open time lies outside the window that was asked for"


class ReadRows(NamedTuple):
    """Rows that were read: candles (CANDLE_SCHEMA, sorted), those that are none, and the times floored."""

    candles: pl.DataFrame
    rejects: list[Reject]
    off_grid: pl.DataFrame  # OFF_GRID_SCHEMA


def read_rows(
    raw: Iterable[Any],
    read: Callable[[Any], Row | None],
    start: datetime,
    end: datetime,
    closed_before: datetime,
) -> ReadRows:
    """Candles of `[start, end)` that opened before `closed_before`, sorted, and the rows that are none.

    A row of the window that is not closed yet is neither: it is left for a later page. Nor is one that says
    that nothing was traded (`read` gives None): a minute without trades has no candle.
    """
    first, last, forming = to_ms(start), to_ms(end), to_ms(closed_before)
    readable: list[tuple[Any, Row]] = []
    rejects: list[Reject] = []
    for item in raw:
        try:
            row = read(item)
        except ValueError as error:
            rejects.append(Reject(str(error), _payload(item)))
            continue
        if row is not None:
            readable.append((item, row))
    offsets = _offsets([row[0] for _, row in readable])
    rows: list[Row] = []
    floored: dict[int, int] = {}
    for (item, row), offset in zip(readable, offsets, strict=True):
        ts = row[0] - offset
        if ts % MINUTE_MS:
            rejects.append(Reject(MISALIGNED, _payload(item), find_moment(ts)))
        elif not first <= ts < last:
            rejects.append(Reject(OUTSIDE, _payload(item), find_moment(ts)))
        elif ts < forming:
            rows.append((ts, *row[1:]) if offset else row)
            if offset:
                floored[ts * 1000] = offset * 1000
    taken_off = (pl.Series(list(values), dtype=pl.Int64) for values in (floored.keys(), floored.values()))
    return ReadRows(to_frame(rows), rejects, off_grid_frame(*taken_off))


def _offsets(times: list[int]) -> list[int]:
    """What to take off each open time in ms; 0 for nearly all, and where a calendar cannot hold it."""
    if not any(ts % MINUTE_MS for ts in times):
        return [0] * len(times)
    micros = [ts * 1000 if abs(ts) < 1 << 52 else None for ts in times]
    offsets = find_offsets(pl.Series(micros, dtype=pl.Int64)) // 1000
    found: list[int] = offsets.to_list()
    return found


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the rows of an answer reach into the window that was asked for, whether they are sound or not.

    `first` and `last` are the minutes of the outermost ones; None where no row lies within. `rows` counts
    different minutes, and rows that could be any of them: without a time, or with one far from the window.
    Rows of the time just beside it are not counted: they belong to another window.
    """

    first: datetime | None
    last: datetime | None
    rows: int


def find_extent(
    raw: Iterable[Any], opened: Callable[[Any], int | None], start: datetime, end: datetime
) -> Extent:
    """The extent of rows in `[start, end)`; `opened` finds the open time in ms, None where there is none."""
    first, last = to_ms(start), to_ms(end)
    minutes: set[int] = set()
    anywhere = 0
    for item in raw:
        ts = opened(item)
        if ts is not None and first <= ts < last:
            minutes.add(ts // MINUTE_MS)
        elif ts is None or not 2 * first - last <= ts < 2 * last - first:
            anywhere += 1
    if not minutes:
        return Extent(None, None, anywhere)
    edges = (EPOCH + min(minutes) * MINUTE, EPOCH + max(minutes) * MINUTE)
    return Extent(*edges, len(minutes) + anywhere)


def to_frame(rows: list[Row]) -> pl.DataFrame:
    """A candle frame of rows, sorted by open time; equal open times stay in the order they came."""
    schema = dict(CANDLE_SCHEMA) | {"ts": pl.Int64()}
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort("ts", maintain_order=True)
    return frame.with_columns(pl.from_epoch("ts", "ms").cast(CANDLE_SCHEMA["ts"]))


def _payload(item: Any) -> dict[str, Any]:
    return item if isinstance(item, dict) else {"row": item}


def find_moment(ms: float) -> datetime | None:
    """The time that many milliseconds after 1970, or None where a calendar cannot hold it."""
    try:
        return EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return None


def last_closed(now: datetime, venue_date: str | None = None, asked_at: datetime | None = None) -> datetime:
    """The end of the last minute that is over at `now`, by our clock and by the venue's.

    `venue_date` is the answer's Date header (whole seconds), `asked_at` our clock when the request went
    out. A venue whose clock is behind ours still forms a candle that looks closed here, so its lag is
    taken off. A venue that is ahead changes nothing: we have not asked for its newest minute.
    """
    return floor_time(now - _lag(now, venue_date, asked_at), "1m")


def _lag(now: datetime, venue_date: str | None, asked_at: datetime | None) -> timedelta:
    if not venue_date or asked_at is None:
        return timedelta(0)
    try:
        date = parsedate_to_datetime(venue_date)
    except ValueError:
        return timedelta(0)
    date = date.replace(tzinfo=date.tzinfo or UTC)
    if date >= now.replace(microsecond=0):
        return timedelta(0)
    return max(asked_at.replace(microsecond=0) - date, timedelta(0))
