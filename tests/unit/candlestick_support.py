"""Bars for the tests of candlestick patterns: all real ones, hand-made ones, and awkward ones."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import strategies as st

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.patterns.candlestick.batch import CANDLESTICK_SCHEMA
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE, Prices
from alphapulse_assets.patterns.candlestick.live import CandlestickPattern, CandlestickState
from alphapulse_resources.frames import TIMEFRAMES
from tests.unit.indicator_support import candle_frame, coinbase, feather

REAL = {
    "Coinbase_BTCUSD_1h.csv": "1h",
    "ADA_BTC-5m.feather": "5m",
    "ETH_BTC-5m.feather": "5m",
    "UNITTEST_BTC-1m.feather": "1m",
    "XRP_USDT_USDT-5m-futures.feather": "5m",
}
"""Files of real candles, and their timeframes, in the order of `candlestick_silence.OBSERVED`."""

PRICES = ("open", "high", "low", "close")


THREE_METHODS = [
    (100, 108.5, 99.5, 108),
    (107, 107.5, 105.5, 106),
    (106, 106.5, 104.5, 105),
    (105, 105.5, 103.5, 104),
    (105, 110.5, 104.5, 110),
]
"""Rising three methods: open, high, low, close."""


def real_candles(shared_data: Path, name: str, moved: timedelta = timedelta(0)) -> pl.DataFrame:
    """Real candles by file name, those of a few days `moved` in time."""
    path = shared_data / "candles" / name
    return coinbase(path) if path.suffix == ".csv" else feather(path, moved)


BLOCK_WITHIN = {
    "UNITTEST_BTC-1m.feather": timedelta(days=22),
    "ADA_BTC-5m.feather": timedelta(days=12),
    "ETH_BTC-5m.feather": timedelta(days=12),
    "XRP_USDT_USDT-5m-futures.feather": timedelta(days=13),
}
"""How far to move real candles for a month to begin among them."""


def prices_of(candles: pl.DataFrame) -> Prices:
    """Prices of shape (4, n)."""
    return candles.select(PRICES).to_numpy().T.copy()


def direct(candles: pl.DataFrame) -> pl.DataFrame:
    """What TA-Lib says, called directly over the whole frame: ts, pattern, strength, sorted."""
    prices = prices_of(candles)
    parts = []
    for name, pattern in CATALOGUE.items():
        strengths = pattern.batch(*prices)
        at = np.flatnonzero(strengths)
        parts.append(
            pl.DataFrame(
                {
                    "ts": candles["ts"].gather(at),
                    "pattern": [name] * len(at),
                    "strength": strengths[at].astype(np.int16),
                },
                schema={name: CANDLESTICK_SCHEMA[name] for name in ("ts", "pattern", "strength")},
            )
        )
    return pl.concat(parts).sort("ts", "pattern")


def live(state: CandlestickState, candles: pl.DataFrame) -> pl.DataFrame:
    """Candles one by one."""
    return as_frame([row for bar in candles.to_dicts() for row in state.update(Bar.of(bar))])


def as_frame(rows: Sequence[CandlestickPattern]) -> pl.DataFrame:
    """Rows as `detect` has them."""
    return pl.DataFrame(rows, schema=CANDLESTICK_SCHEMA, orient="row")


def shaped(shape: Sequence[tuple[float, float, float, float]], before: int = 15) -> pl.DataFrame:
    """Candles (1m) that end in this shape (open, high, low, close), after some of body 2 and range 4."""
    usual = [(100.0, 103.0, 99.0, 102.0), (102.0, 103.0, 99.0, 100.0)]
    rows = [usual[number % 2] for number in range(before)] + list(shape)
    return framed(np.array(rows, dtype=np.float64).T)


def framed(prices: Prices, timeframe: str = "1m", start: datetime | None = None) -> pl.DataFrame:
    """Candles of prices of shape (4, n)."""
    columns = {**dict(zip(PRICES, prices, strict=True)), "volume": np.ones(prices.shape[1])}
    return candle_frame(start or datetime(2024, 3, 5, tzinfo=UTC), timeframe, columns)


def tick_prices(random: np.random.Generator, count: int, base: int) -> Prices:
    """A walk in whole ticks, full of equal bodies, equal prices and gaps, of shape (4, n)."""
    close = base + np.cumsum(random.integers(-3, 4, count))
    opened = np.where(random.random(count) < 0.4, np.concatenate(([base], close[:-1])), close)
    opened = opened + random.integers(-3, 4, count) * (random.random(count) < 0.7)
    high = np.maximum(opened, close) + random.integers(0, 4, count)
    low = np.minimum(opened, close) - random.integers(0, 4, count)
    return np.array([opened, high, low, close], dtype=np.float64)


def ticks_after_large_prices(seed: int) -> pl.DataFrame:
    """Tick bars (1m) from 2024-02-29 20:00 on, a billion times as high until 23:00, and into March."""
    prices = tick_prices(np.random.default_rng(seed), 600, base=10_000) * 0.1
    prices[:, :180] *= 1e9 / 7
    return framed(prices, "1m", datetime(2024, 2, 29, 20, tzinfo=UTC))


@st.composite
def awkward_ticks(draw: st.DrawFn, timeframe: str, most: int = 250) -> pl.DataFrame:
    """Tick bars around the start of 2024, a block of every timeframe: ties, jumps of scale, missing bars.

    A bar is a few ticks of a tick that no double is exactly; where the price jumps by orders of magnitude,
    TA-Lib's running sums carry the rounding of the large ones on.
    """
    count = draw(st.integers(1, most))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    prices = tick_prices(random, count, base=10_000) * draw(st.sampled_from([0.1, 1e-8, 0.01, 1 / 3]))
    jump = draw(st.integers(0, count))
    prices[:, :jump] *= draw(st.sampled_from([1.0, 1e9 / 7, 1e-6]))
    rows = np.arange(count)
    for _ in range(draw(st.integers(0, 3))):
        rows[draw(st.integers(0, count - 1)) :] += draw(st.sampled_from([1, 7, 100, 2_490, 2_600]))
    before = draw(st.integers(0, int(rows[-1])))
    start = datetime(2024, 1, 1, tzinfo=UTC) - before * TIMEFRAMES[timeframe]
    columns = {**dict(zip(PRICES, prices, strict=True)), "volume": np.ones(count)}
    return candle_frame(start, timeframe, columns, rows)
