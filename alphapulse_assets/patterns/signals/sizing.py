"""How much to buy or sell: a fixed fraction of the equity at risk, with a cap. Pure."""

from typing import NamedTuple

import numpy as np

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.patterns.events.configuration import SizingRules


class Position(NamedTuple):
    """A position that is not taken yet."""

    size: float  # base units; 0 where no stop bounds the loss
    notional: float  # what it is worth at the entry, quote currency
    risk: float  # what is lost if it is closed at the stop, quote currency; fees and slippage come on top
    capped: bool  # the cap made it smaller


@compiled
def sized(
    entry: float, stop: float, equity: float, risk_fraction: float, cap_fraction: float
) -> tuple[float, float, float, bool]:
    """`position` for the kernels: size, notional, risk, capped."""
    distance = abs(entry - stop)
    if not (distance > 0 and entry > 0 and np.isfinite(distance)):
        return 0.0, 0.0, 0.0, False
    by_risk = equity * risk_fraction / distance
    by_cap = equity * cap_fraction / entry
    size = min(by_risk, by_cap)
    return size, size * entry, size * distance, by_cap < by_risk


def position(entry: float, stop: float, rules: SizingRules) -> Position:
    """The position that loses `risk_fraction` of the equity at the stop, worth `cap_fraction` of it at most.

    Fixed fractional sizing (Vince, Portfolio Management Formulas, 1990). Prices in quote currency, entry
    above 0. A stop at the entry, or none (NaN), bounds no loss: the size is 0.

    Raises:
        ValueError: an entry that is no price.
    """
    if not (entry > 0 and np.isfinite(entry)):
        raise ValueError(f"an entry of {entry} is no price")
    return Position(*sized(entry, stop, rules.equity, rules.risk_fraction, rules.cap_fraction))
