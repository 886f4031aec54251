"""What is promised of outcomes of signals: each has one, nothing later decides it, SQL sees it too."""

from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import NO_LOOK_AHEAD, Check, Dataset
from alphapulse_assets.datasets.derived_checks import BARS_AGAIN, SAMPLES, WARN, alike, none_but_zero, settled
from alphapulse_assets.datasets.expectations import guard_frame
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_assets.patterns.signal_outcomes.model import LOGIC_VERSION, OPEN
from alphapulse_assets.patterns.signal_outcomes.rows import outcomes_of
from alphapulse_assets.patterns.signals.batch import LOGIC_VERSION as SIGNAL_VERSION
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import COMPUTED, TIMEFRAME_IDS, Subject
from alphapulse_resources.frames import TIMEFRAMES
from alphapulse_resources.settings import get_settings

_FAULTS: Final = ("wrong_entry", "wrong_time", "not_touched", "touched_before", "wrong_price")
_ROUNDING: Final = 1e-9


def _complete(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """Signals against their outcomes."""
    versions = SIGNAL_VERSION, LOGIC_VERSION, get_settings().patterns.configuration
    parameters = (scope.venues, *scope.window, *versions, dataset.name)
    frame = scope.store.database.read(statement("patterns/signal_outcome_coverage"), parameters)
    missing = ("without_outcome", "without_signal")
    if scope.lightweight:
        return guard_frame("complete", frame, {name: pl.col(name) > 0 for name in missing}, severity=WARN)
    return none_but_zero("complete", frame, missing, severity=WARN)


def _touched(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """A sample of the outcomes against the candles."""
    versions = LOGIC_VERSION, get_settings().patterns.configuration
    parameters = (scope.venues, *scope.window, *versions, dataset.name)
    frame = scope.store.database.read(statement("patterns/signal_outcomes_to_check"), parameters)
    return none_but_zero("touched", frame, _FAULTS)


def _no_look_ahead(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """What was decided by a bar in the middle of the window, computed again from nothing after it."""
    subjects = settled(scope, dataset.name)[:SAMPLES]
    compared = [
        row
        for timeframe in COMPUTED
        for subject in subjects
        if (row := _recomputed(scope, subject, timeframe)) is not None
    ]
    schema = pl.Schema({"symbol": pl.String(), "timeframe": pl.String(), "different": pl.Int64()})
    return none_but_zero(NO_LOOK_AHEAD, pl.DataFrame(compared, schema=schema), ["different"])


def _recomputed(scope: CheckScope, subject: Subject, timeframe: str) -> dict[str, Any] | None:
    start, end = scope.window
    bars = scope.store.bars(subject, timeframe, datetime.now(UTC)).between(start, end)
    if bars.is_empty():
        return None
    middle = bars.height // 2
    first, known = bars["ts"][max(0, middle + 1 - BARS_AGAIN)], bars["ts"][middle] + TIMEFRAMES[timeframe]
    configuration = configured(get_settings())
    again = outcomes_of(scope.store.bars(subject, timeframe, known), first, known, configuration)
    stored = scope.store.database.read(
        "SELECT * FROM signal_outcome_events WHERE instrument_id = $1 AND timeframe_id = $2 AND ts >= $3"
        " AND ts < $4 AND known_at <= $4 AND state <> 'open' AND logic_version = $5"
        " AND configuration_version = $6 ORDER BY ts",
        (subject.instrument_id, TIMEFRAME_IDS[timeframe], first, known, LOGIC_VERSION, configuration.version),
    )
    decided = again.filter(pl.col("state") != OPEN)
    return {
        **{"symbol": str(subject), "timeframe": timeframe},
        "different": _differences(decided, stored),
    }


def _differences(again: pl.DataFrame, stored: pl.DataFrame) -> int:
    """Columns that differ by more than rounding; all of them where there are more or fewer rows."""
    names = [name for name in again.columns if name in stored.columns]
    if again.height != stored.height:
        return len(names)
    return sum(not alike(again[name], stored[name]) for name in names)


COMPLETE: Final = Check(
    "complete", "Every signal that is not neutral has its outcome, and every outcome its signal.", _complete
)
TOUCHED: Final = Check(
    "touched",
    "Some outcomes held against the candles in SQL: entered at the open of the next bar, stop and target "
    "untouched before the bar that decided, and touched by it where they did; known at its close.",
    _touched,
)
DECIDED: Final = Check(
    NO_LOOK_AHEAD,
    "What was decided by a moment, computed again from bars and signals up to it, is what is stored.",
    _no_look_ahead,
)
