"""What a name says of its candles: the name of a file, of a member of an archive, a line above a header.

A name that carries no recognisable symbol says nothing. Recognised are the forms in which venues and tools
write names (BTCUSDT-1m-2024-01, XBTUSD_1, BTC_USDT_USDT-5m-futures, Binance_BTCUSDT_1h, BTC-USDT-SWAP,
"BINANCE_BTCUSDT.P, 60", symbol=ETHUSDT/part-0) and BASE_QUOTE of coins that are known. Pure.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final

from alphapulse_resources.candle_files.spellings import NO, Said, best_score, split_letters
from alphapulse_resources.candle_files.words import (
    COIN_NAMES,
    COINS,
    MARKETS,
    MONEY,
    PLAIN_QUOTES,
    QUOTES,
    STABLES,
    coin,
    is_venue,
    read_timeframe,
    read_venue,
    told_lengths,
)

ENDINGS: Final = re.compile(
    r"(?i)\.(csv|tsv|txt|json|ndjson|jsonl|parquet|parq|pq|feather|ftr|arrow|ipc|zip|gz|tgz|tar|bz2|xz|zst|xlsx?|dat|data)$"
)
_TOKEN: Final = re.compile(r"[^\W_]+")
_COMMON: Final = frozenset(
    "candle candles candlestick candlesticks ohlc ohlcv ohlcvt data dataset price prices history "
    "historical hist "
    "kline klines bar bars test sample export exported file files crypto coin coins market markets close "
    "open volume "
    "trade trades all my new old in to from and per the of for wrong right full part chunk final raw "
    "clean cleaned "
    "two one mixed multi pair pairs sparse daily hourly weekly monthly minute minutes hour day week month "
    "year utc "
    "last latest first ticks tick quotes bid ask mid spot perp swap futures future margin out base quote "
    "result "
    "results download downloads series table backup feed source symbol symbols index rate rates info "
    "value vol avg tmp".upper().split()
)
_UNMISTAKABLE: Final = frozenset(
    {"BTC", "XBT", "ETH", "LTC", "XRP", "DOGE", "ADA", "BNB", "XMR", "XLM", "TRX", "BCH", "SOL", "SHIB"}
)
"""Coins whose letters are no word, even in small letters."""
_BINANCE: Final = re.compile(r"([^\W_]{4,}(?:_PERP|_\d{6})?)-\d+[a-zA-Z]+-\d{4}-\d{2}.*")
_FUTURES: Final = re.compile(r"(?:^|[/\\])futures[/\\](?:um|cm)[/\\]")
_NO_TRADES: Final = frozenset({"MARK", "FUNDING", "PREMIUMINDEX", "MARKPRICE", "INDEXPRICE"})
_KRAKEN_MINUTES: Final = frozenset(
    {"1", "3", "5", "15", "30", "60", "120", "240", "360", "480", "720", "1440", "10080"}
)
_HIVE: Final = re.compile(r"([A-Za-z_]+)=([^/\\]+)")
_HIVE_SYMBOL: Final = frozenset({"symbol", "pair", "ticker", "instrument", "market", "product"})
_HIVE_TIMEFRAME: Final = frozenset({"timeframe", "interval", "tf", "resolution", "freq", "period"})


@dataclass(frozen=True, slots=True)
class Name:
    """What a name says; empty where it says nothing."""

    symbols: tuple[str, ...] = ()
    coins: tuple[str, ...] = ()  # coins that stand alone
    lengths: tuple[frozenset[timedelta], ...] = ()  # timeframes, each with the lengths it can mean
    kinds: frozenset[str] = frozenset()  # kinds of instruments of the market named beside a symbol
    venues: tuple[str, ...] = ()  # exchanges named beside a symbol
    prices: str | None = None  # "mark" and the like: candles of a price at which nobody traded

    def contradicts(self, asked: Said) -> str | None:
        """What the name says instead of the instrument asked for, if it does."""
        if self.symbols and all(best_score(symbol, asked) == NO for symbol in self.symbols):
            return ", ".join(self.symbols)
        if self.symbols and self.kinds and asked.kind and asked.kind not in self.kinds:
            return f"{', '.join(self.symbols)} of a market of {' and '.join(sorted(self.kinds))}s"
        if self.symbols and self.prices:
            return f"{self.prices} prices of {', '.join(self.symbols)}, at which nobody traded"
        pair = {coin(part) for part in (asked.base, asked.quote) if part}
        if not self.symbols and self.coins and pair and not pair & set(self.coins):
            return ", ".join(self.coins)
        return None

    def other_venue(self, venue: str | None) -> str | None:
        """The exchange that the name says instead of the one asked for, if both are known by name."""
        if venue is None or not is_venue(venue) or not self.symbols or not self.venues:
            return None
        return None if read_venue(venue)[0] in self.venues else ", ".join(self.venues)

    def other_timeframe(self, step: timedelta) -> str | None:
        """The timeframe that the name says instead of `step`, if it does."""
        if self.lengths and all(step not in lengths for lengths in self.lengths):
            return ", ".join(told_lengths(lengths) for lengths in self.lengths)
        return None


@lru_cache(maxsize=65_536)
def read_name(path: str) -> Name:
    """What the name of a file says; what its own name leaves open, folders that are named so may say."""
    *folders, leaf = re.split(r"[/\\]", path)
    name = _read_text(without_endings(leaf))
    symbols, lengths = name.symbols, name.lengths
    for folder in reversed(folders):
        hive = _HIVE.fullmatch(folder)
        if hive and hive[1].lower() in _HIVE_SYMBOL:
            symbols = symbols or (hive[2].replace("%2F", "/").replace("%3A", ":"),)
        elif hive and hive[1].lower() in _HIVE_TIMEFRAME:
            lengths = lengths or _lengths_of(hive[2])
        elif not symbols and (found := _whole_symbol(folder)):
            symbols = (found,)
    kinds = name.kinds or futures_kinds(path)
    return Name(symbols, () if symbols else name.coins, lengths, kinds, name.venues, name.prices)


def futures_kinds(path: str) -> frozenset[str]:
    """The kinds of instruments of a folder of Binance's futures: data/futures/um/daily/klines/BTCUSDT/1m."""
    return frozenset({"perpetual", "future"}) if _FUTURES.search(path) else frozenset()


