"""The ladder of models, simplest first, each fitted on the past and calibrated on a slice of its own.

Shrunk table; logistic regression of few terms; small gradient boosting whose monotone constraints say what a
factor means: where history, trend or convergence say more for an event, it may not become less likely. Only
rows that moved by more than the costs teach a direction. Scikit-learn is imported here and nowhere else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Final

import numpy as np

from alphapulse_assets.models import kernels
from alphapulse_assets.models.artefact import Numbers, numbers
from alphapulse_assets.models.model import Floats
from alphapulse_assets.models.sample import Sample, fit_and_calibration
from alphapulse_assets.models.shrunk import EDGES, direction_table, size_table
from alphapulse_assets.models.terms import AT, TERMS


@dataclass(frozen=True)
class Rung:
    """One configuration of the ladder."""

    kind: str
    name: str
    strength: float = 100.0  # of the prior of the table, observations
    penalty: float = 1.0  # inverse of the regularisation of the logistic regression
    leaves: int = 4  # of a tree
    share: float = 0.01  # of the rows that a leaf holds at least


LADDER: Final = (
    Rung("table", "table, prior of 30", strength=30.0),
    Rung("table", "table, prior of 300", strength=300.0),
    Rung("table", "table, prior of 3000", strength=3000.0),
    Rung("logistic", "logistic, C 0.001", penalty=0.001),
    Rung("logistic", "logistic, C 0.1", penalty=0.1),
    Rung("boosting", "boosting, 4 leaves", leaves=4),
    Rung("boosting", "boosting, 8 leaves", leaves=8, share=0.02),
)
"""All that is tried (ours); the report says how many."""

FEW: Final = (
    *("sign", "strength", "volume", "trend", "context", "history", "convergence", "regime_with"),
    *("slope_with", "volatility_percentile", "bar_move_atr", "move_before_atr"),
)
"""Terms of the logistic regression."""
RISING: Final = ("trend", "history", "convergence")
"""Terms with which the probability of the trees may not fall: what these factors are specified to mean."""
ROUNDS: Final = 60
RATE: Final = 0.05
FEWEST: Final = 200
"""Rows that moved below which only the table is fitted (ours)."""
ISOTONIC_FROM: Final = 1_000
"""Clusters in the slice for calibration from which on it is isotonic, else Platt's (ours; Niculescu-Mizil &
Caruana 2005 find isotonic regression to need about so many)."""
_NEAR: Final = 0.01


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra and trees on one thread: the same numbers bit for bit, and room for others."""
    from threadpoolctl import threadpool_limits

    for library in ("sklearn.ensemble", "sklearn.linear_model", "sklearn.isotonic"):
        import_module(library)  # limits hold for the libraries that are there when they are set
    with threadpool_limits(limits=1):
        yield


def fitted(rung: Rung, sample: Sample) -> Numbers | None:
    """The numbers of a rung fitted on these rows; None where they are too few for it."""
    base = _tables(rung, sample)
    if rung.kind == "table":
        return base
    fit, kept = (each.of(each.moved) for each in fit_and_calibration(sample))
    if min(len(fit), len(kept)) < FEWEST or fit.right.all() or not fit.right.any():
        return None
    made = _logistic(rung, fit, base) if rung.kind == "logistic" else _boosting(rung, fit, base)
    return _calibrated(rung.kind, made, kept)


def base_rates(sample: Sample) -> tuple[Floats, Floats]:
    """The share right of what moved, by timeframe and direction: what was known without any pattern; and the
    same of all rows by timeframe alone."""
    one = replace(sample, rows=_plain(sample.rows))
    moved = one.of(one.moved)
    direction, _ = direction_table(moved.rows, moved.right.astype(float), moved.cluster, 30.0)
    plain, _ = direction_table(one.rows, one.right.astype(float), one.cluster, 30.0)
    return direction[:, :2, kernels.REGIMES - 1], plain[:, 0, kernels.REGIMES - 1]


def _plain(rows: Floats) -> Floats:
    """Rows whose shape is their direction, and whose regime is not known."""
    made = rows.copy()
    made[:, kernels.SHAPE] = (rows[:, kernels.SIGN] > 0).astype(np.float64)
    made[:, kernels.REGIME_WITH] = np.nan
    return made


def _tables(rung: Rung, sample: Sample) -> Numbers:
    size, size_n = size_table(sample.rows, sample.moved.astype(float), sample.cluster)
    moved = sample.of(sample.moved)
    table, table_n = direction_table(moved.rows, moved.right.astype(float), moved.cluster, rung.strength)
    return numbers(edges=EDGES, size=size, size_n=size_n, table=table, table_n=table_n)


