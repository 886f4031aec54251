"""The one write path: frame -> what differs from the table -> binary COPY -> into the table, counted.

A write is idempotent on the table's key: writing the same frame again writes nothing. A null does not
overwrite a value, so a poorer source does not erase what a richer one told of the same candle. Where it
tells another candle (another open, high, low, close or volume), what the old one's source told about it goes
with it: half of each would be a candle that nobody ever told. What we compute ourselves has no sources, and
is replaced as it is.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
import psycopg
from psycopg import sql

from alphapulse_resources.database.binary_copy import copy_batches, identifiers
from alphapulse_resources.database.locks import lock_writers
from alphapulse_resources.database.readback import can_read_back, read_back
from alphapulse_resources.database.statements import template
from alphapulse_resources.database.tables import Table

_BATCH_ROWS: Final = 65_536  # one encoded batch is some 8 MB: bounded memory at full speed


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did. `changed_days` are the instrument-days with an inserted or changed row."""

    inserted: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    changed_days: frozenset[tuple[int, date]] = frozenset()

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.inserted + other.inserted,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.removed + other.removed,
            self.changed_days | other.changed_days,
        )


_CANDLE: Final = ("open", "high", "low", "close", "volume")
"""What makes a candle the one it is; the rest is told about it, by some sources."""
_CANDLE_VALUES: Final = (
    *_CANDLE,
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
    whole=_CANDLE,
    timeframe_id=1,
)
OHLCV_NATIVE: Final = Table(
    name="ohlcv_native",
    key=("instrument_id", "timeframe_id", "ts"),
    values=_CANDLE_VALUES,
    provenance=("source_id", "received_at"),
    revisions="ohlcv_revisions",
    whole=_CANDLE,
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
    if table.first_told:
        return _add(connection, table, frame)
    if _window_is_empty(connection, table, frame):
        try:
            with connection.transaction():
                _copy(connection, table, table.name, frame)
        except psycopg.errors.UniqueViolation:
            pass  # a writer that is no upsert was faster: merge with what it wrote
        else:
            return Written(inserted=frame.height, changed_days=_days(frame))
    different = _not_stored(connection, table, frame)
    same = Written(unchanged=frame.height - different.height)
    return same + _merge(connection, table, different) if different.height else same


def _lock(connection: psycopg.Connection[Any], table: Table, frame: pl.DataFrame) -> None:
    lock_writers(connection, table.name, _instruments(frame))


def _instruments(frame: pl.DataFrame) -> list[int]:
    """The instruments of a frame in order; 0 for what is about none."""
    return frame["instrument_id"].unique().sort().to_list() if "instrument_id" in frame.columns else [0]


def _window_condition(table: Table, frame: pl.DataFrame, alias: str) -> sql.Composed:
    """Times and numbers in the key of a frame, to keep the database's search narrow."""
    first, last = frame.select(low=pl.col("ts").min(), high=pl.col("ts").max()).row(0)
    numbers = [name for name in table.key if frame.schema[name].is_integer()]
    # literals, not parameters: the planner leaves out chunks and estimates only what it can see
    among = [
        sql.SQL("{}.{} = ANY ({})").format(
            sql.Identifier(alias), sql.Identifier(name), sql.Literal(frame[name].unique().to_list())
        )
        for name in numbers
    ]
    times = sql.SQL("{a}.ts >= {first} AND {a}.ts < {end}").format(
        a=sql.Identifier(alias), first=sql.Literal(first), end=sql.Literal(last + timedelta(microseconds=1))
    )
    return sql.SQL(" AND ").join([*among, times])


def _window_is_empty(connection: psycopg.Connection[Any], table: Table, frame: pl.DataFrame) -> bool:
    query = sql.SQL("SELECT NOT EXISTS (SELECT FROM {table} AS t WHERE {window})").format(
        table=sql.Identifier(table.name), window=_window_condition(table, frame, "t")
    )
    row = connection.execute(query).fetchone()
    return bool(row and row[0])


def _not_stored(connection: psycopg.Connection[Any], table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that the table does not hold just so; what becomes of them is for the merge to say.

    Where the window holds far more rows than the frame not all are read: some more rows are merged then.
    Text is not read back: such rows are all merged.
    """
    compared = (*table.key, *table.values)
    if not can_read_back(frame.select(compared).schema):
        return frame
    stored = read_back(
        connection,
        table.name,
        frame.select(compared).schema,
        condition=_window_condition(table, frame, "o"),
        limit=2 * frame.height,
    )
    if not stored.select(table.key).equals(frame.select(table.key)):
        return frame.join(stored, on=compared, how="anti", nulls_equal=True, maintain_order="left")
    # the usual replay: the same minutes in the same order need no join
    return frame.filter(pl.any_horizontal(pl.col(name).ne_missing(stored[name]) for name in table.values))


def _copy(connection: psycopg.Connection[Any], table: Table, relation: str, frame: pl.DataFrame) -> None:
    """Binary COPY of a frame whose columns have the types of the relation's."""
    rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    copy_batches(connection, relation, rows.to_batches(_BATCH_ROWS), json=table.json)


def unpack_freely(connection: psycopg.Connection[Any]) -> None:
    """Let this transaction change as many rows of compressed chunks as it has to.

    TimescaleDB stops at 100,000: a correction of a quarter year of minutes would fail.
    """
    connection.execute(
        "SELECT set_config(name, '0', true)"
        " FROM (VALUES ('timescaledb.max_tuples_decompressed_per_dml_transaction')) AS limits (name)"
        " WHERE current_setting(name, true) IS NOT NULL"
    )


def _add(connection: psycopg.Connection[Any], table: Table, frame: pl.DataFrame) -> Written:
    """Write the rows whose key is not stored, whenever the stored ones are of."""
    stage = _staged(connection, table, frame)
    added = connection.execute(
        sql.SQL(
            "INSERT INTO {table} ({columns}) SELECT {columns} FROM {stage} ORDER BY {key}"
            " ON CONFLICT DO NOTHING"
        ).format(
            table=sql.Identifier(table.name),
            columns=identifiers(table.columns),
            stage=sql.Identifier(stage),
            key=identifiers(table.key),
        )
    )
    return Written(inserted=added.rowcount, unchanged=frame.height - added.rowcount)


def _merge(connection: psycopg.Connection[Any], table: Table, frame: pl.DataFrame) -> Written:
    unpack_freely(connection)
    stage = _staged(connection, table, frame)
    statement = _merge_statement(table, stage, _window_condition(table, frame, "o"))
    inserted = changed = 0
    days: set[tuple[int, date]] = set()
    for instrument_id, day, new, different in connection.execute(statement):
        inserted += new
        changed += different
        days.add((instrument_id, day))
    return Written(inserted, changed, frame.height - inserted - changed, changed_days=frozenset(days))


def _staged(connection: psycopg.Connection[Any], table: Table, frame: pl.DataFrame) -> str:
    """The name of a temporary table that holds the frame."""
    stage = f"stage_{table.name}"
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {} (LIKE {} INCLUDING DEFAULTS) ON COMMIT DROP").format(
            sql.Identifier(stage), sql.Identifier(table.name)
        )
    )
    connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(stage)))
    _copy(connection, table, stage, frame)
    connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(stage)))
    return stage