def read_line(line: str) -> Name:
    """What a line above the header says."""
    return _read_text(line)


def without_endings(leaf: str) -> str:
    """A file's name without .csv, .csv.gz and the like."""
    while (shorter := ENDINGS.sub("", leaf)) != leaf:
        leaf = shorter
    return leaf


def _lengths_of(text: str) -> tuple[frozenset[timedelta], ...]:
    lengths = read_timeframe(text)
    return (lengths,) if lengths else ()


def _whole_symbol(folder: str) -> str | None:
    """A folder that is named as a symbol and nothing else."""
    tokens = list(_TOKEN.finditer(folder))
    found = _symbol_at(folder, tokens, 0) if tokens and tokens[0].start() == 0 else None
    return folder if found and found[1] == len(tokens) else None


def _read_text(text: str) -> Name:
    tokens = list(_TOKEN.finditer(text))
    archive = _BINANCE.fullmatch(text)
    symbols: list[str] = [archive[1]] if archive else []
    lengths: list[frozenset[timedelta]] = []
    coins: list[str] = []
    words: list[str] = []
    place = 0
    while place < len(tokens):
        found = _symbol_at(text, tokens, place)
        if found is None:
            _read_word(tokens[place][0], lengths, coins, words)
            place += 1
            continue
        symbols.append(found[0])
        place = found[1]
        if place < len(tokens) and _is_minutes(text, tokens, place):
            lengths.append(frozenset({timedelta(minutes=int(tokens[place][0]))}))
            place += 1
    kinds: set[str] = set()
    for word in words:
        kinds |= MARKETS.get(word.lower(), frozenset()) if symbols else frozenset()
    prices = next((word.lower() for word in words if word in _NO_TRADES), None)
    symbols = symbols[:1] if archive else symbols
    venues = [read_venue(word)[0] for word in words if symbols and is_venue(word)]
    return Name(
        tuple(dict.fromkeys(symbols)),
        tuple(dict.fromkeys(coins)),
        tuple(lengths),
        frozenset(kinds),
        tuple(dict.fromkeys(venues)),
        prices,
    )


def _read_word(word: str, lengths: list[frozenset[timedelta]], coins: list[str], words: list[str]) -> None:
    """A word that is no symbol: a timeframe, a coin, or the name of a market."""
    upper = word.upper()
    if not word.isdigit() and not (len(word) == 1 and word.lower() not in "dh"):
        lengths.extend(_lengths_of(word))
    if upper in COIN_NAMES or upper in _UNMISTAKABLE or (upper in COINS and word.isupper()):
        coins.append(coin(upper))
    words.append(upper)


def _is_minutes(text: str, tokens: list[re.Match[str]], place: int) -> bool:
    """Whether the number after a symbol is its timeframe in minutes: XBTUSD_1, BTCUSDT_15_2024-01-01."""
    token, before = tokens[place], tokens[place - 1]
    joint = text[before.end() : token.start()]
    last = place + 1 == len(tokens) or len(tokens[place + 1][0]) in (4, 5, 8)
    return token[0] in _KRAKEN_MINUTES and last and (joint == "_" or joint.startswith(","))


def _symbol_at(text: str, tokens: list[re.Match[str]], place: int) -> tuple[str, int] | None:
    """The symbol that begins with a token, and the place of the token after it."""
    token = tokens[place]
    if _is_joined(token[0], _is_dressed(tokens, place + 1)):
        start, end, after = token.start(), token.end(), place + 1
        spelled = text[start:end]
    elif place + 1 < len(tokens) and _is_pair(text, tokens, place):
        start, end, after = token.start(), tokens[place + 1].end(), place + 2
        spelled = f"{token[0]}-{tokens[place + 1][0]}"
        if token[0].upper() not in MONEY:
            spelled = spelled.replace("-", "/", 1)
    else:
        return _dated_coin(text, tokens, place)
    return _with_ending(text, tokens, spelled, after)


