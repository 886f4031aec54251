"""Closed candles as detectors read them: one after another, or as arrays of sound numbers in order. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Self, TypeVar

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Times = NDArray[np.int64]
"""Microseconds since 1970, UTC."""

_Number = TypeVar("_Number", int, float)

READ: Final = ("high", "low", "close", "volume")
"""What `sound_arrays` reads, in the order of its rows."""


class Bar(msgspec.Struct, frozen=True, gc=False):
    """A bar of one instrument and timeframe: a row of CANDLE_SCHEMA, one at a time.

    `ts` is its open time, aware, UTC. Prices and `quote_volume` are in quote units, `volume` and
    `taker_buy_volume` in base units; the last three are null where the source does not tell. A candle as
    streams have it is a bar that says more (`candles.closing.CandleValues`).
    """

    ts: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float | None
    trades: int | None
    taker_buy_volume: float | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """A row by CANDLE_SCHEMA's names; more names do not matter, the three last may be absent.

        Raises:
            KeyError: another name is absent.
        """
        return cls(
            row["ts"],
            row["open"],
            row["high"],
            row["low"],
            row["close"],
            row["volume"],
            row.get("quote_volume"),
            row.get("trades"),
            row.get("taker_buy_volume"),
        )

    def extended(self, later: "Bar") -> "Bar":
        """The bar of these two, the one following the other; a sum is unknown where a part of it is."""
        return Bar(
            self.ts,
            self.open,
            max(self.high, later.high),
            min(self.low, later.low),
            later.close,
            self.volume + later.volume,
            _sum(self.quote_volume, later.quote_volume),
            _sum(self.trades, later.trades),
            _sum(self.taker_buy_volume, later.taker_buy_volume),
        )


def _sum(one: _Number | None, other: _Number | None) -> _Number | None:
    return None if one is None or other is None else one + other


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
