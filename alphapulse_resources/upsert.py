"""The one write path: frame -> what differs from the table -> binary COPY -> into the table, counted.

A write is idempotent on the table's key: writing the same frame again writes nothing. A null never
overwrites a value, so a poorer source does not erase what a richer one told.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import polars as pl
import psycopg
from psycopg import sql

from alphapulse_resources.binary_copy import copy_batches, identifiers
from alphapulse_resources.readback import read_back
from alphapulse_resources.settings import PROJECT_ROOT

_TEMPLATES: Final = PROJECT_ROOT / "sql" / "templates"
_BATCH_ROWS: Final = 65_536  # one encoded batch is some 8 MB: bounded memory at full speed


@dataclass(frozen=True, slots=True)
class Table:
    """What the write path has to know of a table.

    `values` decide whether a row changed; `provenance` is written with a change but makes none.
    """

    name: str
    key: tuple[str, ...]
    values: tuple[str, ...]
    provenance: tuple[str, ...] = ()
    revisions: str | None = None  # table that keeps what was overwritten
    timeframe_id: int | None = None  # for revisions of a table that holds one timeframe

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, *self.values, *self.provenance)


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did. `changed_days` are the instrument-days with an inserted or changed row."""

    inserted: int = 0
    changed: int = 0
    unchanged: int = 0
    changed_days: frozenset[tuple[int, date]] = frozenset()

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.inserted + other.inserted,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.changed_days | other.changed_days,
        )


_CANDLE_VALUES: Final = (
    "open",
    "high",
    "low",
    "close",
    "volume",
    "quote_volume",
    "trades",
    "taker_buy_volume",
)
OHLCV_1M: Final = Table(
    name="ohlcv_1m",
    key=("instrument_id", "ts"),
    values=_CANDLE_VALUES,
    provenance=("source_id", "received_at"),
    revisions="ohlcv_revisions",
    timeframe_id=1,
)
OHLCV_NATIVE: Final = Table(
    name="ohlcv_native",
    key=("instrument_id", "timeframe_id", "ts"),
    values=_CANDLE_VALUES,
    provenance=("source_id", "received_at"),
    revisions="ohlcv_revisions",
)


def upsert(connection: psycopg.Connection[Any], table: Table, frame: pl.DataFrame) -> Written:
    """Write a frame with at least `table.columns` in the caller's transaction.

    Rows must be unique on the key and sorted by it. Into a window that is still empty they go by a plain
    COPY; otherwise, or when somebody else was faster, those that are not there already go over a staging
    table. One upsert at a time writes an instrument's rows, until its transaction ends: the next one sees
    what it counts and keeps as revisions.
    """
    if frame.is_empty():
        return Written()
    frame = frame.select(table.columns)
    _lock(connection, table, frame)
    if _window_is_empty(connection, table, frame):
        try:
            with connection.transaction():
                _copy(connection, table.name, frame)
        except psycopg.errors.UniqueViolation:
            pass  # a writer that is no upsert was faster: merge with what it wrote
        else:
            return Written(inserted=frame.height, changed_days=_days(frame))
    different = _not_stored(connection, table, frame)
    same = Written(unchanged=frame.height - different.height)
    return same + _merge(connection, table, different) if different.height else same


def _lock(connection: psycopg.Connection[Any], table: Table, frame: pl.DataFrame) -> None:
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtext(%s), id) FROM unnest(%s::integer[]) AS id",
        [table.name, frame["instrument_id"].unique().sort().to_list()],  # in order: no deadlocks
    )


def _window(frame: pl.DataFrame) -> tuple[list[int], datetime, datetime]:
    """Instruments, first and last time of a frame, to keep the database's search narrow."""
    first, last = frame.select(low=pl.col("ts").min(), high=pl.col("ts").max()).row(0)
    return frame["instrument_id"].unique().to_list(), first, last + timedelta(microseconds=1)


def _window_condition(frame: pl.DataFrame, alias: str) -> sql.Composed:
    instruments, first, last = _window(frame)
    # literals, not parameters: the planner leaves out chunks and estimates only what it can see
    return sql.SQL("{a}.instrument_id = ANY ({ids}) AND {a}.ts >= {first} AND {a}.ts < {last}").format(
        a=sql.Identifier(alias),
        ids=sql.Literal(instruments),
        first=sql.Literal(first),
        last=sql.Literal(last),
    )


def _window_is_empty(connection: psycopg.Connection[Any], table: Table, frame: pl.DataFrame) -> bool:
    query = sql.SQL("SELECT NOT EXISTS (SELECT FROM {table} AS t WHERE {window})").format(
        table=sql.Identifier(table.name), window=_window_condition(frame, "t")
    )
    row = connection.execute(query).fetchone()
    return bool(row and row[0])


