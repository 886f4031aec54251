"""Rows as a table that fits wherever it is printed: a terminal of any width, a pipe, a live screen."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from alphapulse_cli.tables import cells
from alphapulse_cli.tables.layout import GAP, Column, fit
from alphapulse_cli.values import to_text

NAMED: Final = 3
"""Columns without room that are named; of more only the number is told (ours)."""
KEYS: Final = frozenset({"venue", "symbol", "timeframe"})
"""Columns that say what a row is about, and are never cut: a spot market is no perpetual."""


class Shape(StrEnum):
    """How much of a table is shown."""

    FITTING = "fitting"  # as many columns as there is room for
    EVERYTHING = "everything"  # all columns and whole cells, however wide
    VERTICAL = "vertical"  # one record below the other


class Grid:
    """A table as something that rich prints; laid out for the width of the console that it is printed on.

    Cells are values, or Texts of those who know better. Where the output is no terminal nothing is cut or
    shortened, whatever `shape` says but VERTICAL. `drop_first` are the columns that go first where there is
    no room, `more` says how to see them all the same. The last column goes on in further lines where it
    `wraps`. To print EVERYTHING needs `crop=False`.
    """

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        title: str | None = None,
        shape: Shape = Shape.FITTING,
        drop_first: Sequence[str] = (),
        more: str = "--format csv",
        wraps: bool = False,
        now: datetime | None = None,
    ) -> None:
        self._columns, self._rows, self._title, self._shape = columns, rows, title, shape
        self._drop_first, self._more, self._now = drop_first, more, now or datetime.now(UTC)
        self._wraps = wraps

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._title:
            yield Text(self._title, style="bold")
        if self._shape is Shape.VERTICAL:
            yield from self._records(options.max_width, short=console.is_terminal)
        elif console.is_terminal and self._shape is Shape.FITTING:
            yield from self._fitting(options.max_width)
        else:
            yield from self._whole(short=console.is_terminal)

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def summary(self) -> str:
        """How many rows there are, and the zone of their times where there are some."""
        utc = "; times are in UTC" if any(map(cells.has_time, self._values())) else ""
        return f"{self.height} row{'' if self.height == 1 else 's'}{utc}"

    def _values(self) -> list[list[Any]]:
        return [[row[index] for row in self._rows] for index in range(len(self._columns))]

    def _words(self) -> list[list[Text]]:
        values = self._values()
        finely = cells.finely(values)
        return [cells.words(column, self._now, finely=finely) for column in values]

    def _fitting(self, width: int) -> Iterator[Text]:
        worded = self._words()
        shown = fit(self._measured(worded), width, self._drop_first)
        yield from self._lines(worded, shown)
        left_out = [name for i, name in enumerate(self._columns) if i not in {index for index, _ in shown}]
        if left_out:
            yield Text(self._left_out(left_out, width), style="dim", no_wrap=True, overflow="crop")

    def _left_out(self, names: Sequence[str], width: int) -> str:
        count = f"+{len(names)} column{'s' if len(names) > 1 else ''}"
        named = f"({count}: {', '.join(names)}; {self._more})"
        return named if len(names) <= NAMED and len(named) <= width else f"({count}: {self._more})"

    def _whole(self, *, short: bool) -> Iterator[Text]:
        """All columns, as wide as they are; with `short` their numbers and times in few digits."""
        worded = [
            [
                cells.full(value) if not short or isinstance(value, dict | list | tuple) else word
                for value, word in zip(values, words, strict=True)
            ]
            for values, words in zip(self._values(), self._words(), strict=True)
        ]
        shown = [(index, column.natural) for index, column in enumerate(self._measured(worded))]
        yield from self._lines(worded, shown)

    def _measured(self, worded: Sequence[Sequence[Text]]) -> list[Column]:
        return [
            Column(
                name,
                cell_len(cells.one_line(name)),
                max((cell_len(cell.plain) for cell in column), default=0),
                text=not self._exact(index),
            )
            for index, (name, column) in enumerate(zip(self._columns, worded, strict=True))
        ]

    def _exact(self, index: int) -> bool:
        """Whether the cells of a column would tell something else when cut: numbers, times, styled ones."""
        if self._columns[index] in KEYS:
            return True
        return any(
            cells.is_number(cell)
            or isinstance(cell, datetime)
            or (isinstance(cell, Text) and (cell.no_wrap or _is_right(cell)))
            for cell in self._column(index)
        )

    def _lines(self, worded: Sequence[Sequence[Text]], shown: Sequence[tuple[int, int]]) -> Iterator[Text]:
        right = {index for index, _ in shown if any(map(cells.is_number, self._column(index)))}
        right |= {index for index, _ in shown if any(_is_right(cell) for cell in worded[index])}
        head = [
            _placed(Text(cells.one_line(self._columns[i]), style="bold"), w, i in right) for i, w in shown
        ]
        yield _joined(head)
        yield Text(
            "─" * (sum(width for _, width in shown) + GAP * (len(shown) - 1)), style="dim", no_wrap=True
        )
        for number in range(len(self._rows)):
            cut = [(worded[i][number], width, i in right) for i, width in shown]
            further = _folded(*cut[-1][:2]) if self._wraps and cut else []
            if len(further) > 1:
                cut[-1] = (further[0], *cut[-1][1:])
            yield _joined([_placed(*each) for each in cut])
            margin = " " * sum(width + GAP for _, width in shown[:-1])
            yield from (_no_wrap(Text.assemble(margin, each)) for each in further[1:])

    def _column(self, index: int) -> list[Any]:
        return [row[index] for row in self._rows]

    def _records(self, width: int, *, short: bool) -> Iterator[Text]:
        worded = self._words()
        names = [cells.one_line(name) for name in self._columns]
        margin = max(map(cell_len, names), default=0) + GAP
        for number, row in enumerate(self._rows):
            yield Text(f"─ {number + 1} ".ljust(min(width, 40), "─"), style="dim")
            for index, name in enumerate(names):
                plain = isinstance(row[index], str | dict | list | tuple)
                text = worded[index][number] if short and not plain else _lasting(row[index])
                yield from _hanging(name, text, margin, width)


def _lasting(value: Any) -> Text:
    return value if isinstance(value, Text) else Text(cells.printable(to_text(value)))


def _hanging(name: str, text: Text, margin: int, width: int) -> Iterator[Text]:
    """A name and beside it a text of any length, whose further lines stand below its first."""
    room = max(width - margin, 20)
    for number, each in enumerate(_folded(text, room)):
        yield _no_wrap(Text.assemble((name if number == 0 else "").ljust(margin), each))


def _folded(text: Text, room: int) -> list[Text]:
    """A text in lines of at most so many cells, broken between words where there are some."""
    lines: list[Text] = []
    for part in text.split("\n", allow_blank=True) or [Text()]:
        while cell_len(part.plain) > room:
            blank = part.plain.rfind(" ", 0, room + 1)
            cut = blank if blank > room // 2 else room
            lines.append(part[:cut])
            part = part[cut:]
            part.plain = part.plain.lstrip()
        lines.append(part)
    return lines


def _is_right(cell: Text) -> bool:
    return cell.justify == "right"


def _placed(cell: Text, width: int, right: bool) -> Text:
    placed = cell.copy()
    placed.justify = None
    placed.truncate(width, overflow="ellipsis")
    blanks = width - cell_len(placed.plain)
    if right:
        placed.pad_left(blanks)
    else:
        placed.pad_right(blanks)
    return placed


def _joined(placed: Sequence[Text]) -> Text:
    line = Text(" " * GAP).join(placed)
    line.rstrip()
    return _no_wrap(line)


def _no_wrap(line: Text) -> Text:
    line.no_wrap, line.overflow = True, "ignore"
    return line
