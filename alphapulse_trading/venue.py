"""One venue's orders through ccxt: each call is one request, and its outcome is known or said to be unknown.

What is certain: an answer in the venue's own words. What is not: no answer, a server error, a body that
cannot be read, and codes that say so themselves. documented: Binance, "General API information" (HTTP 5XX:
"the execution status is UNKNOWN"), error codes -1006 and -1007; Bybit v5, "Error Codes" (10000, 10016,
170007, 170146).
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, TypeVar

import ccxt
import requests

from alphapulse_resources.accounts.signed import watch, without
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Seen
from alphapulse_trading.model import (
    LostAnswerError,
    Network,
    OpenOrder,
    OrderRequest,
    OrderState,
    RefusedError,
    SymbolRules,
)
from alphapulse_trading.network import check_key, exchange_for, keys_of, network_of

T = TypeVar("T")

_UNSURE: Final = frozenset(
    {"-1000", "-1006", "-1007", "10000", "10016", "10019", "170007", "170146", "170147"}
)
_QUERY: Final = re.compile(r"\?\S*signature=\S*")
"""What stands behind an address in ccxt's messages."""
_TIME_WRONG: Final = frozenset({"-1021", "10002"})
_NO_SUCH: Final = frozenset({"-2013", "-2011", "110001", "170213", "20001"})
_NOTHING_TO_CHANGE: Final = frozenset({"-5027"})
_STATUS: Final = {
    "NEW": "open", "PARTIALLY_FILLED": "open", "FILLED": "filled", "CANCELED": "cancelled",
    "EXPIRED": "expired", "EXPIRED_IN_MATCH": "expired", "REJECTED": "rejected",
    "PENDING_CANCEL": "open", "TRIGGERING": "open", "TRIGGERED": "open", "FINISHED": "filled",
    "New": "open", "PartiallyFilled": "open", "Untriggered": "open", "Triggered": "open",
    "Filled": "filled", "Cancelled": "cancelled", "PartiallyFilledCanceled": "cancelled",
    "Rejected": "rejected", "Deactivated": "cancelled",
}  # fmt: skip
"""Venues' words for ours. Bybit cancels what of a market order finds nobody: told as cancelled."""


