"""The words of candle files: what a read file is, what a table inside it is, and the error."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.rejected import Rejects
from alphapulse_resources.venues.model import Reject

NEEDED: Final = "a time, open, high, low, close and volume (in base units) in every row"
EXAMPLE: Final = "timestamp,open,high,low,close,volume\n2024-01-01T00:00:00Z,42283.6,42300,42261,42298.6,35.9"


class CandleFileError(Exception):
    """A file holds no candles that can be read. The message names the file and says what to do."""


class OtherInstrumentError(CandleFileError):
    """What a file says of itself is another instrument, timeframe or venue than the one asked for."""


def unreadable(name: str, problem: str, columns: Iterable[str] = ()) -> CandleFileError:
    """The error for the file `name`: the problem, the columns found, what is needed, an example."""
    found = ", ".join(repr(column) for column in columns)
    lines = [f"{name}: {problem}", f"needed: {NEEDED}; for example:\n{EXAMPLE}"]
    if found:
        lines.insert(1, f"columns found: {found}")
        lines.append("name the columns with, for example, --column time=NAME --column close=NAME")
    return CandleFileError("\n".join(lines))


@dataclass(frozen=True, slots=True)
class CandleFile:
    """A candle file that was read.

    `rows` are all its data rows: candles, rejects, absent, forming and those of other instruments.
    """

    path: Path
    format: str  # binance-archive, cryptodatadownload, freqtrade, kraken, generic-csv, generic-parquet, ...
    time_unit: str | None  # s, ms, us, ns or mixed; None where times are text
    has_header: bool
    assumptions: tuple[str, ...]  # what was inferred, in words for the person who imports
    candles: pl.DataFrame  # CANDLE_SCHEMA, order and duplicates as in the file, values not validated
    rejects: list[Reject] = field(default_factory=list)  # rows that could not be read, as they came
    absent: int = 0  # rows that only say "no trades": a time, but neither prices nor volume
    other_symbols: int = 0  # rows of instruments, timeframes or venues that were not asked for
    forming: int = 0  # rows that say of themselves that their candle is not closed
    more_rejects: Mapping[str, int] = field(default_factory=dict)  # reason -> rejects that are only counted

    @property
    def rows(self) -> int:
        """How many data rows the file holds."""
        counted = self.absent + self.other_symbols + self.forming + sum(self.more_rejects.values())
        return self.candles.height + len(self.rejects) + counted


@dataclass(frozen=True, slots=True)
class RawTable:
    """One table of a file before it is understood: text columns from CSV and JSON, typed ones otherwise."""

    name: str  # the file, or archive/member
    container: str  # csv, json, parquet or feather
    frame: pl.DataFrame
    lines: pl.Series  # the line (CSV) or row number of each row, from 1
    has_header: bool
    notes: tuple[str, ...] = ()
    rejects: Rejects = field(default_factory=Rejects)  # rows that are not even rows of this table
    separator: str = ","
    banner: tuple[str, ...] = ()  # lines above the header
    tickers: tuple[str | None, ...] = ()  # the ticker above each column, where the file has such a line
    titles: tuple[str, ...] = ()  # what each column is called below its ticker
    said: tuple[tuple[str, str], ...] = ()  # words around the rows (JSON): symbol, interval, ...

    def only(self, keep: pl.Series, rejects: Rejects | None = None) -> "RawTable":
        """The table with some of its rows."""
        return replace(
            self,
            frame=self.frame.filter(keep),
            lines=self.lines.filter(keep),
            rejects=self.rejects + rejects if rejects else self.rejects,
        )
