"""Closed candles as detectors read them: one after another, or as arrays of sound numbers in order. Pure."""

from datetime import datetime
from typing import Any, Final, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Times = NDArray[np.int64]
"""Microseconds since 1970, UTC."""

READ: Final = ("high", "low", "close", "volume")
"""What `sound_arrays` reads, in the order of its rows."""


class ClosedBar(Protocol):
    """A closed candle, one at a time."""

    @property
    def ts(self) -> datetime:
        """Open time, UTC."""

    @property
    def open(self) -> float:
        """First price."""

    @property
    def high(self) -> float:
        """Highest price."""

    @property
    def low(self) -> float:
        """Lowest price."""

    @property
    def close(self) -> float:
        """Last price."""

    @property
    def volume(self) -> float:
        """Volume in base units."""


def open_times(candles: pl.DataFrame) -> Times:
    """The open times of a candle frame: one instrument, one timeframe.

    Raises:
        ValueError: times that do not ascend.
    """
    # writable, as those of live states are: a kernel is compiled once for both
    times: Times = candles["ts"].dt.epoch("us").to_numpy(writable=True)
    if (steps := np.flatnonzero(np.diff(times) <= 0)).size:
        at = candles["ts"][int(steps[0]) + 1]
        raise ValueError(
            f"the bar of {at} does not come after the bar before it; sort the candles of one instrument by "
            "ts, each once"
        )
    return times


def sound_arrays(candles: pl.DataFrame) -> tuple[Times, Floats]:
    """Open times, and numbers of shape (4, n) in the order of READ.

    Raises:
        ValueError: times that do not ascend, or a number that no candle can have.
    """
    times = open_times(candles)
    values = np.empty((len(READ), len(times)))
    for place, name in enumerate(READ):
        values[place] = candles[name].to_numpy()
    sound = is_sound(*values)
    if not np.all(sound):
        refuse(candles["ts"][int(np.flatnonzero(~sound)[0])])
    return times, values


def is_sound(high: Any, low: Any, close: Any, volume: Any) -> Any:
    """Whether a candle can have these numbers, or which of many can (arrays)."""
    return (low > 0) & (low <= close) & (close <= high) & (high < np.inf) & (volume >= 0) & (volume < np.inf)


def refuse(ts: datetime) -> None:
    """Say that a candle is impossible.

    Raises:
        ValueError: always.
    """
    raise ValueError(
        f"the candle of {ts} is impossible (0 < low <= open, close <= high, volume 0 or more, all finite): "
        "validate candles before looking for patterns in them"
    )
