"""What Binance's COIN-M futures say beside candles. Pure: no I/O.

Fields: developers.binance.com, COIN-M "Index Price and Mark Price", "Open Interest", "Get Funding Rate
History". Open interest is in contracts, funding is told by symbol. Ratios and flow are of a pair, over all
its contracts, and so of none of them: they are left out.
"""

from typing import Final

from alphapulse_resources.venues.binance.futures import futures_api
from alphapulse_resources.venues.binance.past import funding_past
from alphapulse_resources.venues.futures_past import FuturesPast

PAST: Final = FuturesPast(
    funding=funding_past("/dapi/v1", "binancecoinm", "binancecoinm"),
    open_interest=None,  # units and labels of its histories are documented nowhere
)
FUTURES: Final = futures_api("/dapi/v1", "binancecoinm", "binancecoinm", "binancecoinm", whole_venue=False)
