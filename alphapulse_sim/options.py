"""Options on the simulator's coins: what is listed, and what it is worth. Pure functions of seed and time.

The calendar is Deribit's: everything expires at 08:00 UTC, days and weeks ahead, on the last Fridays of
months and of quarters. Prices follow one surface of volatility around the coin's own spot, by Black's formula
on the forward, so that calls and puts agree with each other. Levels, shapes and sizes are ours.
"""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_sim.hashing import Floats, Ints, key, noise, normal, uniform
from alphapulse_sim.instruments import Catalogue, Listing
from alphapulse_sim.intervals import DAY, HOUR
from alphapulse_sim.market import Market

YEAR_MS: Final = 365 * DAY
EXPIRY_HOUR: Final = 8

Booleans = NDArray[np.bool_]
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True, slots=True)
class Book:
    """One family of options: on one coin, settled in one currency."""

    prefix: str  # how its contracts' names begin: BTC, SOL_USDC
    asset: str
    settle: str  # what prices are in: the coin itself, or USDC
    volatility: float  # the level that its surface moves around
    open_interest: float  # a typical contract's, in coins
    step: float  # smallest amount of a trade, in coins
    contract_size: float
    tick: float
    coarse: float = 1.0  # strikes are so many times further apart

    @property
    def inverse(self) -> bool:
        """Whether prices are in the coin itself."""
        return self.settle == self.asset

    @property
    def currency(self) -> str:
        """The currency under which Deribit lists it."""
        return self.settle

    @property
    def index(self) -> str:
        """The name of its price index."""
        return f"{self.asset.lower()}_{'usd' if self.inverse else 'usdc'}"


BOOKS: Final = (
    Book("BTC", "BTC", "BTC", 0.52, 120.0, 0.1, 1.0, 0.0001),
    Book("ETH", "ETH", "ETH", 0.66, 900.0, 1.0, 1.0, 0.0001),
    Book("SOL_USDC", "SOL", "USDC", 0.82, 2000.0, 10.0, 10.0, 0.1, 3.0),
    Book("XRP_USDC", "XRP", "USDC", 0.88, 90_000.0, 1000.0, 1000.0, 0.0001, 3.0),
)


@dataclass(frozen=True, slots=True)
class Term:
    """One expiry of a family."""

    expiry_ms: int
    created_ms: int
    period: str  # day, week, month: `settlement_period`; a quarter's is month
    low: float  # strikes from this share of the price
    high: float  # to this one
    step: float  # about so far from each other, as a share of the price


@dataclass(frozen=True, slots=True)
class Contract:
    """One option."""

    book: Book
    term: Term
    strike: float
    call: bool
    number: int

    @property
    def name(self) -> str:
        """Deribit's name; a strike's decimal point is a d."""
        day = datetime.fromtimestamp(self.term.expiry_ms / 1000, UTC)
        strike = f"{self.strike:.8f}".rstrip("0").rstrip(".").replace(".", "d")
        return f"{expiry_name(self.book, day)}-{strike}-{'C' if self.call else 'P'}"


def expiry_name(book: Book, day: datetime) -> str:
    """What names of an expiry begin with: BTC-27DEC24."""
    return f"{book.prefix}-{day.day}{_MONTHS[day.month - 1]}{day:%y}"


@dataclass(frozen=True, slots=True)
class Quotes:
    """Contracts of one family at one time, a row each; volatility and prices are not rounded."""

    contracts: list[Contract]
    forward: Floats
    years: Floats
    volatility: Floats  # 0.5 is 50 %
    mark: Floats  # in the currency that it is settled in
    open_interest: Floats  # coins
    volume: Floats  # coins, of 24 hours
    index: float


