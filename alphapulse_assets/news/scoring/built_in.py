"""The models of the package's texts, each trained once in a process that needs it."""

from functools import lru_cache

from alphapulse_assets.news.scoring.corpus import package_texts
from alphapulse_assets.news.scoring.training import ELSEWHERE, LINEAR, Tier, Trained, train


def built_in(tier: Tier = LINEAR) -> Trained:
    """Trained on the texts that come with the package: some seconds the first time."""
    return _trained(tier)


@lru_cache(maxsize=2)
def _trained(tier: Tier) -> Trained:
    return train(package_texts(), ELSEWHERE, tier)
