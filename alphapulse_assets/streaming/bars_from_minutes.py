"""Closed bars of every timeframe out of closed 1m candles as they come, one instrument. Pure.

Bars are those of `candles.timeframes.aggregate`: built from the minutes there are. Which minutes there are is
only known for sure some time later, so a candle waits for missing ones before it: they come from REST within
seconds, or the venue had none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
import polars as pl

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.timeframes import LATE_MINUTE_SECONDS
from alphapulse_resources.frames import TIMEFRAMES, floor_time

MINUTE: Final = timedelta(minutes=1)


class OutOfOrderError(ValueError):
    """A candle of a minute that is past: what was built on it is not right any more."""


@dataclass(slots=True)
class _Forming:
    """A bar whose minutes are still coming."""

    bar: Bar
    end: datetime


class BarBuilder:
    """`minutes` (CANDLE_SCHEMA, sorted): the candles so far, at least those of the bars that are forming."""

    def __init__(self, timeframes: Sequence[str], minutes: pl.DataFrame) -> None:
        self._longer: Final = [name for name in timeframes if name != "1m"]
        self._forming: dict[str, _Forming] = {}
        self._last: datetime | None = None
        self._waiting: dict[datetime, tuple[Bar, float]] = {}  # and since when
        starts = {floor_time(minutes["ts"][-1], name) for name in self._longer} if minutes.height else set()
        for row in minutes.filter(pl.col("ts") >= min(starts)).iter_rows(named=True) if starts else ():
            for _ in self._take(Bar.of(row)):
                pass

    @property
    def last(self) -> datetime | None:
        """The newest minute that was taken."""
        return self._last

    def add(self, candle: Bar, at: float) -> list[tuple[str, Bar]]:
        """Take a closed candle; the bars that are closed now, in order of their end, shorter ones first.

        Raises:
            OutOfOrderError: a minute that was taken, or passed over as absent; the state is as before.
        """
        if self._last is not None and candle.ts <= self._last:
            raise OutOfOrderError(f"the candle of {candle.ts} comes after that of {self._last}")
        self._waiting[candle.ts] = (candle, at)
        return self.due(at)

    def due(self, at: float) -> list[tuple[str, Bar]]:
        """The bars that are closed by candles which need not wait any more."""
        closed: list[tuple[str, Bar]] = []
        while self._waiting:
            first = min(self._waiting)
            minute, since = self._waiting[first]
            follows = self._last is None or first == self._last + MINUTE
            if not follows and at - since < LATE_MINUTE_SECONDS:
                break
            del self._waiting[first]
            closed += self._take(minute)
        return closed

    def _take(self, minute: Bar) -> Iterator[tuple[str, Bar]]:
        ts = minute.ts
        self._last = ts
        for name in self._longer:  # bars whose last minutes never came end with what comes after them
            if name in self._forming and self._forming[name].end <= ts:
                yield name, self._forming.pop(name).bar
        yield "1m", minute
        for name in self._longer:
            forming = self._forming.get(name)
            if forming is None:
                start = floor_time(ts, name)
                bar = msgspec.structs.replace(minute, ts=start) if start != ts else minute
                forming = self._forming[name] = _Forming(bar, start + TIMEFRAMES[name])
            else:
                forming.bar = forming.bar.extended(minute)
            if forming.end == ts + MINUTE:
                yield name, self._forming.pop(name).bar
