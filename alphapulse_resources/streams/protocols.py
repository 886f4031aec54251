"""How each venue's socket is asked: addresses, stream names, requests, limits, answers. Pure, no I/O.

A market is what one kind of socket serves: a venue, and on Bybit one of its categories, where the same symbol
exists in both. What the frames hold is decoded elsewhere (`binance.py`, `bybit.py`, `coinbase.py`); here a
frame is only looked at to know which subscription it belongs to, or which request it answers.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

import msgspec

Operation: TypeAlias = Literal["subscribe", "unsubscribe"]

_NO_REQUEST: Final = 0
"""The number of an answer that is known to belong to no numbered request; ours begin at 1."""

_HEAD: Final = 96
"""Bytes in which a frame of Binance or Bybit names its stream, where it has one (ours)."""


class Channel(StrEnum):
    """What can be subscribed to for a symbol."""

    DEPTH = "depth"
    TRADES = "trades"
    CANDLES = "candles"


class Subscription(NamedTuple):
    """One stream of one symbol, under the venue's own name for it (BTCUSDT, BTC-USD)."""

    symbol: str
    channel: Channel

    def __str__(self) -> str:
        return f"{self.symbol} {self.channel}"


class SubscriptionReply(NamedTuple):
    """What a venue said to a request; `number` is None where its answers are not numbered."""

    number: int | None
    refusal: str | None  # its words; None: accepted


@dataclass(frozen=True, slots=True)
class Route:
    """An address and the channels that it serves; a wrong one may be accepted and stay silent."""

    url: str
    channels: frozenset[Channel]


@dataclass(frozen=True, slots=True)
class StreamProtocol:
    """Everything that must be known to keep a market's sockets fed.

    Limits are the venue's where its documentation has them (see `PROTOCOLS`), `request_seconds` leaves room
    below them.
    """

    market: str
    venue: str
    routes: tuple[Route, ...]
    most_streams: int  # of one connection
    most_batched: int  # subscriptions in one request
    request_seconds: float  # between two messages of ours
    request: Callable[[Operation, Sequence[Subscription], int], str]
    answer: Callable[[bytes], SubscriptionReply | None]  # None: the frame is no answer
    subscriptions_of: Callable[[bytes], list[Subscription]]  # those a frame belongs to
    shares_requests: bool = False  # `request_seconds` holds for all connections together
    channel_per_request: bool = False
    greeting: tuple[str, ...] = ()  # said first on every connection
    probe: Callable[[int], str] | None = None  # asks for an answer only; None: something comes always
    probe_seconds: float | None = None  # between two of them; None: only when nothing else is heard

    @property
    def channels(self) -> frozenset[Channel]:
        """What can be subscribed to here."""
        return frozenset[Channel]().union(*(route.channels for route in self.routes))

    def route(self, channel: Channel) -> Route | None:
        """Where a channel is found; None where the venue has no such stream."""
        return next((route for route in self.routes if channel in route.channels), None)

    def batch(self, subscriptions: Iterable[Subscription]) -> list[Subscription]:
        """As many as one request takes, in order of symbol."""
        ordered = sorted(subscriptions)
        if self.channel_per_request and ordered:
            ordered = [each for each in ordered if each.channel is ordered[0].channel]
        return ordered[: self.most_batched]


def market_of(venue: str, kind: str) -> str | None:
    """The market of an instrument's `venue` and `kind` (spot, perpetual, future); None: it has no stream."""
    return _MARKETS.get((venue, kind))


def address(url: str, venue_url: str | None) -> str:
    """Where `url` is found: `wss://host/path` at `ws://<venue_url>/host/path` when that is set."""
    if not venue_url:
        return url
    base, parts = urlsplit(venue_url.rstrip("/")), urlsplit(url)
    scheme = "wss" if base.scheme in ("https", "wss") else "ws"
    return f"{scheme}://{base.netloc}{base.path}/{parts.netloc}{parts.path}"


class _Error(msgspec.Struct):
    msg: str = ""
    code: int | None = None


class _BinanceAnswer(msgspec.Struct):
    id: int | str | None = None
    error: _Error | None = None
    code: int | None = None
    msg: str = ""


class _BybitAnswer(msgspec.Struct):
    op: str = ""
    req_id: str = ""
    success: bool | None = None
    ret_msg: str = ""


class _CoinbaseAnswer(msgspec.Struct):
    type: str = ""
    channel: str = ""
    message: str = ""


_read_binance: Final = msgspec.json.Decoder(_BinanceAnswer).decode
_read_bybit: Final = msgspec.json.Decoder(_BybitAnswer).decode
_read_coinbase: Final = msgspec.json.Decoder(_CoinbaseAnswer).decode


