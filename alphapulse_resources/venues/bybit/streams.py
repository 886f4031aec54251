"""How Bybit's sockets are asked, and what they answer to that. Pure: no I/O.

Source: bybit-exchange.github.io/docs/v5/ws/connect. The book of 200 levels comes every 100 ms (linear) or
200 ms (spot).
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

CHANNELS: Final = frozenset({Channel.DEPTH, Channel.TRADES, Channel.CANDLES})
"""What spot and linear contracts both have."""

CONTRACTS: Final = CHANNELS | {Channel.LIQUIDATIONS}
"""What contracts have: spot closes no positions."""

_NAMES: Final = {
    Channel.DEPTH: "orderbook.200",
    Channel.TRADES: "publicTrade",
    Channel.CANDLES: "kline.1",
    Channel.LIQUIDATIONS: "allLiquidation",
}
_CHANNELS: Final = {name.split(".")[0].encode(): channel for channel, name in _NAMES.items()}
_TOPIC: Final = re.compile(rb'"topic"\s*:\s*"([a-zA-Z]+)(?:\.[^".]+)?\.([^".]+)"')


class _Answer(msgspec.Struct):
    op: str = ""
    req_id: str = ""
    success: bool | None = None
    ret_msg: str = ""


_read_answer: Final = msgspec.json.Decoder(_Answer).decode


def _request(operation: Operation, subscriptions: Sequence[Subscription], number: int) -> str:
    topics = [f"{_NAMES[each.channel]}.{each.symbol}" for each in subscriptions]
    return compact({"op": operation, "args": topics, "req_id": str(number)})


def _probe(number: int) -> str:
    return compact({"op": "ping", "req_id": str(number)})


def _answer(body: bytes) -> SubscriptionReply | None:
    if b'"topic"' in body[:HEAD]:
        return None
    try:
        found = _read_answer(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if found.op in ("ping", "pong"):
        return SubscriptionReply(int(found.req_id) if found.req_id.isdecimal() else NO_REQUEST, None)
    if found.success is None or found.op not in ("subscribe", "unsubscribe"):
        return None
    number = int(found.req_id) if found.req_id.isdecimal() else None
    return SubscriptionReply(number, None if found.success else found.ret_msg or f"{found.op} refused")


def _subscriptions(body: bytes) -> list[Subscription]:
    found = _TOPIC.search(body[:HEAD])
    channel = _CHANNELS.get(found[1]) if found else None
    return [Subscription(found[2].decode(errors="replace"), channel)] if found and channel else []


def protocol(category: str, most_batched: int, channels: frozenset[Channel] = CHANNELS) -> StreamProtocol:
    """The protocol of one of Bybit's categories."""
    return StreamProtocol(
        market=f"bybit.{category}",
        venue="bybit",
        routes=(Route(f"wss://stream.bybit.com/v5/public/{category}", channels),),
        most_streams=500,  # documented: 21,000 characters of args, topics here have up to 40
        most_batched=most_batched,
        request_seconds=0.1,  # no published limit; ours
        request=_request,
        answer=_answer,
        subscriptions_of=_subscriptions,
        probe=_probe,
        probe_seconds=20.0,  # documented: "send the ping heartbeat packet every 20 seconds"
    )
