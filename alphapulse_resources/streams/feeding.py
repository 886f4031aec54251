"""The terms of the transport: what a consumer of frames is, the figures that can be set, what is reported."""

import logging
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from tenacity import AsyncRetrying, RetryCallState
from tenacity.wait import wait_random_exponential
from websockets.exceptions import InvalidStatus

from alphapulse_resources.venues.errors import read_retry_after


class FeedConsumer(Protocol):
    """Who takes the frames. Called in the loop's thread, must not block; `at` is epoch seconds.

    For each connection: `opened`, then its frames, then `closed`. What it raises is logged, and the next
    frame comes all the same.
    """

    def received(self, connection: str, body: bytes, at: float) -> None:
        """A frame, as it came, received at `at`."""

    def opened(self, connection: str, at: float) -> None:
        """A connection stands; nothing is subscribed on it yet."""

    def closed(self, connection: str, at: float, why: str) -> None:
        """A connection has ended, and nothing more comes from it."""


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """The figures of a feed; all are ours unless a source is named."""

    silence_seconds: float = 10.0  # without any frame, though asked for one: the connection is given up
    stream_silence_seconds: float = 120.0  # the same where answers come, but nothing of any stream
    lifetime_seconds: float = 86_400.0  # Binance: "only valid for 24 hours"
    margin_seconds: float = 1800.0  # renewed one to two of these before the end of its life
    overlap_seconds: float = 30.0  # that the old connection waits for the new one to tell of everything
    most_queued: int = 5000  # frames of a connection that the consumer has not taken yet
    most_streams: int = 200  # of a connection, if the venue allows that many: a break costs all of them
    open_seconds: float = 10.0  # for the handshake
    opening_seconds: float = 0.2  # between two handshakes; Binance: 300 connections in 5 minutes
    retry_cap_seconds: float = 30.0  # of the back-off before a new connection
    blocked_cap_seconds: float = 600.0  # of the back-off after an HTTP 4xx
    steady_seconds: float = 30.0  # without trouble, after which trouble counts as the first
    renew_seconds: float = 1.0  # before a stream is renewed a second time; doubles each time
    renew_cap_seconds: float = 300.0
    chance_seconds: float = 5.0  # that a stream's own new connection has before it is blamed for silence
    most_frame_bytes: int = 64 * 2**20  # Coinbase sends whole books


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """One connection now."""

    name: str
    url: str
    opened_at: float  # epoch seconds
    heard_at: float  # of the last frame
    subscriptions: int
    frames: int
    queued: int
    dropped: int


_BLOCKED: Final = range(400, 500)
_BLOCKED_SECONDS: Final = 15.0  # first back-off after an HTTP 4xx (ours)
_SHORTEST_BLOCK: Final = 0.5  # part of that which is waited at least (ours)


def reconnect_seconds(attempt: int, error: BaseException | None, options: FeedOptions) -> float:
    """How long to wait before attempt `attempt` + 1 (from 1), after `error` or a connection that broke.

    Exponential back-off with full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    After a refusal of the upgrade with HTTP 4xx (ban, geo-block) longer, and never less than its Retry-After.
    """
    if not isinstance(error, InvalidStatus) or error.response.status_code not in _BLOCKED:
        return _jittered(attempt, 1.0, options.retry_cap_seconds)
    headers = {name.title(): value for name, value in error.response.headers.raw_items()}
    asked = read_retry_after(headers, datetime.now(UTC))
    seconds = _jittered(attempt, _BLOCKED_SECONDS, options.blocked_cap_seconds)
    return max(asked or 0.0, min(_BLOCKED_SECONDS, options.blocked_cap_seconds) * _SHORTEST_BLOCK, seconds)


def _jittered(attempt: int, first: float, cap: float) -> float:
    state = RetryCallState(AsyncRetrying(), None, (), {})
    state.attempt_number = min(attempt, 32)  # far beyond any cap, and no overflow
    return wait_random_exponential(multiplier=first, max=cap)(state)


class ResubscribeBackoff:
    """How often one stream may be renewed: at once, then ever more seldom."""

    def __init__(self, options: FeedOptions) -> None:
        self._options = options
        self._times = 0
        self._next = 0.0

    def allows(self, now: float) -> bool:
        """Whether a renewal may be tried at `now` (monotonic seconds); counts it if so."""
        if now < self._next:
            return False
        cap = self._options.renew_cap_seconds
        if now - self._next > self._options.steady_seconds:  # it went well for long enough to begin anew
            self._times = 0
        wait = min(self._options.renew_seconds * 2.0 ** min(self._times, 16), cap)
        self._times += 1
        self._next = now + wait * random.uniform(1.0, 1.25)
        return True

    @property
    def in_vain(self) -> int:
        """Renewals since the stream last did what it should, the latest not counted."""
        return max(self._times - 1, 0)

    def settled(self) -> None:
        """The last renewal has done its work: the next trouble is a first one."""
        self._times = 0


class ThrottledLogger:
    """Logs the first trouble of its kind and then one every `seconds`, with the count of the others."""

    def __init__(self, log: logging.Logger, seconds: float = 10.0) -> None:
        self._log = log
        self._seconds = seconds
        self._next = 0.0
        self._kept_back = 0

    def warn(self, text: str, *arguments: object, exc_info: bool = False) -> None:
        """Log it, with the exception in hand if asked for, or keep it back."""
        now = time.monotonic()
        if now < self._next:
            self._kept_back += 1
            return
        self._log.warning(text + " (%d more not logged)", *arguments, self._kept_back, exc_info=exc_info)
        self._next, self._kept_back = now + self._seconds, 0


@dataclass(slots=True)
class Tally:
    """What all connections of a feed count together."""

    dropped: int = 0


class Pacer:
    """Lets one through every `seconds`, in the order in which they came."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    def wait(self) -> float:
        """Take the next turn: how many seconds until then."""
        now = time.monotonic()
        turn = max(now, self._next)
        self._next = turn + self._seconds
        return turn - now
