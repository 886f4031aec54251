"""Shapes of content that name their columns otherwise than by a header line: numbers told, JSON by column."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import polars as pl

from alphapulse_resources.candle_files.model import RawTable

FREQTRADE: Final = ("date", "open", "high", "low", "close", "volume")
"""Columns of freqtrade's candles, which hold a funding rate in `open` and nothing else."""
_SEPARATORS: Final = (b",", b";", b"\t", b"|")


def as_rows(content: bytes, told: Mapping[str, str]) -> bytes:
    """Content as rows with names: JSON by column turned round, numbers above columns told by number."""
    if content[:1] == b"{":
        return _turned(content)
    if told and all(name.isdecimal() for name in told.values()) and content[:1].isdigit():
        first = content.split(b"\n", 1)[0]
        separator = max(_SEPARATORS, key=first.count)
        names = (str(place + 1).encode() for place in range(first.count(separator) + 1))
        return separator.join(names) + b"\n" + content
    return content


def named_as_freqtrade(table: RawTable, notes: list[str]) -> RawTable:
    """A table without names whose six columns are a time, a rate and nothing else, with freqtrade's names."""
    columns = table.frame.columns
    if table.has_header or len(columns) != len(FREQTRADE):
        return table
    others = table.frame.select(pl.col(columns[2:]).cast(pl.Float64, strict=False).fill_null(0.0))
    if others.select(pl.any_horizontal(pl.all() != 0.0).any()).item():
        return table
    notes.append(
        "six columns without names, the last four nothing: a time and a rate as freqtrade writes them"
    )
    frame = table.frame.rename(dict(zip(columns, FREQTRADE, strict=True)))
    return replace(table, frame=frame, has_header=True)


def _turned(content: bytes) -> bytes:
    """{"time": [...], "rate": [...]} and pandas' {"time": {"0": ...}} as a list of objects; else as it is."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return content  # perhaps a value a line
    columns = {key: _cells(each) for key, each in value.items()} if isinstance(value, dict) else {}
    lengths = {None if cells is None else len(cells) for cells in columns.values()}
    if len(columns) < 2 or len(lengths) != 1 or None in lengths:
        return content
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return json.dumps(rows).encode()


def _cells(column: Any) -> list[Any] | None:
    """The cells of a column, if it is one."""
    cells = list(column.values()) if isinstance(column, dict) else column
    if not isinstance(cells, list) or any(isinstance(cell, dict | list) for cell in cells):
        return None
    return cells
