"""Columns of a reading and their types, as the database has them."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import psycopg
from psycopg import sql

from alphapulse.readings.reading import Reading
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.statements import SQL_DIRECTORY

_SLOT: Final = re.compile(r"\{(\w+)\}")
_COMMENT: Final = re.compile(r"^\s*--.*$\n?", re.MULTILINE)
_STAND_IN: Final = {"count": "1", "oldest_first": "false"}


@lru_cache
def text_of(name: str) -> str:
    """The text of a file of `sql/api`, its places for parameters unfilled."""
    return (SQL_DIRECTORY / "api" / f"{name}.sql").read_text()


def types_of(database: Database, reading: Reading) -> Mapping[str, str]:
    """Types by column, in order. Raises: LookupError for a relation that there is not, psycopg.Error."""
    if reading.statement is None:
        return {column.name: column.type for column in database.describe(reading.relation)[1]}
    text = _SLOT.sub(
        lambda found: _STAND_IN.get(found[1], "NULL"), _COMMENT.sub("", text_of(reading.statement))
    )
    with database.transaction() as connection:
        cursor: psycopg.Cursor[Any] = connection.execute(
            sql.SQL("SELECT * FROM ({}) AS q LIMIT 0").format(sql.SQL(text))
        )
        described = cursor.description or []
        kinds = connection.execute(
            "SELECT format_type(o, NULL) FROM unnest(%s::oid[]) WITH ORDINALITY AS t (o, n) ORDER BY n",
            [[column.type_code for column in described]],
        ).fetchall()
    return {column.name: kind for column, (kind,) in zip(described, kinds, strict=True)}
