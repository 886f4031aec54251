"""The record of imports: which files came when, what they wrote, whether it was undone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg.types.json import Jsonb

from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.fetch_store import Connection
from alphapulse_resources.database.upsert import Written

_LEASES: Final = "import/"
"""With its id the lease that an import has while it runs: one that was killed has it no longer."""
_COUNTS: Final = ("rows", "new", "changed", "unchanged", "quarantined")


@dataclass(slots=True)
class ImportRecord:
    """An import under way."""

    import_id: int
    connection: Connection
    files: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None

    def note_file(self, file: Mapping[str, Any]) -> None:
        """Keep what became of a file: its path, sha256, bytes, and counts."""
        self.files.append(dict(file))
        rows, new, changed, unchanged, quarantined = (
            sum(int(each.get(name) or 0) for each in self.files) for name in _COUNTS
        )
        self.connection.execute(
            statement("import/note_files"),
            {
                "import_id": self.import_id,
                "files": Jsonb(self.files),
                "rows": rows,
                "inserted": new,
                "changed": changed,
                "unchanged": unchanged,
                "quarantined": quarantined,
            },
        )


@contextmanager
def recorded(
    database: Database,
    command: str,
    about: tuple[str, str, str],
    now: datetime,
    *,
    dataset: str = "ohlcv",
) -> Iterator[ImportRecord]:
    """An import that is in the record from its first moment; at the end, whatever it is, how it ended.

    `about` are venue, symbol and timeframe; the last two may be empty.
    """
    venue, symbol, timeframe = about
    with database.connect(autocommit=True) as connection:
        row = connection.execute(
            statement("import/begin"),
            {
                "command": command,
                "venue": venue,
                "symbol": symbol,
                "timeframe": timeframe,
                "started_at": now,
                "dataset": dataset,
            },
        ).fetchone()
        assert row is not None  # RETURNING
        record = ImportRecord(int(row[0]), connection)
        connection.execute("SELECT platform.take_lease(%s)", [f"{_LEASES}{record.import_id}"])
        try:
            yield record
        except BaseException as error:
            with suppress(psycopg.Error):  # the first error is the one to tell
                _end(record, str(error) or type(error).__name__)
            raise
        _end(record, record.error)


def _end(record: ImportRecord, error: str | None) -> None:
    record.connection.execute(
        statement("import/end"),
        {"import_id": record.import_id, "status": "failed" if error else "done", "error": error},
    )
    # at once: a busy server takes a moment to notice that a session was closed, and the lease with it
    record.connection.execute("SELECT pg_advisory_unlock_all()")


def note_chunk(
    connection: Connection,
    import_id: int,
    received_at: datetime,
    key: tuple[int, int],
    window: tuple[datetime, datetime],
    written: Written,
) -> None:
    """Note, in the transaction that writes them, which candles an import has written.

    `key` is instrument and timeframe, `window` the first and the last open time.
    """
    connection.execute(
        statement("import/note_chunk"),
        {
            "import_id": import_id,
            "received_at": received_at,
            "instrument_id": key[0],
            "timeframe_id": key[1],
            "first_ts": window[0],
            "last_ts": window[1],
            "inserted": written.inserted,
            "changed": written.changed,
        },
    )


def imports(
    database: Database, *, limit: int | None = None, import_id: int | None = None
) -> list[dict[str, Any]]:
    """Imports, the newest first; or one."""
    return database.rows(statement("import/list"), {"limit": limit, "id": import_id})


def take_import(connection: Connection, import_id: int) -> Mapping[str, Any] | None:
    """The row of an import, locked for this transaction; None when there is none."""
    cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
    return cursor.execute("SELECT * FROM imports WHERE import_id = %s FOR UPDATE", [import_id]).fetchone()


def is_running(connection: Connection, import_id: int) -> bool:
    """Whether an import's process still lives, by the lease that its session has."""
    row = connection.execute(
        "SELECT FROM platform.lease_holders WHERE name = %s", [f"{_LEASES}{import_id}"]
    ).fetchone()
    return row is not None


def chunks_of(connection: Connection, import_id: int) -> Sequence[Mapping[str, Any]]:
    """Instruments and timeframes that an import wrote, with the window and the number of candles."""
    cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
    return cursor.execute(statement("import/chunks"), {"import_id": import_id}).fetchall()
