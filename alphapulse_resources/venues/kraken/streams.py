"""How Kraken's socket (WebSocket v2) is asked, and what it answers to that. Pure: no I/O.

Source: docs.kraken.com, "Spot WebSocket": each symbol of a request is answered by itself; a heartbeat comes
every second where something is subscribed to. There is a channel of candles (`ohlc`), but it never says that
a minute is over: candles are made of trades, and REST says what they should have been.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from alphapulse_resources.streams.protocols import (
    HEAD,
    NO_REQUEST,
    Channel,
    Operation,
    Route,
    StreamProtocol,
    Subscription,
    SubscriptionReply,
    compact,
)

CHANNELS: Final = frozenset({Channel.DEPTH, Channel.TRADES})

DEPTH: Final = 500
"""Levels a side of a book, one of 10, 25, 100, 500, 1000 (ours: bands of a percent, and no megabytes)."""

_NAMES: Final = {Channel.DEPTH: "book", Channel.TRADES: "trade"}
_CHANNELS: Final = {name.encode(): channel for channel, name in _NAMES.items()}
_CHANNEL: Final = re.compile(rb'"channel"\s*:\s*"([^"]+)"')
_SYMBOL: Final = re.compile(rb'"symbol"\s*:\s*"([^"]+)"')


class _Result(msgspec.Struct):
    symbol: str | None = None


class _Answer(msgspec.Struct):
    method: str = ""
    req_id: int | None = None
    success: bool | None = None
    error: str = ""
    symbol: str | None = None
    result: _Result = msgspec.field(default_factory=_Result)


_read_answer: Final = msgspec.json.Decoder(_Answer).decode


def _request(operation: Operation, subscriptions: Sequence[Subscription], number: int) -> str:
    channel = subscriptions[0].channel
    params: dict[str, object] = {
        "channel": _NAMES[channel],
        "symbol": [each.symbol for each in subscriptions],
    }
    if channel is Channel.DEPTH:
        params["depth"] = DEPTH
    if operation == "subscribe":
        params["snapshot"] = channel is Channel.DEPTH  # trades of before were stored, or are fetched
    return compact({"method": operation, "params": params, "req_id": number})


def _probe(number: int) -> str:
    return compact({"method": "ping", "req_id": number})


def _answer(body: bytes) -> SubscriptionReply | None:
    if b'"method"' not in body:
        return None
    try:
        found = _read_answer(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if found.method == "pong":
        return SubscriptionReply(NO_REQUEST if found.req_id is None else found.req_id, None)
    if found.success is False or found.error:
        return SubscriptionReply(found.req_id, found.error or f"{found.method} refused", found.symbol)
    if found.method not in ("subscribe", "unsubscribe"):
        return None
    return SubscriptionReply(found.req_id, None, found.symbol or found.result.symbol)


def _subscriptions(body: bytes) -> list[Subscription]:
    named = _CHANNEL.search(body[:HEAD])
    channel = _CHANNELS.get(named[1]) if named else None
    if channel is None or b'"method"' in body[:HEAD]:
        return []
    symbols = dict.fromkeys(_SYMBOL.findall(body))
    return [Subscription(symbol.decode(errors="replace").replace("\\/", "/"), channel) for symbol in symbols]


SPOT: Final = StreamProtocol(
    market="kraken",
    venue="kraken",
    routes=(Route("wss://ws.kraken.com/v2", CHANNELS),),
    most_streams=100,  # no published limit; ours, as a connection's break costs all of its books
    most_batched=20,  # ours: requests below a kilobyte
    request_seconds=0.2,  # no published limit for market data; ours
    request=_request,
    answer=_answer,
    subscriptions_of=_subscriptions,
    channel_per_request=True,
    probe=_probe,
    probe_seconds=30.0,  # documented: a connection without traffic is closed after about a minute
)
