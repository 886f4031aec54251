"""What is promised of news beyond the bounds of single columns."""

from datetime import timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Check, Dataset
from alphapulse_assets.news.model import STORY_WINDOW
from alphapulse_resources.database.client import statement

WITHIN: Final = timedelta(hours=1)
"""How soon after its publication an article is to be seen."""
TIMELY: Final = 0.8
"""Share of articles that are to be (ours)."""
COPIES: Final = 0.7
"""Share of copies above which something is taken for a copy that is none (ours)."""
_FEWEST: Final = 20
WARN: Final = dg.AssetCheckSeverity.WARN
ERROR: Final = dg.AssetCheckSeverity.ERROR


def _figures(scope: CheckScope, name: str, *more: Any) -> dict[str, Any]:
    return scope.store.database.read(statement(name), (*scope.window, *more)).row(0, named=True)


def _stories(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
    found = _figures(scope, "news/stories_to_check", STORY_WINDOW)
    return dg.AssetCheckResult(
        check_name="stories",
        passed=not found["without_first"] and not found["out_of_time"],
        severity=ERROR,
        metadata=found,
    )


def _duplicates(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
    found = _figures(scope, "news/stories_to_check", STORY_WINDOW)
    rate = found["copies"] / found["texts"] if found["texts"] else 0.0
    return dg.AssetCheckResult(
        check_name="duplicate_rate",
        passed=rate <= COPIES or found["texts"] < _FEWEST,
        severity=WARN,
        metadata={"duplicate_rate": round(rate, 4), "texts": found["texts"], "copies": found["copies"]},
    )


def _timeliness(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
    found = _figures(scope, "news/timeliness_to_check", WITHIN)
    share = found["timely"] / found["texts"] if found["texts"] else 1.0
    return dg.AssetCheckResult(
        check_name="timeliness",
        passed=share >= TIMELY or found["texts"] < _FEWEST,
        severity=WARN,
        metadata={"share": round(share, 4), **found},
    )


def _sources(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
    rows = scope.store.database.rows(statement("news/sources_to_check"))
    return dg.AssetCheckResult(
        check_name="sources_alive",
        passed=not rows,
        severity=WARN,
        metadata={"silent": len(rows), **{str(row["collector"]): str(row["why"]) for row in rows}},
    )


STORIES: Final = Check(
    "stories", "Each text's story has a first text, seen before it and at most 72 hours.", _stories
)
DUPLICATES: Final = Check(
    "duplicate_rate", "At most seven of ten texts are copies; the share is told.", _duplicates
)
TIMELINESS: Final = Check(
    "timeliness", "Four of five articles were seen within an hour of their publication.", _timeliness
)
SOURCES: Final = Check(
    "sources_alive", "Each source that is asked answers, and brings something new.", _sources
)