class Options:
    """The options market of one simulator."""

    def __init__(self, market: Market, catalogue: Catalogue) -> None:
        self.market = market
        self.catalogue = catalogue
        self._listed = lru_cache(maxsize=64)(self._list)

    def spot(self, book: Book, at: Ints) -> Floats:
        """The price index: the coin's mid in dollars."""
        return self.market.mid(self._listing(book), at)

    def _listing(self, book: Book) -> Listing:
        found = self.catalogue.find("coinbase", "spot", f"{book.asset}-USD")
        if found is None:
            raise LookupError(f"options on {book.asset} need {book.asset}-USD at coinbase")
        return found

    def contracts(self, book: Book, now_ms: int, *, expired: bool = False) -> list[Contract]:
        """What is listed at a time, or, `expired`, what has expired in the day before it."""
        if not expired:
            return [each for each in self._at(book, now_ms) if each.term.expiry_ms > now_ms]
        before = self._at(book, now_ms - DAY)
        return [each for each in before if now_ms - DAY < each.term.expiry_ms <= now_ms]

    def _at(self, book: Book, now_ms: int) -> list[Contract]:
        return self._listed(book, (now_ms - EXPIRY_HOUR * HOUR) // DAY)

    def _list(self, book: Book, day: int) -> list[Contract]:
        """All contracts of one day, which begins at 08:00: strikes are added each morning, and none goes."""
        morning = day * DAY + EXPIRY_HOUR * HOUR
        found = []
        for term in terms(morning):
            for strike in self._strikes(book, term, morning):
                for call in (True, False):
                    number = key(book.prefix, term.expiry_ms, round(strike, 8), call) % 900_000 + 100_000
                    found.append(Contract(book, term, strike, call, number))
        return found

    def _strikes(self, book: Book, term: Term, morning: int) -> list[float]:
        """Strikes around every price of a morning since the expiry was listed."""
        mornings = np.arange(term.created_ms, morning + 1, DAY, dtype=np.int64)
        prices = self.spot(book, mornings)
        step = round_step(float(prices[0]) * term.step * book.coarse)
        first = math.floor(float(prices.min()) * term.low / step)
        last = math.ceil(float(prices.max()) * term.high / step)
        return [round(number * step, 8) for number in range(max(first, 1), last + 1)]

    def quotes(self, book: Book, contracts: list[Contract], now_ms: int) -> Quotes:
        """What contracts are worth at a time."""
        at = np.asarray([now_ms], dtype=np.int64)
        index = float(self.spot(book, at)[0])
        years = np.asarray([(each.term.expiry_ms - now_ms) / YEAR_MS for each in contracts])
        strikes = np.asarray([each.strike for each in contracts])
        calls = np.asarray([each.call for each in contracts], dtype=np.bool_)
        forward = index * np.exp(self._carry(book, at) * years)
        volatility = self.volatility(book, np.log(strikes / forward), years, now_ms)
        mark = black_price(forward, strikes, volatility, years, calls)
        mark = mark / forward if book.inverse else mark
        held, traded = self._activity(book, contracts, np.log(strikes / index), now_ms)
        return Quotes(contracts, forward, years, volatility, mark, held, traded, index)

    def _carry(self, book: Book, at: Ints) -> float:
        return 0.05 + 0.06 * float(noise(key(self.market.seed, "carry", book.asset), at, 20 * DAY)[0])

    def levels(self, book: Book, at: Ints) -> Floats:
        """The level of volatility at each time: what an option of 30 days at the money has."""
        total = np.zeros(len(at))
        for period, amplitude in ((45 * DAY, 0.35), (4 * DAY, 0.12), (2 * HOUR, 0.02), (60_000, 0.002)):
            total += amplitude * noise(key(self.market.seed, "volatility", book.asset, period), at, period)
        return book.volatility * np.exp(total)

    def volatility(self, book: Book, moneyness: Floats, years: Floats, now_ms: int) -> Floats:
        """The surface: by the logarithm of strike over forward, and time to expiry."""
        at = np.asarray([now_ms], dtype=np.int64)
        seed = self.market.seed
        front = 0.25 * float(noise(key(seed, "front", book.asset), at, 6 * DAY)[0])
        skew = -0.06 + 0.08 * float(noise(key(seed, "skew", book.asset), at, 10 * DAY)[0])
        month = 30 / 365
        at_the_money = float(self.levels(book, at)[0]) * (1 + front * (np.exp(-years / month) - math.exp(-1)))
        scaled = moneyness / np.sqrt(years + 0.01)
        shape = 1 + skew * np.tanh(scaled) + 0.06 * scaled**2 / (1 + 0.15 * np.abs(scaled))
        return np.clip(at_the_money * shape, 0.05, 4.0)

    def _activity(
        self, book: Book, contracts: list[Contract], moneyness: Floats, now_ms: int
    ) -> tuple[Floats, Floats]:
        """Open interest and the volume of a day, in coins: most near the money, more each day."""
        numbers = np.asarray([each.number for each in contracts], dtype=np.int64)
        years = [(each.term.expiry_ms - now_ms) / YEAR_MS for each in contracts]
        age = np.asarray([(now_ms - each.term.created_ms) / (5 * DAY) for each in contracts])
        at = np.asarray([now_ms], dtype=np.int64)
        drift = 0.2 * float(noise(key(self.market.seed, "held", book.prefix), at, 3 * DAY)[0])
        own = 0.1 * (uniform(key(self.market.seed, "hour", now_ms // HOUR), numbers) - 0.5)
        size = np.exp(0.9 * normal(key(self.market.seed, "held", "size"), numbers) + drift + own)
        width = np.asarray([0.06 + 0.5 * math.sqrt(max(left, 0.0)) for left in years])
        out = np.asarray([each.call for each in contracts]) == (moneyness > 0)  # of the money: preferred
        near = (
            np.exp(-np.abs(moneyness) / width) * np.where(out, 1.4, 0.4) * (1 - np.exp(-np.maximum(age, 0.0)))
        )
        held = np.floor(book.open_interest * size * near / book.step) * book.step
        share = np.maximum(uniform(key(self.market.seed, "traded", now_ms // HOUR), numbers) - 0.4, 0.0)
        traded = np.floor(held * share * 0.5 / book.step) * book.step
        return held, traded


def terms(now_ms: int) -> list[Term]:
    """The expiries that are listed at a time, the soonest first; of kinds on one day the longest."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC)
    found: dict[date, Term] = {}
    for kind, days in _days_by_kind(today.date()):
        period, listed, low, high, step = _KINDS[kind]
        for day in days:
            expiry = int(datetime(day.year, day.month, day.day, EXPIRY_HOUR, tzinfo=UTC).timestamp() * 1000)
            created = expiry - listed * DAY
            if created <= now_ms < expiry:
                found.setdefault(day, Term(expiry, created, period, low, high, step))
    return [found[day] for day in sorted(found)]


_KINDS: Final = {  # settlement period, days listed before, strikes from and to, step
    "quarter": ("month", 371, 0.4, 2.4, 0.1),
    "month": ("month", 100, 0.55, 1.7, 0.06),
    "week": ("week", 29, 0.75, 1.3, 0.025),
    "day": ("day", 4, 0.92, 1.09, 0.01),
}


def _days_by_kind(today: date) -> list[tuple[str, list[date]]]:
    """Candidates of each kind, the longest kind first."""
    months = [_month_after(today, number) for number in range(14)]
    fridays = [last_friday(year, month) for year, month in months]
    quarters = [day for day in fridays if day.month % 3 == 0]
    ahead = [today + timedelta(days=number) for number in range(30)]
    weeks = [day for day in ahead if day.weekday() == 4]
    return [("quarter", quarters), ("month", fridays[:4]), ("week", weeks), ("day", ahead[:5])]


def _month_after(day: date, months: int) -> tuple[int, int]:
    number = day.year * 12 + day.month - 1 + months
    return number // 12, number % 12 + 1


def last_friday(year: int, month: int) -> date:
    """The last Friday of a month."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=(following.weekday() + 2) % 7 + 1)


def round_step(step: float) -> float:
    """The round number (1, 2 or 5 and zeros) nearest to a step, by ratio."""
    power = math.floor(math.log10(step))
    choices = [digit * 10.0**exponent for exponent in (power, power + 1) for digit in (1, 2, 5)]
    return min(choices, key=lambda each: abs(math.log(each / step)))


def black_price(
    forward: Floats, strike: Floats, volatility: Floats, years: Floats, calls: Booleans
) -> Floats:
    """Black's price (1976) of options on a forward, without interest, in dollars."""
    deviation = volatility * np.sqrt(years)
    d1 = np.log(forward / strike) / deviation + deviation / 2
    call = forward * normal_cdf(d1) - strike * normal_cdf(d1 - deviation)
    price: Floats = np.where(calls, call, call - forward + strike)
    return np.maximum(price, 0.0)


def normal_cdf(x: Floats) -> Floats:
    """The normal distribution function."""
    return np.asarray([0.5 * math.erfc(-value / math.sqrt(2)) for value in x.tolist()])
