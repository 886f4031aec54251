"""The model of the package's texts, trained once in a process that needs it."""

from functools import lru_cache

from alphapulse_assets.news.scoring.corpus import package_texts
from alphapulse_assets.news.scoring.training import ELSEWHERE, Trained, train


@lru_cache(maxsize=1)
def built_in() -> Trained:
    """Trained on the texts that come with the package: some seconds the first time."""
    return train(package_texts(), ELSEWHERE)
