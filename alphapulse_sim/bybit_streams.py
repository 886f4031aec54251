"""Bybit's v5 public streams: order books of N levels, trades, klines, liquidations, and {"op": "ping"}.

Frames as in "WebSocket Stream - Public" of Bybit's v5 documentation. A book begins with a snapshot and goes
on with deltas, `u` one by one: the tick of `book.py`. All depths are pushed every 100 ms here (depth 1 as
snapshots only, as at Bybit); when the simulator is late by more than a second, a new snapshot stands in.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.book import TICK_MS, Side
from alphapulse_sim.bybit import INTERVALS
from alphapulse_sim.context import compact
from alphapulse_sim.decimals import short_string, short_strings
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import next_open
from alphapulse_sim.liquidations import liquidations
from alphapulse_sim.stream_faults import FaultyLine, Frame
from alphapulse_sim.stream_source import BarWatch, StreamSource, last_push, single

_DEPTHS: Final = ("1", "50", "200", "500", "1000")
_KLINE_MS: Final = 1000
_LIQUIDATION_MS: Final = 500
_MOST_ARGS: Final = {"spot": 10, "perpetual": 2000}

Bodies = Iterator[dict[str, Any]]


def _levels(listing: Listing, side: Side) -> list[list[str]]:
    prices = short_strings(side.price, listing.price_digits)
    return [list(level) for level in zip(prices, short_strings(side.size, listing.size_digits), strict=True)]


@dataclass(slots=True)
class OrderBook:
    """`orderbook.<depth>.<symbol>`."""

    source: StreamSource
    listing: Listing
    depth: int
    told: int | None = None  # tick of the last message

    def due(self, tick: int) -> Bodies:
        """A snapshot first, then a delta of each tick."""
        if self.told is not None and tick <= self.told:
            return
        if self.told == tick - 1 and self.depth > 1:
            changes = self.source.changes(self.listing, self.told, tick, self.depth)
            yield self._body("delta", tick, changes.bids, changes.asks)
        else:
            book = self.source.book(self.listing, tick)
            yield self._body("snapshot", tick, book.bids.best(self.depth), book.asks.best(self.depth))
        self.told = tick

    def _body(self, kind: str, tick: int, bids: Side, asks: Side) -> dict[str, Any]:
        data = {
            "s": self.listing.symbol,
            "b": _levels(self.listing, bids),
            "a": _levels(self.listing, asks),
            "u": tick,
            "seq": tick,
        }
        return {"type": kind, "ts": tick * TICK_MS, "data": data, "cts": tick * TICK_MS}


@dataclass(slots=True)
class PublicTrades:
    """`publicTrade.<symbol>`."""

    source: StreamSource
    listing: Listing
    told: int  # tick

    def due(self, tick: int) -> Bodies:
        """The trades since, in one message."""
        if tick <= self.told:
            return
        listing = self.listing
        trades = self.source.trades(listing, self.told, tick)
        self.told = tick
        columns = zip(
            trades.ids.tolist(),
            short_strings(trades.price, listing.price_digits),
            short_strings(trades.size, listing.size_digits),
            trades.ts.tolist(),
            trades.buyer_is_maker.tolist(),
            strict=True,
        )
        rows = [
            {
                "T": ts,
                "s": listing.symbol,
                "S": "Sell" if maker else "Buy",
                "v": size,
                "p": price,
                "L": "ZeroMinusTick" if maker else "ZeroPlusTick",
                "i": str(number),
                "BT": False,
            }
            for number, price, size, ts, maker in columns
        ]
        if rows:
            yield {"type": "snapshot", "ts": tick * TICK_MS, "data": rows}


@dataclass(slots=True)
class Klines:
    """`kline.<interval>.<symbol>`; `name` is Bybit's name of the interval."""

    watch: BarWatch
    name: str

    def due(self, tick: int) -> Bodies:
        """The bars that closed, then the forming one if it changed."""
        listing, now = self.watch.listing, tick * TICK_MS
        for bar, closed in self.watch.due(tick):
            opened = single(bar.ts)
            first, high, low, last = (
                short_string(single(column), listing.price_digits) for column in bar.prices
            )
            turnover = short_string(single(bar.quote), listing.price_digits + listing.size_digits)
            row = {
                "start": opened,
                "end": next_open(opened, self.watch.interval) - 1,
                "interval": self.name,
                "open": first,
                "close": last,
                "high": high,
                "low": low,
                "volume": short_string(single(bar.volume), listing.size_digits),
                "turnover": turnover,
                "confirm": closed,
                "timestamp": now,
            }
            yield {"type": "snapshot", "ts": now, "data": [row]}


@dataclass(slots=True)
class AllLiquidations:
    """`allLiquidation.<symbol>`: every one, with the side of the position and its bankruptcy price."""

    source: StreamSource
    listing: Listing
    told: int  # tick

    def due(self, tick: int) -> Bodies:
        """Those since the last push, in one message."""
        push = last_push(tick, _LIQUIDATION_MS)
        if push <= self.told:
            return
        listing, since, self.told = self.listing, self.told, push
        found = liquidations(self.source.sim.market, listing, since * TICK_MS, push * TICK_MS)
        rows = [
            {
                "T": each.ts,
                "s": listing.symbol,
                "S": "Buy" if each.closes_long else "Sell",
                "v": short_string(each.size, listing.size_digits),
                "p": short_string(each.price, listing.price_digits),
            }
            for each in found
        ]
        if rows:
            yield {"type": "snapshot", "ts": push * TICK_MS, "data": rows}


