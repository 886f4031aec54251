"""A database, its notifications and a client as small models, to run a hub through any order of events."""

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from alphapulse_api.broadcasting.hub import Hub, Topic
from alphapulse_api.broadcasting.outbox import Outbox
from alphapulse_api.broadcasting.states import Image
from alphapulse_api.broadcasting.topics import Key
from alphapulse_api.broadcasting.transactions import Seen
from alphapulse_resources.broadcast.wire import item, pack, unpack
from alphapulse_resources.streams.feeds import FORMING, TRADES, Feed

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAME = ("binance", "BTC/USDT")
TRADES_KEY = Key("trades", *NAME)
CANDLES_KEY = Key("candles", *NAME, "1m")


def values_of(feed: Feed, number: int, version: int = 0) -> list[Any]:
    """A row of a feed: its time by `number`, one figure by `version`."""
    ts = START + (timedelta(minutes=number) if feed is not TRADES else timedelta(seconds=number))
    told: dict[str, Any] = dict.fromkeys(feed.columns, 1.0)
    told |= {"ts": ts, "received_at": ts, "close": 1.0 + version, "high": 1.0 + version}
    return [told[name] for name in feed.columns]


def as_row(feed: Feed, values: list[Any]) -> dict[str, Any]:
    """As a read of the tables gives it."""
    row: dict[str, Any] = json.loads(item("x", 1, values))[2]
    return dict(zip(feed.columns, row, strict=True))


@dataclass
class Base:
    """Transactions that are under way or committed, and what was notified and is on its way."""

    next_one: int = 100
    open: dict[int, list[tuple[Feed, list[Any]]]] = field(default_factory=dict)
    tables: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {"t": {}, "c": {}, "f": {}})
    on_its_way: deque[bytes] = field(default_factory=deque)
    number: int = 1

    def begin(self, rows: list[tuple[Feed, list[Any]]]) -> int:
        self.open[self.next_one] = rows
        self.next_one += 1
        return self.next_one - 1

    def commit(self, transaction: int) -> None:
        rows = self.open.pop(transaction)
        for feed, values in rows:
            row = as_row(feed, values)
            self.tables[feed.code]["" if feed is FORMING else row["ts"]] = row
        payloads = pack("p", self.number, [item(feed.code, 1, values) for feed, values in rows])
        self.number += len(payloads)
        self.on_its_way.extend(b"%d %s" % (transaction, payload) for payload in payloads)

    def read(self, key: Key) -> tuple[Seen, Image]:
        oldest = min(self.open, default=self.next_one)
        seen = Seen(oldest, self.next_one, frozenset(self.open))
        if key is TRADES_KEY:
            rows = [
                dict(zip(("venue", "symbol"), NAME, strict=True)) | row for row in _sorted(self.tables["t"])
            ]
            return seen, Image(rows=rows)
        return seen, Image(minutes=_sorted(self.tables["c"]), forming=self.tables["f"].get(""))


def _sorted(rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [rows[ts] for ts in sorted(rows)]


class Client:
    """What a client makes of its messages: the rows that it holds, by time; duplicates and holes fail."""

    def __init__(self, hub: Hub, most: int = 2_000) -> None:
        self.outbox = Outbox(hub.resync, lambda: None, most)
        self.rows: dict[str, dict[str, dict[str, Any]]] = {}
        self.seqs: dict[str, int] = {}
        self.resyncs = 0

    def take(self, messages: int | None = None) -> None:
        """Take so many messages, or all."""
        while messages is None or messages > 0:
            text = self.outbox.next()
            if text is None:
                return
            self._take(json.loads(text))
            messages = None if messages is None else messages - 1

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "resync":
            self.resyncs += 1
            return
        topic = message["topic"]
        if message["type"] == "snapshot":
            self.rows[topic], self.seqs[topic] = {}, message["seq"]
        else:
            self.seqs[topic] += 1
            assert message["seq"] == self.seqs[topic]
        rows = self.rows[topic]
        for row in message["data"]:
            if topic.startswith("trades"):
                assert row["ts"] not in rows, f"{row['ts']} was told twice"
            rows[row["ts"]] = row


class World:
    """A hub between a database and its clients."""

    def __init__(self, most: int = 2_000) -> None:
        self.wanted: dict[Topic, None] = {}
        self.hub = Hub(lambda topic: self.wanted.setdefault(topic))
        self.hub.names = {1: NAME}
        self.base = Base()
        self.under_way: list[tuple[Topic, int, Seen, Image]] = []
        self.clients: list[Client] = []
        self.most = most
        self.connected = True
        self.hub.connected()

    def follow(self, key: Key) -> Client:
        client = Client(self.hub, self.most)
        self.clients.append(client)
        self.hub.follow(client.outbox, key, None)
        return client

    def deliver(self, count: int) -> None:
        for _ in range(min(count, len(self.base.on_its_way))):
            self.hub.hear(unpack(self.base.on_its_way.popleft()))

    def lose(self) -> None:
        """The connection is lost with all that is on its way, and is back."""
        self.base.on_its_way.clear()
        self.hub.connected()

    def begin_read(self) -> None:
        if self.wanted:
            topic = next(iter(self.wanted))
            del self.wanted[topic]
            self.under_way.append((topic, topic.generation, *self.base.read(topic.key)))

    def end_read(self) -> None:
        if self.under_way:
            self.hub.loaded(*self.under_way.pop(0))

    def settle(self) -> None:
        """Let everything that is under way come to its end."""
        for transaction in sorted(self.base.open):
            self.base.commit(transaction)
        self.deliver(len(self.base.on_its_way))
        for _ in range(100):
            self.begin_read()
            self.end_read()
            for client in self.clients:
                client.take()
            if not self.wanted and not self.under_way:
                return
        raise AssertionError("it does not come to an end")
