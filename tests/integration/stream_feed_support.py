"""What the tests of the transport share: a consumer that remembers, and a feed that runs while one looks."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from alphapulse_resources.streams.feed import Feed, FeedOptions
from alphapulse_resources.streams.protocols import Channel, Subscription
from alphapulse_resources.streams.venues import PROTOCOLS

DEPTH, TRADES, CANDLES = Channel.DEPTH, Channel.TRADES, Channel.CANDLES
QUICK = FeedOptions(retry_cap_seconds=0.3, blocked_cap_seconds=1.0, opening_seconds=0.01)


@dataclass
class Recorder:
    """Everything a feed told, in order."""

    market: str
    events: list[tuple[str, str, str]] = field(default_factory=list)  # opened or closed, connection, why
    frames: list[tuple[str, bytes, float]] = field(default_factory=list)
    order: list[tuple[str, str]] = field(default_factory=list)  # what, connection

    def received(self, connection: str, body: bytes, at: float) -> None:
        self.frames.append((connection, body, at))
        self.order.append(("received", connection))

    def opened(self, connection: str, at: float) -> None:
        self.events.append(("opened", connection, ""))
        self.order.append(("opened", connection))

    def closed(self, connection: str, at: float, why: str) -> None:
        self.events.append(("closed", connection, why))
        self.order.append(("closed", connection))

    @property
    def opens(self) -> list[str]:
        return [name for what, name, _ in self.events if what == "opened"]

    @property
    def closes(self) -> list[tuple[str, str]]:
        return [(name, why) for what, name, why in self.events if what == "closed"]

    def of(self, subscription: Subscription, since: int = 0) -> list[tuple[str, bytes]]:
        """The frames of a subscription, from the `since`-th frame on."""
        look = PROTOCOLS[self.market].subscriptions_of
        return [(name, body) for name, body, _ in self.frames[since:] if subscription in look(body)]

    def heard(self, since: int = 0, connection: str | None = None) -> set[Subscription]:
        look = PROTOCOLS[self.market].subscriptions_of
        frames = self.frames[since:]
        return {each for name, body, _ in frames if connection in (None, name) for each in look(body)}


def subscriptions(symbols: Collection[str], *channels: Channel) -> list[Subscription]:
    return [Subscription(symbol, channel) for symbol in symbols for channel in channels]


@asynccontextmanager
async def feeding(
    url: str, recorder: Recorder, wanted: Collection[Subscription], options: FeedOptions = QUICK
) -> AsyncIterator[Feed]:
    """A feed that runs until the block ends, and has then stopped without a trace."""
    feed = Feed(recorder.market, recorder, venue_url=url, options=options)
    feed.want(wanted)
    running = asyncio.create_task(feed.run())
    try:
        yield feed
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert [task for task in asyncio.all_tasks() if "alphapulse_resources" in repr(task)] == []
        assert feed.status() == []
