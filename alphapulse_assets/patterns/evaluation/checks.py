"""What is promised of outcomes and performance: rules, and numbers that SQL finds in the candles too."""

from collections.abc import Sequence
from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.derivation import DAY, midnight
from alphapulse_assets.datasets.expectations import check_frame, expectation
from alphapulse_assets.datasets.partitions import days_by_venue, first_and_last, run_keys
from alphapulse_assets.datasets.rules import RULES
from alphapulse_assets.patterns.evaluation import success
from alphapulse_assets.patterns.evaluation.assets import OUTCOME_DERIVATION
from alphapulse_assets.patterns.evaluation.stored_outcomes import PERFORMANCE_STATS, SUCCESS_RATES
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.tables import Table
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

_ROUNDING: Final = 1e-9
_MOST_ROWS: Final = 2_000_000


def _none_but_zero(name: str, frame: pl.DataFrame, columns: Sequence[str]) -> dg.AssetCheckResult:
    suite = [
        expectation("ExpectColumnValuesToBeBetween", column=column, min_value=-_ROUNDING, max_value=_ROUNDING)
        for column in columns
    ]
    return check_frame(name, frame, suite, severity=dg.AssetCheckSeverity.ERROR)


@dg.asset_check(
    asset="pattern_outcomes",
    name="measured",
    description="Some outcomes held against the candles in SQL: known at the close of the bar at the "
    "horizon, not before it is over, with the return up to it.",
)
def outcomes_measured(
    context: dg.AssetCheckExecutionContext, database: DatabaseResource
) -> dg.AssetCheckResult:
    """A sample of the outcomes at bars of the run's days."""
    days = days_by_venue(run_keys(context.run.tags))
    first, last = first_and_last(days)
    frame = database.get().read(
        statement("patterns/outcomes_to_check"),
        (
            list(days),
            midnight(first),
            midnight(last) + DAY,
            OUTCOME_DERIVATION.version,
            OUTCOME_DERIVATION.dataset,
        ),
    )
    return _none_but_zero("measured", frame, ["wrong_time", "not_over", "wrong_return"])


def _rates(
    context: dg.AssetCheckExecutionContext, database: DatabaseResource, table: Table, *, last: bool
) -> pl.DataFrame:
    """The rates that are as of the end of each day of the run, or of its last one; of today, up to now."""
    first_day, last_day = first_and_last(days_by_venue(run_keys(context.run.tags)))
    query = statement("patterns/rates_to_check", table=table.name)
    window = midnight(last_day if last else first_day), midnight(last_day) + DAY
    return database.get().read(query, (*window, _MOST_ROWS))


@dg.asset_check(
    asset="pattern_performance",
    name="rules",
    blocking=True,
    description="Shares from 0 to 1 within their intervals, counts that fit together, verdicts by name.",
)
def performance_rules(
    context: dg.AssetCheckExecutionContext, database: DatabaseResource
) -> dg.AssetCheckResult:
    """The performance as of the end of the run's last day."""
    rules = RULES["pattern_performance"]
    frame = _rates(context, database, PERFORMANCE_STATS, last=True)
    return check_frame(
        "rules", frame.select(rules.columns), rules.suite(), severity=dg.AssetCheckSeverity.ERROR
    )


@dg.asset_check(
    asset="pattern_performance",
    name="success_rules",
    blocking=True,
    description="Rates of success from 0 to 1 within their intervals, counts that fit together.",
)
def success_rules(context: dg.AssetCheckExecutionContext, database: DatabaseResource) -> dg.AssetCheckResult:
    """The rates of success as of the end of each day of the run."""
    rules = RULES["pattern_success"]
    frame = _rates(context, database, SUCCESS_RATES, last=False)
    return check_frame(
        "success_rules", frame.select(rules.columns), rules.suite(), severity=dg.AssetCheckSeverity.ERROR
    )


@dg.asset_check(
    asset="pattern_performance",
    name="recomputed",
    description="Of each timeframe the rate of success with most outcomes is counted again, in SQL.",
)
def success_recomputed(
    context: dg.AssetCheckExecutionContext, database: DatabaseResource
) -> dg.AssetCheckResult:
    """The rates as of the newest moment up to the end of the run's last day."""
    rates = _rates(context, database, SUCCESS_RATES, last=True)
    columns = ["n_apart", "clusters_apart", "rate_apart"]
    version = get_settings().pattern_configuration
    if rates.is_empty():
        return _none_but_zero("recomputed", pl.DataFrame(schema=dict.fromkeys(columns, pl.Float64)), columns)
    frame = database.get().read(
        statement("patterns/success_to_check"),
        (rates["ts"].max(), success.LOGIC_VERSION, version, OUTCOME_DERIVATION.version),
    )
    return _none_but_zero("recomputed", frame, columns)


outcome_checks: Final = [outcomes_measured, performance_rules, success_rules, success_recomputed]
