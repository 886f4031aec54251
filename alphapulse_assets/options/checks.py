"""What is promised of options beyond the hard rules of each row."""

from datetime import UTC, datetime, timedelta
from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import NO_LOOK_AHEAD, Check, Dataset
from alphapulse_assets.datasets.derived_checks import ERROR, WARN, alike
from alphapulse_assets.datasets.expectations import check_frame, expectation, guard_frame
from alphapulse_assets.options.batch import summarise
from alphapulse_assets.options.model import EXPIRIES, SUMMARY_VERSION, TOTALS
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.tables import Table
from alphapulse_resources.providers.deribit import DERIBIT

PARITY: Final = 0.002
"""Share of the forward that the marks of a call and a put may be from parity (ours): marks have four decimals
of a coin at the least, and the volatilities of the two may differ a little."""
MOST_BROKEN: Final = 0.01
"""Share of pairs that may be further (ours): a mark lags where the market jumps."""
SNAPSHOTS_AGAIN: Final = 3
"""Snapshots of each family that are summed up again (ours)."""

SUMMED_UP_WITHIN: Final = timedelta(minutes=3)
"""How long the summary of a snapshot may take: three rounds of its collector (ours)."""


def _parity(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    pairs = scope.store.database.read(statement("options/parity"), (DERIBIT.name, *scope.window, PARITY))
    shares = pairs.with_columns((pl.col("broken") / pl.col("pairs")).alias("share_broken"))
    return _at_most(scope, "put_call_parity", shares, "share_broken", MOST_BROKEN, WARN)


def _after_expiry(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    found = scope.store.database.read(statement("options/after_expiry"), (DERIBIT.name, *scope.window))
    return _at_most(scope, "gone_at_expiry", found, "expired", 0, ERROR)


def _hours(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    found = scope.store.database.read(statement("options/hours"), (DERIBIT.name, *scope.window))
    return _at_most(scope, "complete", found, "without_row", 0, WARN)


def _no_look_ahead(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """The last snapshots of the window, summed up again out of nothing but themselves."""
    database, (start, end) = scope.store.database, scope.window
    chain = database.read(statement("options/chain_of_days"), (DERIBIT.name, start, end))
    last = newest_due(chain, datetime.now(UTC))
    again = summarise(chain.join(last, on=["currency", "ts"], how="semi"))
    window = (DERIBIT.name, SUMMARY_VERSION, start, end)
    rows = []
    for table, made in ((TOTALS, again.totals), (EXPIRIES, again.expiries)):
        stored = database.read(statement("options/summaries_of_days", table=table.name), window)
        held = stored.join(last, on=["currency", "ts"], how="semi")
        rows.append({"rows_of": table.name, "different": different(table, made, held)})
    schema = {"rows_of": pl.String(), "different": pl.Int64()}
    return _at_most(scope, NO_LOOK_AHEAD, pl.DataFrame(rows, schema=schema), "different", 0, ERROR)


def newest_due(chain: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The last snapshots of each family (`currency`, `ts`) of which summaries have to be there by now."""
    due = chain.filter(pl.col("ts") < now - SUMMED_UP_WITHIN)
    return due.select("currency", "ts").unique().sort("ts").group_by("currency").tail(SNAPSHOTS_AGAIN)


def _at_most(
    scope: CheckScope,
    name: str,
    counted: pl.DataFrame,
    column: str,
    most: float,
    severity: dg.AssetCheckSeverity,
) -> dg.AssetCheckResult:
    """A column that counts what is wrong is nowhere above `most`; runs of the hour look at it in polars."""
    if scope.lightweight:
        return guard_frame(name, counted, {f"{column}_too_high": pl.col(column) > most}, severity=severity)
    within = expectation("ExpectColumnValuesToBeBetween", column=column, min_value=0, max_value=most)
    return check_frame(name, counted, [within], severity=severity)


def different(table: Table, one: pl.DataFrame, other: pl.DataFrame) -> int:
    """Columns that differ by more than rounding; all of them where there are more or fewer rows."""
    names = [name for name in table.values if name in one.columns]
    if one.height != other.height:
        return len(names)
    order = [name for name in table.key if name in one.columns]
    first, second = one.sort(order), other.sort(order)
    return sum(not alike(first[name], second[name]) for name in names)


PARITY_CHECK: Final = Check(
    "put_call_parity",
    "Marks of a call and a put of one strike differ by forward less strike, within 0.2 % of the forward.",
    _parity,
)
GONE_AT_EXPIRY: Final = Check(
    "gone_at_expiry",
    "No option is quoted after its expiry: it vanishes from the list, and its terms stay.",
    _after_expiry,
)
EVERY_HOUR: Final = Check("complete", "Every hour that is over has its candle, of each series.", _hours)
SUMMED_UP_AGAIN: Final = Check(
    NO_LOOK_AHEAD,
    "The last snapshots, summed up again out of nothing but themselves, have the rows that are stored.",
    _no_look_ahead,
)
