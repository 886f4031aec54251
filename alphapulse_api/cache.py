"""Answers kept for a short time, and one question at a time for all that ask the same."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(slots=True)
class _Flight(Generic[Value]):
    task: "asyncio.Task[Value]"
    waiting: int = 0


@dataclass(slots=True)
class Counted:
    """How often it was asked, and how often somebody had the answer: kept, or on its way."""

    hits: int = 0
    shared: int = 0
    misses: int = 0


class Cache(Generic[Value]):
    """Values by key until their time is over, the least used ones leaving first where there is no room.

    Of one event loop. Whoever asks what is being asked waits for the same answer; when all of them have left,
    the question is cancelled.
    """

    def __init__(self, most_bytes: int, size_of: Callable[[Value], int]) -> None:
        self._most, self._size_of = most_bytes, size_of
        self._kept: OrderedDict[Hashable, tuple[float, Value]] = OrderedDict()
        self._flights: dict[Hashable, _Flight[Value]] = {}
        self.bytes = 0
        self.counted = Counted()

    async def get(self, key: Hashable, seconds: float, ask: Callable[[], Awaitable[Value]]) -> Value:
        """The value of a key, asked for if it is not known; it is good for so many seconds from then."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] > time.monotonic():
            self._kept.move_to_end(key)
            self.counted.hits += 1
            return kept[1]
        flight = self._flights.get(key)
        if flight is None:
            self.counted.misses += 1
            flight = self._flights[key] = _Flight(asyncio.ensure_future(self._asked(key, seconds, ask)))
            flight.task.add_done_callback(lambda task: self._landed(key, task))
        else:
            self.counted.shared += 1
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._flights.pop(key, None)
                flight.task.cancel()

    def _landed(self, key: Hashable, task: "asyncio.Task[Value]") -> None:
        flight = self._flights.get(key)
        if flight is not None and flight.task is task:
            del self._flights[key]
        if not task.cancelled():
            task.exception()  # seen: those that wait have it

    async def _asked(self, key: Hashable, seconds: float, ask: Callable[[], Awaitable[Value]]) -> Value:
        value = await ask()
        size = self._size_of(value)
        if seconds > 0 and size <= self._most / 4:
            self._drop(key)
            self._kept[key] = (time.monotonic() + seconds, value)
            self.bytes += size
            while self.bytes > self._most:
                self._drop(next(iter(self._kept)))
        return value

    def _drop(self, key: Hashable) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.bytes -= self._size_of(kept[1])
