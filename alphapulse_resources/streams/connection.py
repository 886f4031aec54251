"""One websocket from handshake to close: keeps to its subscriptions, notices silence, hands frames over.

Frames wait in a bounded queue between the socket and the consumer. When the consumer is behind, the oldest
frame is let go and counted: whoever checks continuity notices, and what is newest is worth most.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Set
from contextlib import suppress
from typing import Any, Final, Literal

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from alphapulse_resources.http import USER_AGENT
from alphapulse_resources.streams.feeding import (
    ConnectionStatus,
    FeedConsumer,
    FeedOptions,
    Pacer,
    Tally,
    ThrottledLogger,
)
from alphapulse_resources.streams.protocols import QUIET, Channel, StreamProtocol, Subscription
from alphapulse_resources.streams.subscription_requests import SubscriptionRequests, Told, shown

log = logging.getLogger(__name__)

_SLICE_SECONDS: Final = 0.002  # that one connection's frames may keep the loop at a time (ours)
_CLOSE_SECONDS: Final = 1.0  # for the closing handshake: a silent venue is not waited for (ours)
_FRAMES_AHEAD: Final = 1024  # that the library holds before it stops reading; the reader takes all of them
_LONGEST_STEP: Final = 1.0  # seconds between two looks of the watchdog


class Connection:
    """One websocket; `wanted` is the caller's own set, looked at anew whenever `changed` is called.

    `awaited` are subscriptions that must have told something before `complete` is set, or have been accepted
    where their channel may be quiet. `direct` keeps proxies of the environment out. Must be made in a running
    loop.
    """

    def __init__(
        self,
        name: str,
        url: str,
        protocol: StreamProtocol,
        wanted: Set[Subscription],
        consumer: FeedConsumer,
        options: FeedOptions,
        *,
        pacer: Pacer,
        tally: Tally,
        awaited: Iterable[Subscription] = (),
        direct: bool = False,
        told: Told | None = None,
    ) -> None:
        self.name = name
        self.complete = asyncio.Event()
        self.opened = 0.0  # monotonic
        self.farewell = "stopped"  # told as the reason when `run` is cancelled
        self._url = url
        self._protocol = protocol
        self._wanted = wanted
        self._consumer = consumer
        self._options = options
        self._pacer = pacer
        self._tally = tally
        self._awaited = set(awaited)
        self._proxy: Literal[True] | None = None if direct else True
        self._asking = SubscriptionRequests(name, protocol, wanted, told)
        self._changed = asyncio.Event()
        self._close_asked: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._queue: deque[tuple[bytes, float]] = deque()
        self._filled = asyncio.Event()
        self._over = False
        self._opened_at = self._heard_at = 0.0  # epoch
        self._heard = self._told = 0.0  # monotonic: of any frame, of one that answers nothing
        self._frames = self._dropped = 0
        self._trouble, self._lagging = ThrottledLogger(log), ThrottledLogger(log)
        self._socket: ClientConnection

    async def open(self) -> None:
        """Shake hands and tell the consumer; whatever the library raises comes out."""
        self._socket = await connect(
            self._url,
            compression=None,  # costs more CPU than loopback or a data centre's line gains
            user_agent_header=USER_AGENT,
            proxy=self._proxy,
            open_timeout=self._options.open_seconds,
            close_timeout=_CLOSE_SECONDS,
            max_size=self._options.most_frame_bytes,
            max_queue=_FRAMES_AHEAD,
        )
        self._opened_at = self._heard_at = time.time()
        self.opened = self._heard = self._told = time.monotonic()
        log.info("%s: open, %s", self.name, self._url)
        self._tell(self._consumer.opened, self._opened_at)

    async def run(self) -> str:
        """Serve until it ends; returns why. All queued frames are handed over before `closed` is told."""
        parts = [self._guarded(part) for part in (self._read(), self._ask(), self._watch())]
        delivery = asyncio.create_task(self._deliver())
        why = ""
        try:
            done, _ = await asyncio.wait({*parts, self._close_asked}, return_when=asyncio.FIRST_COMPLETED)
            why = next(iter(done)).result()
            return why
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            await self._socket.close()
            self._over = True
            self._filled.set()
            await delivery
            log.info("%s: closed, %s", self.name, why or self.farewell)
            self._tell(self._consumer.closed, time.time(), why or self.farewell)

    def close(self, why: str) -> None:
        """End it; `run` returns soon after."""
        if not self._close_asked.done():
            self._close_asked.set_result(why)

    @property
    def given_up(self) -> bool:
        """Whether it was us who wanted it to end."""
        return self._close_asked.done()

    def changed(self) -> None:
        """The wanted subscriptions are others now."""
        self._awaited &= self._wanted
        self._check_complete()
        self._changed.set()

    def renew(self, subscription: Subscription) -> None:
        """Unsubscribe and subscribe again."""
        if self._asking.renew(subscription):
            self._changed.set()

    def accepted(self, channel: Channel) -> set[Subscription]:
        """What the venue has accepted of a channel on this connection."""
        return self._asking.accepted(channel)

    def unanswered(self, seconds: float) -> list[Subscription]:
        """Quiet subscriptions that were asked for so long ago, and neither accepted nor refused."""
        return self._asking.unanswered(QUIET, seconds)

    def asked_at(self, subscription: Subscription) -> float | None:
        """When it was last asked for here (monotonic seconds); None: not yet."""
        return self._asking.asked_at(subscription)

    def waits_since(self) -> float | None:
        """When the oldest frame came that the consumer has not taken yet (epoch); None: it has all."""
        return self._queue[0][1] if self._queue else None

    def status(self) -> ConnectionStatus:
        """How it is now."""
        return ConnectionStatus(
            name=self.name,
            url=self._url,
            opened_at=self._opened_at,
            heard_at=self._heard_at,
            subscriptions=len(self._asking),
            frames=self._frames,
            queued=len(self._queue),
            dropped=self._dropped,
        )

    def _guarded(self, part: Coroutine[Any, Any, str]) -> asyncio.Task[str]:
        """A part of the work, whose result is why it ended, whatever ended it."""

        async def run() -> str:
            try:
                return await part
            except ConnectionClosed as closed:
                return str(closed)
            except Exception as error:
                log.exception("%s: failed", self.name)
                return f"failed: {error!r}"

        return asyncio.create_task(run())

    # socket -> queue

    async def _read(self) -> str:
        receive, queue, most = self._socket.recv, self._queue, self._options.most_queued
        while True:
            body = await receive(decode=False)
            self._heard_at, self._heard = time.time(), time.monotonic()
            self._frames += 1
            if self._asking.hear(body):
                self._changed.set()
                self._take_quiet()
            else:
                self._told = self._heard
            if len(queue) >= most:
                queue.popleft()
                self._dropped += 1
                self._tally.dropped += 1
                self._lagging.warn("%s: the consumer is behind, %d frames dropped", self.name, self._dropped)
            queue.append((body, self._heard_at))
            self._filled.set()

    # queue -> consumer

    async def _deliver(self) -> None:
        """Hand frames over in slices, so that other connections and the readers get their turns."""
        queue = self._queue
        while queue or not self._over:
            if not queue:
                self._filled.clear()
                await self._filled.wait()
            until = time.monotonic() + _SLICE_SECONDS
            while queue:
                self._hand(*queue.popleft())
                if time.monotonic() > until:
                    break
            if queue:
                await asyncio.sleep(0)

    def _hand(self, body: bytes, at: float) -> None:
        try:
            self._consumer.received(self.name, body, at)
        except Exception:
            streams = shown(self._protocol.subscriptions_of(body))
            self._trouble.warn("%s: the consumer failed on a frame of %s", self.name, streams, exc_info=True)
        if self._awaited:
            self._awaited.difference_update(self._protocol.subscriptions_of(body))
            self._check_complete()

    def _take_quiet(self) -> None:
        """What may say nothing is complete when it is accepted."""
        if quiet := [each for each in self._awaited if each.channel in QUIET]:
            self._awaited -= self._asking.accepted_of(quiet)
            self._check_complete()

    def _tells(self) -> bool:
        """Whether anything is subscribed that has to say something now and then."""
        return any(each.channel not in QUIET for each in self._wanted)

    def _check_complete(self) -> None:
        if not self._awaited:
            self.complete.set()

    def _tell(self, tell: Callable[..., None], *what: object) -> None:
        try:
            tell(self.name, *what)
        except Exception:
            log.exception("%s: the consumer failed", self.name)

    # what is asked of the venue

    async def _ask(self) -> str:
        for text in self._protocol.greeting:
            await asyncio.sleep(self._pacer.wait())
            self._asking.number([])
            await self._socket.send(text)
        while True:
            self._changed.clear()
            while self._asking.due:
                await asyncio.sleep(self._pacer.wait())
                if (request := self._asking.next_request()) is not None:
                    await self._socket.send(request)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), self._asking.wait)

    # watchdog

    async def _watch(self) -> str:
        """Probe as often as the venue wants it, or when it is quiet; returns when it is silent too long."""
        most, most_told = self._options.silence_seconds, self._options.stream_silence_seconds
        step = min(most / 8, _LONGEST_STEP)
        looked = probed = time.monotonic()
        while True:
            await asyncio.sleep(step)
            now = time.monotonic()
            late, looked = now - looked > 3 * step, now
            if late:
                continue  # the loop itself was held up: the reader has its turn first
            if now - self._heard > most:
                return f"silent for {now - self._heard:.1f} s"
            if not self._tells():
                self._told = now  # answers are all that a connection of quiet channels owes
            if now - self._told > most_told:
                return f"silent for {now - self._told:.1f} s, but for answers"
            if now - probed >= self._probe_seconds(quiet=now - self._heard > most / 2):
                probed = now
                await self._probe()

    def _probe_seconds(self, quiet: bool) -> float:
        """Since the last probe, for another to be due."""
        regular = self._protocol.probe_seconds or float("inf")
        return min(regular, self._options.silence_seconds / 2) if quiet else regular

    async def _probe(self) -> None:
        if self._protocol.probe is not None:
            await asyncio.sleep(self._pacer.wait())
            await self._socket.send(self._protocol.probe(self._asking.number([])))
