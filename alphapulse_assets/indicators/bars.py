"""Bars as numpy arrays: what the formulas read. Made from candle frames and, live, from single bars."""

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alphapulse_assets.core.bars import Bar, open_times
from alphapulse_assets.core.calendar_blocks import Times, micros

Floats = NDArray[np.float64]
TimedValues = tuple[int, tuple[float, ...]]
"""A sound bar as formulas take it one at a time: open time in microseconds, and numbers by FIELDS."""
FIELDS: Final = ("open", "high", "low", "close", "volume")
_HIGH, _LOW, _CLOSE, _VOLUME = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one instrument and timeframe, ascending: open times, and `values` of shape (5, n) by FIELDS."""

    ts: Times
    values: Floats

    @classmethod
    def of(cls, candles: pl.DataFrame) -> Self:
        """The bars of a candle frame (CANDLE_SCHEMA; only `ts`, prices and volume are read).

        Raises:
            ValueError: times that do not ascend, or a number that is null, not finite or cannot be.
        """
        ts = open_times(candles)
        values = np.empty((len(FIELDS), len(ts)))
        for number, name in enumerate(FIELDS):
            values[number] = candles[name].to_numpy()
        bad = ~(np.isfinite(values).all(axis=0) & (values[:_VOLUME] > 0).all(axis=0) & (values[_VOLUME] >= 0))
        if bad.any():
            _refuse(candles["ts"][int(np.flatnonzero(bad)[0])])
        return cls(ts, values)

    def __len__(self) -> int:
        return len(self.ts)

    @property
    def high(self) -> Floats:
        """Highest prices."""
        return self._field(_HIGH)

    @property
    def low(self) -> Floats:
        """Lowest prices."""
        return self._field(_LOW)

    @property
    def close(self) -> Floats:
        """Closing prices."""
        return self._field(_CLOSE)

    @property
    def volume(self) -> Floats:
        """Volumes in base units."""
        return self._field(_VOLUME)

    def _field(self, number: int) -> Floats:
        row: Floats = self.values[number]
        return row

    def between(self, first: int, end: int | None = None) -> Self:
        """The rows [first, end), not copied."""
        return type(self)(self.ts[first:end], self.values[:, first:end])

    def rows(self) -> Iterator[TimedValues]:
        """One bar after another."""
        return zip(self.ts.tolist(), map(tuple, self.values.T.tolist()), strict=True)

    def since(self, moment: int) -> Self:
        """The bars from an open time on (microseconds), not copied."""
        return self.between(int(np.searchsorted(self.ts, moment)))


@dataclass(slots=True)
class BarLog:
    """Bars that are kept one after another: 48 bytes each."""

    ts: "array[int]"
    values: "array[float]"

    @classmethod
    def of(cls, bars: Bars) -> Self:
        """A log that begins with these bars."""
        return cls(array("q", bars.ts.tolist()), array("d", bars.values.T.ravel().tolist()))

    def append(self, bar: TimedValues) -> None:
        """One bar more."""
        self.ts.append(bar[0])
        self.values.extend(bar[1])

    def bars(self) -> Bars:
        """All of them, copied."""
        values = np.array(self.values).reshape(-1, len(FIELDS)).T
        return Bars(np.array(self.ts, dtype=np.int64), np.ascontiguousarray(values))


def joined(parts: Sequence[Bars]) -> Bars:
    """Bars that follow one another, as one."""
    return Bars(
        np.concatenate([part.ts for part in parts]), np.concatenate([part.values for part in parts], axis=1)
    )


def timed_values(bar: Bar, after: int) -> TimedValues:
    """A closed bar as formulas take it.

    Args:
        bar: any bar.
        after: microseconds since 1970 that its open time has to be after.

    Raises:
        ValueError: a bar that does not come after `after`, or numbers as in `Bars.of`.
    """
    moment = bar.ts
    ts = micros(moment)
    if ts <= after:
        raise ValueError(f"the bar of {moment} does not come after the last one; make a new state by warm()")
    numbers = bar.open, bar.high, bar.low, bar.close, bar.volume
    if any(number is None for number in numbers):
        _refuse(moment)
    values = tuple(map(float, numbers))
    if not (all(map(math.isfinite, values)) and min(values[:_VOLUME]) > 0 and values[_VOLUME] >= 0):
        _refuse(moment)
    return ts, values


def _refuse(moment: datetime) -> None:
    raise ValueError(
        f"the bar of {moment} has a price that is not above 0 or a number that is missing or not finite; "
        "validate the candles first"
    )
