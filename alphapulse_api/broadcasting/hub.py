"""Who follows what: topics, their states, and what each event means for them. No I/O; for one event loop.

A topic begins with a read of the tables (`wants`: whoever reads then calls `loaded`). Events that come
meanwhile wait, and those that the read has seen already are left out: by their transaction, which is exact.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from alphapulse_api.broadcasting.bars import TooOldError
from alphapulse_api.broadcasting.outbox import Outbox
from alphapulse_api.broadcasting.rows import Row, row_of
from alphapulse_api.broadcasting.states import Image, News, State, state_of
from alphapulse_api.broadcasting.topics import TIMEFRAMES, Key, keys_about, topic_name
from alphapulse_api.broadcasting.transactions import Seen
from alphapulse_resources.broadcast.wire import NEW_ROWS, Payload
from alphapulse_resources.streams.feeds import BOOK_EVENTS, BY_CODE, Feed

log = logging.getLogger(__name__)

MOST_HELD: Final = 5_000
"""Events that may wait for a read of the tables (ours); more, and it is read again."""

MOST_PUBLISHERS: Final = 5_000
"""That are remembered (ours): each writer of each run is one, and silent when its run is over."""

WOKEN_BY: Final[Mapping[str, tuple[str, str | None]]] = {
    "market_metrics": ("metrics", "market"),
    "open_interest": ("metrics", "futures"),
    "funding_rates": ("metrics", "futures"),
    "mark_prices": ("metrics", "futures"),
    "sentiment_aggregates": ("sentiment", None),
    "alerts": ("alerts", None),
}
"""Which channel, and of metrics which data set, has news when a data set has new rows."""


@dataclass(slots=True, eq=False)
class Topic:
    """One topic that somebody follows."""

    key: Key
    state: State
    followers: dict[Outbox, int | None] = field(default_factory=dict)
    loaded: bool = False
    generation: int = 0
    """Of its reads: one that began before something was lost tells too little."""
    seen: Seen | None = None
    held: list[tuple[int | None, Feed, Row]] = field(default_factory=list)
    overflowed: bool = False
    stale: bool = False
    """Whether it is to be read again, as somebody said that there is something new."""

    @property
    def name(self) -> str:
        return topic_name(self.key)


class Hub:
    """All topics of a process. `wants` is called with a topic whose tables are to be read."""

    def __init__(self, wants: Callable[[Topic], None]) -> None:
        self._wants = wants
        self._topics: dict[Key, Topic] = {}
        self._by_name: dict[str, Topic] = {}
        self._numbers: dict[str, int] = {}
        self.names: dict[int, tuple[str, str]] = {}
        """Venue and symbol by instrument."""
        self.unknown: set[int] = set()
        """Instruments that were heard of and whose names are not known yet."""
        self.gaps = 0

    @property
    def topics(self) -> list[Topic]:
        """All that are followed."""
        return list(self._topics.values())

    def name_of(self, key: Key) -> str:
        """A topic's name on the wire."""
        return topic_name(key)

    # clients --------------------------------------------------------------------------------------------

    def follow(self, outbox: Outbox, key: Key, number: int | None) -> str:
        """Follow a topic; its snapshot comes first. Returns its name."""
        topic = self._topics.get(key)
        if topic is None:
            topic = self._topics[key] = Topic(key, state_of(key))
            self._by_name[topic.name] = topic
            self._wants(topic)
        outbox.add(topic.name, number)
        topic.followers[outbox] = number
        if topic.loaded:
            outbox.put_snapshot(topic.name, _encoded(topic.state.rows))
        return topic.name

    def leave(self, outbox: Outbox, name: str) -> bool:
        """Follow it no more; whether it was followed."""
        topic = self._by_name.get(name)
        outbox.remove(name)
        if topic is None or outbox not in topic.followers:
            return False
        del topic.followers[outbox]
        if not topic.followers:
            del self._topics[topic.key], self._by_name[name]
        return True

    def leave_all(self, outbox: Outbox) -> None:
        """The client is gone."""
        for name in outbox.topics:
            self.leave(outbox, name)

    def resync(self, outbox: Outbox, name: str) -> None:
        """A client's queue overflowed: it gets the state of now."""
        topic = self._by_name.get(name)
        if topic is not None and topic.loaded:
            outbox.put_snapshot(name, _encoded(topic.state.rows))

    # the tables -----------------------------------------------------------------------------------------

    def alive(self, topic: Topic) -> bool:
        """Whether somebody follows it still."""
        return self._topics.get(topic.key) is topic

    def loaded(self, topic: Topic, generation: int, seen: Seen, image: Image) -> None:
        """What the tables have of a topic: its followers get it, and what came since.

        `generation`: the topic's when the read began.
        """
        if not self.alive(topic) or generation != topic.generation:
            return
        if topic.overflowed:
            topic.held, topic.overflowed = [], False
            self._wants(topic)
            return
        if topic.loaded:
            self._merge(topic, image)
            return
        topic.state.load(image)
        topic.seen, topic.loaded = seen, True
        held, topic.held = topic.held, []
        for transaction, feed, row in held:
            if not seen.has(transaction):
                self._step(topic, lambda feed=feed, row=row: topic.state.take(feed, row))  # type: ignore[misc]
        if not topic.loaded:
            return  # what was held asked for another read
        data = _encoded(topic.state.rows)
        for outbox in topic.followers:
            outbox.put_snapshot(topic.name, data)

    def lost(self, reason: str, topics: Iterable[Topic] | None = None) -> None:
        """Something may be missing: topics are read anew, and clients told."""
        for topic in list(self._topics.values()) if topics is None else topics:
            if topic.loaded:
                for outbox in topic.followers:
                    outbox.begin_anew(topic.name, reason)
            # a read that is under way began before what was lost: it may have seen too little
            topic.generation += 1
            topic.loaded, topic.stale, topic.overflowed, topic.held = False, False, False, []
            self._wants(topic)

    def _merge(self, topic: Topic, image: Image) -> None:
        topic.stale = False
        self._step(topic, lambda: topic.state.merge(image))

    # the bus --------------------------------------------------------------------------------------------

    def connected(self) -> None:
        """The bus is heard from now on: what was told before is unknown."""
        self._numbers.clear()
        self.lost("the connection to the data was lost and is back")

    def hear(self, payload: Payload) -> None:
        """Take what a publisher told."""
        known = self._numbers.pop(payload.publisher, None)  # and put last: what is first was silent longest
        self._numbers[payload.publisher] = payload.number
        if len(self._numbers) > MOST_PUBLISHERS:
            del self._numbers[next(iter(self._numbers))]
        if known is not None and payload.number != known + 1:
            self.gaps += 1
            self.lost("something was not told in time")
        for item in payload.items:
            try:
                self._hear(payload.transaction, item)
            except (LookupError, TypeError, ValueError) as error:
                log.warning("an item that cannot be read is left out: %s (%r)", error, item)
                self.lost("something could not be read")

    def told_row(
        self, transaction: int | None, feed: Feed, instrument_id: int, values: Sequence[Any]
    ) -> None:
        """Take a row of an instrument."""
        name = self.names.get(instrument_id)
        if name is None:
            self.unknown.add(instrument_id)
            return
        topics = [found for key in _keys(feed, *name, values) if (found := self._topics.get(key)) is not None]
        if not topics:
            return
        row = row_of(feed, *name, values)
        for topic in topics:
            self._take(topic, transaction, feed, row)

    def _hear(self, transaction: int | None, item: Sequence[Any]) -> None:
        if item[0] == NEW_ROWS:
            self.woken(item[1])
            return
        feed = BY_CODE.get(item[0])
        if feed is None:
            return  # of a newer publisher
        if item[2] is None:
            self._too_large(feed, item[1])
        else:
            self.told_row(transaction, feed, item[1], item[2])

    def _too_large(self, feed: Feed, instrument_id: int) -> None:
        """A row that fits in no payload: topics that it belongs to are read, where it is found."""
        name = self.names.get(instrument_id)
        if name is None:
            self.unknown.add(instrument_id)
            return
        for topic in self.topics:
            of_it = topic.key.channel == feed.channel
            if of_it and topic.key.venue in (name[0], "*") and topic.key.symbol in (name[1], "*"):
                self._read_again(topic)

    def woken(self, dataset: str) -> None:
        """A data set has new rows."""
        channel, part = WOKEN_BY.get(dataset, ("", None))
        for topic in self.topics:
            if topic.key.channel == channel and (part is None or topic.key.part == part):
                self._read_again(topic)

    def refresh(self, channels: Iterable[str]) -> None:
        """Read these channels' topics again: what nobody tells of is found so."""
        for topic in self.topics:
            if topic.key.channel in channels:
                self._read_again(topic)

    def _read_again(self, topic: Topic) -> None:
        if not topic.stale:
            topic.stale = True
            self._wants(topic)

    def _take(self, topic: Topic, transaction: int | None, feed: Feed, row: Row) -> None:
        if not topic.loaded:
            if len(topic.held) >= MOST_HELD:
                topic.overflowed = True
                topic.held.clear()
            topic.held.append((transaction, feed, row))
        elif topic.seen is None or not topic.seen.has(transaction):
            self._step(topic, lambda: topic.state.take(feed, row))

    def _step(self, topic: Topic, step: Callable[[], Iterable[News]]) -> None:
        try:
            for news in step():
                data = _encoded(news.rows)
                for outbox in topic.followers:
                    outbox.put(topic.name, data, conflated=news.conflated)
        except TooOldError as error:
            self.lost(f"older bars were corrected: {error}", [topic])


def _keys(feed: Feed, venue: str, symbol: str, values: Sequence[Any]) -> list[Key]:
    if feed.channel == "candles":
        return [Key("candles", venue, symbol, timeframe) for timeframe in TIMEFRAMES]
    if feed is BOOK_EVENTS:
        return [Key("book", venue, symbol), *keys_about("status", venue, symbol)]
    if feed.by_timeframe:
        return keys_about(feed.channel, venue, symbol, row_of(feed, venue, symbol, values)["timeframe"])
    return keys_about(feed.channel, venue, symbol)


def _encoded(rows: Sequence[Row]) -> bytes:
    return orjson.dumps(rows)
