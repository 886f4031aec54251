"""Cancelling all that is open: what the kill switch does once no order is sent any more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from alphapulse_trading.books import Books
from alphapulse_trading.model import OVER, OpenOrder, OrderState, TradingError
from alphapulse_trading.venue import TradingVenue

LOOKS: Final = 5
"""How often a venue that does not answer, or still has open orders, is asked (ours)."""
BETWEEN_LOOKS: Final = 0.5
"""Seconds (ours)."""


@dataclass(slots=True)
class Killing:
    """What was cancelled so far, and what could not be, by venue or order."""

    books: Books
    paced: Callable[[str, Callable[[], Any]], Any]
    sleep: Callable[[float], None]
    cancelled: list[OpenOrder] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def venue(self, at: TradingVenue) -> None:
        """Cancel all open orders of a venue, and look again until there is none: one may be on its way.

        Raises TradingError where the venue does not tell what is open.
        """
        for _ in range(LOOKS):
            found: list[OpenOrder] = self._told(at)
            left = [each for each in found if _name(each) not in self.failed]
            if not left:
                return
            for each in left:
                self._cancel(at, each)

    def _told(self, at: TradingVenue) -> Any:
        for look in range(LOOKS):
            try:
                return self.paced(at.venue, at.open_orders)
            except TradingError as error:
                self.books.note("kill", "lost", {"why": str(error)}, venue=at.venue)
                if look == LOOKS - 1:
                    raise
                self.sleep(BETWEEN_LOOKS)
        raise AssertionError("a loop that returns or raises")

    def _cancel(self, at: TradingVenue, order: OpenOrder) -> None:
        names = {"venue": order.venue, "client_id": order.client_id or None}
        which = {"symbol": order.symbol, "venue_order_id": order.venue_id}
        self.books.note("kill", "request", which, **names)
        error = ""
        for _ in range(LOOKS):
            try:
                self.paced(order.venue, lambda: at.cancel_open(order))
            except TradingError as wrong:
                error = str(wrong)
                self.books.note("kill", "lost", {"why": error}, **names)
                self.sleep(BETWEEN_LOOKS)
                continue
            self.books.note("kill", "answer", at.said, **names)
            self._learn(order)
            return
        self.failed[_name(order)] = error

    def _learn(self, order: OpenOrder) -> None:
        if order.venue_id not in {each.venue_id for each in self.cancelled if each.venue == order.venue}:
            self.cancelled.append(order)
        known = self.books.known(order.venue, order.client_id)
        if known is not None and known["status"] not in OVER:
            state = OrderState("cancelled", order.venue_id, order.state.filled, order.state.average)
            self.books.learn(self.books.request(order.venue, order.client_id), state)


def _name(order: OpenOrder) -> str:
    return f"{order.venue} {order.symbol} {order.venue_id}"
