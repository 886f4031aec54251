"""What quality scores promise: every symbol's day has one, and every part lies where a part can lie."""

from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.expectations import check_frame, expectation
from alphapulse_assets.datasets.partitions import days_by_venue, first_and_last, run_keys
from alphapulse_resources.database.client import statement
from alphapulse_resources.resources import DatabaseResource

PARTS: Final = ("completeness", "explained", "validity", "consistency", "timeliness", "agreement")


def quality_suite() -> list[Any]:
    """Ranges of the score and its parts, counts that fit together, one row a symbol and day."""
    rules = [expectation("ExpectColumnValuesToBeBetween", column="score", min_value=0, max_value=100)]
    rules += [
        expectation("ExpectColumnValuesToBeBetween", column=part, min_value=0, max_value=1) for part in PARTS
    ]
    rules += [
        expectation("ExpectColumnValuesToNotBeNull", column="coverage_of_score"),
        expectation(
            "ExpectColumnPairValuesAToBeGreaterThanB", column_A="expected", column_B="present", or_equal=True
        ),
        expectation("ExpectColumnValuesToBeBetween", column="unscored", min_value=0, max_value=0),
        expectation("ExpectCompoundColumnsToBeUnique", column_list=["venue", "symbol", "day"]),
    ]
    return rules


@dg.asset_check(
    asset="quality_scores",
    name="score_rules",
    description="Scores from 0 to 100, parts from 0 to 1, one row for every symbol and day that was fetched.",
)
def quality_check(context: dg.AssetCheckExecutionContext, database: DatabaseResource) -> dg.AssetCheckResult:
    """The scores of the run's partitions."""
    days = days_by_venue(run_keys(context.run.tags))
    frame = database.get().read(statement("quality/scores_to_check"), (list(days), *first_and_last(days)))
    return check_frame("score_rules", frame, quality_suite(), severity=dg.AssetCheckSeverity.ERROR)
