"""Which channels of a market are subscribed to, by the data sets that are wanted of its streams. Pure.

A channel that no data set asks for is subscribed to nowhere, also where a market has it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from alphapulse_resources.streams.protocols import Channel

FED_BY: Final[Mapping[str, frozenset[Channel]]] = {
    "order_book_snapshots": frozenset({Channel.DEPTH}),
    "order_book_depth": frozenset({Channel.DEPTH}),
    "liquidity_zones": frozenset({Channel.DEPTH}),
    "whale_activities": frozenset({Channel.DEPTH, Channel.TRADES}),
    "trades_1s": frozenset({Channel.TRADES}),
    "ohlcv_1m": frozenset({Channel.CANDLES}),
    "liquidity_sweeps": frozenset({Channel.CANDLES}),
    "liquidations": frozenset({Channel.LIQUIDATIONS}),
}
"""The data sets that streams make, and the channels that each is made of."""

STREAMED: Final = frozenset(FED_BY)


def wanted_channels(datasets: Iterable[str], available: frozenset[Channel]) -> frozenset[Channel]:
    """What to subscribe to at a market that has the `available` channels; trades stand in for candles.

    Raises `ValueError` for a data set that streams do not make.
    """
    wanted: set[Channel] = set()
    for dataset in datasets:
        if dataset not in FED_BY:
            raise ValueError(f"streams make no data set {dataset!r}: use some of {', '.join(FED_BY)}")
        wanted |= FED_BY[dataset]
    if Channel.CANDLES in wanted - available:
        wanted.add(Channel.TRADES)
    return frozenset(wanted) & available
