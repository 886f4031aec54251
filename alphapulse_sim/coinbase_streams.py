"""Coinbase Advanced Trade's stream: `level2`, `market_trades`, `candles` (5 minutes), `heartbeats`.

Frames as in the Advanced Trade WebSocket documentation. `sequence_num` counts the messages of a connection
whatever their channel; `timestamp` of a book's message is the time of its tick, so `update_id` of the truth
is that in milliseconds / 100. The side of a trade is the maker's.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.book import TICK_MS, Side
from alphapulse_sim.coinbase import iso
from alphapulse_sim.context import compact
from alphapulse_sim.decimals import short_string, short_strings
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import MINUTE
from alphapulse_sim.stream_faults import FaultyLine, Frame
from alphapulse_sim.stream_source import BarWatch, StreamSource, last_push, single
from alphapulse_sim.tape import Trades

CHANNELS: Final = ("level2", "market_trades", "candles", "heartbeats")
_CANDLES: Final = "5m"
_SECOND: Final = 1000
_TRADES_FIRST: Final = 50  # in the first message of market_trades

Events = Iterator[dict[str, Any]]


@dataclass(slots=True)
class Level2:
    """The whole book of one product, then what changes."""

    source: StreamSource
    listing: Listing
    told: int | None = None  # tick

    def due(self, tick: int) -> Events:
        """The book at first, its changes afterwards."""
        if self.told is None:
            book = self.source.book(self.listing, tick)
            kind, bids, asks = "snapshot", book.bids, book.asks
        elif tick > self.told:
            changes = self.source.changes(self.listing, self.told, tick)
            kind, bids, asks = "update", changes.bids, changes.asks
        else:
            return
        self.told = tick
        updates = [*self._levels("bid", bids, tick), *self._levels("offer", asks, tick)]
        if updates or kind == "snapshot":
            yield {"type": kind, "product_id": self.listing.symbol, "updates": updates}

    def _levels(self, name: str, side: Side, tick: int) -> Iterator[dict[str, str]]:
        at = iso(tick * TICK_MS)
        prices = short_strings(side.price, self.listing.price_digits)
        for price, size in zip(prices, short_strings(side.size, self.listing.size_digits), strict=True):
            yield {"side": name, "event_time": at, "price_level": price, "new_quantity": size}


@dataclass(slots=True)
class MarketTrades:
    """The latest trades at first, then those that happen; newest first."""

    source: StreamSource
    listing: Listing
    told: int | None = None  # tick

    def due(self, tick: int) -> Events:
        """The trades since."""
        if self.told is None:
            since = tick - 2 * MINUTE // TICK_MS
            trades = self.source.trades(self.listing, since, tick)
            kind, trades = "snapshot", trades.take(slice(-_TRADES_FIRST, None))
        else:
            if tick <= self.told:
                return
            kind, trades = "update", self.source.trades(self.listing, self.told, tick)
        self.told = tick
        if len(trades):
            yield {"type": kind, "trades": self._rows(trades)[::-1]}

    def _rows(self, trades: Trades) -> list[dict[str, str]]:
        columns = zip(
            trades.ids.tolist(),
            short_strings(trades.price, self.listing.price_digits),
            short_strings(trades.size, self.listing.size_digits),
            trades.ts.tolist(),
            trades.buyer_is_maker.tolist(),
            strict=True,
        )
        return [
            {
                "trade_id": str(number),
                "product_id": self.listing.symbol,
                "price": price,
                "size": size,
                "time": iso(ts),
                "side": "BUY" if maker else "SELL",
            }
            for number, price, size, ts, maker in columns
        ]


@dataclass(slots=True)
class Candles:
    """Five-minute candles, each second in which they changed."""

    watch: BarWatch

    def due(self, tick: int) -> Events:
        """The candle that closed, then the forming one."""
        listing = self.watch.listing
        for bar, _ in self.watch.due(tick):
            first, high, low, last = (
                short_string(single(column), listing.price_digits) for column in bar.prices
            )
            candle = {
                "start": str(single(bar.ts) // 1000),
                "high": high,
                "low": low,
                "open": first,
                "close": last,
                "volume": short_string(single(bar.volume), listing.size_digits),
                "product_id": listing.symbol,
            }
            yield {"type": "update", "candles": [candle]}


class CoinbaseStreams:
    """One connection."""

    def __init__(self, source: StreamSource, line: FaultyLine) -> None:
        self._source = source
        self._line = line
        self._numbers = count()
        self._beats: Iterator[int] | None = None
        self._beaten = 0  # tick
        self._channels: dict[tuple[str, str], Level2 | MarketTrades | Candles] = {}

    def open(self, tick: int) -> Iterable[Frame]:
        """Coinbase says nothing first."""
        return ()

    def hear(self, text: str, tick: int) -> Iterator[Frame]:
        """First messages of what was subscribed, then the list of all subscriptions; or an error."""
        try:
            asked = json.loads(text)
            operation, channel = asked["type"], asked["channel"]
            products = [str(product) for product in asked.get("product_ids", [])]
        except (ValueError, KeyError, TypeError, AttributeError):
            yield _error("failed to parse the message")
            return
        if operation not in ("subscribe", "unsubscribe") or channel not in CHANNELS:
            yield _error(f"failed to {operation}: channel {channel} is unknown")
            return
        if operation == "unsubscribe":
            self._drop(channel, products)
        else:
            message = self._why_not(channel, products, tick)
            if message:
                yield _error(message)
                return
            yield from self._subscribe(channel, products, tick)
        yield self._frame("subscriptions", [{"subscriptions": self._subscriptions()}], tick)

    def due(self, tick: int) -> Iterator[Frame]:
        """What every channel has to tell, one product in a message."""
        for (channel, product), stream in self._channels.items():
            if channel == "level2" and self._line.muted(channel, product):
                continue  # nothing is lost by that: what changes is told when it speaks again
            told = tick - self._line.late_ms(channel, product) // TICK_MS
            for event in stream.due(told):
                if not self._line.muted(channel, product):
                    yield self._frame(channel, [event], told, product)
        beat = last_push(tick, _SECOND)
        if self._beats is not None and beat > self._beaten:
            self._beaten = beat
            event = {"current_time": iso(tick * TICK_MS), "heartbeat_counter": next(self._beats)}
            yield self._frame("heartbeats", [event], tick)

    def _subscribe(self, channel: str, products: list[str], tick: int) -> Iterator[Frame]:
        if channel == "heartbeats":
            self._beats, self._beaten = self._beats or count(), last_push(tick, _SECOND)
        for product in products if channel != "heartbeats" else ():
            if (channel, product) in self._channels:
                continue
            stream = self._channels[channel, product] = self._stream(channel, product, tick)
            told = tick - self._line.late_ms(channel, product) // TICK_MS
            for event in () if self._line.muted(channel, product) else stream.due(told):
                yield self._frame(channel, [event], told, product)

    def _drop(self, channel: str, products: list[str]) -> None:
        if channel == "heartbeats":
            self._beats = None
        for product in products:
            self._channels.pop((channel, product), None)

    def _why_not(self, channel: str, products: list[str], tick: int) -> str:
        if channel != "heartbeats" and not products:
            return f"failed to subscribe: {channel} needs product_ids"
        for product in products:
            fault = self._line.refusal(channel, product)
            if fault is not None:
                return fault.parameters["message"] or "authentication failure"
            listing = self._source.sim.catalogue.find("coinbase", "spot", product)
            if listing is None or not listing.trading(tick * TICK_MS):
                return f"failed to subscribe: {product} is not a valid product"
        held = {*self._channels, *((channel, product) for product in products)}
        return self._line.beyond_limit(held) or ""

    def _stream(self, channel: str, product: str, tick: int) -> Level2 | MarketTrades | Candles:
        listing = self._source.sim.catalogue.find("coinbase", "spot", product)
        assert listing is not None  # `_why_not` has looked
        if channel == "level2":
            return Level2(self._source, listing)
        if channel == "market_trades":
            return MarketTrades(self._source, listing)
        return Candles(BarWatch.start(self._source, listing, _CANDLES, _SECOND, tick))

    def _subscriptions(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {} if self._beats is None else {"heartbeats": ["heartbeats"]}
        for channel, product in self._channels:
            found.setdefault(channel, []).append(product)
        return found

    def _frame(self, channel: str, events: list[dict[str, Any]], tick: int, product: str = "") -> Frame:
        body = {
            "channel": "l2_data" if channel == "level2" else channel,
            "client_id": "",
            "timestamp": iso(tick * TICK_MS),
            "sequence_num": next(self._numbers),
            "events": events,
        }
        return Frame(compact(body), channel if product else "", product)


def _error(message: str) -> Frame:
    return Frame(compact({"type": "error", "message": message}))


def coinbase_dialect(request: web.Request, source: StreamSource, line: FaultyLine) -> CoinbaseStreams:
    """What makes the connections."""
    return CoinbaseStreams(source, line)
