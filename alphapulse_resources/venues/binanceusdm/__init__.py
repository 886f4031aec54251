"""Binance's USD-M futures: Binance's words, hosts and limits of their own."""

import re
from typing import Final

from alphapulse_resources.streams.protocols import Channel, Route
from alphapulse_resources.venues.binance import rest
from alphapulse_resources.venues.binance.archive import ARCHIVE, ARCHIVE_LIMITS, publisher
from alphapulse_resources.venues.binance.frames import BinanceAdapter
from alphapulse_resources.venues.binance.streams import protocol
from alphapulse_resources.venues.binanceusdm.futures import ERRORS, FUTURES, LIMITS, PAST
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.venue import RestApi, RestBook, Venue
from alphapulse_resources.venues.wire import Wire, list_opened

_NAME: Final = re.compile(r"([A-Z0-9]+?)(USDT|USDC|BUSD|BTC)(?:_(\d{6}))?")


def _weight(minutes: int) -> float:
    """By limit: below 100, 500, up to 1000, above (developers.binance.com, USD-M "Kline data")."""
    if minutes < 100:
        return 1
    if minutes < 500:
        return 2
    return 5 if minutes <= 1000 else 10


def _unified(venue_symbol: str) -> str | None:
    found = _NAME.fullmatch(venue_symbol)
    return found and f"{found[1]}/{found[2]}:{found[2]}" + (f"-{found[3]}" if found[3] else "")


_KLINES: Final = Wire(
    "fapiPublicGetKlines",
    lambda _: "/fapi/v1/klines",
    rest.params,
    rest.rows,
    list_opened,
    rest.read,
    _weight,
    longer=rest.longer,
)

# developers.binance.com, USD-M "Order Book"
_BOOKS: Final = RestBook(
    "fapiPublicGetDepth",
    "/fapi/v1/depth",
    lambda limit: limit in (5, 10, 20, 50, 100, 500, 1000),
    "5, 10, 20, 50, 100, 500 or 1000",
    ((50, 2), (100, 5), (500, 10), (1000, 20)),
    rest.levels,
)

# traffic is split by path since 2026-04-23; 10 messages a second, and 200 streams by the stricter of two
# figures in Binance's documentation (the other is 1024)
_LINEAR: Final = protocol(
    "binanceusdm",
    Route("wss://fstream.binance.com/public/stream", frozenset({Channel.DEPTH})),
    Route(
        "wss://fstream.binance.com/market/stream",
        frozenset({Channel.TRADES, Channel.CANDLES, Channel.LIQUIDATIONS}),
    ),
    most_streams=200,
    request_seconds=0.15,
)

BINANCE_USD_M: Final = Venue(
    name="binanceusdm",
    kinds=frozenset({"perpetual", "future"}),
    api=RestApi(
        ccxt_id="binanceusdm",
        host="fapi.binance.com",
        page_minutes=499,  # weighs 2: 0.0040 a candle, 0.0050 at 1000
        sources=("archive", "rest"),
        buckets={"archive": ARCHIVE, "rest": "binanceusdm"},
        # exchangeInfo.rateLimits REQUEST_WEIGHT 2400 per minute, developers.binance.com, "General info"
        limits={"binanceusdm": Bucket(2400, 60), **LIMITS, **ARCHIVE_LIMITS},
        markets_path="/fapi/v1/exchangeInfo",
        markets_weight=1,
        candles=_KLINES,
        ccxt_options={"fetchMarkets": {"types": ["linear"]}},
        errors=ERRORS,
        used_weight=rest.used_weight,
        archive=publisher("data/futures/um"),
        books=_BOOKS,
    ),
    adapter=BinanceAdapter("binanceusdm", futures=True, unified=_unified),
    markets={"perpetual": _LINEAR, "future": _LINEAR},
    futures=FUTURES,
    past=PAST,
)
