"""The faults of a storm: which kinds there are, how often each comes, and where it strikes. Pure.

Everything that the simulator can do to a stream is among them, and what it can do to a REST book.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from alphapulse_resources.venues.model import Instrument


@dataclass(frozen=True, slots=True)
class Market:
    """Where a market is found: its venue, the kind of its instruments, the host of its sockets.

    `books` is the host and path of its books over REST, where they come from there.
    """

    venue: str
    kind: str
    host: str
    books: tuple[str, str] | None = None

    def depth_topic(self, symbol: str) -> str:
        """What the simulator calls the depth stream of a symbol."""
        if self.venue.startswith("binance"):
            return f"{symbol.lower()}@depth"
        return f"orderbook.200.{symbol}" if self.venue == "bybit" else "level2"


MARKETS: Final[Mapping[str, Market]] = {
    "binance": Market("binance", "spot", "stream.binance.com:9443", ("api.binance.com", "/api/v3/depth")),
    "binanceusdm": Market(
        "binanceusdm", "perpetual", "fstream.binance.com", ("fapi.binance.com", "/fapi/v1/depth")
    ),
    "bybit.linear": Market("bybit", "perpetual", "stream.bybit.com"),
    "bybit.spot": Market("bybit", "spot", "stream.bybit.com"),
    "coinbase": Market("coinbase", "spot", "advanced-trade-ws.coinbase.com"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault. `whole`: it strikes a connection, and so all of its symbols, not one stream.

    `share`: how often it comes, beside the others. A refused subscription needs one to refuse: a fault that
    makes a book be asked for anew comes with it.
    """

    name: str
    share: float
    given: Mapping[str, Any] = field(default_factory=dict)
    whole: bool = False


STREAM_KINDS: Final = (
    Kind("ws_gap", 40.0, {"n": 1}),
    Kind("ws_gap", 20.0, {"n": 5}),
    Kind("ws_reorder", 20.0),
    Kind("ws_duplicate", 20.0, {"n": 2}),
    Kind("ws_malformed", 15.0),
    Kind("ws_malformed", 5.0, {"text": "\x00\x01{"}),
    Kind("ws_truncated", 20.0, {"keep": 0.5}),
    Kind("ws_stall", 10.0, {"seconds": 3.0}),
    Kind("ws_stall", 4.0, {"seconds": 14.0}),  # longer than our own clock waits
    Kind("ws_stall", 0.5, {"seconds": 14.0, "pongs": True}, whole=True),
    Kind("ws_stall", 0.5, {"seconds": 30.0, "pongs": False}, whole=True),
    Kind("ws_reset", 1.5, whole=True),
    Kind("ws_close", 0.75, {"code": 1008}, whole=True),
    Kind("ws_close", 0.75, {"code": 1001}, whole=True),
    Kind("ws_subscribe_error", 4.0),
)
REST_KINDS: Final = (
    Kind("status", 2.0, {"code": 500}),
    Kind("status", 2.0, {"code": 503}),
    Kind("status", 1.0, {"code": 429, "headers": {"Retry-After": "3"}}),
    Kind("status", 0.5, {"code": 418, "headers": {"Retry-After": "5"}}),
    Kind("ban", 0.5, {"seconds": 4.0}),
    Kind("delay", 2.0, {"seconds": 1.5}),
    Kind("stale", 2.0, {"seconds": 10.0}),
    Kind("html", 1.0),
    Kind("truncated", 2.0, {"keep": 0.5}),
    Kind("empty", 1.0),
    Kind("reset", 1.0),
)
REST_SHARE: Final = 0.08
"""Of all faults: a REST book is asked for far more seldom than a frame comes."""

NAMES: Final = frozenset(kind.name for kind in (*STREAM_KINDS, *REST_KINDS))

Spec = dict[str, Any]
"""What the simulator is told of one fault."""


class FaultChooser:
    """Chooses faults for `instruments`, by market; the same `chance`, the same faults.

    The first faults are one of each kind; after that it is chance.
    """

    def __init__(self, instruments: Mapping[str, Sequence[Instrument]], chance: random.Random) -> None:
        self._instruments = instruments
        self._chance = chance
        kinds = (*STREAM_KINDS, *REST_KINDS)
        self._first: Iterator[Kind] = iter(chance.sample(kinds, k=len(kinds)))

    def next(self) -> list[Spec]:
        """One fault, with what it needs beside it to strike."""
        kind = next(self._first, None) or self._any()
        if kind in REST_KINDS:
            return [self._over_rest(kind)]
        name = self._chance.choice(list(self._instruments))
        market = MARKETS[name]
        fault: Spec = {"kind": kind.name, "host": market.host, "times": 1, **kind.given}
        if kind.whole:
            return [fault]
        symbol = self._chance.choice(self._instruments[name]).venue_symbol
        fault |= {"symbol": symbol, "path": market.depth_topic(symbol)}
        if kind.name != "ws_subscribe_error":
            return [fault]
        return [fault, self._trigger(market, fault)]

    def _any(self) -> Kind:
        kinds = REST_KINDS if self._chance.random() < REST_SHARE else STREAM_KINDS
        return self._chance.choices(kinds, [kind.share for kind in kinds])[0]

    def _over_rest(self, kind: Kind) -> Spec:
        host, path = self._chance.choice([market.books for market in MARKETS.values() if market.books])
        where = {"host": host} if kind.name == "ban" else {"host": host, "path": path}
        return {"kind": kind.name, "times": 1, **where, **kind.given}

    def _trigger(self, market: Market, refusal: Spec) -> Spec:
        """What makes a stream be subscribed anew: a gap where the book is in the stream, else a reset."""
        if market.books is None:
            return {**refusal, "kind": "ws_gap", "n": 1}
        return {"kind": "ws_reset", "host": market.host, "times": 1}
