"""What the write path has to know of a table. Pure: modules that only say what they write need no driver."""

from dataclasses import dataclass


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

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.key, *self.values, *self.provenance)
