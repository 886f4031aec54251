"""What is usual: the distribution of notionals of late, for telling what is large. Pure."""

import math
from typing import Final

import numpy as np

from alphapulse_assets.order_book.thresholds import WhaleThresholds

_WIDTH: Final = 0.05  # of a bin in log notional: 5 %; ours
_LOWEST: Final = -12.0  # log of the smallest notional told apart, 6e-6; the largest is 1e16
_BINS: Final = 980
_CENTRES: Final = _LOWEST + _WIDTH * (np.arange(_BINS) + 0.5)
_REFRESH: Final = 1.0  # seconds for which the summary is kept; ours
_LARGEST_WEIGHT: Final = 1e9


class Usual:
    """A histogram of log notional in which old observations fade; adding is O(1).

    Quantile, median and MAD are reckoned again at most once a second, and exact to a bin of 5 %.
    """

    __slots__ = ("_at", "_bins", "_samples", "_since", "_thresholds", "cut", "mad", "median")

    def __init__(self, thresholds: WhaleThresholds) -> None:
        self._thresholds = thresholds
        self._bins = np.zeros(_BINS)
        self._samples = 0
        self._since: float | None = None  # time at which an observation weighs 1
        self._at = -math.inf  # of the summary
        self.cut = math.inf  # log notional at the quantile
        self.median = math.nan  # of log notional
        self.mad = math.nan  # of log notional, at least half a bin

    def add(self, notional: float, at: float) -> None:
        """Take one observation."""
        if self._since is None:
            self._since = at
        weight = math.exp(min(max(at - self._since, 0.0) / self._thresholds.memory, 700.0))
        if weight > _LARGEST_WEIGHT:
            self._bins /= weight
            self._since, weight = at, 1.0
        index = int((math.log(notional) - _LOWEST) / _WIDTH)
        self._bins[min(max(index, 0), _BINS - 1)] += weight
        self._samples += 1
        if self._samples <= self._thresholds.least_samples:
            self._at = -math.inf

    def robust_z(self, notional: float) -> float:
        """Distance of log notional from the median, in MADs x 1.4826; as of the latest `is_large`."""
        return (math.log(notional) - self.median) / (1.4826 * self.mad)

    @property
    def median_notional(self) -> float:
        """The usual notional, in quote units; as of the latest `is_large`."""
        return math.exp(self.median)

    def evidence(self, notional: float) -> dict[str, float | int | str]:
        """What made a notional large; as of the latest `is_large`."""
        return {
            "robust_z": self.robust_z(notional),
            "usual_notional": self.median_notional,
            "quantile_notional": math.exp(self.cut),
        }

    def is_large(self, notional: float, at: float) -> bool:
        """notional >= max(floor, quantile), and robust z >= threshold; False while too little is known."""
        if notional < self._thresholds.floor or self._samples < self._thresholds.least_samples:
            return False
        if at - self._at >= _REFRESH:
            self._summarise(at)
        return math.log(notional) >= self.cut and self.robust_z(notional) >= self._thresholds.robust_z

    def _summarise(self, at: float) -> None:
        cumulative = np.cumsum(self._bins)
        total = cumulative[-1]
        top = int(np.searchsorted(cumulative, self._thresholds.quantile * total))
        self.cut = float(_CENTRES[min(top, _BINS - 1)] - _WIDTH / 2)
        self.median = float(_CENTRES[np.searchsorted(cumulative, total / 2)])
        distance = np.abs(_CENTRES - self.median)
        order = np.argsort(distance, kind="stable")
        middle = np.searchsorted(np.cumsum(self._bins[order]), total / 2)
        self.mad = max(float(distance[order][middle]), _WIDTH / 2)
        self._at = at
