"""Regimes of one instrument's bars in one go."""

from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.calendar_blocks import blocks, micros
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.regime.inputs import input_rows, regime_frame, rule_arrays
from alphapulse_assets.regime.kernels import advance
from alphapulse_assets.regime.rules import WARM_UP, RegimeRules

DEFAULT_RULES: Final = RegimeRules()


def compute(
    candles: pl.DataFrame,
    indicators: pl.DataFrame,
    timeframe: str,
    *,
    start: datetime | None = None,
    rules: RegimeRules = DEFAULT_RULES,
) -> pl.DataFrame:
    """Regimes of one instrument's closed bars: REGIME_SCHEMA, one row per bar from `start` on.

    `candles` (CANDLE_SCHEMA) and `indicators` (INDICATOR_SCHEMA; a row for every candle) are sorted by ts
    and go back to `rules.frame_start(timeframe, start)` or to the instrument's first bar; without `start`
    every bar has a row. Missing bars are not made up. A row uses bars up to and including its own.

    Raises:
        ValueError: unknown timeframe, a naive `start`, or frames as in `inputs.input_rows`.
    """
    bar_length(timeframe)
    ts, rows = input_rows(candles, indicators)
    first = 0 if start is None else int(np.searchsorted(ts, micros(start)))
    counts, limits = rule_arrays(rules)
    found = np.zeros_like(rows)
    for origin, begin, end in blocks(timeframe, ts, WARM_UP):
        if end > first:
            block = rows[:, origin:end].copy()
            advance(block, 0, end - origin, counts, limits)
            found[:, begin:end] = block[:, begin - origin :]
    return regime_frame(candles["ts"].slice(first), np.ascontiguousarray(found[:, first:]))
