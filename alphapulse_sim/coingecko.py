"""CoinGecko's public API: the whole market, coins by market cap, DeFi, and a coin's past.

Shapes are those of real bodies (/global of 2023-12, /coins/markets of 2023-12) and of its documentation
(docs.coingecko.com/demo/reference): figures of /global are a minute old at most, DeFi figures are texts, and
the past is told by five minutes for a day that ends now, by the hour up to 90 days, else by the day. Without
a paid plan the past goes back 365 days.
"""

from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.coins import Coin, Coins
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.intervals import DAY, HOUR, MINUTE

HOST: Final = "api.coingecko.com"
NAME: Final = "coingecko"
_MOST: Final = 250  # coins a page
_PAST: Final = 365 * DAY
_A_DOLLAR: Final = {
    "eos": 1.119, "xlm": 7.588, "bch": 0.003859, "yfi": 0.0001172, "usd": 1.0, "aed": 3.673, "ars": 807.4,
    "aud": 1.456, "bdt": 109.2, "bhd": 0.377, "bmd": 1.0, "brl": 4.828, "cad": 1.32, "chf": 0.8405,
    "clp": 884.1, "cny": 7.075, "czk": 22.22, "dkk": 6.707, "eur": 0.8997, "gbp": 0.7807, "gel": 2.69,
    "hkd": 7.813,
    "huf": 344.0, "idr": 15400.0, "ils": 3.621, "inr": 83.27, "jpy": 141.3, "krw": 1288.0, "kwd": 0.3071,
    "lkr": 322.0, "mmk": 2090.0, "mxn": 16.91, "myr": 4.613, "ngn": 764.5, "nok": 10.07, "nzd": 1.571,
    "php": 56.37, "pkr": 280.2, "pln": 3.89, "rub": 91.66, "sar": 3.75, "sek": 9.921, "sgd": 1.318,
    "thb": 34.24, "try": 29.41, "twd": 30.68, "uah": 37.58, "vef": 0.1001, "vnd": 24310.0, "zar": 18.35,
    "xdr": 0.7412, "xag": 0.04095, "xau": 0.0004792,
}  # fmt: skip
"""What a dollar is in the currencies that it tells totals in (late 2023); coins of the market come on top."""
_COINS: Final = ("btc", "eth", "ltc", "bnb", "xrp", "link", "dot")


