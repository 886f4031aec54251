"""The machine code of an order book: apply levels, check, measure, order flow. Compiled by numba, pure.

A side is two sorted float arrays, keys and sizes, in ascending order of key **with the best level last**:
most changes are near the best, and there they move the fewest levels. A bid's key is its price, an ask's is
minus its price, so that both sides run the same code. `board` is one flat array holding everything else a
step reads and writes (arguments cost more than arithmetic here); its layout is below.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled

BIDS: Final = 0
ASKS: Final = 1
SIDES: Final = 2
OFI_LEVELS: Final = 10
"""Levels of multi-level order flow (Xu, Gould and Howison 2019 use 10)."""
BANDS: Final = 2
"""Distances from mid within which depth is summed."""

LARGEST: Final = 1e30
SMALLEST: Final = 1e-30
"""Prices and sizes beyond these are no market's (ours): within them no product or sum is 0 or infinite."""

APPLIED: Final = 0
BAD_LEVEL: Final = 1
CROSSED: Final = 2

# board: what is set from outside ...
HORIZON: Final = 0  # per side, worst key known; -inf: all of it
WINDOW: Final = 2  # levels per side the stream is about; 0: all
IMBALANCE_LEVELS: Final = 3
INVERSE: Final = 4  # 1: a size is a number of contracts of fixed quote value
CONTRACT: Final = 5  # base units, or quote units if inverse, of one unit of size
BAND_BPS: Final = 6  # BANDS distances, ascending
# ... what is measured ...
FEATURES: Final = BAND_BPS + BANDS
BEST_BID: Final = 0
BID_SIZE: Final = 1
BEST_ASK: Final = 2
ASK_SIZE: Final = 3
MID: Final = 4
SPREAD: Final = 5
WEIGHTED_MID: Final = 6
IMBALANCE: Final = 7
SLOPES: Final = 8  # per side
DEPTHS: Final = 10  # per side and band
FEATURE_COUNT: Final = DEPTHS + SIDES * BANDS
# ... order flow since it was last taken, and the best levels it is reckoned from (keys, sizes; per side)
FLOW: Final = FEATURES + FEATURE_COUNT
TOUCH: Final = FLOW + OFI_LEVELS
BOARD_SIZE: Final = TOUCH + SIDES * 2 * OFI_LEVELS

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@compiled
def _valid(updates: Floats) -> bool:
    """Whether all (price, size) pairs are such as markets have: prices above 0, sizes 0 or above."""
    for i in range(0, updates.shape[0], 2):
        price, size = updates[i], updates[i + 1]
        if not (SMALLEST <= price <= LARGEST and (size == 0.0 or SMALLEST <= size <= LARGEST)):
            return False
    return True


@compiled
def _put(keys: Floats, sizes: Floats, n: int, key: float, size: float) -> int:
    """Set a level, or remove it if the size is 0; returns how many there are now. Room must be there."""
    # most changes are near the best level, which is the last
    at = n
    steps = 0
    while at > 0 and keys[at - 1] >= key and steps < 8:
        at -= 1
        steps += 1
    if at > 0 and keys[at - 1] >= key:
        low, high = 0, at
        while low < high:
            middle = (low + high) >> 1
            if keys[middle] < key:
                low = middle + 1
            else:
                high = middle
        at = low
    if at < n and keys[at] == key:
        if size != 0.0:
            sizes[at] = size
            return n
        for i in range(at, n - 1):
            keys[i] = keys[i + 1]
            sizes[i] = sizes[i + 1]
        return n - 1
    if size == 0.0:  # removing what is not there is normal
        return n
    for i in range(n, at, -1):
        keys[i] = keys[i - 1]
        sizes[i] = sizes[i - 1]
    keys[at] = key
    sizes[at] = size
    return n + 1


@compiled
def _trim(keys: Floats, sizes: Floats, n: int, window: int) -> int:
    """Forget the worst levels beyond the stream's window: nothing more is said about them."""
    excess = n - window
    if window <= 0 or excess <= 0:
        return n
    for i in range(window):
        keys[i] = keys[i + excess]
        sizes[i] = sizes[i + excess]
    return window


@compiled
def _apply(levels: Floats, counts: Counts, board: Floats, updates: Floats, n_bids: int) -> int:
    if not _valid(updates):
        return BAD_LEVEL
    bids, asks = counts[BIDS], counts[ASKS]
    for i in range(0, 2 * n_bids, 2):
        bids = _put(levels[BIDS, 0], levels[BIDS, 1], bids, updates[i], updates[i + 1])
    for i in range(2 * n_bids, updates.shape[0], 2):
        asks = _put(levels[ASKS, 0], levels[ASKS, 1], asks, -updates[i], updates[i + 1])
    counts[BIDS] = bids
    counts[ASKS] = asks
    return _settle(levels, counts, board)


@compiled
def _settle(levels: Floats, counts: Counts, board: Floats) -> int:
    """Cut both sides to the stream's window and see whether they cross."""
    bids, asks = counts[BIDS], counts[ASKS]
    window = int(board[WINDOW])
    if window > 0:
        bids = _trim(levels[BIDS, 0], levels[BIDS, 1], bids, window)
        asks = _trim(levels[ASKS, 0], levels[ASKS, 1], asks, window)
        # what was full at the snapshot is known as far as it reaches now
        if bids > 0 and board[HORIZON + BIDS] > -np.inf:
            board[HORIZON + BIDS] = levels[BIDS, 0, 0]
        if asks > 0 and board[HORIZON + ASKS] > -np.inf:
            board[HORIZON + ASKS] = levels[ASKS, 0, 0]
    counts[BIDS] = bids
    counts[ASKS] = asks
    if bids > 0 and asks > 0 and levels[BIDS, 0, bids - 1] >= -levels[ASKS, 0, asks - 1]:
        return CROSSED
    return APPLIED


