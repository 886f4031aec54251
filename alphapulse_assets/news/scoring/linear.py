"""Tier 2: TF-IDF and the lexicon's scores, weighed by logistic regression, with calibrated answers. Pure.

Only the weighing is here: arrays and a vocabulary, as training left them. It needs no scikit-learn, and gives
what scikit-learn would to twelve digits (a test).
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alphapulse_assets.news.scoring import features
from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.model import LABELS, VERDICT_SCHEMA, digest

NAME: Final = "linear"
AT_ONCE: Final = 1_000
"""Texts weighed together (ours): what they need stays in the processor's caches."""
_BREAK: Final = "\n"

Floats = NDArray[np.float64]


class WrongArtefactError(ValueError):
    """The numbers of a model are not those that its hash stands for, or of another layout."""


@dataclass(frozen=True)
class Linear:
    """A trained model. `idf` and `weights` are by kind of n-gram (features.KINDS), `dense` of what the
    lexicon says; classes are in the order of LABELS."""

    version: str
    data_hash: str
    vocabularies: tuple[tuple[str, ...], ...]
    idf: tuple[Floats, ...]
    weights: tuple[Floats, ...]
    dense: Floats
    bias: Floats
    calibration: Floats
    """By how much scores are multiplied before they are made probabilities, then what is added by class."""
    name: str = NAME

    @cached_property
    def _places(self) -> tuple[dict[str, int], ...]:
        return tuple({gram: place for place, gram in enumerate(each)} for each in self.vocabularies)

    def decisions(self, texts: Sequence[str]) -> Floats:
        """Scores of the classes before calibration, a row a text."""
        words = [features.tokens(text) for text in texts]
        made = features.dense(texts, lexicon()) @ self.dense + self.bias
        for kind, places, idf, weights in zip(
            features.KINDS, self._places, self.idf, self.weights, strict=True
        ):
            counts = features.counted(words, kind, places)
            held = features.weighted(counts, idf, len(texts))
            rows, columns, _ = counts
            for label in range(len(LABELS)):
                made[:, label] += np.bincount(
                    rows, weights=held * weights[columns, label], minlength=len(texts)
                )
        return np.asarray(made, dtype=np.float64)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities of LABELS, a row a text, each row together 1."""
        parts = [
            calibrated(self.decisions(texts[start : start + AT_ONCE]), self.calibration)
            for start in range(0, len(texts), AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.empty((0, len(LABELS)))

    def read(self, texts: Sequence[str]) -> pl.DataFrame:
        """VERDICT_SCHEMA: the score is the probability of positive less that of negative."""
        found = self.probabilities(texts)
        columns = {
            "score": found[:, 2] - found[:, 0],
            "confidence": found.max(axis=1, initial=0.0),
            **{label: found[:, place] for place, label in enumerate(LABELS)},
        }
        return pl.DataFrame(columns, schema=VERDICT_SCHEMA)

    def about(self) -> dict[str, Any]:
        """What its card says of it beside its figures."""
        return {}


def calibrated(decisions: Floats, calibration: Floats) -> Floats:
    """Probabilities of scores: softmax of the scores times a factor plus an offset a class."""
    scaled = decisions * calibration[0] + calibration[1:]
    made = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(made / made.sum(axis=1, keepdims=True), dtype=np.float64)


def to_bytes(model: Linear) -> bytes:
    """The numbers of a model as one file of plain arrays (.npz); the same model gives the same bytes."""
    return packed(arrays_of(model, {}))


def from_bytes(data: bytes, artefact_hash: str) -> Linear:
    """The model of a file that `to_bytes` made.

    Raises:
        WrongArtefactError: it is not the file of this hash, or was made with other features than these.
    """
    return Linear(**fields_of(*opened(data, artefact_hash)))


def arrays_of(model: Linear, more: Mapping[str, Any]) -> dict[str, Any]:
    """A model as plain arrays; `more` goes to what its header says."""
    own = {"version": model.version, "data_hash": model.data_hash, "features": features.FEATURES_VERSION}
    arrays: dict[str, Any] = {
        "header": _text(json.dumps({**own, **more}, sort_keys=True)),
        "dense": model.dense.astype(np.float32),
        "bias": model.bias.astype(np.float32),
        "calibration": model.calibration.astype(np.float32),
    }
    for place in range(len(features.KINDS)):
        arrays[f"vocabulary_{place}"] = _text(_BREAK.join(model.vocabularies[place]))
        arrays[f"idf_{place}"] = model.idf[place].astype(np.float32)
        arrays[f"weights_{place}"] = model.weights[place].astype(np.float32)
    return arrays


def packed(arrays: Mapping[str, Any]) -> bytes:
    """Arrays as one file (.npz)."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def opened(data: bytes, artefact_hash: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the arrays of a model's file, held against its hash.

    Raises:
        WrongArtefactError: it is not the file of this hash, or was made with other features than these.
    """
    if (found := digest(data)) != artefact_hash:
        raise WrongArtefactError(
            f"the numbers of a sentiment model have the hash {found[:12]} instead of "
            f"{artefact_hash[:12]}: they "
            "were changed or cut off; train again (alphapulse news train)"
        )
    with np.load(io.BytesIO(data), allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    header: dict[str, Any] = json.loads(arrays["header"].tobytes().decode())
    if header["features"] != features.FEATURES_VERSION:
        raise WrongArtefactError(
            f"sentiment model {header['version']} was made with version {header['features']} of "
            f"the features, "
            f"and this is {features.FEATURES_VERSION}; train again (alphapulse news train)"
        )
    return header, arrays


def fields_of(header: Mapping[str, Any], arrays: Mapping[str, Any]) -> dict[str, Any]:
    """What `Linear` is made of, from a file that was opened."""
    kinds = range(len(features.KINDS))
    return {
        "version": header["version"],
        "data_hash": header["data_hash"],
        "vocabularies": tuple(_grams(arrays[f"vocabulary_{place}"]) for place in kinds),
        "idf": tuple(arrays[f"idf_{place}"].astype(np.float64) for place in kinds),
        "weights": tuple(arrays[f"weights_{place}"].astype(np.float64) for place in kinds),
        "dense": arrays["dense"].astype(np.float64),
        "bias": arrays["bias"].astype(np.float64),
        "calibration": arrays["calibration"].astype(np.float64),
    }


def _text(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _grams(data: NDArray[np.uint8]) -> tuple[str, ...]:
    text = data.tobytes().decode()
    return tuple(text.split(_BREAK)) if text else ()
