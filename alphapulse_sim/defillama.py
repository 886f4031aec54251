"""DefiLlama's stablecoins: supplies now, by day, in total.

Coins that CoinGecko and CoinMarketCap list have the supply and the price that they tell, give or take half a
percent; the others grow smoothly, more while prices are high.
Answers are those of the last full hour, as the real ones are put together.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from aiohttp import web

from alphapulse_sim.coins import Coins
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.hashing import Floats, Ints, key, noise
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.intervals import DAY, HOUR

HOST: Final = "stablecoins.llama.fi"
CHAINS: Final = (("Ethereum", 0.55), ("Tron", 0.3), ("Solana", 0.15))


class Stablecoin(NamedTuple):
    """A coin: its supply in units about 2025, and since when it is there."""

    number: str
    name: str
    symbol: str
    gecko_id: str | None
    peg: str
    mechanism: str
    units: float
    since: str
    quoted: bool = True


COINS: Final = (
    Stablecoin("1", "Tether", "USDT", "tether", "peggedUSD", "fiat-backed", 140e9, "2017-11-29"),
    Stablecoin("2", "USD Coin", "USDC", "usd-coin", "peggedUSD", "fiat-backed", 60e9, "2018-10-08"),
    Stablecoin("5", "Dai", "DAI", "dai", "peggedUSD", "crypto-backed", 5e9, "2019-11-18"),
    Stablecoin("146", "Ethena USDe", "USDe", "ethena-usde", "peggedUSD", "crypto-backed", 6e9, "2023-11-27"),
    Stablecoin("50", "EURC", "EURC", "euro-coin", "peggedEUR", "fiat-backed", 200e6, "2022-06-30"),
    Stablecoin("990", "Quiet Dollar", "QUID", None, "peggedUSD", "fiat-backed", 25e6, "2021-01-01", False),
    Stablecoin("991", "Tiny Dollar", "TINY", None, "peggedUSD", "fiat-backed", 2e6, "2021-01-01"),
)
_EUR_USD: Final = 1.1
_GROWTH: Final = 1.35  # a year (ours)
_FIRST: Final = epoch_ms("2017-11-29")


class DefiLlama:
    """The handlers of its host."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._coins = Coins(sim.market, sim.catalogue)
        self._listed = {coin.slug: coin for coin in self._coins.listed(_FIRST) if coin.stable}

    def routes(self) -> list[web.RouteDef]:
        """The routes of stablecoins."""
        return [
            web.get(f"/{HOST}/stablecoins", self.stablecoins),
            web.get(f"/{HOST}/stablecoincharts/all", self.chart),
        ]

    async def stablecoins(self, request: web.Request) -> web.Response:
        """All coins with what circulates now, and a day, a week and a month ago."""
        now = self.sim.now_ms(request) // HOUR * HOUR
        priced = request.query.get("includePrices") == "true"
        coins = [each for each in COINS if epoch_ms(each.since) <= now]
        return reply({"peggedAssets": [self._coin(each, now, priced) for each in coins], "chains": []})

    def _coin(self, coin: Stablecoin, now_ms: int, priced: bool) -> dict[str, Any]:
        at = np.array([now_ms, now_ms - DAY, now_ms - 7 * DAY, now_ms - 30 * DAY], dtype=np.int64)
        today, *before = ({coin.peg: float(units)} for units in self.units(coin, at))
        names = ("circulatingPrevDay", "circulatingPrevWeek", "circulatingPrevMonth")
        body: dict[str, Any] = {
            "id": coin.number,
            "name": coin.name,
            "symbol": coin.symbol,
            "gecko_id": coin.gecko_id,
            "pegType": coin.peg,
            "priceSource": "defillama",
            "pegMechanism": coin.mechanism,
            "circulating": today,
            **dict(zip(names, before, strict=True)),
            "chainCirculating": {
                chain: {"current": {coin.peg: today[coin.peg] * share}} for chain, share in CHAINS
            },
            "chains": [chain for chain, _ in CHAINS],
        }
        if priced:
            body["price"] = float(self.prices(coin, at[:1])[0]) if coin.quoted else None
        return body

    async def chart(self, request: web.Request) -> web.Response:
        """The start of each day until now: of one coin, or of all together."""
        wanted = request.query.get("stablecoin")
        coins = [each for each in COINS if wanted in (None, each.number)]
        last = self.sim.now_ms(request) // DAY
        days = np.arange(_FIRST // DAY, last + 1, dtype=np.int64) * DAY
        totals: list[dict[str, dict[str, float]]] = [{} for _ in days]
        for coin in coins:
            units, prices = self.units(coin, days), self.prices(coin, days)
            for place in np.flatnonzero(days >= epoch_ms(coin.since)).tolist():
                _add(totals[place], coin.peg, float(units[place]), float(units[place] * prices[place]))
        return reply(
            [
                {"date": str(day // 1000), **total}
                for day, total in zip(days.tolist(), totals, strict=True)
                if total
            ]
        )

    def units(self, coin: Stablecoin, at: Ints) -> Floats:
        """Supply in units; nothing before a coin began."""
        stream = (self.sim.market.seed, "stablecoin", coin.number)
        if (listed := self._listed.get(coin.gecko_id or "")) is not None:
            counted = 1 + 0.005 * noise(key(*stream, "counted"), at, 60 * DAY)
            supply = np.rint(self._coins.supply(listed, at) * counted)
        else:
            supply = np.rint(coin.units * self._grown(stream, at))
        return np.where(at >= epoch_ms(coin.since), supply, 0.0)

    def _grown(self, stream: tuple[Any, ...], at: Ints) -> Floats:
        """By how much a coin of its own has grown since 2025: by the year, and by smooth noise."""
        years = (at - epoch_ms("2025-06-01")) / (365 * DAY)
        level = 0.15 * noise(key(*stream, "year"), at, 365 * DAY) + 0.02 * noise(
            key(*stream, "week"), at, 7 * DAY
        )
        listing = self.sim.catalogue.find("binance", "spot", "BTCUSDT")
        assert listing is not None
        high = np.tanh(np.log(self.sim.market.mid(listing, at // DAY * DAY) / listing.price))
        grown: Floats = _GROWTH**years * np.exp(level + 0.1 * high)
        return grown

    def prices(self, coin: Stablecoin, at: Ints) -> Floats:
        """Price in USD, within half a percent of the peg; dollars nobody quotes cost one."""
        if not coin.quoted:
            return np.ones(len(at))
        if (listed := self._listed.get(coin.gecko_id or "")) is not None:
            return np.round(self._coins.prices(HOST, listed, at), 6)
        peg = _EUR_USD if coin.peg == "peggedEUR" else 1.0
        away = noise(key(self.sim.market.seed, "stablecoin", coin.number, "price"), at, 3 * DAY)
        prices: Floats = np.round(peg * (1 + 0.005 * away**3), 6)
        return prices


def _add(total: dict[str, dict[str, float]], peg: str, units: float, usd: float) -> None:
    """Add a coin to what is told of a day; what was minted and what came over bridges is not simulated."""
    for name, value in (
        ("totalCirculating", units),
        ("totalUnreleased", 0.0),
        ("totalCirculatingUSD", usd),
        ("totalMintedUSD", usd),
        ("totalBridgedToUSD", 0.0),
    ):
        told = total.setdefault(name, {})
        told[peg] = told.get(peg, 0.0) + value
