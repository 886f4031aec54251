"""A line: one connection's share of the subscriptions, held by one connection after the other.

Broken connections are replaced for ever, with back-off; those near the end of their life are replaced before
it, by a new one that has to prove itself first.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Collection
from typing import TypeAlias

from alphapulse_resources.streams.connection import Connection
from alphapulse_resources.streams.feeding import FeedOptions, Pacer, reconnect_seconds
from alphapulse_resources.streams.protocols import Channel, Subscription

log = logging.getLogger(__name__)

Make: TypeAlias = Callable[["ConnectionSlot", Collection[Subscription]], Connection]
"""Makes a connection for a line, with the subscriptions that it must tell of before it counts."""


class ConnectionSlot:
    """`wanted` is what its connection keeps to; call `changed` after every change of it."""

    def __init__(self, url: str, make: Make, options: FeedOptions, openings: Pacer) -> None:
        self.url = url
        self.wanted: set[Subscription] = set()
        self.connections: list[Connection] = []
        self._make = make
        self._options = options
        self._openings = openings
        self._task: asyncio.Task[None] | None = None
        self._failures = 0  # in a row
        self._wait = 0.0

    @property
    def started(self) -> bool:
        """Whether it is held, or being taken up."""
        return self._task is not None

    def start(self, group: asyncio.TaskGroup) -> None:
        """Begin to hold it, as a task of `group`."""
        self._task = group.create_task(self._run())

    def end(self, why: str) -> None:
        """Close its connections and have done with it."""
        for connection in self.connections:
            connection.farewell = why
        if self._task is not None:
            self._task.cancel()

    def changed(self) -> None:
        """`wanted` is another now."""
        for connection in self.connections:
            connection.changed()

    def renew(self, subscription: Subscription) -> None:
        """Subscribe anew on every connection of it."""
        for connection in self.connections:
            connection.renew(subscription)

    def count(self, channel: Channel) -> int:
        """How many of a channel are wanted of it."""
        return sum(each.channel is channel for each in self.wanted)

    def accepted(self, channel: Channel) -> int:
        """How many of a channel the venue has accepted on its connection."""
        return len(self.connections[-1].accepted(channel)) if self.connections else 0

    def beyond(self, channel: Channel, most: int) -> list[Subscription]:
        """What is wanted of a channel beyond `most`; those accepted stay."""
        accepted = self.connections[-1].accepted(channel) if self.connections else set()
        wanted = sorted(each for each in self.wanted if each.channel is channel)
        wanted.sort(key=lambda each: each not in accepted)
        return wanted[most:]

    async def _run(self) -> None:
        while True:
            try:
                await self._hold()
            except* Exception:
                log.exception("the line to %s failed; held anew", self.url)
            await asyncio.sleep(self._options.retry_cap_seconds)

    async def _hold(self) -> None:
        async with asyncio.TaskGroup() as group:
            held = await self._connected(group)
            while True:
                held = await self._renewed(group, *held) or await self._connected(group)

    async def _connected(self, group: asyncio.TaskGroup) -> "_Held":
        """A connection that stands, however long it takes."""
        while True:
            await asyncio.sleep(self._wait)
            try:
                return await self._open(group, ())
            except Exception as error:
                self._failures += 1
                self._wait = reconnect_seconds(self._failures, error, self._options)
                log.warning(
                    "%s: attempt %d to connect failed, next in %.1f s: %s",
                    self.url, self._failures, self._wait, error or repr(error),
                )  # fmt: skip

    async def _renewed(
        self, group: asyncio.TaskGroup, held: Connection, running: "asyncio.Task[str]"
    ) -> "_Held | None":
        """What took the place of `held` before its time was over; None if it broke instead."""
        options = self._options
        margin = options.margin_seconds * random.uniform(1.0, 2.0)
        due, failures = held.opened + options.lifetime_seconds - margin, 0
        while True:
            await asyncio.wait({running}, timeout=max(due - time.monotonic(), 0.0))
            if running.done():
                self._broke(held, running.result())
                return None
            try:
                successor, follows = await self._open(group, self.wanted)
                why = await self._proven(successor, follows, running)
                if not why:
                    held.close(f"renewed by {successor.name}")
                    await asyncio.wait({running})
                    return successor, follows
                error: Exception = ConnectionError(why)
            except Exception as failed:
                error = failed
            failures += 1
            wait = reconnect_seconds(failures, error, options)
            log.warning("%s: renewal failed, next try in %.1f s: %s", held.name, wait, error or repr(error))
            due = time.monotonic() + wait

    async def _proven(
        self, successor: Connection, follows: "asyncio.Task[str]", running: "asyncio.Task[str]"
    ) -> str:
        """Wait until the new connection told of everything, or long enough; says why if it broke first."""
        complete = asyncio.create_task(successor.complete.wait())
        try:
            await asyncio.wait(
                {complete, follows, running},
                timeout=self._options.overlap_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            complete.cancel()
        return follows.result() if follows.done() else ""

    async def _open(self, group: asyncio.TaskGroup, awaited: Collection[Subscription]) -> "_Held":
        await asyncio.sleep(self._openings.wait())
        connection = self._make(self, awaited)
        await connection.open()
        self.connections.append(connection)
        running = group.create_task(connection.run())
        running.add_done_callback(lambda _: self.connections.remove(connection))
        return connection, running

    def _broke(self, connection: Connection, why: str) -> None:
        lived = time.monotonic() - connection.opened
        if connection.given_up:  # by us, for the sake of a stream whose own patience paces that
            self._wait = 0.0
            return
        if lived >= self._options.steady_seconds:
            self._failures = 0
        self._failures += 1
        self._wait = reconnect_seconds(self._failures, None, self._options)
        log.warning(
            "%s: ended after %.0f s (%s), the next in %.1f s", connection.name, lived, why, self._wait
        )


_Held: TypeAlias = tuple[Connection, "asyncio.Task[str]"]
