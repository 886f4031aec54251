"""From CSV text to a table of text columns: separator, banner lines, header line, ragged rows.

polars reads the even files; a file it finds ragged is read line by line, so that only the odd rows are lost
to the candles, and those come back as rejects.
"""

import csv
import io
import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.columns import count_roles
from alphapulse_resources.candle_files.headers import distinct, numbered
from alphapulse_resources.candle_files.model import RawTable, unreadable
from alphapulse_resources.candle_files.rejected import Rejects
from alphapulse_resources.venues.model import Reject

SEPARATORS: Final = (";", "\t", "|", ",")  # the comma last: it may be a decimal comma
SAMPLE_LINES: Final = 20
HEADER_ROLES: Final = 3
"""A line that names at least so many of a candle's parts is a header (threshold ours)."""

_NUMERIC: Final = re.compile(r"\s*[-+$]?\d[\d.,]*(e[-+]?\d+)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a CSV is laid out: how many lines come before the data and what the columns are called."""

    separator: str
    skip: int  # physical lines before the first data row
    columns: tuple[str, ...]
    has_header: bool
    notes: tuple[str, ...]
    banner: tuple[str, ...] = ()  # the lines above the header or the data
    tickers: tuple[str | None, ...] = ()  # the ticker above each column
    titles: tuple[str, ...] = ()  # the name of each column below its ticker


def read_text_table(text: bytes, name: str, mapped: frozenset[str] = frozenset()) -> RawTable:
    """The table in `text` (UTF-8), every cell as text; `mapped` are names of columns that somebody told.

    Raises CandleFileError when it has no layout.
    """
    body = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text
    body = body.rstrip(b"\n") if body.endswith(b"\n\n") else body
    layout = find_layout(body, name, mapped)
    frame, rejects = _read_even(body, layout), Rejects()
    if frame is not None:
        lines = pl.int_range(layout.skip + 1, layout.skip + 1 + frame.height, eager=True)
    else:
        frame, lines, rejects = _read_line_by_line(body, layout)
    if frame.is_empty() and not len(rejects):
        raise unreadable(name, "there is a header but not one row of data", layout.columns)
    return RawTable(
        name,
        "csv",
        frame,
        lines,
        layout.has_header,
        layout.notes,
        rejects,
        layout.separator,
        layout.banner,
        layout.tickers,
        layout.titles,
    )


def find_layout(body: bytes, name: str, mapped: frozenset[str] = frozenset()) -> Layout:
    """The layout, found in the first lines of `body` (lines end in a plain newline)."""
    lines = [line.decode(errors="replace") for line in islice(io.BytesIO(body), SAMPLE_LINES)]
    by_separator = {mark: [_split(line, mark) for line in lines] for mark in SEPARATORS}
    separator = max(SEPARATORS, key=lambda mark: _fitness(by_separator[mark], mapped))
    cells = by_separator[separator]
    for index, row in enumerate(cells):
        if _is_header(row, mapped):
            return _with_header(cells, index, separator)
        if _is_data(row):
            return _without_header(cells, index, separator, name)
    raise unreadable(name, "no header line and no row of numbers in the first lines", cells[0])


def _is_header(row: list[str], mapped: frozenset[str]) -> bool:
    return count_roles(row, mapped) >= HEADER_ROLES or (bool(mapped) and mapped <= set(row))


def _fitness(cells: list[list[str]], mapped: frozenset[str]) -> tuple[bool, int]:
    """How well a separator fits: whether it gives a header line, then how many fields the median line has."""
    return any(_is_header(row, mapped) for row in cells), sorted(map(len, cells))[len(cells) // 2]


def _with_header(cells: list[list[str]], index: int, separator: str) -> Layout:
    banner = _banner(cells[:index], separator)
    notes = _banner_notes(banner)
    columns, skip = cells[index], index + 1
    following = cells[skip] if skip < len(cells) else []
    before = cells[index - 1] if index else []
    tickers: list[str] = []
    if following and following[0].lower() == "ticker" and len(following) == len(columns):
        # yfinance writes three header lines: the prices' names, the ticker, and the index's name
        tickers, skip = following, skip + 1
    elif len(before) == len(columns) and before[0].lower() in ("ticker", "") and all(before[1:]):
        # grouped by ticker: the tickers come first, then the prices' names
        tickers, banner = before, banner[:-1]
        notes = _banner_notes(banner)
    if not tickers:
        return Layout(separator, skip, tuple(distinct(columns)), True, tuple(notes), banner)
    if skip < len(cells) and cells[skip][0] and not any(cells[skip][1:]):
        skip += 1  # the name of the index
    notes.append("three header lines as yfinance writes them")
    titles = ("date", *columns[1:])
    return Layout(
        separator, skip, tuple(distinct(titles)), True, tuple(notes), banner, (None, *tickers[1:]), titles
    )


def _without_header(cells: list[list[str]], index: int, separator: str, name: str) -> Layout:
    width = len(cells[index])
    if index and len(cells[index - 1]) == width:
        raise unreadable(name, "the column names are not known", cells[index - 1])
    banner = _banner(cells[:index], separator)
    return Layout(separator, index, numbered(width), False, tuple(_banner_notes(banner)), banner)


def _banner(rows: list[list[str]], separator: str) -> tuple[str, ...]:
    return tuple(separator.join(row) for row in rows if any(row))


def _banner_notes(banner: tuple[str, ...]) -> list[str]:
    return [f"skipped before the header or the data: {line!r}" for line in banner]


def _split(line: str, separator: str) -> list[str]:
    plain = line.rstrip("\n")
    fields = _fields(plain, separator)
    return [cell.strip() for cell in (plain.split(separator) if fields is None else fields)] or [""]


def _is_data(row: list[str]) -> bool:
    """Whether a row looks like a candle: a time first, numbers (or holes) after it."""
    if len(row) < 6 or not row[0][:1].isdigit():
        return False
    return sum(bool(_NUMERIC.fullmatch(cell)) for cell in row[1:]) >= 4


def _read_even(body: bytes, layout: Layout) -> pl.DataFrame | None:
    """The rows if every line has a field for every column, otherwise None."""
    try:
        frame = pl.read_csv(
            body,
            has_header=False,
            skip_lines=layout.skip,
            schema=dict.fromkeys(layout.columns, pl.String),
            separator=layout.separator,
        )
    except pl.exceptions.PolarsError:
        return None
    # a short line leaves its last column null, a quoted newline makes fewer rows than lines
    lines = body.count(b"\n") + (not body.endswith(b"\n")) - layout.skip
    if frame.height != lines or frame[layout.columns[-1]].null_count():
        return None
    return frame


def _read_line_by_line(body: bytes, layout: Layout) -> tuple[pl.DataFrame, pl.Series, Rejects]:
    width = len(layout.columns)
    kept: list[list[str | None]] = []
    numbers: list[int] = []
    rejects = Rejects()
    for number, line in enumerate(body.decode().split("\n"), start=1):
        if number <= layout.skip or not line.strip():
            continue
        fields = _fields(line, layout.separator)
        if fields is None:
            rejects.add(Reject("its quotes do not close", {"line": number, "fields": [line]}))
            continue
        if len(fields) < width or any(fields[width:]):
            reason = f"has {len(fields)} fields where the file has {width} columns"
            rejects.add(Reject(reason, {"line": number, "fields": fields}))
            continue
        kept.append([field or None for field in fields[:width]])
        numbers.append(number)
    columns = [list(column) for column in zip(*kept, strict=True)] or [[] for _ in layout.columns]
    frame = pl.DataFrame(columns, schema=dict.fromkeys(layout.columns, pl.String))
    return frame, pl.Series(numbers, dtype=pl.Int64), rejects


def _fields(line: str, separator: str) -> list[str] | None:
    """The fields of one line; None when its quotes do not close (or a field is endless)."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return None
