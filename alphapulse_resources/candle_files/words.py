"""Words that candle files use for currencies, venues, markets and timeframes, and their reading. Pure."""

import re
from collections.abc import Set as AbstractSet
from datetime import timedelta
from functools import lru_cache
from typing import Final, Literal

from alphapulse_resources.frames import TIMEFRAMES

Kind = Literal["spot", "perpetual", "future", "option"]

STABLES: Final = frozenset(
    {"USDT", "USDC", "BUSD", "FDUSD", "TUSD", "USDD", "USDP", "PYUSD", "USDE", "GUSD", "SUSD", "RLUSD", "UST"}
    | {"DAI", "EURC", "EURT", "EURS", "BIDR", "USD1"}
)
FIAT: Final = frozenset(
    {"USD", "EUR", "GBP", "JPY", "KRW", "TRY", "AUD", "CAD", "CHF", "BRL", "IDR", "INR", "RUB", "UAH", "NGN"}
    | {
        "ZAR",
        "MXN",
        "PLN",
        "SGD",
        "HKD",
        "THB",
        "VND",
        "PHP",
        "ARS",
        "COP",
        "CZK",
        "RON",
        "NZD",
        "AED",
        "CNY",
    }
)
MONEY: Final = STABLES | FIAT
COIN_QUOTES: Final = frozenset({"BTC", "ETH", "BNB", "XBT", "SOL", "TRX", "XRP", "DOGE"})
QUOTES: Final = MONEY | COIN_QUOTES
PLAIN_QUOTES: Final = frozenset(
    {"USD", "USDT", "USDC", "BUSD", "FDUSD", "TUSD", "KRW", "JPY", "GBP", "BTC", "XBT"}
)
"""Quotes with which no word of a language ends (unlike TRY in country or ETH in teeth)."""

COIN_NAMES: Final = {
    "BITCOIN": "BTC", "ETHEREUM": "ETH", "LITECOIN": "LTC", "RIPPLE": "XRP", "DOGECOIN": "DOGE",
    "CARDANO": "ADA", "SOLANA": "SOL", "POLKADOT": "DOT", "CHAINLINK": "LINK", "MONERO": "XMR",
    "STELLAR": "XLM", "AVALANCHE": "AVAX", "TRON": "TRX", "BINANCECOIN": "BNB", "UNISWAP": "UNI",
    "DASH": "DASH", "TETHER": "USDT", "TETHERUS": "USDT",
}  # fmt: skip
COINS: Final = frozenset(
    {
        "BTC",
        "XBT",
        "ETH",
        "LTC",
        "XRP",
        "DOGE",
        "XDG",
        "ADA",
        "BNB",
        "SOL",
        "DOT",
        "LINK",
        "XMR",
        "XLM",
        "AVAX",
    }
    | {
        "TRX",
        "UNI",
        "BCH",
        "ETC",
        "EOS",
        "XTZ",
        "ATOM",
        "SHIB",
        "PEPE",
        "MATIC",
        "POL",
        "FIL",
        "AAVE",
        "ALGO",
    }
    | {
        "SUI",
        "APT",
        "ARB",
        "NEAR",
        "TON",
        "WLD",
        "SEI",
        "TIA",
        "INJ",
        "ICP",
        "HBAR",
        "VET",
        "XEM",
        "ZEC",
        "DASH",
    }
    | {
        "NEO",
        "IOTA",
        "BSV",
        "MKR",
        "CRV",
        "SNX",
        "COMP",
        "WIF",
        "BONK",
        "FLOKI",
        "HYPE",
        "TRUMP",
        "FTM",
        "RUNE",
    }
)
"""Coins whose letters, standing alone in a name, can hardly be anything else."""

SAME_COIN: Final = {"XBT": "BTC", "XDG": "DOGE"}
"""Kraken's and BitMEX's own codes for coins that everybody else calls otherwise."""

