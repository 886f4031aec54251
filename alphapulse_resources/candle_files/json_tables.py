"""From JSON to tables: lists of lists, lists of objects, one a line, and venues' answers around them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from alphapulse_resources.candle_files.columns import count_roles
from alphapulse_resources.candle_files.headers import numbered
from alphapulse_resources.candle_files.judges import looks_like_symbol, role_of
from alphapulse_resources.candle_files.model import RawTable, unreadable
from alphapulse_resources.candle_files.rejected import Rejects
from alphapulse_resources.venues.model import Reject

HEADER_ROLES: Final = 3
DEEPEST: Final = 5
"""So deep a venue may wrap its candles in objects (ours)."""

Said = tuple[tuple[str, str], ...]


def read_json(text: bytes, name: str) -> list[RawTable]:
    """The tables in JSON text, or in text with one JSON value a line. Raises CandleFileError."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if b"\n" in text.strip() and (table := _read_lines(text, name)) is not None:
            return [table]
        raise unreadable(name, f"not readable JSON ({error})") from error
    found = list(_find(value, (), 0))
    tables = [
        _table(rows, f"{name}/{place}" if len(found) > 1 else name, said) for place, rows, said in found
    ]
    read = [table for table in tables if table is not None]
    if not read:
        raise unreadable(name, "the JSON is neither a list of equally long lists nor a list of objects")
    return read


def _read_lines(text: bytes, name: str) -> RawTable | None:
    """One JSON value a line (NDJSON); a line that is none is a reject."""
    rows: list[Any] = []
    numbers: list[int] = []
    rejects = Rejects()
    kind: type | None = None
    for number, line in enumerate(text.decode("utf-8", errors="replace").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if kind is None and isinstance(value, dict | list):
            kind = type(value)
        if kind is None or not isinstance(value, kind):
            rejects.add(
                Reject("the line is no JSON value like the others", {"line": number, "fields": [line]})
            )
            continue
        rows.append(_flat(value) if isinstance(value, dict) else value)
        numbers.append(number)
    if len(rejects) > len(rows) or not rows:
        return None
    if kind is list:
        width = len(rows[0])
        for row, number in zip(rows, numbers, strict=True):
            if len(row) != width:
                reason = f"has {len(row)} fields where the file has {width} columns"
                rejects.add(Reject(reason, {"line": number, "fields": [str(cell) for cell in row]}))
        even = [(row, number) for row, number in zip(rows, numbers, strict=True) if len(row) == width]
        rows, numbers = [row for row, _ in even], [number for _, number in even]
    table = _table(rows, name, ())
    return (
        None
        if table is None
        else RawTable(
            name, "json", table.frame, pl.Series(numbers, dtype=pl.Int64), table.has_header, rejects=rejects
        )
    )


def _find(value: Any, said: Said, depth: int, place: str = "") -> Iterator[tuple[str, list[Any], Said]]:
    """The lists of rows in a JSON value, each with its name and the words around it."""
    if isinstance(value, list):
        if value and all(isinstance(row, dict) for row in value):
            yield place, [_flat(row) for row in value], said
        elif value and all(isinstance(row, list) for row in value):
            yield place, value, said
        return
    if not isinstance(value, dict) or depth > DEEPEST:
        return
    if (rows := _columns_to_rows(value)) is not None:
        yield place, rows, (*said, *_words(value))
        return
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        names = [
            str(column) if not isinstance(column, list) else str(tuple(column)) for column in value["columns"]
        ]
        if names and all(isinstance(row, list) and len(row) == len(names) for row in value["data"]):
            yield place, [dict(zip(names, row, strict=True)) for row in value["data"]], said
            return
    around = (*said, *_words(value))
    for key, inner in value.items():
        named = (*around, ("symbol", key)) if looks_like_symbol(key) else around
        yield from _find(inner, named, depth + 1, key)


def _words(value: Mapping[str, Any]) -> Said:
    """Scalars that say something of the rows beside them: symbol, interval, category."""
    return tuple(
        (key, str(word))
        for key, word in value.items()
        if isinstance(word, str | int) and role_of(key) and str(word)
    )


def _columns_to_rows(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Rows of an object that holds a list (or pandas' index) for every column: {"t": [...], "o": [...]}."""
    if count_roles(list(value)) < HEADER_ROLES:
        return None
    lists = {key: column for key, column in value.items() if isinstance(column, list)}
    if count_roles(list(lists)) >= HEADER_ROLES:
        length = max(map(len, lists.values()))
        full = {key: column for key, column in lists.items() if len(column) == length}
        return [dict(zip(full, row, strict=True)) for row in zip(*full.values(), strict=True)]
    mapped = {key: column for key, column in value.items() if isinstance(column, dict)}
    if count_roles(list(mapped)) < HEADER_ROLES:
        return None
    index = list(next(iter(mapped.values())))
    rows = [{key: column.get(at) for key, column in mapped.items()} for at in index]
    timed = {"time", "timestamp", "date", "datetime", "open_time", "t"} & {key.lower() for key in mapped}
    return rows if timed else [{"index": at, **row} for at, row in zip(index, rows, strict=True)]


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """An object whose candle is in an object inside it (a stream's message), as one object."""
    inner: Any = row
    for _ in range(2):
        deeper = [value for value in inner.values() if isinstance(value, dict)]
        best = max(deeper, key=lambda value: count_roles(list(value)), default=None)
        if (
            best is None
            or count_roles([key for key in inner if not isinstance(inner[key], dict)]) >= HEADER_ROLES
        ):
            break
        inner = best
    if inner is row or count_roles(list(inner)) < HEADER_ROLES:
        return row
    outer = {key: value for key, value in row.items() if not isinstance(value, dict | list) and role_of(key)}
    return {**outer, **inner}


def _table(rows: list[Any], name: str, said: Said) -> RawTable | None:
    if rows and all(isinstance(row, dict) for row in rows):
        keys = list(dict.fromkeys(key for row in rows for key in row))
        if not keys:
            return None
        cells = [[_cell(row.get(key)) for row in rows] for key in keys]
        return _text_table(name, keys, cells, has_header=True, said=said)
    if rows and all(isinstance(row, list) for row in rows):
        width = len(rows[0])
        if width and all(len(row) == width for row in rows):
            cells = [[_cell(row[i]) for row in rows] for i in range(width)]
            return _text_table(name, list(numbered(width)), cells, has_header=False, said=said)
    return None


def _text_table(
    name: str, columns: list[str], cells: list[list[str | None]], *, has_header: bool, said: Said
) -> RawTable:
    frame = pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String))
    lines = pl.int_range(1, frame.height + 1, eager=True)
    return RawTable(name, "json", frame, lines, has_header, said=said)


def _cell(value: object) -> str | None:
    return None if value is None else str(value)
