"""Tier 3: tier 2 and the sense of the whole text (MiniLM), weighed together. An extra of its own.

What it has of the linear tier is that tier's own code; beside it go 384 numbers a text of `encoder`,
together of length 1, as each kind of n-grams is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from alphapulse_assets.news.scoring import encoder, linear
from alphapulse_assets.news.scoring.features import FEATURES_VERSION
from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.linear import Floats, Linear, WrongArtefactError
from alphapulse_assets.news.scoring.model import digest
from alphapulse_assets.news.scoring.versions import TRAINING_VERSION

NAME: Final = "minilm"
MINILM_VERSION: Final = 1
"""Version of how the sense is put beside the words."""


@dataclass(frozen=True, kw_only=True)
class MiniLm(Linear):
    """A trained model: a linear one, and the weights of the sense (NUMBERS x classes)."""

    sense: Floats
    network_hash: str
    vocabulary_hash: str
    name: str = NAME
    threads: int = field(default=1, compare=False)

    def decisions(self, texts: Sequence[str]) -> Floats:
        """Scores of the classes before calibration, a row a text."""
        told = encoder.encoder(self.threads).of(texts) @ self.sense
        return np.asarray(super().decisions(texts) + told, dtype=np.float64)

    def about(self) -> dict[str, Any]:
        """Files that it needs, each by its SHA-256."""
        return {"network_sha256": self.network_hash, "vocabulary_sha256": self.vocabulary_hash}


def data_hash_of(texts_hash: str) -> str:
    """SHA-256 of the training texts' own, and of the two files that read them."""
    return digest(texts_hash, encoder.network_hash(), encoder.vocabulary_hash())


def version_of(data_hash: str) -> str:
    """Version of the model that is made of this: known without training it."""
    versions = repr((FEATURES_VERSION, TRAINING_VERSION, MINILM_VERSION))
    return f"{MINILM_VERSION}.{digest(NAME, data_hash, lexicon().data_hash, versions)[:12]}"


def to_bytes(model: Linear) -> bytes:
    """The numbers of a model as one file of plain arrays; the network and its vocabulary are not among them.

    Raises:
        TypeError: it is no model of this tier.
    """
    if not isinstance(model, MiniLm):
        raise TypeError(f"a model of {model.name} has no sense to be stored")
    header = {"minilm": MINILM_VERSION, "network": model.network_hash, "vocabulary": model.vocabulary_hash}
    return linear.packed(linear.arrays_of(model, header) | {"sense": model.sense.astype(np.float32)})


def from_bytes(data: bytes, artefact_hash: str) -> MiniLm:
    """The model of a file that `to_bytes` made.

    Raises:
        MissingExtraError: the extra is not installed.
        WrongArtefactError: it is not the file of this hash, or was trained with other features, another
            network or vocabulary than are installed here.
    """
    header, arrays = linear.opened(data, artefact_hash)
    here = {
        "minilm": MINILM_VERSION,
        "network": encoder.network_hash(),
        "vocabulary": encoder.vocabulary_hash(),
    }
    for name, value in here.items():
        if header.get(name) != value:
            raise WrongArtefactError(
                f"sentiment model {header['version']} was trained with {name} {str(header.get(name))[:12]}, "
                f"and this is {str(value)[:12]}; train again (alphapulse news train)"
            )
    return MiniLm(
        **linear.fields_of(header, arrays),
        sense=arrays["sense"].astype(np.float64),
        network_hash=header["network"],
        vocabulary_hash=header["vocabulary"],
    )
