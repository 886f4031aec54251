"""How good probabilities are, with intervals of a bootstrap that draws whole stretches of time. Pure.

Skill is 1 less the loss over that of the base rate (Murphy 1973): 0 is no better than the base rate. AUC is
the chance that a right one was given more than a wrong one (Hanley & McNeil 1982). All intervals are those
of blocks drawn with replacement across symbols and timeframes (Davison & Hinkley 1997, 3.8).
"""

from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from alphapulse_assets.core.statistics import SEED, wilson
from alphapulse_assets.models.model import Floats, Integers
from alphapulse_assets.models.sample import Flags

RESAMPLES: Final = 400
_TAILS: Final = (0.025, 0.975)
_LEAST: Final = 1e-6
BINS: Final = 10


class Measured(NamedTuple):
    """A figure with its interval and standard error; `p`: share of resamples on the wrong side of nothing."""

    value: float
    low: float
    high: float
    error: float
    p: float

    def told(self) -> dict[str, float]:
        """As a card has it."""
        return {name: round(value, 6) for name, value in self._asdict().items()}


def draws(blocks: Integers, key: int = 0, resamples: int = RESAMPLES) -> tuple[Integers, Integers]:
    """The number of each row's block, and how often each block is drawn in each resample."""
    _, number = np.unique(blocks, return_inverse=True)
    count = int(number.max()) + 1
    random = np.random.default_rng([SEED, key])
    often = random.multinomial(count, np.full(count, 1 / count), size=resamples)
    return number.astype(np.int64), often.astype(np.int64)


def brier(given: Floats, right: Flags) -> Floats:
    """Squared errors."""
    return np.asarray((given - right) ** 2, dtype=np.float64)


def log_loss(given: Floats, right: Flags) -> Floats:
    """Negative log likelihoods."""
    safe = np.clip(given, _LEAST, 1 - _LEAST)
    return np.asarray(-np.where(right, np.log(safe), np.log1p(-safe)), dtype=np.float64)


def skill(losses: Floats, base: Floats, blocks: Integers) -> Measured:
    """1 - loss / loss of the base rate."""
    number, often = draws(blocks)
    sums = np.stack([np.bincount(number, weights=each) for each in (losses, base)])
    drawn = often @ sums.T
    return _measured(1 - losses.sum() / base.sum(), 1 - drawn[:, 0] / drawn[:, 1], 0.0)


def mean(values: Floats, blocks: Integers) -> Measured:
    """The mean."""
    number, often = draws(blocks)
    sums, counts = np.bincount(number, weights=values), np.bincount(number)
    return _measured(float(values.mean()), (often @ sums) / np.maximum(often @ counts, 1), 0.0)


def auc(given: Floats, right: Flags, blocks: Integers) -> Measured:
    """Area under the ROC curve; half of the ties count. NaN where all are right, or none."""
    number, often = draws(blocks)
    order = np.argsort(given, kind="stable")
    _, tie = np.unique(given[order], return_inverse=True)
    hit, block = right[order], number[order]
    value = _auc(np.ones(len(order)), hit, tie)
    found = np.array([_auc(weights[block].astype(np.float64), hit, tie) for weights in often])
    return _measured(value, found[~np.isnan(found)], 0.5)


def reliability(given: Floats, right: Flags, clusters: Integers) -> list[dict[str, float]]:
    """By tenths of what was said: said, right, rows, clusters, and the interval of right."""
    place = np.searchsorted(np.quantile(given, np.linspace(0, 1, BINS + 1)[1:-1]), given, side="right")
    frame = pl.DataFrame({"place": place, "said": given, "right": right, "cluster": clusters})
    rows = frame.group_by("place").agg(
        pl.col("said", "right").mean(), pl.len().alias("n"), pl.col("cluster").n_unique().alias("clusters")
    )
    found = []
    for row in rows.sort("place").iter_rows(named=True):
        bounds = wilson(row["right"], row["clusters"])
        told: dict[str, float] = {"said": row["said"], "right": row["right"]}
        told |= {"low": bounds.low, "high": bounds.high}
        found.append({k: round(v, 6) for k, v in told.items()} | {"n": row["n"], "clusters": row["clusters"]})
    return found


def adjusted(values: list[float]) -> list[float]:
    """q of each p: false discovery rate (Benjamini & Hochberg 1995)."""
    count = len(values)
    order = sorted(range(count), key=lambda i: values[i], reverse=True)
    found, least = [0.0] * count, 1.0
    for place, i in enumerate(order):
        least = min(least, values[i] * count / (count - place))
        found[i] = least
    return found


def _auc(weights: Floats, hit: Flags, tie: Integers) -> float:
    right = np.bincount(tie, weights=weights * hit)
    wrong = np.bincount(tie, weights=weights * ~hit)
    pairs = right.sum() * wrong.sum()
    if not pairs:
        return float("nan")
    below = np.cumsum(wrong) - wrong
    return float((right * (below + wrong / 2)).sum() / pairs)


def _measured(value: Any, drawn: Floats, nothing: float) -> Measured:
    if len(drawn) < 2:
        return Measured(float(value), float("-inf"), float("inf"), float("inf"), 1.0)
    low, high = np.quantile(drawn, _TAILS)
    p = (1 + int((drawn <= nothing).sum())) / (1 + len(drawn))
    return Measured(float(value), float(low), float(high), float(drawn.std(ddof=1)), p)
