"""The machine code of binned depth: what rests in each bin of a fixed price grid. Compiled by numba, pure.

Levels, counts and board are those of `book.kernels`.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.order_book.book.kernels import BIDS, HORIZON

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

WIDTH: Final = 0  # of a bin: ln(1 + basis points / 10,000)
REACH: Final = 1  # part of mid up to which bins are wanted
UNIT: Final = 2  # base units of one unit of size; of an inverse contract quote units
PER_PRICE: Final = 3  # 1: a unit of size is worth UNIT quote units, so UNIT / price base units
GRID_SIZE: Final = 4


@compiled
def bin_of(price: float, width: float) -> int:
    """The bin of a price: bin i holds prices from exp(i x width) to below exp((i + 1) x width)."""
    return math.floor(math.log(price) / width)


@compiled
def bin_side(
    levels: Floats, counts: Counts, board: Floats, side: int, mid: float, grid: Floats, sizes: Floats
) -> int:
    """Add up one side of a book by bins, from that of mid outwards.

    Args:
        levels, counts, board: see `book.kernels`.
        side: BIDS or ASKS.
        mid: where to begin, in quote units.
        grid: see the layout above.
        sizes: zeros, with room for all bins that are wanted; base units are added.

    Returns:
        How many bins are known: those beyond the book's price horizon are not, nor is the one it cuts.
    """
    sign = 1.0 if side == BIDS else -1.0
    width, unit, per_price = grid[WIDTH], grid[UNIT], grid[PER_PRICE] > 0.0
    first = bin_of(mid, width)
    most = len(sizes)
    n = counts[side]
    for rank in range(n):
        price = sign * levels[side, 0, n - 1 - rank]
        away = int(sign) * (first - bin_of(price, width))
        if away >= most:
            break
        size = levels[side, 1, n - 1 - rank] * unit
        sizes[max(away, 0)] += size / price if per_price else size
    horizon = board[HORIZON + side]
    if not math.isfinite(horizon):
        return most if horizon < 0.0 else 0
    return min(max(int(sign) * (first - bin_of(sign * horizon, width)), 0), most)
