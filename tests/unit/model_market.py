"""Bars with calm and stormy stretches, and what models learn of random walks beside them."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import polars as pl

from alphapulse_assets.models.labels import labelled
from alphapulse_assets.models.whole import Learnable, learnable
from alphapulse_assets.patterns.evaluation.random_walk import matched_walk
from alphapulse_resources.frames import CANDLE_SCHEMA

BARS = 4_000
START = datetime(2023, 1, 2, tzinfo=UTC)


def bars(count: int = BARS, seed: int = 11) -> pl.DataFrame:
    """Hourly bars whose volatility comes in waves."""
    random = np.random.default_rng(seed)
    spread = 0.004 * np.exp(0.6 * np.sin(np.arange(count) / 200) + random.normal(0, 0.3, count))
    steps = random.normal(0, 1, (count, 8)) * spread[:, None] / np.sqrt(8)
    path = np.cumsum(steps.ravel()).reshape(count, 8)
    close = 30_000 * np.exp(path[:, -1])
    opened = np.concatenate(([30_000.0], close[:-1]))
    within = 30_000 * np.exp(path)
    volume = random.lognormal(2, 0.5, count) * (1 + 200 * spread)
    return pl.DataFrame(
        {
            "ts": [START + n * timedelta(hours=1) for n in range(count)],
            "open": opened,
            "high": np.maximum(within.max(axis=1), opened),
            "low": np.minimum(within.min(axis=1), opened),
            "close": close,
            "volume": volume,
            "quote_volume": volume * close,
            "trades": random.integers(1, 5_000, count),
            "taker_buy_volume": volume / 2,
        },
        schema=CANDLE_SCHEMA,
    )


@lru_cache
def walk(seed: int) -> Learnable:
    """What there is to learn of a walk beside the bars."""
    return learnable({"1h": matched_walk(bars(), seed)})


def rows(seed: int) -> pl.DataFrame:
    """Its features with the labels of ten bars."""
    return labelled(*walk(seed), 10)
