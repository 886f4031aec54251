"""A storm of faults over live books of five markets: no book is wrong and says that it is right.

`ALPHAPULSE_STORM_SEED` chooses another storm. The long one is `python -m bench fault_storm`.
"""

import asyncio
import os

from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_sim.process import SimulatorProcess
from bench.fault_storm import SEED
from bench.storm import Storm
from bench.storm_faults import MARKETS, NAMES

FAULTS = 120
PER_SECOND = 6.0
SYMBOLS = 5


def test_no_book_that_says_it_is_synced_is_wrong_and_all_are_synced_after_the_storm() -> None:
    warm_up()
    with SimulatorProcess(seed=11, extra=10) as simulator:
        storm = Storm(simulator, SYMBOLS, seed=int(os.environ.get(SEED, "1")))
        report = asyncio.run(storm.run(FAULTS, PER_SECOND))
    assert report.wrong == []
    assert report.unsynced == []
    assert report.raised.keys() == NAMES
    assert report.struck.total() > 0.9 * FAULTS
    assert report.compared.keys() == MARKETS.keys()
    assert all(report.to_resync[market] for market in MARKETS)  # there was something to mend everywhere
