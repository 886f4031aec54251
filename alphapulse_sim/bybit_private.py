"""Orders of Bybit v5, spot and linear in one unified account.

documented: Bybit v5, "Place Order", "Amend Order", "Cancel Order", "Get Open & Closed Orders", "Get Order
History", "Error Codes". An order's `orderLinkId` is unique among all orders, those that ended included.
"""

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.accounts import Account, Accounts
from alphapulse_sim.bybit_account import text as _text
from alphapulse_sim.bybit_reading import answer
from alphapulse_sim.context import Simulator
from alphapulse_sim.instruments import Listing
from alphapulse_sim.matching import Matching
from alphapulse_sim.orders import Order
from alphapulse_sim.private_errors import BybitRefusal
from alphapulse_sim.signing import bybit_key

Given = dict[str, Any]
_KINDS: Final = {"spot": "spot", "linear": "perpetual"}
_LEAST: Final = {"spot": Decimal(1), "linear": Decimal(5)}
_STATUS: Final = {
    "NEW": "New",
    "PARTIALLY_FILLED": "PartiallyFilled",
    "FILLED": "Filled",
    "EXPIRED": "Cancelled",
}


class BybitPrivate:
    """The private handlers of one host."""

    def __init__(self, sim: Simulator, accounts: Accounts, network: str) -> None:
        self._sim, self._accounts, self._network = sim, accounts, network

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        at = f"/{host}/v5"
        asked = {"order/realtime": self._open, "order/history": self._history}
        done = {"order/create": self._create, "order/amend": self._amend, "order/cancel": self._cancel}
        return [
            *(web.get(f"{at}/{name}", self._of(call)) for name, call in asked.items()),
            *(web.post(f"{at}/{name}", self._of(call, trade=True)) for name, call in done.items()),
        ]

    def _of(
        self, call: Callable[[Given, int], Given], *, trade: bool = False
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            now = self._sim.now_ms(request)
            await bybit_key(request, now, trade=trade)
            given = json.loads(await request.text()) if trade else dict(request.query)
            Matching(self._sim.market, self._account(), now).settle()
            return answer(call(given, now), now)

        return handle

    def _account(self) -> Account:
        return self._accounts.of("bybit", self._network)

    # ---------------------------------------------------------------------------------------------- orders

    def _create(self, given: Given, now: int) -> Given:
        order = self._read(given, now)
        spot = order.listing.kind == "spot"
        if order.client_id and self._account().find(client_id=order.client_id):
            raise (
                BybitRefusal(170141, "Duplicate clientOrderId.", now)
                if spot
                else BybitRefusal(110072, "OrderLinkedID is duplicate", now)
            )
        self._afford(order, now)
        Matching(self._sim.market, self._account(), now).place(order)
        return {"orderId": _id(order), "orderLinkId": order.client_id}

    def _amend(self, given: Given, now: int) -> Given:
        order = self._find(given, now)
        if not order.open:
            raise BybitRefusal(110001, "order not exists or too late to replace", now)
        size = self._number(given, "qty", now) if given.get("qty") else order.size
        price = self._number(given, "price", now) if given.get("price") else order.price
        self._check_steps(order.listing, size, price, now)
        if (size, price) == (order.size, order.price):
            raise BybitRefusal(
                10001, "The order remains unchanged as the parameters entered match the existing ones.", now
            )
        order.size, order.price, order.updated_ms = size, price, now
        Matching(self._sim.market, self._account(), now).settle()
        return {"orderId": _id(order), "orderLinkId": order.client_id}

    def _cancel(self, given: Given, now: int) -> Given:
        order = self._find(given, now)
        if not order.open:
            raise self._gone(given, now)
        order.cancelled, order.updated_ms = True, now
        return {"orderId": _id(order), "orderLinkId": order.client_id}

    def _open(self, given: Given, now: int) -> Given:
        """Open orders; asked by id, also those that ended of late."""
        asked = given.get("orderLinkId") or given.get("orderId")
        return self._page(given, [each for each in self._orders(given) if each.open or asked])

    def _history(self, given: Given, now: int) -> Given:
        return self._page(given, [each for each in self._orders(given) if not each.open])

    def _page(self, given: Given, orders: list[Order]) -> Given:
        rows = [self._shown(order) for order in orders[::-1][: int(given.get("limit", 20))]]
        return {"nextPageCursor": "", "category": given.get("category", "linear"), "list": rows}

    def _orders(self, given: Given) -> list[Order]:
        kind = _KINDS.get(given.get("category", "linear"))
        return [
            order
            for order in self._account().orders.values()
            if order.listing.kind == kind
            and given.get("symbol") in (None, "", order.listing.symbol)
            and given.get("orderLinkId") in (None, "", order.client_id)
            and given.get("orderId") in (None, "", _id(order))
        ]

    def _read(self, given: Given, now: int) -> Order:
        category = given.get("category", "")
        kind = _KINDS.get(category)
        listing = self._sim.catalogue.find("bybit", kind, given.get("symbol", "")) if kind else None
        if listing is None or not listing.trading(now):
            raise BybitRefusal(10001, "params error: Symbol Invalid", now)
        size = self._number(given, "qty", now)
        price = self._number(given, "price", now) if given.get("orderType") == "Limit" else None
        stop = self._number(given, "triggerPrice", now) if given.get("triggerPrice") else None
        buy = given.get("side") == "Buy"
        rises = str(given.get("triggerDirection", 1 if buy else 2)) == "1"
        order = Order(
            self._account().next_number, given.get("orderLinkId", ""), listing, buy, size, price, now, stop,
            rises, given.get("timeInForce", "GTC"), given.get("reduceOnly") in (True, "true"),
        )  # fmt: skip
        self._check_steps(listing, size, price, now)
        matching = Matching(self._sim.market, self._account(), now)
        at = matching.price(listing, buy)
        if stop is not None and at is not None and (at >= stop if rises else at <= stop):
            code, words = (110092, "expect Rising") if rises else (110093, "expect Falling")
            raise BybitRefusal(code, f"{words}, but trigger_price[{stop}] is past current[{at}]", now)
        if size * (price or stop or at or Decimal(0)) < _LEAST[category] and not order.reduce_only:
            raise (
                BybitRefusal(170140, "Order value exceeded lower limit.", now)
                if category == "spot"
                else BybitRefusal(110094, "Order does not meet minimum order value 5USDT", now)
            )
        return order

    def _number(self, given: Given, name: str, now: int) -> Decimal:
        try:
            value = Decimal(str(given.get(name, "")))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or value <= 0:
            raise BybitRefusal(10001, f"params error: {name} invalid", now)
        return value

    def _check_steps(self, listing: Listing, size: Decimal, price: Decimal | None, now: int) -> None:
        spot = listing.kind == "spot"
        if size != round(size, listing.size_digits):
            raise (
                BybitRefusal(170137, "Order quantity has too many decimals.", now)
                if spot
                else BybitRefusal(10001, "Qty invalid", now)
            )
        if price is not None and price != round(price, listing.price_digits):
            raise (
                BybitRefusal(170134, "Order price has too many decimals.", now)
                if spot
                else BybitRefusal(10001, "Price invalid", now)
            )

    def _afford(self, order: Order, now: int) -> None:
        listing, account = order.listing, self._account()
        price = order.price or order.stop
        matching = Matching(self._sim.market, account, now)
        cost = order.size * price if price else matching.cost(listing, order.buy, order.size)
        if listing.kind == "spot":
            has = (
                account.free(listing.quote) >= cost if order.buy else account.free(listing.base) >= order.size
            )
            if not has:
                raise BybitRefusal(170131, "Insufficient balance.", now)
            return
        held = account.positions.get(listing.symbol)
        sign = 1 if order.buy else -1
        against = abs(held.size) if held is not None and held.size * sign < 0 else Decimal(0)
        if order.reduce_only and not against:
            raise BybitRefusal(110017, "current position is zero, cannot fix reduce-only order qty", now)
        needed = cost * max(Decimal(0), order.size - against) / order.size / account.leverage(listing)
        if account.margin_free(listing.quote) < needed:
            raise BybitRefusal(110007, "ab not enough for new order", now)

    def _find(self, given: Given, now: int) -> Order:
        found = self._orders(given)
        if not (given.get("orderId") or given.get("orderLinkId")) or not found:
            raise self._gone(given, now)
        return found[-1]

    def _gone(self, given: Given, now: int) -> BybitRefusal:
        if given.get("category") == "spot":
            return BybitRefusal(170213, "Order does not exist.", now)
        return BybitRefusal(110001, "order not exists or too late to cancel", now)

    def _shown(self, order: Order) -> Given:
        status = "Cancelled" if order.cancelled else _STATUS[order.status]
        if order.executed > 0 and (order.cancelled or order.expired):
            status = "PartiallyFilledCanceled" if order.listing.kind == "spot" else "Cancelled"
        return {
            "orderId": _id(order),
            "orderLinkId": order.client_id,
            "symbol": order.listing.symbol,
            "price": _text(order.price or Decimal(0)),
            "qty": _text(order.size),
            "side": "Buy" if order.buy else "Sell",
            "positionIdx": 0,
            "orderStatus": "Untriggered" if order.waits and order.open else status,
            "createType": "CreateByUser",
            "cancelType": "CancelByUser" if order.cancelled else "UNKNOWN",
            "rejectReason": "EC_NoError",
            "avgPrice": _text(order.average) if order.executed else "",
            "leavesQty": _text(order.left if order.open else Decimal(0)),
            "leavesValue": "0",
            "cumExecQty": _text(order.executed),
            "cumExecValue": _text(order.quote),
            "cumExecFee": "0",
            "timeInForce": order.time_in_force,
            "orderType": "Market" if order.price is None else "Limit",
            "stopOrderType": "Stop" if order.stop else "",
            "triggerPrice": _text(order.stop) if order.stop else "",
            "triggerDirection": 0 if order.stop is None else (1 if order.rises else 2),
            "triggerBy": "LastPrice" if order.stop else "",
            "reduceOnly": order.reduce_only,
            "closeOnTrigger": False,
            "smpType": "None",
            "createdTime": str(order.created_ms),
            "updatedTime": str(order.updated_ms),
        }


def _id(order: Order) -> str:
    return f"{order.number:08d}-0000-4000-8000-000000000000"
