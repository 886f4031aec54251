"""A title or a body, cut into words and what stands between them. Pure."""

import re
from typing import Final

from alphapulse_assets.news.linking.coins import Entry, Era
from alphapulse_assets.news.linking.context import CRYPTO, STOCK_TICKERS, STOCKS
from alphapulse_assets.news.linking.reading import LOOKALIKES
from alphapulse_assets.news.linking.words import WORDS

_WORD: Final = re.compile(r"([^\W_]+)")
_NOTHING: Final = Entry()


class Passage:
    """Words of a text; `gaps[i]` stands before word i, the last one behind the last word.

    What its letters say (capitals, titles, shouting) is worked out when it is asked for.
    """

    __slots__ = ("_facts", "gaps", "hits", "index", "words")

    def __init__(self, text: str, era: Era) -> None:
        parts = _WORD.split(text)
        self.words = parts[1::2]
        self.gaps = parts[0::2]
        self.index = index = era.index
        self._facts: dict[str, object] = {}
        if not text.isascii():
            self.words = [word if word.isascii() else _folded(word) for word in self.words]
        self.hits = [at for at, word in enumerate(self.words) if word in index]
        if "$" in text or "#" in text or "/" in text or "-" in text or "_" in text:
            self._add_signed(era)

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

    def entry(self, at: int, era: Era) -> Entry:
        """What the word at a place can mean."""
        word = self.words[at]
        return self.index.get(word) or era.any_case.get(word.lower(), _NOTHING)

    def quote(self, first: int, last: int) -> str:
        """The words from one place to another as they were written."""
        parts = [self.words[first]]
        for at in range(first + 1, last + 1):
            parts += (self.gaps[at], self.words[at])
        return "".join(parts)

    def lower(self, at: int) -> str:
        """The word at a place in lower case; "" outside."""
        return self.words[at].lower() if 0 <= at < len(self.words) else ""

    @property
    def capitals(self) -> bool:
        """Whether it is written in capitals, so that they mean nothing."""
        return bool(self._fact("capitals", self._capitals))

    @property
    def titled(self) -> bool:
        """Whether most words begin with a capital, so that one more means nothing."""
        return bool(self._fact("titled", self._titled))

    @property
    def shouts(self) -> bool:
        """Whether words of English are in capitals for emphasis, here and there."""
        return bool(self._fact("shouts", self._shouts))

    @property
    def vocabulary(self) -> frozenset[str]:
        """All words in lower case."""
        found = self._facts.get("vocabulary")
        if found is None:
            found = self._facts["vocabulary"] = frozenset(word.lower() for word in self.words)
        return found  # type: ignore[return-value]

    @property
    def crypto(self) -> bool:
        """Whether a word of it is of crypto."""
        return bool(self._fact("crypto", lambda: not CRYPTO.isdisjoint(self.vocabulary)))

    @property
    def stocks(self) -> bool:
        """Whether a word of it is of stocks."""
        return bool(
            self._fact(
                "stocks",
                lambda: (
                    not STOCKS.isdisjoint(self.vocabulary)
                    or any(
                        w in STOCK_TICKERS
                        for w, g in zip(self.words, self.gaps, strict=False)
                        if g[-1:] == "$"
                    )
                ),
            )
        )

    def _fact(self, name, work):  # type: ignore[no-untyped-def]
        if name not in self._facts:
            self._facts[name] = work()
        return self._facts[name]

    def _others(self) -> list[str]:
        return [word for word in self.words if len(word) > 1 and word.isalpha() and word not in self.index]

    def _capitals(self) -> bool:
        others = self._others()
        upper = sum(word.isupper() for word in others)
        return upper >= 2 and upper >= 0.7 * len(others)

    def _titled(self) -> bool:
        others = [word for word in self._others()[1:] if len(word) > 3 and not word.isupper()]
        return len(others) < 2 or sum(word[0].isupper() for word in others) >= 0.6 * len(others)

    def _shouts(self) -> bool:
        return (
            sum(word.isupper() and (len(word) > 2) and word.lower() in WORDS for word in self._others()) >= 1
        )


def _folded(word: str) -> str:
    """Latin letters for those that look like them, in a word that has both."""
    latin = word.translate(LOOKALIKES)
    return (
        latin if latin.isascii() and any(letter.isascii() and letter.isalpha() for letter in word) else word
    )
