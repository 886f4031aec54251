"""How the command line speaks: tables for people, JSON and CSV for programs, one clear line for an error."""

import csv
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote

from rich.console import Console
from rich.text import Text

from alphapulse_cli.errors import CommandError
from alphapulse_cli.tables import Grid, Shape
from alphapulse_cli.values import duration as duration
from alphapulse_cli.values import to_json as to_json
from alphapulse_cli.values import to_text as to_text
from alphapulse_resources.names import printable

WIDE: Final = 4000
"""Columns of an output that is no terminal: a table in a file or pipe is never wrapped."""

MORE: Final = "--format wide, vertical or csv"
"""How to see columns for which there was no room, of commands that have this option."""

_URL_PASSWORD: Final = re.compile(r"(?<=://)([^\s:/?#]*):(\S+)@")
_WORD_PASSWORD: Final = re.compile(r"(?i)(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)")
_SECRETS: Final = ("ALPHAPULSE_DSN", "ALPHAPULSE_ANALYSTS__PASSWORD", "ALPHAPULSE_ALERTS__WEBHOOK_URL")


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"  # as many columns as there is room for
    WIDE = "wide"  # all columns and whole cells, however wide
    VERTICAL = "vertical"  # one record below the other
    JSON = "json"
    CSV = "csv"

    @property
    def for_people(self) -> bool:
        """Whether it is to be read: with few digits, short times, and not without end."""
        return self in _SHAPES


_SHAPES: Final = {
    Format.TABLE: Shape.FITTING,
    Format.WIDE: Shape.EVERYTHING,
    Format.VERTICAL: Shape.VERTICAL,
}


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


def hint(message: str) -> None:
    """Print a word beside the result, without secrets: what else one may want to know."""
    notes().print(Text(without_secrets(message), style="dim"))


def parse_format(text: str) -> Format:
    """The output format of that name."""
    try:
        return Format(text)
    except ValueError:
        raise CommandError(f"format {text!r} is not known: use {', '.join(Format)}") from None


def print_rows(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    form: Format,
    *,
    title: str | None = None,
    drop_first: Sequence[str] = (),
    more: str = MORE,
    wraps: bool = False,
) -> int:
    """Print rows in the form asked for as they come; returns how many there were.

    `drop_first` are the columns that go first where there is no room, `more` says how to see them; the last
    column `wraps`, where it is to be read whole.
    """
    if form.for_people:
        kept = [tuple(row) for row in rows]
        return _print_table(
            Grid(
                columns,
                kept,
                title=title,
                shape=_SHAPES[form],
                drop_first=drop_first,
                more=more,
                wraps=wraps,
            )
        )
    if form is Format.CSV:
        return _print_csv(columns, rows)
    return _print_json(columns, rows)


def print_records(
    records: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    form: Format,
    *,
    title: str | None = None,
    drop_first: Sequence[str] = (),
    wraps: bool = False,
) -> None:
    """Print some keys of each record."""
    rows = ([record[name] for name in columns] for record in records)
    print_rows(columns, rows, form, title=title, drop_first=drop_first, wraps=wraps)


def print_json(value: Any) -> None:
    """Print one JSON document; times are ISO 8601 in UTC."""
    text = json.dumps(to_json(value), indent=2, ensure_ascii=False)
    print(printable(text) if sys.stdout.isatty() else text)


def without_secrets(text: str) -> str:
    """The text without any password: those of the environment, and whatever looks like one."""
    for secret in sorted(_known_secrets(), key=len, reverse=True):
        text = text.replace(secret, "***")
    return _WORD_PASSWORD.sub(r"\1***", _URL_PASSWORD.sub(r"\1:***@", text))


def _known_secrets() -> set[str]:
    found: set[str] = set()
    for name in _SECRETS:
        value = os.environ.get(name, "")
        passwords = [match[2] for match in _URL_PASSWORD.finditer(value)]
        passwords += [match[2].strip("'") for match in _WORD_PASSWORD.finditer(value)]
        found |= {value, *passwords, *map(unquote, passwords)}
    return {secret for secret in found if len(secret) > 2}


def _print_table(grid: Grid) -> int:
    out = console()
    out.print(grid, crop=False)  # what is asked for however wide is not cut at the edge
    if out.is_terminal:  # what reads a pipe counts for itself
        out.print(Text(grid.summary(), style="dim"))
    return grid.height


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
