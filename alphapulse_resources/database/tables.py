"""What the write path has to know of a table. Pure: modules that only say what they write need no driver."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

BAR_KEY: Final = ("instrument_id", "timeframe_id", "ts")
"""What identifies a bar: the beginning of the key of what is told of it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as `upsert` writes it.

    `values` decide whether a row changed; `provenance` is written with a change but makes none. The first of
    `values` is never null.
    """

    name: str
    key: tuple[str, ...]
    values: tuple[str, ...]
    provenance: tuple[str, ...] = ()
    revisions: str | None = None  # table that keeps what was overwritten
    timeframe_id: int | None = None  # for revisions of a table that holds one timeframe
    whole: tuple[
        str, ...
    ] = ()  # values that make a row what it is: only while all are equal a null keeps a value
    computed: bool = False  # what is computed anew is right as a whole: its nulls replace values too
    json: tuple[str, ...] = ()  # columns of jsonb, which a frame has as text
    first_told: bool = False  # a stored row stays as it is, whatever is told of it later

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, *self.values, *self.provenance)


def computed_table(
    name: str, key: tuple[str, ...], columns: Iterable[str], *, json: tuple[str, ...] = ()
) -> Table:
    """A table of rows that rules compute: `known_at`, then those of `columns` that are not in the key.

    What is computed anew replaces a row as a whole, and the database fills in `created_at`.
    """
    taken = {*key, "known_at", "timeframe"}
    values = ("known_at", *(column for column in columns if column not in taken))
    return Table(name, key, values, provenance=("created_at",), computed=True, json=json)
