"""Undoing an import: what it brought goes, what it replaced comes back, what is newer stays.

All of it is one transaction. The values that go stay in `ohlcv_revisions`, as everything does that was once
stored. Quarantined rows stay too: they were never among the candles.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from psycopg import sql
from psycopg.rows import dict_row

from alphapulse_assets.candles.importing import SOURCE
from alphapulse_assets.candles.ingest import update_gaps
from alphapulse_assets.candles.native import compare_native
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.fetch_store import SOURCE_IDS, Connection
from alphapulse_resources.database.import_log import chunks_of, is_running, take_import
from alphapulse_resources.database.locks import lock_writers
from alphapulse_resources.database.statements import template
from alphapulse_resources.database.upsert import OHLCV_1M, OHLCV_NATIVE, unpack_freely
from alphapulse_resources.frames import AGGREGATED

MINUTE: Final = timedelta(minutes=1)


class UndoError(Exception):
    """An import cannot be undone. The message says why."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of an import's candles: removed, put back as they were, or left to something newer."""

    removed: int = 0
    restored: int = 0
    kept: int = 0
    first_kept: datetime | None = None
    undone_before: datetime | None = None

    def __add__(self, other: "Undone") -> "Undone":
        kept = [each for each in (self.first_kept, other.first_kept) if each is not None]
        return Undone(
            self.removed + other.removed,
            self.restored + other.restored,
            self.kept + other.kept,
            min(kept, default=None),
        )


def undo(store: CandleStore, import_id: int, *, dry_run: bool = False) -> Undone:
    """Undo an import as far as nothing newer has changed its candles; once undone it stays so.

    Raises:
        UndoError: there is no such import, or it is still running.
    """
    with store.database.transaction() as connection, connection.transaction(force_rollback=dry_run):
        row = take_import(connection, import_id)
        if row is None:
            raise UndoError(f"there is no import {import_id}: `alphapulse import list` shows those there are")
        if row["undone_at"] is not None:
            return Undone(row["removed"], row["restored"], row["kept"], undone_before=row["undone_at"])
        if is_running(connection, import_id):
            raise UndoError(f"import {import_id} is still running")
        chunks, found = chunks_of(connection, import_id), Undone()
        for chunk in chunks:
            found += _undo(store, connection, {**chunk, "import_id": import_id}, row["started_at"])
        connection.execute(
            statement("import/undone"),
            {
                "import_id": import_id,
                "removed": found.removed,
                "restored": found.restored,
                "kept": found.kept,
            },
        )
    if not dry_run and found.removed + found.restored:
        _follow(store, chunks)
    return found


def _undo(
    store: CandleStore, connection: Connection, chunk: Mapping[str, Any], started_at: datetime
) -> Undone:
    """Undo what an import wrote of one instrument and timeframe."""
    instrument_id, minutes = chunk["instrument_id"], chunk["timeframe"] == "1m"
    table = OHLCV_1M if minutes else OHLCV_NATIVE
    store.lock(connection, instrument_id)
    lock_writers(connection, table.name, [instrument_id])
    unpack_freely(connection)
    # the server knows nothing yet of rows that were just written: it would compare each with each
    connection.execute("SET LOCAL enable_nestloop = off")
    connection.execute("DROP TABLE IF EXISTS undo_rows")
    parameters = {**chunk, "source_id": SOURCE_IDS[SOURCE]}
    _run(connection, "undo_find", table.name, parameters)
    connection.execute("ANALYZE undo_rows")
    counted = connection.cursor(row_factory=dict_row).execute(statement("import/undo_count"), parameters)
    row = counted.fetchone()
    assert row is not None  # an aggregate without GROUP BY returns one row
    if row["removed"] + row["restored"]:
        for step in ("undo_keep", "undo_restore", "undo_remove"):
            _run(connection, step, table.name, parameters)
    connection.execute("SET LOCAL enable_nestloop = on")
    if minutes and row["days"]:
        _follow_gaps(store, connection, chunk, row["days"], started_at)
    elif row["days"] and chunk["timeframe"] in AGGREGATED:
        connection.execute(
            "SELECT native_bars_changed(%s::integer, %s::date[])", [instrument_id, row["days"]]
        )
    return Undone(row["removed"], row["restored"], row["kept"], row["first_kept"])


def _run(connection: Connection, step: str, table: str, parameters: Mapping[str, Any]) -> None:
    timeframe = sql.SQL("true" if table == OHLCV_1M.name else "o.timeframe_id = %(timeframe_id)s")
    connection.execute(template(f"import/{step}", table=table, timeframe=timeframe), parameters)


def _follow_gaps(
    store: CandleStore,
    connection: Connection,
    chunk: Mapping[str, Any],
    days: list[date],
    started_at: datetime,
) -> None:
    """Mark the days for the timeframes and bring the gap ledger up to date with what is there now.

    Before the first candle and after the last one nothing is a gap, but for what was one before the import.
    """
    instrument_id = chunk["instrument_id"]
    connection.execute("SELECT mark_ohlcv_dirty(%s, %s)", [[instrument_id] * len(days), days])
    start, end = chunk["first_ts"], chunk["last_ts"] + MINUTE
    known = store.known_gaps(connection, instrument_id, start, end)
    before = [gap for gap in known if gap["detected_at"] < started_at]
    first, newest = store.bounds(instrument_id, connection)
    starts = [*(gap["gap_start"] for gap in before), *([first] if first else [])]
    ends = [*(gap["gap_end"] for gap in before), *([newest + MINUTE] if newest else [])]
    low, high = max(start, min(starts, default=end)), min(end, max(ends, default=start))
    kept = [gap for gap in known if gap["gap_start"] < high and gap["gap_end"] > low]
    kept += [gap for gap in before if gap not in kept]
    store.replace_gaps(connection, instrument_id, start, end, kept)
    if low < high:
        update_gaps(
            store,
            connection,
            instrument_id,
            (low, high),
            source=None,
            answered=False,
            sources_available=1,
            now=datetime.now(UTC),
        )


def _follow(store: CandleStore, chunks: Any) -> None:
    """Bring up to date what is made of the candles: timeframes, and how native bars compare with them."""
    store.database.refresh_timeframes()
    for chunk in chunks:
        timeframes = AGGREGATED if chunk["timeframe"] == "1m" else {chunk["timeframe"]} & set(AGGREGATED)
        for timeframe in timeframes:
            compare_native(
                store,
                chunk["instrument_id"],
                timeframe,
                chunk["first_ts"],
                chunk["last_ts"] + chunk["length"],
            )
