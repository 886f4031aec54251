"""Orders placed, asked for, changed and cancelled, each exactly once whatever gets lost on the way.

An order is written down before it is sent, under the id that its caller gave it. If no answer comes, the
venue is asked for that id before anything else is done. Not finding it at once proves nothing, as the
request may still be on its way; but a venue refuses what is older than the receive window, so that once
this is over an order that is not there can no longer come, and is sent again at most once. The kill switch
is looked at before every send.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from alphapulse_resources.database.client import Database
from alphapulse_resources.database.locks import only_one
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.rate_limit import RateLimiter
from alphapulse_resources.venues.registry import find_venue
from alphapulse_trading.books import Books
from alphapulse_trading.killing import BETWEEN_LOOKS, LOOKS, Killing
from alphapulse_trading.model import (
    OVER,
    LostAnswerError,
    OpenOrder,
    OrderRequest,
    OrderState,
    RefusedError,
    SymbolRules,
    TradingError,
    next_client_id,
)
from alphapulse_trading.network import configured, network_of
from alphapulse_trading.rules import check
from alphapulse_trading.venue import TradingVenue

SENDS: Final = 2
"""How often an order is sent at most: again once it is sure that the first did not arrive (ours)."""
LATE: Final = timedelta(seconds=1)
"""After the receive window, for clocks that differ (ours; venues allow a second of the future)."""


class Desk:
    """Places and follows orders on the network that the settings name."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        limiter: RateLimiter,
        *,
        late: timedelta = LATE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`late`: how long after the receive window an order may still turn up."""
        self.network = network_of(settings)
        self._settings, self._limiter, self._late, self._sleep = settings, limiter, late, sleep
        self._database = database
        self.books = Books(database, self.network, settings.home)
        self._venues: dict[str, TradingVenue] = {}

    # ----------------------------------------------------------------------------------------------- orders

    def place(self, order: OrderRequest, *, replaces: str | None = None) -> OrderState:
        """Place an order, or learn what became of it if its id was used before; never twice.

        Raises:
            RefusedError: it was certainly not taken, by our rules or the venue.
            LostAnswerError: nobody knows yet; ask for the same id again.
            TradingError: orders are stopped, trading is off, or the key must not trade.
        """
        try:
            self.books.check_halt()
            venue = self._venue(order.venue)
            self._check(order, venue)
        except TradingError as refused:
            self._note(order, "place", "decision", {"sent": False, "why": str(refused)})
            raise
        # two callers with one id: the second hears what the first did
        with only_one(self._database.dsn, f"order {self.network} {order.venue} {order.client_id}", wait=True):
            if not self.books.begin(order, replaces):
                return self._known_before(order, venue)
            return self._send(order, venue)

    def query(self, venue: str, client_id: str) -> OrderState:
        """What the venue says of an order now."""
        order = self.books.request(venue, client_id)
        return self._known_before(order, self._venue(venue), resend=False)

    def amend(
        self, venue: str, client_id: str, size: Decimal | None = None, price: Decimal | None = None
    ) -> OrderState:
        """Another size or price of an open limit order.

        Binance's spot market cannot change one in place: there it is cancelled, and only once that is sure
        what is left is placed under the next id: `x`, `x-a2`, `x-a3`.
        """
        self.books.check_halt()
        order, at = self.books.request(venue, client_id), self._venue(venue)
        if order.kind != "limit":
            raise RefusedError("limit orders alone are amended: cancel it, and place another")
        wanted = order.changed(size, price)
        self._check(wanted, at)
        if venue == "binance":
            return self._replace(order, wanted)
        self._note(order, "amend", "request", {"size": wanted.size, "price": wanted.price})
        try:
            state = self.paced(order.venue, lambda: at.amend(order, wanted))
        except LostAnswerError as lost:
            # the same values once more change nothing: an amendment may be repeated
            self._note(order, "amend", "lost", {"why": str(lost)})
            state = self.paced(order.venue, lambda: at.amend(order, wanted))
        if state is None:
            self._note(order, "amend", "answer", {**at.said, "found": False})
            raise RefusedError(f"order {client_id} is not open at {venue} any more: nothing was changed")
        self.books.amended(wanted)
        return self._learn(wanted, state, "amend", at)

    def cancel(self, venue: str, client_id: str) -> OrderState:
        """Cancel an order; one that is over already stays as it is. Goes on while orders are stopped."""
        order, at = self.books.request(venue, client_id), self._venue(venue)
        self._note(order, "cancel", "request", {})
        for look in range(LOOKS):
            try:
                state = self.paced(venue, lambda: at.cancel(order))
            except LostAnswerError as lost:  # cancelling again cancels nothing else
                self._note(order, "cancel", "lost", {"why": str(lost)})
                if look == LOOKS - 1:
                    raise
                self._sleep(BETWEEN_LOOKS)
                continue
            if state is None:
                return self._known_before(order, at, resend=False)
            return self._learn(order, state, "cancel", at)
        raise AssertionError("a loop that returns or raises")

    def kill(self, reason: str) -> tuple[list[OpenOrder], dict[str, str]]:
        """Stop all orders, then cancel every open one of all venues with a key, whoever placed it.

        Returns those that were cancelled, and by venue or order what could not be.
        """
        self.books.halt(reason)
        done = Killing(self.books, self.paced, self._sleep)
        for name in configured(self._settings):
            try:
                done.venue(self._venue(name))
            except TradingError as error:
                done.failed[name] = str(error)
        self.books.note("kill", "decision", {"cancelled": len(done.cancelled), "failed": done.failed})
        return done.cancelled, done.failed

    # ------------------------------------------------------------------------------------------ in between

    def _send(self, order: OrderRequest, venue: TradingVenue) -> OrderState:
        """Send it, and where the answer is lost find out what became of it."""
        for attempt in range(1, SENDS + 1):
            self._stop_if_halted(order)
            self._note(order, "place", "request", {"order": order.words, "attempt": attempt})
            sent = self.books.sending(order)
            try:
                state = self.paced(order.venue, lambda: venue.place(order))
            except RefusedError as refused:
                if attempt > 1 and (found := self._look(order, venue)) is not None:
                    return self._learn(order, found, "place", venue)  # refused as a second one: it is there
                self._note(order, "place", "answer", {**venue.said, "refused": str(refused)})
                self.books.learn(order, OrderState("rejected"), str(refused))
                raise
            except LostAnswerError as lost:
                self._note(order, "place", "lost", {**venue.said, "why": str(lost)})
                self.books.learn(order, OrderState("unknown"), str(lost))
                if (found := self._reconciled(order, venue, sent)) is not None:
                    return found
                continue
            if order.venue == "bybit":  # it answers with ids alone
                state = self._look_after(order, venue, state)
            return self._learn(order, state, "place", venue)
        self.books.learn(order, OrderState("never_arrived"), "sent twice, and neither arrived")
        raise RefusedError(
            f"order {order.client_id} was sent {SENDS} times and never arrived at {order.venue}"
        )

    def _reconciled(self, order: OrderRequest, venue: TradingVenue, sent: datetime) -> OrderState | None:
        """What became of an order whose answer was lost; None once it is sure that it is not there.

        Raises LostAnswerError where the venue cannot be asked.
        """
        too_late = sent + timedelta(milliseconds=self._settings.trading.recv_window_ms) + self._late
        failures = 0
        while True:
            last = datetime.now(UTC) >= too_late
            try:
                found = self._look(order, venue)
            except LostAnswerError:
                failures += 1
                if failures >= LOOKS and last:
                    raise
                self._sleep(BETWEEN_LOOKS)
                continue
            if found is not None:
                return self._learn(order, found, "place", venue)
            if last:
                self._note(order, "place", "decision", {"never_arrived": True})
                self.books.learn(order, OrderState("never_arrived"), "not found after the receive window")
                return None
            self._sleep(BETWEEN_LOOKS)

    def _known_before(self, order: OrderRequest, venue: TradingVenue, *, resend: bool = True) -> OrderState:
        """What became of an order that was written down before."""
        known = self.books.known(order.venue, order.client_id)
        assert known is not None
        if known["status"] == "never_arrived" and resend:
            return self._send(order, venue)
        if known["status"] in OVER:
            if known["status"] == "rejected" and resend:
                raise RefusedError(f"order {order.client_id} was refused before: {known['error']}")
            return OrderState(
                known["status"], known["venue_order_id"], known["filled"], known["average_price"]
            )
        found = self._look(order, venue)
        if found is not None:
            return self._learn(order, found, "query", venue)
        sent = known["sent_at"] or known["created_at"]
        if (state := self._reconciled(order, venue, sent)) is not None:
            return state
        return self._send(order, venue) if resend else OrderState("never_arrived")

    def _replace(self, order: OrderRequest, wanted: OrderRequest) -> OrderState:
        next_id = next_client_id(order.client_id)
        wanted.changed(
            None, None, next_id
        )  # refuses an id that became too long, before anything is cancelled
        gone = self.cancel(order.venue, order.client_id)
        if gone.status != "cancelled":
            raise RefusedError(
                f"order {order.client_id} is {gone.status} at {order.venue}: nothing was placed for it"
            )
        left = wanted.size - gone.filled
        if left <= 0:
            raise RefusedError(
                f"order {order.client_id} had {gone.filled} filled: nothing of {wanted.size} is left"
            )
        renamed = wanted.changed(left, wanted.price, next_id)
        return self.place(renamed, replaces=order.client_id)

    def _look_after(self, order: OrderRequest, venue: TradingVenue, state: OrderState) -> OrderState:
        """The state of an order that was taken; what the answer said where the venue cannot be asked."""
        try:
            return self._look(order, venue) or state
        except LostAnswerError:
            return state

    def _look(self, order: OrderRequest, venue: TradingVenue) -> OrderState | None:
        self._note(order, "query", "request", {})
        try:
            found: OrderState | None = self.paced(order.venue, lambda: venue.find(order))
        except LostAnswerError as lost:
            self._note(order, "query", "lost", {**venue.said, "why": str(lost)})
            raise
        self._note(order, "query", "answer", {**venue.said, "found": found is not None})
        return found

    def _check(self, order: OrderRequest, venue: TradingVenue) -> None:
        """Refuse what the instrument, or our own bound, does not allow."""
        theirs = venue.rules(order.symbol)
        rules = SymbolRules(*self._steps(order), theirs.least_size, theirs.least_value)
        price = order.price or order.stop or self.paced(order.venue, lambda: venue.price(order.symbol))
        check(order, rules, price, Decimal(str(self._settings.trading.max_order_value)))

    def _steps(self, order: OrderRequest) -> tuple[Decimal | None, Decimal | None]:
        """Tick and lot of the instrument, as the platform's own table has them."""
        rows = self._database.rows(
            "SELECT tick_size, lot_size FROM instruments WHERE venue = %(venue)s AND symbol = %(symbol)s",
            {"venue": order.venue, "symbol": order.symbol},
        )
        if not rows:
            raise RefusedError(
                f"{order.symbol} at {order.venue} is not known here: alphapulse symbols add {order.venue} "
                f"{order.symbol}"
            )
        tick, lot = (rows[0][name] for name in ("tick_size", "lot_size"))
        return (
            None if tick is None else Decimal(repr(tick)),
            None if lot is None else Decimal(repr(lot)),
        )

    def _stop_if_halted(self, order: OrderRequest) -> None:
        try:
            self.books.check_halt()
        except TradingError as halted:
            self._note(order, "place", "decision", {"sent": False, "why": str(halted)})
            self.books.learn(order, OrderState("rejected"), str(halted))
            raise

    def _venue(self, name: str) -> TradingVenue:
        if name not in self._venues:
            venue = TradingVenue(self._settings, name)
            self.paced(name, venue.open)
            self._venues[name] = venue
        return self._venues[name]

    def paced(self, venue: str, send: Callable[[], Any]) -> Any:
        """Ask within the limits that all processes here share."""
        self._limiter.acquire(find_venue(venue).rest.buckets["rest"], 1)
        return send()

    def _learn(self, order: OrderRequest, state: OrderState, action: str, venue: TradingVenue) -> OrderState:
        self._note(order, action, "answer", {**venue.said, "status": state.status, "filled": state.filled})
        return self.books.learn(order, state)

    def _note(self, order: OrderRequest, action: str, step: str, detail: dict[str, Any]) -> None:
        self.books.note(action, step, detail, venue=order.venue, client_id=order.client_id)
