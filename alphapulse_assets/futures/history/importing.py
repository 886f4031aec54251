"""From a file of funding rates or open interest to the table: judged, held against what is stored, undoable.

What belongs here is the order of things; `futures_history.files` knows how to read, `judging` what is right.
The rows of a symbol are one transaction. Where a venue or its archive told a moment itself, a file that tells
something else does not win, unless it is told to: its row goes to quarantine. What another file told is
replaced. What is replaced is kept, so that the import can be undone.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.futures.history.gap_books import update_gap_books
from alphapulse_assets.futures.history.judging import Fitted, Judged, fit, judge, off_the_grid
from alphapulse_assets.futures.history.kinds import FUNDING_PAST, PastKind, first_and_last
from alphapulse_assets.futures.history.past_rules import in_units
from alphapulse_assets.futures.history.report import FileReport, SymbolReport
from alphapulse_assets.futures.tables import whole_rows
from alphapulse_resources.candle_files.model import CandleFileError
from alphapulse_resources.candle_files.spellings import NO, best_score, read_asked
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.fetch_store import Connection, FetchStore
from alphapulse_resources.database.statements import template
from alphapulse_resources.database.upsert import Written, unpack_freely
from alphapulse_resources.futures_history.files.reading import FuturesFile, SymbolRows
from alphapulse_resources.futures_history.settlements import stretches, with_intervals

SOURCE: Final = "file"
BOOKS: Final = "import"
"""What the books (quarantine, gaps) call it: a row of table `sources`."""
QUARANTINED_ROWS: Final = 1_000
"""Bad rows of a symbol that are kept, the first ones (ours)."""
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Subject:
    """An instrument that rows are of; without a key it becomes known when they are stored."""

    symbol: str
    instrument_id: int | None
    contract: tuple[str, float | None]  # kind and size


@dataclass(frozen=True, slots=True)
class FuturesImport:
    """An import of files of one venue and data set. Call `file` for each.

    `now` is fixed for the whole of it. A dry run does everything and rolls it back. `replaces` lets files win
    over what venues told; `force` stores settlements at odd hours.
    """

    database: Database
    kind: PastKind
    venue: str
    symbol: str | None
    now: datetime
    dry_run: bool = False
    force: bool = False
    replaces: bool = False
    import_id: int | None = None
    known: list[Mapping[str, Any]] = field(default_factory=list)

    def file(self, file: FuturesFile) -> FileReport:
        """Judge and store the rows of a file. Raises CandleFileError where they are other ones."""
        subjects = [(self._subject(file, each), each) for each in file.symbols]
        reports = tuple(self._symbol(file, subject, each) for subject, each in subjects)
        return FileReport(
            file.path, file.format, file.time_unit, file.assumptions, file.rows, file.other_symbols, reports
        )

    # whose rows they are ---------------------------------------------------------------------------------

    def _subject(self, file: FuturesFile, rows: SymbolRows) -> Subject:
        if not self.known:
            query = statement("futures_history/instruments")
            self.known.extend(self.database.rows(query, {"venue": self.venue}))
        if self.symbol is not None:
            row = next((row for row in self.known if row["symbol"] == self.symbol), None)
            return _subject_of(self.symbol, row)
        if rows.spelled is None:
            raise CandleFileError(f"{file.path.name}: nothing says whose rows these are: say --symbol")
        row = self._meant(rows.spelled)
        if row is None:
            raise CandleFileError(
                f"{file.path.name}: {self.venue} has no perpetual or future {rows.spelled!r} that is known "
                "here: say --symbol BASE/QUOTE:SETTLE, or add it with alphapulse symbols add"
            )
        return _subject_of(row["symbol"], row)

    def _meant(self, spelled: str) -> Mapping[str, Any] | None:
        """The instrument that a spelling means: the venue's own name first, then the only one that fits."""
        for name in ("venue_symbol", "symbol"):
            if row := next((row for row in self.known if row[name] == spelled), None):
                return row
        fits = [row for row in self.known if best_score(spelled, read_asked(row["symbol"])) != NO]
        return fits[0] if len(fits) == 1 else None

    # judged, then stored ---------------------------------------------------------------------------------

    def _symbol(self, file: FuturesFile, subject: Subject, told: SymbolRows) -> SymbolReport:
        judged = judge(self._prepared(told.rows, subject), self.kind.rules, self.kind.compared, self.now)
        stored = self._stored(subject, judged.good)
        good = self._with_context(judged.good, stored)
        if self.kind is FUNDING_PAST and not self.force and (why := off_the_grid(good, self.venue)):
            raise CandleFileError(f"{file.path.name}: {why}")
        fitted = fit(good, stored, self.kind.compared)
        wins = fitted.different.filter((pl.col("stored_source") == SOURCE) | pl.lit(self.replaces))
        loses = fitted.different.join(wins, on="ts", how="anti").drop("stored_source")
        bad = [*_bad_rows(judged.bad), *_bad_rows(_because(loses, "differs_from_stored")), *_rejected(told)]
        report = self._report(subject, told, judged, fitted, good, bad)
        every = pl.concat([good, stored], how="diagonal").unique("ts", keep="first").sort("ts")
        holes = self.kind.holes(every)
        report = replace(report, missing=sum(count for _, count in holes), gaps=len(holes))
        rows = pl.concat([fitted.new, wins.drop("stored_source")]).sort("ts")
        written = self._store(subject, rows, wins["ts"], bad, good, [hole for hole, _ in holes])
        same = Written(unchanged=fitted.same)
        return replace(report, written=written + same, replaced=wins.height)

    def _prepared(self, rows: pl.DataFrame, subject: Subject) -> pl.DataFrame:
        if self.kind is FUNDING_PAST:
            return rows
        return in_units(rows, *subject.contract)

    def _stored(self, subject: Subject, good: pl.DataFrame) -> pl.DataFrame:
        """What is stored at the times of rows, and beside them."""
        empty = pl.DataFrame(
            schema={
                "ts": pl.Datetime("us", "UTC"),
                "source": pl.String(),
                **dict.fromkeys(self.kind.stored, pl.Float64()),
            }
        )
        if subject.instrument_id is None or good.is_empty():
            return empty
        first, last = first_and_last(good)
        name = "funding" if self.kind is FUNDING_PAST else "open_interest"
        frame = self.database.read(
            statement(f"futures_history/stored_{name}"),
            (subject.instrument_id, first - self.kind.beside, last + self.kind.beside),
        )
        return frame.select(empty.columns).cast(empty.schema) if frame.height else empty

    def _with_context(self, good: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
        """Settlements with the intervals that they and the stored ones around them tell."""
        if self.kind is not FUNDING_PAST:
            return good
        beside = stored.select("ts", "interval_hours").join(good, on="ts", how="anti")
        both = pl.concat([good, beside], how="diagonal")
        return with_intervals(both).join(good.select("ts"), on="ts", how="semi").sort("ts")

    def _store(
        self,
        subject: Subject,
        rows: pl.DataFrame,
        replaced: pl.Series,
        bad: Sequence[Mapping[str, Any]],
        good: pl.DataFrame,
        holes: Sequence[Any],
    ) -> Written:
        """One transaction: rows, what they replaced, quarantine, the gap ledger of their window."""
        store = FetchStore(self.database, self.kind.dataset)
        with self.database.transaction() as connection, connection.transaction(force_rollback=self.dry_run):
            key = subject.instrument_id or self._register(connection, subject.symbol)
            store.lock(connection, key)
            written = self._write(connection, key, rows, replaced)
            if bad:
                store.quarantine(connection, key, bad[:QUARANTINED_ROWS], source=BOOKS)
            if good.height:
                first, last = first_and_last(good)
                update_gap_books(
                    store,
                    connection,
                    key,
                    (first, last + _MINUTE),
                    holes,
                    source=BOOKS,
                    answered=False,
                    sources_available=2,
                    now=self.now,
                )
        return written

    def _write(self, connection: Connection, key: int, rows: pl.DataFrame, replaced: pl.Series) -> Written:
        if rows.is_empty():
            return Written()
        received_at = _clock(connection)
        about = {"import_id": self.import_id, "instrument_id": key, "times": replaced.to_list()}
        if replaced.len():
            unpack_freely(connection)
            if self.import_id is not None:
                connection.execute(_on(self.kind, "keep_replaced"), about)
            connection.execute(_on(self.kind, "remove"), about)
        frame = whole_rows(
            rows.with_columns(
                self.kind.known_at(),
                instrument_id=pl.lit(key, pl.Int32),
                source=pl.lit(SOURCE),
                received_at=pl.lit(received_at),
            ),
            self.kind.schema,
        )
        done = self.database.upsert(connection, self.kind.table, frame)
        written = replace(
            done, inserted=done.inserted - replaced.len(), changed=done.changed + replaced.len()
        )
        if self.import_id is not None:
            first, last = first_and_last(rows)
            connection.execute(
                statement("futures_history/note_chunk"),
                {
                    **about,
                    "received_at": received_at,
                    "first_ts": first,
                    "last_ts": last,
                    "inserted": written.inserted,
                    "changed": written.changed,
                },
            )
        return written

    def _register(self, connection: Connection, symbol: str) -> int:
        row = connection.execute("SELECT register_instrument(%s, %s)", [self.venue, symbol]).fetchone()
        assert row is not None  # a SELECT without FROM returns one row
        self.known.clear()
        return int(row[0])

    def _report(
        self,
        subject: Subject,
        told: SymbolRows,
        judged: Judged,
        fitted: Fitted,
        good: pl.DataFrame,
        bad: Sequence[Mapping[str, Any]],
    ) -> SymbolReport:
        first, last = first_and_last(good) if good.height else (None, None)
        funding = self.kind is FUNDING_PAST
        counted = Counter(reason for row in bad for reason in row["reasons"]) + told.rejects.more
        return SymbolReport(
            symbol=subject.symbol,
            rows=told.rows.height + len(told.rejects),
            duplicates=judged.duplicates,
            quarantined=len(bad) + told.rejects.more.total(),
            reasons=dict(counted),
            conflicts=fitted.conflicts,
            first=first,
            last=last,
            intervals=tuple(stretches(good)) if funding else (),
            new_instrument=subject.instrument_id is None,
            notes=("rows are not in order of time: sorted",) if judged.unordered else (),
        )


def _on(kind: PastKind, name: str) -> Any:
    """A statement of this room on the table of a kind."""
    return template(f"futures_history/{name}", table=kind.table.name)


def _subject_of(symbol: str, row: Mapping[str, Any] | None) -> Subject:
    if row is None:
        return Subject(symbol, None, (_contract_kind(symbol), None))
    kind = row["contract_kind"] or _contract_kind(symbol)
    return Subject(symbol, int(row["instrument_id"]), (kind, row["contract_size"]))


def _contract_kind(symbol: str) -> str:
    """What kind of contract a unified symbol says it is: BTC/USDT:USDT is linear, BTC/USD:BTC inverse."""
    pair, _, settled = symbol.partition(":")
    base, _, quote = pair.partition("/")
    settle = settled.split("-")[0]
    return "linear" if settle in ("", quote) else "inverse" if settle == base else "quanto"


def _because(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    return rows.with_columns(reasons=pl.lit([reason]))


def _bad_rows(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Bad rows as the quarantine takes them."""
    return [
        {
            "ts": row["ts"],
            "reasons": row.pop("reasons"),
            "payload": json.dumps({name: _plain(value) for name, value in row.items()}, default=str),
        }
        for row in rows.iter_rows(named=True)
    ]


def _plain(value: Any) -> Any:
    """A value as JSON can hold it: NaN and infinity are texts."""
    return (
        str(value) if isinstance(value, float) and (value != value or abs(value) == float("inf")) else value
    )


def _rejected(told: SymbolRows) -> list[dict[str, Any]]:
    return [{"ts": each.ts, "reasons": [each.reason], "payload": each.payload} for each in told.rejects.kept]


def _clock(connection: Connection) -> datetime:
    """Now, by the server: it tells an import's transactions apart."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None  # a SELECT without FROM returns one row
    return row[0]  # type: ignore[no-any-return]
