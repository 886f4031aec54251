"""Bybit: spot and linear contracts, where the same symbol may exist in both."""

from typing import Final

from alphapulse_resources.venues.bybit import rest
from alphapulse_resources.venues.bybit.errors import ERRORS
from alphapulse_resources.venues.bybit.frames import BybitAdapter
from alphapulse_resources.venues.bybit.futures import FUTURES
from alphapulse_resources.venues.bybit.past import PAST
from alphapulse_resources.venues.bybit.streams import CONTRACTS, protocol
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.venue import RestApi, Venue

# documented: no limit but the characters
_LINEAR: Final = protocol("linear", most_batched=50, channels=CONTRACTS)

BYBIT: Final = Venue(
    name="bybit",
    kinds=frozenset({"spot", "perpetual", "future"}),
    api=RestApi(
        ccxt_id="bybit",
        host="api.bybit.com",
        page_minutes=1000,  # the documented maximum
        sources=("rest",),
        buckets={"rest": "bybit"},
        # 600 requests per 5 seconds and address, bybit-exchange.github.io v5 "Rate limit rules"
        limits={"bybit": Bucket(600, 5)},
        markets_path="/v5/market/instruments-info",
        markets_weight=5,  # spot, linear, linear pre-launch and what a cursor adds
        candles=rest.KLINES,
        ccxt_options={"fetchMarkets": {"types": ["spot", "linear"]}},
        errors=ERRORS,
        used_weight=rest.used_weight,
        reset_seconds=rest.reset_seconds,
    ),
    adapter=BybitAdapter(),
    markets={
        "spot": protocol("spot", most_batched=10),  # documented: 10 args in a request
        "perpetual": _LINEAR,
        "future": _LINEAR,
    },
    futures=FUTURES,
    past=PAST,
)
