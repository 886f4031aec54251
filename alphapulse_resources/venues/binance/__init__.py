"""Binance, spot. Its futures are venues of their own, beside it."""

from typing import Final

from alphapulse_resources.streams.protocols import Route
from alphapulse_resources.streams.symbols import spot_pair
from alphapulse_resources.venues.binance import rest
from alphapulse_resources.venues.binance.archive import ARCHIVE, ARCHIVE_LIMITS, publisher
from alphapulse_resources.venues.binance.frames import BinanceAdapter
from alphapulse_resources.venues.binance.streams import CHANNELS, protocol
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.venue import Mirror, RestApi, RestBook, Venue
from alphapulse_resources.venues.wire import Wire, list_opened

_KLINES: Final = Wire(
    "publicGetKlines",
    lambda _: "/api/v3/klines",
    rest.params,
    rest.rows,
    list_opened,
    rest.read,
    lambda _: 2,  # whatever the limit: developers.binance.com, spot "Kline data"
    longer=rest.longer,
)

# developers.binance.com, spot "Order book"
_BOOKS: Final = RestBook(
    "publicGetDepth",
    "/api/v3/depth",
    lambda limit: 1 <= limit <= 5000,
    "1 to 5000",
    ((100, 5), (500, 25), (1000, 50), (5000, 250)),
    rest.levels,
)

# developers.binance.com, spot "WebSocket Streams": 1024 streams, 5 messages a second with pings and pongs
_SPOT: Final = protocol(
    "binance",
    Route("wss://stream.binance.com:9443/stream", CHANNELS),
    most_streams=1024,
    request_seconds=0.3,
)

BINANCE: Final = Venue(
    name="binance",
    kinds=frozenset({"spot"}),
    api=RestApi(
        ccxt_id="binance",
        host="api.binance.com",
        page_minutes=1000,  # the documented maximum; any size weighs 2
        sources=("archive", "rest", "mirror"),
        buckets={"archive": ARCHIVE, "rest": "binance", "mirror": "binance-mirror"},
        limits={
            # exchangeInfo.rateLimits REQUEST_WEIGHT 6000 per minute, developers.binance.com, spot "Limits"
            "binance": Bucket(6000, 60),
            # the market-data-only host counts by itself; the same documented figure
            "binance-mirror": Bucket(6000, 60),
            **ARCHIVE_LIMITS,
        },
        markets_path="/api/v3/exchangeInfo",
        markets_weight=20,  # documented weight of exchangeInfo
        candles=_KLINES,
        ccxt_options={"fetchMarkets": {"types": ["spot"]}},
        used_weight=rest.used_weight,
        mirror=Mirror("data-api.binance.vision", "public", "/api/v3"),
        archive=publisher("data/spot"),
        books=_BOOKS,
    ),
    adapter=BinanceAdapter("binance", futures=False, unified=spot_pair),
    markets={"spot": _SPOT},
)
