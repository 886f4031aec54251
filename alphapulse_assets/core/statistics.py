"""How sure a share, a mean or a median is, where observations near in time hang together. Pure.

What followed two patterns less than a horizon apart is partly the same stretch of prices, in one symbol and,
as symbols move together, across symbols. So observations come in clusters (stretches of time), and it is
clusters that are drawn anew by the bootstrap and counted by the Wilson interval. Taken one by one they would
promise far too much.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled

LEVEL: Final = 0.95
RESAMPLES: Final = 1_000
FEWEST_RESAMPLES: Final = 200
WORK: Final = 20_000_000
"""Values drawn at most for one bootstrap (ours): large samples are resampled less often."""
AT_ONCE: Final = 1_000_000
"""Clusters drawn in one go at most, 8 MB of them (ours)."""
SEED: Final = 20_260_101

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A value between two bounds."""

    value: float
    low: float
    high: float


def wilson(share: float, n: int, level: float = LEVEL) -> Interval:
    """Wilson's score interval of a share (Wilson 1927) seen in n independent observations.

    Raises:
        ValueError: no observation, a share outside 0..1, or a level outside of them.
    """
    if n < 1 or not 0 <= share <= 1 or not 0 < level < 1:
        raise ValueError(f"no interval for a share of {share} in {n} observations at {level}")
    z = NormalDist().inv_cdf((1 + level) / 2)
    scale = 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # the share is within its interval; where it is at an end of it (0 or 1), rounding could say otherwise
    return Interval(share, min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share))


def bootstrap(
    values: Floats, clusters: Integers, *, key: int = 0, level: float = LEVEL
) -> tuple[Interval, Interval]:
    """Mean and median of `values` with percentile intervals of the cluster bootstrap (Efron 1979).

    Whole clusters are drawn with replacement, as many as there are (Davison & Hinkley 1997, 3.8). The same
    values, clusters and `key` always give the same bounds. A single cluster tells nothing about its spread:
    the bounds are then infinite.

    Raises:
        ValueError: no values, values that are not finite, or as many clusters as values are not given.
    """
    if not len(values) or len(values) != len(clusters) or not np.isfinite(values).all():
        raise ValueError(f"{len(values)} values (all finite?) with {len(clusters)} clusters")
    order = np.argsort(values, kind="stable")
    ordered = np.ascontiguousarray(values[order], dtype=np.float64)
    _, number = np.unique(clusters[order], return_inverse=True)
    count = int(number.max()) + 1
    mean, median = math.fsum(ordered) / len(ordered), float(np.median(ordered))
    if count == 1:
        return Interval(mean, -math.inf, math.inf), Interval(median, -math.inf, math.inf)
    rounds = max(FEWEST_RESAMPLES, min(RESAMPLES, WORK // len(ordered)))
    means, medians = _resamples(ordered, number, count, rounds, np.random.default_rng([SEED, key]))
    tails = ((1 - level) / 2, (1 + level) / 2)
    return (
        Interval(mean, *(float(bound) for bound in np.quantile(means, tails))),
        Interval(median, *(float(bound) for bound in np.quantile(medians, tails))),
    )


def _resamples(
    ordered: Floats, clusters: Integers, count: int, rounds: int, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Mean and median of each resample; many are drawn at once, since most samples are small."""
    means, medians = np.empty(rounds), np.empty(rounds)
    at_once = max(1, AT_ONCE // count)
    for first in range(0, rounds, at_once):
        last = min(first + at_once, rounds)
        drawn = random.integers(0, count, (last - first, count))
        _weigh(ordered, clusters, drawn, means[first:last], medians[first:last])
    return means, medians


@compiled
def _weigh(ordered: Floats, clusters: Integers, drawn: Integers, means: Floats, medians: Floats) -> None:
    """Fill in mean and median for each row of drawn clusters."""
    for row in range(len(drawn)):
        often = np.zeros(drawn.shape[1], dtype=np.int64)
        for cluster in drawn[row]:
            often[cluster] += 1
        means[row], medians[row] = _weighted(ordered, clusters, often)


@compiled
def _weighted(ordered: Floats, clusters: Integers, drawn: Integers) -> tuple[float, float]:
    """Mean and median of ascending values, each as often as its cluster was drawn."""
    total, sum_ = 0, 0.0
    for i in range(len(ordered)):
        total += drawn[clusters[i]]
        sum_ += drawn[clusters[i]] * ordered[i]
    lower, upper, passed = (total - 1) // 2, total // 2, 0
    low = np.nan
    for i in range(len(ordered)):
        passed += drawn[clusters[i]]
        if np.isnan(low) and passed > lower:
            low = ordered[i]
        if passed > upper:
            return sum_ / total, (low + ordered[i]) / 2.0
    return sum_ / total, low


def bootstrap_mean(values: Floats, clusters: Integers, *, key: int = 0, level: float = LEVEL) -> Interval:
    """The mean of `values` with the percentile interval of the cluster bootstrap, as `bootstrap` has it.

    Of sums and counts of clusters alone, so that many means cost little.

    Raises:
        ValueError: as `bootstrap`.
    """
    if not len(values) or len(values) != len(clusters) or not np.isfinite(values).all():
        raise ValueError(f"{len(values)} values (all finite?) with {len(clusters)} clusters")
    _, number = np.unique(clusters, return_inverse=True)
    sums, counts = np.bincount(number, weights=values), np.bincount(number).astype(np.float64)
    mean = math.fsum(values) / len(values)
    if len(sums) == 1:
        return Interval(mean, -math.inf, math.inf)
    rounds = max(FEWEST_RESAMPLES, min(RESAMPLES, WORK // (10 * len(sums))))
    random = np.random.default_rng([SEED, key])
    means = np.empty(rounds)
    at_once = max(1, AT_ONCE // len(sums))
    for first in range(0, rounds, at_once):
        last = min(first + at_once, rounds)
        drawn = random.integers(0, len(sums), (last - first, len(sums)))
        means[first:last] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, ((1 - level) / 2, (1 + level) / 2))
    return Interval(mean, float(low), float(high))
