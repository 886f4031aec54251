"""A circuit breaker and a memory of refusals: how not to hammer a host that does not answer."""

import threading
import time
from collections.abc import Callable
from typing import Final

FAILURES_TO_OPEN: Final = 5  # ours
COOL_DOWN_SECONDS: Final = 30.0  # ours
BLOCK_SECONDS: Final = 600.0  # ours: how long a geo-block is believed without asking again


class Breaker:
    """Opens after `FAILURES_TO_OPEN` failures in a row; after the cool-down it lets one trial through.

    `clock` is monotonic seconds. Safe to use from several threads.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._blocked_until = float("-inf")

    def wait_seconds(self) -> float:
        """0 when a request may go out now, else the seconds until the next trial."""
        with self._lock:
            if self._opened_at is None:
                return 0.0
            left = self._opened_at + COOL_DOWN_SECONDS - self._clock()
            if left > 0:
                return left
            self._opened_at = self._clock()  # half open: this caller tries, the others wait on
            return 0.0

    def succeed(self) -> None:
        """The host answered."""
        with self._lock:
            self._failures, self._opened_at = 0, None

    def fail(self) -> None:
        """The host was down or did not answer in time."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_TO_OPEN:
                self._opened_at = self._clock()

    def block(self) -> None:
        """The host refuses this address."""
        with self._lock:
            self._blocked_until = self._clock() + BLOCK_SECONDS

    def blocked_seconds(self) -> float:
        """Seconds for which the refusal is still believed; 0 when there is none."""
        with self._lock:
            return max(0.0, self._blocked_until - self._clock())
