"""Undoing an import of funding rates or open interest: what it brought goes, what it replaced comes back.

All of it is one transaction. Rows that something newer replaced stay; quarantined rows stay too.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg.rows import dict_row

from alphapulse_assets.candles.undoing import UndoError, Undone
from alphapulse_assets.futures.history.kinds import FUNDING_PAST, OPEN_INTEREST_PAST, PastKind
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.fetch_store import Connection, FetchStore
from alphapulse_resources.database.import_log import is_running, take_import
from alphapulse_resources.database.locks import lock_writers
from alphapulse_resources.database.statements import template
from alphapulse_resources.database.upsert import unpack_freely

DATASETS: Final = {kind.dataset: kind for kind in (FUNDING_PAST, OPEN_INTEREST_PAST)}
_MINUTE: Final = timedelta(minutes=1)


def undo_futures(database: Database, import_id: int, *, dry_run: bool = False) -> Undone:
    """Undo an import as far as nothing newer has replaced its rows; once undone it stays so.

    Raises:
        UndoError: there is no such import, or it is still running.
    """
    with database.transaction() as connection, connection.transaction(force_rollback=dry_run):
        row = take_import(connection, import_id)
        if row is None:
            raise UndoError(f"there is no import {import_id}: `alphapulse import list` shows those there are")
        if row["undone_at"] is not None:
            return Undone(row["removed"], row["restored"], row["kept"], undone_before=row["undone_at"])
        if is_running(connection, import_id):
            raise UndoError(f"import {import_id} is still running")
        kind, found = DATASETS[row["dataset"]], Undone()
        for chunk in _rows(connection, "chunks", {"import_id": import_id}):
            found += _undo(
                database, connection, kind, {**chunk, "import_id": import_id, "started_at": row["started_at"]}
            )
        counts = {"removed": found.removed, "restored": found.restored, "kept": found.kept}
        connection.execute(statement("import/undone"), {"import_id": import_id, **counts})
    return found


def _undo(database: Database, connection: Connection, kind: PastKind, chunk: Mapping[str, Any]) -> Undone:
    """Undo what an import wrote of one instrument."""
    key, store = chunk["instrument_id"], FetchStore(database, kind.dataset)
    store.lock(connection, key)
    lock_writers(connection, kind.table.name, [key])
    unpack_freely(connection)
    (written,) = _rows(connection, "undo_kept", chunk)
    removing = template("futures_history/undo_remove", table=kind.table.name)
    times = [row[0] for row in connection.execute(removing, chunk).fetchall()]
    restoring = template("futures_history/undo_restore", table=kind.table.name)
    restored = connection.execute(restoring, {**chunk, "times": times}).fetchall()
    back = {row[0] for row in restored}
    _forget_gaps(store, connection, chunk, [moment for moment in times if moment not in back])
    return Undone(len(times) - len(restored), len(restored), written["written"] - len(times))


def _forget_gaps(
    store: FetchStore, connection: Connection, chunk: Mapping[str, Any], gone: list[datetime]
) -> None:
    """Gaps that only the import had shown are none any more: they lay between its rows, which are gone."""
    start, end = chunk["first_ts"], chunk["last_ts"] + _MINUTE
    known = store.known_gaps(connection, chunk["instrument_id"], start, end)
    if not known or not gone:
        return
    kept = [gap for gap in known if gap["detected_at"] < chunk["started_at"] or gap["verifications"]]
    store.replace_gaps(connection, chunk["instrument_id"], start, end, kept)


def _rows(connection: Connection, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    cursor = connection.cursor(row_factory=dict_row)
    return cursor.execute(statement(f"futures_history/{name}"), parameters).fetchall()
