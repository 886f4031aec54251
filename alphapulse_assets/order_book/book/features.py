"""What is measured of a book: names, units, formulas and their sources. The arithmetic is in `kernels`."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from alphapulse_assets.order_book.book import kernels

LOGIC_VERSION: Final = 1
"""Raised when a formula changes."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What to measure, and what a unit of size is worth.

    `inverse` contracts (COIN-M) have sizes in contracts of a fixed quote value: their notional is
    size x `contract`; everything else has size x `contract` x price.
    """

    imbalance_levels: int = 20  # ours; also the levels that the slope is fitted to
    bands_bps: tuple[float, float] = (10.0, 50.0)  # ours
    contract: float = 1.0
    inverse: bool = False

    def __post_init__(self) -> None:
        near, far = self.bands_bps
        if self.imbalance_levels < 1 or not 0 < near < far or not self.contract > 0:
            raise ValueError(f"cannot be measured: {self}; wanted 1+ levels, 0 < near < far, a contract > 0")


class Features(NamedTuple):
    """A book at one moment; NaN where it cannot be known. Prices in quote units, notionals too.

    - weighted_mid: (bid x ask size + ask x bid size) / (bid size + ask size), the weighted mid-price; it is
      **not** Stoikov's (2018) micro-price, which is the limit of a fitted Markov chain.
    - imbalance: (bid size - ask size) / (bid size + ask size) over the best levels of each side.
    - *_slope: notional per basis point away from mid: the line through the origin fitted by least squares to
      cumulative notional over distance, best levels only (ours). Steeper is deeper.
    - *_depth_near, *_depth_far: notional within the two bands around mid. **NaN where the band reaches beyond
      the price horizon of the snapshot: unknown is not zero.**
    """

    best_bid: float
    bid_size: float
    best_ask: float
    ask_size: float
    mid: float
    spread: float
    weighted_mid: float
    imbalance: float
    bid_slope: float
    ask_slope: float
    bid_depth_near: float
    bid_depth_far: float
    ask_depth_near: float
    ask_depth_far: float

    @property
    def spread_bps(self) -> float:
        """The spread in basis points of mid."""
        return self.spread / self.mid * 1e4


def read(board: kernels.Floats) -> Features:
    """The features that the last step left on a board."""
    return Features(*board[kernels.FEATURES : kernels.FEATURES + kernels.FEATURE_COUNT].tolist())
