"""What a portfolio may lose in a day, by historical simulation. Pure.

Each past day is a scenario: all positions of today are given that day's returns together, so that what
moves together does so in the figures too (J. Hull, Risk Management and Financial Institutions, chapter
"Historical simulation and extreme value theory"). Value at risk of 95 % is the loss that 5 % of the days
reach or exceed: of n days the one of rank ceil(0.05 n), the worst first. Expected shortfall is the mean of
those days.

No shape of the returns is assumed, and none that the window did not see. Gains of inverse contracts and of
options bend with the price; here every position gains its worth times the return.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

LOGIC_VERSION: Final = 1
WINDOW_DAYS: Final = 250
"""Scenarios at most (ours); the Basel Committee's MAR33 asks for a year at least."""
LEVELS: Final = (0.95, 0.99)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Risk:
    """Value at risk of one level; amounts in the units of the exposures, losses above 0."""

    level: float
    days: int  # scenarios that were used
    value_at_risk: float
    expected_shortfall: float
    alone: Mapping[int, float]  # value at risk of each position by itself
    components: Mapping[int, float]  # shares of the value at risk; they sum to it
    shortfall_components: Mapping[int, float]  # shares of the expected shortfall; they sum to it


def least_days(level: float) -> int:
    """The fewest scenarios that say anything of a level: one beyond it (20 for 95 %, 100 for 99 %)."""
    return math.ceil(round(1 / (1 - level), 9))


def tail(days: int, level: float) -> int:
    """How many of the worst days make the tail."""
    return max(1, math.ceil(round((1 - level) * days, 9)))


def returns_of(closes: Floats) -> Floats:
    """Simple returns from each close to the next; NaN where either is missing.

    `closes`: days x instruments, consecutive days, oldest first, NaN where a day has none.
    """
    return closes[1:] / closes[:-1] - 1.0


def scenarios(returns: Floats, window: int = WINDOW_DAYS) -> Floats:
    """The newest `window` days on which all instruments have a return, oldest first."""
    return returns[~np.isnan(returns).any(axis=1)][-window:]


def simulate(exposures: Sequence[float], returns: Floats, level: float) -> Risk | None:
    """Value at risk of a portfolio over one day; None where the days are too few for the level.

    Args:
        exposures: what each position is worth, below 0 for shorts, all in one currency.
        returns: days x positions, without NaN (`scenarios`).
        level: 0.95 says that one day of twenty is worse.

    The components of the value at risk are its split by each position's covariance with the whole, which is
    the Euler allocation where returns are elliptical (P. Jorion, Value at Risk, "component VaR"); the ones of
    the shortfall are the mean losses of each position on the tail's days (D. Tasche, Risk contributions and
    performance measurement, 1999). Both sum to the whole; below 0 stands what hedges it.
    """
    held = np.asarray(exposures, dtype=np.float64)
    if returns.shape[0] < least_days(level) or not len(held):
        return None
    gains = returns * held
    whole = gains.sum(axis=1)
    worst = np.argsort(whole, kind="stable")[: tail(len(whole), level)]
    loss = -float(whole[worst[-1]])
    shortfall = -gains[worst].mean(axis=0)
    return Risk(
        level,
        len(whole),
        loss,
        -float(whole[worst].mean()),
        {i: _quantile_loss(gains[:, i], level) for i in range(len(held))},
        {i: share * loss for i, share in enumerate(_covariance_shares(gains, whole))},
        dict(enumerate(shortfall.tolist())),
    )


def correlations(returns: Floats) -> Floats:
    """Pearson's correlation of each pair of columns; 0 with one that never moves."""
    centred = returns - returns.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    scaled = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    found: Floats = scaled.T @ scaled
    return found


def _quantile_loss(gains: Floats, level: float) -> float:
    return -float(np.sort(gains)[tail(len(gains), level) - 1])


def _covariance_shares(gains: Floats, whole: Floats) -> list[float]:
    """Each position's share of the variance of the whole; equal shares where nothing moves."""
    centred = whole - whole.mean()
    variance = float((centred**2).sum())
    if variance == 0:
        return [1.0 / gains.shape[1]] * gains.shape[1]
    shares: list[float] = ((gains - gains.mean(axis=0)) * centred[:, None]).sum(axis=0) / variance
    return [float(each) for each in shares]
