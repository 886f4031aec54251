"""What is said of a page of the past: its rows judged, written, and what should be there and is not.

A page may bring rows from around its window: they tell the intervals of settlements and are left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.candles.gaps import Stretch, missing
from alphapulse_assets.datasets.fetching import Accepted
from alphapulse_assets.datasets.page_rules import TableRules
from alphapulse_assets.futures.batch import FIVE_MINUTES as FIVE_MINUTES_ID
from alphapulse_assets.futures.contracts import convert
from alphapulse_assets.futures.history.gap_books import update_gap_books
from alphapulse_assets.futures.history.kinds import FUNDING_PAST, OPEN_INTEREST_PAST, Past, settlement_holes
from alphapulse_assets.futures.tables import whole_rows
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.fetch_store import Connection, FetchStore
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.futures_history.rows import FIVE_MINUTES
from alphapulse_resources.futures_history.settlements import HOUR, with_intervals
from alphapulse_resources.venues.model import Instrument, Page

LATE: Final = timedelta(minutes=10)
"""What is younger may still come: no gap yet (ours)."""
Contracts = Mapping[int, tuple[str | None, float | None]]
"""Kind and size of the contract of each instrument, as far as the venue told them."""


@dataclass(frozen=True, slots=True)
class PastRules:
    """The rules of one kind's pages.

    `sources` is how many ways there are to a row, `series` how many rows a moment has where none is missing.
    """

    database: Database
    kind: Past
    now: datetime
    broken: Mapping[str, pl.Expr]
    contracts: Contracts
    sources: int = 1
    series: int = 1

    def accept(self, subject: Instrument, page: Page[pl.DataFrame]) -> Accepted:
        """Judge the rows of the page's window."""
        rows = page.rows
        if rows.is_empty():
            return Accepted(whole_rows(rows, self.kind.schema), [], self._settled(page))
        if self.kind is FUNDING_PAST:
            rows = with_intervals(_once(rows))
        inside = rows.filter(pl.col("ts").is_between(page.start, page.end, closed="left"))
        table = TableRules(self.database, self.kind.table, self.now, self.broken)
        prepared = self._prepared(inside, subject, page.source)
        accepted = table.accept(subject, replace(page, rows=prepared))
        return replace(accepted, settled=self._settled(page))

    def write(
        self,
        connection: Connection,
        subject: Instrument,
        page: Page[pl.DataFrame],
        accepted: Accepted,
        received_at: datetime,
    ) -> Written:
        """Store the rows and bring the gap ledger of the page's window up to date."""
        frame = accepted.rows.with_columns(
            instrument_id=pl.lit(subject.instrument_id, pl.Int32), received_at=pl.lit(received_at)
        )
        written = Written()
        if frame.height:
            rows = whole_rows(frame, self.kind.schema).sort("ts")
            written = self.database.upsert(connection, self.kind.table, rows)
        self._books(connection, subject, page, accepted.settled)
        return written

    def _prepared(self, rows: pl.DataFrame, subject: Instrument, source: str) -> pl.DataFrame:
        """Rows as the table has them, but for their key."""
        period = pl.lit(FIVE_MINUTES_ID, pl.Int16)  # of the tables that have periods
        rows = rows.with_columns(self.kind.known_at(), source=pl.lit(source), timeframe_id=period)
        if self.kind is OPEN_INTEREST_PAST:
            rows = in_units(rows, *self.contracts.get(subject.instrument_id, (None, None)))
        return whole_rows(rows, self.kind.schema).drop("instrument_id", "received_at")

    def _settled(self, page: Page[pl.DataFrame]) -> datetime:
        return max(page.start, min(page.end, self.now - LATE))

    def _books(
        self, connection: Connection, subject: Instrument, page: Page[pl.DataFrame], settled: datetime
    ) -> None:
        """Gaps of what should be in the page's window by now and is not stored."""
        store, key = FetchStore(self.database, self.kind.dataset), subject.instrument_id
        around = (page.start - self.kind.beside, page.end + self.kind.beside)
        query = statement(f"futures_history/{self.kind.moments}")
        given = {"instrument_id": key, "start": around[0], "end": around[1], "series": self.series}
        told = connection.execute(query, given).fetchall()
        stored = pl.DataFrame(
            told, {"ts": pl.Datetime("us", "UTC"), "interval_hours": pl.Float64()}, orient="row"
        )
        born = subject.listed_at or self._first(connection, key)
        start = page.start if born is None else max(page.start, born)
        end = min(settled, subject.delisted_at or settled)
        if born is None or start >= end:
            return
        if self.kind is FUNDING_PAST:
            absent = settlement_gaps(stored, start, end)
        else:
            absent = reading_gaps(stored["ts"], start, end)
        update_gap_books(
            store,
            connection,
            key,
            (start, end),
            absent,
            source=page.source,
            answered=True,
            sources_available=self.sources,
            now=self.now,
        )

    def _first(self, connection: Connection, key: int) -> datetime | None:
        """The first row there is, where the venue does not say since when the contract trades."""
        query = statement("futures_history/first_moment", table=self.kind.table.name)
        row = connection.execute(query, {"instrument_id": key}).fetchone()
        return row[0] if row else None


