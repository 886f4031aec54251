"""Rows of stream tables into the database: one connection, its staging tables, one transaction a batch.

Candles go through `Database.upsert`, all other rows by binary COPY over a staging table of the session. Both
are idempotent on the key. A row that its table does not take is found by halving and put into quarantine.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

import polars as pl
import psycopg
import pyarrow as pa
from psycopg import sql

from alphapulse_resources.broadcast.postgres import NOTIFY
from alphapulse_resources.database.binary_copy import copy_batches, identifiers
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.upsert import OHLCV_1M
from alphapulse_resources.streams.losses import instrument_of
from alphapulse_resources.streams.tables import Conflict, Row, StreamTable

Connection: TypeAlias = psycopg.Connection[Any]

LOCK_TIMEOUT_SECONDS: Final = 30  # ours: rather tell that somebody holds the table than wait in silence
# a server that is gone without a word is noticed within some 15 s
_KEEPALIVE: Final = {
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


class UnfitRowsError(ValueError):
    """Rows that do not have the columns or types of their table."""


ROW_FAULTS: Final = (
    UnfitRowsError,
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,  # a text too long for an index
)
"""What the rows are to blame for. Anything else may go away by itself."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that its table did not take; `kept` when it is in quarantine."""

    table: StreamTable
    row: Row
    reason: str
    kept: bool


