"""The venues the project knows: hosts, rate limits, page sizes and sources. Data only, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SHARE: Final = 0.8
"""Part of a venue's limit that all our processes together may use (ours); the rest is for people."""

BURST: Final = 0.1
"""Part of a venue's limit that may be used at once after a quiet time (ours); part of `SHARE`."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One request budget of a venue: `limit` units of weight in any `period` seconds.

    GCRA lets through at most `rate * t + burst` in any stretch of t seconds, so with these two figures
    no period ever sees more than `SHARE * limit`.
    """

    limit: float
    period: float

    @property
    def rate(self) -> float:
        """Weight per second that may be used for ever."""
        return (SHARE - BURST) * self.limit / self.period

    @property
    def burst(self) -> float:
        """Weight that may be used at once; at least one request."""
        return max(1.0, BURST * self.limit)


BUCKETS: Final[Mapping[str, Bucket]] = {
    # exchangeInfo.rateLimits REQUEST_WEIGHT 6000 per minute, developers.binance.com, spot "Limits"
    "binance": Bucket(6000, 60),
    # the market-data-only host counts by itself; the same documented figure
    "binance-mirror": Bucket(6000, 60),
    # exchangeInfo.rateLimits REQUEST_WEIGHT 2400 per minute, developers.binance.com, USD-M "General info"
    "binanceusdm": Bucket(2400, 60),
    # 600 requests per 5 seconds and address, bybit-exchange.github.io v5 "Rate limit rules"
    "bybit": Bucket(600, 5),
    # 10 public requests per second and address, docs.cdp.coinbase.com, Advanced Trade "Rate limits"
    "coinbase": Bucket(10, 1),
    # static files without a published limit; 20 per second is ours, to stay polite
    "binance-archive": Bucket(20, 1),
    # no published limit; 1 per second is ours
    "yahoo": Bucket(60, 60),
}


@dataclass(frozen=True, slots=True)
class Venue:
    """What has to be known of a venue to ask it for markets and candles."""

    ccxt_id: str
    kinds: frozenset[str]
    host: str
    page_minutes: int  # candles asked for in one REST request
    sources: tuple[str, ...]  # in the order in which they are tried
    buckets: Mapping[str, str]  # source -> name in BUCKETS
    markets_path: str
    markets_weight: float  # what all requests of one load_markets cost together
    ccxt_options: Mapping[str, Any] = field(default_factory=dict)
    mirror_host: str | None = None
    archive_prefix: str | None = None  # path on ARCHIVE_HOST before `monthly/` and `daily/`


ARCHIVE_HOST: Final = "data.binance.vision"
YAHOO_HOST: Final = "query2.finance.yahoo.com"

VENUES: Final[Mapping[str, Venue]] = {
    "binance": Venue(
        ccxt_id="binance",
        kinds=frozenset({"spot"}),
        host="api.binance.com",
        page_minutes=1000,  # the documented maximum; any size weighs 2
        sources=("archive", "rest", "mirror"),
        buckets={"archive": "binance-archive", "rest": "binance", "mirror": "binance-mirror"},
        markets_path="/api/v3/exchangeInfo",
        markets_weight=20,  # documented weight of exchangeInfo
        ccxt_options={"fetchMarkets": {"types": ["spot"]}},
        mirror_host="data-api.binance.vision",
        archive_prefix="data/spot",
    ),
    "binanceusdm": Venue(
        ccxt_id="binanceusdm",
        kinds=frozenset({"perpetual", "future"}),
        host="fapi.binance.com",
        page_minutes=499,  # weighs 2: 0.0040 a candle, 0.0050 at 1000
        sources=("archive", "rest"),
        buckets={"archive": "binance-archive", "rest": "binanceusdm"},
        markets_path="/fapi/v1/exchangeInfo",
        markets_weight=1,
        ccxt_options={"fetchMarkets": {"types": ["linear"]}},
        archive_prefix="data/futures/um",
    ),
    "bybit": Venue(
        ccxt_id="bybit",
        kinds=frozenset({"spot", "perpetual", "future"}),
        host="api.bybit.com",
        page_minutes=1000,  # the documented maximum
        sources=("rest",),
        buckets={"rest": "bybit"},
        markets_path="/v5/market/instruments-info",
        markets_weight=5,  # spot, linear, linear pre-launch and what a cursor adds
        ccxt_options={"fetchMarkets": {"types": ["spot", "linear"]}},
    ),
    "coinbase": Venue(
        ccxt_id="coinbase",
        kinds=frozenset({"spot"}),
        host="api.coinbase.com",
        page_minutes=300,  # documented: fewer than 350
        sources=("rest",),
        buckets={"rest": "coinbase"},
        markets_path="/api/v3/brokerage/market/products",
        markets_weight=2,  # spot and futures
    ),
}
"""By ccxt id, which is also the name of the venue in `Instrument.venue`."""


def find_venue(name: str) -> Venue:
    """The venue of that name; `ValueError` names the known ones."""
    try:
        return VENUES[name]
    except KeyError:
        raise ValueError(f"unknown venue {name!r}: use one of {', '.join(VENUES)}") from None
