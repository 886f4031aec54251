"""Volume patterns of a whole frame of candles."""

from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.volume import kernels
from alphapulse_assets.volume.bars import arrays
from alphapulse_assets.volume.definitions import DEFAULT_RULES, VolumeRules
from alphapulse_assets.volume.events import MICROSECOND, details, frame

_CHUNK: Final = 4096
"""Bars per call of the kernel: bounds the room for what it may find (5 MB)."""

_TEXTS: Final = 1024
"""Patterns whose details are written at once: so few that what is made on the way stays in the cache."""


def detect(
    candles: pl.DataFrame,
    timeframe: str,
    *,
    start: datetime | None = None,
    rules: VolumeRules = DEFAULT_RULES,
) -> pl.DataFrame:
    """The volume patterns of one instrument and timeframe: VOLUME_PATTERN_SCHEMA, sorted by ts and pattern.

    `candles` has CANDLE_SCHEMA, sorted by ts, closed bars only; bars may be missing. Rows before `start` are
    left out: a frame that begins `rules.warm_up` bars before `start` (or at the instrument's first bar) gives
    exactly the rows that one pass over everything gives. The first 21 bars of an instrument have none.

    Raises:
        ValueError: unknown timeframe, open times that do not rise, or an impossible candle.
    """
    step = bar_length(timeframe) // MICROSECOND
    bars, times = arrays(candles)
    limits, cuts = rules.limits(), rules.cuts()
    room = np.empty((_CHUNK * kernels.PATTERN_COUNT, kernels.EVENT_WIDTH))
    found: list[kernels.Floats] = []
    for first in range(0, len(times), _CHUNK):
        last = min(first + _CHUNK, len(times))
        count = kernels.scan(bars, times, first, last, step, limits, cuts, room)
        found.append(room[:count].copy())
    events = np.concatenate([room[:0], *found])
    shown = [
        pl.Series(details(events[at : at + _TEXTS], times), dtype=pl.String())
        for at in range(0, max(len(events), 1), _TEXTS)
    ]
    rows = frame(events, pl.concat(shown), times, step)
    return rows if start is None else rows.filter(pl.col("ts") >= start)
