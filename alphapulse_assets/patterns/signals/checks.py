"""What is promised of confidence, confluence and signals, as suites run on the partitions just written.

`rules` are hard: every score is held against its own stored factors, every signal against its own plan, in
SQL. `complete` holds confidences against the events they are of. `no_look_ahead` computes a stretch of
moments again from nothing that was known after it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.derived_checks import (
    ERROR,
    MOST_ROWS,
    SAMPLES,
    WARN,
    CheckScope,
    alike,
    asset_checks,
)
from alphapulse_assets.datasets.expectations import check_frame, expectation, guard_frame
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import definitions as chart
from alphapulse_assets.patterns.events.configuration import FACTORS, LEVELS
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_assets.patterns.events.model import DIRECTIONS, FAMILIES, PATTERN_TIMEFRAMES, STAGES
from alphapulse_assets.patterns.scoring.confidence import SCORE_COLUMNS
from alphapulse_assets.patterns.signals.batch import SIGNALS
from alphapulse_assets.patterns.signals.scoring_runs import OUTPUTS, Scoring, as_stored
from alphapulse_assets.volume import definitions as volume
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import Subject
from alphapulse_resources.settings import get_settings

AGAIN: Final = timedelta(hours=6)
"""Moments of each symbol that are computed again (ours)."""
ROUNDING: Final = 1e-6
"""How far a sum of doubles may be off, in points of a score (ours)."""
_ZERO: Final = (0.0, 0.0)
_SHARE: Final = (0.0, 1.0)
_SCORE: Final = (0.0, 100.0)
_WEIGHTS: Final = (100.0 - ROUNDING, 100.0 + ROUNDING)

RULES: Final[Mapping[str, tuple[str, RuleSet]]] = {
    "pattern_confidence": (
        "patterns/confidences_to_check",
        RuleSet(
            known=("known_at", "coverage", "boosted"),
            between={
                **dict.fromkeys(("confidence", "reliability", "boosted"), _SCORE),
                **{name: _SHARE for name in SCORE_COLUMNS if name.endswith("coverage") or name in FACTORS},
                **{name: _SHARE for name in SCORE_COLUMNS if name.startswith("aspect_")},
                **dict.fromkeys(("weights", "aspect_weights"), _WEIGHTS),
                **dict.fromkeys(("confidence_error", "reliability_error", "boosted_error"), (0.0, ROUNDING)),
                **dict.fromkeys(("coverage_error",), (0.0, ROUNDING)),
                **dict.fromkeys(("wrong_level", "wrong_boosted_level", "off_close"), _ZERO),
                "history_from_the_future": _ZERO,
            },
            among={"family": FAMILIES, "direction": DIRECTIONS, "stage": STAGES, "level": LEVELS},
        ),
    ),
    "pattern_confluence": (
        "patterns/confluences_to_check",
        RuleSet(
            known=("known_at", "grade"),
            between={
                "run": (1, len(PATTERN_TIMEFRAMES)),
                **dict.fromkeys(("confirming", "contradicting"), (0, len(PATTERN_TIMEFRAMES) - 1)),
                "convergence": _SHARE,
                **dict.fromkeys(("off_close", "overridden_yet_converging"), _ZERO),
                **dict.fromkeys(("relationships_missing", "from_the_future"), _ZERO),
            },
            among={"direction": ("bearish", "bullish"), "grade": ("strong", "medium", "weak")},
        ),
    ),
    "signals": (
        "patterns/signals_to_check",
        RuleSet(
            known=("known_at", "entry", "trigger", "reasons"),
            between={
                **{"score": (-100.0, 100.0), "net": (-1.0, 1.0), "confidence": _SCORE, "patterns": (0, None)},
                **dict.fromkeys(("entry", "atr", "stop", "target", "size", "notional", "risk"), (0.0, None)),
                **dict.fromkeys(("off_close", "wrong_side", "too_weak", "without_reasons"), _ZERO),
                **dict.fromkeys(("overridden_yet_signalling", "neutral_with_a_plan", "endless"), _ZERO),
                **dict.fromkeys(("stop_on_the_wrong_side", "target_on_the_wrong_side"), _ZERO),
                **dict.fromkeys(("score_error", "risk_error"), (0.0, ROUNDING)),
                **dict.fromkeys(("share_of_risk", "share_of_cap"), (0.0, 1.0 + ROUNDING)),
            },
            ordered=(("known_at", "expires_at"),),
            among={"signal": tuple(SIGNALS.values())},
        ),
    ),
}
"""By asset: the statement that gives its rows beside what they amount to, and what holds of them."""

_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "pattern_confidence": {
        "rules": "Factors from 0 to 1, weights that sum to 100, each score the weighted sum of its stored "
        "factors, levels that fit, no history from the future.",
        "complete": "Every pattern event has its confidence, and every confidence its event.",
    },
    "pattern_confluence": {
        "rules": "Directions and grades by name, 1 to 7 timeframes, a relationship for each that leans.",
    },
    "signals": {
        "rules": "Scores that fit their names, stop and target on their sides, a loss at the stop within the "
        "risk allowed, a position within its cap, neutral where overridden, reasons for every signal.",
        "no_look_ahead": "Moments computed again from nothing known later have the rows that are stored.",
    },
}


def _versions(asset: str) -> tuple[int, int]:
    version, _ = OUTPUTS[asset]
    return version, get_settings().pattern_configuration


def _check_rules(scope: CheckScope, asset: str) -> dg.AssetCheckResult:
    query, rules = RULES[asset]
    parameters = (scope.venues, *scope.window, *_versions(asset), MOST_ROWS)
    frame = scope.store.database.read(statement(query), parameters)
    if scope.lightweight:
        return guard_frame("rules", frame, rules.guard(), severity=ERROR)
    return check_frame("rules", frame.select(rules.columns), rules.suite(), severity=ERROR)


def _check_complete(scope: CheckScope) -> dg.AssetCheckResult:
    events = candlestick.LOGIC_VERSION, chart.LOGIC_VERSION, volume.LOGIC_VERSION
    frame = scope.store.database.read(
        statement("patterns/scored_coverage"),
        (scope.venues, *scope.window, *events, *_versions("pattern_confidence")),
    )
    missing = ("without_confidence", "without_event")
    if scope.lightweight:
        return guard_frame("complete", frame, {name: pl.col(name) > 0 for name in missing}, severity=WARN)
    suite = [
        expectation("ExpectColumnValuesToBeBetween", column=name, min_value=0, max_value=0)
        for name in missing
    ]
    return check_frame("complete", frame, suite, severity=WARN)


def _check_no_look_ahead(scope: CheckScope) -> dg.AssetCheckResult:
    # where bars have changed since, rows are due to be computed anew: nothing can be said of them now
    due = {mark.instrument_id for mark in scope.store.marks("signals")}
    settled = [each for each in scope.store.tracked(scope.venues) if each.instrument_id not in due]
    compared = [row for subject in settled[:SAMPLES] for row in _recomputed(scope, subject)]
    schema = pl.Schema({"symbol": pl.String(), "table": pl.String(), "different": pl.Int64()})
    suite = [expectation("ExpectColumnValuesToBeBetween", column="different", min_value=0, max_value=0)]
    return check_frame("no_look_ahead", pl.DataFrame(compared, schema=schema), suite, severity=ERROR)


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
                scope, as_stored(getattr(again, name)), table.name, scoring.scope(subject, version), window
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
        " AND known_at >= $4 AND known_at < $5 AND ts >= $4 - INTERVAL '7 days' AND ts < $5",
        (*versions.values(), *window),
    )
    names = [name for name in again.columns if name not in ("reasons", *versions)]
    if again.height != stored.height:
        return len(names)
    order = [name for name in names if again.schema[name] != pl.Float64]
    one, other = again.sort(order), stored.sort(order)
    return sum(not alike(one[name], other[name]) for name in names)


def _kinds(asset: str) -> dict[str, Callable[[CheckScope], dg.AssetCheckResult]]:
    return {
        "rules": lambda scope: _check_rules(scope, asset),
        "complete": _check_complete,
        "no_look_ahead": _check_no_look_ahead,
    }


signal_checks: Final = [asset_checks(asset, texts, _kinds(asset)) for asset, texts in _TEXTS.items()]
