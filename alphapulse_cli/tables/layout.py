"""Which columns of a table fit a width, and how wide each is. Pure.

Texts give way first, down to `NARROW`; then columns go, in the order that was asked for and then from the
end. What stays has the width of its name at least: no column is ever so narrow that it tells nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

GAP: Final = 2
"""Blanks between two columns."""
NARROW: Final = 12
"""What a column of texts keeps at least, in characters (ours)."""
BROAD: Final = 48
"""What a column of texts has when there is no need to save nor room to waste (ours)."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column before it is laid out; widths in cells of a terminal."""

    name: str
    head: int
    body: int  # the widest cell
    text: bool  # may be cut

    @property
    def natural(self) -> int:
        """The width at which nothing is cut."""
        return max(self.head, self.body, 1)

    @property
    def least(self) -> int:
        """The width below which it had better go."""
        return max(self.head, min(self.body, NARROW), 1) if self.text else self.natural


def fit(columns: Sequence[Column], width: int, drop_first: Sequence[str] = ()) -> list[tuple[int, int]]:
    """Index and width of each column that is shown in `width` cells; the rest does not fit.

    The first column that is not to be dropped always stays, cut where even it alone is too wide.
    """
    shown = list(range(len(columns)))
    for index in _going(columns, drop_first):
        if _total([columns[i].least for i in shown]) <= width or len(shown) == 1:
            break
        shown.remove(index)
    widths = {i: min(columns[i].natural, max(BROAD, columns[i].least)) for i in shown}
    _shrink(columns, widths, width)
    _stretch(columns, widths, width)
    if len(shown) == 1:
        widths[shown[0]] = min(widths[shown[0]], max(width, 1))
    return [(i, widths[i]) for i in shown]


def _going(columns: Sequence[Column], drop_first: Sequence[str]) -> list[int]:
    """Columns in the order in which they go: as asked, then empty ones, then from the end."""
    by_name = {column.name: index for index, column in enumerate(columns)}
    asked = [by_name[name] for name in drop_first if name in by_name]
    rest = [index for index in reversed(range(len(columns))) if index not in asked]
    empty = [index for index in rest if columns[index].body == 0]
    return [*asked, *empty, *(index for index in rest if index not in empty)]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * max(len(widths) - 1, 0)


def _shrink(columns: Sequence[Column], widths: dict[int, int], width: int) -> None:
    """Take from the broadest texts, a cell at a time, until all fits."""
    over = _total([*widths.values()]) - width
    while over > 0:
        able = [i for i in widths if widths[i] > columns[i].least]
        if not able:
            return
        broadest = max(able, key=lambda i: widths[i])
        widths[broadest] -= 1
        over -= 1


def _stretch(columns: Sequence[Column], widths: dict[int, int], width: int) -> None:
    """Give what is left to texts that are cut, the least cut ones first."""
    left = width - _total([*widths.values()])
    cut = [i for i in widths if widths[i] < columns[i].natural]
    for index in sorted(cut, key=lambda i: columns[i].natural - widths[i]):
        more = min(columns[index].natural - widths[index], max(left, 0))
        widths[index] += more
        left -= more
