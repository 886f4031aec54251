"""What is promised of figures that are kept as they were told: times in order, and figures that settle."""

from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Check, Dataset
from alphapulse_assets.datasets.derived_checks import none_but_zero
from alphapulse_assets.datasets.expectations import guard_frame
from alphapulse_resources.database.client import statement

WARN: Final = dg.AssetCheckSeverity.WARN
ERROR: Final = dg.AssetCheckSeverity.ERROR
MOST_REVISIONS: Final = 10
"""Revisions of one figure beyond which it does not settle (ours): something else is told each time."""


def known_in_order(text: str, query: str) -> Check:
    """Nothing was known before it could be told, and no revision before what it revises."""
    return counted_check("known_in_order", text, query, ("known_too_soon", "revision_too_soon"), ERROR)


def settles(text: str, query: str) -> Check:
    """Revisions are counted; a figure that is told otherwise again and again is a warning."""

    def run(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
        frame = scope.store.database.read(statement(query), (*scope.window, MOST_REVISIONS))
        result = _held("settles", frame, ("unsettled",), scope, WARN)
        counted = {name: dg.MetadataValue.int(int(frame[name].sum())) for name in ("figures", "revised")}
        return result._replace(metadata={**result.metadata, **counted})

    return Check("settles", text, run)


def counted_check(
    name: str, text: str, query: str, columns: tuple[str, ...], severity: dg.AssetCheckSeverity = WARN
) -> Check:
    """Columns of a statement over the scope's days, in which what is wrong is counted, are zero."""

    def run(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
        frame = scope.store.database.read(statement(query), scope.window)
        return _held(name, frame, columns, scope, severity)

    return Check(name, text, run)


def _held(
    name: str,
    frame: pl.DataFrame,
    columns: tuple[str, ...],
    scope: CheckScope,
    severity: dg.AssetCheckSeverity,
) -> dg.AssetCheckResult:
    if scope.lightweight:
        return guard_frame(name, frame, {each: pl.col(each) != 0 for each in columns}, severity=severity)
    return none_but_zero(name, frame, columns, severity=severity)
