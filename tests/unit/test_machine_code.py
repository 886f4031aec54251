"""After the warm-up nothing is compiled any more: neither batch nor stream waits for machine code."""

import asyncio
import subprocess
import sys
from pathlib import Path

import polars as pl
import psutil
import pytest

from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.patterns.chart import batch as charts
from alphapulse_assets.patterns.events import adapters
from alphapulse_assets.patterns.events.model import CONFIRMED
from alphapulse_assets.streaming import numba_warmup as machine_code

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import gc, sys
from pathlib import Path
from numba.core.dispatcher import Dispatcher
from alphapulse_assets.streaming.numba_warmup import _Frame, warm_up
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.streaming.derived_rows import DerivedState
from alphapulse_assets.patterns.events import adapters
from alphapulse_assets.patterns.chart import batch as charts
from alphapulse_assets.patterns.chart.live import ChartState
from alphapulse_assets.patterns.scoring.confidence import confidence
from alphapulse_assets.patterns.scoring.confluence import confluence
from alphapulse_assets.patterns.scoring.context import context
from alphapulse_assets.patterns.evaluation.outcomes import outcomes
from alphapulse_assets.patterns.signals.batch import signals
from alphapulse_assets.regime import batch as regimes
from alphapulse_assets.volume import batch as volume
from alphapulse_assets.volume.profile import volume_profiles
from tests.unit.indicator_support import real_candles

def made():
    found = [each for each in gc.get_objects() if isinstance(each, Dispatcher)]
    return {each.py_func.__module__ + "." + each.py_func.__qualname__: len(each.signatures) for each in found}

warm_up(lambda line: None)
before = made()
candles = real_candles(Path(sys.argv[1]), "5m")
values = indicators.compute(candles, "5m")
regime = regimes.compute(candles, values, "5m")
volume.detect(candles, "5m")
volume_profiles(candles.tail(2000))
events = adapters.chart_events(charts.detect(candles, "5m"), candles, values, "5m", 1)
signals(events, confidence(events, context("5m", candles, {"5m": regime})))
confluence(events)
outcomes(events, candles, "5m")
half = candles.height // 2
state = DerivedState(1, "5m", _Frame(candles.head(half)), candles["ts"][half])
chart = ChartState.warm(candles.head(half), "5m")
for row in candles.slice(half, 50).iter_rows(named=True):
    state.update(Bar.of(row), lambda table, row: None)
later = {name: count for name, count in made().items() if count > before.get(name, 0)}
print(events.height > 0, sum(before.values()) > 10, later)
"""


@pytest.mark.slow
def test_real_bars_need_no_machine_code_that_the_warm_up_did_not_make(shared_data: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(shared_data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert told.stdout.split("\n")[0] == "True True {}", told.stdout + told.stderr


def test_made_up_bars_have_patterns_and_signals_to_score() -> None:
    for candles in machine_code._frames():
        found = charts.detect(candles, machine_code._TIMEFRAME)
        values = indicators.compute(candles, machine_code._TIMEFRAME)
        events = adapters.chart_events(found, candles, values, machine_code._TIMEFRAME, 0)
        assert events.filter(pl.col("stage") == CONFIRMED).height
        assert events["known_at"].n_unique() > 1


@pytest.mark.slow
def test_another_process_makes_it_and_tells_of_it() -> None:
    lines: list[str] = []
    asyncio.run(machine_code.prepare(lines.append))
    assert lines[-1].startswith("machine code is ready after")


def test_whoever_is_cancelled_leaves_no_process_behind() -> None:
    before = {process.pid for process in psutil.Process().children()}  # of other tests: a database server

    def started() -> list[psutil.Process]:
        return [process for process in psutil.Process().children() if process.pid not in before]

    async def main() -> None:
        task = asyncio.create_task(machine_code.prepare(lambda line: None))
        async with asyncio.timeout(30):
            while not started():
                await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert not started()


def test_a_process_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = (sys.executable, "-c", "raise SystemExit('the disk is full')")
    monkeypatch.setattr(machine_code, "COMMAND", broken)
    with pytest.raises(RuntimeError, match="the disk is full"):
        asyncio.run(machine_code.prepare(lambda line: None))
