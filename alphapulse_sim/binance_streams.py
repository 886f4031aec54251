"""Binance's streams, spot and futures: depth diffs, trades, klines and best prices, and SUBSCRIBE.

Liquidations are in `binance_liquidations.py`.

Fields, their types and the order of ids are those of recorded frames (cryptofeed's captures of 2021) and of
"WebSocket Streams" in Binance's documentation. A diff's `u` is the tick of `book.py`; a diff that covers
several ticks has `U` below `u`. An unknown stream or symbol is acknowledged and stays silent, as at Binance.
"""

import json
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.binance import Dialect, kline_columns, places
from alphapulse_sim.binance_liquidations import ALL_FORCED, AllForcedOrders, ForcedOrders
from alphapulse_sim.book import TICK_MS, Side
from alphapulse_sim.context import compact
from alphapulse_sim.decimals import decimal_string, decimal_strings
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import STEPS
from alphapulse_sim.stream_faults import FaultyLine, Frame
from alphapulse_sim.stream_source import BarWatch, StreamSource, last_push, single
from alphapulse_sim.streams import VenueError

_KLINE_MS: Final = {True: 2000, False: 250}  # spot, futures
_DEPTH_MS: Final = {True: {"": 1000, "100ms": 100}, False: {"": 250, "500ms": 500, "100ms": 100}}
_MOST_STREAMS: Final = {True: 1024, False: 200}
_MOST_MESSAGES: Final = {True: 5, False: 10}  # of a client, each second
_VARIANTS: Final = "SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, SET_PROPERTY, GET_PROPERTY"

Payloads = Iterator[dict[str, Any]]


def levels(listing: Listing, side: Side) -> list[list[str]]:
    """Levels as Binance prints them."""
    wide = places(listing)
    prices = decimal_strings(side.price, listing.price_digits, wide.price)
    sizes = decimal_strings(side.size, listing.size_digits, wide.size)
    return [list(level) for level in zip(prices, sizes, strict=True)]


@dataclass(slots=True)
class Depth:
    """`<symbol>@depth[@speed]`."""

    source: StreamSource
    listing: Listing
    every_ms: int
    pushed: int  # tick

    def due(self, tick: int) -> Payloads:
        """The diff since the last push, if one is due and anything changed."""
        push = last_push(tick, self.every_ms)
        if push <= self.pushed:
            return
        changes = self.source.changes(self.listing, self.pushed, push)
        if not changes:
            return
        spot = self.listing.kind == "spot"
        yield {
            "e": "depthUpdate",
            "E": push * TICK_MS,
            **({} if spot else {"T": push * TICK_MS}),
            "s": self.listing.symbol,
            "U": self.pushed + 1,
            "u": push,
            **({} if spot else {"pu": self.pushed}),
            "b": levels(self.listing, changes.bids),
            "a": levels(self.listing, changes.asks),
        }
        self.pushed = push


@dataclass(slots=True)
class TradeStream:
    """`<symbol>@aggTrade` and `<symbol>@trade`; an aggregate is one trade here, as over REST."""

    source: StreamSource
    listing: Listing
    aggregate: bool
    pushed: int  # tick

    def due(self, tick: int) -> Payloads:
        """The trades since."""
        if tick <= self.pushed:
            return
        listing, wide = self.listing, places(self.listing)
        trades = self.source.trades(listing, self.pushed, tick)
        self.pushed = tick
        columns = zip(
            trades.ids.tolist(),
            decimal_strings(trades.price, listing.price_digits, wide.price),
            decimal_strings(trades.size, listing.size_digits, wide.size),
            trades.ts.tolist(),
            trades.buyer_is_maker.tolist(),
            strict=True,
        )
        for number, price, size, ts, maker in columns:
            yield self._payload(number, price, size, ts, maker, tick * TICK_MS)

    def _payload(self, number: int, price: str, size: str, ts: int, maker: bool, now: int) -> dict[str, Any]:
        symbol, spot = {"s": self.listing.symbol}, self.listing.kind == "spot"
        if self.aggregate:
            head = {**symbol, "a": number} if spot else {"a": number, **symbol}
            body = {"p": price, "q": size, "f": number, "l": number, "T": ts, "m": maker}
            return {"e": "aggTrade", "E": now, **head, **body, **({"M": True} if spot else {})}
        if spot:
            body = {"t": number, "p": price, "q": size, "T": ts, "m": maker, "M": True}
            return {"e": "trade", "E": now, **symbol, **body}
        body = {"t": number, "p": price, "q": size, "X": "MARKET", "m": maker}
        return {"e": "trade", "E": now, "T": ts, **symbol, **body}


