"""What is promised of scores beyond their ranges."""

from typing import Final

import dagster as dg

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Check, Dataset
from alphapulse_assets.datasets.derived_checks import none_but_zero
from alphapulse_resources.database.client import statement

LEAST_SCORED: Final = 0.9
"""Share of the texts in a supported language that have a score, below which a check warns (ours)."""


def _consistent(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    rows = scope.store.database.read(statement("news/scores_to_check"), scope.window)
    return none_but_zero(
        "scores_explained", rows, ["not_one", "without_model", "without_reason", "half_a_verdict"]
    )


def _shares(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    row = scope.store.database.read(statement("news/shares_to_check"), scope.window).row(0, named=True)
    texts, english, scored, linked = (int(row[name]) for name in ("texts", "english", "scored", "linked"))
    return dg.AssetCheckResult(
        check_name="texts_scored",
        passed=scored >= LEAST_SCORED * english,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "texts": texts,
            "in_a_supported_language": english,
            "scored": scored,
            "linked": linked,
            "share_scored": scored / texts if texts else 0.0,
            "share_linked": linked / texts if texts else 0.0,
        },
    )


SCORES_EXPLAINED: Final = Check(
    "scores_explained",
    "Probabilities together are 1, each score's model is known, and where there is no score there is "
    "a reason.",
    _consistent,
    blocking=True,
)
TEXTS_SCORED: Final = Check(
    "texts_scored",
    "Nine of ten texts in a supported language have a score; the share that is about a coin is told.",
    _shares,
)
