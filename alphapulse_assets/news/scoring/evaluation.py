"""How well models do on labelled texts: macro-F1 and recall by class, beside what needs no model. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alphapulse_assets.news.scoring.corpus import Labelled
from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.model import LABELS, NEUTRAL_BELOW, Scorer
from alphapulse_assets.news.scoring.training import Trained, labels_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
BINS: Final = 10
"""Bins of equal width in which calibration is looked at (ours)."""
FINBERT_PUBLISHED: Final = 0.524
"""Macro-F1 of FinBERT on CryptoLin, by the column of that data set: for comparison, not run here."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How a model did: shares from 0 to 1."""

    name: str
    texts: int
    accuracy: float
    macro_f1: float
    recall: dict[str, float]
    """By class that is there; how many of its texts were found."""


def figures(name: str, labels: Ints, said: Ints) -> Figures:
    """Figures of classes (places in LABELS) that were said of texts with labels.

    Macro-F1 is the mean over the classes that labels have: on texts of two classes that of those two, where
    what was said to be the third is simply wrong.
    """
    there = np.unique(labels)
    f1, recall = [], {}
    for label in there:
        right = int(((said == label) & (labels == label)).sum())
        of_label, as_label = int((labels == label).sum()), int((said == label).sum())
        f1.append(2 * right / (of_label + as_label))
        recall[LABELS[label]] = right / of_label
    return Figures(name, len(labels), float((said == labels).mean()), float(np.mean(f1)), recall)


def said_by(model: Scorer, texts: Sequence[str], among: Sequence[int] = range(len(LABELS))) -> Ints:
    """The class that a model says of each text; of a model with probabilities the most probable one.

    `among`: only these classes can be, as where texts are labelled positive or negative alone.
    """
    verdicts = model.read(list(texts))
    found = verdicts.select(LABELS).to_numpy().astype(np.float64)
    places = np.array(among)
    if texts and np.isfinite(found).all():
        return np.asarray(places[found[:, places].argmax(axis=1)], dtype=np.int64)
    return by_score(verdicts["score"].fill_null(0.0).to_numpy(), 1 in among)


def by_score(score: Floats, has_neutral: bool = True) -> Ints:
    """Classes of scores; without a neutral one, what is not below 0 is positive."""
    if not has_neutral:
        return np.where(score >= 0, 2, 0).astype(np.int64)
    return (np.where(score >= NEUTRAL_BELOW, 1, np.where(score <= -NEUTRAL_BELOW, -1, 0)) + 1).astype(
        np.int64
    )


def baselines(labels: Ints, texts: Sequence[str], majority: int | None = None) -> list[Figures]:
    """What takes no model of ours: always the commonest class, and VADER as it comes.

    `majority` is the class that was the commonest where training was; without it that of these texts.
    """
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    commonest = int(np.bincount(labels).argmax()) if majority is None else majority
    vader: Any = SentimentIntensityAnalyzer()
    compound = np.array([vader.polarity_scores(text)["compound"] for text in texts], dtype=np.float64)
    return [
        figures("majority", labels, np.full(len(labels), commonest)),
        figures("vader", labels, by_score(compound, bool((labels == 1).any()))),
    ]


def evaluate(labelled: Labelled, models: Sequence[Scorer]) -> list[Figures]:
    """Baselines and models on labelled texts that none of them was trained on."""
    labels, texts = labels_of(labelled), labelled.frame["text"].to_list()
    among = sorted(set(labels.tolist()))
    found = [figures(model.name, labels, said_by(model, texts, among)) for model in models]
    return [*baselines(labels, texts), *found]


def reliability(probabilities: Floats, labels: Ints) -> pl.DataFrame:
    """How often classes were right by how probable they were said to be: bin, texts, said, right.

    All classes of all texts together; a model is calibrated where said and right agree.
    """
    said = probabilities.ravel()
    right = (labels[:, None] == np.arange(probabilities.shape[1])).ravel()
    bins = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    frame = pl.DataFrame({"bin": bins, "said": said, "right": right.astype(np.float64)})
    return (
        frame.group_by("bin")
        .agg(pl.len().alias("texts"), pl.col("said").mean(), pl.col("right").mean())
        .sort("bin")
    )


def calibration_error(table: pl.DataFrame) -> float:
    """Mean distance of said and right over all bins, weighed by their texts (expected calibration error)."""
    weights = table["texts"] / table["texts"].sum()
    return float((weights * (table["said"] - table["right"]).abs()).sum())


def card(trained: Trained, labelled: Labelled) -> dict[str, Any]:
    """Model card of a training, by what the model said of each text while it had not seen it."""
    texts = labelled.frame["text"].to_list()
    table = reliability(trained.unseen, trained.labels)
    words = figures("lexicon", trained.labels, said_by(lexicon(), texts))
    own = figures(trained.model.name, trained.labels, trained.unseen.argmax(axis=1))
    return {
        "trained_on": labelled.source,
        "labels": _counts(trained.labels),
        "evaluation": "5-fold cross-validation on the training texts",
        "calibration": [round(float(each), 6) for each in trained.model.calibration],
        "figures": [asdict(each) for each in (*baselines(trained.labels, texts), words, own)],
        "calibration_error": calibration_error(table),
        "reliability": table.to_dicts(),
        **trained.model.about(),
    }


def _counts(labels: Ints) -> Mapping[str, int]:
    return {label: int((labels == place).sum()) for place, label in enumerate(LABELS)}
