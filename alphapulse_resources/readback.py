"""Reading stored rows back inside a write's own transaction, at the speed of a COPY.

The reading connection of `Database` cannot see what a transaction has not committed yet, and psycopg's rows
cost more than writing them again would. So the server is asked for one array a column, and the arrays' binary
form (length and value of each element, big-endian) is taken over as it is.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

_ARRAY_HEADER: Final = 20  # bytes: dimensions, flags, element type, length, lower bound
_EPOCH_MICROSECONDS: Final = 946_684_800_000_000  # PostgreSQL counts from 2000-01-01
_NULL_INTEGER: Final = {pl.Int16(): -(2**15), pl.Int32(): -(2**31), pl.Int64(): -(2**63)}
_WIDTH: Final = {
    pl.Int16(): "i2",
    pl.Int32(): "i4",
    pl.Int64(): "i8",
    pl.Float64(): "f8",
    pl.Datetime("us", "UTC"): "i8",
}


def read_back(
    connection: psycopg.Connection[Any],
    relation: str,
    schema: pl.Schema,
    *,
    required: Sequence[str],
    condition: sql.Composable,
    limit: int,
) -> pl.DataFrame:
    """At most `limit` rows of `relation` (alias o) that meet `condition`, in `schema`, in no special order.

    Columns are smallint, integer, bigint, double precision or timestamptz, those in `required` without nulls.
    A stored NaN, or a type's lowest integer, comes back as null.
    """
    columns = [_without_null(name, dtype, name in required) for name, dtype in schema.items()]
    query = sql.SQL("SELECT {arrays} FROM (SELECT * FROM {relation} AS o WHERE {condition} LIMIT {limit}) AS o")
    with connection.cursor(binary=True) as cursor:
        cursor.execute(
            query.format(
                arrays=sql.SQL(", ").join(sql.SQL("array_agg({})").format(column) for column in columns),
                relation=sql.Identifier(relation),
                condition=condition,
                limit=sql.Literal(limit),
            )
        )
        assert cursor.pgresult is not None  # a SELECT has a result
        arrays = [cursor.pgresult.get_value(0, number) for number in range(len(columns))]
    return pl.DataFrame(
        [_series(name, dtype, array) for (name, dtype), array in zip(schema.items(), arrays, strict=True)]
    )


def _without_null(name: str, dtype: pl.DataType, required: bool) -> sql.Composable:
    """The column with a value in place of null, so that all elements of its array have one width."""
    column = sql.Identifier("o", name)
    if required:
        return column
    if dtype in _NULL_INTEGER:
        return sql.SQL("coalesce({}, {})").format(column, sql.Literal(_NULL_INTEGER[dtype]))
    return sql.SQL("coalesce({}, 'NaN')").format(column)


def _series(name: str, dtype: pl.DataType, array: bytes | None) -> pl.Series:
    if array is None:  # array_agg of no rows
        return pl.Series(name, [], dtype)
    width = _WIDTH[dtype]
    elements = np.frombuffer(array, [("length", ">i4"), ("value", f">{width}")], offset=_ARRAY_HEADER)
    values = elements["value"].astype(width)
    if dtype == pl.Float64:
        return pl.Series(name, values, nan_to_null=True)
    if isinstance(dtype, pl.Datetime):
        return pl.Series(name, values + _EPOCH_MICROSECONDS).cast(dtype)
    series = pl.Series(name, values)
    return series.set(series == _NULL_INTEGER[dtype], None)
