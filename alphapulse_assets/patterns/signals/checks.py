"""What is promised of confidence, confluence and signals, as suites run on the partitions just written.

`rules` are hard: every score is held against its own stored factors, every signal against its own plan, in
SQL. `complete` holds confidences against the events they are of. `no_look_ahead` computes a stretch of
moments again from nothing that was known after it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import NO_LOOK_AHEAD, Check, Dataset
from alphapulse_assets.datasets.derived_checks import (
    MOST_ROWS,
    SAMPLES,
    WARN,
    alike,
    none_but_zero,
    rules,
    settled,
)
from alphapulse_assets.datasets.expectations import guard_frame
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import definitions as chart
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_assets.patterns.signals.scoring_runs import OUTPUTS, Scoring
from alphapulse_assets.patterns.signals.stored_form import FRAMES
from alphapulse_assets.volume import definitions as volume
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import Subject
from alphapulse_resources.settings import get_settings

AGAIN: Final = timedelta(hours=6)
"""Moments of each symbol that are computed again (ours)."""
ROUNDING: Final = 1e-6
"""How far a sum of doubles may be off, in points of a score (ours)."""
SINGLE: Final = 1e-4
"""The same of a score whose factors are stored with seven digits."""


TO_CHECK: Final[Mapping[str, str]] = {
    "pattern_confidence": "patterns/confidences_to_check",
    "pattern_confluence": "patterns/confluences_to_check",
    "signals": "patterns/signals_to_check",
}
"""The statement that gives the rows of a data set beside what they amount to."""


def _versions(asset: str) -> tuple[int, int]:
    version, _ = OUTPUTS[asset]
    return version, get_settings().patterns.configuration


def scores_hold(text: str) -> Check:
    """Rules that hold each score against its own stored parts, which a statement puts beside it."""

    def rows(scope: CheckScope, dataset: Dataset) -> pl.DataFrame:
        parameters = (scope.venues, *scope.window, *_versions(dataset.name), MOST_ROWS)
        return scope.store.database.read(statement(TO_CHECK[dataset.name]), parameters)

    return rules(text, rows)


def complete(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """Confidences against the events they are of."""
    events = candlestick.LOGIC_VERSION, chart.LOGIC_VERSION, volume.LOGIC_VERSION
    frame = scope.store.database.read(
        statement("patterns/scored_coverage"),
        (scope.venues, *scope.window, *events, *_versions(dataset.name)),
    )
    missing = ("without_confidence", "without_event")
    if scope.lightweight:
        return guard_frame("complete", frame, {name: pl.col(name) > 0 for name in missing}, severity=WARN)
    return none_but_zero("complete", frame, missing, severity=WARN)


def no_look_ahead(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """A stretch of moments in the middle of the window, computed again."""
    subjects = settled(scope, dataset.name)[:SAMPLES]
    compared = [row for subject in subjects for row in _recomputed(scope, subject)]
    schema = pl.Schema({"symbol": pl.String(), "table": pl.String(), "different": pl.Int64()})
    return none_but_zero(NO_LOOK_AHEAD, pl.DataFrame(compared, schema=schema), ["different"])


def _recomputed(scope: CheckScope, subject: Subject) -> list[dict[str, Any]]:
    """By table, in how many columns a stretch in the middle differs when it is the last that is known."""
    start, end = scope.window[0], min(scope.window[1], datetime.now(UTC))
    middle = start + (end - start) / 2
    scoring = Scoring(scope.store, configured(get_settings()), middle)
    window = max(start, middle - AGAIN), middle
    try:
        again = scoring.compute(subject, *window)
    except ValueError:  # rows that cannot be computed with: the run itself has told of them
        return []
    return [
        {
            "symbol": str(subject),
            "table": table.name,
            "different": _differences(
                scope,
                FRAMES[table.name](getattr(again, name)),
                table.name,
                scoring.scope(subject, version),
                window,
            ),
        }
        for version, frames in OUTPUTS.values()
        for name, table in frames.items()
    ]


def _differences(
    scope: CheckScope,
    again: pl.DataFrame,
    table: str,
    versions: Mapping[str, int | str],
    window: tuple[datetime, datetime],
) -> int:
    """Columns that differ by more than rounding; all of them where there are more or fewer rows."""
    stored = scope.store.database.read(
        f"SELECT * FROM {table}"
        " WHERE instrument_id = $1 AND logic_version = $2 AND configuration_version = $3"
        " AND ts + timeframe_id * INTERVAL '1 minute' >= $4 AND ts + timeframe_id * INTERVAL '1 minute' < $5"
        " AND ts >= $4 - INTERVAL '7 days' AND ts < $5",
        (*versions.values(), *window),
    )
    names = [name for name in again.columns if name not in ("reasons", *versions)]
    if again.height != stored.height:
        return len(names)
    order = [name for name in names if again.schema[name] != pl.Float64]
    one, other = again.sort(order), stored.sort(order)
    return sum(not alike(one[name], other[name]) for name in names)
