"""How the command line speaks: tables for people, JSON and CSV for programs, one clear line for an error."""

import csv
import json
import math
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alphapulse_resources.names import printable

WIDE: Final = 4000
"""Columns of an output that is no terminal: a table in a file or pipe is never wrapped."""

_URL_PASSWORD: Final = re.compile(r"(?<=://)([^\s:/?#]*):(\S+)@")
_WORD_PASSWORD: Final = re.compile(r"(?i)(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)")
_SECRETS: Final = ("ALPHAPULSE_DSN", "ALPHAPULSE_ANALYSTS__PASSWORD", "ALPHAPULSE_ALERTS__WEBHOOK_URL")


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class SafeConsole(Console):
    """A console that shows what a terminal would obey (a name or payload may hold it) as its code."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as a Console does."""
        super().print(*map(_safe, objects), **options)


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Text) and value.plain != printable(value.plain):
        return Text(printable(value.plain), style=value.style)
    return value


def console() -> Console:
    """Standard output. Made anew each time: it may have been redirected."""
    made = SafeConsole(highlight=False)
    return made if made.is_terminal else SafeConsole(highlight=False, width=WIDE)


def notes() -> Console:
    """Standard error, for what is said beside the result."""
    return SafeConsole(stderr=True, highlight=False, soft_wrap=True)


def fail(message: str) -> None:
    """Print an error in red, without secrets."""
    notes().print(Text(printable(without_secrets(message)), style="red"))


def warn(message: str) -> None:
    """Print what is not as it could be, without secrets."""
    notes().print(Text(without_secrets(message), style="yellow"))


def print_rows(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], form: Format, *, title: str | None = None
) -> int:
    """Print rows in the form asked for as they come; returns how many there were."""
    if form is Format.TABLE:
        return _print_table(columns, rows, title)
    if form is Format.CSV:
        return _print_csv(columns, rows)
    return _print_json(columns, rows)


def rows_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None = None) -> Table:
    """Rows as a table, numbers to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        numeric = any(isinstance(row[index], int | float | Decimal) for row in rows)
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(to_text(cell))) for cell in row))
    return table


def print_records(
    records: Sequence[Mapping[str, Any]], columns: Sequence[str], form: Format, *, title: str | None = None
) -> None:
    """Print some keys of each record."""
    print_rows(columns, ([record[name] for name in columns] for record in records), form, title=title)


def print_json(value: Any) -> None:
    """Print one JSON document; times are ISO 8601 in UTC."""
    text = json.dumps(to_json(value), indent=2, ensure_ascii=False)
    print(printable(text) if sys.stdout.isatty() else text)


def to_json(value: Any) -> Any:
    """A value as JSON can hold it: what JSON has no number for is text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(Decimal(value))
        case Decimal():
            return _number(value)
        case datetime() | date() | timedelta():
            return to_text(value)
        case Mapping():
            return {str(key): to_json(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [to_json(item) for item in value]
        case _:
            return to_text(value)


def to_text(value: Any) -> str:
    """A value in words: UTC times as 2024-01-01T00:00:00Z, documents as JSON, nothing as ''."""
    match value:
        case None:
            return ""
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case datetime() | date():
            return value.isoformat()
        case bool():
            return "true" if value else "false"
        case Mapping() | list() | tuple():
            return json.dumps(to_json(value), ensure_ascii=False)
        case bytes() | bytearray() | memoryview():
            return f"\\x{bytes(value).hex()}"
        case _:
            return str(value)


def duration(seconds: float | None) -> str:
    """A length of time in its two largest units: 42 s, 3 min 20 s, 5 h 10 min, 12 d 3 h."""
    if seconds is None:
        return ""
    sign, left = ("-" if seconds < 0 else ""), round(abs(seconds))
    parts = []
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count} {unit}")
    return sign + " ".join(parts[:2]) if parts else "0 s"


def without_secrets(text: str) -> str:
    """The text without any password: those of the environment, and whatever looks like one."""
    for secret in sorted(_known_secrets(), key=len, reverse=True):
        text = text.replace(secret, "***")
    return _WORD_PASSWORD.sub(r"\1***", _URL_PASSWORD.sub(r"\1:***@", text))


def _known_secrets() -> set[str]:
    found: set[str] = set()
    sinks = [name for name in os.environ if name.upper().startswith("ALPHAPULSE_ALERTS__SINKS__")]
    for name in (*_SECRETS, *(each for each in sinks if each.upper().endswith(("URL", "TOKEN", "PASSWORD")))):
        value = os.environ.get(name, "")
        passwords = [match[2] for match in _URL_PASSWORD.finditer(value)]
        passwords += [match[2].strip("'") for match in _WORD_PASSWORD.finditer(value)]
        found |= {value, *passwords, *map(unquote, passwords)}
    return {secret for secret in found if len(secret) > 2}


def _number(value: Decimal) -> int | float | str:
    if not value.is_finite():
        return str(value)
    return int(value) if value == value.to_integral_value() else float(value)


def _print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None) -> int:
    kept = [tuple(row) for row in rows]
    console().print(rows_table(columns, kept, title))
    return len(kept)


def _print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    writer, count = csv.writer(sys.stdout, lineterminator="\n"), 0
    shown = printable if sys.stdout.isatty() else str  # a file gets what there is
    writer.writerow(columns)
    for row in rows:
        writer.writerow([shown(to_text(cell)) for cell in row])
        count += 1
    return count


def _print_json(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """One array of objects, written row by row."""
    count = 0
    shown = printable if sys.stdout.isatty() else str
    sys.stdout.write("[")
    for count, row in enumerate(rows, 1):
        record = dict(zip(columns, map(to_json, row), strict=True))
        sys.stdout.write(("," if count > 1 else "") + "\n  " + shown(json.dumps(record, ensure_ascii=False)))
    sys.stdout.write("\n]\n" if count else "]\n")
    return count