class TradingVenue:
    """A venue on the network that the settings name, with a key that may trade."""

    def __init__(self, settings: Settings, venue: str) -> None:
        self.venue, self.network = venue, network_of(settings)
        self._secrets = keys_of(settings, venue)
        self._exchange = exchange_for(settings, venue)
        self._seen = Seen()
        self.said: dict[str, Any] = {}  # status and body of the latest answer, for the audit

    def open(self) -> Network:
        """Look at the key and load the markets; TradingError where the key must not, or cannot, trade."""
        self._ask(lambda: check_key(self._exchange, self.network))
        self._ask(self._exchange.load_markets)
        return self.network

    def rules(self, symbol: str) -> SymbolRules:
        """What the venue asks of a symbol's orders; RefusedError where it has no such symbol."""
        market = self._market(symbol)
        limits, precision = market.get("limits") or {}, market.get("precision") or {}
        return SymbolRules(
            _decimal(precision.get("price")),
            _decimal(precision.get("amount")),
            _decimal((limits.get("amount") or {}).get("min")),
            _decimal((limits.get("cost") or {}).get("min")),
        )

    def price(self, symbol: str) -> Decimal | None:
        """The middle of best bid and ask."""
        self._market(symbol)
        book = self._ask(lambda: self._exchange.fetch_order_book(symbol, 5))
        if not book["bids"] or not book["asks"]:
            return None
        return (Decimal(str(book["bids"][0][0])) + Decimal(str(book["asks"][0][0]))) / 2

    def place(self, order: OrderRequest) -> OrderState:
        """Send it once. RefusedError: not taken, for sure; LostAnswerError: nobody knows."""
        parameters: dict[str, Any] = {"clientOrderId": order.client_id}
        if order.reduce_only:
            parameters["reduceOnly"] = True
        if order.stop is not None:
            parameters["triggerPrice"] = float(order.stop)
            if self.venue == "bybit" and ":" in order.symbol:
                parameters["triggerDirection"] = "ascending" if order.side == "buy" else "descending"
        kind = "market" if order.price is None else "limit"
        price = None if order.price is None else float(order.price)
        told = self._ask(
            lambda: self._exchange.create_order(
                order.symbol, kind, order.side, float(order.size), price, parameters
            )
        )
        return self._state(told)

    def find(self, order: OrderRequest) -> OrderState | None:
        """The order of that client id as the venue has it now; None where it has none."""
        try:
            if self.venue == "bybit":
                return self._find_bybit(order)
            told = self._ask(
                lambda: self._exchange.fetch_order(
                    None, order.symbol, {"clientOrderId": order.client_id, **self._conditional(order)}
                )
            )
        except RefusedError:
            if self.code in _NO_SUCH:
                return None
            raise
        return self._state(told)

    def cancel(self, order: OrderRequest) -> OrderState | None:
        """Cancel it; None where the venue has no open order of that id."""
        try:
            self._ask(lambda: self._cancel(order.symbol, order.client_id, order))
        except RefusedError:
            if self.code in _NO_SUCH:
                return None
            raise
        return self.find(order)

    def amend(self, order: OrderRequest, wanted: OrderRequest) -> OrderState | None:
        """Another size or price of an open limit order (not on Binance's spot); None: none is open."""
        try:
            self._ask(lambda: self._edit(order, wanted))
        except RefusedError:
            if self.code in _NO_SUCH:
                return None
            if self.code not in _NOTHING_TO_CHANGE:
                raise
        return self.find(order)

    def open_orders(self) -> list[OpenOrder]:
        """All open orders of the account on this venue, whoever placed them."""
        calls: list[dict[str, Any]] = [{}]
        if self.venue == "binanceusdm":
            calls.append({"trigger": True})
        elif self.venue == "bybit":
            calls = [{"category": "spot"}, {"category": "linear", "settleCoin": "USDT"}]
        found: dict[str, OpenOrder] = {}
        for parameters in calls:
            for told in self._open(parameters):
                info = told["info"]
                client_id = info.get("clientAlgoId") or told.get("clientOrderId") or ""
                found[str(told["id"])] = OpenOrder(
                    self.venue, told["symbol"], client_id, str(told["id"]), "trigger" in parameters,
                    self._state(told),
                )  # fmt: skip
        return list(found.values())

    def cancel_open(self, order: OpenOrder) -> None:
        """Cancel an open order by the venue's own number; one that is gone is no error."""
        conditional = {"trigger": True} if order.conditional else {}
        try:
            self._ask(lambda: self._exchange.cancel_order(order.venue_id, order.symbol, conditional))
        except RefusedError:
            if self.code not in _NO_SUCH:
                raise

    @property
    def code(self) -> str:
        """The venue's code in the latest answer; empty where there was none."""
        body = self.said.get("body")
        if not isinstance(body, dict):
            return ""
        return str(body.get("code", body.get("retCode", "")))

    # --------------------------------------------------------------------------------------------- in between

    def _open(self, parameters: dict[str, Any]) -> list[Any]:
        if self.venue != "bybit":
            found: list[Any] = self._ask(
                lambda: self._exchange.fetch_open_orders(None, None, None, parameters)
            )
            return found
        answer = self._ask(lambda: self._exchange.privateGetV5OrderRealtime({**parameters, "limit": 50}))
        kind = "spot" if parameters["category"] == "spot" else "swap"
        return [
            self._exchange.parse_order(each, self._exchange.safe_market(each["symbol"], None, None, kind))
            for each in answer["result"]["list"]
        ]

    def _find_bybit(self, order: OrderRequest) -> OrderState | None:
        """Open and just ended orders first, then the history, which comes a little later."""
        market = self._market(order.symbol)
        asked = {
            "category": "spot" if market["spot"] else "linear",
            "symbol": market["id"],
            "orderLinkId": order.client_id,
        }
        for call in (self._exchange.privateGetV5OrderRealtime, self._exchange.privateGetV5OrderHistory):
            rows = self._ask(lambda call=call: call(asked))["result"]["list"]  # type: ignore[misc]
            if rows:
                return self._state(self._exchange.parse_order(rows[0], market))
        return None

    def _edit(self, order: OrderRequest, wanted: OrderRequest) -> Any:
        market, size = self._market(order.symbol), float(wanted.size)
        price = None if wanted.price is None else float(wanted.price)
        if self.venue == "bybit":
            parameters = {"clientOrderId": order.client_id}
            return self._exchange.edit_order(None, order.symbol, "limit", order.side, size, price, parameters)
        # ccxt's own call needs the venue's number, and sends None without it
        return self._exchange.fapiPrivatePutOrder(
            {
                "symbol": market["id"],
                "side": order.side.upper(),
                "origClientOrderId": order.client_id,
                "quantity": self._exchange.amount_to_precision(order.symbol, size),
                "price": self._exchange.price_to_precision(order.symbol, price),
            }
        )

    def _cancel(self, symbol: str, client_id: str, order: OrderRequest) -> Any:
        if self.venue == "bybit":
            market = self._market(symbol)
            category = "spot" if market["spot"] else "linear"
            asked = {"category": category, "symbol": market["id"], "orderLinkId": client_id}
            if category == "spot" and order.stop is not None:
                asked["orderFilter"] = "StopOrder"
            return self._exchange.privatePostV5OrderCancel(asked)
        parameters = {"clientOrderId": client_id, **self._conditional(order)}
        return self._exchange.cancel_order(None, symbol, parameters)

    def _conditional(self, order: OrderRequest) -> dict[str, Any]:
        """Stops of Binance's futures have endpoints of their own."""
        return {"trigger": True} if self.venue == "binanceusdm" and order.stop is not None else {}

    def _market(self, symbol: str) -> Any:
        market = self._exchange.markets.get(symbol)
        if market is None:
            raise RefusedError(f"{self.venue} lists no {symbol} on its {self.network} network")
        return market

    def _state(self, told: Any) -> OrderState:
        if not isinstance(told, dict) or told.get("id") is None:
            raise LostAnswerError(
                f"{self.venue} answered what is no order: {str(self.said.get('body'))[:200]}"
            )
        info = told.get("info") or {}
        word = info.get("algoStatus") or info.get("orderStatus") or info.get("status")
        average = told.get("average") or None
        return OrderState(
            _STATUS.get(str(word), "open"),
            str(told["id"]),
            Decimal(str(told.get("filled") or 0)),
            None if average is None else Decimal(str(average)),
        )

    def _ask(self, send: Callable[[], T]) -> T:
        """Send once; where the clock was off, which the venue says before it does anything, once more."""
        try:
            return self._once(send)
        except RefusedError:
            if self.code not in _TIME_WRONG:
                raise
        self._once(self._exchange.load_time_difference)
        return self._once(send)

    def _once(self, send: Callable[[], T]) -> T:
        self._seen = seen = Seen()
        watch(self._exchange, seen, *self._secrets)
        self.said = {}
        try:
            return send()
        except (
            ccxt.BaseError,
            requests.RequestException,
            OSError,
            LookupError,
            TypeError,
            AttributeError,
        ) as error:
            raise self._meaning(error, seen) from error
        finally:
            self.said = {"http_status": seen.status, "body": _read(seen.body)}

    def _meaning(self, error: Exception, seen: Seen) -> RefusedError | LostAnswerError:
        said = _QUERY.sub("", without(str(error), *self._secrets))[:300]
        body = _read(seen.body)
        code = str(body.get("code", body.get("retCode", ""))) if isinstance(body, dict) else ""
        answered = seen.status is not None and (200 <= seen.status < 500 and seen.status != 408)
        ours = seen.status is None and isinstance(error, ccxt.ExchangeError)  # ccxt sent nothing
        plain = seen.status in (403, 418, 429, 451) or (code not in ("", "0") and code not in _UNSURE)
        if ours or (answered and plain):
            return RefusedError(f"{self.venue} refuses: {said}")
        return LostAnswerError(f"{self.venue} did not say what became of it: {type(error).__name__}: {said}")


def _read(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body[:300]


def _decimal(value: Any) -> Decimal | None:
    return Decimal(str(value)) if value else None
