"""Which columns are the volumes: names make a proposal, `units` lets the rows decide.

A column that only names a currency (Volume BTC, Volume USDT) is one side of the pair; a moving average, a
share or a change of the volume is no volume; a volume of another coin means that the file is of another pair.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from alphapulse_resources.candle_files.columns import (
    QUOTE_VOLUME,
    TAKER_BUY_VOLUME,
    TAKER_QUOTE_VOLUME,
    VOLUME,
    Columns,
    plain,
)
from alphapulse_resources.candle_files.model import OtherInstrumentError
from alphapulse_resources.candle_files.spellings import Said
from alphapulse_resources.candle_files.words import COINS, MONEY, coin

CONTRACTS: Final = (
    "contracts", "volume contracts", "vol contracts", "contract volume",
    "num contracts", "volume in contracts",
    "number of contracts", "contracts volume", "volume contract",
)  # fmt: skip
"""What a column of contracts is called: lots of an exchange's own size, no amount of a coin."""
_NO_VOLUME: Final = frozenset(
    [
        "ma",
        "sma",
        "ema",
        "wma",
        "vwma",
        "avg",
        "average",
        "mean",
        "median",
        "std",
        "delta",
        "change",
        "chg",
        "pct",
        "percent",
        "oscillator",
        "osc",
        "profile",
        "weighted",
        "buy",
        "sell",
        "up",
        "down",
        "taker",
        "maker",
        "ask",
        "bid",
        "bull",
        "bear",
        "ratio",
        "rank",
        "zscore",
        "score",
        "index",
        "trend",
        "obv",
        "cum",
        "cumulative",
        "moving",
        "rel",
        "relative",
        "signal",
        "spike",
        "oi",
        "interest",
        "prev",
        "previous",
        "next",
        "max",
        "min",
        "high",
        "low",
        "color",
        "colour",
        "usd24h",
        "24h",
    ]
)
"""Words beside "volume" that make it something made from volumes, or a part of one."""
_WORDS: Final = frozenset(
    {"volume", "vol", "turnover", "amount", "volumefrom", "volumeto", "value", "notional"}
)


def choose_volumes(
    columns: Columns, names: Sequence[str], asked: Said | None, table: str
) -> tuple[Columns, list[str]]:
    """`columns` with base and quote volume found where names only tell currencies, and in words how."""
    suffixed = [(name, suffix) for name in names if (suffix := _currency(plain(name))) is not None]
    _check_coins(suffixed, asked, table)
    if columns.volume is None:
        contracts = [name for name in names if plain(name) in CONTRACTS]
        columns = replace(columns, volume=contracts[0]) if contracts and not suffixed else columns
    if not suffixed or (columns.volume and columns.quote_volume):
        return columns, []
    base, quote = _propose(columns, suffixed, asked)
    told = f", quote volume from {quote!r}" if quote else ""
    notes = [f"volume taken from {base!r}{told}"] if base else []
    return replace(columns, volume=base, quote_volume=quote), notes


def volume_like(names: Sequence[str]) -> list[str]:
    """Every column that could be a volume of the whole bar, in whatever unit."""
    found = []
    for name in names:
        form = plain(name)
        known = form in VOLUME or form in QUOTE_VOLUME or form in CONTRACTS or _currency(form) is not None
        words = set(form.split())
        if known or (words & _WORDS and not words & _NO_VOLUME):
            found.append(name)
    return [name for name in found if plain(name) not in (*TAKER_BUY_VOLUME, *TAKER_QUOTE_VOLUME)]


def _currency(form: str) -> str | None:
    """The currency in a volume column's name: "volume btc" and "btc volume" give "btc"."""
    if form in (*VOLUME, *QUOTE_VOLUME, *TAKER_BUY_VOLUME, *CONTRACTS):
        return None
    match = re.fullmatch(r"(?:volume|vol) ([^\W_]{2,10})|([^\W_]{2,10}) (?:volume|vol)", form)
    word = None if match is None else match[1] or match[2]
    return None if word is None or word in _NO_VOLUME or word.isdigit() else word


def _check_coins(suffixed: Sequence[tuple[str, str]], asked: Said | None, table: str) -> None:
    """Whether a volume is one of a coin that the pair does not have."""
    if asked is None or not (asked.base and asked.quote):
        return
    pair = {coin(asked.base), coin(asked.quote)}
    coins = {coin(currency) for _, currency in suffixed}
    others = [name for name, currency in suffixed if coin(currency) in COINS and coin(currency) not in pair]
    if others and coin(asked.base) not in coins:
        raise OtherInstrumentError(
            f"{table}: {others[0]!r} is the volume of another coin than {asked.base}/{asked.quote}'s\n"
            "if the file is nevertheless what you ask for, say --any-symbol"
        )


def _propose(
    columns: Columns, suffixed: Sequence[tuple[str, str]], asked: Said | None
) -> tuple[str | None, str | None]:
    """Base and quote volume as the names have it."""
    quotes = [name for name, currency in suffixed if _is_quote(currency, asked)]
    bases = [name for name, _ in suffixed if name not in quotes]
    if columns.volume is not None:
        # beside a bare "volume", a currency's volume is one side and the bare one the other
        if quotes:
            return columns.volume, quotes[0]
        known = asked is None or any(
            coin(currency) in (coin(asked.base or ""), *COINS) for _, currency in suffixed
        )
        return (bases[0], columns.volume) if known else (columns.volume, columns.quote_volume)
    if len(suffixed) > 1 and not (quotes and bases):
        # both or neither look like the quote side: vendors write base first
        return suffixed[0][0], suffixed[1][0]
    return (bases[0] if bases else None), columns.quote_volume or (quotes[0] if quotes else None)


def _is_quote(currency: str, asked: Said | None) -> bool:
    upper = currency.upper()
    if asked is None:
        return upper in MONEY or currency in ("currency", "quote")
    letters = asked.letters.upper()
    if coin(upper) == coin(asked.base or "") or (asked.base is None and letters.startswith(upper)):
        return False
    return (
        upper == asked.quote or letters.endswith(upper) or upper in MONEY or currency in ("currency", "quote")
    )