def _merge_statement(table: Table, stage: str, window: sql.Composed) -> sql.Composed:
    return template(
        "templates/merge",
        stage=sql.Identifier(stage),
        table=sql.Identifier(table.name),
        probe=sql.Identifier(table.values[0]),
        window=window,
        key=identifiers(table.key),
        columns=identifiers(table.columns),
        differs_from_old=_differs(table, new="s", old="old"),
        differs_from_target=_differs(table, new="excluded", old="target"),
        assignments=sql.SQL(", ").join(
            _assignment(table, column) for column in (*table.values, *table.provenance)
        ),
        keep_old=_keep_old(table, window),
        touched=sql.SQL("{}, (ts AT TIME ZONE 'UTC')::date AS day").format(
            sql.SQL("instrument_id" if "instrument_id" in table.key else "0 AS instrument_id")
        ),
        group=sql.SQL("1, 2"),
    )


def _assignment(table: Table, column: str) -> sql.Composed:
    """What a column becomes in a row that is written over."""
    name = sql.Identifier(column)
    if table.computed:
        return sql.SQL("{c} = excluded.{c}").format(c=name)
    if not table.whole or column not in table.values:
        return sql.SQL("{c} = coalesce(excluded.{c}, target.{c})").format(c=name)
    same = sql.SQL(" AND ").join(
        sql.SQL("excluded.{w} IS NOT DISTINCT FROM target.{w}").format(w=sql.Identifier(each))
        for each in table.whole
    )
    return sql.SQL(
        "{c} = CASE WHEN {same} THEN coalesce(excluded.{c}, target.{c}) ELSE excluded.{c} END"
    ).format(c=name, same=same)


def _differs(table: Table, *, new: str, old: str) -> sql.Composed:
    """True where a value that the new row has is not the old row's."""
    told = "{n}.{c} IS DISTINCT FROM {o}.{c}"
    return sql.SQL("({})").format(
        sql.SQL(" OR ").join(
            sql.SQL(told if table.computed else "({n}.{c} IS NOT NULL AND " + told + ")").format(
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
    instrument = pl.col("instrument_id") if "instrument_id" in frame.columns else pl.lit(0)
    return frozenset(frame.select(instrument, pl.col("ts").dt.date()).unique().iter_rows())
