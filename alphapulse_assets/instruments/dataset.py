"""Instruments as a data set: the dimension that every fact refers to."""

from typing import Final

from alphapulse_assets.datasets.dataset import Dataset

INSTRUMENTS: Final = Dataset(
    name="instruments",
    description="Tracked symbols with the venue's own name, tick and lot size, listing and delisting "
    "times.\n\n"
    "Symbols come and go at run time: `alphapulse symbols add`, the job `track_symbols`, or "
    "`SELECT track_symbol('binance', 'BTC/USDT')`.",
    group="instruments",
    relations=["instruments"],
    fetched_from="venues",
    kinds=frozenset({"python", "postgres"}),
    layer="reference",
)
DATASETS: Final = (INSTRUMENTS,)
