"""How the hard rules of collected data sets are checked: over all rows of the days that a run was about."""

from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Check, Dataset
from alphapulse_assets.datasets.derived_checks import check_rules, rules_of
from alphapulse_resources.database.client import statement

MOST_ROWS: Final = 2_000_000


def collected_rows(scope: CheckScope, dataset: Dataset) -> pl.DataFrame:
    """The data set's rows of the scope's days; at most `MOST_ROWS`."""
    query = statement("collecting/rows_to_check", table=dataset.table.name)
    return scope.store.database.read(query, (*scope.window, MOST_ROWS))


def collected_rules(text: str) -> Check:
    """The data set's hard rules, of the rows of the days that were written; they stop what follows."""

    def run(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
        rows = collected_rows(scope, dataset)
        return check_rules("rules", rows, rules_of(dataset), lightweight=scope.lightweight)

    return Check("rules", text, run, blocking=True)
