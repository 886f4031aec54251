"""Binance's streams of liquidations: `<symbol>@forceOrder` and `!forceOrder@arr`, USD-M and COIN-M.

Documented ("Liquidation Order Streams"): one order in 1000 ms a symbol is told, of USD-M the largest and of
COIN-M the latest; nothing is told of a second without any. Fields, their types and their order are those of a
recorded frame.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from alphapulse_sim.binance import Dialect, places
from alphapulse_sim.book import TICK_MS
from alphapulse_sim.decimals import decimal_string
from alphapulse_sim.instruments import Listing
from alphapulse_sim.liquidations import SECOND, Forced, liquidations
from alphapulse_sim.stream_source import StreamSource, last_push

ALL_FORCED: Final = "!forceOrder@arr"
_LONGEST: Final = 10  # seconds that are told when the simulator was late; what is older is left out


def told_of(listing: Listing, second: list[Forced]) -> Forced | None:
    """The one of a second's that Binance tells; None where there was none."""
    if not second:
        return None
    return second[-1] if listing.contract is not None else max(second, key=lambda each: each.size)


@dataclass(slots=True)
class ForcedOrders:
    """`<symbol>@forceOrder`."""

    source: StreamSource
    listing: Listing
    pushed: int  # tick

    def due(self, tick: int) -> Iterator[dict[str, Any]]:
        """One order of each second that is over since the last push."""
        push = last_push(tick, SECOND)
        if push <= self.pushed:
            return
        end, start = push * TICK_MS // SECOND, last_push(self.pushed, SECOND) * TICK_MS // SECOND
        self.pushed = push
        for second in range(max(start, end - _LONGEST), end):
            begun = second * SECOND
            found = liquidations(self.source.sim.market, self.listing, begun, begun + SECOND)
            told = told_of(self.listing, found)
            if told is not None:
                yield self._payload(told, begun + SECOND)

    def _payload(self, order: Forced, now: int) -> dict[str, Any]:
        listing, wide = self.listing, places(self.listing)
        size = decimal_string(order.size, listing.size_digits, wide.size)
        inverse = listing.contract is not None  # COIN-M names the pair as well
        return {
            "e": "forceOrder",
            "E": now,
            "o": {
                "s": listing.symbol,
                **({"ps": f"{listing.base}{listing.quote}"} if inverse else {}),
                "S": "SELL" if order.closes_long else "BUY",
                "o": "LIMIT",
                "f": "IOC",
                "q": size,
                "p": decimal_string(order.price, listing.price_digits, wide.price),
                "ap": decimal_string(order.average, listing.price_digits, wide.price),
                "X": "FILLED",
                "l": decimal_string(order.last_filled, listing.size_digits, wide.size),
                "z": size,
                "T": order.ts,
            },
        }


@dataclass(slots=True)
class AllForcedOrders:
    """`!forceOrder@arr`: the same of all symbols of a market."""

    source: StreamSource
    market: Dialect
    pushed: int  # tick
    _streams: dict[str, ForcedOrders] = field(default_factory=dict)

    def due(self, tick: int) -> Iterator[dict[str, Any]]:
        """One order of each second and symbol."""
        now_ms = tick * TICK_MS
        for listing in self.source.sim.catalogue.of(self.market.venue, self.market.kind, now_ms):
            if listing.trading(now_ms):
                made = ForcedOrders(self.source, listing, self.pushed)
                yield from self._streams.setdefault(listing.symbol, made).due(tick)
