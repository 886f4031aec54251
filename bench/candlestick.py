"""The 61 candlestick patterns: a million bars in one go, and seven closed bars at once in live states.

Batch is the whole of `detect`: candles checked, all patterns, a sorted frame of hits; beside it TA-Lib called
61 times on arrays that are ready, which is the part that cannot be avoided. Live is a closed bar on each of
seven timeframes, candles in, rows out; beside it the usual way of asking TA-Lib again over the last 100 bars.
How often patterns fire on a random walk is told too: their rows there mean nothing.
"""

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Bar as Candle
from alphapulse_assets.patterns.candlestick.batch import detect
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE, Prices
from alphapulse_assets.patterns.candlestick.live import CandlestickState
from alphapulse_assets.patterns.candlestick.rates import Walk, random_walk
from alphapulse_resources.frames import CANDLE_SCHEMA
from bench.data import candles
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError

ROUNDS: Final = 5
ROWS: Final = 1_000_000
TIMEFRAMES: Final = 7
LIVE_ROUNDS: Final = 20
LIVE_BARS: Final = 200
"""Closed bars per timeframe and round; the figure is the median of a round."""
HISTORY: Final = 100
"""Bars that the usual way asks TA-Lib about, each time."""
WALK_ROWS: Final = 200_000

_BATCH_BAR: Final = Bar(Demand.OURS_AT_MOST, 1.0)
_LIVE_BAR: Final = Bar(Demand.OURS_AT_MOST, 0.12)
_FUNCTIONS: Final = [pattern.batch for pattern in CATALOGUE.values()]


def run() -> list[Figure]:
    """Processor seconds of the batch, milliseconds of a closed bar, and rows of a random walk."""
    made_up, trades = candles(ROWS), random_walk(WALK_ROWS, seed=7)
    trades = pl.concat([trades] * (ROWS // WALK_ROWS)).with_columns(made_up["ts"])
    return [
        *(
            _batch(f"61 patterns, {ROWS // 1_000_000} M bars, {name}", frame)
            for name, frame in (("opens at the close before", made_up), ("opens with a trade", trades))
        ),
        _live(trades.head(HISTORY + LIVE_ROUNDS * LIVE_BARS)),
        *(_walk(joined) for joined in (0.0, 1.0)),
    ]


def _batch(name: str, frame: pl.DataFrame) -> Figure:
    prices = _prices(frame)
    found = detect(frame, "1m").height
    direct = sum(np.count_nonzero(function(*prices)) for function in _FUNCTIONS)
    if found != direct:
        raise BenchmarkError(f"{found} hits instead of TA-Lib's {direct}: the times mean nothing")
    ours, bare = [], []
    for number in range(ROUNDS):
        ways: list[tuple[list[float], Callable[[], object]]] = [
            (ours, lambda: detect(frame, "1m")),
            (bare, lambda: [function(*prices) for function in _FUNCTIONS]),
        ]
        for costs, work in ways if number % 2 == 0 else reversed(ways):
            costs.append(_processor_seconds(work))
    return Figure(name, "CPU s", tuple(ours), "TA-Lib alone, no rows", tuple(bare), _BATCH_BAR)


def _live(frame: pl.DataFrame) -> Figure:
    """Medians of rounds: each closes the same bar in seven states, then asks seven times anew."""
    states = [CandlestickState.warm(frame.head(HISTORY), "1m") for _ in range(TIMEFRAMES)]
    prices = _prices(frame)
    bars = [Candle.of(row) for row in frame[HISTORY:].iter_rows(named=True)]
    ours, again = [], []
    for first in range(0, len(bars), LIVE_BARS):
        chosen = range(first, first + LIVE_BARS)
        ours.append(median(_close(states, bars[number]) for number in chosen))
        windows = (prices[:, number + 1 : number + 1 + HISTORY] for number in chosen[:: LIVE_BARS // 10])
        again.append(median(_ask_again(window) for window in windows))
    name = f"61 patterns x {TIMEFRAMES} timeframes, one closed bar"
    return Figure(name, "ms", tuple(ours), f"TA-Lib over the last {HISTORY} bars", tuple(again), _LIVE_BAR)


def _close(states: list[CandlestickState], bar: Candle) -> float:
    started = time.perf_counter()
    for state in states:
        state.update(bar)
    return (time.perf_counter() - started) * 1_000


def _ask_again(window: Prices) -> float:
    started = time.perf_counter()
    for _ in range(TIMEFRAMES):
        for function in _FUNCTIONS:
            function(*window)
    return (time.perf_counter() - started) * 1_000


def _walk(joined: float) -> Figure:
    frame = random_walk(WALK_ROWS, seed=7, walk=Walk(joined=joined))
    hits = detect(frame, "1m").height * 1_000 / frame.height
    where = "at the close before" if joined else "with a trade"
    return Figure(f"hits on a random walk that opens {where}", "per 1,000 bars", (hits,))


def _prices(frame: pl.DataFrame) -> Prices:
    names = [name for name in CANDLE_SCHEMA if name in ("open", "high", "low", "close")]
    return np.ascontiguousarray(frame.select(names).to_numpy().T)


def _processor_seconds(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started
