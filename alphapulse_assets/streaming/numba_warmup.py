"""All machine code, made ready before it is needed: made once (a minute or two), later read from disk.

Each data set's step runs what batch and stream run, over made-up bars: numba compiles for the kinds of
arrays it is given, so these must be of the same kinds. `python -m alphapulse_assets.streaming.numba_warmup`
does all of it and prints a line for each step, so that the processes that come after it find it on disk.
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
from typing import Final

import polars as pl

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.patterns.chart.rates import random_walk
from alphapulse_assets.registry import DATASETS
from alphapulse_assets.streaming.derived_rows import DerivedState
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
        for candles in _frames():
            step(candles, _TIMEFRAME)
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
    """Bars in memory, as `derived_rows.BarSource`."""

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


def _live(candles: pl.DataFrame, timeframe: str) -> None:
    newest = Bar.of(candles.row(-1, named=True))
    state = DerivedState(0, timeframe, _Frame(candles.head(-1)), newest.ts)
    state.update(newest, lambda table, row: None)


STEPS: Final[Mapping[str, Callable[[pl.DataFrame, str], object]]] = {
    **{dataset.name: dataset.warm_up for dataset in DATASETS if dataset.warm_up is not None},
    "live indicators, regimes and volume patterns": _live,
}
"""What runs compiled code: of each data set in the order of the registry, then what streams put together."""


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
