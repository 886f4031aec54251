"""What chains do: blocks, difficulty, hash rate, transactions, fees, the mempool, by seed and market.

Hash rates grow slowly, difficulty follows every two weeks, what is paid and waited for follows how busy the
market is. Levels are ours, near the real ones of Bitcoin; other coins are other levels. All times are
milliseconds since 1970; figures of a day are of the 24 hours from its start.
"""

from typing import Final, NamedTuple

import numpy as np

from alphapulse_sim.hashing import Floats, Ints, key, noise
from alphapulse_sim.instruments import Catalogue, epoch_ms
from alphapulse_sim.intervals import DAY, HOUR, MINUTE
from alphapulse_sim.market import Market

BLOCK: Final = 10 * MINUTE
EPOCH: Final = 2016 * BLOCK
ANCHOR: Final = epoch_ms("2018-02-01")
_YEAR: Final = 365 * DAY
_HALVING: Final = 210_000
_HOURS: Final = 6  # of a day that are looked at for its activity


class Coin(NamedTuple):
    """Levels of a chain about 2018-02: a day's transactions, blocks and fees (coins), supply, hash rate."""

    transactions: float
    growth: float  # of transactions, a year
    blocks: float
    fees: float
    supply: float
    issued: float  # coins a day
    hash_rate: float  # TH/s; 0: there are no miners


COINS: Final = {
    "BTC": Coin(250_000, 1.06, 144, 20.0, 16_837_500.0, 0.0, 2.2e7),
    "ETH": Coin(900_000, 1.04, 6_500, 300.0, 97_000_000.0, 3_000.0, 0.0),
    "LTC": Coin(60_000, 1.15, 576, 20.0, 55_000_000.0, 7_000.0, 300.0),
    "XRP": Coin(900_000, 1.10, 24_000, 900.0, 39_000_000_000.0, 5_000_000.0, 0.0),
    "DOGE": Coin(50_000, 1.30, 1_440, 9_000.0, 113_000_000_000.0, 14_400_000.0, 200.0),
    "ADA": Coin(9_000, 1.30, 4_320, 4_000.0, 26_000_000_000.0, 1_500_000.0, 0.0),
}


class Chain:
    """One coin's chain."""

    def __init__(self, market: Market, catalogue: Catalogue, coin: str = "BTC") -> None:
        self._market, self._catalogue, self.coin = market, catalogue, coin
        self._level = COINS[coin]
        self._stream = (market.seed, "chain", coin)

    def price(self, at: Ints) -> Floats:
        """Price of Bitcoin in dollars."""
        listing = self._catalogue.find("binance", "spot", f"{self.coin}USDT")
        assert listing is not None
        return self._market.mid(listing, at)

    def busy(self, days: Ints) -> Floats:
        """How busy the market was on a day: around 1."""
        step = DAY // _HOURS
        each = [self._market.activity(self.coin, days + n * step) for n in range(_HOURS)]
        mean: Floats = np.mean(each, axis=0)
        return mean

    def height(self, at: Ints) -> Ints:
        """Height of the newest block: blocks come irregularly, and none is taken back."""
        uneven = 2.0 * noise(key(*self._stream, "block"), at, 2 * HOUR)
        return np.floor(507_000 + (at - ANCHOR) / BLOCK + uneven).astype(np.int64)

    def hash_rate(self, at: Ints) -> Floats:
        """Hash rate at a time, TH/s; it grows by three fifths a year."""
        uneven = 0.08 * noise(key(*self._stream, "hash"), at, 60 * DAY)
        uneven += 0.04 * noise(key(*self._stream, "hash of a day"), at, DAY)
        rate: Floats = self._level.hash_rate * np.exp(0.42 * (at - ANCHOR) / _YEAR + uneven)
        return rate

    def difficulty(self, at: Ints) -> Floats:
        """Difficulty: what keeps blocks at ten minutes with the hash rate of when its stretch began."""
        began = ANCHOR + (at - ANCHOR) // EPOCH * EPOCH
        found: Floats = self.hash_rate(began) * 1e12 * 600 / 2**32
        return found

    def transactions(self, days: Ints) -> Ints:
        """Confirmed transactions of a day: fewer at weekends."""
        weekend = np.isin((days // DAY + 3) % 7, (5, 6))
        grown = self._level.growth ** ((days - ANCHOR) / _YEAR)
        uneven = 0.2 * noise(key(*self._stream, "transactions"), days, 30 * DAY)
        uneven += 0.06 * noise(key(*self._stream, "transactions of a day"), days, DAY)
        count = self._level.transactions * grown * np.exp(uneven) * np.where(weekend, 0.85, 1.0)
        return np.rint(count * self.busy(days) ** 0.3).astype(np.int64)

    def addresses(self, days: Ints) -> Ints:
        """Addresses that took part on a day."""
        shared = 1.9 + 0.15 * noise(key(*self._stream, "addresses"), days, 20 * DAY)
        return np.rint(self.transactions(days) * shared).astype(np.int64)

    def blocks(self, days: Ints) -> Ints:
        """Blocks of a day."""
        if self.coin == "BTC":
            return self.height(days + DAY) - self.height(days)
        uneven = 1 + 0.02 * noise(key(*self._stream, "blocks"), days, DAY)
        return np.rint(self._level.blocks * uneven).astype(np.int64)

    def fees(self, days: Ints) -> Floats:
        """Fees of a day in coins: the busier, the dearer."""
        uneven = np.exp(0.9 * noise(key(*self._stream, "fees"), days, 20 * DAY))
        paid: Floats = np.round(self._level.fees * uneven * self.busy(days) ** 1.5, 8)
        return paid

    def supply(self, at: Ints) -> Floats:
        """Coins in existence; of Bitcoin by its blocks."""
        if self.coin != "BTC":
            issued: Floats = np.round(self._level.supply + self._level.issued * (at - ANCHOR) / DAY, 8)
            return issued
        heights, total = self.height(at), np.zeros(len(at))
        for halving in range(33):
            total += np.clip(heights + 1 - halving * _HALVING, 0, _HALVING) * (50.0 / 2**halving)
        return total

    def revenue_usd(self, days: Ints) -> Floats:
        """What miners of Bitcoin earned on a day: new coins and fees, by the price at noon."""
        subsidy = 50.0 / 2.0 ** (self.height(days) // _HALVING)
        earned: Floats = (self.blocks(days) * subsidy + self.fees(days)) * self.price(days + DAY // 2)
        return earned

    def fees_usd(self, days: Ints) -> Floats:
        """Fees of a day in dollars, by the price at noon."""
        paid: Floats = self.fees(days) * self.price(days + DAY // 2)
        return paid

    def waiting_bytes(self, at: Ints) -> Floats:
        """Bytes that wait to be confirmed: witnesses count less in virtual ones."""
        size: Floats = self.waiting_vsize(at).astype(np.float64) * 1.7
        return size

    def waiting_vsize(self, at: Ints) -> Ints:
        """Virtual bytes that wait to be confirmed: more while the market is busy."""
        uneven = 0.9 * noise(key(*self._stream, "mempool"), at, 2 * DAY)
        uneven += 0.3 * noise(key(*self._stream, "mempool of an hour"), at, HOUR)
        size = 2e7 * np.exp(uneven) * self._market.activity(self.coin, at) ** 0.8
        return np.rint(size).astype(np.int64)

    def fee_rate(self, at: Ints) -> Floats:
        """What the next block costs, sat/vB: the more waits, the dearer."""
        rate: Floats = np.maximum(1.0, 8.0 * (self.waiting_vsize(at) / 2e7) ** 1.2)
        return rate
