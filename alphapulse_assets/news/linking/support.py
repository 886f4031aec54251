"""Whether a doubtful name or ticker is meant as the coin, by what stands around it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from alphapulse_assets.news.linking.context import (
    AFTER,
    BEFORE,
    MOVES,
    NOT_AFTER,
    NOT_BEFORE,
    STRONG_AFTER,
    words,
)
from alphapulse_assets.news.linking.passage import Passage
from alphapulse_assets.news.linking.tickers import ABBREVIATIONS, FUNCTION, Trust

_CHANGE: Final = re.compile(r"^[: (]*[+\-\u2212\u2191\u2193\u25b2\u25bc]\s*$")
_COMMAS: Final = frozenset({", ", ",", "/", " / ", " | ", " + ", " & "})
_JOINED: Final = frozenset({"and", "or", "vs", "versus"})
_BEFORE_PRICES: Final = frozenset({"near", "high", "low", "one"})
"""Words that stand before prices."""
_FUNCTION: Final = words(
    """a an the of on in at to for and or but with by from as is are was were be why how what when where who
    will would could can may might should if than then while after before amid over under into onto via not
    no its his her their our your my this that these those now only vs versus blockchain crypto altcoin
    altcoins rival network token coin protocol new says say hit"""
)


class Doubt(NamedTuple):
    """A name or ticker that needs support: its place, the coin, its mark ("?", "!", "$" or "")."""

    passage: Passage
    first: int
    last: int
    coin: str
    mark: str
    is_ticker: bool
    trust: Trust
    mention: str

    @property
    def enclosed(self) -> bool:
        """Whether it stands in parentheses."""
        return self.passage.gaps[self.first][-1:] == "(" and self.passage.gaps[self.last + 1][:1] == ")"

    @property
    def rule(self) -> str:
        """The rule by which it is linked if it is supported."""
        if self.mark in ("$", "!"):
            return "cashtag" if self.mark == "$" else "company"
        if not self.is_ticker:
            return "supported_name"
        return "parenthesised" if self.enclosed else "supported_ticker"


@dataclass(slots=True)
class Evidence:
    """What a text says beside the doubt: coins found already, words of crypto and of stocks."""

    coins: Mapping[str, object]
    crypto: bool
    """A word of crypto, or an outlet that writes of nothing else."""
    stocks: bool
    named: frozenset[str]
    """Coins with both a doubtful name and a doubtful ticker that differ: each supports the other."""

    @classmethod
    def of(
        cls, coins: Mapping[str, object], doubts: Sequence[Doubt], passages: Iterable[Passage], outlet: bool
    ) -> "Evidence":
        """Of what was read; `coins` is looked at as it grows."""
        crypto = outlet or any(passage.crypto for passage in passages)
        usable = [doubt for doubt in doubts if not means_else(doubt)]
        tickers = {doubt.coin: doubt.mention.lower() for doubt in usable if doubt.is_ticker}
        named = (
            d.coin
            for d in usable
            if not d.is_ticker and tickers.get(d.coin, d.mention.lower()) != d.mention.lower()
        )
        return cls(coins, crypto, any(passage.stocks for passage in passages), frozenset(named))


def supported(doubt: Doubt, told: Evidence) -> bool:
    """Whether the text says enough for it."""
    crypto = told.crypto or bool(told.coins)
    if doubt.mark == "$":
        return crypto or not told.stocks
    if doubt.is_ticker:
        return _ticker(doubt, told, crypto)
    return _name(doubt, told, crypto)


def means_else(doubt: Doubt) -> bool:
    """Whether its neighbours make it another word: Compound interest, cash flow, S&P."""
    passage, word = doubt.passage, doubt.mention.lower()
    after, before = passage.gaps[doubt.last + 1], passage.gaps[doubt.first]
    follows = passage.lower(doubt.last + 1) if after in (" ", "-") else ""
    precedes = passage.lower(doubt.first - 1) if before in (" ", "-") else ""
    if word in _BEFORE_PRICES and (after[-1:] == "$" or follows[:1].isdigit()):
        return True
    return follows in NOT_AFTER.get(word, ()) or precedes in NOT_BEFORE.get(word, ()) or after[:1] == "&"


def _ticker(doubt: Doubt, told: Evidence, crypto: bool) -> bool:
    passage = doubt.passage
    if doubt.enclosed:
        return _named_before(doubt) or (crypto and _abbreviates_nothing(doubt))
    if passage.gaps[doubt.first][-1:] == "#":
        return doubt.trust < Trust.REFUSED and crypto
    if passage.capitals:
        return False
    if _listed(doubt, told):
        return True
    if means_else(doubt):
        return False
    if doubt.coin in told.named and doubt.trust < Trust.REFUSED:
        return True
    if doubt.trust is Trust.DOUBTED:
        return crypto and not passage.shouts
    return _in_place(doubt, told, crypto)


def _named_before(doubt: Doubt) -> bool:
    """Whether the coin's own name stands before the parenthesis: Vaulta (A)."""
    passage, at = doubt.passage, doubt.first
    for length in range(1, 5):
        entry = passage.index.get(passage.words[at - length]) if at >= length else None
        if entry is None:
            continue
        if length == 1 and entry.name == doubt.coin:
            return True
        if any(phrase.coin == doubt.coin and len(phrase.rest) == length - 1 for phrase in entry.phrases):
            return True
    return False


