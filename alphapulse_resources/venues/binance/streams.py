"""How Binance's sockets are asked, and what they answer to that. Pure: no I/O.

Source: developers.binance.com, "WebSocket Streams" of spot and of the futures.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from alphapulse_resources.streams.protocols import (
    HEAD,
    Channel,
    Operation,
    Route,
    StreamProtocol,
    Subscription,
    SubscriptionReply,
    compact,
)

CHANNELS: Final = frozenset({Channel.DEPTH, Channel.TRADES, Channel.CANDLES})
"""What all of Binance's markets have; each market names which of them it has, and where."""

CONTRACTS: Final = CHANNELS | {Channel.LIQUIDATIONS}
"""What its futures have: spot closes no positions."""

_NAMES: Final = {
    Channel.DEPTH: "depth@100ms",
    Channel.TRADES: "aggTrade",
    Channel.CANDLES: "kline_1m",
    Channel.LIQUIDATIONS: "forceOrder",
}
_CHANNELS: Final = {
    b"depth": Channel.DEPTH, b"aggTrade": Channel.TRADES, b"kline_1m": Channel.CANDLES,
    b"forceOrder": Channel.LIQUIDATIONS,
}  # fmt: skip
_STREAM: Final = re.compile(rb'"stream"\s*:\s*"([^"@]+)@([^"@]+)')


class _Error(msgspec.Struct):
    msg: str = ""
    code: int | None = None


class _Answer(msgspec.Struct):
    id: int | str | None = None
    error: _Error | None = None
    code: int | None = None
    msg: str = ""


_read_answer: Final = msgspec.json.Decoder(_Answer).decode


def _request(operation: Operation, subscriptions: Sequence[Subscription], number: int) -> str:
    names = [f"{each.symbol.lower()}@{_NAMES[each.channel]}" for each in subscriptions]
    return compact({"method": operation.upper(), "params": names, "id": number})


def _probe(number: int) -> str:
    return compact({"method": "LIST_SUBSCRIPTIONS", "id": number})


def _answer(body: bytes) -> SubscriptionReply | None:
    if b'"stream"' in body[:HEAD]:
        return None
    try:
        found = _read_answer(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    number = found.id if isinstance(found.id, int) else None
    if found.error is not None:
        return SubscriptionReply(number, f"{found.error.code} {found.error.msg}")
    if found.code is not None and found.msg:
        return SubscriptionReply(number, f"{found.code} {found.msg}")
    return None if number is None else SubscriptionReply(number, None)


def _subscriptions(body: bytes) -> list[Subscription]:
    found = _STREAM.search(body[:HEAD])
    channel = _CHANNELS.get(found[2]) if found else None
    return [Subscription(found[1].decode(errors="replace").upper(), channel)] if found and channel else []


def protocol(
    market: str, *routes: Route, most_streams: int, request_seconds: float, most_batched: int = 50
) -> StreamProtocol:
    """The protocol of a market of Binance's, which has the venue's name."""
    return StreamProtocol(
        market=market,
        venue=market,
        routes=routes,
        most_streams=most_streams,
        most_batched=most_batched,  # ours: 200 streams in four requests, each below 1.5 kB
        request_seconds=request_seconds,
        request=_request,
        answer=_answer,
        probe=_probe,
        subscriptions_of=_subscriptions,
    )
