"""The machine code of the models: tables, logistic regression, trees, calibration, intervals. Pure.

Batch and stream run this code over rows of TERMS, one or many, so both say the same to the last bit, and
scoring needs no scikit-learn. Trees are evaluated as scikit-learn's histogram gradient boosting does: a value
at or below the threshold goes left, NaN where the node says.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PROBABILITY: Final = 0
LOW: Final = 1
HIGH: Final = 2
MOVE: Final = 3
OUTPUTS: Final = 4

SIGN: Final = 0
PLACE: Final = 1
SHAPE: Final = 2
REGIME_WITH: Final = 3
COST_ATR: Final = 16
"""Places of the terms that tables look at (`terms.TERMS`; a test holds them)."""

REGIMES: Final = 4
"""Against it, a range, its way, unknown: the last place of the table of directions."""
MOST: Final = 5.0
"""Standard deviations beyond which a term of the logistic regression counts no more (ours)."""


@compiled
def wilson_bounds(share: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's score interval of a share seen in n observations, at z standard deviations."""
    scale = 1.0 + z * z / n
    middle = (share + z * z / (2.0 * n)) / scale
    half = z / scale * math.sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n))
    return min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share)


@compiled
def normal(value: float) -> float:
    """The standard normal distribution."""
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


@compiled
def in_deviations(cost_atr: float, horizon: float) -> float:
    """Costs in standard deviations of the return over so many bars, from costs in ATR.

    The range of a bar of a random walk is sqrt(8 / pi) of its standard deviations on average (Feller 1951;
    Parkinson 1980), and deviations grow with the root of time.
    """
    return cost_atr * math.sqrt(8.0 / math.pi) / math.sqrt(horizon)


@compiled
def break_even(cost_atr: float, horizon: float) -> float:
    """The share right at which wins pay for losses and costs, at the sizes that moves of a normal
    distribution have.

    A win is what the move exceeds the costs by, a loss what it falls short of them: with c the costs in
    standard deviations, and inverse Mills ratios, a mean win is g = phi(c) / Phi(-c) - c, a mean loss
    l = phi(c) / Phi(c) + c, and the share l / (l + g).
    """
    c = in_deviations(cost_atr, horizon)
    if math.isnan(c) or c > 8.0:
        return math.nan if math.isnan(c) else 1.0
    density = math.exp(-c * c / 2.0) / math.sqrt(2.0 * math.pi)
    won, lost = density / normal(-c) - c, density / normal(c) + c
    return lost / (lost + won)


@compiled
def size_bin(value: float, edges: Floats) -> int:
    """The bin of a cost in ATR; the last one where it is not known."""
    if math.isnan(value):
        return len(edges) + 1
    place = 0
    while place < len(edges) and value >= edges[place]:
        place += 1
    return place


@compiled
def regime_place(value: float) -> int:
    """The place of a regime in the table of directions."""
    if math.isnan(value):
        return 3
    return 0 if value < 0 else 1 if value == 0 else 2


@compiled
def logistic_raw(row: Floats, columns: Integers, mean: Floats, scale: Floats, weights: Floats) -> float:
    """Log odds; a term that is not known counts as its mean."""
    total = weights[len(columns)]
    for i in range(len(columns)):
        value = row[columns[i]]
        if not math.isnan(value):
            total += weights[i] * min(max((value - mean[i]) / scale[i], -MOST), MOST)
    return float(total)


@compiled
def trees_raw(
    row: Floats,
    roots: Integers,
    feature: Integers,
    threshold: Floats,
    left: Integers,
    right: Integers,
    missing_left: Integers,
    value: Floats,
    baseline: float,
) -> float:
    """Log odds: the sum of the leaves; `left` below 0 marks a leaf, children count from the tree's root."""
    total = baseline
    for root in roots:
        node = root
        while left[node] >= 0:
            seen = row[feature[node]]
            goes_left = missing_left[node] == 1 if math.isnan(seen) else seen <= threshold[node]
            node = root + (left[node] if goes_left else right[node])
        total += value[node]
    return total


@compiled
def calibrated(raw: float, platt: Floats, x: Floats, y: Floats) -> float:
    """Log odds as a probability: by Platt's line where there is one, else by the isotonic steps."""
    if len(platt):
        raw = platt[0] * raw + platt[1]
    share = 1.0 / (1.0 + math.exp(-raw))
    if not len(x):
        return share
    if share <= x[0]:
        return float(y[0])
    if share >= x[-1]:
        return float(y[-1])
    i = np.searchsorted(x, share, side="right") - 1
    return float(y[i] + (y[i + 1] - y[i]) * (share - x[i]) / (x[i + 1] - x[i]))


@compiled
def predict(
    rows: Floats,
    kind: int,
    edges: Floats,
    size: Floats,
    size_n: Floats,
    table: Floats,
    table_n: Floats,
    columns: Integers,
    mean: Floats,
    scale: Floats,
    weights: Floats,
    roots: Integers,
    feature: Integers,
    threshold: Floats,
    left: Integers,
    right: Integers,
    missing_left: Integers,
    value: Floats,
    baseline: float,
    platt: Floats,
    x: Floats,
    y: Floats,
    bins: Floats,
    bins_n: Floats,
    z: float,
    out: Floats,
) -> None:
    """Probability, its bounds and that of a move beyond the costs, for each row.

    `kind`: 0 table, 1 logistic regression, 2 trees. The bounds are those of both factors, multiplied.
    """
    for i in range(len(rows)):
        row = rows[i]
        place = int(row[PLACE])
        bin_ = size_bin(row[COST_ATR], edges)
        moves, n_moves = size[place, bin_], size_n[place, bin_]
        if kind == 0:
            cell = table[place, int(row[SHAPE])]
            regime = regime_place(row[REGIME_WITH])
            share, n = cell[regime], table_n[place, int(row[SHAPE]), regime]
        else:
            if kind == 1:
                raw = logistic_raw(row, columns, mean, scale, weights)
            else:
                raw = trees_raw(row, roots, feature, threshold, left, right, missing_left, value, baseline)
            share = calibrated(raw, platt, x, y)
            n = bins_n[np.searchsorted(bins, raw, side="right")]
        low, high = wilson_bounds(share, n, z)
        least, most = wilson_bounds(moves, n_moves, z)
        out[i, PROBABILITY], out[i, MOVE] = share * moves, moves
        out[i, LOW], out[i, HIGH] = low * least, high * most
