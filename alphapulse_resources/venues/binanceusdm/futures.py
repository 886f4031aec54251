"""What Binance's USD-M futures say beside candles, and what that costs. Pure: no I/O."""

from typing import Final

from alphapulse_resources.venues.binance.futures import futures_api
from alphapulse_resources.venues.binance.past import flow_past, funding_past, interest_past, ratios_past
from alphapulse_resources.venues.error_rules import SYMBOL, Rule
from alphapulse_resources.venues.futures_past import FuturesPast
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.model import ErrorKind

LIMITS: Final = {
    # "IP rate limit 1000 requests/5min", developers.binance.com, USD-M "Open Interest Statistics"
    "binanceusdm-data": Bucket(1000, 300),
    # "share 500/5min/IP", developers.binance.com, USD-M "Get Funding Rate Info"
    "binanceusdm-funding": Bucket(500, 300),
}
FUTURES: Final = futures_api(
    "/fapi/v1", "binanceusdm", "binanceusdm-data", "binanceusdm-funding", whole_venue=True
)
PAST: Final = FuturesPast(
    funding=funding_past("/fapi/v1", "binanceusdm", "binanceusdm-funding"),
    open_interest=interest_past("binanceusdm", "binanceusdm-data"),
    ratios=ratios_past("binanceusdm", "binanceusdm-data"),
    flow=flow_past("binanceusdm", "binanceusdm-data"),
    archives="data/futures/um",
)
ERRORS: Final = (
    # developers.binance.com, "Error Code": -1121 INVALID_SYMBOL, -4108 a symbol that is being delivered,
    # settled or closed, -4144 INVALID_PAIR
    Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL, codes=frozenset({"-1121", "-4108", "-4144"})),
)
