"""Chooses a rung of the ladder by walking forward, judges it once on time it never saw, and makes the model.

What ships is the chosen rung where it demonstrated value; else the shrunk table alone. Either is fitted again
on everything that was known at `trained_until`, by the same procedure that was judged.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from alphapulse_assets.models import kernels, metrics
from alphapulse_assets.models.artefact import Model, Numbers, numbers
from alphapulse_assets.models.drift import reference
from alphapulse_assets.models.ladder import LADDER, Rung, base_rates, fitted, one_thread, raw
from alphapulse_assets.models.model import (
    NO_SKILL,
    SKILL,
    TOO_LITTLE,
    TRAINING_VERSION,
    WORSE,
    Floats,
    digest,
)
from alphapulse_assets.models.sample import Division, Sample, between, divided, known_by, moment, sample_of
from alphapulse_assets.models.terms import features_digest
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration

FEWEST_ROWS: Final = 500
FEWEST_CLUSTERS: Final = 100
"""Below them there is no model (ours): success rates speak then."""
FEWEST_BLOCKS: Final = 5
"""Blocks of the untouched part below which nothing is said of skill (ours)."""
MOST_DISCOVERIES: Final = 0.05
"""False discovery rate in walk-forward up to which a rung can have demonstrated value (ours). Without it one
of three walks of nine months was let through by its report alone (measured)."""
_NONE: Final = Model("table", 0, datetime.min, 0.0, "", "", numbers())
_FOLDS: Final = 5


class Trained(NamedTuple):
    """A model and its card."""

    model: Model
    card: dict[str, Any]


class TooFewError(ValueError):
    """There is too little to learn from; the message says how much there is."""


def train(
    frame: pl.DataFrame,
    horizon: int,
    trained_until: datetime,
    *,
    configuration: PatternConfiguration = DEFAULT,
    ladder: Sequence[Rung] = LADDER,
) -> Trained:
    """The model of a horizon from what `labels.labelled` gives of it, of any number of instruments.

    Raises:
        TooFewError: fewer rows or stretches of time than a model needs.
        ValueError: labels that were not known at `trained_until`.
    """
    late = frame.filter(pl.col("label_known_at") > trained_until)
    if late.height:
        raise ValueError(f"{late.height} labels were not known at {trained_until}")
    if frame.height < FEWEST_ROWS:
        raise TooFewError(f"{frame.height} labelled events; a model needs {FEWEST_ROWS}")
    sample = sample_of(frame, horizon, configuration)
    if sample.clusters < FEWEST_CLUSTERS:
        raise TooFewError(f"{sample.clusters} stretches of time; a model needs {FEWEST_CLUSTERS}")
    with one_thread():
        return _trained(sample, horizon, trained_until, configuration, ladder)


def _trained(
    sample: Sample,
    horizon: int,
    trained_until: datetime,
    configuration: PatternConfiguration,
    ladder: Sequence[Rung],
) -> Trained:
    division = divided(sample)
    tried = [_walked(rung, sample, division) for rung in ladder]
    for each, q in zip(tried, metrics.adjusted([each["p"] for each in tried]), strict=True):
        each["q"] = q
    usable = [each for each in tried if each["loss"] is not None]
    if not usable:
        raise TooFewError("no part of the time has events before and after it; collect more")
    best = ladder[tried.index(min(usable, key=lambda each: each["loss"]))]
    tables = [each for each in usable if ladder[tried.index(each)].kind == "table"]
    table = ladder[tried.index(min(tables, key=lambda each: each["loss"]))] if tables else ladder[0]
    q = tried[ladder.index(best)]["q"]
    report = _report(best, sample, division, q)
    shipped = best if report["verdict"] == SKILL else table
    made = fitted(shipped, sample)
    assert made is not None  # it was fitted on less
    version = _version(sample, horizon, trained_until, configuration, ladder)
    model = Model(
        shipped.kind, horizon, trained_until, configuration.costs.round_trip, sample.digest, version, made
    )
    card = {
        "chosen": best.name,
        "shipped": shipped.name,
        **report,
        "rule": f"walk-forward by {division.rule}, purged, embargo of the longest horizon; a fifth untouched",
        "configurations_tried": len(tried),
        "q": q,
        "configurations": tried,
        "shuffled_auc": shuffled(best, sample),
        "reference": reference(sample.rows),
    }
    return Trained(model, card)


def _version(
    sample: Sample, horizon: int, until: datetime, configuration: Any, ladder: Sequence[Rung]
) -> str:
    made = digest(sample.digest, features_digest(), horizon, until.isoformat(), configuration.costs, ladder)
    return f"{TRAINING_VERSION}.{made[:12]}"


def _walked(rung: Rung, sample: Sample, division: Division) -> dict[str, Any]:
    """Loss of the directions over all tests, and how sure it is that they beat the base rate."""
    untold = {
        "name": rung.name,
        "loss": None,
        "skill": None,
        "auc": None,
        "auc_error": None,
        "p": 1.0,
        "q": 1.0,
    }
    losses, bases, tests, scores = [], [], [], []
    for start, end in division.folds:
        past, test = known_by(sample, start), between(sample, start, end)
        test = test.of(test.moved)
        if not len(past) or not past.moved.any() or not len(test):
            continue
        made = fitted(rung, past)
        if made is None:
            return untold
        said, base = _said(rung, made, test), _base(past, test)[0]
        losses.append(metrics.log_loss(_direction(said), test.right))
        bases.append(metrics.log_loss(base, test.right))
        scores.append(score(rung, made, test))
        tests.append(test)
    if not losses:
        return untold
    lost, usual = np.concatenate(losses), np.concatenate(bases)
    blocks, right = (np.concatenate([getattr(each, name) for each in tests]) for name in ("block", "right"))
    found, area = metrics.skill(lost, usual, blocks), metrics.auc(np.concatenate(scores), right, blocks)
    return untold | {
        "loss": float(lost.mean()),
        "skill": found.value,
        "auc": area.value,
        "auc_error": area.error,
        "p": found.p,
    }


def _said(rung: Rung, made: Numbers, sample: Sample) -> Floats:
    return replace(_NONE, kind=rung.kind, numbers=made).predict(sample.rows)


def score(rung: Rung, made: Numbers, sample: Sample) -> Floats:
    """By what rows are ranked: log odds before calibration, which may flatten them; of tables the share."""
    if rung.kind != "table":
        return raw(rung.kind, made, sample.rows)
    return _direction(_said(rung, made, sample))


def _direction(said: Floats) -> Floats:
    """The share of moves that are said to go its way."""
    return np.asarray(said[:, kernels.PROBABILITY] / said[:, kernels.MOVE], dtype=np.float64)


def _base(past: Sample, test: Sample) -> tuple[Floats, Floats]:
    """What was known without any pattern: of moves, by timeframe and direction; of all, by timeframe."""
    direction, plain = base_rates(past)
    place = test.rows[:, kernels.PLACE].astype(np.int64)
    return direction[place, (test.rows[:, kernels.SIGN] > 0).astype(np.int64)], plain[place]


def _report(rung: Rung, sample: Sample, division: Division, q: float) -> dict[str, Any]:
    """All that a card says of the rung, on the untouched part, fitted on what was known before it."""
    past, test = known_by(sample, division.untouched), between(sample, division.untouched, division.end)
    window: dict[str, Any] = {
        "start": moment(int(sample.known[0])).isoformat(),
        "untouched_from": moment(division.untouched).isoformat(),
        "end": moment(int(sample.known[-1])).isoformat(),
        "n": len(sample),
        "clusters": sample.clusters,
        "test_n": len(test),
        "test_clusters": test.clusters if len(test) else 0,
        "test_blocks": len(np.unique(test.block)),
        "base_rate": float(sample.right.mean()),
    }
    made = fitted(rung, past) if len(past) and past.moved.any() else None
    if made is None or window["test_blocks"] < FEWEST_BLOCKS or not test.moved.any():
        return {**window, "verdict": TOO_LITTLE}
    said = _said(rung, made, test)
    given, moves = said[:, kernels.PROBABILITY], said[:, kernels.MOVE]
    direction, plain = _base(past, test)
    moved = test.of(test.moved)
    right, blocks = test.right, test.block
    brier = metrics.skill(metrics.brier(given, right), metrics.brier(moves * direction, right), blocks)
    loss = metrics.skill(metrics.log_loss(given, right), metrics.log_loss(moves * direction, right), blocks)
    auc = metrics.auc(score(rung, made, moved), moved.right, moved.block)
    top = test.of(given >= np.quantile(given, 0.9))
    return {
        **window,
        "verdict": verdict(brier, loss, q),
        "brier_skill": brier.told(),
        "log_loss_skill": loss.told(),
        "auc": auc.told(),
        "brier_skill_plain": metrics.skill(
            metrics.brier(given, right), metrics.brier(plain, right), blocks
        ).told(),
        "brier": metrics.mean(metrics.brier(given, right), blocks).told(),
        "reliability": metrics.reliability(given, right, test.cluster),
        "top_decile_bps": metrics.mean(top.net * 10_000, top.block).told(),
        "all_bps": metrics.mean(test.net * 10_000, blocks).told(),
    }


def verdict(brier: metrics.Measured, loss: metrics.Measured, q: float) -> str:
    """In the product's words. Value takes two parts of time: in walk-forward the rung stands out among all
    that were tried (q, false discovery rate), and both intervals are above nothing on time it never saw."""
    if brier.low > 0 and loss.low > 0 and q <= MOST_DISCOVERIES:
        return SKILL
    return WORSE if brier.high < 0 and loss.high < 0 else NO_SKILL


def shuffled(rung: Rung, sample: Sample) -> float | None:
    """AUC by folds drawn at random, which mix the future into the past: what leakage would look like."""
    random = np.random.default_rng(0)
    fold = random.integers(0, _FOLDS, len(sample))
    given, right, blocks = [], [], []
    for held in range(_FOLDS):
        test = sample.of((fold == held) & sample.moved)
        made = fitted(rung, sample.of(fold != held))
        if made is None or not len(test):
            return None
        given.append(score(rung, made, test))
        right.append(test.right)
        blocks.append(test.block)
    return metrics.auc(np.concatenate(given), np.concatenate(right), np.concatenate(blocks)).value
