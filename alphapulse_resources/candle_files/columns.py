"""Which column is which: the synonyms people and venues use for the parts of a candle.

Pure: names in, names out. Names are compared in a plain form ("takerBuyBaseAssetVolume", "Volume_(BTC)" and
"Volume BTC" become "taker buy base asset volume", "volume btc" and "volume btc").
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

OPEN_TIME: Final = (
    "open time", "opentime", "open timestamp", "time open", "time period start", "start time", "start at",
    "start", "begins at", "candle begin time", "timestamp", "time stamp", "unix timestamp", "unix",
    "unix time", "epoch", "timestamp ms", "ts", "datetime", "date time", "date", "date utc", "gmt time",
    "utc time", "time", "time utc", "t", "index", "level 0", "index level 0", "unnamed 0", "",
)  # fmt: skip
CLOSE_TIME: Final = (
    "close time", "closetime", "close timestamp", "time close", "time period end", "end time", "end at",
    "end",
)  # fmt: skip
PRICES: Final = {
    "open": ("open", "open price", "price open", "opening price", "o"),
    "high": ("high", "high price", "price high", "highest", "max", "h"),
    "low": ("low", "low price", "price low", "lowest", "min", "l"),
    "close": ("close", "close price", "price close", "closing price", "close last", "last", "c"),
}
VOLUME: Final = (
    "volume", "vol", "base volume", "volume base", "basevolume", "base asset volume", "volumefrom",
    "volume from", "volume traded", "tick volume", "tickvol", "v",
)  # fmt: skip
QUOTE_VOLUME: Final = (
    "quote volume", "quote asset volume", "volume quote", "quotevolume", "quote av", "quote vol", "volumeto",
    "volume to", "volume currency", "vol quote", "turnover",
)  # fmt: skip
TRADES: Final = (
    "trades", "count", "tradecount", "trade count", "trades count", "number of trades", "num trades",
    "no of trades", "nb trades", "transactions", "n",
)  # fmt: skip
TAKER_BUY_VOLUME: Final = (
    "taker buy volume", "taker buy base asset volume", "taker buy base volume", "taker buy base",
    "taker base vol", "tb base av",
)  # fmt: skip
SYMBOL: Final = ("symbol", "pair", "ticker", "instrument", "market", "coin", "product id", "tic")
BINANCE: Final = (
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count",
    "taker_buy_volume", "taker_buy_quote_volume", "ignore",
)  # fmt: skip
"""Columns of a Binance kline archive and of its REST answer, in their order."""
KRAKEN: Final = ("timestamp", "open", "high", "low", "close", "volume", "trades")
SIX: Final = ("timestamp", "open", "high", "low", "close", "volume")
BITFINEX: Final = ("timestamp", "open", "close", "high", "low", "volume")

_ALL_NAMES: Final = frozenset(
    name
    for names in (
        OPEN_TIME[:-1], CLOSE_TIME, *PRICES.values(), VOLUME, QUOTE_VOLUME, TRADES, TAKER_BUY_VOLUME, SYMBOL,
    )
    for name in names
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the parts of a candle are in a table; None where the table does not have the part."""

    times: tuple[str, ...]  # candidates, best first
    close_times: tuple[str, ...]
    open: str | None
    high: str | None
    low: str | None
    close: str | None
    volume: str | None
    quote_volume: str | None
    trades: str | None
    taker_buy_volume: str | None

    def missing(self) -> list[str]:
        """The parts a candle cannot do without that no column gives."""
        prices = {"open": self.open, "high": self.high, "low": self.low, "close": self.close}
        missing = [part for part, name in {**prices, "volume": self.volume}.items() if name is None]
        return missing if self.times or self.close_times else ["a time", *missing]


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A column's name in the form in which names are compared."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"[^a-z0-9]+", " ", spaced.lower()).strip()


def count_roles(names: Sequence[str]) -> int:
    """How many of the names are known as parts of a candle."""
    return sum(bool(form) and (form in _ALL_NAMES) for form in map(plain, names))


def find_symbol_column(names: Iterable[str]) -> str | None:
    """The column that tells the symbol of each row."""
    return _first(names, SYMBOL)


def find_columns(names: Sequence[str]) -> Columns:
    """The parts of a candle among the column names."""
    return Columns(
        times=_all(names, OPEN_TIME),
        close_times=_all(names, CLOSE_TIME),
        **{part: _first(names, synonyms) for part, synonyms in PRICES.items()},
        volume=_first(names, VOLUME),
        quote_volume=_first(names, QUOTE_VOLUME),
        trades=_first(names, TRADES),
        taker_buy_volume=_first(names, TAKER_BUY_VOLUME),
    )


def same_symbol(left: str, right: str) -> bool:
    """Whether two spellings mean one symbol: BTC/USDT, btc-usdt and BTCUSDT; BTC/USDT:USDT is BTCUSDT too."""
    return bool(_spellings(left) & _spellings(right))


def _spellings(symbol: str) -> set[str]:
    return {re.sub(r"[^A-Z0-9]", "", form.upper()) for form in (symbol, symbol.partition(":")[0] or symbol)}


def _all(names: Iterable[str], synonyms: tuple[str, ...]) -> tuple[str, ...]:
    rank = {synonym: place for place, synonym in enumerate(synonyms)}
    return tuple(sorted((name for name in names if plain(name) in rank), key=lambda name: rank[plain(name)]))


def _first(names: Iterable[str], synonyms: tuple[str, ...]) -> str | None:
    found = _all(names, synonyms)
    return found[0] if found else None
