"""What Bybit v5 tells of an account: positions, balances, what a key may do, and the tiers of risk.

documented: Bybit v5, "Get Position Info", "Get Wallet Balance", "Get API Key Information", "Get Account
Info", "Get Risk Limit".
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from aiohttp import web

from alphapulse_sim.accounts import Account, Accounts, Position
from alphapulse_sim.binance_account import BRACKETS, mark
from alphapulse_sim.bybit_reading import answer
from alphapulse_sim.context import Simulator
from alphapulse_sim.matching import Matching
from alphapulse_sim.signing import bybit_key

Given = dict[str, Any]


class BybitAccount:
    """The handlers of one host's account."""

    def __init__(self, sim: Simulator, accounts: Accounts, network: str) -> None:
        self._sim, self._accounts, self._network = sim, accounts, network

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        at = f"/{host}/v5"
        asked = {
            "position/list": self._positions,
            "account/wallet-balance": self._wallet,
            "account/info": self._info,
        }
        return [
            *(web.get(f"{at}/{name}", self._of(call)) for name, call in asked.items()),
            web.get(f"{at}/user/query-api", self._query_api),
            web.get(f"{at}/market/risk-limit", self._risk_limit),
        ]

    def _of(self, call: Callable[[Given, int], Given]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            now = self._sim.now_ms(request)
            await bybit_key(request, now)
            Matching(self._sim.market, self._account(), now).settle()
            return answer(call(dict(request.query), now), now)

        return handle

    def _account(self) -> Account:
        return self._accounts.of("bybit", self._network)

    def _positions(self, given: Given, now: int) -> Given:
        rows = [
            self._position(symbol, held, now)
            for symbol, held in self._account().positions.items()
            if given.get("symbol") in (None, "", symbol)
            and given.get("category", "linear") == "linear"
            and given.get("settleCoin", "USDT") == "USDT"
        ]
        return {"nextPageCursor": "", "category": given.get("category", "linear"), "list": rows}

    def _position(self, symbol: str, held: Position, now: int) -> Given:
        listing = self._sim.catalogue.find("bybit", "perpetual", symbol)
        assert listing is not None
        price = mark(self._sim, listing, now)
        worth = abs(held.size) * price
        return {
            "positionIdx": 0,
            "riskId": 1,
            "riskLimitValue": "2000000",
            "symbol": symbol,
            "side": "Buy" if held.size > 0 else "Sell",
            "size": text(abs(held.size)),
            "avgPrice": text(held.entry),
            "positionValue": text(abs(held.size) * held.entry),
            "tradeMode": 1 if held.isolated else 0,
            "autoAddMargin": 0,
            "positionStatus": "Normal",
            "leverage": str(held.leverage),
            "markPrice": text(price),
            "liqPrice": "",
            "bustPrice": "",
            "positionIM": text(abs(held.size) * held.entry / held.leverage),
            "positionMM": text(worth * Decimal("0.005")),
            "positionBalance": text(held.margin) if held.isolated else "0",
            "takeProfit": "",
            "stopLoss": "",
            "trailingStop": "0",
            "unrealisedPnl": text(held.size * (price - held.entry)),
            "curRealisedPnl": "0",
            "cumRealisedPnl": "0",
            "adlRankIndicator": 2,
            "createdTime": str(held.opened_ms or 1_676_538_056_258),
            "updatedTime": str(held.opened_ms or 1_697_673_600_012),
            "seq": 5_723_621_632,
            "isReduceOnly": False,
        }

    def _wallet(self, given: Given, now: int) -> Given:
        account = self._account()
        gain = Decimal(0)
        for symbol, held in account.positions.items():
            listing = self._sim.catalogue.find("bybit", "perpetual", symbol)
            assert listing is not None
            gain += held.size * (mark(self._sim, listing, now) - held.entry)
        coins = [
            {
                "coin": asset,
                "equity": text(held + (gain if asset == "USDT" else Decimal(0))),
                "walletBalance": text(held),
                "locked": text(account.locked(asset)),
                "unrealisedPnl": text(gain if asset == "USDT" else Decimal(0)),
                "borrowAmount": "0",
                "marginCollateral": True,
                "collateralSwitch": True,
            }
            for asset, held in account.balances.items()
        ]
        return {"list": [{"accountType": "UNIFIED", "coin": coins}]}

    def _info(self, given: Given, now: int) -> Given:
        return {
            "marginMode": "REGULAR_MARGIN",
            "updatedTime": "1697078946000",
            "unifiedMarginStatus": 6,
            "dcpStatus": "OFF",
            "timeWindow": 10,
            "smpGroup": 0,
            "isMasterTrader": False,
            "spotHedgingStatus": "OFF",
        }

    async def _query_api(self, request: web.Request) -> web.Response:
        now = self._sim.now_ms(request)
        key = await bybit_key(request, now)
        trade = [] if key.read_only else ["Order", "Position"]
        allowed = {"ContractTrade": trade, "Spot": [] if key.read_only else ["SpotTrade"], "Wallet": []}
        return answer(
            {
                "id": "13770661",
                "note": "",
                "apiKey": key.key,
                "readOnly": int(key.read_only),
                "secret": "",
                "permissions": {**allowed, "Options": [], "Derivatives": [], "Exchange": []},
                "ips": ["*"],
                "type": 1,
                "deadlineDay": 83,
                "expiredAt": "2030-05-15T03:21:05Z",
                "createdAt": "2022-10-16T02:24:40Z",
                "unified": 0,
                "uta": 1,
                "userID": 24600000,
                "inviterID": 0,
                "vipLevel": "No VIP",
                "mktMakerLevel": "0",
                "affiliateID": 0,
                "rsaPublicKey": "",
                "isMaster": True,
            },
            now,
        )

    async def _risk_limit(self, request: web.Request) -> web.Response:
        now = self._sim.now_ms(request)
        wanted = request.query.get("symbol", "")
        rows = [
            {
                "id": number,
                "symbol": wanted,
                "riskLimitValue": str(cap),
                "maintenanceMargin": rate,
                "initialMargin": text(Decimal(1) / leverage),
                "isLowestRisk": int(number == 1),
                "maxLeverage": f"{leverage}.00",
                "mmDeduction": "" if number == 1 else amount,
            }
            for number, leverage, _, cap, rate, amount in BRACKETS
        ]
        return answer({"category": "linear", "list": rows, "nextPageCursor": ""}, now)


def text(value: Decimal) -> str:
    """A number as Bybit prints it: without zeros at its end."""
    return f"{value:.12f}".rstrip("0").rstrip(".") if value else "0"
