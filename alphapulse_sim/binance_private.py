"""Orders of Binance spot and USD-M futures: placed, asked for, changed, cancelled.

documented: Binance, "Spot Trading Endpoints" and USD-M "Trade"; errors in "Error Codes" of each. A client's
order id is unique among open orders alone: one that was filled may be used again. Conditional orders of
futures are in `binance_algo`.
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.accounts import Account, Accounts
from alphapulse_sim.binance import SPOT, Dialect
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.instruments import Listing
from alphapulse_sim.matching import Matching
from alphapulse_sim.orders import Order
from alphapulse_sim.private_errors import Refusal
from alphapulse_sim.signing import binance_request

Given = dict[str, str]
UNKNOWN: Final = "Unknown order sent."
NO_SUCH: Final = "Order does not exist."
_LEAST: Final = {"spot": Decimal(10), "perpetual": Decimal(5)}  # quote units, as exchangeInfo says


def amount(given: Given, name: str) -> Decimal:
    """A mandatory number above 0."""
    if not (text := given.get(name, "")):
        raise Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise Refusal(-1100, f"Illegal characters found in parameter '{name}'.")
    return value


class BinanceOrders:
    """The handlers of one host's orders."""

    def __init__(self, sim: Simulator, accounts: Accounts, dialect: Dialect, network: str) -> None:
        self.sim, self._accounts, self.dialect, self.network = sim, accounts, dialect, network
        self.kind = dialect.kind

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        at = f"/{host}{self.dialect.prefix}"
        found = [
            web.post(f"{at}/order", self._of(self.place, trade=True)),
            web.get(f"{at}/order", self._of(self.query)),
            web.delete(f"{at}/order", self._of(self.cancel, trade=True)),
            web.get(f"{at}/openOrders", self._of(self.open_orders)),
        ]
        if self.dialect is SPOT:
            return found
        return [*found, web.put(f"{at}/order", self._of(self.amend, trade=True))]

    def _of(
        self, call: Callable[[Given, int], Any], *, trade: bool = False
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            now = self.sim.now_ms(request)
            given = await binance_request(request, now, trade=trade)
            self.matching(now).settle()
            return reply(call(given, now))

        return handle

    def account(self) -> Account:
        """Whose orders they are."""
        return self._accounts.of(self.dialect.venue, self.network)

    def matching(self, now_ms: int) -> Matching:
        """The account's orders against the market of now."""
        return Matching(self.sim.market, self.account(), now_ms)

    # ---------------------------------------------------------------------------------------- what is asked

    def place(self, given: Given, now: int) -> Any:
        """A new order; what was filled at once is in the answer."""
        order = self.read(given, now)
        self.check_client_id(order.client_id)
        self.afford(order, now)
        self.matching(now).place(order)
        return self.shown(order, now, placed=True)

    def query(self, given: Given, now: int) -> Any:
        """An order by number or client id, whether open or not."""
        return self.shown(self.find(given, -2013, NO_SUCH), now)

    def cancel(self, given: Given, now: int) -> Any:
        """Cancel an open order."""
        order = self.find(given, -2011, UNKNOWN)
        if not order.open:
            raise Refusal(-2011, UNKNOWN)
        order.cancelled, order.updated_ms = True, now
        return self.shown(order, now)

    def open_orders(self, given: Given, now: int) -> Any:
        """All open orders, or those of a symbol."""
        wanted = given.get("symbol")
        return [
            self.shown(order, now)
            for order in self.account().open_orders()
            if wanted in (None, order.listing.symbol) and not self.is_apart(order)
        ]

    def amend(self, given: Given, now: int) -> Any:
        """Another price or size of an open limit order (futures)."""
        order = self.find(given, -2013, NO_SUCH)
        if not order.open or order.price is None:
            raise Refusal(-2011, UNKNOWN)
        size, price = amount(given, "quantity"), amount(given, "price")
        self.check_steps(order.listing, size, price)
        if size <= order.executed:
            raise Refusal(-4028, "Quantity is not above what is filled.")
        if (size, price) == (order.size, order.price):
            raise Refusal(-5027, "No need to modify the order.")
        order.size, order.price, order.updated_ms = size, price, now
        self.matching(now).settle()
        return self.shown(order, now)

    # ------------------------------------------------------------------------------------------- what holds

    def read(self, given: Given, now: int) -> Order:
        """The order that a request describes, by the filters of its symbol."""
        listing = self.sim.catalogue.find(self.dialect.venue, self.kind, given.get("symbol", ""))
        if listing is None or listing.listed_ms > now:
            raise Refusal(-1121, "Invalid symbol.")
        if not listing.trading(now):
            raise Refusal(-1013 if self.dialect is SPOT else -4108, "Market is closed.")
        side, kind = given.get("side"), given.get("type", "")
        if side not in ("BUY", "SELL"):
            raise Refusal(-1117, "Invalid side.")
        if kind not in ("LIMIT", "MARKET", "STOP_LOSS_LIMIT", "STOP_LOSS"):
            raise Refusal(-1116, "Invalid orderType.")
        size = amount(given, "quantity")
        price = amount(given, "price") if kind in ("LIMIT", "STOP_LOSS_LIMIT") else None
        stop = amount(given, "stopPrice") if kind.startswith("STOP_LOSS") else None
        number = self.account().next_number
        order = Order(
            number, given.get("newClientOrderId") or f"auto{number}", listing, side == "BUY", size, price,
            now, stop, side == "BUY", given.get("timeInForce", "GTC"), given.get("reduceOnly") == "true",
        )  # fmt: skip
        self.check_steps(listing, size, price)
        self.check_notional(order, now)
        return order

    def check_steps(self, listing: Listing, size: Decimal, price: Decimal | None) -> None:
        """Multiples of the lot and the tick."""
        if size <= 0:
            raise (
                Refusal(-1013, "Invalid quantity.")
                if self.dialect is SPOT
                else Refusal(-4003, "Quantity less than or equal to zero.")
            )
        steps = [("LOT_SIZE", size, listing.size_digits)]
        if price is not None:
            steps.append(("PRICE_FILTER", price, listing.price_digits))
        for name, value, digits in steps:
            if value != round(value, digits):
                if self.dialect is SPOT:
                    raise Refusal(-1013, f"Filter failure: {name}")
                raise Refusal(-1111, "Precision is over the maximum defined for this asset.")

    def check_notional(self, order: Order, now: int) -> None:
        """Worth enough."""
        price = order.price or order.stop or self.matching(now).price(order.listing, order.buy) or Decimal(0)
        if order.size * price < _LEAST[self.kind] and not order.reduce_only:
            if self.dialect is SPOT:
                raise Refusal(-1013, "Filter failure: NOTIONAL")
            raise Refusal(
                -4164, "Order's notional must be no smaller than 5.0 (unless you choose reduce only)."
            )

    def check_client_id(self, client_id: str) -> None:
        """None of the open orders has it."""
        if any(order.client_id == client_id for order in self.account().open_orders()):
            raise (
                Refusal(-2010, "Duplicate order sent.")
                if self.dialect is SPOT
                else Refusal(-4116, "ClientOrderId is duplicated.")
            )

    def afford(self, order: Order, now: int) -> None:
        """There is enough to pay, or to be the margin."""
        listing, account = order.listing, self.account()
        price = order.price or order.stop
        cost = order.size * price if price else self.matching(now).cost(listing, order.buy, order.size)
        if self.dialect is SPOT:
            has = (
                account.free(listing.quote) >= cost if order.buy else account.free(listing.base) >= order.size
            )
            if not has:
                raise Refusal(-2010, "Account has insufficient balance for requested action.")
            return
        held = account.positions.get(listing.symbol)
        sign = 1 if order.buy else -1
        opens = order.size if held is None or held.size * sign > 0 else max(
            Decimal(0), order.size - abs(held.size)
        )  # fmt: skip
        if order.reduce_only and opens == order.size:
            raise Refusal(-2022, "ReduceOnly Order is rejected.")
        needed = cost * opens / order.size / account.leverage(listing)
        if account.margin_free(listing.quote) < needed:
            raise Refusal(-2019, "Margin is insufficient.")

    def find(self, given: Given, code: int, words: str) -> Order:
        """The order that a request is about."""
        number, client_id = given.get("orderId"), given.get("origClientOrderId")
        if not number and not client_id:
            raise Refusal(
                -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
            )
        if number and not number.isdecimal():
            raise Refusal(-1100, "Illegal characters found in parameter 'orderId'.")
        order = self.account().find(number=int(number) if number else None, client_id=client_id)
        if order is None or self.is_apart(order) or order.listing.symbol != given.get("symbol"):
            raise Refusal(code, words)
        return order

    def is_apart(self, order: Order) -> bool:
        """Whether it is a conditional order of futures, which has endpoints of its own."""
        return self.dialect is not SPOT and order.stop is not None

    # -------------------------------------------------------------------------------------------- as it shows

    def shown(self, order: Order, now: int, *, placed: bool = False) -> dict[str, Any]:
        """The order in the venue's words."""
        return spot_order(order, now, placed=placed) if self.dialect is SPOT else usdm_order(order)


def kind_of(order: Order, *, spot: bool) -> str:
    """Its type, in the venue's words."""
    if order.stop is None:
        return "MARKET" if order.price is None else "LIMIT"
    if spot:
        return "STOP_LOSS" if order.price is None else "STOP_LOSS_LIMIT"
    return "STOP_MARKET" if order.price is None else "STOP"


def spot_order(order: Order, now: int, *, placed: bool) -> dict[str, Any]:
    """An order of spot: a new one with its fills (`newOrderRespType=FULL`), another with its times."""
    shown: dict[str, Any] = {
        "symbol": order.listing.symbol,
        "orderId": order.number,
        "orderListId": -1,
        "clientOrderId": order.client_id,
        "price": f"{order.price or 0:.8f}",
        "origQty": f"{order.size:.8f}",
        "executedQty": f"{order.executed:.8f}",
        "cummulativeQuoteQty": f"{order.quote:.8f}",
        "status": order.status,
        "timeInForce": order.time_in_force,
        "type": kind_of(order, spot=True),
        "side": "BUY" if order.buy else "SELL",
        "stopPrice": f"{order.stop or 0:.8f}",
        "selfTradePreventionMode": "NONE",
    }
    if not placed:
        times = {"time": order.created_ms, "updateTime": order.updated_ms, "isWorking": not order.waits}
        return {**shown, "icebergQty": "0.00000000", **times, "origQuoteOrderQty": "0.00000000"}
    fill = {
        "price": f"{order.average:.8f}",
        "qty": f"{order.executed:.8f}",
        "commission": "0.00000000",
        "commissionAsset": order.listing.base if order.buy else order.listing.quote,
        "tradeId": order.number,
    }
    return {**shown, "transactTime": now, "fills": [fill] if order.executed > 0 else []}


def usdm_order(order: Order) -> dict[str, Any]:
    """An order of USD-M futures."""
    kind = kind_of(order, spot=False)
    return {
        "orderId": order.number,
        "symbol": order.listing.symbol,
        "status": order.status,
        "clientOrderId": order.client_id,
        "price": f"{order.price or 0:.2f}",
        "avgPrice": f"{order.average:.5f}",
        "origQty": str(order.size),
        "executedQty": str(order.executed),
        "cumQuote": f"{order.quote:.5f}",
        "timeInForce": order.time_in_force,
        "type": "MARKET" if order.price is None else "LIMIT",
        "reduceOnly": order.reduce_only,
        "closePosition": False,
        "side": "BUY" if order.buy else "SELL",
        "positionSide": "BOTH",
        "stopPrice": f"{order.stop or 0:.2f}",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": kind,
        "priceMatch": "NONE",
        "selfTradePreventionMode": "NONE",
        "goodTillDate": 0,
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }
