"""The sockets of one market: subscriptions spread over as many connections as the venue's limits ask for."""

import asyncio
import logging
import time
from collections.abc import Collection
from itertools import count
from typing import Final

from alphapulse_resources.streams.connection import Connection
from alphapulse_resources.streams.feeding import (
    ConnectionStatus,
    FeedConsumer,
    FeedOptions,
    Pacer,
    Patience,
    Tally,
)
from alphapulse_resources.streams.line import Line
from alphapulse_resources.streams.protocols import PROTOCOLS, Subscription, address

__all__ = ["ConnectionStatus", "Feed", "FeedConsumer", "FeedOptions"]

log = logging.getLogger(__name__)

MOVED_AFTER: Final = 2
"""Renewals in vain after which a stream gets another connection (ours)."""


class Feed:
    """One market's streams, from the venue to `consumer`, for as long as `run` runs.

    `venue_url` sends every connection to `<venue_url>/<host>/<path>` (the simulator). Connections are called
    `<name>-1`, `<name>-2`, ...; `name` is the market's unless given. Everything but the constructor is to be
    called in the loop's thread. `ValueError` for a market without streams.
    """

    def __init__(
        self,
        market: str,
        consumer: FeedConsumer,
        *,
        venue_url: str | None,
        options: FeedOptions | None = None,
        name: str = "",
    ) -> None:
        if market not in PROTOCOLS:
            raise ValueError(f"market {market!r} has no streams: use one of {', '.join(PROTOCOLS)}")
        self._protocol = PROTOCOLS[market]
        self._consumer = consumer
        self._venue_url = venue_url
        self._options = options or FeedOptions()
        self._name = name or market
        self._numbers = count(1)
        self._lines: list[Line] = []
        self._line_of: dict[Subscription, Line] = {}
        self._patience: dict[Subscription, Patience] = {}
        self._openings = Pacer(self._options.opening_seconds)
        self._requests = Pacer(self._protocol.request_seconds)
        self._tally = Tally()
        self._group: asyncio.TaskGroup | None = None

    @property
    def dropped(self) -> int:
        """Frames let go since the start because the consumer was behind."""
        return self._tally.dropped

    def status(self) -> list[ConnectionStatus]:
        """The connections that stand now."""
        return [connection.status() for line in self._lines for connection in line.connections]

    def want(self, subscriptions: Collection[Subscription]) -> None:
        """These and no others; what is subscribed already is left alone.

        Raises `ValueError` for a channel that the market does not have (`PROTOCOLS[market].channels`).
        """
        wanted = set(subscriptions)
        for each in wanted:
            if each.channel not in self._protocol.channels:
                raise ValueError(f"{self._protocol.market} has no stream of {each}: leave it out")
        changed: dict[Line, None] = {}
        for gone in self._line_of.keys() - wanted:
            line = self._line_of.pop(gone)
            line.wanted.discard(gone)
            self._patience.pop(gone, None)
            changed[line] = None
        for new in sorted(wanted - self._line_of.keys()):
            line = self._line_with_room(new)
            line.wanted.add(new)
            self._line_of[new] = line
            changed[line] = None
        for line in changed:
            self._follow(line)

    def renew(self, subscription: Subscription) -> None:
        """Its stream is silent or broken: unsubscribe and subscribe again, ever more seldom.

        Where that was in vain it is moved to a connection of its own: the fault may lie with the old one,
        which others are content with. Nothing is done when it is not wanted, when the last time was too short
        ago, or when its own connection is so new that it has not had its chance yet.
        """
        line = self._line_of.get(subscription)
        if line is None or not line.connections:
            return
        patience = self._patience.setdefault(subscription, Patience(self._options))
        age = time.monotonic() - line.connections[-1].opened
        if patience.in_vain and len(line.wanted) == 1 and age < self._options.chance_seconds:
            return
        if not patience.allows(asyncio.get_running_loop().time()):
            return
        if patience.in_vain >= MOVED_AFTER and len(line.wanted) > 1:
            log.warning("%s: %s is moved to a connection of its own", self._name, subscription)
            self._move(subscription, line)
        elif patience.in_vain >= MOVED_AFTER:
            log.warning("%s: the connection of %s is opened anew", self._name, subscription)
            line.connections[-1].close(f"{subscription} stays silent")
        else:
            log.info("%s: %s is subscribed anew", self._name, subscription)
            line.renew(subscription)

    def settled(self, subscription: Subscription) -> None:
        """A stream that was renewed does what it should: the next renewal need not wait for long."""
        if (patience := self._patience.get(subscription)) is not None:
            patience.settled()

    async def run(self) -> None:
        """Hold the connections until cancelled, then close them; every frame that came is handed over."""
        if self._group is not None:
            raise RuntimeError(f"the feed {self._name} runs already")
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for line in self._lines:
                    line.start(group)
                await asyncio.get_running_loop().create_future()
        finally:
            self._group = None

    def _move(self, subscription: Subscription, line: Line) -> None:
        line.wanted.discard(subscription)
        self._follow(line)
        own = self._line_of[subscription] = self._new_line(line.url)
        own.wanted.add(subscription)
        self._follow(own)

    def _line_with_room(self, subscription: Subscription) -> Line:
        route = self._protocol.route(subscription.channel)
        assert route is not None  # `want` has looked
        most = min(self._protocol.most_streams, self._options.most_streams)
        for line in self._lines:
            if line.url == route.url and len(line.wanted) < most:
                return line
        return self._new_line(route.url)

    def _new_line(self, url: str) -> Line:
        line = Line(url, self._make, self._options, self._openings)
        self._lines.append(line)
        return line

    def _follow(self, line: Line) -> None:
        """Let a line do what is wanted of it now: begin, change or end."""
        if not line.wanted:
            self._lines.remove(line)
            line.end("nothing is subscribed on it any more")
        elif self._group is not None and not line.started:
            line.start(self._group)
        else:
            line.changed()

    def _make(self, line: Line, awaited: Collection[Subscription]) -> Connection:
        shared = self._protocol.shares_requests
        return Connection(
            f"{self._name}-{next(self._numbers)}",
            address(line.url, self._venue_url),
            self._protocol,
            line.wanted,
            self._consumer,
            self._options,
            pacer=self._requests if shared else Pacer(self._protocol.request_seconds),
            tally=self._tally,
            awaited=awaited,
            direct=self._venue_url is not None,
        )