def _abbreviates_nothing(doubt: Doubt) -> bool:
    """Whether a name stands before the parenthesis that the ticker is not simply the initials of."""
    passage, at = doubt.passage, doubt.first
    if at == 0 or not passage.words[at - 1][:1].isupper():
        return False
    word = passage.words[at]
    initials = "".join(other[:1] for other in passage.words[max(0, at - len(word)) : at]).upper()
    return word not in ABBREVIATIONS and (initials != word or doubt.trust < Trust.WORD)


def _in_place(doubt: Doubt, told: Evidence, crypto: bool) -> bool:
    """Where a ticker stands, and hardly a word: before "token", "jumps" or "+5%", behind "sold"."""
    passage, word = doubt.passage, doubt.passage.words[doubt.first]
    if word in ("A", "I") or word in ABBREVIATIONS:
        return False
    after = passage.gaps[doubt.last + 1]
    if _CHANGE.match(after) and passage.lower(doubt.last + 1)[:1].isdigit():
        return True
    follows = passage.lower(doubt.last + 1) if after == " " else ""
    if follows in STRONG_AFTER and word not in FUNCTION:
        return True
    if not (crypto or doubt.coin in told.named) or passage.shouts:
        return False
    if follows in MOVES:
        return True
    if doubt.trust is Trust.REFUSED:
        return False
    return follows in AFTER or (passage.gaps[doubt.first] == " " and passage.lower(doubt.first - 1) in BEFORE)


def _listed(doubt: Doubt, told: Evidence) -> bool:
    """Whether it stands in a list beside a coin beyond doubt, or with two more tickers."""
    passage = doubt.passage
    if passage.words[doubt.first] in ("A", "I") or passage.words[doubt.first] in ABBREVIATIONS:
        return False
    beside = [at for at in (_step(passage, doubt.first, -1), _step(passage, doubt.last, 1)) if at is not None]
    if any(_sure(passage, at, told) for at in beside):
        return True
    if not doubt.is_ticker or passage.shouts:
        return False
    count = sum(_looks_listed(passage, at) for at in beside)
    for at, way in zip(
        beside,
        (-1, 1) if len(beside) > 1 else (-1 if beside and beside[0] < doubt.first else 1,),
        strict=False,
    ):
        further = _step(passage, at, way)
        count += further is not None and _looks_listed(passage, at) and _looks_listed(passage, further)
    return count >= 2


def _step(passage: Passage, at: int, way: int) -> int | None:
    """Place of the next member of a list, if `at` is one of a list."""
    gap = passage.gaps[at if way < 0 else at + 1]
    to = at + way
    if not 0 <= to < len(passage.words):
        return None
    if gap in (" ", ", ") and passage.lower(to) in _JOINED:
        to += way
        return to if 0 <= to < len(passage.words) else None
    return to if gap in _COMMAS else None


def _looks_listed(passage: Passage, at: int) -> bool:
    word = passage.words[at]
    entry = passage.index.get(word)
    return entry is not None and entry.ticker is not None and word.isupper() and word not in ABBREVIATIONS


def _sure(passage: Passage, at: int, told: Evidence) -> bool:
    entry = passage.index.get(passage.words[at])
    if entry is None:
        return False
    if entry.ticker and entry.trust <= Trust.PLAIN and passage.words[at].isupper():
        return True
    return bool(entry.name) and (entry.mark in ("", "^") or entry.name in told.coins)


def _name(doubt: Doubt, told: Evidence, crypto: bool) -> bool:
    passage = doubt.passage
    if _listed(doubt, told):
        return True
    if means_else(doubt):
        return False
    after = passage.gaps[doubt.last + 1]
    follows = passage.lower(doubt.last + 1) if after == " " else ""
    if follows in STRONG_AFTER or doubt.coin in told.named:
        return True
    if not crypto and doubt.mark != "!":
        return False
    if passage.capitals:
        return follows in AFTER
    return not passage.titled or not _modified(doubt)


def _modified(doubt: Doubt) -> bool:
    """Whether a noun before it makes it one of a kind, in a headline of capitals: Liquidation Avalanche."""
    passage, at = doubt.passage, doubt.first
    if at == 0 or passage.gaps[at] != " ":
        return False
    before = passage.lower(at - 1)
    known = passage.index.get(passage.words[at - 1])
    return not (
        before in _FUNCTION
        or before.endswith(("s", "ed", "ing"))
        or before.isdigit()
        or (known and known.name)
    )
