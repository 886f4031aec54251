"""What is promised of these rows beyond their hard rules."""

from collections.abc import Sequence
from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Check, Dataset
from alphapulse_assets.datasets.derived_checks import none_but_zero
from alphapulse_assets.datasets.expectations import guard_frame
from alphapulse_resources.database.client import statement

ERROR: Final = dg.AssetCheckSeverity.ERROR
WARN: Final = dg.AssetCheckSeverity.WARN

ROUNDING: Final = {"futures": 0, "combined": 5}
"""Contracts by which a report's sums may differ: deltas of options are rounded group by group (ours)."""
CENTS: Final = 1.0
"""USD by which the flows of funds may differ from their total (ours)."""


def adds_up(text: str) -> Check:
    """Longs and spreads of all groups are the open interest, and so are shorts and spreads."""

    def run(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
        query = statement("institutional/positions_that_do_not_add_up")
        frame = scope.store.database.read(query, (*scope.window, ROUNDING["futures"], ROUNDING["combined"]))
        return _all_zero("adds_up", frame, ("longs_amiss", "shorts_amiss"), scope, ERROR)

    return Check("adds_up", text, run)


def known_in_order(text: str, query: str) -> Check:
    """What is about a later day was not known sooner, and a later revision not before the one before it.

    It warns: a week that came after a later one is unusual, and may be so.
    """

    def run(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
        frame = scope.store.database.read(statement(query), scope.window)
        return _all_zero("known_in_order", frame, ("known_too_soon", "revision_too_soon"), scope, WARN)

    return Check("known_in_order", text, run)


def funds_add_up(text: str) -> Check:
    """The flows of funds are their total, once all of them have reported."""

    def run(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
        query = statement("institutional/flows_that_do_not_add_up")
        frame = scope.store.database.read(query, (*scope.window, CENTS))
        return _all_zero("funds_add_up", frame, ("amiss",), scope, WARN)

    return Check("funds_add_up", text, run)


def _all_zero(
    name: str,
    frame: pl.DataFrame,
    columns: Sequence[str],
    scope: CheckScope,
    severity: dg.AssetCheckSeverity,
) -> dg.AssetCheckResult:
    if scope.lightweight:
        return guard_frame(name, frame, {each: pl.col(each) != 0 for each in columns}, severity=severity)
    return none_but_zero(name, frame, columns, severity=severity)
