"""Nine indicators (EMA RSI MACD BBANDS ATR ADX OBV VWAP A/D) over 10 M rows: 100 symbols x 100,000 minutes.

Ours is the whole of `compute`: candles checked, blocks with their warm-up, nulls, a frame. Beside it native
polars expressions on the same frames, and pandas-ta-classic (its own code, not the TA-Lib it would call) on a
smaller sample, all in processor time per row. Every symbol has the same candles, which no way of computing
takes advantage of. The polars expressions begin at the first bar and know no blocks.
"""

import gc
import time
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd
import pandas_ta_classic as ta
import polars as pl

from alphapulse_assets.indicators.batch import compute
from bench.data import candles
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError

ROUNDS: Final = 3
SYMBOLS: Final = 100
ROWS: Final = 100_000
SAMPLE: Final = 20_000
"""Rows of one symbol for pandas-ta-classic."""
NAMES: Final = (
    "ema_20",
    "rsi_14",
    "macd",
    "macd_signal",
    "macd_histogram",
    "bb_upper",
    "bb_middle",
    "bb_lower",
    "atr_14",
    "adx_14",
    "obv",
    "vwap_session",
    "ad_line",
)
_BAR: Final = Bar(Demand.OURS_AT_MOST, 110.0)


def run() -> list[Figure]:
    """Processor nanoseconds per row beside polars expressions, and beside pandas-ta-classic."""
    frame = candles(ROWS)
    sample = frame.head(SAMPLE).to_pandas().set_index("ts").tz_localize(None)
    _same(frame)
    _pandas_ta(sample)  # imports and compiles what it needs
    ours, native, classic = [], [], []
    for number in range(ROUNDS):
        ways = [(ours, lambda: compute(frame, "1m", names=NAMES)), (native, lambda: _native(frame))]
        for costs, work in ways if number % 2 == 0 else reversed(ways):
            costs.append(_cost(work, SYMBOLS, ROWS))
        classic.append(_cost(lambda: _pandas_ta(sample), 1, SAMPLE))
    everything = [_cost(lambda: compute(frame, "1m"), SYMBOLS // 10, ROWS) for _ in range(ROUNDS)]
    name, unit = "nine indicators, 10 M rows", "ns CPU/row"
    return [
        Figure(name, unit, tuple(ours), "native polars", tuple(native), _BAR),
        Figure(name, unit, tuple(ours), f"pandas-ta-classic, {SAMPLE:,} rows", tuple(classic)),
        Figure("all indicators, 1 M rows", unit, tuple(everything)),
    ]


def _cost(work: Callable[[], object], symbols: int, rows: int) -> float:
    """Processor nanoseconds per row, of all threads."""
    gc.collect()
    started = time.process_time_ns()
    for _ in range(symbols):
        work()
    return (time.process_time_ns() - started) / (symbols * rows)


def _native(frame: pl.DataFrame) -> pl.DataFrame:
    """The nine as polars expressions."""
    high, low, close, volume = map(pl.col, ("high", "low", "close", "volume"))
    change = close.diff()
    gain, loss = _wilder(change.clip(lower_bound=0)), _wilder(-change.clip(upper_bound=0))
    macd = close.ewm_mean(span=12, adjust=False) - close.ewm_mean(span=26, adjust=False)
    signal = macd.ewm_mean(span=9, adjust=False)
    middle, spread = close.rolling_mean(20), close.rolling_std(20, ddof=0)
    atr = _wilder(pl.max_horizontal(high - low, (high - close.shift()).abs(), (low - close.shift()).abs()))
    up, down = high.diff(), -low.diff()
    plus = _wilder(pl.when((up > down) & (up > 0)).then(up).otherwise(0.0)) / atr
    minus = _wilder(pl.when((down > up) & (down > 0)).then(down).otherwise(0.0)) / atr
    typical = (high + low + close) / 3 * volume
    day = pl.col("ts").dt.truncate("1d")
    span = high - low
    flow = pl.when(span > 0).then((2 * close - high - low) / span * volume).otherwise(0.0)
    return frame.select(
        "ts",
        close.ewm_mean(span=20, adjust=False).alias("ema_20"),
        (100 * gain / (gain + loss)).alias("rsi_14"),
        macd.alias("macd"),
        signal.alias("macd_signal"),
        (macd - signal).alias("macd_histogram"),
        (middle + 2 * spread).alias("bb_upper"),
        middle.alias("bb_middle"),
        (middle - 2 * spread).alias("bb_lower"),
        atr.alias("atr_14"),
        _wilder((100 * (plus - minus).abs() / (plus + minus)).fill_nan(0)).alias("adx_14"),
        (change.sign().fill_null(1) * volume).cum_sum().alias("obv"),
        (typical.cum_sum().over(day) / volume.cum_sum().over(day)).alias("vwap_session"),
        flow.cum_sum().alias("ad_line"),
    )


def _wilder(values: pl.Expr) -> pl.Expr:
    return values.ewm_mean(alpha=1 / 14, adjust=False)


def _pandas_ta(frame: pd.DataFrame) -> pd.DataFrame:
    """The nine by pandas-ta-classic, in its own code."""
    high, low, close, volume = (frame[name] for name in ("high", "low", "close", "volume"))
    found = [
        ta.ema(close, length=20, talib=False),
        ta.rsi(close, length=14, talib=False),
        ta.macd(close, talib=False),
        ta.bbands(close, length=20, talib=False),
        ta.atr(high, low, close, length=14, talib=False),
        ta.adx(high, low, close, length=14, talib=False),
        ta.obv(close, volume, talib=False),
        ta.vwap(high, low, close, volume),
        ta.ad(high, low, close, volume, talib=False),
    ]
    return pd.concat(found, axis=1)


def _same(frame: pl.DataFrame) -> None:
    """Both compute the same things where neither the beginning nor the anchor of a block matters."""
    rows = frame.height // 4
    ours, native = compute(frame, "1m", names=NAMES)[rows - 1_000 : rows], _native(frame)[rows - 1_000 : rows]
    for name in NAMES:
        usual = native[name].abs().mean()
        if not np.allclose(ours[name], native[name], rtol=1e-6, atol=1e-6 * float(usual)):
            raise BenchmarkError(f"{name} is not what the polars expression gives: the times mean nothing")
