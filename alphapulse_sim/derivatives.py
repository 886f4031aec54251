"""What only perpetuals have: funding, open interest, mark and index price. Pure functions of time.

Figures are ours: funding about +0.01 % in eight hours within +-0.05 %, open interest around 20,000 typical
trades, both drifting smoothly.
"""

from typing import Final

import numpy as np

from alphapulse_sim.hashing import Ints, key, noise
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import DAY, HOUR, MINUTE
from alphapulse_sim.market import Market

FUNDING_MS: Final = 8 * HOUR
RATE_DIGITS: Final = 8
_OI_TRADES: Final = 20_000.0


def funding_rates(market: Market, listing: Listing, settled: Ints) -> Ints:
    """The funding rate settled at each time (multiples of eight hours), in units of 10^-8; signed."""
    stream = (market.seed, "funding", listing.venue, listing.symbol)
    slow = noise(key(*stream, "slow"), settled, 10 * DAY)
    fast = noise(key(*stream, "fast"), settled, FUNDING_MS)
    return np.rint(10_000 + 25_000 * slow + 12_000 * fast).astype(np.int64)


def funding_text(rate: int) -> str:
    """A rate of `funding_rates` as venues print it."""
    sign = "-" if rate < 0 else ""
    return f"{sign}0.{abs(rate):0{RATE_DIGITS}d}"


def open_interest(market: Market, listing: Listing, at: Ints) -> Ints:
    """The open interest in lots at each time."""
    stream = (market.seed, "interest", listing.venue, listing.symbol)
    level = 0.3 * noise(key(*stream, "slow"), at, 20 * DAY)
    level += 0.05 * noise(key(*stream, "day"), at, DAY) + 0.01 * noise(key(*stream, "fast"), at, 5 * MINUTE)
    base = _OI_TRADES * listing.notional / listing.price / listing.lot
    return np.rint(base * np.exp(level)).astype(np.int64)


def mark_prices(market: Market, listing: Listing, at: Ints) -> Ints:
    """The mark price in units of 10^-8 at each time: the mid of the contract."""
    return np.rint(market.mid(listing, at) * 1e8).astype(np.int64)


def index_prices(market: Market, listing: Listing, spot: Listing | None, at: Ints) -> Ints:
    """The index price in units of 10^-8: the spot mid, or the contract's own where there is no spot."""
    return mark_prices(market, spot or listing, at)
