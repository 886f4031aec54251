"""Candles as the kernel of the volume patterns reads them. Pure."""

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import sound_arrays
from alphapulse_assets.volume import kernels


def arrays(candles: pl.DataFrame) -> tuple[kernels.Floats, kernels.Times]:
    """Bars of shape (FIELDS, n), derived rows not filled in, and open times in microseconds since 1970.

    `candles` has CANDLE_SCHEMA (more columns do not matter): one instrument, one timeframe, closed bars.

    Raises:
        ValueError: open times that do not rise, or a number no candle can have.
    """
    times, given = sound_arrays(candles)
    bars = np.empty((kernels.FIELDS, len(times)))
    bars[: kernels.GIVEN] = given
    return bars, times
