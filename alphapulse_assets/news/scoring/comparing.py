"""Models held against a user's labelled texts: as they are, and trained on a part of those. Pure.

Where texts have dates, the part is the earlier half, and the later is judged: nothing is learnt of the
future. Where they have none, it is four fifths of them, five times over. The package's texts are trained on
as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.news.scoring.built_in import built_in
from alphapulse_assets.news.scoring.corpus import Labelled, package_texts, together
from alphapulse_assets.news.scoring.evaluation import (
    Figures,
    Ints,
    baselines,
    evaluate,
    figures,
    said_by,
)
from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.model import Scorer
from alphapulse_assets.news.scoring.training import FOLDS, LINEAR, Tier, folds_of, labels_of, train

AS_THEY_ARE: Final = "Models as they are, none of which has seen these texts"
LEAST: Final = 50
"""Texts without which there is no training on a part of them (ours)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How it was held, and the figures of baselines and models."""

    how: str
    figures: list[Figures]


def compare(labelled: Labelled, tiers: Sequence[Tier] = (LINEAR,)) -> list[Compared]:
    """Figures as they are, then trained on a part; texts that are in several rows count once.

    `tiers` are the models that are trained.
    """
    labelled = together([labelled])
    known = set(package_texts().frame["text"])
    unseen = Labelled(labelled.frame.filter(~pl.col("text").is_in(list(known))), labelled.source)
    if unseen.frame.is_empty():
        unseen = labelled  # the package's own file: its figures are then of texts that were seen
    models: list[Scorer] = [lexicon(), *(built_in(tier).model for tier in tiers)]
    found = [Compared(AS_THEY_ARE, evaluate(unseen, models))]
    if unseen.frame.height < LEAST:
        return found
    dated = unseen.frame["date"].is_not_null().all()
    return [*found, _by_time(unseen, tiers) if dated else _by_folds(unseen, tiers)]


def _by_time(labelled: Labelled, tiers: Sequence[Tier]) -> Compared:
    frame = labelled.frame.sort("date", maintain_order=True)
    half = frame.height // 2
    before, after = Labelled(frame[:half], "earlier half"), Labelled(frame[half:], "later half")
    labels, texts = labels_of(after), after.frame["text"].to_list()
    among = sorted(set(labels_of(labelled).tolist()))
    learnt = together([package_texts(), before])
    models: list[Scorer] = [lexicon(), *(train(learnt, tier=tier).model for tier in tiers)]
    majority = int(np.bincount(labels_of(before)).argmax())
    days = after.frame["date"].dt.strftime("%Y-%m-%d")
    return Compared(
        f"Trained on the earlier half as well, judged by the later ({days[0]} to {days[-1]})",
        [
            *baselines(labels, texts, majority),
            *(figures(model.name, labels, said_by(model, texts, among)) for model in models),
        ],
    )


def _by_folds(labelled: Labelled, tiers: Sequence[Tier]) -> Compared:
    labels, texts = labels_of(labelled), labelled.frame["text"].to_list()
    among = sorted(set(labels.tolist()))
    folds = folds_of(texts)
    found = [figures("lexicon", labels, said_by(lexicon(), texts, among))]
    for tier in tiers:
        said = np.empty(len(texts), dtype=np.int64)
        for fold in range(FOLDS):
            held = folds == fold
            said[held] = _of_fold(labelled, held, among, tier)
        found.append(figures(tier.name, labels, said))
    return Compared(
        f"Trained on four fifths as well, judged by the fifth, {FOLDS} times",
        [*baselines(labels, texts), *found],
    )


def _of_fold(labelled: Labelled, held: Ints, among: list[int], tier: Tier) -> Ints:
    rest = Labelled(labelled.frame.filter(pl.Series(~held)), labelled.source)
    model = train(together([package_texts(), rest]), tier=tier).model
    return said_by(model, labelled.frame.filter(pl.Series(held))["text"].to_list(), among)
