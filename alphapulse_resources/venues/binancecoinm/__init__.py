"""Binance's COIN-M futures: their streams only, so that recordings of them can be replayed."""

import re
from typing import Final

from alphapulse_resources.streams.protocols import Route
from alphapulse_resources.venues.binance.frames import BinanceAdapter
from alphapulse_resources.venues.binance.streams import FUTURES, protocol
from alphapulse_resources.venues.venue import Venue

_NAME: Final = re.compile(r"([A-Z0-9]+?)USD_(PERP|\d{6})")


def _unified(venue_symbol: str) -> str | None:
    found = _NAME.fullmatch(venue_symbol)
    ends = "" if found is None or found[2] == "PERP" else f"-{found[2]}"
    return found and f"{found[1]}/USD:{found[1]}{ends}"


# as documented: not split by path
_INVERSE: Final = protocol(
    "binancecoinm",
    Route("wss://dstream.binance.com/stream", FUTURES),
    most_streams=200,
    request_seconds=0.15,
)

BINANCE_COIN_M: Final = Venue(
    name="binancecoinm",
    kinds=frozenset({"perpetual", "future"}),
    adapter=BinanceAdapter("binancecoinm", futures=True, in_contracts=True, unified=_unified),
    markets={"perpetual": _INVERSE, "future": _INVERSE},
    inverse=True,
)
