"""When the state of a watched book is due: at once, and then at most once in an interval. Pure."""

import math
from typing import Final

_EARLY: Final = 0.1
"""Share of the interval that a state may come early: venues send a little unevenly (ours)."""


class LiveBeat:
    """One book's. `seconds`: the shortest time between two states."""

    __slots__ = ("_changed", "_least", "_told_at", "_watched")

    def __init__(self, seconds: float) -> None:
        self._least = seconds * (1 - _EARLY)
        self._told_at = -math.inf
        self._changed = False
        self._watched = False

    def due(self, at: float, *, watched: bool, changed: bool) -> bool:
        """Whether to tell now. Who has just begun to watch is told a state that did not change, too."""
        if not watched:
            self._watched = False
            return False
        if not self._watched:
            self._watched, self._changed = True, True
        self._changed |= changed
        if not self._changed or 0 <= at - self._told_at < self._least:
            return False
        self._told_at, self._changed = at, False
        return True