@dataclass(slots=True)
class Klines:
    """`<symbol>@kline_<interval>`."""

    watch: BarWatch

    def due(self, tick: int) -> Payloads:
        """The bars that closed, then the forming one if it changed."""
        listing, interval = self.watch.listing, self.watch.interval
        for bar, closed in self.watch.due(tick):
            row = [column[0] for column in kline_columns(listing, bar, interval)]
            opened, first, high, low, last, volume, until, quote, trades, taker, taker_quote, rest = row
            yield {
                "e": "kline",
                "E": tick * TICK_MS,
                "s": listing.symbol,
                "k": {
                    "t": opened, "T": until, "s": listing.symbol, "i": interval,
                    "f": single(bar.first_id), "L": single(bar.last_id),
                    "o": first, "c": last, "h": high, "l": low, "v": volume, "n": trades, "x": closed,
                    "q": quote, "V": taker, "Q": taker_quote, "B": rest,
                },
            }  # fmt: skip


@dataclass(slots=True)
class BookTicker:
    """`<symbol>@bookTicker`; spot has no event type and no time."""

    source: StreamSource
    listing: Listing
    told: tuple[int, ...] = ()

    def due(self, tick: int) -> Payloads:
        """The best bid and ask, if they are others than last time."""
        listing, wide = self.listing, places(self.listing)
        book = self.source.book(listing, tick)
        if not len(book.bids.price) or not len(book.asks.price):
            return
        best = tuple(single(part) for side in (book.bids, book.asks) for part in (side.price, side.size))
        if best == self.told:
            return
        self.told = best
        texts = [
            decimal_string(units, digits, shown)
            for units, digits, shown in zip(
                best,
                (listing.price_digits, listing.size_digits) * 2,
                (wide.price, wide.size) * 2,
                strict=True,
            )
        ]
        body = {"u": tick, "s": listing.symbol, **dict(zip("bBaA", texts, strict=True))}
        if listing.kind != "spot":
            body = {"e": "bookTicker", **body, "T": book.ts, "E": book.ts}
        yield body


Stream = Depth | TradeStream | Klines | BookTicker | ForcedOrders | AllForcedOrders


