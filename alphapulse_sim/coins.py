"""What the market is worth: coins, their supplies and caps, out of the one market's prices. Pure.

A coin's cap is its price times its supply, a total the sum of the caps plus what is too small to be listed.
Two providers look at the same market: each has a price some basis points off, and counts more or less of the
small coins, so that their dominances differ by about three points all the time. Supplies and shares are ours,
near the real ones; coins without a venue (the tail of the list) have a price path of their own.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from alphapulse_sim.hashing import Floats, Ints, key, noise, uniform
from alphapulse_sim.instruments import Catalogue, Listing
from alphapulse_sim.intervals import DAY, HOUR, MINUTE
from alphapulse_sim.market import Market

STEP: Final = MINUTE
"""Providers work out their figures once a minute."""


@dataclass(frozen=True, slots=True)
class Coin:
    """One coin as both providers list it."""

    slug: str  # CoinGecko's id, and CoinMarketCap's slug
    number: int  # CoinMarketCap's id
    symbol: str
    name: str
    supply: float  # in circulation, in coins
    most: float | None  # the most there will ever be
    listing: Listing | None = None  # whose price it has
    price: float = 1.0  # without a listing: the level around which it moves
    stable: bool = False
    defi: bool = False


_KNOWN: Final = {  # base: slug, CoinMarketCap's id, name, supply, the most
    "BTC": ("bitcoin", 1, "Bitcoin", 19.6e6, 21e6), "ETH": ("ethereum", 1027, "Ethereum", 120.2e6, None),
    "SOL": ("solana", 5426, "Solana", 430e6, None), "XRP": ("ripple", 52, "XRP", 54e9, 100e9),
    "DOGE": ("dogecoin", 74, "Dogecoin", 143e9, None), "ADA": ("cardano", 2010, "Cardano", 35e9, 45e9),
    "LTC": ("litecoin", 2, "Litecoin", 74e6, 84e6), "BNB": ("binancecoin", 1839, "BNB", 153e6, None),
    "LINK": ("chainlink", 1975, "Chainlink", 557e6, 1e9),
    "AVAX": ("avalanche-2", 5805, "Avalanche", 366e6, 720e6),
    "DOT": ("polkadot", 6636, "Polkadot", 1.27e9, None), "TRX": ("tron", 1958, "TRON", 88e9, None),
    "WAVES": ("waves", 1274, "Waves", 114e6, None), "MATIC": ("matic-network", 3890, "Polygon", 9.3e9, 10e9),
    "POL": ("polygon-ecosystem-token", 28321, "POL (ex-MATIC)", 9.3e9, None),
}  # fmt: skip
_STABLE: Final = (  # slug, CoinMarketCap's id, symbol, name, supply
    ("tether", 825, "USDT", "Tether", 92e9), ("usd-coin", 3408, "USDC", "USDC", 25e9),
    ("dai", 4943, "DAI", "Dai", 5.3e9), ("first-digital-usd", 26081, "FDUSD", "First Digital USD", 1.8e9),
    ("ethena-usde", 29470, "USDE", "Ethena USDe", 0.9e9),
)  # fmt: skip
_DEFI: Final = ("LINK",)
_TAIL: Final = 60
_TAIL_CAP: Final = 2.5e9  # of the first of the tail, each next one less
_SMALL: Final = {"coingecko": 0.160, "coinmarketcap": 0.104}
"""Share of the total that is in coins too small to be listed here, as each provider counts them."""
_OFF: Final = 0.0005
"""How far a provider's price may be off the market's."""


class Coins:
    """The coins of one simulator. All times are milliseconds since 1970."""

    def __init__(self, market: Market, catalogue: Catalogue) -> None:
        self._market, self._catalogue = market, catalogue
        self._state = lru_cache(maxsize=64)(self._at)

    def listed(self, now_ms: int) -> list[Coin]:
        """The coins that exist at a time, in no order."""
        found = [*self._traded(now_ms)]
        found += [
            Coin(slug, number, symbol, name, supply, None, stable=True)
            for slug, number, symbol, name, supply in _STABLE
        ]
        found += [_tail_coin(number) for number in range(_TAIL)]
        return found

    def _traded(self, now_ms: int) -> list[Coin]:
        seen: dict[str, Coin] = {}
        for venue, kind in (("binance", "spot"), ("coinbase", "spot"), ("binanceusdm", "perpetual")):
            for listing in self._catalogue.of(venue, kind, now_ms):
                if listing.base not in seen and listing.trading(now_ms):
                    seen[listing.base] = _coin_of(listing)
        return list(seen.values())

    def prices(self, provider: str, coin: Coin, at: Ints) -> Floats:
        """What a provider says that a coin costs at each time, in dollars."""
        off = 1 + _OFF * noise(key(self._market.seed, "coin price", provider, coin.slug), at, HOUR)
        if coin.listing is not None:
            return self._market.mid(coin.listing, at) * off
        stream = (self._market.seed, "coin", coin.slug)
        if coin.stable:
            return 1 + 0.001 * noise(key(*stream), at, 6 * HOUR)
        slow = 0.6 * noise(key(*stream, "slow"), at, 200 * DAY)
        fast = 0.05 * noise(key(*stream, "fast"), at, DAY) + 0.01 * noise(key(*stream, "hour"), at, HOUR)
        moved: Floats = coin.price * np.exp(slow + fast) * off
        return moved

    def supply(self, coin: Coin, at: Ints) -> Floats:
        """Coins in circulation at each time; stablecoins are made and redeemed, the others grow slowly."""
        if coin.stable:
            stream = key(self._market.seed, "supply", coin.slug)
            return coin.supply * (1 + 0.15 * noise(stream, at, 90 * DAY) + 0.005 * noise(stream + 1, at, DAY))
        years = (at - 1_704_067_200_000) / (365 * DAY)  # from 2024-01-01 on
        grown: Floats = coin.supply * np.clip(1 + 0.008 * years, 0.5, 1.05)
        return grown

    def volume(self, provider: str, coin: Coin, cap: float, now_ms: int) -> float:
        """Dollars traded in the last 24 hours: a share of the cap that swells and fades."""
        at = np.array([now_ms])
        stream = key(self._market.seed, "turnover", provider, coin.slug)
        share = 0.35 if coin.stable else 0.04
        return float(cap * share * np.exp(0.7 * noise(stream, at, DAY)[0]))

    def ranked(self, provider: str, now_ms: int) -> list[tuple[Coin, float, float]]:
        """Coins with price and cap as a provider has them, the largest first."""
        return self._state(provider, now_ms // STEP * STEP)

    def _at(self, provider: str, now_ms: int) -> list[tuple[Coin, float, float]]:
        at = np.array([now_ms])
        found = []
        for coin in self.listed(now_ms):
            price = float(self.prices(provider, coin, at)[0])
            found.append((coin, price, price * float(self.supply(coin, at)[0])))
        return sorted(found, key=lambda told: -told[2])

    def total(self, provider: str, now_ms: int) -> float:
        """What a provider says that the whole market is worth, in dollars."""
        at = np.array([now_ms // STEP * STEP])
        small = _SMALL[provider] + 0.004 * float(noise(key(self._market.seed, "small"), at, 5 * DAY)[0])
        return sum(cap for _, _, cap in self.ranked(provider, now_ms)) / (1 - small)

    def total_volume(self, provider: str, now_ms: int) -> float:
        """What it says was traded in 24 hours, in dollars."""
        ranked = self.ranked(provider, now_ms)
        return 1.03 * sum(self.volume(provider, coin, cap, now_ms) for coin, _, cap in ranked)

    def cap_of(self, provider: str, symbol: str, now_ms: int) -> float:
        """The cap of a symbol; 0 where there is none."""
        return next((cap for coin, _, cap in self.ranked(provider, now_ms) if coin.symbol == symbol), 0.0)

    def stable_cap(self, provider: str, now_ms: int) -> float:
        """The caps of all stablecoins together."""
        return sum(cap for coin, _, cap in self.ranked(provider, now_ms) if coin.stable)

    def defi_cap(self, provider: str, now_ms: int) -> float:
        """What decentralised finance is worth: its listed coins, and a share of the small ones."""
        listed = sum(cap for coin, _, cap in self.ranked(provider, now_ms) if coin.defi)
        return listed + 0.25 * _SMALL[provider] * self.total(provider, now_ms)


def _coin_of(listing: Listing) -> Coin:
    known = _KNOWN.get(listing.base)
    if known is not None:
        slug, number, name, supply, most = known
        return Coin(slug, number, listing.base, name, supply, most, listing, defi=listing.base in _DEFI)
    digits = int(listing.base[1:]) if listing.base[1:].isdecimal() else key(listing.base) % 10_000
    supply = 3e9 / listing.price / (1 + digits)
    return Coin(listing.base.lower(), 100_000 + digits, listing.base, listing.base, supply, None, listing)


def _tail_coin(number: int) -> Coin:
    price = 10.0 ** float(4 * uniform(key("tail price"), np.array([number]))[0] - 2)
    cap = _TAIL_CAP * 0.93**number
    name = f"Tail {number:02d}"
    return Coin(
        f"tail-{number:02d}", 50_000 + number, f"TL{number:02d}", name, cap / price, None, None, price
    )