class CoinGecko:
    """The handlers of api.coingecko.com."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.coins = Coins(sim.market, sim.catalogue)

    def routes(self) -> list[web.RouteDef]:
        """Its routes, under its host name."""
        base = f"/{HOST}/api/v3"
        return [
            web.get(f"{base}/ping", self.ping),
            web.get(f"{base}/global", self.market),
            web.get(f"{base}/global/decentralized_finance_defi", self.defi),
            web.get(f"{base}/coins/markets", self.markets),
            web.get(f"{base}/coins/{{coin}}/market_chart/range", self.chart),
        ]

    async def ping(self, request: web.Request) -> web.Response:
        """That it is there."""
        return reply({"gecko_says": "(V3) To the Moon!"})

    async def market(self, request: web.Request) -> web.Response:
        """The whole market."""
        now = self.sim.now_ms(request)
        total, volume = self.coins.total(NAME, now), self.coins.total_volume(NAME, now)
        day_ago = self.coins.total(NAME, now - DAY)
        ranked = self.coins.ranked(NAME, now)
        rates: dict[str, float] = {**_A_DOLLAR, **self._in_coins(now)}
        body = {
            "active_cryptocurrencies": 11_000 + len(ranked),
            "upcoming_icos": 0,
            "ongoing_icos": 49,
            "ended_icos": 3376,
            "markets": 959,
            "total_market_cap": {name: total * rate for name, rate in rates.items()},
            "total_volume": {name: volume * rate for name, rate in rates.items()},
            "market_cap_percentage": {coin.symbol.lower(): 100 * cap / total for coin, _, cap in ranked[:10]},
            "market_cap_change_percentage_24h_usd": 100 * (total / day_ago - 1),
            "updated_at": now // MINUTE * 60,
        }
        return reply({"data": body})

    def _in_coins(self, now: int) -> dict[str, float]:
        prices = {coin.symbol.lower(): price for coin, price, _ in self.coins.ranked(NAME, now)}
        rates: dict[str, float] = {name: 1 / prices[name] for name in _COINS if name in prices}
        bitcoins = rates.get("btc", 0.0)
        return {**rates, "bits": bitcoins * 1e6, "sats": bitcoins * 1e8}

    async def defi(self, request: web.Request) -> web.Response:
        """Decentralised finance: numbers as texts, by the hour."""
        now = self.sim.now_ms(request) // HOUR * HOUR
        cap, eth = self.coins.defi_cap(NAME, now), self.coins.cap_of(NAME, "ETH", now)
        largest = self.coins.cap_of(NAME, "LINK", now)
        body = {
            "defi_market_cap": f"{cap:.18f}",
            "eth_market_cap": f"{eth:.18f}",
            "defi_to_eth_ratio": f"{100 * cap / eth:.18f}" if eth else "0.0",
            "trading_volume_24h": f"{0.06 * cap:.18f}",
            "defi_dominance": f"{100 * cap / self.coins.total(NAME, now):.18f}",
            "top_coin_name": "Chainlink",
            "top_coin_defi_dominance": 100 * largest / cap,
        }
        return reply({"data": body})

    async def markets(self, request: web.Request) -> web.Response:
        """A page of coins by market cap, the largest first; of a category, of some ids or symbols."""
        query, now = request.query, self.sim.now_ms(request)
        if "vs_currency" not in query:
            return reply({"error": "Missing parameter vs_currency"}, status=422)
        size = min(int(query.get("per_page", "100")), _MOST)
        page = max(int(query.get("page", "1")), 1)
        chosen = [
            (rank, *told)
            for rank, told in enumerate(self.coins.ranked(NAME, now), start=1)
            if _wanted(told[0], query)
        ]
        rows = chosen[(page - 1) * size : page * size]
        return reply([self._row(rank, coin, price, cap, now) for rank, coin, price, cap in rows])

    def _row(self, rank: int, coin: Coin, price: float, cap: float, now: int) -> dict[str, Any]:
        minute = now // MINUTE * MINUTE
        at = np.arange(minute - DAY, minute + 1, 15 * MINUTE)
        day = self.coins.prices(NAME, coin, at)
        before = float(day[0]) * float(self.coins.supply(coin, at[:1])[0])
        supply = float(self.coins.supply(coin, at[-1:])[0])
        told = minute - int(coin.number % 40) * 1000  # each coin is worked out at a second of its own
        return {
            "id": coin.slug,
            "symbol": coin.symbol.lower(),
            "name": coin.name,
            "image": f"https://assets.coingecko.com/coins/images/{coin.number}/large/{coin.slug}.png",
            "current_price": _short(price),
            "market_cap": round(cap),
            "market_cap_rank": rank,
            "fully_diluted_valuation": round(price * (coin.most or supply)),
            "total_volume": round(self.coins.volume(NAME, coin, cap, now)),
            "high_24h": _short(float(day.max())),
            "low_24h": _short(float(day.min())),
            "price_change_24h": price - float(day[0]),
            "price_change_percentage_24h": round(100 * (price / float(day[0]) - 1), 5),
            "market_cap_change_24h": cap - before,
            "market_cap_change_percentage_24h": round(100 * (cap / before - 1), 5),
            "circulating_supply": supply,
            "total_supply": coin.most or supply,
            "max_supply": coin.most,
            "ath": _short(2.5 * (coin.listing.price if coin.listing else coin.price)),
            "ath_change_percentage": -50.0,
            "ath_date": "2021-11-10T14:24:11.849Z",
            "atl": _short(0.01 * (coin.listing.price if coin.listing else coin.price)),
            "atl_change_percentage": 9900.0,
            "atl_date": "2015-10-20T00:00:00.000Z",
            "roi": None,
            "last_updated": _iso(told),
        }

    async def chart(self, request: web.Request) -> web.Response:
        """A coin's past in [from, to] seconds: price, cap and volume, each as rows of milliseconds and
        value."""
        now = self.sim.now_ms(request)
        found = [told for told in self.coins.ranked(NAME, now) if told[0].slug == request.match_info["coin"]]
        if not found:
            return reply({"error": "coin not found"}, status=404)
        start, end = (int(float(request.query[name])) * 1000 for name in ("from", "to"))
        if start < now - _PAST:
            return _refused(
                "Public API users are limited to querying historical data within the past 365 days."
            )
        step = _step(start, end, now, request.query.get("interval"))
        at = np.arange(-(-start // step) * step, min(end, now) + 1, step)
        if not len(at):
            return reply({"prices": [], "market_caps": [], "total_volumes": []})
        coin = found[0][0]
        price = self.coins.prices(NAME, coin, at)
        cap = price * self.coins.supply(coin, at)
        volume = [self.coins.volume(NAME, coin, float(c), int(t)) for c, t in zip(cap, at, strict=True)]
        rows = zip(at.tolist(), price.tolist(), cap.tolist(), volume, strict=True)
        told = [(ts, a, b, c) for ts, a, b, c in rows]
        return reply(
            {
                "prices": [[ts, a] for ts, a, _, _ in told],
                "market_caps": [[ts, b] for ts, _, b, _ in told],
                "total_volumes": [[ts, c] for ts, _, _, c in told],
            }
        )


def _wanted(coin: Coin, query: Any) -> bool:
    if query.get("category") == "stablecoins" and not coin.stable:
        return False
    if ids := query.get("ids"):
        return coin.slug in ids.split(",")
    if symbols := query.get("symbols"):
        return coin.symbol.lower() in symbols.lower().split(",")
    return True


def _step(start: int, end: int, now: int, interval: str | None) -> int:
    """How finely the past is told (documented: auto granularity, or by `interval`)."""
    if interval in ("hourly", "daily"):
        return HOUR if interval == "hourly" else DAY
    if end - start <= DAY:
        return 5 * MINUTE if end >= now - HOUR else HOUR
    return HOUR if end - start <= 90 * DAY else DAY


def _refused(message: str) -> web.Response:
    status = {"timestamp": _iso(0), "error_code": 10012, "error_message": message}
    return reply({"error": {"status": status}}, status=401)


def _short(price: float) -> float:
    """A price in as many digits as it tells: six that count."""
    return float(f"{price:.6g}")


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"
