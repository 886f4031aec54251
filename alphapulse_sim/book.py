"""The order book: a pure function of (seed, listing, tick of 100 ms), made to lie around the trades' prices.

Levels stand on a fixed price grid and each keeps its size for a while, so two neighbouring ticks differ in a
few levels: what a diff stream needs.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from alphapulse_sim.hashing import Ints, below, key, normal
from alphapulse_sim.instruments import Listing
from alphapulse_sim.market import Market

TICK_MS: Final = 100
LEVELS: Final = 1500  # price grid points looked at on each side
_FAR_LEVELS: Final = 250  # and beyond them, where people place round prices: up to 4 % of the price
_FAR_SPACING: Final = 10  # grid points between those
_SPACING: Final = 1e-5  # of the price, between grid points
_EMPTY_PER_MILLE: Final = 200  # grid points without an order
_LIVES: Final = (5, 60)  # ticks for which a level keeps its size
_DEPTH: Final = 4.0  # typical size of a level, in typical trades
_WALLS_PER_MILLE: Final = 2  # grid points with an order that stands out
_WALL_LIFE: Final = 600  # ticks for which it stands
_WALL: Final = 100  # times the usual size


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a book, best level first: prices in ticks, sizes in lots."""

    price: Ints
    size: Ints

    def best(self, limit: int) -> "Side":
        """The best `limit` levels."""
        return Side(self.price[:limit], self.size[:limit])


@dataclass(frozen=True, slots=True)
class Book:
    """The whole book after update `update_id`."""

    update_id: int
    ts: int  # milliseconds
    bids: Side
    asks: Side


def book_at(market: Market, listing: Listing, now_ms: int) -> Book:
    """The book at the last whole tick not after `now_ms`; empty when the listing does not trade."""
    tick = now_ms // TICK_MS
    ts = tick * TICK_MS
    if not listing.trading(now_ms):
        nothing = Side(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        return Book(tick, ts, nothing, nothing)
    bid = int(market.bid_ticks(listing, np.array([ts], dtype=np.int64))[0])
    # a grid that depends on the listing's level alone, so that it does not move with the price
    spacing = max(1, round(listing.price * _SPACING / listing.tick))
    below_bid = np.arange(bid // spacing, max(bid // spacing - LEVELS, 0), -1, dtype=np.int64) * spacing
    above_bid = np.arange(bid // spacing + 1, bid // spacing + 1 + LEVELS, dtype=np.int64) * spacing
    bids = np.concatenate(([bid], below_bid[below_bid < bid], _far(below_bid, -spacing)))
    asks = np.concatenate(([bid + 1], above_bid[above_bid > bid + 1], _far(above_bid, spacing)))
    return Book(
        tick,
        ts,
        _sized(market, listing, "bid", bids, tick),
        _sized(market, listing, "ask", asks, tick),
    )


def _far(near: Ints, spacing: int) -> Ints:
    """Prices beyond the near ones, further apart, on the same grid."""
    step = _FAR_SPACING * spacing
    first = (int(near[-1]) // step + 1) * step if len(near) else 0
    prices = first + np.arange(_FAR_LEVELS, dtype=np.int64) * step
    return prices[prices > 0] if len(near) else prices[:0]


def _sized(market: Market, listing: Listing, side: str, price: Ints, tick: int) -> Side:
    stream = (market.seed, "book", listing.venue, listing.kind, listing.symbol, side)
    shortest, longest = _LIVES
    life = shortest + below(key(*stream, "life"), price, longest - shortest)
    epoch = (tick + below(key(*stream, "phase"), price, longest)) // life
    counter = price * 1_000_003 + epoch
    typical = listing.lots_worth(_DEPTH * listing.notional, price)
    size = np.maximum(np.rint(typical * np.exp(normal(key(*stream, "size"), counter))), 1.0).astype(np.int64)
    era = (tick + below(key(*stream, "wall phase"), price, _WALL_LIFE)) // _WALL_LIFE
    size[below(key(*stream, "wall"), price * 1_000_003 + era, 1000) < _WALLS_PER_MILLE] *= _WALL
    there = below(key(*stream, "there"), counter, 1000) >= _EMPTY_PER_MILLE
    there[0] = True  # the best level always has an order
    return Side(price[there], size[there])