def _not_stored(connection: psycopg.Connection[Any], table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that the table does not hold just so; what becomes of them is for the merge to say.

    Where the window holds far more rows than the frame not all are read: some more rows are merged then.
    """
    compared = (*table.key, *table.values)
    stored = read_back(
        connection,
        table.name,
        frame.select(compared).schema,
        condition=_window_condition(frame, "o"),
        limit=2 * frame.height,
    )
    if not stored.select(table.key).equals(frame.select(table.key)):
        return frame.join(stored, on=compared, how="anti", nulls_equal=True, maintain_order="left")
    # the usual replay: the same minutes in the same order need no join
    return frame.filter(pl.any_horizontal(pl.col(name).ne_missing(stored[name]) for name in table.values))


def _copy(connection: psycopg.Connection[Any], relation: str, frame: pl.DataFrame) -> None:
    """Binary COPY of a frame whose columns have the types of the relation's."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    copy_batches(connection, relation, table.to_batches(_BATCH_ROWS))


def _merge(connection: psycopg.Connection[Any], table: Table, frame: pl.DataFrame) -> Written:
    stage = f"stage_{table.name}"
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {} (LIKE {}) ON COMMIT DROP").format(
            sql.Identifier(stage), sql.Identifier(table.name)
        )
    )
    connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(stage)))
    _copy(connection, stage, frame)
    connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(stage)))
    statement = _merge_statement(table, stage, _window_condition(frame, "o"))
    inserted = changed = 0
    days: set[tuple[int, date]] = set()
    for instrument_id, day, new, different in connection.execute(statement):
        inserted += new
        changed += different
        days.add((instrument_id, day))
    return Written(inserted, changed, frame.height - inserted - changed, frozenset(days))


def _merge_statement(table: Table, stage: str, window: sql.Composed) -> sql.Composed:
    return sql.SQL(_template("merge")).format(
        stage=sql.Identifier(stage),
        table=sql.Identifier(table.name),
        probe=sql.Identifier(table.values[0]),
        window=window,
        key=identifiers(table.key),
        columns=identifiers(table.columns),
        differs_from_old=_differs(table, new="s", old="old"),
        differs_from_target=_differs(table, new="excluded", old="target"),
        assignments=sql.SQL(", ").join(
            sql.SQL("{c} = coalesce(excluded.{c}, target.{c})").format(c=sql.Identifier(column))
            for column in (*table.values, *table.provenance)
        ),
        keep_old=_keep_old(table, window),
        touched=sql.SQL("instrument_id, (ts AT TIME ZONE 'UTC')::date AS day"),
        group=sql.SQL("1, 2"),
    )


def _differs(table: Table, *, new: str, old: str) -> sql.Composed:
    """True where a value that the new row has is not the old row's."""
    return sql.SQL("({})").format(
        sql.SQL(" OR ").join(
            sql.SQL("({n}.{c} IS NOT NULL AND {n}.{c} IS DISTINCT FROM {o}.{c})").format(
                n=sql.Identifier(new), o=sql.Identifier(old), c=sql.Identifier(column)
            )
            for column in table.values
        )
    )


def _keep_old(table: Table, window: sql.Composed) -> sql.Composable:
    """Statement that saves the rows about to be overwritten (all parts of a WITH see the old table)."""
    if table.revisions is None:
        return sql.SQL("SELECT")
    timeframe = (
        sql.SQL("o.timeframe_id")
        if table.timeframe_id is None
        else sql.SQL("{}::smallint").format(sql.Literal(table.timeframe_id))
    )
    kept = (*table.values, *table.provenance)
    return sql.SQL(
        "INSERT INTO {revisions} (instrument_id, timeframe_id, ts, revised_at, {columns})"
        " SELECT o.instrument_id, {timeframe}, o.ts, clock_timestamp(), {old}"
        " FROM {table} AS o JOIN (SELECT {key} FROM incoming WHERE NOT is_new) AS i USING ({key})"
        " WHERE {window} ON CONFLICT DO NOTHING"
    ).format(
        revisions=sql.Identifier(table.revisions),
        columns=identifiers(kept),
        timeframe=timeframe,
        old=sql.SQL(", ").join(sql.SQL("o.{}").format(sql.Identifier(column)) for column in kept),
        table=sql.Identifier(table.name),
        key=identifiers(table.key),
        window=window,
    )


def _days(frame: pl.DataFrame) -> frozenset[tuple[int, date]]:
    return frozenset(frame.select("instrument_id", pl.col("ts").dt.date()).unique().iter_rows())


@lru_cache
def _template(name: str) -> Any:
    """A statement from `sql/templates`, without its comment lines (they may hold braces)."""
    text = (_TEMPLATES / f"{name}.sql").read_text()
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))
