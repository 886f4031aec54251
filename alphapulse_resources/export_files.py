"""The files an export can be: Parquet, CSV and SQLite, fed with Arrow record batches.

What a file format has no type for becomes text: in CSV and SQLite times are ISO 8601 (`Z` where they are
UTC) and lists are JSON; everywhere numeric, uuid, json and interval are text, so no digit is lost.
"""

import gzip
import json
import os
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

ROW_GROUP_ROWS: Final = 131_072
ROW_GROUP_BYTES: Final = 64 * 2**20
"""A Parquet row group is closed at whichever comes first: what is held in memory (ours)."""
SQLITE_ROWS: Final = 10_000  # turned into Python objects at a time
ENDINGS: Final = ".parquet, .csv, .csv.gz, .sqlite, .sqlite3 or .db"


class ExportError(Exception):
    """An export was not written. The message says why and what to do; no file is left behind."""


class Sink(Protocol):
    """A file being written."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Append the rows of a batch."""

    def close(self) -> None:
        """Finish the file."""


@contextmanager
def open_export(path: Path, schema: pa.Schema, *, table: str) -> Iterator[Sink]:
    """A sink for rows of `schema`; `path` appears, or is replaced, when the block ends without an error.

    `table` is the name of the table in a SQLite file. Raises ExportError for an unknown ending.
    """
    opener = _opener(path)
    if not path.parent.is_dir():
        raise ExportError(f"there is no folder {path.parent}: make it first, or name another file")
    part = path.with_name(f".{path.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.part")
    try:
        sink = opener(part, schema, table)
        try:
            yield sink
        finally:
            sink.close()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _opener(path: Path) -> Callable[[Path, pa.Schema, str], Sink]:
    name = path.name.lower()
    openers: dict[str, Callable[[Path, pa.Schema, str], Sink]] = {
        ".parquet": lambda part, schema, _: _Parquet(part, schema),
        ".csv": lambda part, schema, _: _Csv(part, schema, compress=False),
        ".csv.gz": lambda part, schema, _: _Csv(part, schema, compress=True),
        ".sqlite": _Sqlite,
        ".sqlite3": _Sqlite,
        ".db": _Sqlite,
    }
    for ending, opener in openers.items():
        if name.endswith(ending):
            return opener
    raise ExportError(f"{path.name}: the ending says what to write; use {ENDINGS}")


class _Parquet:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = pa.schema((field.name, _stored_type(field.type)) for field in schema)
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._held: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        columns = [_stored(column) for column in batch.columns]
        self._held.append(pa.record_batch(columns, schema=self._schema))
        rows = sum(held.num_rows for held in self._held)
        if rows >= ROW_GROUP_ROWS or sum(held.nbytes for held in self._held) >= ROW_GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        try:
            self._flush()
        finally:
            self._writer.close()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_table(pa.Table.from_batches(self._held), row_group_size=ROW_GROUP_ROWS)
            self._held.clear()


class _Csv:
    def __init__(self, path: Path, schema: pa.Schema, *, compress: bool) -> None:
        self._files = ExitStack()
        file: Any = self._files.enter_context(path.open("wb"))
        if compress:
            file = self._files.enter_context(gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0))
        self._schema = pa.schema((field.name, _printed_type(field.type)) for field in schema)
        options = csv.WriteOptions(quoting_style="needed")
        self._writer = csv.CSVWriter(file, self._schema, write_options=options)

    def write(self, batch: pa.RecordBatch) -> None:
        columns = [_printed(column) for column in batch.columns]
        self._writer.write_batch(pa.record_batch(columns, schema=self._schema))

    def close(self) -> None:
        with self._files:
            self._writer.close()


class _Sqlite:
    """SQLite has no NaN: it is stored as NULL. Booleans are 0 and 1."""

    def __init__(self, path: Path, schema: pa.Schema, table: str) -> None:
        self._connection = sqlite3.connect(path)
        # the file is thrown away unless it is finished, so nothing needs to be undone
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        columns = ", ".join(f"{_quoted(field.name)} {_sqlite_type(field.type)}" for field in schema)
        self._connection.execute(f"CREATE TABLE {_quoted(table)} ({columns})")
        places = ", ".join("?" * len(schema))
        self._insert = f"INSERT INTO {_quoted(table)} VALUES ({places})"

    def write(self, batch: pa.RecordBatch) -> None:
        for start in range(0, batch.num_rows, SQLITE_ROWS):
            piece = batch.slice(start, SQLITE_ROWS)
            columns = [_bindable(column) for column in piece.columns]
            self._connection.executemany(self._insert, zip(*columns, strict=True))

    def close(self) -> None:
        self._connection.commit()
        self._connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sqlite_type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return "INTEGER"
    if pa.types.is_floating(kind):
        return "REAL"
    return "BLOB" if _is_binary(kind) else "TEXT"


def _bindable(column: pa.Array) -> list[Any]:
    """A column's values as sqlite3 takes them."""
    if _is_binary(column.type) or pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return list(column.to_pylist())
    if pa.types.is_boolean(column.type):
        return list(column.cast(pa.int64()).to_pylist())
    printed = _printed(column)
    return list((printed if pa.types.is_string(printed.type) else printed.cast(pa.string())).to_pylist())


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _needs_text(kind: pa.DataType) -> bool:
    """Whether even Parquet has no plain type for it: PostgreSQL's own types, json, uuid, intervals."""
    return isinstance(kind, pa.BaseExtensionType) or bool(pa.types.is_interval(kind))


def _stored_type(kind: pa.DataType) -> pa.DataType:
    return pa.string() if _needs_text(kind) else kind


def _stored(column: pa.Array) -> pa.Array:
    if not _needs_text(column.type):
        return column
    if isinstance(column.type, pa.BaseExtensionType) and pa.types.is_string(column.type.storage_type):
        return column.storage
    return pa.array([_as_text(value) for value in column.to_pylist()], pa.string())


def _printed_type(kind: pa.DataType) -> pa.DataType:
    kept = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return kind if kept or pa.types.is_date(kind) or pa.types.is_time(kind) else pa.string()


def _printed(column: pa.Array) -> pa.Array:
    """A column as CSV can hold it."""
    if pa.types.is_timestamp(column.type):
        zone = "Z" if column.type.tz else ""
        wall_clock = column.cast(pa.timestamp(column.type.unit))  # of UTC: the server sends nothing else
        return pc.strftime(wall_clock, format=f"%Y-%m-%dT%H:%M:%S{zone}")
    kind = _printed_type(column.type)
    if not pa.types.is_string(kind) or pa.types.is_string(column.type):
        return column
    if _needs_text(column.type):
        return _stored(column)
    return pa.array([_as_text(value) for value in column.to_pylist()], pa.string())


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, list | dict):
        return json.dumps(value, default=_as_text, ensure_ascii=False)
    if isinstance(value, pa.MonthDayNano):
        return _iso_duration(value.months, value.days, value.nanoseconds)
    return str(value)


def _iso_duration(months: int, days: int, nanoseconds: int) -> str:
    """An interval as ISO 8601: P1M2DT3.5S."""
    sign = "-" if nanoseconds < 0 else ""
    seconds, rest = divmod(abs(nanoseconds), 10**9)
    fraction = re.sub(r"\.?0+$", "", f".{rest:09d}")
    return f"P{months}M{days}DT{sign}{seconds}{fraction}S"
