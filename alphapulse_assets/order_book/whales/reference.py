"""What is usual: the distribution of notionals of late, for telling what is large. Pure."""

import math
from typing import Final

import numpy as np

from alphapulse_assets.order_book.book.peaks import Floats
from alphapulse_assets.order_book.whales.thresholds import WhaleThresholds

_WIDTH: Final = 0.05  # of a bin in log notional: 5 %; ours
_LOWEST: Final = -12.0  # log of the smallest notional told apart, 6e-6; the largest is 1e16
_BINS: Final = 980
_CENTRES: Final = _LOWEST + _WIDTH * (np.arange(_BINS) + 0.5)
_REFRESH: Final = 1.0  # seconds for which the summary is kept; ours
_LARGEST_WEIGHT: Final = 1e9


class Usual:
    """A histogram of log notional in which old observations fade; adding is O(1).

    Quantile, median and MAD are reckoned again at most once a second, and exact to a bin of 5 %. Notionals
    are in quote units; one that is 0, infinite or NaN is no observation and never large.

    Args:
        thresholds: what makes a notional large beside the others.
        floor: in USD, below which nothing is large; None: that of the thresholds.
    """

    __slots__ = (
        "_at",
        "_bins",
        "_floor_usd",
        "_samples",
        "_since",
        "_thresholds",
        "cut",
        "floor",
        "mad",
        "median",
    )

    def __init__(self, thresholds: WhaleThresholds, floor: float | None = None) -> None:
        self._thresholds = thresholds
        self._floor_usd = thresholds.floor if floor is None else floor
        self.floor = self._floor_usd  # in quote units; 0: what they are worth is unknown
        self._bins = np.zeros(_BINS)
        self._samples = 0
        self._since: float | None = None  # time at which an observation weighs 1
        self._at = -math.inf  # of the summary
        self.cut = math.inf  # log notional at the quantile
        self.median = math.nan  # of log notional
        self.mad = math.nan  # of log notional, at least half a bin

    def price_in(self, usd: float) -> None:
        """What a quote unit is worth in USD from now on; NaN where it is unknown: then there is no floor."""
        self.floor = self._floor_usd / usd if usd > 0.0 else 0.0

    def add(self, notional: float, at: float) -> None:
        """Take one observation."""
        if not 0.0 < notional < math.inf:
            return
        weight = self._weight(at)
        index = int((math.log(notional) - _LOWEST) / _WIDTH)
        self._bins[min(max(index, 0), _BINS - 1)] += weight
        self._count(1)

    def add_many(self, notionals: Floats, at: float) -> None:
        """Take many observations of one moment."""
        possible = notionals[(notionals > 0.0) & (notionals < math.inf)]
        if not len(possible):
            return
        weight = self._weight(at)
        indices = ((np.log(possible) - _LOWEST) / _WIDTH).astype(np.int64).clip(0, _BINS - 1)
        self._bins += weight * np.bincount(indices, minlength=_BINS)
        self._count(len(possible))

    def _weight(self, at: float) -> float:
        """What an observation weighs now."""
        if self._since is None:
            self._since = at
        weight = math.exp(min(max(at - self._since, 0.0) / self._thresholds.memory, 700.0))
        if weight > _LARGEST_WEIGHT:
            self._bins /= weight
            self._since, weight = at, 1.0
        return weight

    def _count(self, more: int) -> None:
        if self._samples < self._thresholds.least_samples:  # the summary is of too few
            self._at = -math.inf
        self._samples += more

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
        if not self.floor <= notional < math.inf or notional == 0.0 or not self.knows(at):
            return False
        return math.log(notional) >= self.cut and self.robust_z(notional) >= self._thresholds.robust_z

    def knows(self, at: float) -> bool:
        """Whether enough was seen to tell what is large; if so, the summary is brought up to date."""
        if self._samples < self._thresholds.least_samples:
            return False
        if at - self._at >= _REFRESH:
            self._summarise(at)
        return True

    def worth_a_look(self, at: float) -> float:
        """Notional from which on a level that is not looked at now may be large later.

        The floor; where it is unknown the quantile, and if that is unknown too nothing is.
        """
        if self.floor:
            return self.floor
        return math.exp(self.cut) if self.knows(at) else math.inf

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
