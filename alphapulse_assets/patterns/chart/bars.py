"""Candles as the scan reads them: places in time and sound numbers, in order."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alphapulse_assets.patterns.chart.events import ORIGIN
from alphapulse_assets.patterns.chart.layout import GIVEN, Floats

_NAMES: Final = ("high", "low", "close", "volume")


def arrays(candles: pl.DataFrame, step: int) -> tuple[NDArray[np.int64], Floats]:
    """Open times in microseconds since 1970, and bars of shape (GIVEN, n): x, high, low, close, volume.

    Raises:
        ValueError: open times that do not rise, or a number that no candle can have.
    """
    ts = candles["ts"].dt.epoch("us").to_numpy()
    if (steps := np.flatnonzero(np.diff(ts) <= 0)).size:
        at = candles["ts"][int(steps[0]) + 1]
        raise ValueError(
            f"the candle of {at} does not come after the one before it: sort the candles of one instrument "
            "by ts, each once"
        )
    bars = np.empty((GIVEN, len(ts)))
    bars[0] = (ts - ORIGIN) / step
    for number, name in enumerate(_NAMES):
        bars[number + 1] = candles[name].to_numpy()
    wrong = ~sound(*bars[1:])
    if wrong.any():
        refuse(candles["ts"][int(np.flatnonzero(wrong)[0])])
    return ts, bars


def sound(high: Floats, low: Floats, close: Floats, volume: Floats) -> NDArray[np.bool_]:
    """Which bars are possible."""
    return (low > 0) & (low <= close) & (close <= high) & (high < np.inf) & (volume >= 0) & (volume < np.inf)


def refuse(ts: object) -> None:
    """Say that a candle is impossible.

    Raises:
        ValueError: always.
    """
    raise ValueError(
        f"the candle of {ts} is impossible (0 < low <= close <= high, volume 0 or more, all finite): "
        "validate candles before looking for chart patterns"
    )