def _compact(body: Mapping[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"))


# Binance

_BINANCE_NAMES: Final = {
    Channel.DEPTH: "depth@100ms",
    Channel.TRADES: "aggTrade",
    Channel.CANDLES: "kline_1m",
}
_BINANCE_CHANNELS: Final = {
    b"depth": Channel.DEPTH, b"aggTrade": Channel.TRADES, b"kline_1m": Channel.CANDLES,
}  # fmt: skip
_BINANCE_STREAM: Final = re.compile(rb'"stream"\s*:\s*"([^"@]+)@([^"@]+)')


def _binance_request(operation: Operation, subscriptions: Sequence[Subscription], number: int) -> str:
    names = [f"{each.symbol.lower()}@{_BINANCE_NAMES[each.channel]}" for each in subscriptions]
    return _compact({"method": operation.upper(), "params": names, "id": number})


def _binance_probe(number: int) -> str:
    return _compact({"method": "LIST_SUBSCRIPTIONS", "id": number})


def _binance_answer(body: bytes) -> SubscriptionReply | None:
    if b'"stream"' in body[:_HEAD]:
        return None
    try:
        found = _read_binance(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    number = found.id if isinstance(found.id, int) else None
    if found.error is not None:
        return SubscriptionReply(number, f"{found.error.code} {found.error.msg}")
    if found.code is not None and found.msg:
        return SubscriptionReply(number, f"{found.code} {found.msg}")
    return None if number is None else SubscriptionReply(number, None)


def _binance_subscriptions(body: bytes) -> list[Subscription]:
    found = _BINANCE_STREAM.search(body[:_HEAD])
    channel = _BINANCE_CHANNELS.get(found[2]) if found else None
    return [Subscription(found[1].decode(errors="replace").upper(), channel)] if found and channel else []


# Bybit

_BYBIT_NAMES: Final = {
    Channel.DEPTH: "orderbook.200",
    Channel.TRADES: "publicTrade",
    Channel.CANDLES: "kline.1",
}
_BYBIT_CHANNELS: Final = {name.split(".")[0].encode(): channel for channel, name in _BYBIT_NAMES.items()}
_BYBIT_TOPIC: Final = re.compile(rb'"topic"\s*:\s*"([a-zA-Z]+)(?:\.[^".]+)?\.([^".]+)"')


def _bybit_request(operation: Operation, subscriptions: Sequence[Subscription], number: int) -> str:
    topics = [f"{_BYBIT_NAMES[each.channel]}.{each.symbol}" for each in subscriptions]
    return _compact({"op": operation, "args": topics, "req_id": str(number)})


def _bybit_probe(number: int) -> str:
    return _compact({"op": "ping", "req_id": str(number)})


def _bybit_answer(body: bytes) -> SubscriptionReply | None:
    if b'"topic"' in body[:_HEAD]:
        return None
    try:
        found = _read_bybit(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if found.op in ("ping", "pong"):
        return SubscriptionReply(int(found.req_id) if found.req_id.isdecimal() else _NO_REQUEST, None)
    if found.success is None or found.op not in ("subscribe", "unsubscribe"):
        return None
    number = int(found.req_id) if found.req_id.isdecimal() else None
    return SubscriptionReply(number, None if found.success else found.ret_msg or f"{found.op} refused")


def _bybit_subscriptions(body: bytes) -> list[Subscription]:
    found = _BYBIT_TOPIC.search(body[:_HEAD])
    channel = _BYBIT_CHANNELS.get(found[1]) if found else None
    return [Subscription(found[2].decode(errors="replace"), channel)] if found and channel else []


# Coinbase

_COINBASE_NAMES: Final = {Channel.DEPTH: "level2", Channel.TRADES: "market_trades"}
_COINBASE_CHANNELS: Final = {
    b"l2_data": Channel.DEPTH, b"level2": Channel.DEPTH, b"market_trades": Channel.TRADES,
}  # fmt: skip
_COINBASE_CHANNEL: Final = re.compile(rb'"channel"\s*:\s*"([^"]+)"')
_COINBASE_PRODUCT: Final = re.compile(rb'"product_id"\s*:\s*"([^"]+)"')


def _coinbase_request(operation: Operation, subscriptions: Sequence[Subscription], number: int) -> str:
    products = [each.symbol for each in subscriptions]
    return _compact(
        {"type": operation, "product_ids": products, "channel": _COINBASE_NAMES[subscriptions[0].channel]}
    )


def _coinbase_answer(body: bytes) -> SubscriptionReply | None:
    """Answers bear no number: each request is taken to be answered once and in order."""
    head = body[:_HEAD]
    if b'"subscriptions"' not in head and b'"error"' not in head:
        return None
    try:
        found = _read_coinbase(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if found.type == "error":
        return SubscriptionReply(None, found.message or "error")
    return SubscriptionReply(None, None) if found.channel == "subscriptions" else None


def _coinbase_subscriptions(body: bytes) -> list[Subscription]:
    named = _COINBASE_CHANNEL.search(body)
    channel = _COINBASE_CHANNELS.get(named[1]) if named else None
    if channel is None:
        return []
    products = dict.fromkeys(_COINBASE_PRODUCT.findall(body))
    return [Subscription(product.decode(errors="replace"), channel) for product in products]


_EVERYTHING: Final = frozenset(Channel)


def _binance(
    market: str, *routes: Route, most_streams: int, request_seconds: float, most_batched: int = 50
) -> StreamProtocol:
    return StreamProtocol(
        market=market,
        venue=market,
        routes=routes,
        most_streams=most_streams,
        most_batched=most_batched,  # ours: 200 streams in four requests, each below 1.5 kB
        request_seconds=request_seconds,
        request=_binance_request,
        answer=_binance_answer,
        probe=_binance_probe,
        subscriptions_of=_binance_subscriptions,
    )


def _bybit(category: str, most_batched: int) -> StreamProtocol:
    return StreamProtocol(
        market=f"bybit.{category}",
        venue="bybit",
        routes=(Route(f"wss://stream.bybit.com/v5/public/{category}", _EVERYTHING),),
        most_streams=500,  # documented: 21,000 characters of args, topics here have up to 40
        most_batched=most_batched,
        request_seconds=0.1,  # no published limit; ours
        request=_bybit_request,
        answer=_bybit_answer,
        subscriptions_of=_bybit_subscriptions,
        probe=_bybit_probe,
        probe_seconds=20.0,  # documented: "send the ping heartbeat packet every 20 seconds"
    )


_COINBASE: Final = StreamProtocol(
    market="coinbase",
    venue="coinbase",
    routes=(Route("wss://advanced-trade-ws.coinbase.com", frozenset(_COINBASE_NAMES)),),
    most_streams=100,  # no published limit; ours, as a connection's break costs all of its books
    most_batched=10,  # ours: a refusal names none of the products asked for
    request_seconds=0.3,  # documented: 8 messages a second and address; a few processes fit below it
    request=_coinbase_request,
    answer=_coinbase_answer,
    subscriptions_of=_coinbase_subscriptions,
    shares_requests=True,
    channel_per_request=True,
    greeting=(_compact({"type": "subscribe", "channel": "heartbeats"}),),
)

_ALL: Final = (
    # developers.binance.com, spot "WebSocket Streams": 1024 streams, 5 messages a second with pings and pongs
    _binance(
        "binance",
        Route("wss://stream.binance.com:9443/stream", _EVERYTHING),
        most_streams=1024,
        request_seconds=0.3,
    ),
    # not verified: taken to have the limits of binance.com
    _binance(
        "binanceus",
        Route("wss://stream.binance.us:9443/stream", _EVERYTHING),
        most_streams=1024,
        request_seconds=0.3,
    ),
    # traffic is split by path since 2026-04-23; 10 messages a second, and 200 streams by the stricter of two
    # figures in Binance's documentation (the other is 1024)
    _binance(
        "binanceusdm",
        Route("wss://fstream.binance.com/public/stream", frozenset({Channel.DEPTH})),
        Route("wss://fstream.binance.com/market/stream", frozenset({Channel.TRADES, Channel.CANDLES})),
        most_streams=200,
        request_seconds=0.15,
    ),
    # as documented: not split by path
    _binance(
        "binancecoinm",
        Route("wss://dstream.binance.com/stream", _EVERYTHING),
        most_streams=200,
        request_seconds=0.15,
    ),
    _bybit("spot", most_batched=10),  # documented: 10 args in a request
    _bybit("linear", most_batched=50),  # documented: no limit but the characters
    _COINBASE,
)

PROTOCOLS: Final[Mapping[str, StreamProtocol]] = {protocol.market: protocol for protocol in _ALL}
"""Protocols by market. Sources: developers.binance.com, bybit-exchange.github.io/docs/v5/ws/connect and
docs.cdp.coinbase.com "Advanced Trade WebSocket Rate Limits"; Bybit's book of 200 levels comes every 100 ms
(linear) or 200 ms (spot)."""

_MARKETS: Final = {
    ("binance", "spot"): "binance",
    ("binanceus", "spot"): "binanceus",
    ("binanceusdm", "perpetual"): "binanceusdm",
    ("binanceusdm", "future"): "binanceusdm",
    ("binancecoinm", "perpetual"): "binancecoinm",
    ("binancecoinm", "future"): "binancecoinm",
    ("bybit", "spot"): "bybit.spot",
    ("bybit", "perpetual"): "bybit.linear",
    ("bybit", "future"): "bybit.linear",
    ("coinbase", "spot"): "coinbase",
}
