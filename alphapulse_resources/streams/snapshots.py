"""REST order books for the books of one market: one queue, paced below the venue's limit, never hammering.

`request`, `cancel` and the callbacks belong to the thread of the loop that runs `run`.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from alphapulse_resources.venues.model import ErrorKind, VenueError
from alphapulse_resources.venues.pacing import Pace, back_off
from alphapulse_resources.venues.registry import Bucket

log = logging.getLogger(__name__)

UNNAMED_BAN: Final = 60.0
"""Seconds to stay away where a ban names none: a window of the venues' limits (ours)."""


class BookWanted(Protocol):
    """A request for a book, such as `order_book.events.SnapshotRequest`."""

    @property
    def symbol(self) -> str:
        """The venue's own name."""

    @property
    def attempt(self) -> int:
        """How many times in a row this book has asked, from 1."""


@dataclass(frozen=True, slots=True)
class SnapshotOptions:
    """How fast a queue may ask. Defaults are ours."""

    budget: Bucket  # of the venue, see venues/registry.py
    weight: float  # of the dearest book there may be, see venues/depth.py
    share: float = 0.5  # of our part of the budget, the rest being for candles; several queues divide it
    at_once: int = 4  # requests under way
    jitter: float = 1.0  # seconds over which first requests are spread
    first_back_off: float = 1.0
    longest_back_off: float = 60.0

    @property
    def rate(self) -> float:
        """Weight a second."""
        return self.share * self.budget.rate

    @property
    def burst(self) -> float:
        """Weight at once; at least one book."""
        return max(self.weight, self.share * self.budget.burst)


@dataclass(slots=True, eq=False)
class _Wanted:
    """One symbol's place in the queue."""

    symbol: str
    attempt: int
    due: float  # the loop's clock
    failures: int = 0
    under_way: bool = False
    cancelled: bool = False


@dataclass(slots=True)
class SnapshotCounts:
    """What a queue has done."""

    requested: int = 0
    delivered: int = 0
    failed: int = 0


class SnapshotQueue:
    """Fetches books for symbols until they are delivered or cancelled.

    A book that asks again (its snapshot was too old) waits longer each time, and so does a symbol whose
    request failed; a ban, or a host that is down, halts the whole queue for as long as the venue or the
    breaker says.

    Args:
        fetch: a symbol's book, blocking, run in a thread; raises `VenueError`. Its limiter should refuse long
            waits rather than sleep (`max_wait` of some seconds): a thread that sleeps cannot be stopped.
        deliver: told symbol, body and receipt (epoch seconds); an exception counts as a failed request.
        requested: told symbol and time (epoch seconds) when a request goes out.
        failed: told symbol and error; the queue tries again by itself.
        chance: where jitter comes from.
    """

    def __init__(
        self,
        fetch: Callable[[str], bytes],
        deliver: Callable[[str, bytes, float], None],
        *,
        requested: Callable[[str, float], None],
        failed: Callable[[str, Exception], None],
        options: SnapshotOptions,
        chance: random.Random | None = None,
    ) -> None:
        self.counts: Final = SnapshotCounts()
        self.weight = options.weight  # of one book from now on
        self._fetch = fetch
        self._deliver = deliver
        self._requested = requested
        self._failed = failed
        self._options = options
        self._chance = chance or random.Random()
        self._pace = Pace(options.rate, options.burst)
        self._wanted: dict[str, _Wanted] = {}
        self._under_way = 0
        self._changed = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Symbols without their book, those under way included."""
        return len(self._wanted)

    def request(self, request: BookWanted) -> None:
        """Want a symbol's book; nothing changes if it is wanted already."""
        if request.symbol in self._wanted:
            return
        options = self._options
        again = back_off(request.attempt - 1, options.first_back_off, options.longest_back_off, self._chance)
        wait = again or self._chance.uniform(0.0, options.jitter)
        due = time.monotonic() + wait
        self._wanted[request.symbol] = _Wanted(request.symbol, request.attempt, due)
        self._changed.set()

    def cancel(self, symbol: str) -> None:
        """The symbol's book is not wanted any more; one that is under way is not delivered."""
        if (wanted := self._wanted.pop(symbol, None)) is not None:
            wanted.cancelled = True
            self._changed.set()

    async def run(self) -> None:
        """Serve requests until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._changed.clear()
                wait = self._start_next(group)
                if wait != 0.0:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._changed.wait(), wait)

    def _start_next(self, group: asyncio.TaskGroup) -> float | None:
        """Start what is due first: 0 if that was done, else seconds until it may be (None: unknown)."""
        idle = [wanted for wanted in self._wanted.values() if not wanted.under_way]
        if not idle or self._under_way >= self._options.at_once:
            return None
        wanted, now = min(idle, key=lambda wanted: wanted.due), time.monotonic()
        wait = max(wanted.due - now, self._pace.wait(self.weight, now))
        if wait > 0:
            return wait
        self._pace.spend(self.weight, now)
        wanted.under_way = True
        self._under_way += 1
        group.create_task(self._serve(wanted))
        return 0.0

    async def _serve(self, wanted: _Wanted) -> None:
        self.counts.requested += 1
        try:
            self._requested(wanted.symbol, time.time())
            body = await asyncio.to_thread(self._fetch, wanted.symbol)
            if not wanted.cancelled:
                del self._wanted[wanted.symbol]  # first: the book may ask again while it is delivered
                self._deliver(wanted.symbol, body, time.time())
                self.counts.delivered += 1
        except Exception as error:  # whatever it is, the other books have to come
            self._failed_with(wanted, error)
        finally:
            self._under_way -= 1
            self._changed.set()

    def _failed_with(self, wanted: _Wanted, error: Exception) -> None:
        """Count a failure, and try again later if the book is still wanted."""
        self.counts.failed += 1
        wait = self._postpone(wanted, error)
        if not wanted.cancelled:
            self._wanted.setdefault(wanted.symbol, wanted)
            log.warning("order book of %s: %s Trying again in %.1f s.", wanted.symbol, error, wait)
        self._failed(wanted.symbol, error)

    def _postpone(self, wanted: _Wanted, error: Exception) -> float:
        """Set when a symbol is due again, and halt the queue if the venue wants that; the wait."""
        options, now, pause = self._options, time.monotonic(), 0.0
        if isinstance(error, VenueError):
            pause = error.retry_after or (UNNAMED_BAN if error.kind is ErrorKind.BANNED else 0.0)
            self._pace.pause(now + pause)
        wanted.failures += 1
        times = wanted.failures + wanted.attempt - 1
        wait = max(pause, back_off(times, options.first_back_off, options.longest_back_off, self._chance))
        wanted.due, wanted.under_way = now + wait, False
        return wait
