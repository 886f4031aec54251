"""How the promises of data sets are checked, on the partitions that were just written.

`rules` are hard: ranges, order, known values; what builds on the rows waits for them. `complete` holds the
rows against the bars they are of. `no_look_ahead` computes bars again from a frame that ends with them: were
a later bar in a stored row, it would be another. Rooms add checks of their own. Runs of the minute check in
polars and leave `no_look_ahead` out, the others use Great Expectations.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import NO_LOOK_AHEAD, Check, Dataset, required
from alphapulse_assets.datasets.derivation import Derivation
from alphapulse_assets.datasets.expectations import check_frame, expectation, guard_frame
from alphapulse_assets.datasets.partitions import DAY, DAY_AND_VENUE, run_keys
from alphapulse_assets.datasets.rules import AFTER_CLOSE, RuleSet
from alphapulse_assets.datasets.tags import in_a_hurry
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore, Subject
from alphapulse_resources.frames import TIMEFRAMES
from alphapulse_resources.resources import DatabaseResource

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
MOST_ROWS: Final = 2_000_000
SAMPLES: Final = 3
"""Symbols of each timeframe that are computed again for `no_look_ahead`."""
BARS_AGAIN: Final = 500
"""Bars of each of them that are: enough that a chart pattern is among them (ours)."""
TOLERANCE: Final = 1e-9

Nulls = Callable[[CheckScope, Derivation], pl.DataFrame]
"""By symbol and timeframe, how many values are null without a reason (`unexplained_nulls`)."""


def rules(text: str, rows: Callable[[CheckScope, Dataset], pl.DataFrame] | None = None) -> Check:
    """The data set's hard rules, of `rows` or else of those that were derived; they stop what follows."""

    def run(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
        held = (rows or _derived_rows)(scope, dataset)
        return check_rules("rules", held, rules_of(dataset), lightweight=scope.lightweight)

    return Check("rules", text, run, blocking=True)


def check_rules(
    name: str, frame: pl.DataFrame, rules: RuleSet, *, lightweight: bool = False
) -> dg.AssetCheckResult:
    """Hold rows against rules; the names of the columns that the rules speak of have to be in the frame."""
    if lightweight:
        return guard_frame(name, frame, rules.guard(), severity=ERROR)
    return check_frame(name, frame.select(rules.columns), rules.suite(), severity=ERROR)


def rules_of(dataset: Dataset) -> RuleSet:
    """The rules of a data set.

    Raises:
        ValueError: it has none.
    """
    if dataset.rules is None:
        raise ValueError(f"data set {dataset.name} promises to hold to rules and has none")
    return dataset.rules


def _derived_rows(scope: CheckScope, dataset: Dataset) -> pl.DataFrame:
    derivation = required(dataset.derivation, dataset.name)
    query = statement("derived/rows_to_check", table=derivation.table.name)
    found = scope.store.database.read(query, (scope.venues, *scope.window, derivation.version, MOST_ROWS))
    if "timeframe_id" not in found.columns:
        return found
    length = pl.duration(minutes=pl.col("timeframe_id"))
    return found.with_columns(
        (pl.col("known_at") - pl.col("ts") - length).dt.total_microseconds().alias(AFTER_CLOSE)
    )


def complete(text: str, *, coverage: str = "derived/coverage", nulls: Nulls | None = None) -> Check:
    """Every closed bar has its row, every row its bar, and no value is null without a reason.

    `coverage` is the statement that counts both, by default of data sets with a row for every bar;
    `patterns/coverage` is for those of which most bars have none. `nulls` is not asked by runs of the minute.
    """

    def run(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
        derivation = required(dataset.derivation, dataset.name)
        counted = scope.store.database.read(
            statement(coverage, table=derivation.table.name),
            (scope.venues, *scope.window, derivation.version, dataset.name),
        )
        if scope.lightweight:
            broken = {
                "bars_without_row": pl.col("without_row") > 0,
                "rows_without_bar": pl.col("without_bar") > 0,
            }
            return guard_frame("complete", counted, broken, severity=WARN)
        frame = counted.with_columns(pl.lit(0, pl.Int64).alias("unexplained_nulls"))
        if nulls is not None:
            frame = counted.join(nulls(scope, derivation), on=["symbol", "timeframe"], how="left")
            frame = frame.with_columns(pl.col("unexplained_nulls").fill_null(0))
        return none_but_zero(
            "complete", frame, ("without_row", "without_bar", "unexplained_nulls"), severity=WARN
        )

    return Check("complete", text, run)


def none_but_zero(
    name: str,
    frame: pl.DataFrame,
    columns: Sequence[str],
    *,
    rounding: float = 0,
    severity: dg.AssetCheckSeverity = ERROR,
) -> dg.AssetCheckResult:
    """Columns that count what is wrong hold nothing but zero."""
    suite = [
        expectation("ExpectColumnValuesToBeBetween", column=column, min_value=-rounding, max_value=rounding)
        for column in columns
    ]
    return check_frame(name, frame, suite, severity=severity)


def no_look_ahead(text: str) -> Check:
    """Bars computed again as if the last were the newest have the rows that are stored."""
    return Check(NO_LOOK_AHEAD, text, _check_no_look_ahead)


def _check_no_look_ahead(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    derivation = required(dataset.derivation, dataset.name)
    subjects = settled(scope, dataset.name)[:SAMPLES]
    compared = [
        row
        for timeframe in derivation.timeframes
        for subject in subjects
        if (row := _recomputed(scope, derivation, subject, timeframe)) is not None
    ]
    schema = pl.Schema({"symbol": pl.String(), "timeframe": pl.String(), "different": pl.Int64()})
    return none_but_zero(NO_LOOK_AHEAD, pl.DataFrame(compared, schema=schema), ["different"])


def settled(scope: CheckScope, dataset: str) -> list[Subject]:
    """Tracked instruments whose bars have not changed since: of others nothing can be said now."""
    due = {mark.instrument_id for mark in scope.store.marks(dataset)}
    return [each for each in scope.store.tracked(scope.venues) if each.instrument_id not in due]


def _recomputed(
    scope: CheckScope, derivation: Derivation, subject: Subject, timeframe: str
) -> dict[str, Any] | None:
    """How many columns of the bars up to one in the middle differ when that is the last that is known."""
    length = TIMEFRAMES[timeframe]
    start, end = scope.window
    bars = scope.store.bars(subject, timeframe, datetime.now(UTC)).between(start, end)
    if bars.is_empty():
        return None
    middle = bars.height // 2
    first, ts = bars["ts"][max(0, middle + 1 - BARS_AGAIN)], bars["ts"][middle]
    then = scope.store.bars(subject, timeframe, ts + length)
    try:
        again = derivation.compute(then, first, ts + length)
    except ValueError:  # bars that cannot be computed with: the run itself has told of them
        return None
    scope_of_bars = subject.instrument_id, first, ts, derivation.version
    stored = scope.store.database.read(
        f"SELECT * FROM {derivation.table.name}"
        " WHERE instrument_id = $1 AND ts >= $2 AND ts <= $3 AND logic_version = $4"
        + ("" if derivation.known else " AND known_at <= $5")
        + (f" AND timeframe_id = {TIMEFRAME_IDS[timeframe]}" if derivation.by_timeframe else ""),
        (*scope_of_bars, *([] if derivation.known else [ts + length])),
    )
    if derivation.known:
        stored = derivation.known(stored.with_columns(pl.col("ts").cast(again.schema["ts"])), ts + length)
    return {
        "symbol": str(subject),
        "timeframe": timeframe,
        "different": _differences(again, stored, derivation),
    }


def _differences(again: pl.DataFrame, stored: pl.DataFrame, derivation: Derivation) -> int:
    """Columns that differ by more than rounding; all of them where there are more or fewer rows."""
    names = [name for name in derivation.table.values if name not in ("known_at", *derivation.table.json)]
    if again.height != stored.height:
        return len(names)
    order = [name for name in derivation.table.key if name in again.columns]
    one, other = again.sort(order), stored.sort(order)
    return sum(not alike(one[name], other[name]) for name in names)


def alike(one: pl.Series, other: pl.Series) -> bool:
    """Whether two columns say the same but for rounding."""
    if one.dtype != pl.Float64:
        return one.equals(other.cast(one.dtype))
    apart = (one - other).abs() > TOLERANCE * pl.select(pl.max_horizontal(one.abs(), other.abs())).to_series()
    return bool((one.is_null() == other.is_null()).all()) and not apart.any()


def checks_of(dataset: Dataset) -> dg.AssetChecksDefinition:
    """The checks of a data set whose asset is partitioned, each with what it promises."""
    partitions = DAY if (dataset.collectors or dataset.fill) and not dataset.by_venue else DAY_AND_VENUE
    runs = {check.name: check.run for check in dataset.checks}

    @dg.multi_asset_check(
        name=f"{dataset.name}_checks",
        specs=[
            dg.AssetCheckSpec(check.name, asset=dataset.name, blocking=check.blocking, description=check.text)
            for check in dataset.checks
        ],
        can_subset=True,
    )
    def checks(
        context: dg.AssetCheckExecutionContext, database: DatabaseResource
    ) -> Iterator[dg.AssetCheckResult]:
        lightweight = in_a_hurry(context.run.tags)
        scope = CheckScope(DerivedStore(database.get()), run_keys(context.run.tags, partitions), lightweight)
        for key in sorted(context.selected_asset_check_keys, key=str):
            yield scope.named(dataset.name, runs[key.name](scope, dataset))

    return checks
