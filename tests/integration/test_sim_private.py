"""The simulator's private endpoints: signatures, refusals and bodies as the venues document them."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

import pytest
import requests

from alphapulse_sim.process import SimulatorProcess

SPOT: Final = "testnet.binance.vision/api/v3"
USDM: Final = "demo-fapi.binance.com/fapi"
BYBIT: Final = "api-testnet.bybit.com/v5"
TRADE: Final = ("sim-trade", "sim-trade-secret")
READ: Final = ("sim-read", "sim-read-secret")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# documented: Binance Spot "New order" (FULL) and "Query order"; USD-M "New Order", "New Algo Order",
# "Position Information V2"; Bybit v5 "Get Open & Closed Orders"
SPOT_PLACED: Final = _names(
    "symbol orderId orderListId clientOrderId transactTime price origQty executedQty "
    "cummulativeQuoteQty status timeInForce type side fills selfTradePreventionMode"
)
SPOT_QUERIED: Final = _names(
    "symbol orderId orderListId clientOrderId price origQty executedQty cummulativeQuoteQty status "
    "timeInForce type side stopPrice icebergQty time updateTime isWorking origQuoteOrderQty "
    "selfTradePreventionMode"
)
USDM_ORDER: Final = _names(
    "clientOrderId cumQuote executedQty orderId avgPrice origQty price reduceOnly side positionSide "
    "status stopPrice closePosition symbol timeInForce type origType updateTime workingType "
    "priceProtect priceMatch selfTradePreventionMode goodTillDate"
)
ALGO_ORDER: Final = _names(
    "algoId clientAlgoId algoType orderType symbol side positionSide timeInForce quantity algoStatus "
    "triggerPrice price icebergQuantity selfTradePreventionMode workingType priceMatch closePosition "
    "priceProtect reduceOnly createTime updateTime triggerTime goodTillDate"
)
USDM_POSITION: Final = _names(
    "entryPrice breakEvenPrice marginType isAutoAddMargin isolatedMargin leverage liquidationPrice "
    "markPrice maxNotionalValue positionAmt notional isolatedWallet symbol unRealizedProfit "
    "positionSide updateTime"
)
BYBIT_ORDER: Final = _names(
    "orderId orderLinkId symbol price qty side positionIdx orderStatus createType cancelType "
    "rejectReason avgPrice leavesQty leavesValue cumExecQty cumExecValue cumExecFee timeInForce "
    "orderType stopOrderType triggerPrice triggerDirection triggerBy reduceOnly closeOnTrigger "
    "smpType createdTime updatedTime"
)


@pytest.fixture(scope="module")
def venues() -> Iterator[SimulatorProcess]:
    """One simulator for this file."""
    with SimulatorProcess() as running:
        yield running


@pytest.fixture
def simulator(venues: SimulatorProcess) -> SimulatorProcess:
    """The simulator with accounts as at the beginning."""
    requests.delete(f"{venues.url}/_sim/accounts", timeout=10).raise_for_status()
    return venues


def binance(
    simulator: SimulatorProcess,
    method: str,
    path: str,
    key: tuple[str, str] = TRADE,
    late_ms: int = 0,
    **given: Any,
) -> Any:
    """A signed request; the body of the answer."""
    query = urlencode({**given, "timestamp": int(time.time() * 1000) - late_ms})
    signature = hmac.new(key[1].encode(), query.encode(), hashlib.sha256).hexdigest()
    signed, url = f"{query}&signature={signature}", f"{simulator.url}/{path}"
    headers = {"X-MBX-APIKEY": key[0], "Content-Type": "application/x-www-form-urlencoded"}
    if method in ("GET", "DELETE"):
        return requests.request(method, f"{url}?{signed}", headers=headers, timeout=10).json()
    return requests.request(method, url, data=signed, headers=headers, timeout=10).json()


def bybit(
    simulator: SimulatorProcess, path: str, key: tuple[str, str] = TRADE, late_ms: int = 0, *,
    post: bool = False, **given: Any,
) -> Any:  # fmt: skip
    """A signed request; the body of the answer."""
    sent = str(int(time.time() * 1000) - late_ms)
    payload = json.dumps(given) if post else urlencode(given)
    signature = hmac.new(key[1].encode(), f"{sent}{key[0]}5000{payload}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "X-BAPI-API-KEY": key[0], "X-BAPI-TIMESTAMP": sent, "X-BAPI-RECV-WINDOW": "5000",
        "X-BAPI-SIGN": signature, "Content-Type": "application/json",
    }  # fmt: skip
    url = f"{simulator.url}/{BYBIT}/{path}"
    if post:
        return requests.post(url, data=payload, headers=headers, timeout=10).json()
    return requests.get(f"{url}?{payload}", headers=headers, timeout=10).json()


MARKET: Final = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
LIMIT: Final = {**MARKET, "type": "LIMIT", "timeInForce": "GTC", "price": "10000"}
LINEAR: Final = {
    "category": "linear",
    "symbol": "BTCUSDT",
    "side": "Buy",
    "orderType": "Limit",
    "qty": "0.01",
}


def test_bodies_have_the_documented_fields(simulator: SimulatorProcess) -> None:
    assert binance(simulator, "POST", f"{SPOT}/order", **MARKET).keys() >= SPOT_PLACED
    placed = binance(simulator, "POST", f"{SPOT}/order", **LIMIT, newClientOrderId="one")
    asked = {"symbol": "BTCUSDT", "origClientOrderId": "one"}
    queried = binance(simulator, "GET", f"{SPOT}/order", **asked)
    assert queried.keys() == SPOT_QUERIED
    assert queried["orderId"] == placed["orderId"]
    assert binance(simulator, "POST", f"{USDM}/v1/order", **MARKET).keys() >= USDM_ORDER
    stop = {
        **MARKET,
        "side": "SELL",
        "type": "STOP_MARKET",
        "algoType": "CONDITIONAL",
        "triggerPrice": "10000",
    }
    assert binance(simulator, "POST", f"{USDM}/v1/algoOrder", **stop).keys() >= ALGO_ORDER
    (position,) = binance(simulator, "GET", f"{USDM}/v2/positionRisk")
    assert position.keys() >= USDM_POSITION
    assert position["positionAmt"] == "0.010"
    created = bybit(simulator, "order/create", post=True, **LINEAR, price="10000", orderLinkId="one")
    assert created["result"].keys() == {"orderId", "orderLinkId"}
    (row,) = bybit(simulator, "order/realtime", category="linear", orderLinkId="one")["result"]["list"]
    assert row.keys() >= BYBIT_ORDER
    assert row["orderStatus"] == "New"


def test_what_is_not_signed_right_is_refused(simulator: SimulatorProcess) -> None:
    account = f"{SPOT}/account"
    assert binance(simulator, "GET", account, ("nobody", "x"))["code"] == -2015
    assert binance(simulator, "GET", account, ("sim-read", "wrong"))["code"] == -1022
    assert binance(simulator, "GET", account, late_ms=6000)["code"] == -1021
    assert binance(simulator, "GET", account, late_ms=-5000)["code"] == -1021
    assert binance(simulator, "GET", account, READ)["canTrade"] is True
    assert binance(simulator, "POST", f"{SPOT}/order", READ, **MARKET)["code"] == -2015
    unsigned = requests.get(f"{simulator.url}/{account}", timeout=10)
    assert (unsigned.status_code, unsigned.json()["code"]) == (401, -2014)
    assert bybit(simulator, "account/info", ("nobody", "x"))["retCode"] == 10003
    assert bybit(simulator, "account/info", ("sim-read", "wrong"))["retCode"] == 10004
    assert bybit(simulator, "account/info", late_ms=6000)["retCode"] == 10002
    refused = bybit(simulator, "order/create", READ, post=True, **LINEAR, price="10000")
    assert refused["retCode"] == 10005


def test_what_is_no_order_is_refused_in_the_venues_codes(simulator: SimulatorProcess) -> None:
    spot, futures = f"{SPOT}/order", f"{USDM}/v1/order"

    def code(path: str, **given: Any) -> int:
        return int(binance(simulator, "POST", path, **given)["code"])

    assert code(spot, **{**MARKET, "symbol": "NONE"}) == -1121
    assert binance(simulator, "POST", spot, **{**LIMIT, "quantity": "0.0000001"})["msg"].endswith("LOT_SIZE")
    assert binance(simulator, "POST", spot, **{**LIMIT, "price": "10000.001"})["msg"].endswith("PRICE_FILTER")
    assert binance(simulator, "POST", spot, **{**LIMIT, "quantity": "0.00001"})["msg"].endswith("NOTIONAL")
    assert code(spot, **{**LIMIT, "quantity": "50"}) == -2010
    assert code(futures, **{**LIMIT, "quantity": "0.0001"}) == -1111
    assert code(futures, **{**LIMIT, "quantity": "200"}) == -2019
    assert code(futures, **{**LIMIT, "type": "STOP_MARKET", "stopPrice": "1"}) == -4120
    assert code(futures, **MARKET, reduceOnly="true") == -2022
    for path, duplicate in ((spot, -2010), (futures, -4116)):
        assert "orderId" in binance(simulator, "POST", path, **LIMIT, newClientOrderId="twice")
        assert code(path, **LIMIT, newClientOrderId="twice") == duplicate
        gone = {"symbol": "BTCUSDT", "origClientOrderId": "none"}
        assert binance(simulator, "GET", path, **gone)["code"] == -2013
        assert binance(simulator, "DELETE", path, **gone)["code"] == -2011
        # once it was filled its id may be used again
        for _ in range(2):
            assert binance(simulator, "POST", path, **MARKET, newClientOrderId="filled")["status"] == "FILLED"

    def bybit_code(**given: Any) -> int:
        return int(
            bybit(simulator, "order/create", post=True, **{**LINEAR, "price": "10000", **given})["retCode"]
        )

    assert bybit_code(symbol="NONE") == 10001
    assert bybit_code(qty="200") == 110007
    assert bybit_code(orderLinkId="twice") == 0
    assert bybit_code(orderLinkId="twice") == 110072
    assert bybit_code(category="spot", qty="0.0000001") == 170137
    assert bybit_code(category="spot", qty="50") == 170131
    missing = bybit(
        simulator, "order/cancel", post=True, category="linear", symbol="BTCUSDT", orderLinkId="no"
    )
    assert missing["retCode"] == 110001


def test_limits_rest_until_the_market_comes_and_stops_wait_for_it(simulator: SimulatorProcess) -> None:
    """Over hours of the simulated market a limit near the price is filled at it, and a stop triggers."""
    simulator.set_clock("2026-03-10T12:00:00", rate=1.0)
    try:
        now = requests.get(f"{simulator.url}/_sim/health", timeout=10).json()["now"]
        assert now.startswith("2026-03-10T12:00")
        shift = int((time.time() - 1_773_144_000) * 1000)  # 2026-03-10T12:00:00Z
        book = requests.get(f"{simulator.url}/{SPOT}/depth?symbol=BTCUSDT&limit=5", timeout=10).json()
        bid, ask = float(book["bids"][0][0]), float(book["asks"][0][0])
        before = binance(simulator, "GET", f"{SPOT}/account", late_ms=shift)
        low = {**LIMIT, "price": f"{bid * 0.9995:.2f}", "newClientOrderId": "low"}
        assert binance(simulator, "POST", f"{SPOT}/order", late_ms=shift, **low)["status"] == "NEW"
        stop = {
            **LIMIT, "side": "SELL", "type": "STOP_LOSS_LIMIT", "stopPrice": f"{bid * 0.9995:.2f}",
            "price": f"{bid * 0.98:.2f}", "newClientOrderId": "stop",
        }  # fmt: skip
        assert binance(simulator, "POST", f"{SPOT}/order", late_ms=shift, **stop)["status"] == "NEW"
        locked = binance(simulator, "GET", f"{SPOT}/account", late_ms=shift)
        free = {row["asset"]: float(row["free"]) for row in locked["balances"]}
        had = {row["asset"]: float(row["free"]) for row in before["balances"]}
        assert free["USDT"] == pytest.approx(had["USDT"] - 0.01 * float(low["price"]))
        assert free["BTC"] == pytest.approx(had["BTC"] - 0.01)
        bought = binance(simulator, "POST", f"{SPOT}/order", late_ms=shift, **MARKET)
        assert float(bought["cummulativeQuoteQty"]) >= 0.01 * ask * 0.999
        for hour in range(13, 24):
            simulator.set_clock(f"2026-03-10T{hour}:00:00", rate=1.0)
            late = int((time.time() - 1_773_144_000 - (hour - 12) * 3600) * 1000)
            found = [
                binance(
                    simulator, "GET", f"{SPOT}/order", late_ms=late, symbol="BTCUSDT", origClientOrderId=name
                )
                for name in ("low", "stop")
            ]
            if all(each["status"] == "FILLED" for each in found):
                break
        assert [each["status"] for each in found] == ["FILLED", "FILLED"]
        assert float(found[0]["cummulativeQuoteQty"]) == pytest.approx(0.01 * float(low["price"]), rel=1e-6)
    finally:
        simulator.set_clock(None)
