"""Request budgets shared by all processes (in PostgreSQL) or, without a database, within this one.

Both are GCRA, the leaky bucket as a meter: a bucket refills at `rate` and holds `burst` units of weight.
The figures of each bucket are in the folders of the venues and of other providers.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

import psycopg

from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.model import ErrorKind, VenueError
from alphapulse_resources.venues.pacing import Pace
from alphapulse_resources.venues.registry import BUCKETS

DEFAULT_MAX_WAIT: Final = 120.0  # seconds, as Settings.venues_wait_seconds
CONNECT_SECONDS: Final = 10


class RateLimiter(Protocol):
    """What a client of venues or other providers needs to stay within the limits."""

    def acquire(self, bucket: str, weight: float) -> float:
        """Wait for room for `weight`, then return how many seconds that took.

        Raises `VenueError` BANNED with `retry_after`, at once and without taking anything, if it would take
        longer than the limiter's longest wait.
        """
        ...

    def penalize(self, bucket: str, until: datetime, reason: str) -> None:
        """Let nobody through before `until` (UTC); an earlier end than the present one changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class UntilStopped:
    """A limiter that lets nobody through once `stop` is set: a round ends before its next request."""

    limiter: RateLimiter
    stop: threading.Event

    def acquire(self, bucket: str, weight: float) -> float:
        """See `RateLimiter.acquire`; raises `VenueError` TIMEOUT where it is time to stop."""
        if self.stop.is_set():
            raise VenueError(ErrorKind.TIMEOUT, "not asked any more: whoever asks is being stopped")
        return self.limiter.acquire(bucket, weight)

    def penalize(self, bucket: str, until: datetime, reason: str) -> None:
        """See `RateLimiter.penalize`."""
        self.limiter.penalize(bucket, until, reason)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a bucket answered: go after `wait` seconds, or (not granted) come back then."""

    granted: bool
    wait: float
    reason: str | None


class _WaitingLimiter(ABC):
    """The waiting that both limiters share; subclasses keep the books."""

    def __init__(self, max_wait: float, budgets: Mapping[str, Bucket]) -> None:
        self._max_wait = max_wait
        self._budgets = budgets

    def acquire(self, bucket: str, weight: float) -> float:
        """See `RateLimiter.acquire`."""
        waited = 0.0
        while True:
            turn = self._take(bucket, weight, self._max_wait - waited)
            if not turn.granted:
                raise VenueError(ErrorKind.BANNED, _too_long(bucket, turn), retry_after=turn.wait)
            if turn.wait <= 0:
                return waited
            time.sleep(turn.wait)
            waited += turn.wait
            if not self._is_blocked(bucket):  # a ban may have come while we slept
                return waited

    @abstractmethod
    def _take(self, bucket: str, weight: float, max_wait: float) -> _Turn:
        """Take the next turn, unless it is further away than `max_wait` seconds."""

    @abstractmethod
    def _is_blocked(self, bucket: str) -> bool:
        """Whether nobody may ask at present."""


def _too_long(bucket: str, turn: _Turn) -> str:
    why = turn.reason or "its request budget is used up by our own processes"
    return f"{bucket} cannot be asked for another {turn.wait:.1f} s: {why}. Try again after that."


class DatabaseRateLimiter(_WaitingLimiter):
    """Books in table `rate_limits` (migration 0002): one short transaction per request, the server's clock.

    Connects on first use, connects anew after a lost connection; safe to use from several threads.
    """

    def __init__(
        self,
        dsn: str,
        *,
        max_wait: float = DEFAULT_MAX_WAIT,
        budgets: Mapping[str, Bucket] = BUCKETS,
    ) -> None:
        super().__init__(max_wait, budgets)
        self._dsn = dsn
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def penalize(self, bucket: str, until: datetime, reason: str) -> None:
        """See `RateLimiter.penalize`."""
        self._query("SELECT rate_limit_penalize(%s, %s, %s)", (bucket, until, reason))

    def close(self) -> None:
        """Give the connection back; the next call makes another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _take(self, bucket: str, weight: float, max_wait: float) -> _Turn:
        budget = self._budgets[bucket]
        granted, wait, reason = self._query(
            "SELECT granted, wait_seconds, reason FROM rate_limit_acquire(%s, %s, %s, %s, %s)",
            (bucket, weight, budget.rate, budget.burst, max_wait),
        )
        return _Turn(bool(granted), float(str(wait)), None if reason is None else str(reason))

    def _is_blocked(self, bucket: str) -> bool:
        (seconds,) = self._query("SELECT rate_limit_blocked_seconds(%s)", (bucket,))
        return float(str(seconds)) > 0

    def _query(self, sql: str, parameters: tuple[object, ...]) -> tuple[object, ...]:
        with self._lock:
            try:
                return self._run(sql, parameters)
            except psycopg.OperationalError:
                if self._connection is not None and not self._connection.closed:
                    raise
                self._connection = None  # the server went away: once more on a new connection
                return self._run(sql, parameters)

    def _run(self, sql: str, parameters: tuple[object, ...]) -> tuple[object, ...]:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._dsn,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                application_name="alphapulse rate limit",
                # a crash may forget the last half second; no request waits for the disk
                options="-c synchronous_commit=off -c lock_timeout=10s",
            )
        row = self._connection.execute(sql.encode(), parameters).fetchone()
        return row or ()


class LocalRateLimiter(_WaitingLimiter):
    """Books in this process's memory, for use without a database: other processes do not count."""

    def __init__(
        self, *, max_wait: float = DEFAULT_MAX_WAIT, budgets: Mapping[str, Bucket] = BUCKETS
    ) -> None:
        super().__init__(max_wait, budgets)
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}
        self._reasons: dict[str, str] = {}  # of the latest pause

    def penalize(self, bucket: str, until: datetime, reason: str) -> None:
        """See `RateLimiter.penalize`."""
        end = time.monotonic() + (until - datetime.now(UTC)).total_seconds()
        with self._lock:
            if self._pace(bucket).pause(end):
                self._reasons[bucket] = reason

    def _take(self, bucket: str, weight: float, max_wait: float) -> _Turn:
        with self._lock:
            now, pace = time.monotonic(), self._pace(bucket)
            wait = pace.wait(weight, now)
            if wait <= max_wait:
                pace.spend(weight, now)
            return _Turn(wait <= max_wait, wait, self._reasons[bucket] if pace.paused(now) else None)

    def _is_blocked(self, bucket: str) -> bool:
        with self._lock:
            return self._pace(bucket).paused(time.monotonic())

    def _pace(self, bucket: str) -> Pace:
        if bucket not in self._paces:
            self._paces[bucket] = Pace(self._budgets[bucket].rate, self._budgets[bucket].burst)
        return self._paces[bucket]
