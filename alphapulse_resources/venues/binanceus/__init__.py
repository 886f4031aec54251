"""Binance's market for the United States: its streams only, so that recordings of it can be replayed."""

from typing import Final

from alphapulse_resources.streams.protocols import Route
from alphapulse_resources.streams.symbols import spot_pair
from alphapulse_resources.venues.binance.frames import BinanceAdapter
from alphapulse_resources.venues.binance.streams import CHANNELS, protocol
from alphapulse_resources.venues.venue import Venue

# not verified: taken to have the limits of binance.com
_SPOT: Final = protocol(
    "binanceus",
    Route("wss://stream.binance.us:9443/stream", CHANNELS),
    most_streams=1024,
    request_seconds=0.3,
)

BINANCE_US: Final = Venue(
    name="binanceus",
    kinds=frozenset({"spot"}),
    adapter=BinanceAdapter("binanceus", futures=False, unified=spot_pair),
    markets={"spot": _SPOT},
)