def in_units(rows: pl.DataFrame, contract: str | None, size: float | None) -> pl.DataFrame:
    """Open interest as told, in all units that follow by the contract's size; no price is made up.

    Of a linear contract whose size nobody told, one is one of the base.
    """
    linear = contract in (None, "linear")
    known = rows.with_columns(
        price=pl.lit(None, pl.Float64),
        told_value=pl.col("quote_value"),
        told_base=pl.col("base_amount"),
        contract_kind=pl.lit("linear" if linear else contract),
        contract_size=pl.lit(1.0 if linear and size is None else size, pl.Float64),
    )
    if linear:
        known = known.with_columns(
            contracts=pl.coalesce("contracts", pl.col("base_amount") / pl.col("contract_size"))
        )
    elif contract == "inverse":
        known = known.with_columns(
            contracts=pl.coalesce("contracts", pl.col("quote_value") / pl.col("contract_size"))
        )
    done = convert(known).with_columns(base_amount=pl.coalesce("told_base", "base_amount"))
    settle = pl.when(pl.col("contract_kind") == "inverse").then(pl.coalesce("settle_value", "base_amount"))
    whole = pl.col("base_amount").is_not_null() & pl.col("quote_value").is_not_null()
    return done.with_columns(
        settle_value=settle.otherwise("settle_value"),
        not_converted=pl.when(~whole).then("not_converted"),
    ).drop("told_value", "told_base", "contract_kind", "contract_size")


def settlement_gaps(stored: pl.DataFrame, start: datetime, end: datetime) -> list[Stretch]:
    """Settlements that should be there in `[start, end)` by the intervals of the stored ones, and are not.

    Where there is none at all, far and wide, the whole of it is missing.
    """
    if stored.is_empty():
        return [Stretch(start, end)]
    dated = with_intervals(stored)
    found = [stretch for stretch, _ in settlement_holes(dated)]
    (first, hours), (last, newest_hours) = dated.row(0), dated.row(-1)
    if hours is not None and first - hours * HOUR > start:
        found.insert(0, Stretch(start, first))
    if newest_hours is not None and last + newest_hours * HOUR < end:
        found.append(Stretch(last + newest_hours * HOUR, end))
    return found


def reading_gaps(times: pl.Series, start: datetime, end: datetime) -> list[Stretch]:
    """Moments of five minutes in `[start, end)` that no stored row is near to."""
    first, last = _floor(start), _floor(end)
    first = first if first == start else first + FIVE_MINUTES
    if first >= last:
        return []
    return missing(times.dt.round("5m").unique().sort(), first, last, FIVE_MINUTES)


def _floor(moment: datetime) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % FIVE_MINUTES.total_seconds())


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    """Settlements each once: two answers may tell the same one."""
    return rows.unique(subset=["ts", "rate"], keep="first", maintain_order=True)
