"""Reading stored rows back inside a write's own transaction, at the speed of a COPY.

The reading connection of `Database` cannot see what a transaction has not committed yet, and rows as Python
objects cost more than writing them again would. So the server strings the values of a column together in
their binary form (big-endian), and numpy takes them over as they are.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

_EPOCH_MICROSECONDS: Final = 946_684_800_000_000  # PostgreSQL counts from 2000-01-01


class _Form(NamedTuple):
    """How the values of a type travel."""

    type: str
    send: str  # the server's function for the binary form
    binary: str  # what numpy calls it
    null: int | str  # stands in for null, so that all values of a column have one width


_FORMS: Final = {
    pl.Int16(): _Form("smallint", "int2send", ">i2", -(2**15)),
    pl.Int32(): _Form("integer", "int4send", ">i4", -(2**31)),
    pl.Int64(): _Form("bigint", "int8send", ">i8", -(2**63)),
    pl.Float64(): _Form("float8", "float8send", ">f8", "NaN"),
    pl.Datetime("us", "UTC"): _Form("timestamptz", "timestamptz_send", ">i8", "-infinity"),
}


def can_read_back(schema: pl.Schema) -> bool:
    """Whether all of these columns travel this way."""
    return all(dtype in _FORMS for dtype in schema.dtypes())


def read_back(
    connection: psycopg.Connection[Any],
    relation: str,
    schema: pl.Schema,
    *,
    condition: sql.Composable,
    limit: int,
) -> pl.DataFrame:
    """At most `limit` rows of `relation` (alias o) that meet `condition`, in `schema`, in no special order.

    Columns are smallint, integer, bigint, double precision or timestamptz. A stored NaN, -infinity or the
    lowest integer of a type comes back as null.
    """
    query = sql.SQL(
        "SELECT {columns} FROM (SELECT * FROM {relation} AS o WHERE {condition} LIMIT {limit}) AS o"
    )
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(
            query.format(
                columns=sql.SQL(", ").join(_strung_together(name, dtype) for name, dtype in schema.items()),
                relation=sql.Identifier(relation),
                condition=condition,
                limit=sql.Literal(limit),
            )
        ).fetchone()
    assert row is not None  # an aggregate without GROUP BY returns one row
    return pl.DataFrame(
        [_series(name, dtype, raw or b"") for (name, dtype), raw in zip(schema.items(), row, strict=True)]
    )


def _strung_together(name: str, dtype: pl.DataType) -> sql.Composable:
    form = _FORMS[dtype]
    return sql.SQL("string_agg({send}(coalesce({column}, {null}::{type})), ''::bytea)").format(
        send=sql.SQL(form.send),
        column=sql.Identifier("o", name),
        null=sql.Literal(str(form.null)),
        type=sql.SQL(form.type),
    )


def _series(name: str, dtype: pl.DataType, raw: bytes) -> pl.Series:
    values = np.frombuffer(raw, _FORMS[dtype].binary)
    values = values.astype(values.dtype.newbyteorder("="))
    if dtype == pl.Float64:
        return pl.Series(name, values, nan_to_null=True)
    stands_for_null = values == np.iinfo(values.dtype).min
    if isinstance(dtype, pl.Datetime):
        values = values + _EPOCH_MICROSECONDS
    series = pl.Series(name, values)
    if stands_for_null.any():
        series = series.set(pl.Series(stands_for_null), None)
    return series.cast(dtype)
