"""What is promised of outcomes and performance: rules, and numbers that SQL finds in the candles too."""

from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.derived_checks import MOST_ROWS, check_rules, none_but_zero, rules_of
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.patterns.evaluation import outcomes, success
from alphapulse_assets.patterns.evaluation.stored_outcomes import (
    PERFORMANCE_STATS,
    SUCCESS_RATES,
    judged_markets,
)
from alphapulse_assets.patterns.events.model import FAMILIES
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS
from alphapulse_resources.database.tables import Table
from alphapulse_resources.settings import get_settings

_ROUNDING: Final = 1e-9
SUCCESS_RULES: Final = RuleSet(
    known=("rate", "base_rate", "shrunk_rate"),
    between={**dict.fromkeys(("rate", "base_rate", "shrunk_rate"), (0.0, 1.0)), "clusters": (1, None)},
    ordered=(("low", "rate"), ("rate", "high"), ("clusters", "n")),
    among={
        "family": FAMILIES,
        "direction": ("bearish", "bullish"),
        "regime": ("", "up", "down", "range"),
    },
)
"""What holds of rates of success, which stand in a table of their own beside performance."""


def rows_to_check(scope: CheckScope, dataset: Dataset) -> pl.DataFrame:
    """Outcomes at bars of the run's days, with the family of their pattern."""
    parameters = (scope.venues, *scope.window, outcomes.LOGIC_VERSION, MOST_ROWS)
    found = scope.store.database.read(
        statement("derived/rows_to_check", table=dataset.tables[0].name), parameters
    )
    kinds = scope.store.database.read("SELECT kind_id, family FROM pattern_kinds")
    return found.join(kinds, on="kind_id", how="left")


def measured(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """A sample of the outcomes at bars of the run's days."""
    frame = scope.store.database.read(
        statement("patterns/outcomes_to_check"),
        (scope.venues, *scope.window, outcomes.LOGIC_VERSION, dataset.name),
    )
    faults = ["wrong_time", "not_over", "wrong_return"]
    return none_but_zero("measured", frame, faults, rounding=_ROUNDING)


def _rates(scope: CheckScope, table: Table, *, last: bool) -> pl.DataFrame:
    """The rates that are as of the end of each day of the run, or of its last one; of today, up to now."""
    query = statement("patterns/rates_to_check", table=table.name)
    return scope.store.database.read(query, (*(scope.last_day if last else scope.window), MOST_ROWS))


def performance_rules(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """The performance as of the end of the run's last day."""
    return check_rules("rules", _rates(scope, PERFORMANCE_STATS, last=True), rules_of(dataset))


def success_rules(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """The rates of success as of the end of each day of the run."""
    return check_rules("success_rules", _rates(scope, SUCCESS_RATES, last=False), SUCCESS_RULES)


def recomputed(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """The rates as of the newest moment up to the end of the run's last day."""
    rates = _rates(scope, SUCCESS_RATES, last=True)
    columns = ["n_apart", "clusters_apart", "rate_apart"]
    if rates.is_empty():
        frame = pl.DataFrame(schema=dict.fromkeys(columns, pl.Float64))
    else:
        counted = [
            (TIMEFRAME_IDS[timeframe], key)
            for timeframe, keys in judged_markets(scope.store).items()
            for key in keys
        ]
        frame = scope.store.database.read(
            statement("patterns/success_to_check"),
            (
                *(rates["ts"].max(), success.LOGIC_VERSION),
                *(get_settings().patterns.configuration, outcomes.LOGIC_VERSION),
                *([pair[side] for pair in counted] for side in (0, 1)),
            ),
        )
    return none_but_zero("recomputed", frame, columns, rounding=_ROUNDING)
