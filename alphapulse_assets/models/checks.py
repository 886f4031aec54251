"""What is promised of probabilities, held against the rows of the partitions just written."""

from datetime import UTC, datetime, timedelta
from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import NO_LOOK_AHEAD, Dataset
from alphapulse_assets.datasets.derived_checks import (
    MOST_ROWS,
    SAMPLES,
    WARN,
    alike,
    check_rules,
    none_but_zero,
    rules_of,
    settled,
)
from alphapulse_assets.datasets.expectations import guard_frame
from alphapulse_assets.models.deriving import DATASET, Scorer
from alphapulse_assets.models.model import EVENT_PROBABILITIES, KEY, LOGIC_VERSION
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import COMPUTED, TIMEFRAME_IDS, Subject
from alphapulse_resources.frames import TIMEFRAMES
from alphapulse_resources.settings import get_settings

AGAIN: Final = 300
"""Bars of a timeframe that are computed again (ours)."""


def rules(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """The hard rules."""
    versions = LOGIC_VERSION, get_settings().patterns.configuration
    found = scope.store.database.read(
        statement("models/rows_to_check"), (scope.venues, *scope.window, *versions, MOST_ROWS)
    )
    return check_rules("rules", found, rules_of(dataset), lightweight=scope.lightweight)


def complete(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """Evidence without a row, where a model was known, by symbol."""
    versions = LOGIC_VERSION, get_settings().patterns.configuration
    found = scope.store.database.read(statement("models/coverage"), (scope.venues, *scope.window, *versions))
    if scope.lightweight:
        broken = {"without_row": pl.col("without_row") > 0, "without_event": pl.col("without_event") > 0}
        return guard_frame("complete", found, broken, severity=WARN)
    return none_but_zero("complete", found, ("without_row", "without_event"), severity=WARN)


def no_look_ahead(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """Bars up to one in the middle, computed again as if it were the newest."""
    scorer = Scorer(scope.store, configured(get_settings()))
    compared = [
        row
        for timeframe in COMPUTED
        for subject in settled(scope, DATASET)[:SAMPLES]
        if (row := _recomputed(scope, scorer, subject, timeframe)) is not None
    ]
    schema = pl.Schema({"symbol": pl.String(), "timeframe": pl.String(), "different": pl.Int64()})
    return none_but_zero(NO_LOOK_AHEAD, pl.DataFrame(compared, schema=schema), ["different"])


def _recomputed(
    scope: CheckScope, scorer: Scorer, subject: Subject, timeframe: str
) -> dict[str, str | int] | None:
    length = TIMEFRAMES[timeframe]
    bars = scope.store.bars(subject, timeframe, datetime.now(UTC)).between(*scope.window)
    if bars.is_empty():
        return None
    middle = bars.height // 2
    first, last = bars["ts"][max(0, middle + 1 - AGAIN)], bars["ts"][middle]
    then = scope.store.bars(subject, timeframe, last + length)
    again = scorer.rows(then, first, last + timedelta(microseconds=1))
    stored = scope.store.database.read(
        "SELECT * FROM event_probabilities WHERE instrument_id = $1 AND timeframe_id = $2 AND ts >= $3"
        " AND ts <= $4 AND logic_version = $5 AND configuration_version = $6",
        (
            *(subject.instrument_id, TIMEFRAME_IDS[timeframe], first, last, LOGIC_VERSION),
            get_settings().patterns.configuration,
        ),
    )
    return {"symbol": str(subject), "timeframe": timeframe, "different": _differences(again, stored)}


def _differences(again: pl.DataFrame, stored: pl.DataFrame) -> int:
    names = [name for name in EVENT_PROBABILITIES.values if name in again.columns]
    if again.height != stored.height:
        return len(names)
    order = [name for name in KEY if name in again.columns]
    one, other = again.sort(order), stored.sort(order)
    return sum(not alike(one[name], other[name]) for name in names)
