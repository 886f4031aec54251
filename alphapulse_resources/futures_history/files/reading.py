"""Reading whole files: the members of an archive one by one, each table's rows by the symbol they are of."""

import zoneinfo
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.columns import plain
from alphapulse_resources.candle_files.containers import open_tables
from alphapulse_resources.candle_files.model import NEEDED as CANDLES_NEEDED
from alphapulse_resources.candle_files.model import CandleFileError, OtherInstrumentError, RawTable
from alphapulse_resources.candle_files.rejected import Rejects
from alphapulse_resources.candle_files.wrapping import Budget, unwrap
from alphapulse_resources.futures_history.files.columns import find_columns, header_of, kind_of
from alphapulse_resources.futures_history.files.funding import (
    freqtrade_rate,
    read_funding,
)
from alphapulse_resources.futures_history.files.identity import check_name, day_in, split_by_symbol, symbol_in
from alphapulse_resources.futures_history.files.open_interest import (
    SIZES,
    read_open_interest,
)
from alphapulse_resources.futures_history.files.options import FUNDING, NEEDED, FileOptions, unreadable
from alphapulse_resources.futures_history.files.shapes import as_rows, named_as_freqtrade

SEPARATORS: Final = (",", ";", "\t", "|")
HEADER_LINES: Final = 20
_CANDLES: Final = f"needed: {CANDLES_NEEDED}"
FOLDERS_READ: Final = 3
"""So many folders above a file may say what it is (ours)."""


@dataclass(frozen=True, slots=True)
class SymbolRows:
    """The rows of one symbol in a file; `spelled` is the file's name for it, None where one was asked for."""

    spelled: str | None
    rows: pl.DataFrame
    rejects: Rejects = field(default_factory=Rejects)


@dataclass(frozen=True, slots=True)
class FuturesFile:
    """A file that was read. Rows are in its order, not judged, duplicates and all."""

    path: Path
    format: str
    time_unit: str | None
    assumptions: tuple[str, ...]
    symbols: tuple[SymbolRows, ...]
    other_symbols: int = 0

    @property
    def rows(self) -> int:
        """How many data rows the file holds."""
        return self.other_symbols + sum(each.rows.height + len(each.rejects) for each in self.symbols)


def read_file(path: Path, options: FileOptions) -> FuturesFile:
    """The rows of a file: CSV, JSON (also a line each), Parquet or Feather, bare, zipped or gzipped.

    Raises CandleFileError when it cannot be read or several readings are possible, and its
    OtherInstrumentError when what it holds is something else.
    """
    _check(options)
    name = "/".join(path.parts[-1 - FOLDERS_READ :])
    check_name(name, options)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CandleFileError(f"{path}: cannot be read ({error.strerror or error})") from error
    notes: list[str] = []
    parts: list[_Part] = []
    for table in _tables(data, path.name, options):
        parts.append(_read_table(table, options, notes))
    return _together(path, parts, notes)


def read_content(content: bytes, name: str, options: FileOptions) -> tuple[SymbolRows, ...]:
    """The rows of content that is called `name`, symbol by symbol. Raises CandleFileError."""
    notes: list[str] = []
    parts = [_read_table(table, options, notes) for table in _tables(content, name, options)]
    return _together(Path(name), parts, notes).symbols


def _tables(data: bytes, name: str, options: FileOptions) -> Iterator[RawTable]:
    """Every table in the file, of all its members."""
    try:
        for member, content in unwrap(data, name, lambda _: True, Budget(name)):
            check_name(member, options)
            rows = as_rows(content, options.columns)
            mapped = frozenset(options.columns.values()) | _header(rows, options)
            yield from open_tables(rows, member, mapped)
    except OtherInstrumentError:
        raise
    except CandleFileError as error:  # its advice is about candles
        told = [line for line in str(error).split(_CANDLES)[0].splitlines() if line]
        raise CandleFileError("\n".join([*told, NEEDED[options.kind]])) from error


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    unit: str | None
    symbols: list[SymbolRows]
    other_symbols: int


