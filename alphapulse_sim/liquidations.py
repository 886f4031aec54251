"""Positions closed by force: which, when, how large, at what price. Pure functions of seed and time.

They follow the market's own price: where it fell over the last minute long positions are closed, where it
rose short ones, and the more of them the farther it went. Rates and sizes are ours, chosen so that a calm
market has one now and then, and a move of several usual ones a cascade.
"""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alphapulse_sim.hashing import Floats, Ints, below, key, normal, uniform
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import MINUTE
from alphapulse_sim.market import Market

SECOND: Final = 1000
LOOK_BACK: Final = MINUTE
"""Milliseconds over which the price's move counts."""

_USUAL_MOVE: Final = 0.0008  # of a minute's logarithm
_CALM: Final = 0.2  # expected in a second where price stands, of a coin ...
_CALM_NOTIONAL: Final = 300.0  # ... of which a trade is typically worth this; larger ones have more
_PER_MOVE: Final = 1.5  # more for each usual move beyond one
_MOST: Final = 8  # in a second
_SIZE_SPREAD: Final = 1.4  # deviation of the logarithm
_TRADES: Final = 12.0  # typical trades that one is worth
_BEYOND: Final = (0.004, 0.004)  # of the price: from it to the order's limit, and how much that varies


class Forced(NamedTuple):
    """One position that was closed: prices in ticks, sizes in lots."""

    ts: int  # milliseconds
    closes_long: bool
    price: int  # of the order, which is where nothing is left of the position's margin
    average: int  # that it was filled at
    size: int
    last_filled: int


def moved(market: Market, listing: Listing, at: Ints) -> Floats:
    """The logarithm of how much the price moved over the minute before each time."""
    both = market.mid(listing, np.concatenate((at, at - LOOK_BACK)))
    change: Floats = np.log(both[: len(at)] / both[len(at) :])
    return change


def liquidations(market: Market, listing: Listing, start_ms: int, end_ms: int) -> list[Forced]:
    """All of [start, end), oldest first."""
    minutes = range(start_ms // MINUTE, -(-end_ms // MINUTE))
    found = [each for minute in minutes for each in _of_minute(market, listing, minute)]
    return [each for each in found if start_ms <= each.ts < end_ms]


@lru_cache(maxsize=8192)
def _of_minute(market: Market, listing: Listing, minute: int) -> tuple[Forced, ...]:
    start = minute * MINUTE
    if not len(market.traded_minutes(listing, start, start + MINUTE)):
        return ()
    stream = (market.seed, "liquidation", listing.venue, listing.kind, listing.symbol)
    seconds = np.arange(start // SECOND, (start + MINUTE) // SECOND, dtype=np.int64)
    change = moved(market, listing, seconds * SECOND)
    calm = _CALM * (listing.notional / _CALM_NOTIONAL) ** 1.5
    expected = calm + _PER_MOVE * np.maximum(np.abs(change) / _USUAL_MOVE - 1.0, 0.0)
    count = np.minimum(np.floor(expected + uniform(key(*stream, "count"), seconds)), _MOST).astype(np.int64)
    if not count.sum():
        return ()
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    ids = np.repeat(seconds, count) * _MOST + within
    ts = np.repeat(seconds, count) * SECOND + below(key(*stream, "ms"), ids, SECOND)
    return _rows(market, listing, stream, ids, ts, np.repeat(change, count) < 0.0)


def _rows(
    market: Market,
    listing: Listing,
    stream: tuple[object, ...],
    ids: Ints,
    ts: Ints,
    closes_long: NDArray[np.bool_],
) -> tuple[Forced, ...]:
    bid = market.bid_ticks(listing, ts)
    average = bid + ~closes_long  # a sale takes the best bid, a purchase the ask a tick above it
    beyond = _BEYOND[0] + _BEYOND[1] * uniform(key(*stream, "beyond"), ids)
    price = np.where(closes_long, np.floor(average * (1 - beyond)), np.ceil(average * (1 + beyond)))
    worth = listing.notional * _TRADES * np.exp(_SIZE_SPREAD * normal(key(*stream, "size"), ids))
    size = np.maximum(np.rint(listing.lots_worth(1.0, average) * worth), 1.0).astype(np.int64)
    last = np.maximum(np.rint(size * uniform(key(*stream, "last"), ids)), 1.0).astype(np.int64)
    order = np.lexsort((ids, ts))
    columns = (ts, closes_long, np.maximum(price, 1.0).astype(np.int64), average, size, last)
    return tuple(Forced(*row) for row in zip(*(column[order].tolist() for column in columns), strict=True))
