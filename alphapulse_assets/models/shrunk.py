"""The shrunk tables: how often prices move by more than the costs, and how often that is right. Pure.

Rates are shrunk as success rates are (`patterns.evaluation.success`): the mean of the posterior of a
beta-binomial model whose prior is the rate one level up, worth `strength` observations; what counts as an
observation is a stretch of time, one horizon long (a cluster), not a row. Levels of the size: all, the bin of
the costs in ATR, that bin on the timeframe. Levels of the direction: all, the timeframe, the shape on it,
this in the regime (its way, against it, a range, unknown).
"""

from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.models.kernels import COST_ATR, PLACE, REGIME_WITH, REGIMES, SHAPE
from alphapulse_assets.models.model import SHAPE_NAMES, Floats, Integers
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES

EDGES: Final = np.array([0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0])
"""Costs in ATR at which a bin ends (ours)."""
SIZE_STRENGTH: Final = 30.0
"""Observations that the rate one level up is worth in the table of sizes (`OutcomeRules.prior_strength`)."""
_PLACES: Final = len(PATTERN_TIMEFRAMES)
_SHAPES: Final = len(SHAPE_NAMES)


def size_table(rows: Floats, moved: Floats, clusters: Integers) -> tuple[Floats, Floats]:
    """By timeframe and bin: the probability of a move beyond the costs, and the observations it is worth."""
    bins = np.where(
        np.isnan(rows[:, COST_ATR]), len(EDGES) + 1, np.searchsorted(EDGES, rows[:, COST_ATR], "right")
    )
    frame = _frame(moved, clusters, place=rows[:, PLACE], bin=bins)
    everything = _mean(moved)
    shape = (_PLACES, len(EDGES) + 2)
    rate, n = np.full(shape[1], everything), np.zeros(shape[1])
    for bin_, share, count in _counted(frame, ["bin"]).iter_rows():
        rate[bin_], n[bin_] = _shrunk(share, count, everything, SIZE_STRENGTH), count
    found, worth = np.tile(rate, (_PLACES, 1)), np.full(shape, SIZE_STRENGTH)
    for place, bin_, share, count in _counted(frame, ["place", "bin"]).iter_rows():
        found[place, bin_] = _shrunk(share, count, rate[bin_], SIZE_STRENGTH)
        worth[place, bin_] += count
    return found, worth


def direction_table(
    rows: Floats, right: Floats, clusters: Integers, strength: float
) -> tuple[Floats, Floats]:
    """By timeframe, shape and regime: the share of moves that go its way, and the observations it is worth.

    Only rows that moved by more than the costs.
    """
    regime = rows[:, REGIME_WITH]
    regime = np.where(np.isnan(regime), REGIMES - 1, np.sign(np.nan_to_num(regime)) + 1)
    frame = _frame(right, clusters, place=rows[:, PLACE], shape=rows[:, SHAPE], regime=regime)
    everything = _mean(right)
    by_place = np.full(_PLACES, everything)
    for place, share, count in _counted(frame, ["place"]).iter_rows():
        by_place[place] = _shrunk(share, count, everything, strength)
    by_shape = np.repeat(by_place[:, None], _SHAPES, axis=1)
    for place, shape, share, count in _counted(frame, ["place", "shape"]).iter_rows():
        by_shape[place, shape] = _shrunk(share, count, by_place[place], strength)
    found = np.repeat(by_shape[:, :, None], REGIMES, axis=2)
    worth = np.full(found.shape, strength)
    for place, shape, kind, share, count in _counted(frame, ["place", "shape", "regime"]).iter_rows():
        found[place, shape, kind] = _shrunk(share, count, by_shape[place, shape], strength)
        worth[place, shape, kind] += count
    return found, worth


def _frame(hit: Floats, clusters: Integers, **keys: Floats) -> pl.DataFrame:
    whole = {name: np.asarray(values).astype(np.int64) for name, values in keys.items()}
    return pl.DataFrame({**whole, "hit": hit.astype(np.float64), "cluster": clusters})


def _counted(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Share and clusters by keys."""
    return (
        frame.group_by(keys)
        .agg(pl.col("hit").mean(), pl.col("cluster").n_unique().cast(pl.Float64))
        .sort(keys)
    )


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.5


def _shrunk(share: float, n: float, base: float, strength: float) -> float:
    return (share * n + strength * base) / (n + strength)
