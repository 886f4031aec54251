"""The venues the project knows, one line each; what each of them is stands in its folder. No I/O."""

from collections.abc import Mapping
from typing import Final

from alphapulse_resources.venues.binance import BINANCE
from alphapulse_resources.venues.binancecoinm import BINANCE_COIN_M
from alphapulse_resources.venues.binanceus import BINANCE_US
from alphapulse_resources.venues.binanceusdm import BINANCE_USD_M
from alphapulse_resources.venues.bybit import BYBIT
from alphapulse_resources.venues.coinbase import COINBASE
from alphapulse_resources.venues.kraken import KRAKEN
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.okx import OKX
from alphapulse_resources.venues.venue import Venue

ALL: Final[tuple[Venue, ...]] = (
    BINANCE,
    BINANCE_USD_M,
    BYBIT,
    COINBASE,
    BINANCE_US,
    KRAKEN,
    BINANCE_COIN_M,
    OKX,
)
"""New ones come last: partitions are in this order."""

YAHOO_HOST: Final = "query2.finance.yahoo.com"

VENUES: Final[Mapping[str, Venue]] = {venue.name: venue for venue in ALL if venue.api is not None}
"""By name: those that are asked for candles."""

BUCKETS: Final[Mapping[str, Bucket]] = {
    **{name: bucket for venue in VENUES.values() for name, bucket in venue.rest.limits.items()},
    # no published limit; 1 per second is ours
    "yahoo": Bucket(60, 60),
}


def find_venue(name: str) -> Venue:
    """The venue of that name; `ValueError` names the known ones."""
    try:
        return VENUES[name]
    except KeyError:
        raise ValueError(f"unknown venue {name!r}: use one of {', '.join(VENUES)}") from None


def find_bucket(venue: str, source: str = "rest") -> Bucket:
    """The budget from which requests to a source of a venue are paid."""
    return BUCKETS[find_venue(venue).rest.buckets[source]]
