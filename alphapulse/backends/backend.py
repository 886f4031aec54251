"""What a client needs of whoever answers it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from alphapulse.readings.asking import Asked
from alphapulse.readings.reading import Reading


@dataclass(frozen=True, slots=True)
class Description:
    """A relation in words: what its rows are, and of each column its name, type and meaning."""

    relation: str
    meaning: str
    columns: pl.DataFrame


class Backend(Protocol):
    """Answers readings. Safe to share between threads."""

    @property
    def where(self) -> str:
        """Who answers, without any secret."""

    @property
    def live(self) -> tuple[str | None, str | None]:
        """Address of the WebSocket that tells of its news, and the token for it; None where not known."""

    def ask(self, reading: Reading, asked: Asked) -> pl.DataFrame:
        """The rows of a reading in its own order; without a limit all that there are, however many.

        Raises: AlphaPulseError of any kind.
        """

    def instruments(self) -> list[tuple[str, str]]:
        """Venue and symbol of every instrument, as they are known now."""

    def query(self, text: str, values: Mapping[str, Any]) -> pl.DataFrame:
        """The rows of a statement with named parameters. Raises: QueryError, ParameterError."""

    def describe(self, relation: str) -> Description:
        """A table or view in words. Raises: NotFoundError."""

    def relations(self) -> pl.DataFrame:
        """Name and meaning of every table and view that may be read."""

    def close(self) -> None:
        """Give connections back; a later question connects anew."""
