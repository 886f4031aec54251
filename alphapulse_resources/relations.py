"""Names of tables and views: what there is, and which one may have been meant."""

import difflib
import re
from collections.abc import Iterable
from typing import Final

OTHER_WORDS: Final = {
    "candle": "ohlcv",
    "candles": "ohlcv",
    "klines": "ohlcv",
    "bars": "ohlcv",
    "prices": "ohlcv",
    "orderbook": "order_book",
    "book": "order_book",
    "books": "order_book",
    "depth": "order_book",
    "trades": "trades_1s",
    "gaps": "candle_gaps",
    "quality": "quality_scores",
    "patterns": "candlestick_patterns",
    "signal": "signals",
    "funding": "funding_rates",
    "oi": "open_interest",
    "news": "news_feed",
    "whales": "whale_activity",
    "symbols": "instruments",
    "indicator": "indicators",
    "alert": "alerts",
}
"""What people call what we call otherwise; names that a database has not are left out."""
SUGGESTED: Final = 3
_MISTYPED: Final = 0.85
_LIKENESS: Final = 0.6
"""How alike a name must be to be suggested, by difflib's ratio (ours)."""


def similar(name: str, known: Iterable[str]) -> list[str]:
    """Known relations that may have been meant, the likeliest first.

    >>> similar("candles", ["ohlcv", "candle_gaps", "venues"])
    ['ohlcv', 'candle_gaps']
    >>> similar("signal_now", ["signals", "signals_now"])
    ['signals_now', 'signals']
    """
    names, wanted = sorted(known), name.lower().rpartition(".")[2]
    words = difflib.get_close_matches(wanted, OTHER_WORDS, n=1, cutoff=_MISTYPED)
    first = [OTHER_WORDS[word] for word in words if OTHER_WORDS[word] in names]
    near = difflib.get_close_matches(wanted, names, n=SUGGESTED, cutoff=_LIKENESS)
    stem = wanted.rstrip("s")
    parts = [each for each in names if len(stem) > 2 and stem in each]
    return list(dict.fromkeys([*first, *near, *parts]))[:SUGGESTED]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The rest of a sentence about a relation that there is not."""
    near = similar(name, known)
    meant = f"; did you mean {' or '.join(near)}?" if near else ";"
    return f"{meant} `alphapulse describe` lists all there are"


def named_in(statement: str, known: Iterable[str]) -> list[str]:
    """The relations that a statement reads, in their order: the names after FROM and JOIN that are known."""
    names = set(known)
    without = re.sub(r"--[^\n]*|'(?:[^']|'')*'", " ", statement)
    words = re.findall(r"(?i)\b(?:from|join)\s+(?:lateral\s+)?(?:public\.)?\"?([a-z_][\w]*)", without)
    words += re.findall(r"(?i)\bfrom\s+[\w\s]+?,\s*([a-z_]\w*)", without)
    return list(dict.fromkeys(word.lower() for word in words if word.lower() in names))
