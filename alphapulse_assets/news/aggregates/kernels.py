"""The machine code of correlations at lags, of resampled and shuffled hours, compiled by numba. Pure.

Series are arrays on one grid of hours, NaN where nothing is known. What is drawn at random comes from
outside: the same draws give the same figures.
"""

import math

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@compiled
def correlation_at(x: Floats, y: Floats, hours: Ints, lag: int) -> tuple[float, int]:
    """Pearson's correlation of x[t] with y[t + lag] over the hours t (each as often as it is in `hours`).

    Hours of which either is NaN, or whose partner is outside the grid, are left out.

    Returns:
        The correlation, NaN where one of both does not vary, and the pairs.
    """
    n, sx, sy, sxx, syy, sxy = 0, 0.0, 0.0, 0.0, 0.0, 0.0
    for place in range(len(hours)):
        t = hours[place]
        if t + lag < 0 or t + lag >= len(y):
            continue
        a, b = x[t], y[t + lag]
        if math.isnan(a) or math.isnan(b):
            continue
        n += 1
        sx, sy = sx + a, sy + b
        sxx, syy, sxy = sxx + a * a, syy + b * b, sxy + a * b
    if n < 3:
        return math.nan, n
    vx, vy = sxx - sx * sx / n, syy - sy * sy / n
    if vx <= 1e-12 * max(sxx, 1e-300) or vy <= 1e-12 * max(syy, 1e-300):
        return math.nan, n
    return min(max((sxy - sx * sy / n) / math.sqrt(vx * vy), -1.0), 1.0), n


@compiled
def resampled(x: Floats, y: Floats, draws: Ints, lags: Ints, found: Floats) -> None:
    """The correlation at each lag of each draw of hours (rows of `draws`): `found`, shape (draws, lags)."""
    for row in range(draws.shape[0]):
        for place in range(len(lags)):
            found[row, place] = correlation_at(x, y, draws[row], lags[place])[0]


@compiled
def best_of_shuffled(x: Floats, y: Floats, orders: Ints, lags: Ints, least: int, best: Floats) -> None:
    """The largest correlation by size over all lags, with x in each of the orders: `best`, one an order.

    Those of fewer than `least` pairs do not count.
    """
    hours = np.arange(len(x))
    moved = np.empty(len(x))
    for row in range(orders.shape[0]):
        for t in range(len(x)):
            moved[t] = x[orders[row, t]]
        best[row] = 0.0
        for place in range(len(lags)):
            value, pairs = correlation_at(moved, y, hours, lags[place])
            if pairs >= least and abs(value) > best[row]:  # never so of NaN
                best[row] = abs(value)


@compiled
def autocorrelations(x: Floats, found: Floats) -> None:
    """The correlation of x with itself 1, 2 ... hours later, 0 where there is none: `found`."""
    hours = np.arange(len(x))
    for place in range(len(found)):
        value = correlation_at(x, x, hours, place + 1)[0]
        found[place] = 0.0 if math.isnan(value) else value
