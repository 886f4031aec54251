"""Implied volatility at a delta, at the money and at a fixed distance in time. Pure.

Between two neighbours a straight line is drawn, and nothing is drawn beyond the last ones: what was not
quoted is not known.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Wings(NamedTuple):
    """What the smile of one expiry is like, in points of volatility; None where no strike is so far out."""

    at_the_money: float | None
    skew: float | None  # call minus put: below zero where falls are dearer to insure than rises
    butterfly: float | None  # how much dearer both wings are than the middle


def between(x: Floats, y: Floats, at: float) -> float | None:
    """y at `at` on the straight line between the neighbours in x, in any order; None outside of them."""
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if not len(x) or not x.min() <= at <= x.max():
        return None
    order = np.argsort(x, kind="stable")
    return float(np.interp(at, x[order], y[order]))


def wings(
    strikes: Floats, call_delta: Floats, volatility: Floats, forward: float, wing: float = 0.25
) -> Wings:
    """At-the-money volatility, 25-delta skew and butterfly of one expiry, a point a strike.

    A put of delta -0.25 has the strike of a call of delta 0.75 (put-call parity without interest). Skew is
    the risk reversal, call minus put; butterfly is the mean of both minus the middle: the quoting convention
    of currency options (D. Reiswich and U. Wystup, "FX Volatility Smile Construction", 2010). At the money is
    where the strike is the forward.
    """
    middle = between(np.log(strikes), volatility, math.log(forward)) if forward > 0 else None
    call, put = between(call_delta, volatility, wing), between(call_delta, volatility, 1 - wing)
    skew = None if call is None or put is None else call - put
    both = None if call is None or put is None or middle is None else (call + put) / 2 - middle
    return Wings(middle, skew, both)


def at_maturity(years: Floats, volatility: Floats, target: float) -> float | None:
    """At-the-money volatility for `target` years; None before the first expiry and after the last.

    Total variance (volatility squared times time) is what is linear in time, as in the index VIX (Cboe,
    "Volatility Index Methodology: Cboe Volatility Index").
    """
    variance = between(years, volatility**2 * years, target)
    return None if variance is None else math.sqrt(variance / target)
