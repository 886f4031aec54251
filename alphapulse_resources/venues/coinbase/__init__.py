"""Coinbase Advanced Trade, spot."""

from typing import Final

from alphapulse_resources.venues.coinbase import rest
from alphapulse_resources.venues.coinbase.frames import CoinbaseAdapter
from alphapulse_resources.venues.coinbase.streams import SPOT
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.venue import RestApi, Venue

COINBASE: Final = Venue(
    name="coinbase",
    kinds=frozenset({"spot"}),
    api=RestApi(
        ccxt_id="coinbase",
        host="api.coinbase.com",
        page_minutes=300,  # documented: fewer than 350
        sources=("rest",),
        buckets={"rest": "coinbase"},
        # 10 public requests per second and address, docs.cdp.coinbase.com, Advanced Trade "Rate limits"
        limits={"coinbase": Bucket(10, 1)},
        markets_path="/api/v3/brokerage/market/products",
        markets_weight=2,  # spot and futures
        candles=rest.CANDLES,
        errors=rest.ERRORS,
    ),
    adapter=CoinbaseAdapter(),
    markets={"spot": SPOT},
)
