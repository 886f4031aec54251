"""Kraken, spot. Symbols are those of its WebSocket v2, BTC/USD; REST calls the same XBTUSD."""

from datetime import timedelta
from typing import Final

from alphapulse_resources.venues.kraken import rest
from alphapulse_resources.venues.kraken.errors import ERRORS
from alphapulse_resources.venues.kraken.frames import KrakenAdapter
from alphapulse_resources.venues.kraken.streams import SPOT
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.venue import RestApi, Venue

KRAKEN: Final = Venue(
    name="kraken",
    kinds=frozenset({"spot"}),
    api=RestApi(
        ccxt_id="kraken",
        host="api.kraken.com",
        page_minutes=720,  # docs.kraken.com "Get OHLC Data": the newest 720 candles, whatever is asked for
        sources=("rest", "trades"),
        buckets={"rest": "kraken", "trades": "kraken"},
        # Kraken's support page on API rate limits: a public request a second and address is within the limits
        limits={"kraken": Bucket(15, 15)},
        markets_path="/0/public/AssetPairs",
        markets_weight=1,
        candles=rest.OHLC,
        errors=ERRORS,
        tape=rest.TRADES,
        # of the 720 the newest is forming, and minutes pass until a request is answered; ten of them (ours)
        reach={"rest": timedelta(minutes=710)},
        venue_symbol=rest.venue_symbol,
    ),
    adapter=KrakenAdapter(),
    markets={"spot": SPOT},
)
