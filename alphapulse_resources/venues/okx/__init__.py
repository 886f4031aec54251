"""OKX: perpetual swaps over REST, linear and inverse: contracts of an amount of the base, or of dollars."""

from typing import Final

from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.okx import rest
from alphapulse_resources.venues.okx.errors import ERRORS
from alphapulse_resources.venues.okx.futures import FUTURES
from alphapulse_resources.venues.okx.past import PAST
from alphapulse_resources.venues.venue import RestApi, Venue

OKX: Final = Venue(
    name="okx",
    kinds=frozenset({"perpetual"}),
    api=RestApi(
        ccxt_id="okx",
        host="www.okx.com",
        page_minutes=300,  # the documented maximum
        sources=("rest",),
        buckets={"rest": "okx"},
        # okx.com/docs-v5 limits each path for itself: to 20 requests in 2 seconds of an address, statistics
        # to 5 and the history of open interest to 10 for each instrument. One budget for all paths, and
        # those of an instrument for all of them, are stricter (ours): one symbol alone may be filled.
        limits={"okx": Bucket(20, 2), "okx_statistics": Bucket(5, 2), "okx_interest": Bucket(10, 2)},
        markets_path="/api/v5/public/instruments",
        markets_weight=1,
        candles=rest.HISTORY,
        recent=rest.NEWEST,
        recent_reach=rest.NEWEST_REACH,
        ccxt_options={"fetchMarkets": {"types": ["swap"]}},
        errors=ERRORS,
    ),
    futures=FUTURES,
    past=PAST,
)
