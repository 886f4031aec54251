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

NEEDED: Final[Mapping[Kind, str]] = {
    FUNDING: (
        "needed: a time and a rate in every row; for example:\nfundingTime,fundingRate\n"
        "2024-01-01T08:00:00Z,0.0001\n"
        "name the columns with, for example, --column time=NAME --column rate=NAME"
    ),
    OPEN_INTEREST: (
        "needed: a time, and contracts, coins or their value in every row; for example:\n"
        "timestamp,open_interest,open_interest_value\n2024-01-01T08:00:00Z,81234.5,3434000000\n"
        "name the columns with, for example, --column time=NAME --column contracts=NAME"
    ),
}


def unreadable(kind: Kind, name: str, columns: Iterable[str], problem: str) -> CandleFileError:
    """The error for a table that is not what it should be: the problem, its columns, what is needed."""
    return CandleFileError(
        f"{name}: {problem}\ncolumns found: {', '.join(map(repr, columns))}\n{NEEDED[kind]}"
    )


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