def _logistic(rung: Rung, fit: Sample, base: Numbers) -> Numbers:
    from sklearn.linear_model import LogisticRegression

    columns = np.array([AT[name] for name in FEW])
    chosen = fit.rows[:, columns]
    with np.errstate(all="ignore"):
        known = ~np.isnan(chosen)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, chosen, 0.0).sum(axis=0) / count
        spread = np.sqrt((np.where(known, chosen - mean, 0.0) ** 2).sum(axis=0) / count)
    scale = np.where(spread > 0, spread, 1.0)
    terms = np.clip(np.where(known, (chosen - mean) / scale, 0.0), -kernels.MOST, kernels.MOST)
    solver: Any = LogisticRegression(C=rung.penalty, max_iter=1_000).fit(terms, fit.right)
    weights = np.append(solver.coef_[0], solver.intercept_)
    return replace(base, columns=columns.astype(np.int64), mean=mean, scale=scale, weights=weights)


def _boosting(rung: Rung, fit: Sample, base: Numbers) -> Numbers:
    return replace(base, **trees_of(boosted(rung, fit)))


def boosted(rung: Rung, fit: Sample) -> Any:
    """Scikit-learn's own model of a rung of trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rising = [1 if name in RISING else 0 for name in TERMS]
    # scikit-learn cannot bin a column of which nothing is known; one of a single value is never split by
    rows = np.where(np.isnan(fit.rows).all(axis=0), 0.0, fit.rows)
    return HistGradientBoostingClassifier(
        max_iter=ROUNDS,
        learning_rate=RATE,
        max_leaf_nodes=rung.leaves,
        min_samples_leaf=max(20, int(rung.share * len(fit))),
        l2_regularization=1.0,
        monotonic_cst=rising,
        early_stopping=False,
        random_state=0,
    ).fit(rows, fit.right)


def trees_of(model: Any) -> dict[str, Any]:
    """A fitted histogram gradient boosting as the kernel's arrays."""
    trees = [stage[0].nodes for stage in model._predictors]
    roots = np.cumsum([0, *(len(nodes) for nodes in trees[:-1])]).astype(np.int64)
    nodes = np.concatenate(trees)
    leaf = nodes["is_leaf"].astype(bool)
    return {
        "roots": roots,
        "feature": nodes["feature_idx"].astype(np.int64),
        "threshold": nodes["num_threshold"].astype(np.float64),
        "left": np.where(leaf, -1, nodes["left"].astype(np.int64)),
        "right": np.where(leaf, -1, nodes["right"].astype(np.int64)),
        "missing_left": nodes["missing_go_to_left"].astype(np.int64),
        "value": nodes["value"].astype(np.float64),
        "baseline": np.asarray(model._baseline_prediction, dtype=np.float64).reshape(-1)[:1],
    }


def raw(kind: str, of: Numbers, rows: Floats) -> Floats:
    """Log odds of logistic regression or trees, before calibration."""
    if kind == "logistic":
        return np.array(
            [kernels.logistic_raw(row, of.columns, of.mean, of.scale, of.weights) for row in rows]
        )
    return np.array(
        [
            kernels.trees_raw(
                row, of.roots, of.feature, of.threshold, of.left, of.right, of.missing_left, of.value,
                float(of.baseline[0]),
            )
            for row in rows
        ]
    )  # fmt: skip


def _calibrated(kind: str, made: Numbers, kept: Sample) -> Numbers:
    """With calibration and the observations that each tenth of what it says rests on."""
    told = raw(kind, made, kept.rows)
    bins = np.unique(np.quantile(told, np.linspace(0, 1, 11)[1:-1]))
    place = np.searchsorted(bins, told, side="right")
    worth = [max(len(np.unique(kept.cluster[place == i])), 1) for i in range(len(bins) + 1)]
    made = replace(made, bins=bins, bins_n=np.array(worth, dtype=np.float64))
    if kept.right.all() or not kept.right.any():
        return replace(made, platt=np.array([1.0, 0.0]))
    if kept.clusters >= ISOTONIC_FROM:
        from sklearn.isotonic import IsotonicRegression

        steps: Any = IsotonicRegression(y_min=_NEAR, y_max=1 - _NEAR, out_of_bounds="clip")
        steps.fit(1 / (1 + np.exp(-told)), kept.right)
        return replace(made, x=steps.X_thresholds_, y=steps.y_thresholds_)
    from sklearn.linear_model import LogisticRegression

    line: Any = LogisticRegression(C=1e6, max_iter=1_000).fit(told[:, None], kept.right)
    slope, offset = float(line.coef_[0][0]), float(line.intercept_[0])
    if slope <= 0:  # what it says is of no use on rows that it had not seen: their rate alone
        share = float(kept.right.mean())
        slope, offset = 0.0, float(np.log(share / (1 - share)))
    return replace(made, platt=np.array([slope, offset]))