_VENUES: Final = [
    "binance",
    "binanceus",
    "kraken",
    "coinbase",
    "bitstamp",
    "bitfinex",
    "bybit",
    "okx",
    "htx",
    "gate",
    "kucoin",
    "mexc",
    "bitget",
    "bitmex",
    "deribit",
    "gemini",
    "upbit",
    "bithumb",
    "poloniex",
    "bittrex",
    "hitbtc",
    "cryptocom",
    "ftx",
    "hyperliquid",
    "dydx",
    "phemex",
    "bitmart",
    "bingx",
    "lbank",
    "itbit",
    "cexio",
    "exmo",
    "okcoin",
    "bitflyer",
    "coincheck",
    "korbit",
    "bitvavo",
    "whitebit",
    "woo",
    "coinex",
    "btcturk",
    "mtgox",
    "btce",
    "liquid",
    "lmax",
    "bitbank",
    "luno",
    "btcmarkets",
    "coinone",
    "probit",
    "ascendex",
    "backpack",
    "bitrue",
    "xt",
    "yobit",
    "zaif",
    "paribu",
    "bitpanda",
    "dukascopy",
]
_VENUE_ALIASES: Final = {
    "gdax": "coinbase", "coinbasepro": "coinbase", "coinbaseexchange": "coinbase",
    "coinbaseadvanced": "coinbase",
    "coinbaseinternational": "coinbase", "okex": "okx", "huobi": "htx",
    "gateio": "gate", "crypto.com": "cryptocom",
    "bitmexcom": "bitmex", "binanceusa": "binanceus", "kucoinfutures": "kucoin",
}  # fmt: skip
_SPOT: Final = frozenset({"spot"})
_PERPETUAL: Final = frozenset({"perpetual"})
_FUTURE: Final = frozenset({"future"})
_DERIVED: Final = frozenset({"perpetual", "future"})
_OPTION: Final = frozenset({"option"})
MARKETS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(("spot", "margin", "cash", "spotmargin"), _SPOT),
    **dict.fromkeys(
        ("perp", "perps", "perpetual", "perpetuals", "swap", "swaps", "perpetualswap", "perpetualfuture",
         "perpetualfutures", "usdmperpetual", "linearperpetual", "inverseperpetual", "perpetualcontract"),
        _PERPETUAL,
    ),
    **dict.fromkeys(
        ("future", "futures", "um", "cm", "usdm", "usdtm", "usdsm",
        "coinm", "linear", "inverse", "derivative",
         "derivatives", "fapi", "dapi", "usdmargined", "coinmargined", "usdtfutures", "usdcfutures",
         "coinfutures", "futuresum", "futurescm", "usdsmfutures", "usdmfutures", "coinmfutures", "umfutures",
         "cmfutures", "contract"),
        _DERIVED,
    ),
    **dict.fromkeys(
        ("delivery", "dated", "quarter", "quarterly", "currentquarter",
        "nextquarter", "currentmonth", "nextmonth",
         "thisweek", "nextweek", "biquarter", "datedfuture",
         "datedfutures", "deliveryfuture", "inversefutures",
         "linearfutures", "fts", "biquarterly", "weekly"),
        _FUTURE,
    ),
    **dict.fromkeys(("option", "options", "opt"), _OPTION),
}  # fmt: skip
"""What a market is called, and the kinds of instruments that are traded there."""

_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "t"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 604_800),
    **dict.fromkeys(("mo", "mon", "mth", "month", "months", "mn"), 2_629_800),
}
MONTH: Final = timedelta(seconds=2_629_800)
_ALONE: Final = {
    "minute": 60, "minutely": 60, "minutes": 60, "min": 60, "hour": 3600, "hourly": 3600, "day": 86_400,
    "daily": 86_400, "week": 604_800, "weekly": 604_800, "month": 2_629_800, "monthly": 2_629_800,
    "d": 86_400,
    "w": 604_800,
}  # fmt: skip
_COUNTS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10, "twelve": 12,
    "fifteen": 15, "thirty": 30,
}  # fmt: skip
_METATRADER: Final = re.compile(r"(MN|[MHDW])(\d{1,3})")
_LENGTHS: Final = frozenset(step.total_seconds() for step in TIMEFRAMES.values())


