"""Where alerts go besides their table: sinks. A webhook is one; anything with `offer` and `run` is another.

A sink never holds up what raises alerts: `offer` takes an alert or, over the limit, suppresses it, and what
became of each is told to `settled`.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import aiohttp
from pydantic import SecretStr
from tenacity import (
    AsyncRetrying,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

log = logging.getLogger(__name__)

ATTEMPTS: Final = 4
"""Tries of one delivery (ours)."""
SECONDS: Final = 10.0
"""Time limit of one try (ours)."""
WAITING: Final = 1_000
"""Alerts that wait for delivery at most; later ones are suppressed (ours)."""


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """An alert as a sink gets it: its key in `order_book_alerts`, and what to send."""

    instrument_id: int
    ts: datetime
    kind: str
    reference: str
    payload: Mapping[str, Any]  # JSON


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an alert at a sink."""

    message: AlertMessage
    sink: str
    outcome: str  # delivered, failed or suppressed
    attempts: int
    error: str | None
    at: datetime


class AlertSink(Protocol):
    """A place that alerts are sent to."""

    def offer(self, message: AlertMessage) -> None:
        """Take an alert; returns at once. Called in the event loop's thread."""

    async def run(self) -> None:
        """Deliver until cancelled."""


class WebhookSink:
    """Posts each alert as JSON to a URL, at most `per_minute` a minute; what is above that is suppressed.

    The URL may hold a secret: it is never logged, and errors are told without it.
    """

    name: Final = "webhook"

    def __init__(self, url: SecretStr, per_minute: int, settled: Callable[[Settled], None]) -> None:
        self._url = url
        self._per_minute = per_minute
        self._settled = settled
        self._accepted: deque[float] = deque()  # loop times of the last minute
        self._waiting: deque[AlertMessage] = deque()
        self._arrived = asyncio.Event()

    def offer(self, message: AlertMessage) -> None:
        """See `AlertSink.offer`."""
        now = asyncio.get_running_loop().time()
        while self._accepted and now - self._accepted[0] >= 60.0:
            self._accepted.popleft()
        if len(self._accepted) >= self._per_minute or len(self._waiting) >= WAITING:
            self._settle(message, "suppressed", 0, f"more than {self._per_minute} alerts a minute")
            return
        self._accepted.append(now)
        self._waiting.append(message)
        self._arrived.set()

    async def run(self) -> None:
        """See `AlertSink.run`."""
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session:
                while True:
                    await self._arrived.wait()
                    self._arrived.clear()
                    while self._waiting:
                        await self._deliver(session, self._waiting[0])
                        self._waiting.popleft()
        finally:
            for message in self._waiting:
                self._settle(message, "failed", 0, "the stream run ended before it was delivered")

    async def _deliver(self, session: aiohttp.ClientSession, message: AlertMessage) -> None:
        attempts = 0
        try:
            async for attempt in AsyncRetrying(
                stop=stop_after_attempt(ATTEMPTS),
                wait=wait_random_exponential(multiplier=0.5, max=20),
                retry=retry_if_exception(_may_pass),
                reraise=True,
            ):
                with attempt:
                    attempts += 1
                    await self._post(session, message)
        except (aiohttp.ClientError, TimeoutError) as error:
            self._settle(message, "failed", attempts, _told(error))
        else:
            self._settle(message, "delivered", attempts, None)

    async def _post(self, session: aiohttp.ClientSession, message: AlertMessage) -> None:
        async with session.post(self._url.get_secret_value(), json=dict(message.payload)) as response:
            response.raise_for_status()

    def _settle(self, message: AlertMessage, outcome: str, attempts: int, error: str | None) -> None:
        if error is not None:
            log.warning("alert %s %s: %s by %s: %s", message.kind, message.ts, outcome, self.name, error)
        self._settled(Settled(message, self.name, outcome, attempts, error, datetime.now(UTC)))


def _may_pass(error: BaseException) -> bool:
    """Whether another try may help: not where the webhook says that the request is wrong."""
    if isinstance(error, aiohttp.ClientResponseError):
        return error.status >= 500 or error.status == 429
    return isinstance(error, aiohttp.ClientError | TimeoutError)


def _told(error: BaseException) -> str:
    """What went wrong, without the address: it may hold a secret."""
    if isinstance(error, aiohttp.ClientResponseError):
        return f"the webhook answered {error.status}"
    if isinstance(error, TimeoutError):
        return f"the webhook did not answer within {SECONDS:.0f} s"
    return f"the webhook could not be reached ({type(error).__name__})"
