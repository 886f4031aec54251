"""What is promised of everything computed from bars, as suites run on the partitions that were just written.

`rules` are hard: ranges, order, known values; what builds on the rows waits for them. `complete` holds the
rows against the bars they are of. `no_look_ahead` computes bars again from a frame that ends with them: were
a later bar in a stored row, it would be another. `life` holds the rows of each chart pattern against one
another. Runs of the minute check in polars and leave `no_look_ahead` out, the others use Great Expectations.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.derivation import DAY, Derivation, midnight
from alphapulse_assets.datasets.expectations import check_frame, expectation, guard_frame
from alphapulse_assets.datasets.partitions import days_by_venue, first_and_last, run_keys
from alphapulse_assets.datasets.rules import AFTER_CLOSE, RULES, RuleSet
from alphapulse_assets.indicators.assets import DERIVATION as INDICATORS
from alphapulse_assets.indicators.completeness import unexplained_nulls
from alphapulse_assets.patterns.assets import CANDLESTICKS, CHARTS
from alphapulse_assets.patterns.evaluation.assets import OUTCOME_DERIVATION
from alphapulse_assets.regime.assets import DERIVATION as REGIMES
from alphapulse_assets.volume.assets import DAILY_PROFILES, PATTERNS
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore, Subject
from alphapulse_resources.frames import TIMEFRAMES
from alphapulse_resources.resources import DatabaseResource

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
MINUTE_JOBS: Final = ("refresh_indicators",)
MOST_ROWS: Final = 2_000_000
SAMPLES: Final = 3
"""Symbols of each timeframe that are computed again for `no_look_ahead`."""
BARS_AGAIN: Final = 500
"""Bars of each of them that are: enough that a chart pattern is among them (ours)."""
TOLERANCE: Final = 1e-9
_DERIVATIONS: Final[Mapping[str, Derivation]] = {
    each.dataset: each
    for each in (INDICATORS, REGIMES, PATTERNS, DAILY_PROFILES, CANDLESTICKS, CHARTS, OUTCOME_DERIVATION)
}
_COVERAGE: Final[Mapping[str, str]] = {
    each.dataset: "patterns/coverage"
    for each in (CANDLESTICKS, CHARTS)  # most bars have no row
} | {OUTCOME_DERIVATION.dataset: "patterns/outcome_coverage"}


@dataclass(frozen=True, slots=True)
class CheckScope:
    """What a check looks at: the days of the run's partitions, at their venues."""

    store: DerivedStore
    keys: Sequence[str]
    lightweight: bool

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From the start of the first day to the end of the last."""
        first, last = first_and_last(days_by_venue(self.keys))
        return midnight(first), midnight(last) + DAY

    @property
    def venues(self) -> list[str]:
        """The venues of the partitions."""
        return list(days_by_venue(self.keys))

    def named(self, asset: str, result: dg.AssetCheckResult) -> dg.AssetCheckResult:
        """The result with its asset and the partitions it speaks of."""
        keys = self.keys
        span = keys[0] if len(keys) == 1 else f"{keys[0]} to {keys[-1]} ({len(keys)})"
        return result._replace(
            asset_key=dg.AssetKey(asset),
            metadata={"partitions": dg.MetadataValue.text(span), **result.metadata},
        )


def _rows(scope: CheckScope, derivation: Derivation) -> pl.DataFrame:
    query = statement("derived/rows_to_check", table=derivation.table.name)
    found = scope.store.database.read(query, (scope.venues, *scope.window, derivation.version, MOST_ROWS))
    if "timeframe_id" not in found.columns:
        return found
    length = pl.duration(minutes=pl.col("timeframe_id"))
    return found.with_columns(
        (pl.col("known_at") - pl.col("ts") - length).dt.total_microseconds().alias(AFTER_CLOSE)
    )


def _check_rules(scope: CheckScope, derivation: Derivation) -> dg.AssetCheckResult:
    rules: RuleSet = RULES[derivation.dataset]
    frame = _rows(scope, derivation)
    if scope.lightweight:
        return guard_frame("rules", frame, rules.guard(), severity=ERROR)
    shown = frame.select(rules.columns)
    return check_frame("rules", shown, rules.suite(), severity=ERROR)


def _check_complete(scope: CheckScope, derivation: Derivation) -> dg.AssetCheckResult:
    """Every closed bar has its row, every row its bar, and no value is null without a reason."""
    store, (start, end) = scope.store, scope.window
    counted = store.database.read(
        statement(_COVERAGE.get(derivation.dataset, "derived/coverage"), table=derivation.table.name),
        (scope.venues, start, end, derivation.version, derivation.dataset),
    )
    frame = counted.with_columns(pl.lit(0, pl.Int64).alias("unexplained_nulls"))
    if derivation is INDICATORS and not scope.lightweight:
        found = unexplained_nulls(store, scope.venues, start, end, derivation.version)
        frame = counted.join(found, on=["symbol", "timeframe"], how="left").with_columns(
            pl.col("unexplained_nulls").fill_null(0)
        )
    if scope.lightweight:
        broken = {
            "bars_without_row": pl.col("without_row") > 0,
            "rows_without_bar": pl.col("without_bar") > 0,
        }
        return guard_frame("complete", frame, broken, severity=WARN)
    suite = [
        expectation("ExpectColumnValuesToBeBetween", column=column, min_value=0, max_value=0)
        for column in ("without_row", "without_bar", "unexplained_nulls")
    ]
    return check_frame("complete", frame, suite, severity=WARN)


def _check_no_look_ahead(scope: CheckScope, derivation: Derivation) -> dg.AssetCheckResult:
    # where bars have changed since, rows are due to be computed anew: nothing can be said of them now
    due = {mark.instrument_id for mark in scope.store.marks(derivation.dataset)}
    settled = [each for each in scope.store.tracked(scope.venues) if each.instrument_id not in due]
    compared = [
        row
        for timeframe in derivation.timeframes
        for subject in settled[:SAMPLES]
        if (row := _recomputed(scope, derivation, subject, timeframe)) is not None
    ]
    schema = pl.Schema({"symbol": pl.String(), "timeframe": pl.String(), "different": pl.Int64()})
    frame = pl.DataFrame(compared, schema=schema)
    suite = [expectation("ExpectColumnValuesToBeBetween", column="different", min_value=0, max_value=0)]
    return check_frame("no_look_ahead", frame, suite, severity=ERROR)


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
    stored = scope.store.database.read(
        f"SELECT * FROM {derivation.table.name}"
        " WHERE instrument_id = $1 AND ts >= $2 AND ts <= $3 AND logic_version = $4 AND known_at <= $5"
        + (f" AND timeframe_id = {TIMEFRAME_IDS[timeframe]}" if derivation.by_timeframe else ""),
        (subject.instrument_id, first, ts, derivation.version, ts + length),
    )
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


def _check_life(scope: CheckScope, derivation: Derivation) -> dg.AssetCheckResult:
    """Chart patterns go from forming to complete to their end, and nothing comes after it."""
    frame = scope.store.database.read(
        statement("patterns/lives_to_check"), (scope.venues, *scope.window, derivation.version)
    )
    faults = ("after_the_end", "without_breakout", "wrong_when_complete")
    if scope.lightweight:
        return guard_frame("life", frame, {name: pl.col(name) > 0 for name in faults}, severity=ERROR)
    suite = [
        expectation("ExpectColumnValuesToBeBetween", column=name, min_value=0, max_value=0) for name in faults
    ]
    return check_frame("life", frame, suite, severity=ERROR)


_KINDS: Final[Mapping[str, Callable[[CheckScope, Derivation], dg.AssetCheckResult]]] = {
    "rules": _check_rules,
    "complete": _check_complete,
    "no_look_ahead": _check_no_look_ahead,
    "life": _check_life,
}
_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "indicators": {
        "rules": "RSI, ADX, directional indicators and MFI from 0 to 100, bands in order, averages above 0.",
        "complete": "Every closed bar has its row, every row its bar, and values are null in warm-ups only.",
        "no_look_ahead": "A bar computed again as if it were the newest has the values that are stored.",
    },
    "market_regime": {
        "rules": "Trend, volatility and liquidity by their names, percentiles and shares from 0 to 1.",
        "complete": "Every closed bar has its row, and every row its bar.",
        "no_look_ahead": "A bar computed again as if it were the newest has the regime that is stored.",
    },
    "volume_patterns": {
        "rules": "Patterns, directions, strengths by name, confidence from 0 to 1, known at the close.",
        "no_look_ahead": "A bar computed again as if it were the newest shows the patterns stored for it.",
    },
    "candlestick_patterns": {
        "rules": "Patterns and directions by name, strengths from -200 to 200, known at the close.",
        "complete": "Every closed bar was looked at, and every pattern is at a bar.",
        "no_look_ahead": "Bars computed again as if the last were the newest show the patterns stored.",
    },
    "chart_patterns": {
        "rules": "Patterns, stages, directions by name, completion and quality in range, known at the close.",
        "complete": "Every closed bar was looked at, and every event is at a bar.",
        "life": "Patterns form, break out before they are wrong, and end: once each, in this order.",
        "no_look_ahead": "Bars computed again as if the last were the newest show the events stored.",
    },
    "pattern_outcomes": {
        "rules": "Families, directions, regimes, touches by name, excursions not negative, times in order.",
        "complete": "Every confirmed pattern has its outcome, and every outcome its pattern.",
        "no_look_ahead": "Outcomes computed again as if a bar were the newest are those known at its close.",
    },
    "volume_profiles": {
        "rules": "The point of control within the value area, volumes not negative, at most 1440 minutes.",
    },
}


def asset_checks(
    asset: str, texts: Mapping[str, str], kinds: Mapping[str, Callable[[CheckScope], dg.AssetCheckResult]]
) -> dg.AssetChecksDefinition:
    """The checks of an asset by name, each with what it promises; what breaks `rules` stops what follows."""

    @dg.multi_asset_check(
        name=f"{asset}_checks",
        specs=[
            dg.AssetCheckSpec(kind, asset=asset, blocking=kind == "rules", description=text)
            for kind, text in texts.items()
        ],
        can_subset=True,
    )
    def checks(
        context: dg.AssetCheckExecutionContext, database: DatabaseResource
    ) -> Iterator[dg.AssetCheckResult]:
        lightweight = context.run.job_name in MINUTE_JOBS
        scope = CheckScope(DerivedStore(database.get()), run_keys(context.run.tags), lightweight)
        for key in sorted(context.selected_asset_check_keys, key=str):
            yield scope.named(asset, kinds[key.name](scope))

    return checks


def _checks_of(asset: str) -> dg.AssetChecksDefinition:
    derivation = _DERIVATIONS[asset]
    kinds = {kind: _of(_KINDS[kind], derivation) for kind in _TEXTS[asset]}
    return asset_checks(asset, _TEXTS[asset], kinds)


def _of(
    check: Callable[[CheckScope, Derivation], dg.AssetCheckResult], derivation: Derivation
) -> Callable[[CheckScope], dg.AssetCheckResult]:
    return lambda scope: check(scope, derivation)


@dg.asset_check(
    asset="volume_reactions",
    name="rules",
    description="Shares from 0 to 1 within their intervals, counts that fit together, edges by their names.",
)
def reaction_check(context: dg.AssetCheckExecutionContext, database: DatabaseResource) -> dg.AssetCheckResult:
    """The statistics as of the end of the run's last day."""
    days = days_by_venue(run_keys(context.run.tags))
    start = midnight(first_and_last(days)[1])
    frame = database.get().read(statement("derived/reactions_to_check"), (list(days), start, start + DAY))
    rules = RULES["volume_reactions"]
    return check_frame("rules", frame.select(rules.columns), rules.suite(), severity=ERROR)


derived_checks: Final = [*map(_checks_of, _TEXTS), reaction_check]
