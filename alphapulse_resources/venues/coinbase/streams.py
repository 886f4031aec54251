"""How Coinbase's socket is asked, and what it answers to that. Pure: no I/O.

Source: docs.cdp.coinbase.com "Advanced Trade WebSocket Rate Limits". There is no channel of 1m candles.
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

CHANNELS: Final = frozenset({Channel.DEPTH, Channel.TRADES})

_NAMES: Final = {Channel.DEPTH: "level2", Channel.TRADES: "market_trades"}
_CHANNELS: Final = {
    b"l2_data": Channel.DEPTH, b"level2": Channel.DEPTH, b"market_trades": Channel.TRADES,
}  # fmt: skip
_CHANNEL: Final = re.compile(rb'"channel"\s*:\s*"([^"]+)"')
_PRODUCT: Final = re.compile(rb'"product_id"\s*:\s*"([^"]+)"')


class _Answer(msgspec.Struct):
    type: str = ""
    channel: str = ""
    message: str = ""


_read_answer: Final = msgspec.json.Decoder(_Answer).decode


def _request(operation: Operation, subscriptions: Sequence[Subscription], number: int) -> str:
    products = [each.symbol for each in subscriptions]
    return compact({"type": operation, "product_ids": products, "channel": _NAMES[subscriptions[0].channel]})


def _answer(body: bytes) -> SubscriptionReply | None:
    """Answers bear no number: each request is taken to be answered once and in order."""
    head = body[:HEAD]
    if b'"subscriptions"' not in head and b'"error"' not in head:
        return None
    try:
        found = _read_answer(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if found.type == "error":
        return SubscriptionReply(None, found.message or "error")
    return SubscriptionReply(None, None) if found.channel == "subscriptions" else None


def _subscriptions(body: bytes) -> list[Subscription]:
    named = _CHANNEL.search(body)
    channel = _CHANNELS.get(named[1]) if named else None
    if channel is None:
        return []
    products = dict.fromkeys(_PRODUCT.findall(body))
    return [Subscription(product.decode(errors="replace"), channel) for product in products]


SPOT: Final = StreamProtocol(
    market="coinbase",
    venue="coinbase",
    routes=(Route("wss://advanced-trade-ws.coinbase.com", CHANNELS),),
    most_streams=100,  # no published limit; ours, as a connection's break costs all of its books
    most_batched=10,  # ours: a refusal names none of the products asked for
    request_seconds=0.3,  # documented: 8 messages a second and address; a few processes fit below it
    request=_request,
    answer=_answer,
    subscriptions_of=_subscriptions,
    shares_requests=True,
    channel_per_request=True,
    greeting=(compact({"type": "subscribe", "channel": "heartbeats"}),),
)
