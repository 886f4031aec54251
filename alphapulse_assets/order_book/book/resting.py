"""What rests where: sizes by price, so that a diff of absolute sizes tells what changed. Pure."""

from bisect import bisect_left, insort
from collections.abc import Iterator

import numpy as np

from alphapulse_assets.order_book.book.kernels import BIDS, LARGEST, SMALLEST, Floats
from alphapulse_resources.streams.messages import Levels


class RestingSizes:
    """Sizes by price on one side of a book. Keys are as in `kernels`, kept in order with the worst first.

    A price or size that no market has (NaN, infinite, negative) changes nothing.
    """

    __slots__ = ("_keys", "_sign", "_sizes")

    def __init__(self, side: int) -> None:
        self._sign = 1.0 if side == BIDS else -1.0
        self._sizes: dict[float, float] = {}  # by price
        self._keys: list[float] = []

    def clear(self) -> None:
        """Nothing rests anywhere, as far as is known."""
        self._sizes.clear()
        self._keys.clear()

    def at(self, price: float) -> float:
        """Size at a price; 0 if there is none."""
        return self._sizes.get(price, 0.0)

    def arrays(self) -> tuple[Floats, Floats]:
        """Prices and sizes of all levels."""
        n = len(self._sizes)
        return np.fromiter(self._sizes.keys(), np.float64, n), np.fromiter(
            self._sizes.values(), np.float64, n
        )

    def load(self, levels: Levels) -> None:
        """Replace everything; of a price told twice the later counts. Sorted once, however many there are."""
        self._sizes = dict(levels)
        prices, sizes = self.arrays()
        priced = (prices >= SMALLEST) & (prices <= LARGEST)
        if not (priced & (sizes >= SMALLEST) & (sizes <= LARGEST)).all():
            self._sizes = {p: s for p, s in levels if _possible(p, s)}
            self._sizes = {p: s for p, s in self._sizes.items() if s}
            prices, _ = self.arrays()
        self._keys = np.sort(self._sign * prices).tolist()

    def change(self, levels: Levels) -> Iterator[tuple[float, float, float]]:
        """Set sizes; yields (price, size before, size now) for those that differ."""
        for price, size in levels:
            before = self._sizes.get(price, 0.0)
            if size == before or not _possible(price, size):
                continue
            key = self._sign * price
            if not size:
                del self._sizes[price]
                del self._keys[bisect_left(self._keys, key)]
            else:
                if not before:
                    insort(self._keys, key)
                self._sizes[price] = size
            yield price, before, size

    def forget_beyond(self, worst: float) -> list[tuple[float, float]]:
        """Drop the levels beyond a price, of which nothing more is told; their (price, size), worst first."""
        if not self._keys or self._keys[0] >= (limit := self._sign * worst):
            return []
        beyond = bisect_left(self._keys, limit)
        prices = [self._sign * key for key in self._keys[:beyond]]
        del self._keys[:beyond]
        return [(price, self._sizes.pop(price)) for price in prices]


def _possible(price: float, size: float) -> bool:
    """Whether a market can have it; NaN is in no range."""
    return SMALLEST <= price <= LARGEST and (size == 0.0 or SMALLEST <= size <= LARGEST)
