"""Which column is which in files of funding rates and open interest. Pure.

Names are compared in the plain form of `candle_files.columns`: `fundingRateTimestamp` is "funding rate
timestamp". The first name of a part that a table has is taken. Of OKX and HTX `realizedRate` is what was paid
and `fundingRate` what was expected; Kraken's `fundingRate` is money, its `relativeFundingRate` the fraction.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from alphapulse_resources.candle_files.columns import OPEN_TIME, SYMBOL, plain
from alphapulse_resources.futures_history.files.options import Kind

_TIMES: Final = tuple(
    name for name in OPEN_TIME if name not in ("id", "index", "level 0", "index level 0", "")
)
FUNDING_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "time": (
        "funding time", "funding timestamp", "funding rate timestamp", "calc time", "settlement time",
        "settle time", "settled at", "funding date", "timepoint", "time point", "effective at", *_TIMES,
    ),
    "rate": (
        "realized rate", "realized funding rate", "relative funding rate", "last funding rate",
        "funding rate", "funding rate percent", "funding rate pct", "funding rate 8h", "funding", "rate",
        "rate percent", "rate pct", "fr", "r",
    ),
    "interval": (
        "funding interval hours", "interval hours", "funding interval", "funding interval hour",
        "funding rate interval", "collect cycle", "interval", "interval h",
    ),
    "mark": ("mark price", "mark", "settle price", "mark px"),
    "symbol": (*SYMBOL, "contract code", "contract", "asset", "name", "s"),
}  # fmt: skip
OPEN_INTEREST_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("create time", *_TIMES),
    "contracts": (
        "sum open interest", "open interest contracts", "oi contracts", "contracts", "open interest", "oi",
        "openinterest", "open interest size", "value",
    ),
    "base": (
        "open interest amount", "open interest base", "oi ccy", "oiccy", "oi base", "base amount",
        "open interest coin", "open interest coins", "amount",
    ),
    "quote": (
        "sum open interest value", "open interest value", "open interest usd", "open interest usdt",
        "open interest quote", "oi usd", "oiusd", "oi value", "quote value", "notional",
        "open interest notional",
    ),
    "symbol": FUNDING_NAMES["symbol"],
}  # fmt: skip
NAMES: Final[Mapping[Kind, Mapping[str, tuple[str, ...]]]] = {
    "funding": FUNDING_NAMES,
    "open-interest": OPEN_INTEREST_NAMES,
}
VENUE_NAMES: Final = ("exchange", "venue", "exchange name", "exchange id", "source exchange", "venue name")
_METRICS: Final = frozenset({"create time", "symbol", "sum open interest"})
_CALCULATED: Final = frozenset({"calc time", "last funding rate"})
_FREQTRADE: Final = ("date", "open", "high", "low", "close", "volume")


def find_columns(kind: Kind, names: Sequence[str], told: Mapping[str, str]) -> dict[str, str]:
    """The columns of the parts that a table has; what was told comes before what is found."""
    free = {plain(name): name for name in reversed(names) if name not in told.values()}
    found = dict(told)
    for part, synonyms in NAMES[kind].items():
        name = next((free[synonym] for synonym in synonyms if synonym in free), None)
        if name is None and part == "time":
            name = _dressed(free, synonyms)
        if part not in found and name is not None and name not in found.values():
            found[part] = name
    return found


def header_of(kind: Kind, cells: Sequence[str], told: Mapping[str, str]) -> bool:
    """Whether a line of cells names the columns of such a file."""
    found = find_columns(kind, cells, told)
    return "time" in found and len(set(found) - {"time", "symbol"}) >= 1


def kind_of(container: str, names: Sequence[str]) -> str:
    """The file's kind in a word: whose archive it is, or only how it is written."""
    plains = {plain(name) for name in names}
    if plains >= _METRICS:
        return "binance-metrics"
    if plains >= _CALCULATED:
        return "binance-funding"
    if tuple(names) == _FREQTRADE:
        return "freqtrade"
    return f"generic-{container}"


def says_utc(name: str) -> bool:
    """Whether the name of a column of times says that they are UTC."""
    return bool({"utc", "gmt"} & set(plain(name).split(" ")))


def says_percent(name: str) -> bool:
    """Whether the name of a column of rates says that they are percent."""
    return "%" in name or bool({"percent", "pct", "percentage"} & set(plain(name).split(" ")))


def _dressed(free: Mapping[str, str], synonyms: Sequence[str]) -> str | None:
    """A time whose name also says its zone or unit: timestamp utc, funding time ms, date (UTC)."""
    dress = {"utc", "gmt", "ms", "us", "ns", "s", "sec", "seconds", "millis", "milliseconds", "unix"}
    bare = {" ".join(word for word in name.split(" ") if word not in dress): name for name in free}
    return next((free[bare[synonym]] for synonym in synonyms if synonym in bare), None)
