"""Candles, ledger, gaps and quarantine in the database: every statement about them, and no decisions.

Methods that take a connection work in the caller's transaction, so that candles, ledger and gaps of one
page are stored together or not at all.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import polars as pl
import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.locks import lock_writers
from alphapulse_resources.database.readback import read_back
from alphapulse_resources.database.upsert import OHLCV_1M, OHLCV_NATIVE, Written
from alphapulse_resources.frames import CANDLE_SCHEMA
from alphapulse_resources.venues.model import Fetch, Instrument

SOURCE_IDS: Final[Mapping[str, int]] = {
    "archive": 1,
    "rest": 2,
    "mirror": 3,
    "stream": 4,
    "import": 5,
    "yahoo": 6,
    "trades": 7,
}
"""Rows of table `sources`."""

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Which backfill or run a fetch belongs to: a retry of the same batch goes on where it stopped."""

    batch: str | None
    run_id: str | None


class CandleStore:
    """The candle tables of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # instruments -----------------------------------------------------------------------------------------

    def tracked(self, venue: str, symbols: Sequence[str] | None = None) -> list[Instrument]:
        """Tracked instruments of a venue that can be fetched, all or some of them."""
        rows = self.database.rows(
            statement("instruments/tracked"), {"venue": venue, "symbols": list(symbols) if symbols else None}
        )
        return [Instrument(**row) for row in rows]

    def register(self, venue: str, symbol: str) -> int:
        """Make an instrument known without tracking it; returns its key."""
        rows = self.database.rows(
            "SELECT register_instrument(%(venue)s, %(symbol)s) AS id", {"venue": venue, "symbol": symbol}
        )
        return int(rows[0]["id"])

    # candles ---------------------------------------------------------------------------------------------

    def lock(self, connection: Connection, instrument_id: int) -> None:
        """One writer an instrument at a time, until the transaction ends."""
        lock_writers(connection, "candles", [instrument_id])

    def write(
        self,
        connection: Connection,
        instrument_id: int,
        candles: pl.DataFrame,
        *,
        source: str,
        received_at: datetime,
        timeframe_id: int = 1,
    ) -> Written:
        """Write validated candles (CANDLE_SCHEMA, sorted, unique) of one instrument and timeframe."""
        frame = candles.with_columns(
            pl.lit(instrument_id, pl.Int32).alias("instrument_id"),
            pl.lit(timeframe_id, pl.Int16).alias("timeframe_id"),
            pl.lit(SOURCE_IDS[source], pl.Int16).alias("source_id"),
            pl.lit(received_at, pl.Datetime("us", "UTC")).alias("received_at"),
        )
        return self.database.upsert(connection, OHLCV_1M if timeframe_id == 1 else OHLCV_NATIVE, frame)

    def quarantine(
        self,
        connection: Connection,
        instrument_id: int | None,
        rows: Iterable[Mapping[str, Any]],
        *,
        dataset: str,
        source: str,
    ) -> None:
        """Keep bad rows: mappings with `ts`, `reasons` and `payload` (a mapping or JSON text)."""
        with connection.cursor() as cursor:
            cursor.executemany(
                statement("candles/quarantine"),
                [
                    {
                        "dataset": dataset,
                        "instrument_id": instrument_id,
                        "ts": row["ts"],
                        "reasons": list(row["reasons"]),
                        "payload": _json(row["payload"]),
                        "source_id": SOURCE_IDS[source],
                    }
                    for row in rows
                ],
            )

    def bounds(
        self, instrument_id: int, connection: Connection | None = None
    ) -> tuple[datetime | None, datetime | None]:
        """Open times of the first and the newest 1m candle."""
        if connection is None:
            with self.database.transaction() as own:
                return self.bounds(instrument_id, own)
        row = connection.execute(statement("candles/bounds"), {"instrument_id": instrument_id}).fetchone()
        assert row is not None  # the statement always returns one row
        return row[0], row[1]

    def present_minutes(
        self, connection: Connection, instrument_id: int, start: datetime, end: datetime
    ) -> pl.Series:
        """Open times of the 1m candles in a window, in order."""
        stored = read_back(
            connection,
            OHLCV_1M.name,
            pl.Schema({"ts": CANDLE_SCHEMA["ts"]}),
            condition=sql.SQL("o.instrument_id = {} AND o.ts >= {} AND o.ts < {}").format(
                instrument_id, start, end
            ),
            limit=-(-(end - start) // timedelta(minutes=1)),
        )
        return stored["ts"].sort()

    # ledger ----------------------------------------------------------------------------------------------

    def fetch_started(
        self, instrument_id: int, days: Sequence[date], batch: Batch, *, from_start: bool
    ) -> None:
        """Note that a fetch of these days begins; `from_start` when it asks for the whole of them."""
        self.database.execute(
            statement("ledger/started"),
            {
                "instrument_id": instrument_id,
                "days": list(days),
                "from_start": from_start,
                **asdict(batch),
            },
        )

    def progress(
        self,
        connection: Connection,
        instrument_id: int,
        window: tuple[datetime, datetime],
        rows: Mapping[date, int],
        quarantined: Mapping[date, int],
        batch: Batch,
    ) -> None:
        """Note that a source has answered for a window, with so many rows a day."""
        days = days_of(*window)
        connection.execute(
            statement("ledger/progress"),
            {
                "instrument_id": instrument_id,
                "start": window[0],
                "end": window[1],
                "days": days,
                "rows": [rows.get(day, 0) for day in days],
                "quarantined": [quarantined.get(day, 0) for day in days],
                **asdict(batch),
            },
        )

    def answered_until(self, instrument_id: int) -> datetime | None:
        """How far sources have answered for the newest day that was fetched from its start."""
        rows = self.database.rows(statement("ledger/answered_until"), {"instrument_id": instrument_id})
        return rows[0]["answered_until"] if rows else None

    def failure(
        self, instrument_id: int, days: Sequence[date], kind: str, message: str, batch: Batch
    ) -> None:
        """Note that no source could answer for these days."""
        self.database.execute(
            statement("ledger/failure"),
            {
                "instrument_id": instrument_id,
                "days": list(days),
                "error_kind": kind,
                "error": message,
                **asdict(batch),
            },
        )

    def done_in_batch(self, instrument_id: int, days: Sequence[date], batch: str) -> dict[date, datetime]:
        """How far an earlier try of the same batch has come, by day."""
        rows = self.database.rows(
            statement("ledger/done_in_batch"),
            {"instrument_id": instrument_id, "days": list(days), "batch": batch},
        )
        return {row["day"]: row["fetched_until"] for row in rows if row["fetched_until"]}

    def log_fetches(
        self,
        connection: Connection,
        fetches: Sequence[Fetch],
        *,
        venue: str,
        instrument_id: int | None,
        dataset: str,
        run_id: str | None,
    ) -> None:
        """Keep how requests to a venue went; without an instrument they were about all of its markets."""
        about = {"instrument_id": instrument_id, "venue": venue, "dataset": dataset, "run_id": run_id}
        with connection.cursor() as cursor:
            cursor.executemany(
                statement("candles/log_fetch"), [{**asdict(fetch), **about} for fetch in fetches]
            )

    # gaps ------------------------------------------------------------------------------------------------

    def known_gaps(
        self, connection: Connection, instrument_id: int, start: datetime, end: datetime
    ) -> list[dict[str, Any]]:
        """Rows of `gap_ledger` that touch a window."""
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                statement("gaps/known"), {"instrument_id": instrument_id, "start": start, "end": end}
            ).fetchall()

    def replace_gaps(
        self,
        connection: Connection,
        instrument_id: int,
        start: datetime,
        end: datetime,
        gaps: Iterable[Mapping[str, Any]],
    ) -> None:
        """Put `gaps` in the place of the gaps that touch a window."""
        connection.execute(
            statement("gaps/forget"), {"instrument_id": instrument_id, "start": start, "end": end}
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                statement("gaps/record"),
                [
                    {**gap, "instrument_id": instrument_id, "verifications": Jsonb(gap["verifications"])}
                    for gap in gaps
                ],
            )

    def due_gaps(self, instrument_id: int, start: datetime, end: datetime) -> list[dict[str, Any]]:
        """Open gaps of an instrument in a window that are due for a repair."""
        return self.database.rows(
            statement("gaps/open_of_instrument"), {"instrument_id": instrument_id, "start": start, "end": end}
        )

    def postpone_gaps(self, instrument_id: int, start: datetime, end: datetime) -> None:
        """Note that a repair was tried and when the next one is due."""
        self.database.execute(
            statement("gaps/postpone"), {"instrument_id": instrument_id, "start": start, "end": end}
        )


def days_of(start: datetime, end: datetime) -> list[date]:
    """UTC days that `[start, end)` touches."""
    last = (end - timedelta(microseconds=1)).date()
    count = (last - start.date()).days + 1
    return [start.date() + timedelta(days=offset) for offset in range(max(count, 0))]


def _json(payload: Any) -> Any:
    return payload if isinstance(payload, str) else Jsonb(payload, dumps=_dumps)


def _dumps(payload: Any) -> str:

    return json.dumps(payload, default=str)
