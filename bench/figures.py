"""What a benchmark found, and whether it is good enough. Pure: no clocks, no database.

Everything is paired: value n of ours and value n of the baseline were taken in the same round, one right
after the other, so that a noisy machine disturbs both. The ratio is baseline / ours: how many times as fast
we are.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import median
from typing import Any


class Demand(StrEnum):
    """What a bar is about."""

    RATIO_AT_LEAST = "ratio >="
    OURS_AT_MOST = "ours <="


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure has to reach: `value` is a ratio or in the figure's unit."""

    demand: Demand
    value: float

    def __str__(self) -> str:
        return f"{self.demand} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, lowest and highest of some values."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a benchmark: our values, in `unit`, and those of `versus` in the same rounds.

    A baseline too slow to be repeated is a single value, which every round of ours is paired with.
    """

    name: str
    unit: str
    ours: tuple[float, ...]
    versus: str = ""
    baseline: tuple[float, ...] = ()
    bar: Bar | None = None

    @property
    def ratio(self) -> Spread | None:
        """The paired ratios; None without a baseline."""
        return spread(paired_ratios(self.baseline, self.ours)) if self.baseline else None

    @property
    def met(self) -> bool | None:
        """Whether the bar is reached; None where there is none.

        Raises:
            ValueError: the bar is about a ratio and there is no baseline.
        """
        if self.bar is None:
            return None
        if self.bar.demand is Demand.OURS_AT_MOST:
            return median(self.ours) <= self.bar.value
        if self.ratio is None:
            raise ValueError(f"{self.name}: a ratio is demanded, but there is no baseline")
        return self.ratio.median >= self.bar.value

    def as_dict(self) -> dict[str, Any]:
        """The figure as JSON has it: every value, and what follows from them."""
        return {
            **asdict(self),
            "ours_median": median(self.ours),
            "baseline_median": median(self.baseline) if self.baseline else None,
            "ratio": asdict(self.ratio) if self.ratio else None,
            "met": self.met,
        }


def paired_ratios(baseline: Sequence[float], ours: Sequence[float]) -> list[float]:
    """baseline / ours, round by round; a single baseline is paired with every value of ours.

    Raises:
        ValueError: numbers of rounds that do not go together, or a value that is not positive.
    """
    if len(baseline) == 1:
        baseline = list(baseline) * len(ours)
    if not ours or len(baseline) != len(ours):
        raise ValueError(f"{len(baseline)} rounds of the baseline cannot be paired with {len(ours)} of ours")
    if min(*baseline, *ours) <= 0:
        raise ValueError("a duration that is not positive was not measured")
    return [theirs / own for theirs, own in zip(baseline, ours, strict=True)]


def spread(values: Sequence[float]) -> Spread:
    """Median, lowest and highest; at least one value."""
    return Spread(median(values), min(values), max(values))
