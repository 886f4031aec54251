"""Columns of readings as the database describes them: name, type, unit, meaning."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from alphapulse.backends.shapes import types_of
from alphapulse.readings.reading import Reading
from alphapulse_resources.database.client import Database, statement

SECONDS: Final = 300.0
"""How long a description is good for (ours): a migration may change it beside us."""


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
            types = dict(types_of(self._database, reading))
        meanings |= dict(reading.meanings)
        description = rows[0]["description"] or "" if rows else ""
        return Shape(description, types, {name: meanings.get(name, "") for name in types})
