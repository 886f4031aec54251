"""All volume patterns: 500,000 minutes in one go, and candle by candle.

Ours is the whole way: candles checked, patterns found, strength, confidence, detail as text, a frame or rows.
Beside it the conditions alone as polars expressions, which find where a pattern may be and tell nothing about
it. How often patterns fire per 1,000 bars is told for real bars where they are at hand, and for a random walk
whose volume has nothing to do with its price: what fires as often there says nothing about price.
"""

import gc
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from alphapulse_assets.core.bars import Bar as Candle
from alphapulse_assets.volume.batch import detect
from alphapulse_assets.volume.definitions import VOLUME_CATALOGUE
from alphapulse_assets.volume.live import VolumePatternState
from bench.data import candles
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError

ROUNDS: Final = 5
ROWS: Final = 500_000
LIVE_BARS: Final = 20_000
WARM: Final = 100
_BATCH: Final = Bar(Demand.OURS_AT_MOST, 700.0)
_LIVE: Final = Bar(Demand.OURS_AT_MOST, 50.0)
_SHARED: Final = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
_REAL: Final = {"ADA_BTC-5m": "5m", "ETH_BTC-5m": "5m", "UNITTEST_BTC-1m": "1m"}


def run() -> list[Figure]:
    """Processor time per row and per candle, and how often patterns fire beside a random walk."""
    frame = candles(ROWS)
    found = detect(frame, "1m")  # compiles, or loads what was compiled
    _conditions(frame)
    ours: list[float] = []
    native: list[float] = []
    live: list[float] = []
    for number in range(ROUNDS):
        ways = [(ours, lambda: detect(frame, "1m")), (native, lambda: _conditions(frame))]
        for costs, work in ways if number % 2 == 0 else reversed(ways):
            costs.append(_cost(work) / ROWS)
        live.append(_live(frame.head(LIVE_BARS), found) / 1_000)
    unit = "ns CPU/row"
    return [
        Figure(
            f"volume patterns, {ROWS:,} rows", unit, tuple(ours), "polars, where only", tuple(native), _BATCH
        ),
        Figure("volume patterns, live", "us CPU/candle", tuple(live), bar=_LIVE),
        *_firing(found),
    ]


def _cost(work: Callable[[], object]) -> float:
    """Processor nanoseconds of all threads."""
    gc.collect()
    started = time.process_time_ns()
    work()
    return float(time.process_time_ns() - started)


def _live(frame: pl.DataFrame, wanted: pl.DataFrame) -> float:
    """Processor nanoseconds per candle of a state that takes candles one by one."""
    bars = [Candle.of(bar) for bar in frame[WARM:].iter_rows(named=True)]
    state = VolumePatternState.warm(frame.head(WARM), "1m")
    rows: list[object] = []

    def work() -> None:
        for bar in bars:
            rows.extend(state.update(bar))

    cost = _cost(work) / len(bars)
    within = pl.col("ts").is_between(frame["ts"][WARM], frame["ts"][-1])
    if rows != wanted.filter(within).rows():
        raise BenchmarkError("candle by candle gives other patterns than in one go: the times mean nothing")
    return cost


def _firing(walk: pl.DataFrame) -> list[Figure]:
    """Rows per 1,000 bars of each pattern: in real bars, and in the random walk."""
    folder = Path(os.environ.get("ALPHAPULSE_SHARED_DATA", _SHARED)) / "candles"
    paths = {folder / f"{name}.feather": timeframe for name, timeframe in _REAL.items()}
    real = [(_real(path), timeframe) for path, timeframe in paths.items() if path.is_file()]
    found = [detect(frame, timeframe) for frame, timeframe in real]
    rows = sum(frame.height for frame, _ in real)
    figures = []
    for name in VOLUME_CATALOGUE:
        title, by_chance = f"{name} per 1,000 bars", _rate([walk], name, ROWS)
        fired = _rate(found, name, rows) if real else 0.0
        if fired > 0 and by_chance > 0:
            figures.append(Figure(title, f"{rows:,} real", (fired,), "random walk", (by_chance,)))
        else:
            figures.append(Figure(title, "random walk", (by_chance,)))
    return figures


def _rate(found: Sequence[pl.DataFrame], name: str, rows: int) -> float:
    return 1_000 * sum(each.filter(pl.col("pattern") == name).height for each in found) / rows


def _real(path: Path) -> pl.DataFrame:
    return pl.read_ipc(path).select(
        pl.col("date").cast(pl.Datetime("us", "UTC")).alias("ts"), "high", "low", "close", "volume"
    )


def _conditions(frame: pl.DataFrame) -> pl.DataFrame:
    """Where volume is what each pattern asks for, and what is quick to say of price, by rolling windows."""
    high, low, close, volume = map(pl.col, ("high", "low", "close", "volume"))
    before, change = close.shift(), close.diff()
    spans = pl.max_horizontal(high, before) - pl.min_horizontal(low, before)
    ratio, usual = volume / volume.rolling_mean(20).shift(), spans.rolling_mean(20).shift()
    top, bottom, atr = high.rolling_max(20).shift(), low.rolling_min(20).shift(), spans.rolling_mean(14)
    position = pl.when(high > low).then((2 * close - high - low) / (high - low)).otherwise(0.0)
    flow = (position * volume).rolling_sum(20) / volume.rolling_sum(20)
    balance = (change.sign().fill_null(0) * volume).cum_sum()
    move, trend = close.diff(20) / atr, before.diff(19) / atr
    gap = 0.2 * volume.rolling_sum(20)
    breakout = (ratio >= 1.5) & (position.abs() > 0.2) & ((top - bottom) <= 4 * usual)
    recent, quiet = volume.rolling_mean(5), volume.rolling_mean(50).shift()
    return (
        frame.lazy()
        .select(
            (ratio >= 2).alias("spike"),
            ((high > top) & (balance.rolling_max(20).shift() - balance >= gap)).alias("divergence_up"),
            ((low < bottom) & (balance - balance.rolling_min(20).shift() >= gap)).alias("divergence_down"),
            ((ratio >= 3) & (spans >= 2 * usual) & (trend.abs() >= 1)).alias("climax"),
            ((recent <= 0.5 * quiet) & (volume <= volume.rolling_quantile(0.2, window_size=50))).alias(
                "dry_up"
            ),
            ((flow.abs() >= 0.25) & (move.abs() < 2)).alias("pressure"),
            (breakout & (close > top)).alias("breakout_up"),
            (breakout & (close < bottom)).alias("breakout_down"),
            ((ratio >= 2) & (spans <= 0.8 * usual) & (move.abs() >= 3)).alias("exhaustion"),
        )
        .collect()
    )
