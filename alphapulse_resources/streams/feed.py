"""The sockets of one market: subscriptions spread over as many connections as the venue's limits ask for."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from itertools import count
from typing import Final

from alphapulse_resources.streams.connection import Connection
from alphapulse_resources.streams.connection_limits import ConnectionLimits, names_a_limit, names_our_pace
from alphapulse_resources.streams.connection_slot import ConnectionSlot
from alphapulse_resources.streams.feeding import (
    ConnectionStatus,
    FeedConsumer,
    FeedOptions,
    Pacer,
    ResubscribeBackoff,
    Tally,
)
from alphapulse_resources.streams.protocols import QUIET, Channel, Subscription, address
from alphapulse_resources.streams.venues import PROTOCOLS

__all__ = ["ConnectionStatus", "Feed", "FeedConsumer", "FeedOptions"]

log = logging.getLogger(__name__)

MOVED_AFTER: Final = 2
"""Renewals in vain after which a stream gets another connection (ours)."""

MOST_MOVED: Final = 16
"""Connections of single streams, of one market: where more are silent it is not their connections' fault
(ours)."""

ELSEWHERE_AFTER: Final = 3
"""Refusals on a connection with others of its channel, after which it is asked for on another (ours)."""


class Feed:
    """One market's streams, from the venue to `consumer`, for as long as `run` runs.

    `venue_url` sends every connection to `<venue_url>/<host>/<path>` (the simulator). Connections are called
    `<name>-1`, `<name>-2`, ...; `name` is the market's unless given. Everything but the constructor is to be
    called in the loop's thread. `ValueError` for a market without streams.

    `refused` is told each time that the venue refuses a subscription by itself, and with which words;
    `accepted` each that it accepts. How many of a channel a venue takes on one connection is learned from its
    refusals: the others are asked for on another connection.
    """

    def __init__(
        self,
        market: str,
        consumer: FeedConsumer,
        *,
        venue_url: str | None,
        options: FeedOptions | None = None,
        name: str = "",
        refused: Callable[[Subscription, str], None] | None = None,
        accepted: Callable[[Subscription], None] | None = None,
    ) -> None:
        if market not in PROTOCOLS:
            raise ValueError(f"market {market!r} has no streams: use one of {', '.join(PROTOCOLS)}")
        self._protocol = PROTOCOLS[market]
        self._consumer = consumer
        self._venue_url = venue_url
        self._options = options or FeedOptions()
        self._name = name or market
        self._numbers = count(1)
        self._lines: list[ConnectionSlot] = []
        self._line_of: dict[Subscription, ConnectionSlot] = {}
        self._patience: dict[Subscription, ResubscribeBackoff] = {}
        self._openings = Pacer(self._options.opening_seconds)
        self._requests = Pacer(self._protocol.request_seconds)
        self._tally = Tally()
        self._on_refused, self._on_accepted = refused, accepted
        self._limits = ConnectionLimits()
        self._refused: defaultdict[Subscription, dict[ConnectionSlot, int]] = defaultdict(
            dict
        )  # where, beside how many
        self._moved: set[ConnectionSlot] = set()  # made for a single stream
        self._group: asyncio.TaskGroup | None = None

    @property
    def dropped(self) -> int:
        """Frames let go since the start because the consumer was behind."""
        return self._tally.dropped

    def status(self) -> list[ConnectionStatus]:
        """The connections that stand now."""
        return [connection.status() for line in self._lines for connection in line.connections]

    def behind(self, now: float) -> float:
        """Seconds that the oldest frame has waited which the consumer has not taken yet; 0: it has all."""
        since = [each.waits_since() for line in self._lines for each in line.connections]
        return max((now - at for at in since if at is not None and at < now), default=0.0)

    def want(self, subscriptions: Collection[Subscription]) -> None:
        """These and no others; what is subscribed already is left alone.

        Raises `ValueError` for a channel that the market does not have (`PROTOCOLS[market].channels`).
        """
        wanted = set(subscriptions)
        for each in wanted:
            if each.channel not in self._protocol.channels:
                raise ValueError(f"{self._protocol.market} has no stream of {each}: leave it out")
        changed: dict[ConnectionSlot, None] = {}
        for gone in self._line_of.keys() - wanted:
            line = self._line_of.pop(gone)
            line.wanted.discard(gone)
            self._patience.pop(gone, None)
            self._refused.pop(gone, None)
            self._limits.forget(gone)
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
        ago, or when it was asked for so lately that it has not had its chance yet.
        """
        line = self._line_of.get(subscription)
        if line is None or not line.connections:
            return
        asked = line.connections[-1].asked_at(subscription)
        patience = self._patience.setdefault(subscription, ResubscribeBackoff(self._options))
        if asked is None or (patience.in_vain and time.monotonic() - asked < self._options.chance_seconds):
            return
        if not patience.allows(asyncio.get_running_loop().time()):
            return
        if patience.in_vain < MOVED_AFTER:
            log.info("%s: %s is subscribed anew", self._name, subscription)
            line.renew(subscription)
        elif len(line.wanted) == 1:
            log.warning("%s: the connection of %s is opened anew", self._name, subscription)
            line.connections[-1].close(f"{subscription} stays silent")
        elif len(self._moved) < MOST_MOVED:
            log.warning("%s: %s is moved to a connection of its own", self._name, subscription)
            own = self._new_line(line.url)
            self._moved.add(own)
            self._move(subscription, line, own)
        else:
            log.warning("%s: %s stays silent and is subscribed anew", self._name, subscription)
            line.renew(subscription)

    def settled(self, subscription: Subscription) -> None:
        """A stream that was renewed does what it should: the next renewal need not wait for long."""
        if (patience := self._patience.get(subscription)) is not None:
            patience.settled()

    def standing(self, channel: Channel) -> dict[str, frozenset[str]]:
        """The connections on which the venue has accepted a channel, by symbol."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for line in self._lines:
            for connection in line.connections:
                for each in connection.accepted(channel):
                    found[each.symbol].add(connection.name)
        return {symbol: frozenset(names) for symbol, names in found.items()}

    def unanswered(self, seconds: float) -> list[Subscription]:
        """Quiet subscriptions whose request the venue has not answered for so long: to be renewed."""
        lines = [line for line in self._lines if line.connections]
        return [each for line in lines for each in line.connections[-1].unanswered(seconds)]

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

    # what venues refuse -----------------------------------------------------------------------------------

    def _take_refusal(self, line: ConnectionSlot, subscription: Subscription, why: str, times: int) -> None:
        """Tell of it; ask elsewhere where this connection seems to have as many as the venue lets it have."""
        if self._line_of.get(subscription) is not line:
            return
        beside = line.accepted(subscription.channel)
        if self._on_refused is not None:
            self._on_refused(subscription, why)
        if not beside or names_our_pace(why):
            return  # the fault is its own, or our pace: it is asked for again here
        self._refused[subscription][line] = beside
        if names_a_limit(why):
            self._learn(line.url, subscription.channel, beside)
        elif times >= ELSEWHERE_AFTER:
            self._move(subscription, line, self._line_with_room(subscription))

    def _take_acceptance(self, line: ConnectionSlot, subscriptions: Collection[Subscription]) -> None:
        for each in subscriptions:
            if each.channel in QUIET:
                self.settled(each)
            refused = self._refused.pop(each, {})
            if refused and line not in refused and self._line_of.get(each) is line:
                # what was too much there is not too much here
                most = self._limits.witness(line.url, each, min(refused.values()))
                if most is not None:
                    self._learn(line.url, each.channel, most)
            if self._on_accepted is not None:
                self._on_accepted(each)

    def _learn(self, url: str, channel: Channel, most: int) -> None:
        """A venue takes `most` of a channel on one connection: what is beyond that goes elsewhere."""
        if self._limits.learn(url, channel, most):
            log.warning(
                "%s: %s takes %d of %s on one connection: the others go to more connections",
                self._name, url, most, channel,
            )  # fmt: skip
        for line in [line for line in self._lines if line.url == url]:
            for subscription in line.beyond(channel, self._limits.most(url, channel, most)):
                self._move(subscription, line, self._line_with_room(subscription))

    # which connection has what ---------------------------------------------------------------------------

    def _move(self, subscription: Subscription, line: ConnectionSlot, to: ConnectionSlot) -> None:
        if to is line:
            return
        line.wanted.discard(subscription)
        self._follow(line)
        self._line_of[subscription] = to
        to.wanted.add(subscription)
        self._follow(to)

    def _line_with_room(self, subscription: Subscription) -> ConnectionSlot:
        """A line that may take it and has not refused it; a new one where there is none."""
        route = self._protocol.route(subscription.channel)
        assert route is not None  # `want` has looked
        most = min(self._protocol.most_streams, self._options.most_streams)
        most_of_channel = self._limits.most(route.url, subscription.channel, most)
        refused = self._refused.get(subscription, {})
        for line in self._lines:
            fits = line.url == route.url and len(line.wanted) < most and line not in self._moved
            if fits and line not in refused and line.count(subscription.channel) < most_of_channel:
                return line
        return self._new_line(route.url)

    def _new_line(self, url: str) -> ConnectionSlot:
        line = ConnectionSlot(url, self._make, self._options, self._openings)
        self._lines.append(line)
        return line

    def _follow(self, line: ConnectionSlot) -> None:
        """Let a line do what is wanted of it now: begin, change or end."""
        if not line.wanted:
            self._lines.remove(line)
            self._moved.discard(line)
            line.end("nothing is subscribed on it any more")
        elif self._group is not None and not line.started:
            line.start(self._group)
        else:
            line.changed()

    def _make(self, line: ConnectionSlot, awaited: Collection[Subscription]) -> Connection:
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
            told=_Told(self, line),
        )


class _Told:
    """What the venue says of the subscriptions of one line's connections."""

    def __init__(self, feed: Feed, line: ConnectionSlot) -> None:
        self._feed = feed
        self._line = line

    def refused(self, subscription: Subscription, why: str, times: int) -> None:
        """See `asking.Told`."""
        self._feed._take_refusal(self._line, subscription, why, times)

    def accepted(self, subscriptions: list[Subscription]) -> None:
        """See `asking.Told`."""
        self._feed._take_acceptance(self._line, subscriptions)