class BinanceStreams:
    """One connection. `combined`: payloads come wrapped in `{"stream": ..., "data": ...}`."""

    def __init__(
        self, market: Dialect, source: StreamSource, line: FaultyLine, names: str, *, combined: bool
    ):
        self._market = market
        self._source = source
        self._line = line
        self.combined = combined
        self._asked = [name for name in names.split("/") if name]
        self._streams: dict[str, Stream | None] = {}  # None: acknowledged, but there is no such stream
        self._heard: deque[int] = deque()  # ticks of the last messages

    @property
    def names(self) -> Collection[str]:
        """The streams asked for, whether they exist or not."""
        return self._streams.keys()

    def open(self, tick: int) -> Iterable[Frame]:
        """Nothing is said about streams named in the address."""
        self._subscribe(self._asked, tick)
        return ()

    def hear(self, text: str, tick: int) -> Iterable[Frame]:
        """The answer to a request."""
        self._heard.append(tick)
        while self._heard[0] <= tick - 1000 // TICK_MS:
            self._heard.popleft()
        if len(self._heard) > _MOST_MESSAGES[self._market.spot]:
            raise VenueError("Too many requests")
        try:
            asked = json.loads(text)
        except ValueError:
            return [_error(3, "Invalid JSON: expected value at line 1 column 1")]
        if not isinstance(asked, dict) or "method" not in asked:
            return [_error(2, f"Invalid request: missing field `method` at line 1 column {len(text)}")]
        return [self._answer(asked, tick)]

    def _answer(self, asked: dict[str, Any], tick: int) -> Frame:
        number, method, names = asked.get("id"), asked["method"], asked.get("params", [])
        if not isinstance(number, int | str) or (isinstance(number, int) and number < 0):
            return _error(2, "Invalid request: request ID must be an unsigned integer")
        calls: dict[str, Callable[[list[str], int], Any]] = {
            "SUBSCRIBE": self._subscribe,
            "UNSUBSCRIBE": self._unsubscribe,
            "LIST_SUBSCRIPTIONS": lambda names, tick: list(self._streams),
            "SET_PROPERTY": self._set_property,
            "GET_PROPERTY": lambda names, tick: self.combined,
        }
        if method not in calls:
            return _error(
                2, f"Invalid request: unknown variant `{method}`, expected one of {_VARIANTS}", number
            )
        if not isinstance(names, list):
            return _error(2, "Invalid request: params must be an array", number)
        if method in ("SUBSCRIBE", "UNSUBSCRIBE"):
            if not all(isinstance(name, str) for name in names):
                return _error(2, "Invalid request: property name must be a string", number)
            if len({*self._streams, *names}) > _MOST_STREAMS[self._market.spot]:
                return _error(2, "Invalid request: too many parameters", number)
        refused = [self._refused(name) for name in names] if method == "SUBSCRIBE" else []
        if method == "SUBSCRIBE":
            held = {*self._streams, *names}
            refused.append(self._line.beyond_limit((name, name.partition("@")[0].upper()) for name in held))
        for message in filter(None, refused):
            return _error(2, message, number)
        return Frame(compact({"result": calls[method](names, tick), "id": number}))

    def due(self, tick: int) -> Iterator[Frame]:
        """What every stream has to tell."""
        for name, stream in self._streams.items():
            if stream is None:
                continue
            symbol = name.partition("@")[0].upper()
            muted = self._line.muted(name, symbol)
            for payload in stream.due(tick - self._line.late_ms(name, symbol) // TICK_MS):
                if muted:
                    continue
                body = {"stream": name, "data": payload} if self.combined else payload
                yield Frame(compact(body), name, symbol)

    def _subscribe(self, names: list[str], tick: int) -> None:
        for name in names:
            if name not in self._streams:
                self._streams[name] = self._stream(name, tick)

    def _unsubscribe(self, names: list[str], tick: int) -> None:
        for name in names:
            self._streams.pop(name, None)

    def _set_property(self, given: list[Any], tick: int) -> None:
        if given[:1] == ["combined"]:
            self.combined = given[1:] == [True]

    def _refused(self, name: str) -> str | None:
        fault = self._line.refusal(name, name.partition("@")[0].upper())
        return str(fault.parameters["message"] or "Invalid request: invalid stream") if fault else None

    def _stream(self, name: str, tick: int) -> Stream | None:
        symbol, _, channel = name.partition("@")
        kind, _, speed = channel.partition("@")
        market, source = self._market, self._source
        if name == ALL_FORCED and not market.spot:
            return AllForcedOrders(source, market, tick)
        found = source.sim.catalogue.find(market.venue, market.kind, symbol.upper())
        if symbol != symbol.lower() or found is None or not found.trading(tick * TICK_MS):
            return None
        if kind == "forceOrder" and not market.spot:
            return ForcedOrders(source, found, tick)
        if kind == "depth" and speed in _DEPTH_MS[market.spot]:
            every = _DEPTH_MS[market.spot][speed]
            return Depth(source, found, every, last_push(tick, every))
        if kind in ("aggTrade", "trade"):
            return TradeStream(source, found, kind == "aggTrade", tick)
        if kind == "bookTicker":
            return BookTicker(source, found)
        if kind.startswith("kline_") and kind[6:] in STEPS:
            return Klines(BarWatch.start(source, found, kind[6:], _KLINE_MS[market.spot], tick))
        return None


def _error(code: int, message: str, number: int | str | None = None) -> Frame:
    return Frame(compact({"error": {"code": code, "msg": message}, "id": number}))


def binance_dialect(market: Dialect) -> Callable[[web.Request, StreamSource, FaultyLine], BinanceStreams]:
    """What makes the connections of one Binance market: `/stream?streams=a/b`, `/ws` and `/ws/a/b`."""

    def connect(request: web.Request, source: StreamSource, line: FaultyLine) -> BinanceStreams:
        combined = "streams" not in request.match_info and request.path.endswith("/stream")
        names = request.query.get("streams", "") if combined else request.match_info.get("streams", "")
        return BinanceStreams(market, source, line, names, combined=combined)

    return connect
