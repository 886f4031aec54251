"""Since when what rests at a price has been resting there, as far as it can be known. Pure."""

from typing import NamedTuple


class Seen(NamedTuple):
    """Since when a level rests (the venue's clock); not `exact`: it may have rested for longer."""

    since: float
    exact: bool
    size: float  # then


class LevelAges:
    """One side of a book. Levels that never changed since the book was loaded need no room.

    Args:
        kept: share of a size that must have been there before for the level to be as old as that.
    """

    def __init__(self, kept: float) -> None:
        self._kept = kept
        self._loaded = 0.0
        self._seen: dict[float, Seen] = {}

    def load(self, ts: float) -> None:
        """All that rests now was there before it was looked at."""
        self._loaded = ts
        self._seen.clear()

    def change(self, price: float, before: float, now: float, ts: float, *, in_sight: bool) -> None:
        """A level's size changed; `in_sight`: the place could be seen until then."""
        if not now:
            self._seen.pop(price, None)
            return
        if not before:
            self._seen[price] = Seen(ts, in_sight, now)
            return
        seen = self._seen.get(price) or Seen(self._loaded, False, before)
        if min(before, seen.size) < self._kept * now:  # most of it is new
            seen = Seen(ts, True, now)
        self._seen[price] = seen

    def of(self, price: float, size: float) -> Seen:
        """Since when a level of a size rests."""
        return self._seen.get(price) or Seen(self._loaded, False, size)

    def forget(self, price: float) -> None:
        """Nothing more is told of a price."""
        self._seen.pop(price, None)
