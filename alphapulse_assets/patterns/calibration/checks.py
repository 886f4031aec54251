"""What is promised of calibration: rules of its rows, and a warning where a score does not rank."""

from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.derived_checks import MOST_ROWS, WARN, check_rules, rules_of
from alphapulse_assets.patterns.calibration.model import LOGIC_VERSION
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_resources.database.client import statement
from alphapulse_resources.settings import get_settings

SHOWN: Final = 21
"""Scores and timeframes that are named in the result: all of three scores and seven timeframes."""


def calibration_rules(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """The calibration as of the end of the run's last day."""
    rows = scope.store.database.read(statement("calibration/rows_to_check"), (*scope.last_day, MOST_ROWS))
    return check_rules("rules", rows, rules_of(dataset))


def increasing(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """Whether each score was right more often where it is higher, by the interval of its trend."""
    told = scope.store.database.read(
        statement("calibration/trends_to_check"),
        (
            *scope.last_day,
            *(LOGIC_VERSION, get_settings().patterns.configuration, DEFAULT.outcomes.history_horizon),
        ),
    )
    falls = told.filter(pl.col("slope_high") < 0)
    flat = told.filter((pl.col("increasing") == False) & (pl.col("slope_high") >= 0))  # noqa: E712  # not null
    notes = [*falls["note"], *flat["note"]][:SHOWN]
    return dg.AssetCheckResult(
        check_name="increasing",
        passed=not notes,
        severity=WARN,
        description="Every score with enough outcomes rises with the share right."
        if not notes
        else "What is higher was not seen to be right more often: do not rank by it.",
        metadata={
            "rising": told.filter(pl.col("increasing")).height,
            "not_seen_to_rise": flat.height,
            "falling": falls.height,
            "too_few_outcomes": told.filter(pl.col("increasing").is_null()).height,
            "notes": dg.MetadataValue.md("\n".join(f"- {each}" for each in notes) or "none"),
        },
    )
