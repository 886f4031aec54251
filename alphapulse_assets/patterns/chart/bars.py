"""Candles as the scan reads them: places in time and sound numbers, in order. Pure."""

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Times, sound_arrays
from alphapulse_assets.patterns.chart.events import ORIGIN
from alphapulse_assets.patterns.chart.layout import GIVEN, Floats


def arrays(candles: pl.DataFrame, step: int) -> tuple[Times, Floats]:
    """Open times in microseconds since 1970, and bars of shape (GIVEN, n): x, high, low, close, volume.

    Raises:
        ValueError: open times that do not rise, or a number that no candle can have.
    """
    times, given = sound_arrays(candles)
    bars = np.empty((GIVEN, len(times)))
    bars[0] = (times - ORIGIN) / step
    bars[1:] = given
    return times, bars
