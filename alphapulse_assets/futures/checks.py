"""What is promised of futures data beyond the hard rules of a row, held against whole days."""

from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.collected_checks import MOST_ROWS, collected_rows
from alphapulse_assets.datasets.dataset import Check, Dataset
from alphapulse_assets.datasets.expectations import guard_frame
from alphapulse_resources.database.client import statement

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
LARGEST_BASIS: Final = 0.2
"""Mark and index that are further apart are worth a look: one of them may be stuck (ours)."""
SHARES: Final = 0.01
"""By how much long and short together may miss 1 (ours): venues round to four digits."""
JITTER_SECONDS: Final = 30
SHORTEST_HOURS: Final = 0.5


def settlements_in_order() -> Check:
    """Settlement times go up, none twice, each near what the venue told, none longer than its interval."""

    def run(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
        query = statement("futures/settlements_to_check")
        frame = scope.store.database.read(query, (*scope.window, MOST_ROWS))
        return guard_frame("settlements_in_order", frame, out_of_order(), severity=ERROR)

    return Check(
        "settlements_in_order", "Settlements go up, each once, near the time that the venue told.", run
    )


def out_of_order() -> dict[str, pl.Expr]:
    """By name, true where a settlement is not where it has to be after the one before it."""
    ts, before = pl.col("ts"), pl.col("ts_before")
    told, told_before = pl.col("settled_at_original"), pl.col("original_before")
    hours = (ts - before).dt.total_seconds() / 3600
    return {
        "told_in_another_order": (told <= told_before).fill_null(False),
        "far_from_what_was_told": (
            ((told - ts).dt.total_seconds(fractional=True).abs() > JITTER_SECONDS).fill_null(False)
        ),
        "twice": (hours < SHORTEST_HOURS).fill_null(False),
        "interval_longer_than_since_the_one_before": (pl.col("interval_hours") > hours + 0.1).fill_null(
            False
        ),
    }


def shares_are_whole() -> Check:
    """Long and short are 1 together."""
    whole = (pl.col("long_share") + pl.col("short_share") - 1).abs() > SHARES
    return _look("shares_are_whole", "Long and short are together 1, to a hundredth.", {"not_1": whole})


def basis_is_small() -> Check:
    """Mark and index are close, and neither is stuck."""
    far = (pl.col("mark_price") / pl.col("index_price") - 1).abs() > LARGEST_BASIS
    return _look("basis_is_small", "Mark and index are within a fifth of each other.", {"far": far})


def converted() -> Check:
    """Open interest has a value, or says why it has none."""
    silent = pl.col("quote_value").is_null() & pl.col("not_converted").is_null()
    text = "What has no value in quote units says why."
    return _look("converted", text, {"no_value_and_no_reason": silent}, severity=ERROR)


def _look(name: str, text: str, broken: dict[str, pl.Expr], severity: dg.AssetCheckSeverity = WARN) -> Check:
    def run(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
        frame = collected_rows(scope, dataset)
        expressions: dict[str, Any] = {key: rule.fill_null(False) for key, rule in broken.items()}
        return guard_frame(name, frame, expressions, severity=severity)

    return Check(name, text, run)
