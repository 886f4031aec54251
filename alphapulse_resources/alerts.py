"""Where alerts go besides their table: sinks, one a place. Each has a queue and a task of its own.

A sink never holds up what raises alerts: `offer` takes an alert or, over the limit, suppresses it, and what
became of each is told to `settled`.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import aiohttp
from pydantic import SecretStr

from alphapulse_resources import alert_mail
from alphapulse_resources.alert_places import Place
from alphapulse_resources.http import USER_AGENT
from alphapulse_resources.settings.sections import WEBHOOK
from alphapulse_resources.venues.pacing import back_off
from alphapulse_resources.webhook import ANSWER_BYTES, Verdict, body, form_of, judge

log = logging.getLogger(__name__)

ATTEMPTS: Final = 4
"""Tries of one delivery (ours)."""
SECONDS: Final = 10.0
"""Time limit of one try (ours)."""
FIRST_PAUSE: Final = 0.5
LONGEST_BACK_OFF: Final = 20.0
"""Seconds between tries, doubled each time, where the receiver names none (ours)."""
LONGEST_PAUSE: Final = 60.0
"""Longest pause that a receiver may ask for; an alert that had to wait longer is given up (ours)."""
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
    answer: str | None = None


class AlertSink(Protocol):
    """A place that alerts are sent to."""

    @property
    def place(self) -> Place:
        """Which one, and what it takes."""

    def offer(self, message: AlertMessage) -> None:
        """Take an alert; returns at once. Called in the event loop's thread."""

    async def run(self) -> None:
        """Deliver until cancelled."""


class PlaceSink:
    """Sends each alert to a place, at most `per_minute` a minute; what is above that is suppressed.

    An address may hold a secret: it is never logged, and errors are told without it. What is sent and what an
    answer means is in `webhook` and `alert_mail`; a receiver that asks to wait is not asked before.
    """

    def __init__(self, place: Place, settled: Callable[[Settled], None]) -> None:
        self.place: Final = place
        self.name: Final = place.name
        self._per_minute = place.per_minute
        self._settled = settled
        self._accepted: deque[float] = deque()  # loop times of the last minute
        self._waiting: deque[AlertMessage] = deque()
        self._arrived = asyncio.Event()
        self._chance = random.Random()
        self._paused_until = float("-inf")  # loop time before which the receiver wants nothing

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
        attempts, error, answer = 0, self.place.refusal(), None
        while error is None and (error := await self._paused()) is None:
            attempts += 1
            verdict = await self._try(session, message)
            if verdict.delivered:
                answer = verdict.answer
                break
            if not self._once_more(verdict, attempts):
                error = verdict.error
        self._settle(message, "failed" if error else "delivered", attempts, error, answer)

    async def _paused(self) -> str | None:
        """Wait for as long as the receiver wants nothing; why not, if that is too long."""
        pause = self._paused_until - asyncio.get_running_loop().time()
        if pause > LONGEST_PAUSE:
            return f"the receiver asked for nothing more for {pause:.0f} s"
        await asyncio.sleep(max(0.0, pause))
        return None

    def _once_more(self, verdict: Verdict, attempts: int) -> bool:
        """Whether another try makes sense, after a pause that is noted."""
        pause = verdict.wait
        if pause is None:
            if not verdict.again:
                return False
            pause = back_off(attempts, FIRST_PAUSE, LONGEST_BACK_OFF, self._chance)
        self._paused_until = asyncio.get_running_loop().time() + pause
        return attempts < ATTEMPTS and pause <= LONGEST_PAUSE

    async def _try(self, session: aiohttp.ClientSession, message: AlertMessage) -> Verdict:
        place, text = self.place, self.place.text(message.payload)
        if place.mail is not None:
            return await asyncio.to_thread(alert_mail.send, place.mail, message.payload, text, SECONDS)
        url = place.url.get_secret_value()
        try:
            async with session.post(
                url,
                data=body(place.form, message.payload, text, place.chat),
                headers={"Content-Type": "application/json", "User-Agent": USER_AGENT},
                allow_redirects=False,
            ) as response:
                answer = await response.content.read(ANSWER_BYTES)
                return judge(
                    response.status, response.headers, answer.decode(errors="replace"), url, place.setting
                )
        except TimeoutError:
            return Verdict(f"the webhook did not answer within {SECONDS:.0f} s", again=True)
        except (aiohttp.InvalidURL, aiohttp.ClientError, OSError) as error:
            # not in the error's own words: they tell the address
            return Verdict(f"the webhook could not be reached ({type(error).__name__})", again=True)

    def _settle(
        self,
        message: AlertMessage,
        outcome: str,
        attempts: int,
        error: str | None,
        answer: str | None = None,
    ) -> None:
        if error is not None:
            log.warning("alert %s %s: %s by %s: %s", message.kind, message.ts, outcome, self.name, error)
        self._settled(Settled(message, self.name, outcome, attempts, error, datetime.now(UTC), answer))


class WebhookSink(PlaceSink):
    """The sink of the one webhook."""

    def __init__(
        self, url: SecretStr, per_minute: int, settled: Callable[[Settled], None], form: str = "auto"
    ) -> None:
        place = Place(WEBHOOK, form_of(url.get_secret_value(), form), url, per_minute=per_minute)
        super().__init__(place, settled)
