"""Candles that have the real ones' volatility and volume, bar by bar, but no memory of direction. Pure.

Whatever patterns "achieve" on these is what chance achieves. Each real bar keeps its time, its volume and
the sizes of its moves (gap, body, shadows, as log prices), and is turned upside down or not by a coin. So
calm and stormy stretches, busy and quiet hours stay where they were, and only the direction is lost (sign
randomisation, Fisher 1935). The coin is a function of the seed and the bar's time: the same bar falls the
same way in every window. Each path starts at the first bar's open, so windows differ by a factor in price.
"""

from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.patterns.events.kernels import Floats

SEED: Final = 20_260_101


def matched_walk(candles: pl.DataFrame, seed: int = SEED) -> pl.DataFrame:
    """A random walk beside `candles` (CANDLE_SCHEMA, sorted, one instrument), with their times.

    Use several seeds for a narrower baseline. The venue's own counts (quote volume, trades, taker volume) are
    null, as nobody traded at these prices.

    Raises:
        ValueError: prices that are not above 0.
    """
    if not candles.height:
        return candles
    names = ("open", "high", "low", "close")
    prices = candles.select(pl.col(name).cast(pl.Float64) for name in names).to_numpy().T
    if not (np.isfinite(prices) & (prices > 0)).all():
        raise ValueError("candles with prices that are not above 0; validate them first")
    opened, high, low, close = np.log(prices)
    coin = _coins(candles["ts"].dt.epoch("us").to_numpy(), seed)
    moves, gaps = coin * (close - opened), coin[1:] * (opened[1:] - close[:-1])
    begin = opened[0] + np.cumsum(np.concatenate(([0.0], moves[:-1] + gaps)))
    upper, lower = high - opened, opened - low
    up, down = np.where(coin > 0, upper, lower), np.where(coin > 0, lower, upper)
    walked = {"open": begin, "high": begin + up, "low": begin - down, "close": begin + moves}
    # rounding must not put a close beyond its high
    made = {name: np.exp(values) for name, values in walked.items()}
    made["high"] = np.maximum.reduce([made[name] for name in names])
    made["low"] = np.minimum.reduce([made[name] for name in names])
    untold = ("quote_volume", "trades", "taker_buy_volume")
    return candles.with_columns(
        *(pl.Series(name, made[name]) for name in names),
        *(pl.lit(None, dtype=candles.schema[name]).alias(name) for name in untold),
    )


def _coins(times: np.ndarray[tuple[int], np.dtype[np.int64]], seed: int) -> Floats:
    """1 or -1 per time: a bit of SplitMix64 (Steele, Lea & Flood 2014)."""
    with np.errstate(over="ignore"):
        # the seed is mixed first, so that neighbouring seeds share nothing
        mixed = _mix(times.astype(np.uint64) + _mix(np.array([seed], dtype=np.uint64)))
    return np.where(mixed >> np.uint64(63), 1.0, -1.0)


def _mix(values: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    z = values + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
