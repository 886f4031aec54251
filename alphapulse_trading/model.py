"""The words of trading: an order as it is wanted, and what is known of one. Pure."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal, Self

Network = Literal["test", "live"]
SIDES: Final = ("buy", "sell")
KINDS: Final = ("market", "limit", "stop")
STATUSES: Final = (
    "sending", "unknown", "open", "filled", "cancelled", "expired", "rejected", "never_arrived",
)  # fmt: skip
"""sending: on its way; unknown: the answer was lost; never_arrived: the venue has none, and can get none."""
OVER: Final = ("filled", "cancelled", "expired", "rejected", "never_arrived")

CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,36}")
"""What all venues take; documented: Binance, "New order" (newClientOrderId), Bybit v5, "Place Order"."""


class TradingError(RuntimeError):
    """Something that was not done, and why; complete sentences without secrets."""


class RefusedError(TradingError):
    """The order was certainly not taken: by our own rules, or by the venue, whose words are in it."""


class LostAnswerError(TradingError):
    """Nobody knows whether the venue took the request: the answer did not come, or says nothing."""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as somebody wants it. Sizes are base units (contracts where those are base units), exact.

    `client_id` is the caller's: the same id is the same order, however often it is asked for. A stop
    without a price sells or buys at the market once its stop is reached, one with a price at that limit.
    """

    client_id: str
    venue: str
    symbol: str
    side: str
    kind: str
    size: Decimal
    price: Decimal | None = None
    stop: Decimal | None = None
    reduce_only: bool = False

    def __post_init__(self) -> None:
        if not CLIENT_ID.fullmatch(self.client_id):
            raise RefusedError(
                f"the client order id {self.client_id[:40]!r} is not 1 to 36 letters, digits, - and _"
            )
        if self.side not in SIDES or self.kind not in KINDS:
            raise RefusedError(f"an order buys or sells, market, limit or stop: not {self.side}, {self.kind}")
        for name, value in (("size", self.size), ("price", self.price), ("stop price", self.stop)):
            if value is not None and not (value.is_finite() and value > 0):
                raise RefusedError(f"a {name} is a number above 0, not {value}")
        if (self.kind == "limit") != (self.price is not None) and self.kind != "stop":
            raise RefusedError("a limit order has a price, and a market order none")
        if (self.kind == "stop") != (self.stop is not None):
            raise RefusedError("a stop order has a stop price, and no other has")

    @property
    def words(self) -> str:
        """As people say it."""
        at = f" at {self.price}" if self.price is not None else ""
        stop = f" once {self.stop} is reached" if self.stop is not None else ""
        return f"{self.side} {self.size} {self.symbol} at {self.venue}, {self.kind}{at}{stop}"

    def changed(self, size: Decimal | None, price: Decimal | None, client_id: str | None = None) -> Self:
        """The same order with another size or price."""
        return replace(
            self, size=size or self.size, price=price or self.price, client_id=client_id or self.client_id
        )


@dataclass(frozen=True, slots=True)
class OrderState:
    """What a venue says of an order."""

    status: str  # STATUSES
    venue_id: str | None = None
    filled: Decimal = Decimal(0)
    average: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that is open at a venue, whoever placed it."""

    venue: str
    symbol: str
    client_id: str
    venue_id: str
    conditional: bool
    state: OrderState


@dataclass(frozen=True, slots=True)
class SymbolRules:
    """What a symbol's orders have to be."""

    tick: Decimal | None
    lot: Decimal | None
    least_size: Decimal | None
    least_value: Decimal | None  # quote units


def next_client_id(client_id: str) -> str:
    """The id of what takes an order's place: `x-a2` for `x`, `x-a3` for `x-a2`."""
    base, mark, number = client_id.rpartition("-a")
    return f"{base}-a{int(number) + 1}" if mark and number.isdecimal() else f"{client_id}-a2"
