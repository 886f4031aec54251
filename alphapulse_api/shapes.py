"""Columns of readings as the database describes them: name, type, unit, meaning."""

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from alphapulse.readings.reading import Reading
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.statements import SQL_DIRECTORY

SECONDS: Final = 300.0
"""How long a description is good for (ours): a migration may change it beside us."""
_SLOT: Final = re.compile(r"\{(\w+)\}")
_COMMENT: Final = re.compile(r"^\s*--.*$\n?", re.MULTILINE)
_STAND_IN: Final = {"count": "1", "oldest_first": "false"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a reading's rows look like. types: by column, in order; meanings: as commented."""

    description: str
    types: Mapping[str, str]
    meanings: Mapping[str, str]


class Shapes:
    """Shapes by reading, asked of the database once in a while."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Shape]] = {}

    def of(self, reading: Reading) -> Shape:
        """The shape of a reading's rows. Raises: psycopg.Error."""
        now = time.monotonic()
        found = self._known.get(reading.name)
        if found is not None and now - found[0] < SECONDS:
            return found[1]
        shape = self._asked(reading)
        with self._lock:
            self._known[reading.name] = (now, shape)
        return shape

    def forget(self) -> None:
        """Ask anew: the schema may have changed."""
        with self._lock:
            self._known.clear()

    def _asked(self, reading: Reading) -> Shape:
        rows = self._database.rows(statement("describe_relation"), {"relation": reading.relation})
        meanings = {row["name"]: row["column_description"] or "" for row in rows}
        types = {row["name"]: row["type"] for row in rows}
        if reading.statement is not None:
            types = self._types_of_statement(reading.statement)
        meanings |= dict(reading.meanings)
        description = rows[0]["description"] or "" if rows else ""
        return Shape(description, types, {name: meanings.get(name, "") for name in types})

    def _types_of_statement(self, name: str) -> dict[str, str]:
        text = _SLOT.sub(
            lambda found: _STAND_IN.get(found[1], "NULL"), _COMMENT.sub("", statement_text(name))
        )
        with self._database.transaction() as connection:
            cursor: psycopg.Cursor[Any] = connection.execute(
                sql.SQL("SELECT * FROM ({}) AS q LIMIT 0").format(sql.SQL(text))
            )
            described = cursor.description or []
            names = [column.name for column in described]
            kinds = connection.execute(
                "SELECT format_type(o, NULL) FROM unnest(%s::oid[]) WITH ORDINALITY AS t (o, n) ORDER BY n",
                [[column.type_code for column in described]],
            ).fetchall()
        return {name: kind for name, (kind,) in zip(names, kinds, strict=True)}


def statement_text(name: str) -> str:
    """The text of a file of `sql/api`, its places for parameters unfilled."""
    return (SQL_DIRECTORY / "api" / f"{name}.sql").read_text()
