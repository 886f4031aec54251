"""How a market's socket is asked: addresses, stream names, requests, limits, answers. Pure, no I/O.

A market is what one kind of socket serves: a venue, or one of its categories where the same symbol exists in
several. How each venue is asked is in its folder, in `streams`; what its frames hold is decoded in `frames`.
A protocol only looks at a frame to know which subscription it belongs to, or which request it answers.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

Operation: TypeAlias = Literal["subscribe", "unsubscribe"]

NO_REQUEST: Final = 0
"""The number of an answer that is known to belong to no numbered request; ours begin at 1."""

HEAD: Final = 96
"""Bytes in which a frame names its stream, where it has one (ours)."""


class Channel(StrEnum):
    """What can be subscribed to for a symbol."""

    DEPTH = "depth"
    TRADES = "trades"
    CANDLES = "candles"
    LIQUIDATIONS = "liquidations"


QUIET: Final = frozenset({Channel.LIQUIDATIONS})
"""Channels that may rightly say nothing for hours: their silence proves nothing.

That one is alive is told by the venue's acknowledgement of its subscription, by answers to pings, and by the
other channels of its connection.
"""


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
    symbol: str | None = None  # where each symbol of a request is answered by itself


@dataclass(frozen=True, slots=True)
class Route:
    """An address and the channels that it serves; a wrong one may be accepted and stay silent."""

    url: str
    channels: frozenset[Channel]


@dataclass(frozen=True, slots=True)
class StreamProtocol:
    """Everything that must be known to keep a market's sockets fed.

    Limits are the venue's where its documentation has them, `request_seconds` leaves room below them.
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


def address(url: str, venue_url: str | None) -> str:
    """Where `url` is found: `wss://host/path` at `ws://<venue_url>/host/path` when that is set."""
    if not venue_url:
        return url
    base, parts = urlsplit(venue_url.rstrip("/")), urlsplit(url)
    scheme = "wss" if base.scheme in ("https", "wss") else "ws"
    return f"{scheme}://{base.netloc}{base.path}/{parts.netloc}{parts.path}"


def compact(body: Mapping[str, Any]) -> str:
    """JSON without a blank."""
    return json.dumps(body, separators=(",", ":"))
