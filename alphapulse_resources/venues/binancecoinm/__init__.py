"""Binance's COIN-M futures: contracts of 100 or 10 dollars that settle in the coin."""

import re
from typing import Final

from alphapulse_resources.streams.protocols import Route
from alphapulse_resources.venues.binance import rest
from alphapulse_resources.venues.binance.frames import BinanceAdapter
from alphapulse_resources.venues.binance.streams import CONTRACTS, protocol
from alphapulse_resources.venues.binancecoinm.futures import FUTURES, PAST
from alphapulse_resources.venues.binanceusdm.futures import ERRORS
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.venue import RestApi, RestBook, Venue
from alphapulse_resources.venues.wire import Wire, list_opened

_NAME: Final = re.compile(r"([A-Z0-9]+?)USD_(PERP|\d{6})")


def _unified(venue_symbol: str) -> str | None:
    found = _NAME.fullmatch(venue_symbol)
    ends = "" if found is None or found[2] == "PERP" else f"-{found[2]}"
    return found and f"{found[1]}/USD:{found[1]}{ends}"


def _weight(minutes: int) -> float:
    """By limit: below 100, 500, up to 1000, above (developers.binance.com, COIN-M "Kline data")."""
    if minutes < 100:
        return 1
    if minutes < 500:
        return 2
    return 5 if minutes <= 1000 else 10


# of klines the volume is contracts, the eighth field what they were in the base
_KLINES: Final = Wire(
    "dapiPublicGetKlines",
    lambda _: "/dapi/v1/klines",
    rest.params,
    rest.rows,
    list_opened,
    rest.read_contracts,
    _weight,
)

# developers.binance.com, COIN-M "Order Book"
_BOOKS: Final = RestBook(
    "dapiPublicGetDepth",
    "/dapi/v1/depth",
    lambda limit: limit in (5, 10, 20, 50, 100, 500, 1000),
    "5, 10, 20, 50, 100, 500 or 1000",
    ((50, 2), (100, 5), (500, 10), (1000, 20)),
    rest.levels,
)

# as documented: not split by path
_INVERSE: Final = protocol(
    "binancecoinm",
    Route("wss://dstream.binance.com/stream", CONTRACTS),
    most_streams=200,
    request_seconds=0.15,
)

BINANCE_COIN_M: Final = Venue(
    name="binancecoinm",
    kinds=frozenset({"perpetual", "future"}),
    api=RestApi(
        ccxt_id="binancecoinm",
        host="dapi.binance.com",
        page_minutes=499,  # weighs 2
        sources=("rest",),  # the bulk files' volumes are contracts, whose size a file does not tell
        buckets={"rest": "binancecoinm"},
        # the stricter of two figures in Binance's documentation, exchangeInfo.rateLimits (the other is 6000)
        limits={"binancecoinm": Bucket(2400, 60)},
        markets_path="/dapi/v1/exchangeInfo",
        markets_weight=1,
        candles=_KLINES,
        ccxt_options={"fetchMarkets": {"types": ["inverse"]}},
        errors=ERRORS,
        used_weight=rest.used_weight,
        books=_BOOKS,
    ),
    adapter=BinanceAdapter("binancecoinm", futures=True, in_contracts=True, unified=_unified),
    markets={"perpetual": _INVERSE, "future": _INVERSE},
    inverse=True,
    futures=FUTURES,
    past=PAST,
)
