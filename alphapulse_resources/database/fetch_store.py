"""What fetching a data set leaves in the database besides its rows: ledger, gaps, quarantine, request log.

Every statement about them, and no decisions. Methods that take a connection work in the caller's transaction,
so that the rows, the ledger and the gaps of one page are stored together or not at all.

An instrument's data sets are in `ingest_ledger` and `gap_ledger`, by its key. What has no instrument is a
`Series` of a provider, in `provider_ledger`. That has no gap ledger: a day that was not answered for says so
by its status, and how often a row is due within it is for each data set to know.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.locks import lock_writers
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Fetch

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
LedgerKey = int | Series
"""What is fetched: an instrument, by its key, or a provider's series."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Which backfill or run a fetch belongs to: a retry of the same batch goes on where it stopped."""

    batch: str | None
    run_id: str | None


class FetchStore:
    """The books about one data set (`dataset`: the table of its rows) in one database."""

    def __init__(self, database: Database, dataset: str) -> None:
        self.database = database
        self.dataset = dataset

    def lock(self, connection: Connection, key: LedgerKey) -> None:
        """One writer of the data set and of what it is about at a time, until the transaction ends."""
        if isinstance(key, Series):
            lock_writers(connection, f"{self.dataset} {key}", [0])
        else:
            lock_writers(connection, self.dataset, [key])

    # bad rows and requests ---------------------------------------------------------------------------------

    def quarantine(
        self,
        connection: Connection,
        key: LedgerKey | None,
        rows: Iterable[Mapping[str, Any]],
        *,
        source: str,
        dataset: str | None = None,
    ) -> None:
        """Keep bad rows: mappings with `ts`, `reasons` and `payload` (a mapping or JSON text)."""
        about = {
            "dataset": dataset or self.dataset,
            **_quarantine_key(key),
            "source_id": SOURCE_IDS.get(source) if isinstance(key, Series) else SOURCE_IDS[source],
        }
        with connection.cursor() as cursor:
            cursor.executemany(
                statement("candles/quarantine"),
                [
                    {
                        **about,
                        "ts": row["ts"],
                        "reasons": list(row["reasons"]),
                        "payload": _json(row["payload"]),
                    }
                    for row in rows
                ],
            )

    def log_fetches(
        self,
        connection: Connection,
        fetches: Sequence[Fetch],
        *,
        venue: str,
        instrument_id: int | None,
        run_id: str | None,
        dataset: str | None = None,
    ) -> None:
        """Keep how requests to a venue, or another provider, went.

        Without an instrument they were about all of its markets, or about what has no instrument.
        """
        about = {
            "instrument_id": instrument_id,
            "venue": venue,
            "dataset": dataset or self.dataset,
            "run_id": run_id,
        }
        with connection.cursor() as cursor:
            cursor.executemany(
                statement("candles/log_fetch"), [{**asdict(fetch), **about} for fetch in fetches]
            )

    # ledger ----------------------------------------------------------------------------------------------

    def fetch_started(self, key: LedgerKey, days: Sequence[date], batch: Batch, *, from_start: bool) -> None:
        """Note that a fetch of these days begins; `from_start` when it asks for the whole of them."""
        self.database.execute(
            _ledger("started", key),
            {**self._key(key), "days": list(days), "from_start": from_start, **asdict(batch)},
        )

    def progress(
        self,
        connection: Connection,
        key: LedgerKey,
        window: tuple[datetime, datetime],
        rows: Mapping[date, int],
        quarantined: Mapping[date, int],
        batch: Batch,
    ) -> None:
        """Note that a source has answered for a window, with so many rows a day."""
        days = days_of(*window)
        connection.execute(
            _ledger("progress", key),
            {
                **self._key(key),
                "start": window[0],
                "end": window[1],
                "days": days,
                "rows": [rows.get(day, 0) for day in days],
                "quarantined": [quarantined.get(day, 0) for day in days],
                **asdict(batch),
            },
        )

    def answered_until(self, key: LedgerKey) -> datetime | None:
        """How far sources have answered for the newest day that was fetched from its start."""
        rows = self.database.rows(_ledger("answered_until", key), self._key(key))
        return rows[0]["answered_until"] if rows else None

    def failure(self, key: LedgerKey, days: Sequence[date], kind: str, message: str, batch: Batch) -> None:
        """Note that no source could answer for these days."""
        self.database.execute(
            _ledger("failure", key),
            {
                **self._key(key),
                "days": list(days),
                "error_kind": kind,
                "error": message,
                **asdict(batch),
            },
        )

    def done_in_batch(self, key: LedgerKey, days: Sequence[date], batch: str) -> dict[date, datetime]:
        """How far an earlier try of the same batch has come, by day."""
        rows = self.database.rows(
            _ledger("done_in_batch", key), {**self._key(key), "days": list(days), "batch": batch}
        )
        return {row["day"]: row["fetched_until"] for row in rows if row["fetched_until"]}

    def _key(self, key: LedgerKey) -> dict[str, Any]:
        if isinstance(key, Series):
            return {"provider": key.provider, "series": key.name, "dataset": self.dataset}
        return {"instrument_id": key, "dataset": self.dataset}

    # gaps of an instrument ---------------------------------------------------------------------------------

    def known_gaps(
        self, connection: Connection, instrument_id: int, start: datetime, end: datetime
    ) -> list[dict[str, Any]]:
        """Rows of `gap_ledger` that touch a window."""
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                statement("gaps/known"), {**self._key(instrument_id), "start": start, "end": end}
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
        about = self._key(instrument_id)
        connection.execute(statement("gaps/forget"), {**about, "start": start, "end": end})
        with connection.cursor() as cursor:
            cursor.executemany(
                statement("gaps/record"),
                [{**gap, **about, "verifications": Jsonb(gap["verifications"])} for gap in gaps],
            )

    def due_gaps(self, instrument_id: int, start: datetime, end: datetime) -> list[dict[str, Any]]:
        """Open gaps of an instrument in a window that are due for a repair."""
        return self.database.rows(
            statement("gaps/open_of_instrument"), {**self._key(instrument_id), "start": start, "end": end}
        )

    def postpone_gaps(self, instrument_id: int, start: datetime, end: datetime) -> None:
        """Note that a repair was tried and when the next one is due."""
        self.database.execute(
            statement("gaps/postpone"), {**self._key(instrument_id), "start": start, "end": end}
        )


def days_of(start: datetime, end: datetime) -> list[date]:
    """UTC days that `[start, end)` touches."""
    last = (end - timedelta(microseconds=1)).date()
    count = (last - start.date()).days + 1
    return [start.date() + timedelta(days=offset) for offset in range(max(count, 0))]


def _ledger(name: str, key: LedgerKey) -> str:
    return statement(f"ledger/of_provider/{name}" if isinstance(key, Series) else f"ledger/{name}")


def _quarantine_key(key: LedgerKey | None) -> dict[str, Any]:
    if isinstance(key, Series):
        return {"instrument_id": None, "provider": key.provider, "series": key.name}
    return {"instrument_id": key, "provider": None, "series": None}


def _json(payload: Any) -> Any:
    return payload if isinstance(payload, str) else Jsonb(payload, dumps=_dumps)


def _dumps(payload: Any) -> str:
    return json.dumps(payload, default=str)
