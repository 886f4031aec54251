"""Names of columns that carry more than the name of a column: numbers, tickers in pandas' pairs."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from alphapulse_resources.candle_files.columns import count_roles
from alphapulse_resources.candle_files.model import RawTable

_PAIR: Final = re.compile(r"""\(['"]([^'"]*)['"], ['"]([^'"]*)['"]\)""")


def numbered(width: int) -> tuple[str, ...]:
    """The names of columns that have none: their numbers, from 1, as `--column open=2` names them."""
    return tuple(str(place + 1) for place in range(width))


def split_tickers(table: RawTable) -> RawTable:
    """A table whose columns are pandas' pairs, ('Close', 'BTC-USD'), with its tickers apart."""
    pairs = [_PAIR.fullmatch(name) for name in table.frame.columns]
    if table.tickers or sum(pair is not None for pair in pairs) < 4:
        return table
    tickers: list[str | None] = []
    titles: list[str] = []
    for name, pair in zip(table.frame.columns, pairs, strict=True):
        title, ticker = (name, None) if pair is None else _in_order(pair[1], pair[2])
        titles.append(title)
        tickers.append(ticker or None)
    notes = (*table.notes, "columns in pairs of price and ticker as yfinance gives them")
    return replace(table, tickers=tuple(tickers), titles=tuple(titles), notes=notes)


def _in_order(first: str, second: str) -> tuple[str, str]:
    """The name of the column, then the ticker."""
    return (first, second) if count_roles([first]) >= count_roles([second]) else (second, first)


def distinct(names: Sequence[str]) -> list[str]:
    """Names of which none comes twice."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return found
