"""Telling base volume from quote volume where the columns only name currencies: Volume BTC, Volume USDT.

The names make a proposal, the rows decide: quote volume is about base volume times price, or the columns
are something else (a moving average, say) and are not used.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.columns import QUOTE_VOLUME, TAKER_BUY_VOLUME, VOLUME, Columns, plain
from alphapulse_resources.candle_files.numbers import read_numbers

QUOTES: Final = frozenset(
    {"usd", "usdt", "usdc", "busd", "fdusd", "tusd", "dai", "eur", "gbp", "jpy", "krw", "try", "aud", "cad"}
    | {"chf", "brl", "currency", "quote"}
)
"""Currencies that name the quote side when the pair itself is not known."""
JUDGED_ROWS: Final = 1000
AGREES: Final = (0.5, 2.0)
"""Quote volume over base volume times close lies within, at the median row (ours; a bar moves less)."""


def choose_volumes(frame: pl.DataFrame, columns: Columns, pair: str | None) -> tuple[Columns, list[str]]:
    """`columns` with base and quote volume told apart, and in words how; `pair` (BTC/USD) helps."""
    suffixed = [(name, suffix) for name in frame.columns if (suffix := _currency(plain(name))) is not None]
    if not suffixed or (columns.volume and columns.quote_volume):
        return columns, []
    base, quote = _propose(columns, suffixed, pair)
    if base is not None and quote is not None:
        if not _agree(frame, base, quote, columns.close) and _agree(frame, quote, base, columns.close):
            base, quote = quote, base
        elif not _agree(frame, base, quote, columns.close):
            base, quote = columns.volume or base, None
    told = f", quote volume from {quote!r}" if quote else ""
    notes = [f"volume taken from {base!r}{told}"] if base else []
    return replace(columns, volume=base, quote_volume=quote), notes


def _currency(form: str) -> str | None:
    """The currency in a volume column's name: "volume btc" and "btc volume" give "btc"."""
    if form in VOLUME or form in QUOTE_VOLUME or form in TAKER_BUY_VOLUME:
        return None
    match = re.fullmatch(r"(?:volume|vol) ([a-z0-9]{2,10})|([a-z0-9]{2,10}) (?:volume|vol)", form)
    return None if match is None else match[1] or match[2]


def _propose(
    columns: Columns, suffixed: Sequence[tuple[str, str]], pair: str | None
) -> tuple[str | None, str | None]:
    """Base and quote volume as the names have it."""
    quotes = [name for name, currency in suffixed if _is_quote(currency, pair)]
    bases = [name for name, _ in suffixed if name not in quotes]
    if columns.volume is not None:
        # beside a bare "volume", a currency's volume is one side and the bare one the other
        return (columns.volume, quotes[0]) if quotes else (bases[0], columns.volume)
    if len(suffixed) > 1 and not (quotes and bases):
        # both or neither look like the quote side: vendors write base first
        return suffixed[0][0], suffixed[1][0]
    return (bases[0] if bases else None), columns.quote_volume or (quotes[0] if quotes else None)


def _is_quote(currency: str, pair: str | None) -> bool:
    if pair is None:
        return currency in QUOTES
    spelling = re.sub(r"[^a-z0-9]", "", pair.partition(":")[0].lower())
    if spelling.startswith(currency):
        return False
    return spelling.endswith(currency) or currency in QUOTES


def _agree(frame: pl.DataFrame, base: str, quote: str, close: str | None) -> bool:
    """Whether the quote volume is about the base volume times the price; True where nothing was traded."""
    if close is None:
        return True
    head = frame.head(JUDGED_ROWS)
    base_volume, quote_volume, price = (read_numbers(head[name]).values for name in (base, quote, close))
    ratio = quote_volume / (base_volume * price)
    median = ratio.filter((base_volume > 0) & (quote_volume > 0) & (price > 0)).median()
    return not isinstance(median, float) or AGREES[0] <= median <= AGREES[1]
