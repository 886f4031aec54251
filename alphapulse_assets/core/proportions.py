"""Shares held against shares, and shares over rising levels, where observations hang together. Pure.

Outcomes of one *cluster* (a stretch of time one horizon long, numbered in order of time) share prices, and
so do those of neighbouring clusters where a horizon crosses the border between them. Both are counted: sums
of residuals by cluster give the variance of a share (Liang & Zeger 1986), products of neighbours are added as
far as they make it larger (Hansen & Hodrick 1980, overlapping forecasts). What a share is then worth is told
as an *effective* number of independent observations (Rao & Scott 1992): on dense, wholly overlapping outcomes
it is about the number of clusters; where each has one outcome, their number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from alphapulse_assets.core.statistics import LEVEL, Floats, Integers, Interval, wilson

_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class Share:
    """A share 0..1 and the number of independent observations it is worth."""

    value: float
    effective: float


@dataclass(frozen=True, slots=True)
class Trend:
    """How a share changes from a level to the next: `slope`, with its interval, and p of no change."""

    slope: Interval
    p: float


def share(hits: Floats, clusters: Integers) -> Share:
    """The share of ones among `hits` (0 or 1), worth what its clusters say.

    Where it is 0 or 1, or of a single cluster, there is no spread to see: it is worth its clusters.

    Raises:
        ValueError: no hits, or not as many clusters.
    """
    if not len(hits) or len(hits) != len(clusters):
        raise ValueError(f"{len(hits)} hits in {len(clusters)} clusters")
    value = float(np.mean(hits))
    count = len(np.unique(clusters))
    if value in (0.0, 1.0) or count == 1:
        return Share(value, float(count))
    variance = _variance_of_sum(hits - value, clusters) / len(hits) ** 2
    effective = value * (1 - value) / variance if variance > 0 else float(len(hits))
    return Share(value, min(max(effective, 1.0), float(len(hits))))


def score_interval(of: Share, level: float = LEVEL) -> Interval:
    """Wilson's interval of a share by its effective number of observations."""
    return wilson(of.value, max(int(of.effective), 1), level)


def difference(one: Share, other: Share, level: float = LEVEL) -> Interval:
    """`one` less `other` with Newcombe's hybrid score interval (Newcombe 1998, method 10)."""
    a, b = score_interval(one, level), score_interval(other, level)
    value = one.value - other.value
    return Interval(
        value,
        value - math.hypot(one.value - a.low, b.high - other.value),
        value + math.hypot(a.high - one.value, other.value - b.low),
    )


def above(one: Share, other: Share | float) -> float:
    """One-sided p of `one` being no larger than `other`: the two-proportion z test, pooled.

    A number for `other` is known exactly (the one-proportion z test). 1 less it is the p of being no smaller.
    """
    if isinstance(other, float):
        pooled, scale, reference = other, 1 / one.effective, other
    else:
        total = one.effective + other.effective
        pooled = (one.value * one.effective + other.value * other.effective) / total
        scale, reference = 1 / one.effective + 1 / other.effective, other.value
    error = math.sqrt(pooled * (1 - pooled) * scale)
    if error == 0:
        return 0.5 if one.value == reference else float(one.value < reference)
    return _NORMAL.cdf((reference - one.value) / error)


def cohens_h(one: float, other: float) -> float:
    """The difference of two shares on the scale where each is as easy to see (Cohen 1988): 0.2 is small."""
    return 2 * math.asin(math.sqrt(one)) - 2 * math.asin(math.sqrt(other))


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """q of each p: the smallest false discovery rate at which it is named (Benjamini & Hochberg 1995).

    It holds for tests that are independent or lean on each other the same way (Benjamini & Yekutieli 2001).
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    scaled = values[order] * len(values) / np.arange(1, len(values) + 1)
    found = np.empty(len(values))
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return [float(each) for each in found]


def trend(hits: Floats, levels: Floats, clusters: Integers, level: float = LEVEL) -> Trend | None:
    """Whether a share rises with a level: the Cochran-Armitage statistic with the variance of clusters.

    The statistic is the sum of (level - mean level) x (hit - mean hit) (Cochran 1954, Armitage 1955), its
    variance that of its sums by cluster, as in the module's words. None where levels or hits are all alike.
    """
    if not len(hits):
        return None
    away = levels - np.mean(levels)
    spread = float(np.sum(away * away))
    products = away * (hits - np.mean(hits))
    variance = _variance_of_sum(products, clusters)
    if spread == 0 or variance <= 0:
        return None
    total, error = float(np.sum(products)), math.sqrt(variance)
    wide = _NORMAL.inv_cdf((1 + level) / 2) * error
    slope = Interval(total / spread, (total - wide) / spread, (total + wide) / spread)
    return Trend(slope, 2 * _NORMAL.cdf(-abs(total / error)))


def _variance_of_sum(residuals: Floats, clusters: Integers) -> float:
    """Of the sum of residuals whose expectation is 0, by clusters and their neighbours."""
    numbers, places = np.unique(clusters, return_inverse=True)
    sums = np.bincount(places, weights=residuals)
    own = float(np.sum(sums * sums))
    neighbours = float(np.sum((sums[:-1] * sums[1:])[np.diff(numbers) == 1]))
    count = len(numbers)
    return max(own + 2 * neighbours, own) * (count / (count - 1) if count > 1 else 1.0)
