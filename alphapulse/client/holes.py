"""Bars that are not there: between those that are, and at the edges of what was asked for. Pure."""

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse.client.base import Instrument
from alphapulse.readings.filters import MINUTES
from alphapulse_resources.frames import floor_time

SHOWN: Final = 3
"""Symbols that a warning names at most (ours)."""


def length_of(timeframe: str) -> timedelta:
    """Length of a timeframe's bars."""
    return timedelta(minutes=MINUTES[timeframe])


def first_due(start: datetime, timeframe: str) -> datetime:
    """The first bar that opens at or after a time."""
    floor = floor_time(start, timeframe)
    return floor if floor == start else floor + length_of(timeframe)


def last_due(end: datetime, now: datetime, timeframe: str) -> datetime:
    """The last bar that opens before a time and is closed by now."""
    before = floor_time(end - timedelta(microseconds=1), timeframe)
    return min(before, floor_time(now, timeframe) - length_of(timeframe))


def missing_bars(frame: pl.DataFrame, length: timedelta) -> dict[Instrument, tuple[int, int]]:
    """Of each venue and symbol that has any: bars that are not there, and bars that lack minutes. Pure."""
    if frame.is_empty():
        return {}
    found = (
        frame.group_by("venue", "symbol", maintain_order=True)
        .agg(
            (_microseconds("max") - _microseconds("min"))
            .floordiv(length // timedelta(microseconds=1))
            .add(1 - pl.len().cast(pl.Int64))
            .alias("missing"),
            (~pl.col("complete")).sum().alias("incomplete"),
        )
        .filter((pl.col("missing") > 0) | (pl.col("incomplete") > 0))
    )
    return {(venue, symbol): (missing, lacking) for venue, symbol, missing, lacking in found.iter_rows()}


def _bars(count: int, timeframe: str) -> str:
    return f"1 bar of {timeframe} is" if count == 1 else f"{count} bars of {timeframe} are"


def _microseconds(which: str) -> pl.Expr:
    return getattr(pl.col("ts").dt.timestamp("us"), which)()  # type: ignore[no-any-return]


def in_words(holes: dict[Instrument, tuple[int, int]], timeframe: str) -> str:
    said = []
    for (venue, symbol), (missing, lacking) in list(holes.items())[:SHOWN]:
        parts = [f"{_bars(missing, timeframe)} missing"] if missing else []
        parts += [f"{_bars(lacking, timeframe)} short of minutes"] if lacking else []
        said.append(f"{venue} {symbol}: {', '.join(parts)}")
    more = f" (and {len(holes) - SHOWN} other symbols)" if len(holes) > SHOWN else ""
    symbol = next(iter(holes))[1]
    return f"{'; '.join(said)}{more}. gaps({symbol!r}) tells why, and what is done about it"
