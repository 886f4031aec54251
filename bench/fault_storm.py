"""Two thousand faults over live books of five markets: is a book that says it is right ever wrong?

`ALPHAPULSE_STORM_FAULTS` and `ALPHAPULSE_STORM_SEED` choose another storm.
"""

import asyncio
import os
from typing import Final

import numpy as np

from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_sim.process import SimulatorProcess
from bench.figures import Bar, Demand, Figure
from bench.storm import Storm, StormReport

FAULTS: Final = "ALPHAPULSE_STORM_FAULTS"
SEED: Final = "ALPHAPULSE_STORM_SEED"

SYMBOLS: Final = 6
"""Of each market."""
PER_SECOND: Final = 5.0
"""Faults; with 30 books each has one every six seconds, besides those of its connection."""

_NONE: Final = Bar(Demand.OURS_AT_MOST, 0)


def run() -> list[Figure]:
    """Wrong books, comparisons, and seconds until a book is proven again, by market."""
    warm_up()
    with SimulatorProcess(seed=11, extra=10) as simulator:
        storm = Storm(simulator, SYMBOLS, seed=int(os.environ.get(SEED, "1")))
        report = asyncio.run(storm.run(int(os.environ.get(FAULTS, "2000")), PER_SECOND))
    return figures(report)


def figures(report: StormReport) -> list[Figure]:
    """The report in figures; what is wrong is named, one by one."""
    for text in (*report.wrong, *report.unsynced):
        print(f"fault storm: {text}")
    counts = [
        Figure("fault storm, wrong books that said synced", "books", (len(report.wrong),), bar=_NONE),
        Figure("fault storm, books not synced at the end", "books", (len(report.unsynced),), bar=_NONE),
        Figure("fault storm, faults that struck", "faults", (report.struck.total(),)),
        Figure("fault storm, books compared with the truth", "books", (report.compared.total(),)),
        Figure("fault storm, longest silence of a synced book", "s", (report.longest_silence,)),
    ]
    everything = [seconds for group in report.to_resync.values() for seconds in group]
    for name, seconds in (*sorted(report.to_resync.items()), ("all markets", everything)):
        if seconds:
            counts.append(Figure(f"time to resync, median, {name} ({len(seconds)})", "s", tuple(seconds)))
            p99 = float(np.percentile(seconds, 99))
            counts.append(Figure(f"time to resync, p99, {name}", "s", (p99,)))
    return counts
