"""Bars for the tests of chart patterns: drawn by hand, mirrored, scaled and shifted."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from alphapulse_assets.patterns.chart.batch import detect
from alphapulse_resources.frames import TIMEFRAMES
from tests.unit.indicator_support import candle_frame

START = datetime(2024, 3, 4, tzinfo=UTC)
WICK = 0.25
Vertex = tuple[int, float]
PRICES = ("open", "high", "low", "close")


def drawn(*vertices: Vertex, timeframe: str = "1h", loud: tuple[int, ...] = ()) -> pl.DataFrame:
    """Bars along straight lines from vertex to vertex (bar, price); `loud` ones have thrice the volume."""
    x, y = zip(*vertices, strict=True)
    return bars_of(np.interp(np.arange(x[-1] + 1), x, y), timeframe, loud)


def bars_of(prices: Any, timeframe: str = "1h", loud: tuple[int, ...] = ()) -> pl.DataFrame:
    """A bar for each price: it opens and closes there, with a wick on either side."""
    close = np.asarray(prices, dtype=float)
    volume = np.ones(len(close))
    volume[list(loud)] = 3
    columns = {"open": close, "high": close + WICK, "low": close - WICK, "close": close, "volume": volume}
    return candle_frame(START, timeframe, columns)


def bar_number(ts: datetime, timeframe: str = "1h") -> int:
    """The number of a bar of a drawn frame."""
    return (ts - START) // TIMEFRAMES[timeframe]


def pivots_of(row: dict[str, Any]) -> list[Vertex]:
    """The pivots of an event as vertices, wicks taken off."""
    found = zip(row["pivot_ts"], row["pivot_prices"], strict=True)
    return [(bar_number(ts), price) for ts, price in found]


def events(candles: pl.DataFrame, pattern: str, timeframe: str = "1h") -> list[dict[str, Any]]:
    """What happened to patterns of this name."""
    return detect(candles, timeframe).filter(pl.col("pattern") == pattern).to_dicts()


def mirrored(candles: pl.DataFrame, about: float) -> pl.DataFrame:
    """The bars upside down: price becomes `about` - price."""
    return candles.with_columns(
        open=about - pl.col("open"),
        high=about - pl.col("low"),
        low=about - pl.col("high"),
        close=about - pl.col("close"),
    )


def rounded(candles: pl.DataFrame, to: float) -> pl.DataFrame:
    """Prices as whole multiples of a power of two: sums, differences and doubles of them are exact."""
    return candles.with_columns((pl.col(*PRICES) / to).round() * to)


def walked(seed: int, count: int = 6_000, timeframe: str = "1m") -> pl.DataFrame:
    """A random walk of 16 steps a bar, in exact prices around 128."""
    random = np.random.default_rng(seed)
    steps = np.cumsum(random.normal(0, 0.02, count * 16)).reshape(count, 16)
    price = np.round((128 + steps - min(steps.min() + 64, 0)) * 1024) / 1024
    opened = np.concatenate((price[:1, 0], price[:-1, -1]))
    columns = {
        "open": opened,
        "high": np.maximum(price.max(axis=1), opened),
        "low": np.minimum(price.min(axis=1), opened),
        "close": price[:, -1],
        "volume": random.lognormal(0, 1, count),
    }
    return candle_frame(datetime(2024, 3, 30, tzinfo=UTC), timeframe, columns)