@compiled
def _measure_side(levels: Floats, n: int, side: int, mid: float, board: Floats) -> float:
    """Depth within each band, and slope; returns the size of the levels that imbalance looks at."""
    inverse, contract = board[INVERSE] > 0.0, board[CONTRACT]
    nearest = int(board[IMBALANCE_LEVELS])
    sign = 1.0 if side == BIDS else -1.0
    to_bps = 1e4 / mid
    widest = board[BAND_BPS + BANDS - 1]
    total, sizes, covariance, variance, band = 0.0, 0.0, 0.0, 0.0, 0
    for rank in range(n):
        key, size = levels[side, 0, n - 1 - rank], levels[side, 1, n - 1 - rank]
        distance = (sign * mid - key) * to_bps
        while band < BANDS and distance > board[BAND_BPS + band]:
            board[FEATURES + DEPTHS + side * BANDS + band] = total
            band += 1
        if distance > widest and rank >= nearest:
            break
        total += size * contract if inverse else size * contract * sign * key
        if rank < nearest:
            sizes += size
            covariance += distance * total
            variance += distance * distance
    while band < BANDS:
        board[FEATURES + DEPTHS + side * BANDS + band] = total
        band += 1
    reach = (sign * mid - board[HORIZON + side]) * to_bps
    for b in range(BANDS):
        if board[BAND_BPS + b] > reach:
            board[FEATURES + DEPTHS + side * BANDS + b] = np.nan
    board[FEATURES + SLOPES + side] = covariance / variance if variance > 0.0 else np.nan
    return sizes


@compiled
def _measure(levels: Floats, counts: Counts, board: Floats) -> None:
    bids, asks = counts[BIDS], counts[ASKS]
    if bids == 0 or asks == 0:
        for i in range(FEATURE_COUNT):
            board[FEATURES + i] = np.nan
        return
    bid, bid_size = levels[BIDS, 0, bids - 1], levels[BIDS, 1, bids - 1]
    ask, ask_size = -levels[ASKS, 0, asks - 1], levels[ASKS, 1, asks - 1]
    mid = (bid + ask) / 2.0
    board[FEATURES + BEST_BID] = bid
    board[FEATURES + BID_SIZE] = bid_size
    board[FEATURES + BEST_ASK] = ask
    board[FEATURES + ASK_SIZE] = ask_size
    board[FEATURES + MID] = mid
    board[FEATURES + SPREAD] = ask - bid
    board[FEATURES + WEIGHTED_MID] = (bid * ask_size + ask * bid_size) / (bid_size + ask_size)
    near_bids = _measure_side(levels, bids, BIDS, mid, board)
    near_asks = _measure_side(levels, asks, ASKS, mid, board)
    board[FEATURES + IMBALANCE] = (near_bids - near_asks) / (near_bids + near_asks)


@compiled
def _follow_flow(levels: Floats, counts: Counts, board: Floats, reckon: bool) -> None:
    """Add the order flow between the remembered best levels and those now, and remember these."""
    for side in range(SIDES):
        n = counts[side]
        toward = 1.0 if side == BIDS else -1.0
        keys = TOUCH + side * 2 * OFI_LEVELS
        sizes = keys + OFI_LEVELS
        for m in range(OFI_LEVELS):
            key, size = -np.inf, 0.0
            if m < n:
                key, size = levels[side, 0, n - 1 - m], levels[side, 1, n - 1 - m]
            if reckon:
                before, size_before = board[keys + m], board[sizes + m]
                if key >= before:
                    board[FLOW + m] += toward * size
                if key <= before:
                    board[FLOW + m] -= toward * size_before
            board[keys + m] = key
            board[sizes + m] = size


@compiled
def advance(
    levels: Floats, counts: Counts, board: Floats, updates: Floats, n_bids: int, reckon_flow: bool
) -> int:
    """Apply one message, check the book, measure it and follow its order flow.

    Args:
        levels: shape (2 sides, keys and sizes, capacity); must have room for all updates.
        counts: levels held per side.
        board: see the layout above.
        updates: price, size, price, size ...: `n_bids` bids, then asks.
        n_bids: how many of the updates are bids.
        reckon_flow: False after a snapshot, which is no flow.

    Returns:
        APPLIED; BAD_LEVEL (nothing was changed); CROSSED (applied, but best bid >= best ask: not measured).
    """
    status = _apply(levels, counts, board, updates, n_bids)
    if status == APPLIED:
        _measure(levels, counts, board)
        _follow_flow(levels, counts, board, reckon_flow)
    return status


@compiled
def valid(updates: Floats) -> bool:
    """Whether every price, size, price, size ... is such as markets have."""
    return _valid(updates)


@compiled
def take_stock(levels: Floats, counts: Counts, board: Floats, reckon_flow: bool) -> int:
    """As `advance`, of levels that were put in place all at once: checked, measured, their flow followed."""
    status = _settle(levels, counts, board)
    if status == APPLIED:
        _measure(levels, counts, board)
        _follow_flow(levels, counts, board, reckon_flow)
    return status
