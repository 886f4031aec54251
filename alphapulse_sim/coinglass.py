"""Coinglass, version 4: flows of spot ETFs. It wants a key, and says what is wrong in the body's `code`.

A day's flows come as the funds report: at 23:00 UTC the first half of them, the others at 03:00; the total is
of those that have reported.
"""

from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.cftc_calendar import works
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.hashing import key, noise, normal
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.intervals import DAY, HOUR

HOST: Final = "open-api-v4.coinglass.com"
FUNDS: Final = {  # coin: first day, funds with their share, standard deviation of a day's flow in USD
    "bitcoin": (
        "BTC",
        "2024-01-11",
        {"IBIT": 0.5, "FBTC": 0.25, "GBTC": 0.1, "ARKB": 0.1, "BITB": 0.05},
        2.5e8,
    ),
    "ethereum": ("ETH", "2024-07-23", {"ETHA": 0.55, "FETH": 0.25, "ETHE": 0.2}, 6e7),
}
FIRST_HOUR: Final = 23
LAST_HOUR: Final = 27
A_MINUTE: Final = 30
POOR_PLAN: Final = "plan-without-etf"
"""A key that is right and of a plan without these data."""


class Coinglass:
    """The handlers of its host."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def routes(self) -> list[web.RouteDef]:
        """The routes of spot ETFs."""
        return [web.get(f"/{HOST}/api/etf/{{coin}}/flow-history", self.flow_history)]

    async def flow_history(self, request: web.Request) -> web.Response:
        """Flows of all days, oldest first."""
        given = request.headers.get("CG-API-KEY", "")
        if not given:
            return reply({"code": "401", "msg": "API key missing."}, status=401)
        if given == POOR_PLAN:  # as it says so: with status 200
            return reply({"code": "401", "msg": "Upgrade plan"})
        coin = request.match_info["coin"]
        if coin not in FUNDS:
            return reply({"code": "404", "msg": "Not Found"}, status=404)
        now = self.sim.now_ms(request)
        headers = {"API-KEY-MAX-LIMIT": str(A_MINUTE), "API-KEY-USE-LIMIT": "1"}
        return reply({"code": "0", "msg": "success", "data": self.days(coin, now)}, headers=headers)

    def days(self, coin: str, now_ms: int) -> list[dict[str, Any]]:
        """What has been told by now."""
        _, first, _, _ = FUNDS[coin]
        return [
            self._day(coin, ts, now_ms)
            for ts in range(epoch_ms(first), now_ms, DAY)
            if works(datetime.fromtimestamp(ts / 1000, UTC).date()) and ts + FIRST_HOUR * HOUR <= now_ms
        ]

    def _day(self, coin: str, ts: int, now_ms: int) -> dict[str, Any]:
        asset, _, funds, _ = FUNDS[coin]
        listing = self.sim.catalogue.find("binance", "spot", f"{asset}USDT")
        assert listing is not None
        all_told = now_ms >= ts + LAST_HOUR * HOUR
        flows = [
            {"etf_ticker": fund, "flow_usd": self._flow(coin, fund, ts)}
            if all_told or place < len(funds) / 2
            else {"etf_ticker": fund}
            for place, fund in enumerate(funds)
        ]
        price = self.sim.market.mid(listing, np.array([ts + 21 * HOUR], dtype=np.int64))[0]
        return {
            "timestamp": ts,
            "flow_usd": sum(each.get("flow_usd", 0) for each in flows),
            "price_usd": round(float(price), 2),
            "etf_flows": flows,
        }

    def _flow(self, coin: str, fund: str, ts: int) -> int:
        """Whole hundred thousands of USD, as issuers round; they persist for weeks."""
        _, _, funds, deviation = FUNDS[coin]
        at, stream = np.array([ts], dtype=np.int64), (self.sim.market.seed, "etf", coin)
        mood = float(noise(key(*stream, "mood"), at, 20 * DAY)[0])
        day = float(normal(key(*stream, fund), at // DAY)[0])
        return round(deviation * funds[fund] * (mood + day) / 1e5) * 100_000
