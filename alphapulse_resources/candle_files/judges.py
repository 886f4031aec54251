"""What a value in a column says about the instrument asked for: yes how surely, no, or nothing. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from alphapulse_resources.candle_files.columns import SYMBOL, plain
from alphapulse_resources.candle_files.naming import read_line
from alphapulse_resources.candle_files.options import Options
from alphapulse_resources.candle_files.spellings import (
    NO,
    Said,
    best_score,
    names_coin_of,
    read_asked,
    read_spelling,
    split_letters,
)
from alphapulse_resources.candle_files.words import (
    COIN_NAMES,
    COINS,
    MONEY,
    QUOTES,
    coin,
    is_venue,
    market_kinds,
    read_timeframe,
    read_venue,
)
from alphapulse_resources.frames import TIMEFRAMES

_SURE: Final[dict[str, tuple[str, ...]]] = {
    "symbol": SYMBOL,
    "timeframe": ("timeframe", "time frame", "interval", "granularity", "resolution", "candle interval", "tf",
                  "bar size", "barsize", "candle size", "bar interval", "kline interval", "bar length"),
    "venue": ("exchange", "venue", "exchange name", "exchange id",
    "source exchange", "venue name", "platform"),
    "market": ("market type", "contract type", "instrument type", "market kind", "segment", "product type",
               "inst type", "insttype", "trading type", "asset type"),
    "settlement": ("settle", "settlement", "settle currency",
    "settlement currency", "settle asset", "settle coin",
                   "settlement asset", "margin asset", "margin currency", "margin coin", "settle ccy"),
    "expiry": ("expiry", "expiration", "expiry date", "expiration date",
    "delivery date", "maturity", "expires",
               "maturity date", "contract expiry", "exp time", "delivery time"),
    "base": ("base", "base currency", "base asset", "base ccy", "base coin"),
    "quote": ("quote", "quote currency", "quote asset", "quote ccy", "quote coin", "counter currency"),
}  # fmt: skip
_MAYBE: Final[dict[str, tuple[str, ...]]] = {
    "symbol": ("asset", "code", "contract", "contract code",
    "product", "name", "id", "security", "s", "asset pair",
               "ric", "crypto", "cryptocurrency", "token", "underlying", "key"),
    "channel": ("ch", "channel", "topic", "stream", "rep"),
    "timeframe": ("period", "freq", "frequency", "unit", "i", "per", "duration", "bar", "candle"),
    "market": ("type", "kind", "category", "class", "asset class"),
    "venue": ("source", "src", "data source", "feed", "provider", "data provider", "origin", "broker", "ex",
              "exch"),
}  # fmt: skip
"""Names that mean other things too: they count when every value can be read so."""
_BY_NAME: Final = {
    name: (role, sure)
    for sure, roles in ((False, _MAYBE), (True, _SURE))
    for role, names in roles.items()
    for name in names
}
_FAR: Final = 2090
"""Perpetuals are given a day of delivery in that distance (Binance: 2100-12-25)."""
_MONTHS: Final = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


@dataclass(frozen=True, slots=True)
class Judge:
    """Says of a value how well it fits: 0 not at all, more the surer, None when it says nothing."""

    score: Callable[[str], int | None]
    empty_speaks: bool = False  # an empty cell means something: no settlement, no expiry


def role_of(name: str) -> str | None:
    """What a column of that name says of its rows, if anything."""
    found = _BY_NAME.get(plain(name))
    return found[0] if found else None


def told_role(values: Sequence[str]) -> str | None:
    """What values say of rows by themselves, whatever their column is called; None where that is not sure."""
    if not values:
        return None
    for role, tells in _TELLING.items():
        if all(tells(value) for value in values):
            return role
    return None


def judge_of(role: str | None, name: str, values: Sequence[str], options: Options) -> Judge | str | None:
    """The judge of a column's values; None when it says nothing, a text when it is an error."""
    if not values or role is None:
        return None
    if plain(name) == "market" and role == "symbol":
        if all(market_kinds(value) for value in values):
            role = "market"
        elif all(is_venue(value) for value in values):
            role = "venue"
    sure = _BY_NAME.get(plain(name), (role, True))[1] or name in options.columns.values()
    sure = sure and (plain(name) != "market" or any(looks_like_symbol(value) for value in values))
    if role == "symbol":
        return _symbols(values, sure, options)
    if role == "channel":
        return _channels(values, options)
    if role == "timeframe":
        return _timeframes(values, sure, options)
    if role == "venue":
        return _venues(values, options) if sure or all(is_venue(value) for value in values) else None
    if options.symbol is None or (asked := read_asked(options.symbol)).kind is None:
        return None
    if role == "market":
        return _markets(values, asked) if sure or all(market_kinds(value) for value in values) else None
    if role == "settlement":
        if not all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]{1,9}", value) for value in values):
            return None  # a settlement price
        return Judge(lambda value: _settles(value, asked), empty_speaks=True)
    if role == "expiry":
        return Judge(lambda value: _expires(value, asked), empty_speaks=True)
    if not all(re.fullmatch(r"[^\W_]{2,20}", value) and not value.isdigit() for value in values):
        return None
    mine = asked.base if role == "base" else asked.quote
    return Judge(lambda value: int(coin(value) == coin(mine or "")))


