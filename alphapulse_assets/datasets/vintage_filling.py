"""History of a provider's series as vintages: pages judged by a data set's rules, with their ledger."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import FillContext, FillResult
from alphapulse_assets.datasets.fetching import Accepted, Fetching, Outcome, fetch_each
from alphapulse_assets.datasets.page_rules import TableRules
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.datasets.vintage_store import newest_stored
from alphapulse_assets.datasets.vintages import Watch, as_vintages
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.fetch_store import Batch, Connection, FetchStore
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Instrument, Page

WORKERS: Final = 2
"""Series that are fetched at the same time (ours): the budgets of these providers are small."""

Ask = Callable[[Series, datetime, datetime], Iterator[Page[pl.DataFrame]]]


@dataclass(frozen=True, slots=True)
class VintageRules:
    """Judges pages as `TableRules` does; of what is right it stores what is new or told otherwise.

    Pages carry the table's key but `revision`, its values, and `due_at`. With `known_at_receipt` nothing is
    taken to be known before it was received, whenever it was due.
    """

    database: Database
    table: Table
    rules: RuleSet
    now: datetime
    watch: Watch | None = None
    known_at_receipt: bool = False

    def accept(self, subject: Instrument | Series, page: Page[pl.DataFrame]) -> Accepted:
        """Judge every row as it would be stored if nothing was: known at its due time, or now."""
        with_time = pl.min_horizontal("due_at", pl.lit(self.now, pl.Datetime("us", "UTC")))
        judged = Page(
            page.source, page.start, page.end, page.rows.with_columns(known_at=with_time), page.rejects
        )
        return TableRules(self.database, self.table, self.now, self.rules.guard()).accept(subject, judged)

    def write(
        self,
        connection: Connection,
        _subject: Instrument | Series,
        page: Page[pl.DataFrame],
        accepted: Accepted,
        received_at: datetime,
    ) -> Written:
        """Store the next revisions."""
        told, seen = accepted.rows.drop("known_at"), self.now
        if self.known_at_receipt:
            seen = received_at
            told = told.with_columns(due_at=pl.lit(seen, pl.Datetime("us", "UTC")))
        stored = newest_stored(self.database, self.table, page.start, page.end)
        rows = as_vintages(told, stored, self.table, seen, self.watch)
        same = Written(unchanged=told.height - rows.height)
        received = pl.lit(received_at, pl.Datetime("us", "UTC"))
        rows = rows.with_columns(received_at=received).sort(self.table.key)
        return same + self.database.upsert(connection, self.table, rows)


def fill_series(
    context: FillContext,
    dataset: str,
    subjects: Sequence[Series],
    rules: VintageRules,
    ask: Ask,
    *,
    until: datetime,
) -> FillResult:
    """Fetch the days of a context for each series; the failure of one stops no other."""
    store = FetchStore(context.sources.database, dataset)
    batch = Batch(context.batch, context.run_id)
    fetching: Fetching[Series, Page[pl.DataFrame]] = Fetching(store, rules, ask, batch, until)

    def fetch(series: Series, outcome: Outcome[Series]) -> None:
        fetching.days(series, context.days, outcome)

    outcomes = fetch_each(subjects, fetch, workers=WORKERS)
    written = sum((each.written for each in outcomes), Written())
    failed = {str(each.subject): str(each.error) for each in outcomes if each.error is not None}
    return FillResult(
        inserted=written.inserted,
        changed=written.changed,
        unchanged=written.unchanged,
        quarantined=sum(each.quarantined for each in outcomes),
        written=frozenset((None, day) for _, day in written.changed_days),
        missing=failed,
        failed=bool(failed),
    )
