"""What the person who imports says about a file of funding rates or open interest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from alphapulse_resources.candle_files.model import CandleFileError

Unit = Literal["fraction", "percent"]
Kind = Literal["funding", "open-interest"]

FUNDING: Final[Kind] = "funding"
OPEN_INTEREST: Final[Kind] = "open-interest"
PARTS: Final[Mapping[Kind, tuple[str, ...]]] = {
    FUNDING: ("time", "rate", "interval", "mark", "symbol"),
    OPEN_INTEREST: ("time", "contracts", "base", "quote", "symbol"),
}
"""What `--column PART=NAME` can name."""


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What the person who imports says about a file. None is what was not said."""

    kind: Kind
    venue: str
    symbol: str | None = None
    timezone: str | None = None
    unit: Unit | None = None
    day_first: bool | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # part -> column's name in the file
    any_symbol: bool = False  # one instrument, whatever the file calls it
    force: bool = False  # settlements at odd hours are meant so
    day: date | None = None  # of a day's archive: the one in its name


def told_columns(kind: Kind, pairs: Iterable[str]) -> dict[str, str]:
    """Columns by their parts, from what was typed: time=Stamp rate=r. Raises CandleFileError."""
    columns: dict[str, str] = {}
    for pair in pairs:
        part, told, name = (text.strip() for text in pair.partition("="))
        if not told or not name or part.lower() not in PARTS[kind]:
            raise CandleFileError(
                f"--column {pair}: write PART=NAME, for example --column time=Stamp; "
                f"parts are {', '.join(PARTS[kind])}"
            )
        columns[part.lower()] = name
    return columns
