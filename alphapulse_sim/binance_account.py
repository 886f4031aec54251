"""What Binance tells of an account: balances, positions, tiers of leverage, and what a key may do.

documented: Binance, "Account information (USER_DATA)", "Get API Key Permission (USER_DATA)"; USD-M,
"Futures Account Balance V3", "Position Information V2" and V3, "Notional and Leverage Brackets".
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.accounts import KEYS, Account, Accounts, Position
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.derivatives import mark_prices
from alphapulse_sim.instruments import Listing
from alphapulse_sim.matching import Matching
from alphapulse_sim.signing import binance_request

BRACKETS: Final = (
    (1, 125, 0, 50_000, "0.004", "0.0"),
    (2, 100, 50_000, 500_000, "0.005", "50.0"),
    (3, 50, 500_000, 10_000_000, "0.01", "2550.0"),
    (4, 20, 10_000_000, 100_000_000, "0.025", "152550.0"),
)
"""Bracket, leverage, floor, cap, maintenance rate, cumulative amount: of all perpetuals alike (ours)."""


class BinanceAccounts:
    """The handlers of spot and USD-M accounts of one network."""

    def __init__(self, sim: Simulator, accounts: Accounts, network: str) -> None:
        self._sim, self._accounts, self._network = sim, accounts, network

    def spot_routes(self, host: str) -> list[web.RouteDef]:
        """The routes of a spot host; `sapi` is on the live one alone."""
        found = [web.get(f"/{host}/api/v3/account", self._of("binance", self._spot))]
        if self._network == "live":
            found.append(web.get(f"/{host}/sapi/v1/account/apiRestrictions", self._restrictions))
        return found

    def usdm_routes(self, host: str) -> list[web.RouteDef]:
        """The routes of a USD-M host."""
        calls: dict[str, Callable[[Account, int], Any]] = {
            "v2/balance": self._balance,
            "v3/balance": self._balance,
            "v2/account": self._usdm,
            "v3/account": self._usdm,
            "v2/positionRisk": self._positions,
            "v3/positionRisk": self._positions,
            "v1/leverageBracket": self._brackets,
        }
        return [
            web.get(f"/{host}/fapi/{name}", self._of("binanceusdm", call)) for name, call in calls.items()
        ]

    def _of(
        self, venue: str, call: Callable[[Account, int], Any]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            now = self._sim.now_ms(request)
            await binance_request(request, now)
            account = self._accounts.of(venue, self._network)
            Matching(self._sim.market, account, now).settle()
            return reply(call(account, now))

        return handle

    async def _restrictions(self, request: web.Request) -> web.Response:
        now = self._sim.now_ms(request)
        await binance_request(request, now)
        trades = not KEYS[request.headers["X-MBX-APIKEY"]].read_only
        return reply(
            {
                "ipRestrict": False,
                "createTime": 1698645219000,
                "enableReading": True,
                "enableWithdrawals": False,
                "enableInternalTransfer": False,
                "enableMargin": False,
                "enableFutures": trades,
                "permitsUniversalTransfer": False,
                "enableVanillaOptions": False,
                "enableFixApiTrade": False,
                "enableFixReadOnly": False,
                "enableSpotAndMarginTrading": trades,
                "enablePortfolioMarginTrading": False,
            }
        )

    def _spot(self, account: Account, now: int) -> Any:
        rates = {"maker": "0.00100000", "taker": "0.00100000", "buyer": "0.00000000", "seller": "0.00000000"}
        return {
            "makerCommission": 10,
            "takerCommission": 10,
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": rates,
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": now,
            "accountType": "SPOT",
            "balances": [
                {
                    "asset": asset,
                    "free": f"{account.free(asset):.8f}",
                    "locked": f"{account.locked(asset):.8f}",
                }
                for asset in account.balances
            ],
            "permissions": ["SPOT"],
            "uid": 354937868,
        }

    def _gain(self, symbol: str, held: Position, now: int) -> tuple[Decimal, Decimal]:
        """Mark price and unrealised gain."""
        price = mark(self._sim, self._listing(symbol), now)
        return price, held.size * (price - held.entry)

    def _listing(self, symbol: str) -> Listing:
        found = self._sim.catalogue.find("binanceusdm", "perpetual", symbol)
        assert found is not None
        return found

    def _balance(self, account: Account, now: int) -> Any:
        gain = sum((self._gain(name, each, now)[1] for name, each in account.positions.items()), Decimal(0))
        return [
            {
                "accountAlias": "SgsR",
                "asset": asset,
                "balance": f"{held:.8f}",
                "crossWalletBalance": f"{held:.8f}",
                "crossUnPnl": f"{gain:.8f}",
                "availableBalance": f"{account.margin_free(asset):.8f}",
                "maxWithdrawAmount": f"{account.margin_free(asset):.8f}",
                "marginAvailable": True,
                "updateTime": now,
            }
            for asset, held in account.balances.items()
        ]

    def _usdm(self, account: Account, now: int) -> Any:
        gain = sum((self._gain(name, each, now)[1] for name, each in account.positions.items()), Decimal(0))
        held = account.balances["USDT"]
        figures = {
            "walletBalance": f"{held:.8f}",
            "unrealizedProfit": f"{gain:.8f}",
            "marginBalance": f"{held + gain:.8f}",
            "maintMargin": "0.00000000",
            "initialMargin": f"{held - account.margin_free('USDT'):.8f}",
            "positionInitialMargin": f"{held - account.margin_free('USDT'):.8f}",
            "openOrderInitialMargin": "0.00000000",
            "crossWalletBalance": f"{held:.8f}",
            "crossUnPnl": f"{gain:.8f}",
            "availableBalance": f"{account.margin_free('USDT'):.8f}",
            "maxWithdrawAmount": f"{account.margin_free('USDT'):.8f}",
        }
        return {
            "totalWalletBalance": f"{held:.8f}",
            "totalUnrealizedProfit": f"{gain:.8f}",
            "totalMarginBalance": f"{held + gain:.8f}",
            "availableBalance": f"{account.margin_free('USDT'):.8f}",
            "canTrade": True,
            "assets": [{"asset": "USDT", **figures, "updateTime": now}],
            "positions": self._positions(account, now),
        }

    def _positions(self, account: Account, now: int) -> Any:
        return [self._position(name, held, now) for name, held in account.positions.items() if held.size]

    def _position(self, symbol: str, held: Position, now: int) -> dict[str, Any]:
        price, gain = self._gain(symbol, held, now)
        margin = held.margin + gain if held.isolated else Decimal(0)
        return {
            "symbol": symbol,
            "positionAmt": f"{held.size:.{self._listing(symbol).size_digits}f}",
            "entryPrice": f"{held.entry:.8f}",
            "breakEvenPrice": f"{held.entry:.8f}",
            "markPrice": f"{price:.8f}",
            "unRealizedProfit": f"{gain:.8f}",
            "liquidationPrice": "0",
            "leverage": str(held.leverage),
            "maxNotionalValue": "10000000",
            "marginType": "isolated" if held.isolated else "cross",
            "isolatedMargin": f"{margin:.8f}",
            "isAutoAddMargin": "false",
            "positionSide": "BOTH",
            "notional": f"{held.size * price:.8f}",
            "isolatedWallet": f"{held.margin if held.isolated else 0:.8f}",
            "marginAsset": "USDT",
            "updateTime": held.opened_ms or now,
            "isolated": held.isolated,
            "adlQuantile": 2,
        }

    def _brackets(self, account: Account, now: int) -> Any:
        rows = [
            {
                "bracket": number,
                "initialLeverage": leverage,
                "notionalCap": cap,
                "notionalFloor": floor,
                "maintMarginRatio": float(rate),
                "cum": float(cumulative),
            }
            for number, leverage, floor, cap, rate, cumulative in BRACKETS
        ]
        listings = self._sim.catalogue.of("binanceusdm", "perpetual", now)
        return [{"symbol": listing.symbol, "notionalCoef": 1.0, "brackets": rows} for listing in listings]


def mark(sim: Simulator, listing: Listing, now_ms: int) -> Decimal:
    """The mark price."""
    units = int(mark_prices(sim.market, listing, np.array([now_ms], dtype=np.int64))[0])
    return Decimal(units).scaleb(-8)
