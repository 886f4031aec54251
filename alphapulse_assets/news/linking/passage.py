"""A title or a body, cut into words and what stands between them. Pure."""

import re
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from alphapulse_assets.news.linking.coins import ENDS, Entry, Era
from alphapulse_assets.news.linking.context import CRYPTO, STOCK_TICKERS, STOCKS
from alphapulse_assets.news.linking.reading import folded
from alphapulse_assets.news.linking.words import WORDS

_WORD: Final = re.compile(r"([^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+)")
"""Words of scripts with spaces between them: a Latin name inside Japanese or Chinese is one of its own."""
_LOUD_SHARE: Final = 0.7
"""Share of words in capitals from which on capitals mean nothing (ours)."""
_TITLE_SHARE: Final = 0.6
"""Share of longer words that begin with a capital from which on it is a headline of capitals (ours)."""

_Found = TypeVar("_Found")


class once(Generic[_Found]):
    """A property that is worked out when it is first asked for, and kept.

    `functools.cached_property` takes a lock before Python 3.12, which costs more than what is kept here.
    """

    def __init__(self, work: Callable[[Any], _Found]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    def __get__(self, owner: Any, kind: type) -> _Found:
        found = owner.__dict__[self._name] = self._work(owner)
        return found


class Passage:
    """Words of a text; `gaps[i]` stands before word i, the last one behind the last word.

    `hits` are the places of words that can mean a coin, `pairs` those of pairs in one word (NEARUSDT).
    What its letters say (capitals, headlines, emphasis) is worked out when it is asked for.
    """

    def __init__(self, text: str, era: Era) -> None:
        parts = _WORD.split(text)
        self.words = parts[1::2]
        self.gaps = parts[0::2]
        self.index = index = era.written
        if not text.isascii():
            self.words = [word if word.isascii() else folded(word) for word in self.words]
        self.hits = [at for at, word in enumerate(self.words) if word in index]
        self.pairs: dict[int, str] = {}
        if "USD" in text or "usd" in text or "BTC" in text or "btc" in text or "PERP" in text:
            self._add_pairs(era)
        if "$" in text or "#" in text or "/" in text or "-" in text or "_" in text:
            self._add_signed(era)

    def _add_pairs(self, era: Era) -> None:
        for at, word in enumerate(self.words):
            if word[-3:] in ENDS and len(word) > 4 and word not in self.index and (coin := era.glued(word)):
                self.pairs[at] = coin

    def _add_signed(self, era: Era) -> None:
        any_case, gaps = era.any_case, self.gaps
        more = [
            at
            for at, word in enumerate(self.words)
            if (gaps[at][-1:] in ("$", "#") or gaps[at + 1] in ("/", "-", "_"))
            and word not in self.index
            and word.lower() in any_case
        ]
        if more:
            self.hits = sorted((*self.hits, *more))

    def quote(self, first: int, last: int) -> str:
        """The words from one place to another as they were written."""
        parts = [self.words[first]]
        for at in range(first + 1, last + 1):
            parts += (self.gaps[at], self.words[at])
        return "".join(parts)

    def lower(self, at: int) -> str:
        """The word at a place in lower case; "" outside."""
        return self.words[at].lower() if 0 <= at < len(self.words) else ""

    def entry(self, at: int) -> Entry | None:
        """What the word at a place can mean as it is written; nothing outside."""
        return self.index.get(self.words[at]) if 0 <= at < len(self.words) else None

    @once
    def capitals(self) -> bool:
        """Whether it is written in capitals, so that they mean nothing."""
        others = self._others
        upper = sum(word.isupper() for word in others)
        return upper >= 2 and upper >= _LOUD_SHARE * len(others)

    @once
    def titled(self) -> bool:
        """Whether most words begin with a capital, so that one more means nothing."""
        others = [word for word in self._others[1:] if len(word) > 3 and not word.isupper()]
        return len(others) < 2 or sum(word[0].isupper() for word in others) >= _TITLE_SHARE * len(others)

    @once
    def shouts(self) -> bool:
        """Whether words of English are in capitals for emphasis, here and there."""
        return any(word.isupper() and len(word) > 2 and word.lower() in WORDS for word in self._others)

    @once
    def vocabulary(self) -> frozenset[str]:
        """All words in lower case."""
        return frozenset(word.lower() for word in self.words)

    @once
    def crypto(self) -> bool:
        """Whether a word of it is of crypto."""
        return any(
            word.lower() in CRYPTO and not (word.isupper() and word in self.index) for word in self.words
        )

    @once
    def stocks(self) -> bool:
        """Whether a word of it is of stocks, or a stock's cashtag."""
        if not STOCKS.isdisjoint(self.vocabulary):
            return True
        signed = zip(self.words, self.gaps, strict=False)
        return any(word in STOCK_TICKERS and gap[-1:] == "$" for word, gap in signed)

    @once
    def _others(self) -> list[str]:
        return [word for word in self.words if len(word) > 1 and word.isalpha() and word not in self.index]
