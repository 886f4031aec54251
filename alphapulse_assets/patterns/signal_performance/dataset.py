"""How signals did, as a data set: by group, beside walks, random entries and holding; and the account."""

from datetime import timedelta
from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import REFRESH_REACTIONS_JOB, Check, Dataset, Retention
from alphapulse_assets.datasets.derived_checks import MOST_ROWS, check_rules, none_but_zero, rules_of
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.patterns.evaluation.performance import ABOVE, BELOW, NO_EDGE
from alphapulse_assets.patterns.signal_outcomes.dataset import SIGNAL_OUTCOMES_DATASET
from alphapulse_assets.patterns.signal_performance.tables import (
    GROUPS,
    LOGIC_VERSION,
    SIGNAL_EQUITY,
    SIGNAL_PERFORMANCE,
)
from alphapulse_resources.database.client import statement

_STATES: Final = ("target", "stopped", "expired", "closed")
_ROUNDING: Final = 1e-9


def _rows(scope: CheckScope) -> pl.DataFrame:
    query = statement("patterns/rates_to_check", table=SIGNAL_PERFORMANCE.name)
    return scope.store.database.read(query, (*scope.last_day, MOST_ROWS))


def _rules(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    return check_rules("rules", _rows(scope), rules_of(dataset))


def _adds_up(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """Each way to put signals together holds all of them, and states are all there is."""
    rows = _rows(scope)
    whole = rows.group_by("ts", "configuration_version", "grouped_by").agg(pl.col("n").sum())
    spread = whole.group_by("ts", "configuration_version").agg(
        (pl.col("n").max() - pl.col("n").min()).alias("apart")
    )
    off = rows.select(
        (pl.sum_horizontal(f"{state}_share" for state in _STATES) - 1.0).abs().alias("shares_apart")
    )
    frame = pl.DataFrame(
        {"apart": [float(spread["apart"].max() or 0)], "shares_apart": [off["shares_apart"].max() or 0.0]},  # type: ignore[arg-type]  # numbers
        schema={"apart": pl.Float64, "shares_apart": pl.Float64},
    )
    return none_but_zero("adds_up", frame, ["apart", "shares_apart"], rounding=_ROUNDING)


SIGNAL_PERFORMANCE_DATASET: Final = Dataset(
    name="signal_performance",
    layer="statistics",
    description="How signals did after costs, with intervals, beside random walks, random entries and "
    "holding, by signal, trigger, timeframe, regime, symbol and month.\n\n"
    "Of all instruments with signals, whatever the partition's venue, as of the end of the run's last day: "
    "those of a year before it. With the account that takes each signal at its size, day by day "
    "(signal_equity).",
    group="signals",
    tables=[SIGNAL_PERFORMANCE, SIGNAL_EQUITY],
    reads=["signal_outcomes"],
    versions=[LOGIC_VERSION, *SIGNAL_OUTCOMES_DATASET.versions],
    refreshed_by=REFRESH_REACTIONS_JOB,
    retention={SIGNAL_EQUITY.name: Retention(timedelta(days=30))},
    rules=RuleSet(
        known=("n", "clusters", "mean_net_pct", "median_net_pct", "drawdown_pct", "verdict"),
        between={
            "clusters": (1, None),
            "drawdown_pct": (0.0, 100.0),
            **dict.fromkeys(("profit_factor", "mean_bars", "mean_hours"), (0.0, None)),
            **{f"{state}_share": (0.0, 1.0) for state in _STATES},
        },
        ordered=(
            ("clusters", "n"),
            *((f"{state}_low", f"{state}_share") for state in _STATES),
            *((f"{state}_share", f"{state}_high") for state in _STATES),
            *(("mean_net_low", "mean_net_high"), ("random_mean_net_low", "random_mean_net_high")),
        ),
        among={"grouped_by": GROUPS, "verdict": (ABOVE, BELOW, NO_EDGE)},
    ),
    checks=[
        Check("rules", "Shares from 0 to 1 within their bounds, groups and verdicts by name.", _rules),
        Check("adds_up", "However signals are put together, all are there, each in one state.", _adds_up),
    ],
)
DATASETS: Final = (SIGNAL_PERFORMANCE_DATASET,)
