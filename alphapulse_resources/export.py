"""Handing data out: the rows of a query, a table or a view as a Parquet, CSV or SQLite file.

Rows stream from the server in batches, so memory stays bounded whatever the size; a file appears under its
name only when it is complete. Reads run in a read-only transaction in UTC.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
import pyarrow as pa
from adbc_driver_postgresql import dbapi
from psycopg import sql

from alphapulse_resources.export_files import ExportError, open_export
from alphapulse_resources.relations import did_you_mean

__all__ = ["ExportError", "NothingToExportError", "export_query", "export_relation"]

Progress = Callable[[int], None]
Parameters = Mapping[str, Any] | Sequence[Any]

CONNECT_SECONDS: Final = 10

_RELATIONS: Final = """
SELECT n.nspname AS schema, c.relname AS name, pg_table_is_visible(c.oid) AS visible
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')
  AND n.nspname NOT LIKE ALL (ARRAY['pg\\_%', 'information\\_schema', '%timescaledb\\_%'])
  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
ORDER BY NOT pg_table_is_visible(c.oid), n.nspname, c.relname
"""
_COLUMNS: Final = """
SELECT attname FROM pg_attribute
WHERE attrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""


class NothingToExportError(ExportError):
    """There are no rows to export."""


@dataclass(frozen=True, slots=True)
class _Relation:
    """A table or view, and its columns."""

    schema: str
    name: str
    columns: tuple[str, ...]


def export_query(
    dsn: str,
    query: str,
    path: Path,
    *,
    parameters: Parameters | None = None,
    table: str = "data",
    progress: Progress | None = None,
    empty: bool = True,
) -> int:
    """Write the rows of one SELECT to `path` and return how many there were.

    The file's ending decides: .parquet, .csv, .csv.gz, .sqlite or .db (there the rows are in `table`).
    `parameters` are psycopg's, `%s` or `%(name)s`; without them a percent sign needs no doubling.
    `progress` is told the number of rows written so far after each batch. An existing file is replaced,
    and only by a complete one; without rows by an empty one, or, not to be `empty`, by none
    (NothingToExportError). Raises ExportError: unknown ending, a query the server refuses, a failed
    connection, a full disk.
    """
    statement = query.strip().rstrip(";").rstrip()
    if parameters is not None:
        statement = _with_parameters(dsn, statement, parameters)
    try:
        with _batches(dsn, statement) as batches:
            _check_names(batches.schema.names)
            return _write(batches, path, table, progress, empty=empty)
    except dbapi.Error as error:
        raise ExportError(f"{path.name} was not written, the database says: {_first_line(error)}") from error
    except (OSError, pa.ArrowException, sqlite3.Error) as error:
        raise ExportError(f"{path} was not written: {error}") from error


def export_relation(
    dsn: str,
    relation: str,
    path: Path,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    venue: str | None = None,
    symbol: str | None = None,
    timeframe: str | None = None,
    time_column: str = "ts",
    progress: Progress | None = None,
    empty: bool = True,
) -> int:
    """Write the rows of a table or view (`name` or `schema.name`) to `path`; returns how many there were.

    Rows are those with `time_column` in [start, end), and of one venue, symbol or timeframe where that is
    asked, in the order of time. Files are as for `export_query`. Raises ExportError, also when there is no
    such relation (it names what may be meant) or it lacks a column that a filter needs; NothingToExportError
    when there are no rows and the file may not be `empty`.
    """
    found = _find_relation(dsn, relation)
    equal = {"venue": venue, "symbol": symbol, "timeframe": timeframe}
    filters: list[tuple[str, str, object]] = [
        (column, "=", value) for column, value in equal.items() if value is not None
    ]
    filters += [(time_column, mark, _aware(moment)) for mark, moment in ((">=", start), ("<", end)) if moment]
    missing = [column for column, _, _ in filters if column not in found.columns]
    if missing:
        raise ExportError(
            f"{relation} has no column {missing[0]!r} to choose rows by; it has: {', '.join(found.columns)}"
        )
    query, parameters = _select(found, filters, time_column)
    return export_query(
        dsn, query, path, parameters=parameters, table=found.name, progress=progress, empty=empty
    )


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ExportError(f"{moment.isoformat()} has no time zone; say which, for example with +00:00")
    return moment


def _select(
    relation: _Relation, filters: Sequence[tuple[str, str, object]], time_column: str
) -> tuple[str, list[object] | None]:
    source = sql.Identifier(relation.schema, relation.name)
    query = sql.SQL("SELECT * FROM {}").format(source)
    if filters:
        conditions = [
            sql.SQL("{} {} {}").format(sql.Identifier(column), sql.SQL(operator), sql.Placeholder())
            for column, operator, _ in filters
        ]
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(conditions)
    order = [column for column in (time_column, "venue", "symbol", "timeframe") if column in relation.columns]
    if order:
        query += sql.SQL(" ORDER BY ") + sql.SQL(", ").join(map(sql.Identifier, order))
    return query.as_string(None), [value for _, _, value in filters] or None


def _find_relation(dsn: str, relation: str) -> _Relation:
    schema, _, name = relation.rpartition(".")
    with _connection(dsn) as connection:
        known = connection.execute(_RELATIONS).fetchall()
        for known_schema, known_name, visible in known:
            if known_name == name and (known_schema == schema or (not schema and visible)):
                columns = connection.execute(_COLUMNS, (known_schema, known_name)).fetchall()
                return _Relation(known_schema, known_name, tuple(column for (column,) in columns))
    names = [n if visible else f"{s}.{n}" for s, n, visible in known if "yoyo" not in n]
    raise ExportError(f"there is no table or view {relation!r}{did_you_mean(relation, names)}")


def _with_parameters(dsn: str, query: str, parameters: Parameters) -> str:
    """The query with its parameters as quoted literals: only a query without parameters can be streamed."""
    with _connection(dsn) as connection, psycopg.ClientCursor(connection) as cursor:
        try:
            return cursor.mogrify(query, parameters)
        except (psycopg.Error, TypeError) as error:
            raise ExportError(f"the parameters do not fit the query: {error}") from error


@contextmanager
def _connection(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    try:
        with psycopg.connect(dsn, connect_timeout=CONNECT_SECONDS) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise ExportError(f"the database cannot be reached: {_first_line(error)}") from error


@contextmanager
def _batches(dsn: str, query: str) -> Iterator[pa.RecordBatchReader]:
    with dbapi.connect(dsn, autocommit=False) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        cursor.execute(query)
        with cursor.fetch_record_batch() as reader:
            yield reader


def _check_names(names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ExportError(f"two columns are called {twice[0]!r}; give each its own name with AS")


def _write(
    batches: pa.RecordBatchReader, path: Path, table: str, progress: Progress | None, *, empty: bool
) -> int:
    rows = 0
    with open_export(path, batches.schema, table=table) as sink:
        for batch in batches:
            sink.write(batch)
            rows += batch.num_rows
            if progress is not None:
                progress(rows)
        if not rows and not empty:
            raise NothingToExportError(f"{path} was not written: there are no such rows")
    return rows


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