def coin(code: str) -> str:
    """The usual code of a coin: XBT is BTC, Bitcoin is BTC."""
    upper = code.strip().upper()
    return SAME_COIN.get(upper) or COIN_NAMES.get(upper) or upper


def market_kinds(text: str) -> frozenset[str] | None:
    """The kinds of instruments a market of that name trades; None when it is no name of a market."""
    return MARKETS.get(re.sub(r"[\W_]+", "", text.lower()))


@lru_cache(maxsize=4096)
def read_venue(text: str) -> tuple[str, frozenset[str] | None]:
    """The venue of that name and, where the name tells, the kinds it trades: BINANCE_FUTURES, binanceusdm."""
    key = re.sub(r"[\W_]+", "", text.lower())
    key = _VENUE_ALIASES.get(key, key)
    if key in _VENUES:
        return key, None
    for end in range(len(key) - 1, 2, -1):
        family = _VENUE_ALIASES.get(key[:end], key[:end])
        if family in _VENUES and key[end:] in MARKETS:
            return family, MARKETS[key[end:]]
    return key, None


def is_venue(text: str) -> bool:
    """Whether it is the name of an exchange that is known by name."""
    return read_venue(text)[0] in _VENUES


@lru_cache(maxsize=4096)
def read_timeframe(text: str) -> frozenset[timedelta]:
    """The lengths a written timeframe can mean; 1M may be a month or a minute, 60 minutes or seconds."""
    word = re.sub(r"(?i)^(kline|candles?|ohlcv?|bars?|PT|P)[-_ ]?(?=\d)", "", text.strip())
    if re.fullmatch(r"\d+(\.0+)?", word):
        return _bare_number(int(float(word)))
    if match := _METATRADER.fullmatch(word):
        return frozenset({timedelta(seconds=int(match[2]) * _UNITS[match[1].lower()])})
    match = re.fullmatch(r"(\d+)[-_ ]?([A-Za-z]+)", word)
    if match and match[2] == "M":
        return frozenset({int(match[1]) * MONTH, timedelta(minutes=int(match[1]))})
    if match and match[2].lower() in _UNITS:
        return frozenset({timedelta(seconds=int(match[1]) * _UNITS[match[2].lower()])})
    small = word.lower()
    if small in _ALONE:
        return frozenset({timedelta(seconds=_ALONE[small])})
    match = re.fullmatch(r"([a-z]+)[-_ ]([a-z]+)", small)
    if match and match[1] in _COUNTS and match[2] in _UNITS:
        return frozenset({timedelta(seconds=_COUNTS[match[1]] * _UNITS[match[2]])})
    return frozenset()


def _bare_number(count: int) -> frozenset[timedelta]:
    """Minutes, seconds or milliseconds, whichever give a timeframe that exists."""
    seconds = {count * 60.0, float(count), count / 1000} & _LENGTHS
    return frozenset(timedelta(seconds=value) for value in seconds)


def told_length(step: timedelta) -> str:
    """A length in the words of timeframes: 1m, 45m, 10s, 1 month."""
    for name, length in TIMEFRAMES.items():
        if step == length:
            return name
    if step >= timedelta(days=28):
        return f"{round(step / MONTH) or 1} month" + ("s" if round(step / MONTH) > 1 else "")
    seconds = int(step.total_seconds())
    for letter, unit in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds and seconds % unit == 0:
            return f"{seconds // unit}{letter}"
    return f"{step.total_seconds():g}s"


def told_lengths(steps: AbstractSet[timedelta]) -> str:
    """Several possible lengths: "1m or 1 month"."""
    return " or ".join(told_length(step) for step in sorted(steps))