Topic = OrderBook | PublicTrades | Klines | AllLiquidations


class BybitStreams:
    """One connection to one category; `kind` is the simulator's name for it."""

    def __init__(self, kind: str, source: StreamSource, line: FaultyLine) -> None:
        self._kind = kind
        self._source = source
        self._line = line
        self._topics: dict[str, Topic] = {}
        self._name = f"sim-{id(self):x}"

    def open(self, tick: int) -> Iterable[Frame]:
        """Bybit says nothing first."""
        return ()

    def hear(self, text: str, tick: int) -> Iterator[Frame]:
        """The answer to an operation, with the first snapshots after it."""
        try:
            asked = json.loads(text)
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            yield self._reply({}, "", "error:invalid JSON", success=False)
            return
        operation, topics = asked.get("op"), asked.get("args", [])
        if operation == "ping":
            yield self._reply(asked, "ping", "pong")
        elif operation not in ("subscribe", "unsubscribe") or not isinstance(topics, list):
            yield self._reply(asked, str(operation or ""), f"error:unknown op {operation}", success=False)
        elif len(topics) > _MOST_ARGS[self._kind]:
            limit = _MOST_ARGS[self._kind]
            yield self._reply(asked, operation, f"error:args size >{limit}", success=False)
        elif operation == "unsubscribe":
            for topic in topics:
                self._topics.pop(topic, None)
            yield self._reply(asked, operation, "")
        else:
            yield from self._subscribe(asked, [str(topic) for topic in topics], tick)

    def due(self, tick: int) -> Iterator[Frame]:
        """What every topic has to tell."""
        for name, topic in self._topics.items():
            symbol = topic_symbol(name)
            muted = self._line.muted(name, symbol)
            for body in topic.due(tick - self._line.late_ms(name, symbol) // TICK_MS):
                if muted:
                    continue
                yield Frame(compact({"topic": name, **body}), name, topic_symbol(name))

    def _subscribe(self, asked: dict[str, Any], names: list[str], tick: int) -> Iterator[Frame]:
        """All of the topics or none, as Bybit does it."""
        found: dict[str, Topic] = {}
        held = {*self._topics, *names}
        if beyond := self._line.beyond_limit((name, topic_symbol(name)) for name in held):
            yield self._reply(asked, "subscribe", f"error:{beyond}", success=False)
            return
        for name in names:
            topic = self._topic(name, tick)
            fault = self._line.refusal(name, topic_symbol(name))
            if topic is None or fault or name in self._topics:
                usual = f"already subscribed,topic:{name}" if topic else f"handler not found,topic:{name}"
                message = (fault and fault.parameters["message"]) or f"error:{usual}"
                yield self._reply(asked, "subscribe", message, success=False)
                return
            found[name] = topic
        yield self._reply(asked, "subscribe", "")
        for name, topic in found.items():
            self._topics[name] = topic
            if isinstance(topic, OrderBook) and not self._line.muted(name, topic_symbol(name)):
                for body in topic.due(tick - self._line.late_ms(name, topic_symbol(name)) // TICK_MS):
                    yield Frame(compact({"topic": name, **body}), name, topic_symbol(name))

    def _topic(self, name: str, tick: int) -> Topic | None:
        channel, *middle = name.split(".")[:-1] or [""]
        found = self._source.sim.catalogue.find("bybit", self._kind, topic_symbol(name))
        if found is None or not found.trading(tick * TICK_MS):
            return None
        if channel == "orderbook" and len(middle) == 1 and middle[0] in _DEPTHS:
            return OrderBook(self._source, found, int(middle[0]))
        if channel == "publicTrade" and not middle:
            return PublicTrades(self._source, found, tick)
        if channel == "allLiquidation" and not middle and self._kind != "spot":
            return AllLiquidations(self._source, found, last_push(tick, _LIQUIDATION_MS))
        if channel == "kline" and len(middle) == 1 and middle[0] in INTERVALS:
            watch = BarWatch.start(self._source, found, INTERVALS[middle[0]], _KLINE_MS, tick)
            return Klines(watch, middle[0])
        return None

    def _reply(self, asked: dict[str, Any], operation: str, message: str, *, success: bool = True) -> Frame:
        head = {"success": success, "ret_msg": message, "conn_id": self._name}
        return Frame(compact({**head, "req_id": asked.get("req_id", ""), "op": operation}))


def topic_symbol(topic: str) -> str:
    """BTCUSDT of `orderbook.50.BTCUSDT`."""
    return topic.rpartition(".")[2]


def bybit_dialect(kind: str) -> Callable[[web.Request, StreamSource, FaultyLine], BybitStreams]:
    """What makes the connections of one category."""
    return lambda request, source, line: BybitStreams(kind, source, line)
