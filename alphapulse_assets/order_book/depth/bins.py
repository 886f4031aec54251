"""Depth by price bins: what rests around mid, on a grid that never moves. Pure.

Why the grid is fixed: a heatmap has one price axis over all its time, while mid moves. So a bin is a range
of prices, not a distance from mid: bin i holds prices from r^i to below r^(i+1), r = 1 + bin_bps / 10,000.
Rows of different moments (and of different venues) line up by the number of the bin alone, nothing is
resampled, and one width in basis points fits a coin of 0.00001 as well as one of 100,000.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.book.kernels import ASKS, BIDS, FEATURES, MID
from alphapulse_assets.order_book.book.levels import LevelStore
from alphapulse_assets.order_book.depth import kernels
from alphapulse_resources.streams.messages import DepthSnapshot

LOGIC_VERSION: Final = 1
"""Raised when a formula changes."""

BASE: Final = "base"
CONTRACTS: Final = "contracts"


@dataclass(frozen=True, slots=True)
class DepthBins:
    """What rests around mid at one moment.

    - mid_bin: the bin that mid lies in; both sides begin there.
    - bids, asks: size by bin from mid outwards, in `unit`. **They end where nothing more is known**, or where
      the reach ends: a bin that is not there is unknown, one with 0 is empty.
    """

    mid: float
    mid_bin: int
    bids: tuple[float, ...]
    asks: tuple[float, ...]


class DepthGrid:
    """The bins of one symbol: how wide, how far, and what a unit of size is.

    Args:
        bin_bps: width of a bin in basis points of its price.
        reach_bps: how far from mid bins are kept on each side, in basis points; the last one is kept whole.
        measures: what a unit of size is worth.
    """

    __slots__ = ("_grid", "bin_bps", "unit")

    def __init__(self, bin_bps: float, reach_bps: float, measures: Measures | None = None) -> None:
        if not 0 < bin_bps <= reach_bps < 1e4:
            raise ValueError(f"wanted 0 < bin <= reach < 10,000 basis points, got {bin_bps} and {reach_bps}")
        measures = measures or Measures()
        unknown = measures.inverse and measures.contract == 1.0  # nobody told what a contract is worth
        self.bin_bps: Final = bin_bps
        self.unit: Final = CONTRACTS if unknown else BASE
        self._grid = np.zeros(kernels.GRID_SIZE)
        self._grid[kernels.WIDTH] = math.log1p(bin_bps / 1e4)
        self._grid[kernels.REACH] = reach_bps / 1e4
        self._grid[kernels.UNIT] = measures.contract
        self._grid[kernels.PER_PRICE] = measures.inverse and not unknown

    def read(self, levels: kernels.Floats, counts: kernels.Counts, board: kernels.Floats) -> DepthBins:
        """The bins of a measured book around its mid, which has to have both sides.

        Levels, counts and board are those of `book.kernels`.
        """
        mid = float(board[FEATURES + MID])
        width, reach = float(self._grid[kernels.WIDTH]), float(self._grid[kernels.REACH])
        first = kernels.bin_of(mid, width)
        rooms = (
            first - kernels.bin_of(mid * (1.0 - reach), width) + 1,
            kernels.bin_of(mid * (1.0 + reach), width) - first + 1,
        )
        sides = []
        for side, room in ((BIDS, rooms[0]), (ASKS, rooms[1])):
            sizes = np.zeros(room)
            known = kernels.bin_side(levels, counts, board, side, mid, self._grid, sizes)
            sides.append(tuple(sizes[:known].tolist()))
        return DepthBins(mid, first, *sides)

    def edges(self, index: int) -> tuple[float, float]:
        """Lowest price of a bin, and of the one above it, in quote units."""
        width = float(self._grid[kernels.WIDTH])
        return math.exp(index * width), math.exp((index + 1) * width)


def warm_up() -> None:
    """Have the machine code ready: made at the first call (a second), read from disk after that."""
    store = LevelStore(Measures())
    store.load(DepthSnapshot("", 0, [(1.0, 1.0)], [(2.0, 1.0)]))
    DepthGrid(2.0, 200.0).read(*store.arrays)
