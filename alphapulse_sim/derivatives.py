"""What only perpetuals have: open interest, mark and index price, who is long. Pure functions of time.

Figures are ours: open interest around 20,000 typical trades, drifting smoothly and growing with the flow of
trades; accounts lean against the premium, the positions of the largest with it. Funding is in `funding`.
"""

from typing import Final

import numpy as np

from alphapulse_sim.hashing import Floats, Ints, key, noise
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import DAY, MINUTE
from alphapulse_sim.market import Market

_OI_TRADES: Final = 20_000.0
_WITH_FLOW: Final = 0.02  # part of the logarithm of activity that shows in open interest
_LEAN: Final = {"accounts": -40.0, "top_accounts": 10.0, "top_positions": 60.0}
"""How far each kind of long share moves with the premium, whose values are some ten-thousandths."""


def open_interest(market: Market, listing: Listing, at: Ints) -> Ints:
    """The open interest in lots at each time."""
    stream = (market.seed, "interest", listing.venue, listing.symbol)
    level = 0.3 * noise(key(*stream, "slow"), at, 20 * DAY)
    level += 0.05 * noise(key(*stream, "day"), at, DAY) + 0.01 * noise(key(*stream, "fast"), at, 5 * MINUTE)
    level += _WITH_FLOW * np.log(market.activity(listing.asset, at))
    base = _OI_TRADES * listing.notional / listing.price / listing.lot
    if listing.contract is not None:  # a lot is worth the same whatever the price
        base = _OI_TRADES * listing.notional / listing.contract / listing.lot
    return np.rint(base * np.exp(level)).astype(np.int64)


def mark_prices(market: Market, listing: Listing, at: Ints) -> Ints:
    """The mark price in units of 10^-8 at each time: the mid of the contract."""
    return np.rint(market.mid(listing, at) * 1e8).astype(np.int64)


def premiums(market: Market, listing: Listing, spot: Listing | None, at: Ints) -> Floats:
    """How far the mark is above the index, as a part of it."""
    values: Floats = market.mid(listing, at) / market.mid(spot or listing, at) - 1.0
    return values


def long_shares(market: Market, listing: Listing, spot: Listing | None, kind: str, at: Ints) -> Floats:
    """The part that is long at each time, of a kind of `_LEAN`: between 0.05 and 0.95."""
    stream = (market.seed, "long", listing.venue, listing.symbol, kind)
    share = 0.52 + 0.08 * noise(key(*stream, "slow"), at, 3 * DAY)
    share += 0.02 * noise(key(*stream, "fast"), at, 30 * MINUTE)
    share += _LEAN[kind] * premiums(market, listing, spot, at)
    return np.clip(share, 0.05, 0.95)
