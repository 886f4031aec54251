"""What is promised of market metrics beyond the bounds of single columns."""

from datetime import UTC, datetime
from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import NO_LOOK_AHEAD, Check, Dataset
from alphapulse_assets.datasets.derived_checks import check_rules
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.market_metrics import derived
from alphapulse_assets.market_metrics.history import floor_hour
from alphapulse_resources.database.client import statement

APART: Final = 0.2
"""Share of compared rows that may have an agreement below one half (ours)."""
_SUMS: Final = RuleSet(between={"together": (0.0, 100.0)})


def _sums(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    rows = scope.store.database.read(statement("market_metrics/sums_to_check"), scope.window)
    return check_rules("dominance_sums", rows, _SUMS, lightweight=scope.lightweight)


def _agreement(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    row = scope.store.database.read(statement("market_metrics/agreement_to_check"), scope.window).row(
        0, named=True
    )
    compared, apart = int(row["compared"]), int(row["apart"])
    return dg.AssetCheckResult(
        check_name="providers_agree",
        passed=apart <= APART * compared,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"compared": compared, "apart": apart, "median_gap_points": float(row["gap"] or 0.0)},
    )


def _again(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """Each regime of the days computed again from a past that ends at its hour's day."""
    differ, looked_at = 0, 0
    start, end = scope.window
    window = (start, min(end, floor_hour(datetime.now(UTC))))
    for whose in derived.SERIES if window[0] < window[1] else ():
        stored = scope.store.database.read(statement("market_metrics/regimes_to_check"), (*whose, *window))
        made = derived.regime_rows(scope.store.database, whose, window)
        key, columns = ["asset", "ts"], ["dominance", "change_24h", "regime", "turned_from"]
        both = stored.join(made, on=key, how="full", suffix="_again", coalesce=True)
        other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_again")) for name in columns)
        differ += both.filter(other).height
        looked_at += both.height
    return dg.AssetCheckResult(
        check_name=NO_LOOK_AHEAD,
        passed=not differ,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"rows": looked_at, "differ": differ},
    )


DOMINANCE_SUMS: Final = Check(
    "dominance_sums",
    "Bitcoin, Ether and stablecoins together are 0 to 100 % of the market.",
    _sums,
    blocking=True,
)
PROVIDERS_AGREE: Final = Check(
    "providers_agree",
    "Four of five rows that could be compared with the other provider agree with it at least half.",
    _agreement,
)
REGIMES_AGAIN: Final = Check(
    NO_LOOK_AHEAD, "Hours computed again from what was known at their end have the regimes stored.", _again
)