@dataclass(slots=True)
class Stored:
    """What a transaction brought into the database."""

    batches: dict[StreamTable, list[pa.RecordBatch]] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    transaction: int | None = None  # its id, where somebody wanted to tell of it
    announced: bool = False


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a transaction tells those who listen, once it has committed.

    Without payloads only its id is wanted: they go another way, after it. Payloads are short enough for a
    notification: one that is not would end the transaction.
    """

    channel: str
    payloads: Sequence[bytes] = ()


class StreamStore:
    """A connection of its own for writing rows; connects when it is first used and after `close`."""

    def __init__(self, database: Database, name: str) -> None:
        self._database, self._name = database, name
        self._connection: Connection | None = None
        self._staged: set[str] = set()

    def open(self) -> Connection:
        """The connection, made anew if there is none. Raises: psycopg.OperationalError."""
        if self._connection is None or self._connection.closed:
            self._staged.clear()
            self._connection = self._database.connect(
                application_name=self._name, options=f"-c lock_timeout={LOCK_TIMEOUT_SECONDS}s", **_KEEPALIVE
            )
        return self._connection

    def write(
        self, work: Sequence[tuple[StreamTable, Sequence[Row]]], announcement: Announcement | None = None
    ) -> Stored:
        """Store all rows in one transaction, or those that are fit, with the others in quarantine.

        What is announced is left out where that cannot be stored whole, or the server takes no announcement.

        Raises: psycopg.Error when the database, not a row, is to blame. Then nothing is stored, unless the
        connection was lost while committing: writing the same rows again does no harm.
        """
        try:
            return self._write(work, self._put, announcement)
        except ROW_FAULTS:  # among them a queue of notifications that is full: told when it commits
            self.open().rollback()
            return self._write(work, self._put_what_fits)

    def _write(
        self,
        work: Sequence[tuple[StreamTable, Sequence[Row]]],
        put: Callable[[Connection, StreamTable, Sequence[Row], Stored], None],
        announcement: Announcement | None = None,
    ) -> Stored:
        connection = self.open()
        self._stage(connection, [table for table, _ in work])
        stored = Stored()
        for table, rows in work:
            put(connection, table, rows, stored)
        if announcement is not None:
            _announce(connection, announcement, stored)
        connection.commit()
        stored.announced = announcement is not None
        return stored

    def close(self) -> None:
        """Give the connection up, whatever state it is in."""
        connection, self._connection = self._connection, None
        self._staged.clear()
        if connection is not None:
            connection.close()

    def cancel(self) -> None:
        """End the statement that another thread waits for, if there is one."""
        if (connection := self._connection) is not None:
            connection.cancel_safe(timeout=2)

    def _stage(self, connection: Connection, tables: Sequence[StreamTable]) -> None:
        """Make the staging tables that this session does not have yet: the columns alone, JSON as text."""
        missing = [t for t in tables if t.conflict is not Conflict.REVISE and t.name not in self._staged]
        for table in missing:
            connection.execute(
                sql.SQL(
                    "CREATE TEMPORARY TABLE {stage} ON COMMIT DELETE ROWS AS SELECT {columns} FROM {table}"
                    " WITH NO DATA"
                ).format(
                    stage=_stage_of(table),
                    columns=_columns(table, cast="text"),
                    table=sql.Identifier(table.name),
                )
            )
        if missing:
            connection.commit()
            self._staged.update(table.name for table in missing)

    def _put(self, connection: Connection, table: StreamTable, rows: Sequence[Row], stored: Stored) -> None:
        batch = record_batch(table, rows)
        if table.conflict is Conflict.REVISE:
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            self._database.upsert(connection, OHLCV_1M, frame.sort(table.key))
        else:
            copy_batches(connection, f"stage_{table.name}", [batch])
            connection.execute(_take_over(table))
        stored.batches.setdefault(table, []).append(batch)

    def _put_what_fits(
        self, connection: Connection, table: StreamTable, rows: Sequence[Row], stored: Stored
    ) -> None:
        """Store the rows in savepoints, halving those that fail, until the bad ones are alone."""
        try:
            with connection.transaction():
                if table.conflict is not Conflict.REVISE:
                    connection.execute(sql.SQL("TRUNCATE {}").format(_stage_of(table)))
                self._put(connection, table, rows, stored)
        except ROW_FAULTS as error:
            if len(rows) == 1:
                stored.bad.append(_quarantine(connection, table, rows[0], error))
                return
            half = len(rows) // 2
            self._put_what_fits(connection, table, rows[:half], stored)
            self._put_what_fits(connection, table, rows[half:], stored)


def record_batch(table: StreamTable, rows: Sequence[Row]) -> pa.RecordBatch:
    """Rows as Arrow columns; of rows with one key the last, unless the first one stays anyway.

    Raises: UnfitRowsError if a row has not the table's columns and types.
    """
    schema = _arrow_schema(table)
    try:
        if table.conflict is Conflict.REVISE:
            rows = [row[: len(schema)] for row in rows]
        if table.conflict is not Conflict.KEEP:
            key = itemgetter(*map(table.column, table.key))
            rows = list({key(row): row for row in rows}.values())
        columns = zip(zip(*rows, strict=True), schema, strict=True)
        return pa.RecordBatch.from_arrays([_array(values, f.type) for values, f in columns], schema=schema)
    except Exception as error:  # whatever a row of any shape makes these libraries raise
        raise UnfitRowsError(f"{table.name}: {error}") from error


def _announce(connection: Connection, announcement: Announcement, stored: Stored) -> None:
    if announcement.payloads:
        payloads = [payload.decode() for payload in announcement.payloads]
        connection.execute(NOTIFY, [announcement.channel, payloads])
    elif row := connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone():
        stored.transaction = row[0]


def _array(values: Sequence[Any], dtype: pa.DataType) -> pa.Array:
    if pa.types.is_integer(dtype):
        return pa.array(values).cast(dtype)  # asked for integers at once, Arrow would cut fractions off
    return pa.array(values, dtype)


def _quarantine(connection: Connection, table: StreamTable, row: Row, error: Exception) -> BadRow:
    reason = str(error).strip().split("\n")[0]
    values = dict(zip(table.columns, row, strict=False)) if len(row) == len(table.columns) else list(row)
    ts = values.get("ts") if isinstance(values, dict) else None
    try:
        with connection.transaction():
            connection.execute(
                statement("streams/quarantine_row"),
                {
                    "dataset": table.name,
                    "instrument_id": instrument_of(row),
                    "ts": ts if isinstance(ts, datetime) else None,
                    "reasons": [type(error).__name__, _sayable(reason)],
                    "payload": json.dumps(_sayable(values), default=str),
                },
            )
    except ROW_FAULTS:
        return BadRow(table, row, reason, kept=False)
    return BadRow(table, row, reason, kept=True)


@lru_cache
def _arrow_schema(table: StreamTable) -> pa.Schema:
    empty = pl.DataFrame(schema=pl.Schema(table.columns))
    return empty.to_arrow(compat_level=pl.CompatLevel.oldest()).schema


def _stage_of(table: StreamTable) -> sql.Identifier:
    return sql.Identifier(f"stage_{table.name}")


def _columns(table: StreamTable, *, cast: str) -> sql.Composed:
    """All columns, those with JSON cast."""
    return sql.SQL(", ").join(
        sql.SQL("{c}::{t} AS {c}").format(c=sql.Identifier(name), t=sql.SQL(cast))
        if name in table.json
        else sql.Identifier(name)
        for name in table.columns
    )


@lru_cache
def _take_over(table: StreamTable) -> bytes:
    """Statement that brings the staged rows into their table."""
    query = sql.SQL(
        "INSERT INTO {table} AS target ({columns}) SELECT {selected} FROM {stage}"
        " ON CONFLICT ({key}) {action}"
    ).format(
        table=sql.Identifier(table.name),
        columns=identifiers(list(table.columns)),
        selected=_columns(table, cast="jsonb"),
        stage=_stage_of(table),
        key=identifiers(table.key),
        action=sql.SQL("DO NOTHING") if table.conflict is Conflict.KEEP else _replacement(table),
    )
    return query.as_bytes()


def _replacement(table: StreamTable) -> sql.Composed:
    values = [name for name in table.columns if name not in table.key]
    larger: sql.Composable = sql.SQL("")
    if table.larger is not None:
        larger = sql.SQL(" AND excluded.{c} >= target.{c}").format(c=sql.Identifier(table.larger))
    return sql.SQL("DO UPDATE SET {assignments} WHERE ({old}) IS DISTINCT FROM ({new}){larger}").format(
        larger=larger,
        assignments=sql.SQL(", ").join(
            sql.SQL("{c} = excluded.{c}").format(c=sql.Identifier(name)) for name in values
        ),
        old=sql.SQL(", ").join(sql.Identifier("target", name) for name in values),
        new=sql.SQL(", ").join(sql.Identifier("excluded", name) for name in values),
    )


def _sayable(value: Any) -> Any:
    """The value as jsonb and text can hold it: no NUL, no lone surrogate, no NaN or infinity."""
    if isinstance(value, dict):
        return {_sayable(str(key)): _sayable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sayable(item) for item in value]
    if isinstance(value, bool | int | None):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text.encode(errors="backslashreplace").decode().replace("\x00", "\\0")
