"""The words of candle files: what a read file is, what a table inside it is, and the error."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from alphapulse_resources.venues.model import Reject

NEEDED: Final = "a time, open, high, low, close and volume (in base units) in every row"
EXAMPLE: Final = "timestamp,open,high,low,close,volume\n2024-01-01T00:00:00Z,42283.6,42300,42261,42298.6,35.9"


class CandleFileError(Exception):
    """A file holds no candles that can be read. The message names the file and says what to do."""


def unreadable(name: str, problem: str, columns: Iterable[str] = ()) -> CandleFileError:
    """The error for the file `name`: the problem, the columns found, what is needed, an example."""
    found = ", ".join(repr(column) for column in columns)
    lines = [f"{name}: {problem}", f"needed: {NEEDED}; for example:\n{EXAMPLE}"]
    if found:
        lines.insert(1, f"columns found: {found}")
    return CandleFileError("\n".join(lines))


@dataclass(frozen=True, slots=True)
class CandleFile:
    """A candle file that was read.

    `len(candles) + len(rejects) + absent + other_symbols` is the number of data rows in the file.
    """

    path: Path
    format: str  # binance-archive, cryptodatadownload, freqtrade, kraken, generic-csv, generic-parquet, ...
    time_unit: str | None  # s, ms, us, ns or mixed; None where times are text
    has_header: bool
    assumptions: tuple[str, ...]  # what was inferred, in words for the person who imports
    candles: pl.DataFrame  # CANDLE_SCHEMA, order and duplicates as in the file, values not validated
    rejects: list[Reject] = field(default_factory=list)  # rows that could not be read, as they came
    absent: int = 0  # rows that only say "no trades": a time, but neither prices nor volume
    other_symbols: int = 0  # rows of symbols that were not asked for

    @property
    def rows(self) -> int:
        """How many data rows the file holds."""
        return self.candles.height + len(self.rejects) + self.absent + self.other_symbols


@dataclass(frozen=True, slots=True)
class RawTable:
    """One table of a file before it is understood: text columns from CSV and JSON, typed ones otherwise."""

    name: str  # the file, or archive/member
    container: str  # csv, json, parquet or feather
    frame: pl.DataFrame
    lines: pl.Series  # the line (CSV) or row number of each row, from 1
    has_header: bool
    notes: tuple[str, ...] = ()
    rejects: list[Reject] = field(default_factory=list)  # rows that are not even rows of this table
    separator: str = ","
