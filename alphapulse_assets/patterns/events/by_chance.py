"""How often patterns are there where they mean nothing: per 1,000 bars of random walks. Pure.

The walks are always the same, so the figures belong to the rules: docs and database tell the same.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import polars as pl

from alphapulse_assets.patterns.candlestick.batch import detect
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE
from alphapulse_assets.patterns.candlestick.rates import Walk, random_walk
from alphapulse_assets.patterns.chart.rates import random_walk_rates

BARS: Final = 100_000
JOINED: Final = 0.5
"""Share of bars that open at the close before: about that of Binance's spot bars (`candlestick_silence`)."""
_SEED: Final = 11


@lru_cache(maxsize=1)
def candlesticks_by_chance() -> Mapping[str, float]:
    """Rows of each candlestick pattern per 1,000 bars."""
    found = detect(random_walk(BARS, _SEED, walk=Walk(joined=JOINED)), "1m")
    counts = dict(found.group_by("pattern").len().iter_rows())
    return {name: counts.get(name, 0) * 1_000 / BARS for name in CATALOGUE}


@lru_cache(maxsize=1)
def breakouts_by_chance() -> Mapping[str, float]:
    """Confirmed breakouts of each chart pattern per 1,000 bars, and of "all" together."""
    rates = random_walk_rates(BARS, _SEED)
    return dict(rates.select("pattern", pl.col("complete")).iter_rows())
