"""How often patterns occur, and how often they would by chance: random walks and real bars in another order.

A pattern that is as frequent in a random walk as in real bars is no evidence of anything by being there.
Rates are events per 1,000 bars.
"""

from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.chart.batch import detect
from alphapulse_assets.patterns.chart.definitions import CHART_CATALOGUE
from alphapulse_assets.patterns.chart.rules import DEFAULT_RULES, ChartRules
from alphapulse_resources.frames import CANDLE_SCHEMA, WEEK_ORIGIN

RATE_SCHEMA: Final = pl.Schema(
    {
        "pattern": pl.String(),
        "forming": pl.Float64(),
        "complete": pl.Float64(),
        "target_met": pl.Float64(),
        "failed": pl.Float64(),
        "expired": pl.Float64(),
        "evolved": pl.Float64(),
    }
)
"""A row per pattern, all of them, and "all": events of each stage per 1,000 bars."""
_STEPS: Final = 16


def rates(events: pl.DataFrame, bars: int) -> pl.DataFrame:
    """Events (CHART_EVENT_SCHEMA) per 1,000 of so many bars: RATE_SCHEMA.

    Raises:
        ValueError: no bars.
    """
    if bars < 1:
        raise ValueError(f"{bars} bars: rates need at least one")
    stages = [name for name in RATE_SCHEMA if name != "pattern"]
    counted = pl.concat(
        [events.select("pattern", "stage"), events.select(pl.lit("all").alias("pattern"), "stage")]
    )
    found = counted.group_by("pattern").agg(
        *((pl.col("stage") == stage).sum().cast(pl.Float64).alias(stage) * 1_000 / bars for stage in stages)
    )
    every = pl.DataFrame({"pattern": [*CHART_CATALOGUE, "all"]})
    return every.join(found, on="pattern", how="left", maintain_order="left").fill_null(0.0).cast(RATE_SCHEMA)


def random_walk(count: int, seed: int, timeframe: str = "1m", volatility: float = 0.0005) -> pl.DataFrame:
    """Candles (CANDLE_SCHEMA) of a Gaussian random walk in log price, always the same for a seed.

    A bar is 16 steps, so that its high and low are honest; `volatility` is the deviation of a bar's return.
    """
    random = np.random.default_rng(seed)
    price = 100 * np.exp(np.cumsum(random.normal(0, volatility / np.sqrt(_STEPS), count * _STEPS)))
    steps = price.reshape(count, _STEPS)
    opened = np.concatenate(([100.0], steps[:-1, -1]))[:count]
    return _candles(
        timeframe,
        open=opened,
        high=np.maximum(opened, steps.max(axis=1)),
        low=np.minimum(opened, steps.min(axis=1)),
        close=steps[:, -1],
        volume=random.lognormal(0, 1, count),
    )


def shuffled(candles: pl.DataFrame, seed: int, timeframe: str) -> pl.DataFrame:
    """A walk with the very bars of these candles in random order, half of them upside down.

    Sizes, wicks and volumes of bars stay as they are, as does the whole distribution of returns; trends,
    levels and quiet and busy times are gone. It begins at the first close.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(np.arange(1, candles.height))
    way = random.choice([-1.0, 1.0], len(order))
    before = np.log(candles["close"].to_numpy()[order - 1])
    move = {
        name: way * (np.log(candles[name].to_numpy()[order]) - before)
        for name in ("open", "high", "low", "close")
    }
    start = np.log(candles["close"][0]) + np.concatenate(([0.0], np.cumsum(move["close"])[:-1]))
    prices = {name: np.exp(start + value) for name, value in move.items()}
    return _candles(
        timeframe,
        open=prices["open"],
        high=np.maximum(prices["high"], prices["low"]),
        low=np.minimum(prices["high"], prices["low"]),
        close=prices["close"],
        volume=candles["volume"].to_numpy()[order],
    )


def random_walk_rates(
    count: int, seed: int, timeframe: str = "1m", rules: ChartRules = DEFAULT_RULES
) -> pl.DataFrame:
    """RATE_SCHEMA of a random walk of so many bars."""
    return rates(detect(random_walk(count, seed, timeframe), timeframe, rules=rules), count)


def _candles(timeframe: str, **columns: Any) -> pl.DataFrame:
    count = len(columns["close"])
    ts = pl.Series("ts", [WEEK_ORIGIN]).dt.offset_by("2600w").gather([0] * count)
    steps = pl.Series(np.arange(count)) * bar_length(timeframe)
    found = pl.DataFrame({"ts": ts + steps, **columns})
    return found.match_to_schema(CANDLE_SCHEMA, missing_columns="insert")
