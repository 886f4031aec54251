"""Which column is which: the synonyms people and venues use for the parts of a candle.

Pure: names in, names out. Names are compared in a plain form ("takerBuyBaseAssetVolume", "Volume_(BTC)" and
"Volume BTC" become "taker buy base asset volume", "volume btc" and "volume btc").
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

OPEN_TIME: Final = (
    "candle date time utc", "open time", "opentime", "open timestamp",
    "time open", "time period start", "start time", "start at",
    "start", "begins at", "candle begin time", "timestamp", "time stamp", "unix timestamp", "unix",
    "unix time", "epoch", "timestamp ms", "ts", "datetime", "date time", "date", "gmt time",
    "utc time", "time", "t", "local time", "ticks", "id", "index",
    "level 0", "index level 0", "unnamed 0", "",
)  # fmt: skip
CLOSE_TIME: Final = (
    "close time", "closetime", "close timestamp", "time close", "time period end", "end time", "end at",
    "end",
)  # fmt: skip
PRICES: Final = {
    "open": ("open", "open price", "price open", "opening price", "first", "o"),
    "high": ("high", "high price", "price high", "highest", "max", "h"),
    "low": ("low", "low price", "price low", "lowest", "min", "l"),
    "close": (
        "close",
        "close price",
        "price close",
        "closing price",
        "close last",
        "last",
        "trade price",
        "price",
        "c",
    ),
}
VOLUME: Final = (
    "volume", "vol", "base volume", "volume base", "basevolume", "base asset volume", "volumefrom",
    "volume from", "volume traded", "candle acc trade volume",
    "trade volume", "amount", "tick volume", "tickvol",
    "v",
)  # fmt: skip
QUOTE_VOLUME: Final = (
    "quote volume", "quote asset volume", "volume quote", "quotevolume", "quote av", "quote vol", "volumeto",
    "volume to", "volume currency", "vol quote", "turnover", "candle acc trade price", "trade turnover",
    "quote turnover", "vol ccy quote", "volccyquote", "foreign notional", "cost", "sum", "q",
)  # fmt: skip
TRADES: Final = (
    "trades", "count", "tradecount", "trade count", "trades count", "number of trades", "num trades",
    "no of trades", "nb trades", "transactions", "n",
)  # fmt: skip
TAKER_BUY_VOLUME: Final = (
    "taker buy volume", "taker buy base asset volume", "taker buy base volume", "taker buy base",
    "taker base vol", "tb base av",
)  # fmt: skip
TAKER_QUOTE_VOLUME: Final = (
    "taker buy quote volume", "taker buy quote asset volume", "taker quote vol", "tb quote av",
)  # fmt: skip
SYMBOL: Final = (
    "symbol", "pair", "ticker", "instrument", "market", "coin", "product id", "tic", "instrument name",
    "instrument id", "inst id", "instid", "symbol id", "trading pair", "currency pair", "market code",
    "ticker symbol", "symbol name", "market symbol", "asset pair", "pair name", "sym", "trading symbol",
)  # fmt: skip
CLOSED: Final = (
    "closed", "is closed", "isclosed", "is final", "isfinal", "final", "confirm", "confirmed", "complete",
    "is complete", "completed", "x", "finalized", "is finalized", "status", "state", "candle closed",
    "window close", "bar closed", "k x", "finished", "is finished", "is confirmed", "candle status",
    "bar state", "barstate", "bar status", "candle state", "is bar closed", "ended",
)  # fmt: skip
FORMING: Final = (
    "partial", "is partial", "forming", "is forming", "in progress", "incomplete", "is incomplete",
    "unfinished", "unclosed", "ongoing", "provisional", "open candle",
)  # fmt: skip
"""Columns whose yes means that the candle goes on."""
BINANCE: Final = (
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count",
    "taker_buy_volume", "taker_buy_quote_volume", "ignore",
)  # fmt: skip
"""Columns of a Binance kline archive and of its REST answer, in their order."""
_DRESS: Final = frozenset(
    {"utc", "gmt", "ms", "us", "ns", "s", "sec", "seconds", "millis", "milliseconds", "unix"}
)
_PARTS: Final[dict[str, tuple[str, ...]]] = {
    **PRICES,
    "volume": VOLUME,
    "quote_volume": QUOTE_VOLUME,
    "trades": TRADES,
    "taker_buy_volume": TAKER_BUY_VOLUME,
}
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
    return re.sub(r"[\W_]+", " ", spaced.lower()).strip()


def count_roles(names: Sequence[str], mapped: frozenset[str] = frozenset()) -> int:
    """How many of the names are known as parts of a candle, or named by the person who imports."""
    return sum(
        bool(name) and (name in mapped or (bool(form := plain(name)) and _undressed(form) in _ALL_NAMES))
        for name in names
    )


def find_columns(names: Sequence[str], mapped: Mapping[str, str] | None = None) -> Columns:
    """The parts of a candle among the column names; `mapped` says which column is which part."""
    told = mapped or {}
    free = [name for name in names if name not in told.values()]
    found = {part: told.get(part) or _first(free, synonyms) for part, synonyms in _PARTS.items()}
    times = (told["time"],) if "time" in told else _all(free, OPEN_TIME)
    return Columns(times=times, close_times=() if "time" in told else _all(free, CLOSE_TIME), **found)


def find_closed_column(names: Sequence[str]) -> tuple[str, ...]:
    """Columns that may tell whether a candle is closed."""
    return (*_all(names, CLOSED), *_all(names, FORMING))


def _undressed(form: str) -> str:
    """A name without the words that only say the zone or the unit of a time: timestamp utc, open time ms."""
    words = form.split(" ")
    while len(words) > 1 and words[-1] in _DRESS:
        words.pop()
    return " ".join(words)


def _all(names: Iterable[str], synonyms: tuple[str, ...]) -> tuple[str, ...]:
    rank = {synonym: place for place, synonym in enumerate(synonyms)}
    found = []
    for name in names:
        form = plain(name)
        place = rank.get(form, rank.get(_undressed(form)) if synonyms in (OPEN_TIME, CLOSE_TIME) else None)
        if place is not None:
            # of v and V, the small letter is the candle's own (Binance's streams)
            found.append((place, name != name.lower() and len(name) == 1, name))
    return tuple(name for _, _, name in sorted(found, key=lambda item: item[:2]))


def _first(names: Iterable[str], synonyms: tuple[str, ...]) -> str | None:
    found = _all(names, synonyms)
    return found[0] if found else None
