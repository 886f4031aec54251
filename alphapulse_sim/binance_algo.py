"""Conditional orders of USD-M futures: stops, which have endpoints and ids of their own.

documented: Binance USD-M, "New Algo Order", "Query Algo Order", "Current All Algo Open Orders", "Cancel Algo
Order" (conditional orders moved there on 2025-12-09; `/fapi/v1/order` answers -4120 to them).
"""

from typing import Any, Final

from aiohttp import web

from alphapulse_sim.binance_private import BinanceOrders, Given, amount, kind_of
from alphapulse_sim.orders import Order
from alphapulse_sim.private_errors import Refusal

_MOVED: Final = "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."


class BinanceUsdmOrders(BinanceOrders):
    """Orders of USD-M futures, the conditional ones included."""

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        at = f"/{host}{self.dialect.prefix}"
        return [
            *super().routes(host),
            web.post(f"{at}/algoOrder", self._of(self.place_algo, trade=True)),
            web.get(f"{at}/algoOrder", self._of(self.query_algo)),
            web.delete(f"{at}/algoOrder", self._of(self.cancel_algo, trade=True)),
            web.get(f"{at}/openAlgoOrders", self._of(self.open_algos)),
        ]

    def place(self, given: Given, now: int) -> Any:
        """A new order; conditional ones are refused here."""
        if given.get("type", "").startswith(("STOP", "TAKE_PROFIT")):
            raise Refusal(-4120, _MOVED)
        return super().place(given, now)

    def place_algo(self, given: Given, now: int) -> Any:
        """A stop, with a limit price (STOP) or at the market (STOP_MARKET)."""
        kind = given.get("type")
        if given.get("algoType") != "CONDITIONAL" or kind not in ("STOP", "STOP_MARKET"):
            raise Refusal(-1116, "Invalid orderType.")
        stop = amount(given, "triggerPrice")
        plain = {**given, "type": "LIMIT" if kind == "STOP" else "MARKET"}
        order = self.read(plain, now)
        order.stop, order.rises = stop, order.buy
        order.client_id = given.get("clientAlgoId") or order.client_id
        self.check_steps(order.listing, order.size, stop)
        price = self.matching(now).price(order.listing, order.buy)
        if price is not None and (price >= stop if order.rises else price <= stop):
            raise Refusal(-2021, "Order would immediately trigger.")
        self.check_client_id(order.client_id)
        self.afford(order, now)
        self.matching(now).place(order)
        return algo_order(order)

    def query_algo(self, given: Given, now: int) -> Any:
        """A conditional order by number or client id."""
        return algo_order(self._find_algo(given, -2013, "Order does not exist."))

    def cancel_algo(self, given: Given, now: int) -> Any:
        """Cancel a conditional order that waits."""
        order = self._find_algo(given, -2011, "Unknown order sent.")
        if not order.open:
            raise Refusal(-2011, "Unknown order sent.")
        order.cancelled, order.updated_ms = True, now
        ids = {"algoId": order.number, "clientAlgoId": order.client_id}
        return {**ids, "code": "200", "msg": "success"}

    def open_algos(self, given: Given, now: int) -> Any:
        """Conditional orders that wait."""
        wanted = given.get("symbol")
        return [
            algo_order(order)
            for order in self.account().open_orders()
            if self.is_apart(order) and wanted in (None, order.listing.symbol)
        ]

    def _find_algo(self, given: Given, code: int, words: str) -> Order:
        number, client_id = given.get("algoId"), given.get("clientAlgoId")
        order = self.account().find(number=int(number) if number else None, client_id=client_id)
        if order is None or not self.is_apart(order):
            raise Refusal(code, words)
        return order


def algo_order(order: Order) -> dict[str, Any]:
    """A conditional order; what was filled is told of the order that it became."""
    status = {"NEW": "NEW", "CANCELED": "CANCELED", "EXPIRED": "EXPIRED", "FILLED": "FINISHED"}
    became = order.triggered
    return {
        "algoId": order.number,
        "clientAlgoId": order.client_id,
        "algoType": "CONDITIONAL",
        "orderType": kind_of(order, spot=False),
        "symbol": order.listing.symbol,
        "side": "BUY" if order.buy else "SELL",
        "positionSide": "BOTH",
        "timeInForce": order.time_in_force,
        "quantity": str(order.size),
        "algoStatus": "TRIGGERED" if became and order.open else status.get(order.status, "NEW"),
        "actualOrderId": str(order.number) if became else "",
        "actualPrice": f"{order.average:.5f}",
        "triggerPrice": f"{order.stop or 0:.2f}",
        "price": f"{order.price or 0:.2f}",
        "icebergQuantity": None,
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "workingType": "CONTRACT_PRICE",
        "priceMatch": "NONE",
        "closePosition": False,
        "priceProtect": False,
        "reduceOnly": order.reduce_only,
        "createTime": order.created_ms,
        "updateTime": order.updated_ms,
        "triggerTime": order.updated_ms if became else 0,
        "goodTillDate": 0,
    }
