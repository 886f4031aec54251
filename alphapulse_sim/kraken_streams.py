"""Kraken's WebSocket v2: `book` with its checksums, `trade`, heartbeats, pings.

Frames as documented at docs.kraken.com, "Spot WebSocket". Numbers are JSON numbers with all their decimals,
which is what the checksum is about; so books are printed by hand. `timestamp` of a book's message is the time
of its tick, so `update_id` of the truth is that in milliseconds / 100.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.book import TICK_MS, Book, Side
from alphapulse_sim.coinbase import iso
from alphapulse_sim.context import compact
from alphapulse_sim.decimals import decimal_strings
from alphapulse_sim.instruments import Listing
from alphapulse_sim.kraken import sizes
from alphapulse_sim.stream_faults import FaultyLine, Frame
from alphapulse_sim.stream_source import StreamSource, last_push

CHANNELS: Final = ("book", "trade")
DEPTHS: Final = (10, 25, 100, 500, 1000)
_CHECKED: Final = 10  # levels a side of the checksum
_SECOND: Final = 1000


def _printed(listing: Listing, side: Side) -> list[tuple[str, str]]:
    digits = listing.price_digits
    return list(zip(decimal_strings(side.price, digits, digits), sizes(listing, side.size), strict=True))


def checksum(listing: Listing, book: Book) -> int:
    """CRC32 of the best ten asks and bids, digits only."""
    text = "".join(
        number.replace(".", "").lstrip("0")
        for side in (book.asks, book.bids)
        for level in _printed(listing, side.best(_CHECKED))
        for number in level
    )
    return zlib.crc32(text.encode())


def _within(changed: Side, side: Side, depth: int) -> Side:
    """Changes without the levels that only fell out of the depth: nothing is said about them."""
    if len(side.price) < depth:
        return changed
    best, worst = int(side.price[0]), int(side.price[depth - 1])
    low, high = min(best, worst), max(best, worst)
    kept = (changed.price >= low) & (changed.price <= high) if depth > 1 else changed.price == best
    beyond = changed.price > high if best > worst else changed.price < low  # better than the best: it is gone
    chosen: np.ndarray[Any, np.dtype[np.bool_]] = kept | beyond
    return Side(changed.price[chosen], changed.size[chosen])


@dataclass(slots=True)
class BookChannel:
    """The best levels of one pair, then what changes."""

    source: StreamSource
    listing: Listing
    depth: int
    told: int | None = None  # tick

    def due(self, tick: int) -> Iterator[str]:
        """The book at first, its changes afterwards."""
        book = self.source.book(self.listing, tick)
        if self.told is None:
            kind, bids, asks = "snapshot", book.bids.best(self.depth), book.asks.best(self.depth)
        elif tick > self.told:
            changes = self.source.changes(self.listing, self.told, tick, self.depth)
            kind = "update"
            bids = _within(changes.bids, book.bids, self.depth)
            asks = _within(changes.asks, book.asks, self.depth)
        else:
            return
        self.told = tick
        if kind == "snapshot" or len(bids.price) or len(asks.price):
            yield self._text(kind, bids, asks, book, tick)

    def _text(self, kind: str, bids: Side, asks: Side, book: Book, tick: int) -> str:
        told = ",".join(f'"{name}":[{self._levels(side)}]' for name, side in (("bids", bids), ("asks", asks)))
        at = f',"timestamp":"{iso(tick * TICK_MS)}"'
        whose = f'"symbol":"{self.listing.symbol}"'
        body = f'{whose},{told},"checksum":{checksum(self.listing, book)}{at}'
        return f'{{"channel":"book","type":"{kind}","data":[{{{body}}}]}}'

    def _levels(self, side: Side) -> str:
        return ",".join(f'{{"price":{price},"qty":{size}}}' for price, size in _printed(self.listing, side))


@dataclass(slots=True)
class TradeChannel:
    """The trades that happen, oldest first."""

    source: StreamSource
    listing: Listing
    told: int  # tick

    def due(self, tick: int) -> Iterator[str]:
        """The trades since."""
        if tick <= self.told:
            return
        trades = self.source.trades(self.listing, self.told, tick)
        self.told = tick
        columns = zip(
            _printed(self.listing, Side(trades.price, trades.size)),
            trades.ts.tolist(),
            trades.buyer_is_maker.tolist(),
            trades.ids.tolist(),
            strict=True,
        )
        rows = [
            f'{{"symbol":"{self.listing.symbol}","side":"{"sell" if maker else "buy"}","price":{price},'
            f'"qty":{size},"ord_type":"market","trade_id":{number},"timestamp":"{iso(ts)}"}}'
            for (price, size), ts, maker, number in columns
        ]
        if rows:
            yield f'{{"channel":"trade","type":"update","data":[{",".join(rows)}]}}'


class KrakenStreams:
    """One connection."""

    def __init__(self, source: StreamSource, line: FaultyLine) -> None:
        self._source = source
        self._line = line
        self._beaten = 0  # tick
        self._channels: dict[tuple[str, str], BookChannel | TradeChannel] = {}

    def open(self, tick: int) -> Iterator[Frame]:
        """How the venue is."""
        data = {"api_version": "v2", "connection_id": tick, "system": "online", "version": "2.0.10"}
        yield Frame(compact({"channel": "status", "type": "update", "data": [data]}))

    def hear(self, text: str, tick: int) -> Iterator[Frame]:
        """An answer for each symbol, with the first message of what was subscribed; or an error."""
        try:
            asked = json.loads(text)
            method, number, given = asked["method"], asked.get("req_id"), asked.get("params") or {}
        except (ValueError, KeyError, TypeError, AttributeError):
            yield _answer("error", None, tick, error="Malformed request")
            return
        if method == "ping":
            yield _answer("pong", number, tick)
        elif method not in ("subscribe", "unsubscribe") or given.get("channel") not in CHANNELS:
            yield _answer(method, number, tick, success=False, error="Event(s) not found")
        else:
            for symbol in given.get("symbol") or []:
                yield from self._one(method, number, given, str(symbol), tick)

    def _one(
        self, method: str, number: int | None, given: dict[str, Any], symbol: str, tick: int
    ) -> Iterator[Frame]:
        channel, depth = given["channel"], given.get("depth", 10)
        if method == "unsubscribe":
            self._channels.pop((channel, symbol), None)
        elif error := self._why_not(channel, symbol, depth, tick):
            yield _answer(method, number, tick, success=False, error=error, symbol=symbol)
            return
        result = {"channel": channel, "symbol": symbol, "snapshot": bool(given.get("snapshot", True))}
        if channel == "book":
            result["depth"] = depth
        yield _answer(method, number, tick, success=True, result=result)
        if method == "subscribe" and (channel, symbol) not in self._channels:
            listing = self._source.sim.catalogue.find("kraken", "spot", symbol)
            assert listing is not None  # `_why_not` has looked
            told = tick - self._line.late_ms(channel, symbol) // TICK_MS
            self._channels[channel, symbol] = (
                BookChannel(self._source, listing, depth)
                if channel == "book"
                else TradeChannel(self._source, listing, told)
            )
            yield from self._told(channel, symbol, tick)

    def due(self, tick: int) -> Iterator[Frame]:
        """What every channel has to tell, and once a second that the connection lives."""
        for channel, symbol in self._channels:
            yield from self._told(channel, symbol, tick)
        beat = last_push(tick, _SECOND)
        if self._channels and beat > self._beaten:
            self._beaten = beat
            yield Frame(compact({"channel": "heartbeat"}))

    def _told(self, channel: str, symbol: str, tick: int) -> Iterator[Frame]:
        if self._line.muted(channel, symbol):
            return  # nothing of a book is lost by that: what changed is told when it speaks again
        told = tick - self._line.late_ms(channel, symbol) // TICK_MS
        for text in self._channels[channel, symbol].due(told):
            yield Frame(text, channel, symbol)

    def _why_not(self, channel: str, symbol: str, depth: Any, tick: int) -> str:
        fault = self._line.refusal(channel, symbol)
        if fault is not None:
            return fault.parameters["message"] or f"Currency pair not supported {symbol}"
        listing = self._source.sim.catalogue.find("kraken", "spot", symbol)
        if listing is None or not listing.trading(tick * TICK_MS):
            return f"Currency pair not supported {symbol}"
        if channel == "book" and depth not in DEPTHS:
            return "Subscription depth not supported"
        return self._line.beyond_limit({*self._channels, (channel, symbol)}) or ""


def _answer(method: str, number: int | None, tick: int, **given: Any) -> Frame:
    at = iso(tick * TICK_MS)
    body = {"method": method, **given, "time_in": at, "time_out": at}
    return Frame(compact(body if number is None else body | {"req_id": number}))


def kraken_dialect(request: web.Request, source: StreamSource, line: FaultyLine) -> KrakenStreams:
    """What makes the connections."""
    return KrakenStreams(source, line)