def _check(options: FileOptions) -> None:
    if options.timezone is None:
        return
    try:
        zoneinfo.ZoneInfo(options.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CandleFileError(
            f"time zone {options.timezone!r} is not known; use an IANA name: Europe/Berlin, "
            "or Etc/GMT-3 for UTC+3"
        ) from error


def _header(content: bytes, options: FileOptions) -> frozenset[str]:
    """The cells of the line that names the columns, if it is text with one."""
    head = content[:65_536].removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace")
    words: frozenset[str] = frozenset()
    for line in head.splitlines()[:HEADER_LINES]:
        for separator in SEPARATORS:
            cells = [cell.strip().strip('"') for cell in line.split(separator)]
            if len(cells) > 1 and header_of(options.kind, cells, options.columns):
                return frozenset(cells)
            if len(cells) > 1 and not words and all(cell[:1].isalpha() for cell in cells):
                words = frozenset(cells)
    return words


def _read_table(table: RawTable, options: FileOptions, notes: list[str]) -> _Part:
    notes.extend(table.notes)
    options = replace(options, day=day_in(table.name) or options.day)
    try:
        return _read(table, options, notes)
    except pl.exceptions.PolarsError as error:
        what = str(error).splitlines()[0]
        raise CandleFileError(f"{table.name}: a column is of a type that no number has ({what})") from error


def _read(table: RawTable, options: FileOptions, notes: list[str]) -> _Part:
    if options.kind == FUNDING:
        table = named_as_freqtrade(table, notes)
    columns = _columns(table, options)
    kind = kind_of(table.container, table.frame.columns)
    tables, left = split_by_symbol(table, columns.get("symbol"), options, notes)
    reader = read_funding if options.kind == FUNDING else read_open_interest
    found: list[SymbolRows] = []
    unit: str | None = None
    for spelled, part in tables.items():
        rows, rejects, unit = reader(part, columns, kind, options, notes)
        name = spelled if spelled or options.symbol else symbol_in(table.name)
        found.append(SymbolRows(name, rows, rejects))
    if found:
        found[0] = replace(found[0], rejects=found[0].rejects + table.rejects)
    used = {*columns.values()}
    if extra := [name for name in table.frame.columns if name not in used]:
        notes.append(f"columns not used: {', '.join(map(repr, extra))}")
    return _Part(kind, unit, found, left)


def _columns(table: RawTable, options: FileOptions) -> dict[str, str]:
    """The columns of the parts that are needed. Raises CandleFileError where some are not there."""
    names = table.frame.columns
    told = {part: _column_meant(table, part, name) for part, name in options.columns.items()}
    columns = find_columns(options.kind, names, told)
    if not table.has_header and not told:
        raise unreadable(
            options.kind, table.name, table.frame.columns, "it has no line that names its columns"
        )
    if "time" not in columns:
        raise unreadable(options.kind, table.name, table.frame.columns, "no column gives a time")
    if options.kind != FUNDING:
        if not set(columns) & set(SIZES):
            raise unreadable(options.kind, table.name, table.frame.columns, "no column gives open interest")
        return columns
    if "rate" not in columns and {"open", "high", "low", "close"} <= {plain(name) for name in names}:
        columns["rate"] = freqtrade_rate(table)
    if "rate" not in columns:
        raise unreadable(options.kind, table.name, table.frame.columns, "no column gives a rate")
    return columns


def _column_meant(table: RawTable, part: str, name: str) -> str:
    """The column that was named, in any letters' case."""
    alike = [column for column in table.frame.columns if column == name or plain(column) == plain(name)]
    if name in alike or len(alike) == 1:
        return name if name in alike else alike[0]
    found = ", ".join(map(repr, table.frame.columns))
    raise CandleFileError(
        f"{table.name}: --column {part}={name}: there is no such column; columns found: {found}"
    )


def _together(path: Path, parts: list[_Part], notes: list[str]) -> FuturesFile:
    if not parts:
        raise OtherInstrumentError(f"{path.name}: holds nothing that can be read")
    by_symbol: dict[str | None, list[SymbolRows]] = defaultdict(list)
    for part in parts:
        for each in part.symbols:
            by_symbol[each.spelled].append(each)
    kinds = list(dict.fromkeys(part.kind for part in parts))
    units = list(dict.fromkeys(part.unit for part in parts))
    return FuturesFile(
        path,
        kinds[0] if len(kinds) == 1 else ", ".join(kinds),
        units[0] if len(units) == 1 else "mixed",
        tuple(dict.fromkeys(notes)),
        tuple(_merged(by_symbol)),
        sum(part.other_symbols for part in parts),
    )


def _merged(by_symbol: dict[str | None, list[SymbolRows]]) -> Iterator[SymbolRows]:
    for spelled, several in by_symbol.items():
        rejects = sum((each.rejects for each in several), Rejects())
        yield SymbolRows(spelled, pl.concat(each.rows for each in several), rejects)


__all__ = ["FuturesFile", "SymbolRows", "read_file"]
