"""What rests where: sizes by price, so that a diff of absolute sizes tells what changed. Pure."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from alphapulse_assets.order_book.kernels import BIDS, LARGEST, SMALLEST
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

    def items(self) -> Iterator[tuple[float, float]]:
        """(price, size) of all levels."""
        return iter(self._sizes.items())

    def load(self, levels: Levels) -> None:
        """Replace everything; of a price told twice the later counts. Sorted once, however many there are."""
        held = {price: size for price, size in levels if _possible(price, size)}
        self._sizes = {price: size for price, size in held.items() if size} if 0.0 in held.values() else held
        self._keys = sorted(self._sizes if self._sign > 0.0 else map(float.__neg__, self._sizes))

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
