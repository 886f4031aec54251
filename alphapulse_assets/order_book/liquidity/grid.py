"""Resting notional on a grid of log prices, as a mean over time in which the past fades. Pure."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.order_book.book.kernels import BIDS
from alphapulse_assets.order_book.book.peaks import Floats


@dataclass(slots=True)
class _Cell:
    resting: float = 0.0  # notional now
    levels: int = 0
    total: float = 0.0  # integral of notional over known time, weighed by age
    weight: float = 0.0  # integral of that weight
    at: float = 0.0  # of the two integrals


class RestingGrid:
    """One side of a book. A change costs O(1): a cell is brought up to date when it is touched or read.

    Cell i holds prices around anchor x exp(i x width). Its value is the integral of resting notional times
    exp(-age / memory) over the time in which it was known, divided by the integral of the weight (ours): a
    mean, so neither a start nor a gap looks like emptiness.
    """

    def __init__(self, side: int, anchor: float, width_bps: float, memory: float) -> None:
        self.anchor = anchor
        self._origin = math.log(anchor)  # a quotient of prices may be too large or small for a number
        self._side = side
        self._width = math.log1p(width_bps / 1e4)
        self._memory = memory
        self._cells: dict[int, _Cell] = {}
        self._empty = _Cell()  # what a cell within the horizon is that never held anything
        self._known = False

    def index(self, price: float) -> int:
        """The cell of a price."""
        return round((math.log(price) - self._origin) / self._width)

    def edges(self, first: int, last: int) -> tuple[float, float]:
        """Lowest and highest price of the cells `first`..`last`."""
        low, high = (first - 0.5) * self._width, (last + 0.5) * self._width
        return self.anchor * math.exp(low), self.anchor * math.exp(high)

    def begin(self, at: float) -> None:
        """The side is known from now on, and empty until told of levels."""
        for cell in (self._empty, *self._cells.values()):
            self._advance(cell, at)
            cell.resting, cell.levels = 0.0, 0
        self._known = True

    def resume(self, at: float) -> None:
        """The side is known from now on, and was proven to be what it was at the `end`."""
        for cell in (self._empty, *self._cells.values()):
            self._advance(cell, at)
        self._known = True

    def load(self, prices: Floats, notionals: Floats, at: float, was_known: NDArray[np.bool_]) -> None:
        """Many new levels at once, as `change` takes them one by one."""
        indices = np.rint((np.log(prices) - self._origin) / self._width).astype(np.int64)
        cells, first, places = np.unique(indices, return_index=True, return_inverse=True)
        totals = np.bincount(places, notionals, len(cells)).tolist()
        counts = np.bincount(places, minlength=len(cells)).tolist()
        for index, known, total, count in zip(
            cells.tolist(), was_known[first].tolist(), totals, counts, strict=True
        ):
            cell = self._cell(index, at, was_known=known)
            cell.levels += count
            cell.resting += total

    def end(self, at: float) -> None:
        """The side is not known from now on."""
        for cell in (self._empty, *self._cells.values()):
            self._advance(cell, at)
        self._known = False

    def change(self, price: float, before: float, now: float, at: float, *, was_known: bool) -> None:
        """A level's notional went from `before` to `now`; `was_known`: the price was within the horizon."""
        cell = self._cell(self.index(price), at, was_known=was_known)
        cell.levels += (now > 0.0) - (before > 0.0)
        cell.resting = cell.resting + now - before if cell.levels > 0 else 0.0

    def profile(self, mid: float, cells: int, horizon: float, at: float) -> Floats:
        """Values from the cell of mid outwards: shape (cells,), quote units; NaN beyond the horizon price.

        What is beyond the horizon is forgotten too, as it is not told of reliably.
        """
        outward = -1 if self._side == BIDS else 1
        start = self.index(mid)
        whole = horizon in (0.0, math.inf)
        edge = outward * math.inf if whole else self.index(horizon)  # known in part
        for index in [i for i in self._cells if i * outward > edge * outward]:
            del self._cells[index]
        values = np.zeros(cells)
        for rank in range(cells):
            index = start + outward * rank
            if index * outward >= edge * outward:
                values[rank] = np.nan
            elif (cell := self._cells.get(index)) is not None:
                self._advance(cell, at)
                values[rank] = cell.total / cell.weight if cell.weight > 0.0 else cell.resting
        self._drop_faded(at)
        return values

    def _cell(self, index: int, at: float, *, was_known: bool) -> _Cell:
        """A cell as of now; a new one was empty as long as its price was known."""
        cell = self._cells.get(index)
        if cell is None:
            cell = self._cells[index] = _Cell(at=at)
            if was_known:
                self._advance(self._empty, at)
                cell.weight = self._empty.weight
        self._advance(cell, at)
        return cell

    def _drop_faded(self, at: float) -> None:
        """Forget cells that have long been empty; they are as good as never used."""
        long_ago = at - 20.0 * self._memory
        for index in [i for i, cell in self._cells.items() if not cell.levels and cell.at < long_ago]:
            del self._cells[index]

    def _advance(self, cell: _Cell, at: float) -> None:
        elapsed = max(at - cell.at, 0.0)
        fade = math.exp(-elapsed / self._memory)
        gained = self._memory * (1.0 - fade) if self._known else 0.0
        cell.total = cell.total * fade + cell.resting * gained
        cell.weight = cell.weight * fade + gained
        cell.at = max(at, cell.at)
