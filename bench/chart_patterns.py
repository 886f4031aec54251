"""Chart patterns: nanoseconds per bar and scale, a closed candle on seven timeframes, and rates by chance.

The scan is timed alone, as it finds patterns, and with its rows made into a frame. Rates are breakouts per
1,000 bars: of a random walk, of the real bars in random order where there are real bars beside the project,
and of those bars themselves. Rates have no unit of time and no bar: they are published, not judged.
"""

import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Bar as Candle
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.chart.bars import arrays
from alphapulse_assets.patterns.chart.batch import WARM_UP, detect, passed
from alphapulse_assets.patterns.chart.events import MICROSECOND
from alphapulse_assets.patterns.chart.live import ChartState
from alphapulse_assets.patterns.chart.rates import random_walk, rates, shuffled
from alphapulse_assets.patterns.chart.rules import DEFAULT_RULES
from alphapulse_assets.patterns.chart.scan import memory
from alphapulse_resources.frames import CANDLE_SCHEMA
from bench.figures import Bar, Demand, Figure

ROUNDS: Final = 5
ROWS: Final = 1_000_000
RATE_ROWS: Final = 200_000
TIMEFRAMES: Final = ("1m", "5m", "15m", "1h", "4h", "1d", "1w")
CLOSES: Final = 2_000
_SCALE_BAR: Final = Bar(Demand.OURS_AT_MOST, 100.0)
_CLOSE_BAR: Final = Bar(Demand.OURS_AT_MOST, 2.0)
_ROOT: Final = Path(__file__).resolve().parent.parent
_REAL: Final = "candles/Coinbase_BTCUSD_1h.csv"


def run() -> list[Figure]:
    """Times and rates."""
    walk = random_walk(ROWS, seed=3)
    step = bar_length("1m") // MICROSECOND
    _, bars = arrays(walk, step)
    passed(memory(DEFAULT_RULES, step), bars, 0, 1_000)  # compiles, or loads what was compiled
    scales = len(DEFAULT_RULES.scales)
    alone = [
        _cost(lambda: passed(memory(DEFAULT_RULES, step), bars, 0, ROWS)) / scales for _ in range(ROUNDS)
    ]
    framed = [_cost(lambda: detect(walk, "1m")) / scales for _ in range(ROUNDS)]
    closes = _closes(walk.tail(CLOSES + WARM_UP))
    return [
        Figure("chart patterns, found, 1 M rows", "ns CPU/bar/scale", tuple(alone), bar=_SCALE_BAR),
        Figure("chart patterns, rows as a frame", "ns CPU/bar/scale", tuple(framed)),
        Figure("closed candle, 7 timeframes, median", "ms", (float(np.median(closes)),), bar=_CLOSE_BAR),
        Figure("closed candle, 7 timeframes, p99", "ms", (float(np.quantile(closes, 0.99)),)),
        *_rates(),
    ]


def _cost(work: Callable[[], object]) -> float:
    """Processor nanoseconds per bar, of all threads."""
    gc.collect()
    started = time.process_time_ns()
    work()
    return (time.process_time_ns() - started) / ROWS


def _closes(walk: pl.DataFrame) -> list[float]:
    """Milliseconds for a candle that closes on all timeframes at once, which is the dearest there is.

    Weeks begin a new year, and with it a new block, after every 52 bars: far oftener than they do live.
    """
    states, ahead = [], []
    for timeframe in TIMEFRAMES:
        candles = _spaced(walk, timeframe)
        states.append(ChartState.warm(candles.head(-CLOSES), timeframe))
        rows = candles.tail(CLOSES).iter_rows(named=True)
        ahead.append([Candle.of(row) for row in rows])
    found = []
    for closed in zip(*ahead, strict=True):
        started = time.perf_counter_ns()
        for state, bar in zip(states, closed, strict=True):
            state.update(bar)
        found.append((time.perf_counter_ns() - started) / 1e6)
    return found


def _spaced(candles: pl.DataFrame, timeframe: str) -> pl.DataFrame:
    """The bars of a minute walk as bars of another timeframe, until the same moment."""
    back = candles.height - pl.int_range(pl.len(), dtype=pl.Int64)
    length = bar_length(timeframe) // MICROSECOND
    end = pl.lit(candles["ts"][-1]).dt.truncate("1w")
    return candles.with_columns(ts=end - pl.duration(microseconds=back * length))


def _rates() -> list[Figure]:
    """Breakouts per 1,000 bars by pattern: by chance, and in real bars."""
    chance = _complete(random_walk(RATE_ROWS, seed=11), "1m")
    real = _real()
    if real is None:
        return [Figure(f"{name}, random walk", "per 1,000 bars", (rate,)) for name, rate in chance.items()]
    ours, other = _complete(real, "1h"), _complete(shuffled(real, 11, "1h"), "1h")
    unit = "per 1,000 bars"
    return [
        figure
        for name, rate in chance.items()
        for figure in (
            Figure(f"{name}: random walk", unit, (rate,)),
            Figure(f"{name}: BTC/USD 1h", unit, (ours[name],)),
            Figure(f"{name}: its bars shuffled", unit, (other[name],)),
        )
    ]


def _complete(candles: pl.DataFrame, timeframe: str) -> dict[str, float]:
    found = rates(detect(candles, timeframe), candles.height)
    return dict(zip(found["pattern"], found["complete"], strict=True))


def _real() -> pl.DataFrame | None:
    """Two years of real hours, where they are kept beside the project."""
    folder = Path(os.environ.get("ALPHAPULSE_SHARED_DATA", _ROOT.parent / "shared" / "data"))
    path = folder / _REAL
    if not path.is_file():
        return None
    found = pl.read_csv(path, skip_rows=1).rename({"volume": "quote_volume", "volume_btc": "volume"})
    clock = pl.col("date").str.replace("-([AP]M)$", ":00 ${1}")  # "2019-10-17 09-AM"
    ts = clock.str.strptime(pl.Datetime("us"), "%Y-%m-%d %I:%M %p").dt.replace_time_zone("UTC")
    kept = [name for name in CANDLE_SCHEMA if name in found.columns]
    return (
        found.select(ts.alias("ts"), pl.col(kept).cast(pl.Float64))
        .sort("ts")
        .match_to_schema(CANDLE_SCHEMA, missing_columns="insert")
    )
