"""Which version of the trained model texts make: known without training it. Pure."""

from typing import Final

from alphapulse_assets.news.scoring.features import FEATURES_VERSION
from alphapulse_assets.news.scoring.lexicon import lexicon
from alphapulse_assets.news.scoring.model import digest

TRAINING_VERSION: Final = 1
"""Version of how it is trained."""


def version_of(data_hash: str) -> str:
    """Version of the model of these texts: of the training, and of all that goes into it."""
    made = digest(data_hash, lexicon().data_hash, repr((FEATURES_VERSION, TRAINING_VERSION)))
    return f"{TRAINING_VERSION}.{made[:12]}"
