"""The coins that are known, and what words mean them at a time. Pure."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from alphapulse_assets.news.linking.context import words
from alphapulse_assets.news.linking.names import NAMES
from alphapulse_assets.news.linking.renames import (
    MERGED,
    NAMED_SINCE,
    TAKEN,
    TERRA,
    changes,
    coin_of_base,
    tickers,
)
from alphapulse_assets.news.linking.tickers import Trust, trust

FIAT: Final = words(
    "USD EUR GBP JPY CNY CNH KRW INR TRY BRL RUB AUD CAD CHF SGD HKD MXN ARS UAH ZAR NGN IDR PLN CZK"
)
"""Currencies of countries: bases of some instruments, and no coins."""
QUOTES: Final = {
    "USDT": 9, "USDC": 9, "FDUSD": 9, "BUSD": 9, "TUSD": 9, "USD": 9, "USDE": 9, "EUR": 9, "GBP": 9, "TRY": 9,
    "KRW": 9, "JPY": 9, "BRL": 9, "AUD": 9, "DAI": 9, "PERP": 9, "BTC": 3, "XBT": 3, "ETH": 2, "BNB": 1,
}  # fmt: skip
"""What pairs are quoted in, and what takes precedence: BTC is never quoted in ETH, so BTC/ETH is a list."""
GLUED: Final = ("usdt", "usdc", "fdusd", "busd", "usd", "perp", "btc")
"""Quotes that are written behind a ticker without a space."""
_ENDS: Final = frozenset(quote[-3:] for quote in GLUED)
ENDS: Final = _ENDS | {end.upper() for end in _ENDS}
"""The last three letters of words that can be such pairs."""
_MULTIPLIED: Final = re.compile(r"^(?:1000000|10000|1000|1M)(?=[A-Z]{2})")
_CHANGES: Final = changes()


class Phrase(NamedTuple):
    """A name of several words: what follows the first one, in lower case."""

    rest: tuple[str, ...]
    coin: str
    mark: str


@dataclass(slots=True)
class Entry:
    """What a word can mean; coins as in instruments.base."""

    ticker: str | None = None
    trust: Trust = Trust.REFUSED
    name: str | None = None
    mark: str = ""
    """How far the name can be trusted (names.py)."""
    phrases: tuple[Phrase, ...] = ()


class Era(NamedTuple):
    """What words mean in a span of time."""

    written: dict[str, Entry]
    """By the word as it is written where it needs no sign before it."""
    any_case: dict[str, Entry]
    """By the ticker in lower case: where a sign stands before it ($sol) or a quote behind it (sol/usdt)."""
    foreign: re.Pattern[str] | None
    foreign_coins: dict[str, str]

    def glued(self, word: str) -> str | None:
        """The coin of a pair that is written as one word: NEARUSDT, nearusdt."""
        if not (word.isupper() or word.islower()):
            return None
        lower = word.lower()
        for quote in GLUED:
            if lower.endswith(quote):
                entry = self.any_case.get(lower.removesuffix(quote))
                least = 3 if quote in ("usd", "btc") else 2
                return entry.ticker if entry and len(word) - len(quote) >= least else None
        return None


@dataclass(frozen=True, slots=True)
class Coins:
    """The coins that are known: currencies of listed instruments, and what they were called when."""

    bases: frozenset[str]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.bases))

    @classmethod
    def of(cls, bases: Iterable[str]) -> "Coins":
        """Of `instruments.base` of all that is listed, in any case and with repetitions."""
        return cls(frozenset(base.upper() for base in bases) - FIAT)

    def __hash__(self) -> int:
        return self._hash

    def era(self, at: datetime) -> Era:
        """What words mean at a time."""
        return _era(self, era_number(at))


def era_number(at: datetime) -> int:
    """Number of the span between two changes of names that a time lies in."""
    return bisect_right(_CHANGES, at)


@lru_cache(maxsize=64)
def _era(known: Coins, number: int) -> Era:
    at = _CHANGES[number - 1] if number else datetime.min.replace(tzinfo=_CHANGES[0].tzinfo)
    listed: dict[str, set[str]] = {}
    for base in known.bases:
        listed.setdefault(coin_of_base(_MULTIPLIED.sub("", base)), set()).add(base)
    index: dict[str, Entry] = {}
    any_case: dict[str, Entry] = {}
    foreign: dict[str, str] = {}
    bases = {coin: _base(coin, of_coin, at) for coin, of_coin in listed.items()}
    for old, (into, since) in MERGED.items():
        if at >= since and into in bases:
            bases[old] = bases[into]
    for coin, base in bases.items():
        for ticker in tickers(coin, at):
            any_case[ticker.lower()] = _add_ticker(index, ticker, base)
    for coin, mark, name in _names(at):
        if coin in bases:
            _add_name(index, foreign, name, mark, bases[coin])
    pattern = (
        re.compile("|".join(sorted(map(re.escape, foreign), key=len, reverse=True))) if foreign else None
    )
    return Era(index, any_case, pattern, foreign)


def _base(coin: str, listed: set[str], at: datetime) -> str:
    """How the platform calls a coin: by its ticker of the time where that is listed, else by what is."""
    plain = {_MULTIPLIED.sub("", base): base for base in sorted(listed, reverse=True)}
    plain.update({base: base for base in listed})
    for ticker in (*tickers(coin, at), coin):
        if ticker in plain:
            return plain[ticker]
    return max(listed)


def _add_ticker(index: dict[str, Entry], ticker: str, base: str) -> Entry:
    entry = index.setdefault(ticker, Entry())
    entry.ticker, entry.trust = base, trust(ticker)
    if entry.trust is Trust.ANY_CASE:
        for form in (ticker.lower(), ticker.capitalize()):
            found = index.setdefault(form, Entry())
            found.ticker, found.trust = base, Trust.ANY_CASE
    return entry


def _read_names() -> tuple[tuple[str, str, str], ...]:
    rows = []
    for line in NAMES.strip().splitlines():
        coin, _, names = line.partition(": ")
        for marked in names.split(", "):
            mark = marked[0] if marked[0] in "^?!" else ""
            rows.append((coin, mark, marked.removeprefix(mark)))
    return tuple(rows)


_NAMES: Final = _read_names()


def _names(at: datetime) -> Iterator[tuple[str, str, str]]:
    """Coin, mark and name of all names that mean something at a time."""
    yield from (row for row in _NAMES if row[2] not in NAMED_SINCE or at >= NAMED_SINCE[row[2]])
    for name in TERRA:
        yield "LUNA" if at >= TAKEN["LUNA"] else "LUNC", "^" if " " in name else "?", name


_WORD: Final = re.compile(r"[^\W_]+")


def _add_name(index: dict[str, Entry], foreign: dict[str, str], name: str, mark: str, base: str) -> None:
    if not name[0].isascii():
        foreign[name.lower()] = foreign[name] = base
        return
    first, *rest = _WORD.findall(name)
    forms = {first, first.upper(), first[0].upper() + first[1:]}
    forms |= {first.capitalize()} if rest else set()
    forms |= set() if mark else {first.lower()}
    for form in forms:
        entry = index.setdefault(form, Entry())
        if rest:
            phrase = Phrase(tuple(word.lower() for word in rest), base, mark)
            entry.phrases = tuple(sorted((*entry.phrases, phrase), key=lambda found: -len(found.rest)))
        else:
            entry.name, entry.mark = base, mark
