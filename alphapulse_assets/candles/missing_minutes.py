"""Which minutes of one symbol are over without a candle, and when to say so. Pure.

Minutes are open times in milliseconds since 1970 UTC, `at` is seconds since 1970 by our clock.
"""

from collections.abc import Callable
from typing import Final

MINUTE_MS: Final = 60_000

REPEATS: Final = (10.0, 60.0, 300.0)
"""Seconds until a minute that still has no candle is told again; after the last it is the batch's (ours)."""

LONGEST: Final = 120
"""Minutes that are looked back at most: what is missing longer is the batch's to repair (ours)."""


class MissingMinutes:
    """The minutes from `first` on that have to come."""

    def __init__(self, first: int) -> None:
        self._next = first  # the first minute that was not looked at yet
        self._settled: set[int] = set()  # of those from `_next` on
        self._absent: dict[int, tuple[int, float]] = {}  # how often told, when to tell again

    def settle(self, minute: int) -> None:
        """The candle of a minute came, or it is known that there is none."""
        self._absent.pop(minute, None)
        if minute >= self._next:
            self._settled.add(minute)

    def doubt(self, minute: int) -> None:
        """The candle that came may be wrong: to be told as if it had not come."""
        self._settled.discard(minute)
        if minute < self._next:
            self._absent.setdefault(minute, (0, 0.0))

    def due(self, until: float, at: float, *, once: Callable[[int], bool]) -> list[int]:
        """Minutes that ended before `until` and are to be told now, oldest first; `once`: never again."""
        self._look(until)
        told = sorted(minute for minute, (_, again) in self._absent.items() if at >= again)
        for minute in told:
            times, _ = self._absent[minute]
            if times >= len(REPEATS) or once(minute):
                del self._absent[minute]
            else:
                self._absent[minute] = (times + 1, at + REPEATS[times])
        return told

    def _look(self, until: float) -> None:
        end = int(until // MINUTE_MS) * MINUTE_MS
        for minute in range(max(self._next, end - LONGEST * MINUTE_MS), end, MINUTE_MS):
            if minute not in self._settled:
                self._absent[minute] = (0, 0.0)
        if end > self._next:
            self._next = end
            self._settled = {minute for minute in self._settled if minute >= end}
