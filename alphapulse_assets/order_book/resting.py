"""What rests where: sizes by price, so that a diff of absolute sizes tells what changed. Pure."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from alphapulse_assets.order_book.kernels import BIDS
from alphapulse_resources.streams.messages import Levels


class RestingSizes:
    """Sizes by price on one side of a book. Keys are as in `kernels`, kept in order with the worst first."""

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

    def change(self, levels: Levels) -> Iterator[tuple[float, float, float]]:
        """Set sizes; yields (price, size before, size now) for those that differ."""
        for price, size in levels:
            before = self._sizes.get(price, 0.0)
            if size == before:
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

    def forget_beyond(self, worst: float) -> Iterator[tuple[float, float]]:
        """Drop the levels beyond a price, of which nothing more is told; yields their (price, size)."""
        while self._keys and self._keys[0] < self._sign * worst:
            price = self._sign * self._keys.pop(0)
            yield price, self._sizes.pop(price)
