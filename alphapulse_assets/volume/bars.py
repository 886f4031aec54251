"""Candles as the kernel reads them: arrays of sound numbers in order of time."""

from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.volume import kernels

GIVEN: Final = ("high", "low", "close", "volume")
"""The columns needed, in the order of the kernel's rows."""


def arrays(candles: pl.DataFrame) -> tuple[kernels.Floats, kernels.Times]:
    """Bars of shape (FIELDS, n), derived rows not filled in, and open times in microseconds since 1970.

    `candles` has CANDLE_SCHEMA (more columns do not matter): one instrument, one timeframe, closed bars.

    Raises:
        ValueError: open times that do not rise, or a number no candle can have.
    """
    # writable, as those of a live state are: the kernel is compiled once for both
    times = candles["ts"].dt.epoch("us").to_numpy(writable=True)
    if (steps := np.flatnonzero(np.diff(times) <= 0)).size:
        at = candles["ts"][int(steps[0]) + 1]
        raise ValueError(
            f"candles are not in order of time, each once: {at} does not come after the bar before"
        )
    bars = np.empty((kernels.FIELDS, candles.height))
    for place, name in enumerate(GIVEN):
        bars[place] = candles[name].to_numpy()
    high, low, close, volume = bars[: kernels.GIVEN]
    sound = (low > 0) & (low <= close) & (close <= high) & (high < np.inf) & (volume >= 0) & (volume < np.inf)
    if not sound.all():
        refuse(candles["ts"][int(np.flatnonzero(~sound)[0])])
    return bars, times


def refuse(ts: datetime) -> None:
    """Say that a candle is impossible.

    Raises:
        ValueError: always.
    """
    raise ValueError(
        f"the candle of {ts} is impossible (0 < low <= close <= high, volume 0 or more, all finite): "
        "validate candles before looking for volume patterns"
    )
