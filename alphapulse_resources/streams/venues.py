"""The venues' streams, from their folders: which adapter speaks for which venue, which market serves what."""

from collections.abc import Mapping
from typing import Final

from alphapulse_resources.streams.messages import StreamAdapter
from alphapulse_resources.streams.protocols import StreamProtocol
from alphapulse_resources.venues.registry import ALL

ADAPTERS: Final[Mapping[str, StreamAdapter]] = {
    venue.name: venue.adapter for venue in ALL if venue.adapter is not None
}
"""Adapters by venue name."""

PROTOCOLS: Final[Mapping[str, StreamProtocol]] = {
    protocol.market: protocol for venue in ALL for protocol in venue.markets.values()
}
"""Protocols by market."""

INVERSE: Final = frozenset(venue.name for venue in ALL if venue.inverse)
"""Venues whose sizes are contracts of a fixed quote value."""

_MARKETS: Final = {(venue.name, kind): each.market for venue in ALL for kind, each in venue.markets.items()}


def market_of(venue: str, kind: str) -> str | None:
    """The market of an instrument's `venue` and `kind` (spot, perpetual, future); None: it has no stream."""
    return _MARKETS.get((venue, kind))
