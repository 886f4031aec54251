"""What is promised of aggregates and correlations beyond the bounds of single columns."""

from datetime import UTC, datetime, timedelta
from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import NO_LOOK_AHEAD, Check, Dataset
from alphapulse_assets.datasets.derived_checks import none_but_zero
from alphapulse_assets.datasets.expectations import guard_frame
from alphapulse_assets.news.aggregates import aggregation, computing
from alphapulse_assets.news.aggregates.lead_lag import DEMONSTRATED
from alphapulse_assets.news.aggregates.model import AGGREGATES_VERSION, CORRELATIONS_VERSION
from alphapulse_resources.database.client import statement

ERROR: Final = dg.AssetCheckSeverity.ERROR
AMISS: Final = (
    "stories_amiss", "texts_amiss", "more_than_texts", "off_close", "from_the_future", "score_amiss",
)  # fmt: skip
HOURS_AGAIN: Final = timedelta(hours=24)
"""How much is made again, each hour of it from a past that ends with it at the latest (ours)."""
TOLERANCE: Final = 2e-9
"""Of figures that are kept with nine decimals."""
_KEY: Final = ["coin", "ts", "hours", "model", "model_version"]


def _counts(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    frame = scope.store.database.read(statement("news/aggregates/counts_to_check"), scope.window)
    if scope.lightweight:
        broken = {name: pl.col(name) != 0 for name in AMISS}
        return guard_frame("counts_add_up", frame, broken, severity=ERROR)
    return none_but_zero("counts_add_up", frame, AMISS, severity=ERROR)


def _again(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """The last day's hours once more: in two parts, so that the first knows nothing of the second."""
    start, end = scope.window
    end = min(end, computing.floor_hour(datetime.now(UTC)))
    start = max(start, end - HOURS_AGAIN)
    middle = start + (end - start) // (2 * aggregation.HOUR) * aggregation.HOUR
    database = scope.store.database
    windows = [each for each in ((start, middle), (middle, end)) if each[0] < each[1]]
    if not windows:
        return dg.AssetCheckResult(check_name=NO_LOOK_AHEAD, passed=True, metadata={"rows": 0, "differ": 0})
    made = pl.concat([computing.aggregate_rows(database, window) for window in windows])
    query = statement("news/aggregates/aggregates_to_check")
    stored = database.read(query, (start, end, AGGREGATES_VERSION))
    looked_at, differ = _compared(stored, made, _KEY)
    return dg.AssetCheckResult(
        check_name=NO_LOOK_AHEAD,
        passed=not differ,
        severity=ERROR,
        metadata={"rows": looked_at, "differ": differ},
    )


def _correlations_again(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    start, end = scope.last_day
    query = "SELECT * FROM sentiment_correlation_lags WHERE ts >= $1 AND ts < $2 AND logic_version = $3"
    stored = scope.store.database.read(query, (start, end, CORRELATIONS_VERSION))
    made = computing.correlation_rows(scope.store.database, start) if stored.height else stored
    looked_at, differ = _compared(stored, made, ["instrument_id", "days", "series", "against", "lag"])
    demonstrated = stored.filter(pl.col("verdict").is_in(DEMONSTRATED)).height
    return dg.AssetCheckResult(
        check_name=NO_LOOK_AHEAD,
        passed=not differ,
        severity=ERROR,
        metadata={"rows": looked_at, "differ": differ, "demonstrated": demonstrated},
    )


def _compared(stored: pl.DataFrame, made: pl.DataFrame, key: list[str]) -> tuple[int, int]:
    """How many rows there are, and how many of them are not the same."""
    both = stored.join(made, on=key, how="full", suffix="_again", coalesce=True)
    other = []
    for name, dtype in made.schema.items():
        if name in key:
            continue
        a, b = pl.col(name), pl.col(f"{name}_again")
        far = (a - b).abs() > TOLERANCE if dtype.is_float() and name != "zscore" else None
        if name == "zscore":  # divided by a deviation of at least 0.05
            far = (a - b).abs() > TOLERANCE / aggregation.LEAST_DEVIATION
        other.append(
            a.ne_missing(b)
            if far is None
            else (a.is_null() != b.is_null()) | far.fill_null(False)
        )  # fmt: skip
    return both.height, both.filter(pl.any_horizontal(other)).height


COUNTS_ADD_UP: Final = Check(
    "counts_add_up",
    "Sides add up to stories, kinds to texts; known at the end of the hour, and not before it came.",
    _counts,
    blocking=True,
)
AGGREGATES_AGAIN: Final = Check(
    NO_LOOK_AHEAD, "Hours computed again from texts known at their end have the rows stored.", _again
)
CORRELATIONS_AGAIN: Final = Check(
    NO_LOOK_AHEAD, "A day computed again from what was known at its end has the rows stored.",
    _correlations_again,
)  # fmt: skip