def _symbols(values: Sequence[str], sure: bool, options: Options) -> Judge | str | None:
    if all(value.isdigit() for value in values):
        return None  # somebody's own number of the instrument
    if not sure and not all(looks_like_symbol(value) or _is_coin(value) for value in values):
        return None
    if options.symbol is None or options.any_symbol:
        if len({value.upper() for value in values}) < 2:
            return Judge(lambda value: 1)
        shown = ", ".join(values[:20]) + (f" and {len(values) - 20} more" if len(values) > 20 else "")
        if options.any_symbol:
            return f"holds several symbols, and --any-symbol is for files of one: {shown}"
        return f"holds several symbols, say which one: {shown} (--symbol)"
    asked = read_asked(options.symbol)

    def judge(value: str) -> int | None:
        return 2 * best_score(value, asked) or int(names_coin_of(value, asked))

    return Judge(judge)


def _channels(values: Sequence[str], options: Options) -> Judge | None:
    """The judge of what a stream calls its channel: btcusdt@kline_1m, kline.1.BTCUSDT."""
    if options.symbol is None or options.any_symbol or not any(read_line(value).symbols for value in values):
        return None
    asked, step = read_asked(options.symbol), TIMEFRAMES[options.timeframe]

    def judge(value: str) -> int | None:
        name = read_line(value)
        return int(not name.contradicts(asked) and not name.other_timeframe(step)) if name.symbols else None

    return Judge(judge)


def looks_like_symbol(value: str) -> bool:
    """Whether a value can hardly be anything but a pair."""
    if re.search(r"\s", value.strip()) or value.isdigit():
        return False
    said = read_spelling(value)[0]
    if said.base and said.quote:
        return coin(said.quote) in QUOTES or coin(said.base) in QUOTES
    return split_letters(said.letters, QUOTES) is not None and len(said.letters) > 4


def _is_coin(value: str) -> bool:
    """Whether a value is the name of a coin in which nobody quotes."""
    return value.upper() in (COINS | COIN_NAMES.keys()) - MONEY


def _is_written_timeframe(value: str) -> bool:
    return re.fullmatch(r"\d+[-_ ]?[A-Za-z]+", value) is not None and bool(read_timeframe(value))


_TELLING: Final[dict[str, Callable[[str], object]]] = {
    "symbol": looks_like_symbol,
    "venue": is_venue,
    "market": market_kinds,
    "timeframe": _is_written_timeframe,
}


def _timeframes(values: Sequence[str], sure: bool, options: Options) -> Judge | None:
    if not any(read_timeframe(value) for value in values):
        return None
    if not sure and not all(read_timeframe(value) for value in values):
        return None
    step = TIMEFRAMES[options.timeframe]

    def judge(value: str) -> int | None:
        lengths = read_timeframe(value)
        if not lengths:
            return None
        # 1m is surer than 1M, which may be a month; 60 may be minutes or seconds
        return (3 - min(len(lengths), 2)) * (step in lengths)

    return Judge(judge)


def _venues(values: Sequence[str], options: Options) -> Judge | str | None:
    several = len({read_venue(value)[0] for value in values}) > 1
    if options.venue is None:
        return f"holds rows of several venues: {', '.join(values[:20])}" if several else None
    family, kinds = read_venue(options.venue)
    if not is_venue(options.venue) and all(read_venue(value)[0] != family for value in values):
        if several:
            return f"holds rows of several venues, say which with --venue: {', '.join(values[:20])}"
        return None
    asked = read_asked(options.symbol) if options.symbol else Said("")

    def judge(value: str) -> int:
        other, traded = read_venue(value)
        if other != family or (traded and kinds and not traded & kinds):
            return NO
        if traded and asked.kind and asked.kind not in traded:
            return NO
        return 1 + bool(traded)

    return Judge(judge)


def _markets(values: Sequence[str], asked: Said) -> Judge:
    def judge(value: str) -> int | None:
        kinds = market_kinds(value)
        if kinds is None:
            return None
        return (3 - min(len(kinds), 2)) * (asked.kind in kinds)

    return Judge(judge)


def _settles(value: str, asked: Said) -> int:
    if asked.kind == "spot":
        return int(not value)
    return int(bool(value) and coin(value) == coin(asked.settle or ""))


def _expires(value: str, asked: Said) -> int | None:
    day = _read_day(value)
    if day is None:
        return None
    return int(day == (asked.expiry or ""))


def _read_day(value: str) -> str | None:
    """The day of an expiry as YYMMDD, empty for none, null when it cannot be read."""
    text = value.strip().upper()
    if text in ("", "0", "NONE", "NULL", "NAN", "NAT", "PERPETUAL", "PERP"):
        return ""
    if match := re.match(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?!\d)", text):
        return "" if int(match[1]) >= _FAR else f"{match[1][2:]}{match[2]}{match[3]}"
    if re.fullmatch(r"\d{6}", text):
        return text
    if match := re.fullmatch(r"(\d{1,2})-?([A-Z]{3})-?(?:20)?(\d{2})", text):
        return (
            f"{match[3]}{_MONTHS.index(match[2]) + 1:02}{int(match[1]):02}" if match[2] in _MONTHS else None
        )
    if re.fullmatch(r"\d{10}|\d{13}", text):
        moment = datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
        return "" if moment.year >= _FAR else f"{moment:%y%m%d}"
    return None
