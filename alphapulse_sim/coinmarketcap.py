"""CoinMarketCap's API: global metrics and listings, for whoever has a key.

Shapes are those of a real listing (2019-02) and of its documentation
(pro.coinmarketcap.com/api/documentation): any key will do here, none is refused with error code 1002. Its
figures are worked out once a minute.
"""

from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.coins import Coin, Coins
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.intervals import DAY, HOUR, MINUTE

HOST: Final = "pro-api.coinmarketcap.com"
NAME: Final = "coinmarketcap"
_MOST: Final = 5000
_MISSING: Final = "API key missing."


class CoinMarketCap:
    """The handlers of pro-api.coinmarketcap.com."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.coins = Coins(sim.market, sim.catalogue)

    def routes(self) -> list[web.RouteDef]:
        """Its routes, under its host name."""
        return [
            web.get(f"/{HOST}/v1/global-metrics/quotes/latest", self.market),
            web.get(f"/{HOST}/v1/cryptocurrency/listings/latest", self.listings),
        ]

    async def market(self, request: web.Request) -> web.Response:
        """The whole market."""
        now = self.sim.now_ms(request)
        if (refused := self._refused(request, now)) is not None:
            return refused
        then = now - DAY
        bitcoin, ether = self._share("BTC", now), self._share("ETH", now)
        bitcoin_before, ether_before = self._share("BTC", then), self._share("ETH", then)
        parts, moment = self._parts(now, then), _iso(now // MINUTE * MINUTE)
        body = {
            "active_cryptocurrencies": 9_000,
            "total_cryptocurrencies": 30_000,
            "active_market_pairs": 100_000,
            "active_exchanges": 700,
            "total_exchanges": 9_000,
            "eth_dominance": ether,
            "btc_dominance": bitcoin,
            "eth_dominance_yesterday": ether_before,
            "btc_dominance_yesterday": bitcoin_before,
            "eth_dominance_24h_percentage_change": ether - ether_before,
            "btc_dominance_24h_percentage_change": bitcoin - bitcoin_before,
            **parts,
            "quote": {"USD": {**self._dollars(now, then), **parts, "last_updated": moment}},
            "last_updated": moment,
        }
        return reply({"status": _status(now), "data": body})

    def _parts(self, now: int, then: int) -> dict[str, float]:
        """What is told of DeFi, stablecoins and derivatives."""
        defi, stable = self.coins.defi_cap(NAME, now), self.coins.stable_cap(NAME, now)
        volume, before = (self.coins.total_volume(NAME, at) for at in (now, then))
        return {
            "defi_volume_24h": 0.06 * defi,
            "defi_volume_24h_reported": 0.07 * defi,
            "defi_market_cap": defi,
            "defi_24h_percentage_change": 100 * (defi / self.coins.defi_cap(NAME, then) - 1),
            "stablecoin_volume_24h": 0.5 * stable,
            "stablecoin_volume_24h_reported": 0.6 * stable,
            "stablecoin_market_cap": stable,
            "stablecoin_24h_percentage_change": 100 * (stable / self.coins.stable_cap(NAME, then) - 1),
            "derivatives_volume_24h": 4.0 * volume,
            "derivatives_volume_24h_reported": 4.2 * volume,
            "derivatives_24h_percentage_change": 100 * (volume / before - 1),
        }

    def _dollars(self, now: int, then: int) -> dict[str, float]:
        """Totals, and those of the day before."""
        total, before = (self.coins.total(NAME, at) for at in (now, then))
        volume, volume_before = (self.coins.total_volume(NAME, at) for at in (now, then))
        return {
            "total_market_cap": total,
            "total_volume_24h": volume,
            "total_volume_24h_reported": 1.4 * volume,
            "altcoin_volume_24h": 0.6 * volume,
            "altcoin_volume_24h_reported": 0.8 * volume,
            "altcoin_market_cap": total * (1 - self._share("BTC", now) / 100),
            "total_market_cap_yesterday": before,
            "total_volume_24h_yesterday": volume_before,
            "total_market_cap_yesterday_percentage_change": 100 * (total / before - 1),
            "total_volume_24h_yesterday_percentage_change": 100 * (volume / volume_before - 1),
        }

    def _share(self, symbol: str, now: int) -> float:
        return 100 * self.coins.cap_of(NAME, symbol, now) / self.coins.total(NAME, now)

    async def listings(self, request: web.Request) -> web.Response:
        """Coins from `start` (1 is the first) on, the largest first."""
        now = self.sim.now_ms(request)
        if (refused := self._refused(request, now)) is not None:
            return refused
        first, limit = (
            int(request.query.get(name, default)) for name, default in (("start", 1), ("limit", 100))
        )
        if first < 1 or not 1 <= limit <= _MOST:
            return reply({"status": _status(now, 400, '"start" or "limit" is out of range')}, status=400)
        ranked = self.coins.ranked(NAME, now)
        chosen = list(enumerate(ranked, start=1))[first - 1 : first - 1 + limit]
        rows = [self._row(rank, coin, price, cap, now) for rank, (coin, price, cap) in chosen]
        return reply({"status": _status(now, credits=-(-limit // 200), total=len(ranked)), "data": rows})

    def _row(self, rank: int, coin: Coin, price: float, cap: float, now: int) -> dict[str, Any]:
        minute = now // MINUTE * MINUTE
        at = np.array([minute - 7 * DAY, minute - DAY, minute - HOUR])
        week, day, hour = (100 * (price / float(then) - 1) for then in self.coins.prices(NAME, coin, at))
        supply = float(self.coins.supply(coin, np.array([minute]))[0])
        moment = _iso(minute - coin.number % 50 * 1000)
        quote = {
            "price": price,
            "volume_24h": self.coins.volume(NAME, coin, cap, now),
            "percent_change_1h": hour,
            "percent_change_24h": day,
            "percent_change_7d": week,
            "market_cap": cap,
            "last_updated": moment,
        }
        return {
            "id": coin.number,
            "name": coin.name,
            "symbol": coin.symbol,
            "slug": coin.slug,
            "circulating_supply": supply,
            "total_supply": coin.most or supply,
            "max_supply": coin.most,
            "date_added": "2013-04-28T00:00:00.000Z",
            "num_market_pairs": 4270,
            "tags": ["stablecoin"] if coin.stable else ["mineable"] if coin.symbol == "BTC" else [],
            "platform": None,
            "cmc_rank": rank,
            "last_updated": moment,
            "quote": {"USD": quote},
        }

    def _refused(self, request: web.Request, now: int) -> web.Response | None:
        if request.headers.get("X-CMC_PRO_API_KEY"):
            return None
        return reply({"status": _status(now, 1002, _MISSING)}, status=401)


def _status(
    now: int, code: int = 0, message: str | None = None, credits: int = 1, total: int | None = None
) -> dict[str, Any]:
    told = {
        "timestamp": _iso(now),
        "error_code": code,
        "error_message": message,
        "elapsed": 4,
        "credit_count": 0 if code else credits,
    }
    return told if total is None else {**told, "total_count": total}


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"
