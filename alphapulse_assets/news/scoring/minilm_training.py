"""Trains tier 3 as tier 2 is: same texts, folds and calibration, the sense of a text beside its words."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.news.scoring import encoder, minilm
from alphapulse_assets.news.scoring.linear import Linear
from alphapulse_assets.news.scoring.minilm import MiniLm
from alphapulse_assets.news.scoring.training import Tier, fit_beside


def fit(texts: Sequence[str], labels: NDArray[np.int64]) -> MiniLm:
    """Logistic regression over words, the lexicon's scores and the sense, not calibrated.

    Raises:
        MissingExtraError: the extra minilm is not installed.
    """
    words, sense = fit_beside(texts, labels, encoder.encoder().of(texts))
    own = {each.name: getattr(words, each.name) for each in fields(Linear) if each.name != "name"}
    return MiniLm(
        **own,
        sense=sense,
        network_hash=encoder.network_hash(),
        vocabulary_hash=encoder.vocabulary_hash(),
    )


MINILM: Final = Tier(
    minilm.NAME, fit, minilm.data_hash_of, minilm.version_of, minilm.to_bytes, minilm.from_bytes
)
