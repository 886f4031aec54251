"""Trains tiers 2 and 3: logistic regression over `features`, calibrated by texts that it had not seen.

The same texts give the same numbers, bit for bit: texts have their order, the solver no randomness, the
folds follow from the texts themselves, and linear algebra runs on one thread. Scikit-learn is imported here
and nowhere else; a training of two thousand texts takes seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.news.scoring import features
from alphapulse_assets.news.scoring.corpus import Labelled, check_enough
from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.linear import NAME, Floats, Linear, calibrated, from_bytes, to_bytes
from alphapulse_assets.news.scoring.model import LABELS, digest
from alphapulse_assets.news.scoring.versions import version_of

STRENGTH: Final = 3.0
"""Inverse of the regularisation (chosen by cross-validation on our texts)."""
ELSEWHERE: Final = 0.6
"""How much surer the model is of texts by the hand that wrote its own than it may be of others' (measured:
with it the calibration error on CryptoLin's headlines is 0.03, without 0.09; classes stay the same)."""
FOLDS: Final = 5
ROUNDS: Final = 1_000
TOLERANCE: Final = 1e-4
_DIGITS: Final = 7


@dataclass(frozen=True, slots=True)
class Tier:
    """A kind of model that is trained: how, what names its versions, and how it is stored."""

    name: str
    fit: Callable[[Sequence[str], NDArray[np.int64]], Linear]
    """Of texts and the places of their labels, not calibrated."""
    data_hash_of: Callable[[str], str]
    """Of the hash of its texts."""
    version_of: Callable[[str], str]
    """Of its data hash: known without training."""
    to_bytes: Callable[[Linear], bytes]
    from_bytes: Callable[[bytes, str], Linear]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, and what it said of each training text while it had not seen it."""

    model: Linear
    unseen: Floats
    """Calibrated probabilities, a row a text; the calibration itself is left out of its own folds."""
    labels: NDArray[np.int64]


def train(labelled: Labelled, sureness: float = 1.0, tier: Tier | None = None) -> Trained:
    """Train on all texts; calibrate with what models of the other folds say of each fold.

    `sureness` is what the calibrated scores are multiplied by afterwards: ELSEWHERE for the package's texts.
    `tier` is what is trained, LINEAR if not given.

    Raises:
        LabelledTextsError: a class has too few texts.
    """
    from threadpoolctl import threadpool_limits

    tier = tier or LINEAR
    for library in ("scipy.optimize", "sklearn.linear_model"):
        import_module(library)  # limits hold for the libraries that are there when they are set
    check_enough(labelled)
    texts = labelled.frame["text"].to_list()
    labels = labels_of(labelled)
    folds = folds_of(texts)
    with threadpool_limits(limits=1):
        decisions = np.empty((len(texts), len(LABELS)))
        for fold in range(FOLDS):
            held = folds == fold
            made = tier.fit([text for text, out in zip(texts, held, strict=True) if not out], labels[~held])
            decisions[held] = made.decisions([text for text, out in zip(texts, held, strict=True) if out])
        unseen = np.empty_like(decisions)
        for fold in range(FOLDS):
            held = folds == fold
            unseen[held] = calibrated(decisions[held], calibration(decisions[~held], labels[~held]))
        model = tier.fit(texts, labels)
    data_hash = tier.data_hash_of(labelled.data_hash)
    model = replace(
        model,
        version=tier.version_of(data_hash),
        data_hash=data_hash,
        calibration=_rounded(sureness * calibration(decisions, labels)),
    )
    return Trained(model, unseen, labels)


def labels_of(labelled: Labelled) -> NDArray[np.int64]:
    """Places of the labels in LABELS."""
    return np.array([LABELS.index(label) for label in labelled.frame["label"]], dtype=np.int64)


def folds_of(texts: Sequence[str]) -> NDArray[np.int64]:
    """The fold of each text, by its hash: a text stays in its fold whatever else is there."""
    return np.array([int(digest(text)[:8], 16) % FOLDS for text in texts], dtype=np.int64)


def fit(texts: Sequence[str], labels: NDArray[np.int64]) -> Linear:
    """Logistic regression, not calibrated; classes count alike, however many texts they have."""
    return fit_beside(texts, labels, np.empty((len(texts), 0)))[0]


def fit_beside(texts: Sequence[str], labels: NDArray[np.int64], more: Floats) -> tuple[Linear, Floats]:
    """As `fit`, with `more` columns beside the words; the weights of those apart."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    words = [features.tokens(text) for text in texts]
    vocabularies, idfs, blocks = [], [], []
    for kind in features.KINDS:
        vocabulary = features.vocabulary_of(words, kind)
        counts = features.counted(words, kind, {gram: place for place, gram in enumerate(vocabulary)})
        idf = _rounded(features.idf_of(counts, len(texts), len(vocabulary)))
        rows, columns, _ = counts
        held = features.weighted(counts, idf, len(texts))
        blocks.append(csr_matrix((held, (rows, columns)), shape=(len(texts), len(vocabulary))))
        vocabularies.append(vocabulary)
        idfs.append(idf)
    told = csr_matrix(features.dense(texts, lexicon()))
    solver: Any = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=ROUNDS, tol=TOLERANCE)
    solver.fit(hstack([*blocks, told, csr_matrix(more)]).tocsr(), labels)
    weights = _rounded(solver.coef_.T)
    ends = np.cumsum([*(len(vocabulary) for vocabulary in vocabularies), len(features.DENSE)])
    parts = np.split(weights, ends)
    made = Linear(
        version="",
        data_hash="",
        vocabularies=tuple(map(tuple, vocabularies)),
        idf=tuple(idfs),
        weights=tuple(parts[:-2]),
        dense=parts[-2],
        bias=_rounded(solver.intercept_),
        calibration=np.array([1.0, 0.0, 0.0, 0.0]),
    )
    return made, parts[-1]


def calibration(decisions: Floats, labels: NDArray[np.int64]) -> Floats:
    """Factor and offsets (Guo et al. 2017, with a bias) under which labels are most probable."""
    from scipy.optimize import minimize

    def loss(parameters: Floats) -> float:
        given = np.array([np.exp(parameters[0]), parameters[1], 0.0, parameters[2]])
        found = calibrated(decisions, given)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(found, 1e-12)).mean())

    best: Any = minimize(loss, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    return np.array([np.exp(best.x[0]), best.x[1], 0.0, best.x[2]])


def _rounded(values: Floats) -> Floats:
    """As they are stored: what the last digits of one processor make of it is gone."""
    return np.asarray(np.round(values, _DIGITS).astype(np.float32), dtype=np.float64)


LINEAR: Final = Tier(NAME, fit, str, version_of, to_bytes, from_bytes)
