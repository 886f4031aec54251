"""All machine code, made ready before it is needed: made once (a minute or two), later read from disk.

Each step runs what batch and stream run, over made-up bars: numba compiles for the kinds of arrays it is
given, so these must be of the same kinds. `python -m alphapulse_assets.streaming.numba_warmup` does all of it
and prints a line for each step, so that the processes that come after it find it on disk.
"""

import asyncio
import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.statistics import bootstrap
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.order_book.book import levels
from alphapulse_assets.patterns.chart import batch as charts
from alphapulse_assets.patterns.chart.live import ChartState
from alphapulse_assets.patterns.chart.rates import random_walk
from alphapulse_assets.patterns.evaluation.outcomes import outcomes
from alphapulse_assets.patterns.events import adapters
from alphapulse_assets.patterns.events.model import PatternEvent
from alphapulse_assets.patterns.scoring.confidence import confidence
from alphapulse_assets.patterns.scoring.confluence import confluence
from alphapulse_assets.patterns.scoring.context import context
from alphapulse_assets.patterns.signals.batch import signals
from alphapulse_assets.patterns.signals.state import SignalState
from alphapulse_assets.regime import batch as regimes
from alphapulse_assets.streaming.derived_rows import DerivedState
from alphapulse_assets.volume import batch as volume
from alphapulse_assets.volume.profile import volume_profiles
from alphapulse_resources.settings import end_if_refused

COMMAND: Final = (sys.executable, "-m", "alphapulse_assets.streaming.numba_warmup")
"""Makes all machine code and prints a line for each step."""
LONG: Final = 5.0
"""Seconds that a step takes only if its machine code was not on disk (ours)."""
_TIMEFRAME: Final = "1h"
_BARS: Final = 3_000
"""Enough for chart patterns and signals to be found (`test_machine_code` holds it to that)."""


def warm_up(say: Callable[[str], None]) -> None:
    """Have all machine code in this process; `say` is told of steps that took long, and of the end."""
    started = time.monotonic()
    for name, step in STEPS.items():
        begun = time.monotonic()
        step()
        if (seconds := time.monotonic() - begun) > LONG:
            say(f"machine code of {name} was made in {seconds:.0f} s")
    say(f"machine code is ready after {time.monotonic() - started:.1f} s")


async def prepare(say: Callable[[str], None]) -> None:
    """Have all machine code in this process without holding up its event loop: another process makes it.

    Raises:
        RuntimeError: the other process failed; what it printed is in the error.
    """
    made = await asyncio.create_subprocess_exec(
        *COMMAND, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
    )
    assert made.stdout is not None  # a pipe was asked for
    lines = []
    try:
        async for line in made.stdout:
            lines.append(line.decode().rstrip())
            say(lines[-1])
        if await made.wait():
            raise RuntimeError("machine code could not be made:\n" + "\n".join(lines))
    finally:
        if made.returncode is None:
            made.kill()
            await made.wait()
    await asyncio.to_thread(warm_up, lambda line: None)


class _Frame:
    """Bars in memory, as `derived_rows.Bars`."""

    def __init__(self, candles: pl.DataFrame) -> None:
        self._candles = candles

    def between(self, start: datetime, end: datetime) -> pl.DataFrame:
        return self._candles.filter((pl.col("ts") >= start) & (pl.col("ts") < end))

    def before(self, moment: datetime, count: int) -> pl.DataFrame:
        return self._candles.filter(pl.col("ts") < moment).tail(count)


def _frames() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The same candles in one piece and in two: arrays of the former can only be read."""
    whole = random_walk(_BARS, seed=1, timeframe=_TIMEFRAME)
    middle = _BARS // 2
    return whole, pl.concat([whole.head(middle), whole.tail(_BARS - middle)], rechunk=False)


def _derived() -> None:
    for candles in _frames():
        values = indicators.compute(candles, _TIMEFRAME)
        regimes.compute(candles, values, _TIMEFRAME)
        volume.detect(candles, _TIMEFRAME)
        volume_profiles(candles)
    bootstrap(np.arange(4.0), np.arange(4))


def _live() -> None:
    for candles in _frames():
        newest = candles.row(-1, named=True)
        state = DerivedState(0, _TIMEFRAME, _Frame(candles.head(-1)), newest["ts"])
        state.update(newest, lambda table, row: None)


def _chart_patterns() -> None:
    for candles in _frames():
        charts.detect(candles, _TIMEFRAME)
        charts.pivots(candles, _TIMEFRAME)
        state = ChartState.warm(candles.head(-1), _TIMEFRAME)
        state.update(SimpleNamespace(**candles.row(-1, named=True)))
        state.open_patterns()


def _scores() -> None:
    for candles in _frames():
        values = indicators.compute(candles, _TIMEFRAME)
        regime = regimes.compute(candles, values, _TIMEFRAME)
        found = charts.detect(candles, _TIMEFRAME)
        events = adapters.chart_events(found, candles, values, _TIMEFRAME, 0)
        beside = context(_TIMEFRAME, candles, {_TIMEFRAME: regime})
        scored = confidence(events, beside)
        confluence(events)
        signals(events, scored)
        outcomes(events, candles, _TIMEFRAME)
        last = events["known_at"][-1]
        state = SignalState.warm(
            events.filter(pl.col("known_at") < last), scored.filter(pl.col("known_at") < last)
        )
        newest = events.filter(pl.col("known_at") == last)
        state.update([PatternEvent.of(row) for row in newest.iter_rows(named=True)], {})


STEPS: Final[Mapping[str, Callable[[], None]]] = {
    "order books": levels.warm_up,
    "indicators, regimes and volume patterns": _derived,
    "the same in streams": _live,
    "chart patterns": _chart_patterns,
    "confidence, confluence, signals and outcomes": _scores,
}


def main() -> None:
    """Fill the disk; only one process of a user at a time, as the next one then finds all of it there."""
    end_if_refused()
    os.nice(10)  # whoever waits for it has other things to do
    lock = Path(tempfile.gettempdir()) / f"alphapulse-machine-code-{os.getuid()}.lock"
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        warm_up(lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