def _with_ending(text: str, tokens: list[re.Match[str]], spelled: str, after: int) -> tuple[str, int]:
    """A pair and what follows it: PERP, SWAP, a settlement, an expiry."""
    plain = spelled.replace("/", "-")
    word = tokens[after][0].upper() if after < len(tokens) else ""
    joint = text[tokens[after - 1].end() : tokens[after].start()] if word else ""
    if word in ("PERP", "PERPETUAL", "SWAP", "UMCBL", "DMCBL", "CMCBL"):
        return f"{plain}_{word}" if word.endswith("CBL") else f"{plain}-{word}", after + 1
    if word == "P" and joint == ".":
        return f"{plain}.P", after + 1
    if re.fullmatch(r"\d{1,2}[A-Z]{3}\d{2}", word):
        return f"{plain}-{word}", after + 1
    if "/" in spelled and word in spelled.upper().split("/") and joint in ("_", ":", "-"):
        day = _day_after(text, tokens, after + 1)
        return f"{spelled}:{word}" + (f"-{day}" if day else ""), after + (2 if day else 1)
    if day := _day_after(text, tokens, after):
        return f"{plain}_{day}", after + 1
    return spelled, after


def _day_after(text: str, tokens: list[re.Match[str]], place: int) -> str | None:
    """An expiry: six digits of a day right before the timeframe (BTCUSDT_260327-1m-2026-01)."""
    if place + 1 >= len(tokens) or not re.fullmatch(r"\d{6}", tokens[place][0]):
        return None
    following = tokens[place + 1][0]
    day = tokens[place][0]
    possible = 1 <= int(day[2:4]) <= 12 and 1 <= int(day[4:]) <= 31
    right_before = read_timeframe(following) and not following.isdigit()
    return day if possible and (right_before or following.lower().startswith("candle")) else None


def _dated_coin(text: str, tokens: list[re.Match[str]], place: int) -> tuple[str, int] | None:
    """Deribit's names: BTC-PERPETUAL, BTC-27MAR26."""
    token = tokens[place][0].upper()
    if token not in COINS or place + 1 >= len(tokens):
        return None
    word = tokens[place + 1][0].upper()
    if word in ("PERPETUAL", "PERP") or re.fullmatch(r"\d{1,2}[A-Z]{3}\d{2}", word):
        return f"{token}-{word}", place + 2
    return None


def _is_dressed(tokens: list[re.Match[str]], place: int) -> bool:
    """Whether the token there is what follows a symbol in a name: its timeframe or its market."""
    if place >= len(tokens):
        return False
    word = tokens[place][0]
    return bool(read_timeframe(word)) or word.lower() in MARKETS


def _is_joined(token: str, dressed: bool) -> bool:
    """Whether a token is a pair in one word: BTCUSDT, xbtusd, tBTCUSD, BTCUSDTPERP."""
    if token.startswith("t") and token[1:].isupper() and len(token) > 6:
        token = token[1:]
    upper = re.sub(r"(?<=USD|SDT|SDC)PERP$", "", token.upper())
    pair = split_letters(upper, QUOTES)
    if pair is None or pair[0].isdigit() or pair[0] in _COMMON:
        return False
    base, quote = pair
    if base in COINS:
        return True
    if len(base) < 2 or is_venue(token) or is_venue(base) or (base in QUOTES - COINS and token.islower()):
        return base in MONEY and quote in MONEY and token.isupper()
    return quote in PLAIN_QUOTES or (token.isupper() and (dressed or not upper.isalpha()))


def _is_pair(text: str, tokens: list[re.Match[str]], place: int) -> bool:
    """Whether two tokens are a pair: BTC_USDT, KRW-BTC, UNITTEST_BTC-1m; not data_usd."""
    first, second = tokens[place], tokens[place + 1]
    base, quote = first[0].upper(), second[0].upper()
    if not re.fullmatch(r"[-_/]", text[first.end() : second.start()]):
        return False
    if base in COIN_NAMES or base in COINS:
        return quote in QUOTES
    if base in MONEY:
        return quote in COINS or (quote in QUOTES and quote != base)
    if quote not in QUOTES or base in _COMMON or base.isdigit() or is_venue(base) or read_timeframe(first[0]):
        return False
    if text[first.end()] == "/":
        return True
    settled = place + 2 < len(tokens) and tokens[place + 2][0].upper() == quote
    dressed = len(tokens) == 2 or settled or _is_dressed(tokens, place + 2)
    # an unknown base counts where the name has the form of a symbol and nothing of a sentence
    return dressed and (first[0].isupper() or not first[0].isascii() or quote in STABLES)
