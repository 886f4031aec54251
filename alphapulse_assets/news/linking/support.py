"""Whether a doubtful name or ticker is meant as the coin, by what stands around it. Pure."""

import re
from collections.abc import Set
from typing import Final, NamedTuple

from alphapulse_assets.news.linking.context import (
    AFTER,
    BEFORE,
    NOT_AFTER,
    NOT_BEFORE,
    STRONG_AFTER,
    words,
)
from alphapulse_assets.news.linking.passage import Passage
from alphapulse_assets.news.linking.tickers import ABBREVIATIONS, Trust

_CHANGE: Final = re.compile(r"^(?: is)?[: (]*[+\-\u2212\u2191\u2193\u25b2\u25bc]\s*$")
_FUNCTION: Final = words(
    """a an the of on in at to for and or but with by from as is are was were be why how what when where who
    will would could can may might should if than then while after before amid over under into onto via not
    no its his her their our your my this that these those now only vs versus layer-1 blockchain crypto
    altcoin altcoins rival network token coin protocol new says say hit"""
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
    def rule(self) -> str:
        """The rule by which it is linked if it is supported."""
        if self.mark == "$":
            return "cashtag"
        if self.mark == "!":
            return "company"
        if not self.is_ticker:
            return "supported_name"
        passage, at = self.passage, self.first
        if passage.gaps[at][-1:] == "(" and passage.gaps[at + 1][:1] == ")":
            return "parenthesised"
        return "supported_ticker"


def supported(doubt: Doubt, passages: list[Passage], coins: Set[str], outlet: bool) -> bool:
    """Whether the text says enough for it: `coins` were found already, an `outlet` writes of crypto only."""
    crypto = bool(coins) or any(passage.crypto for passage in passages)
    if doubt.mark == "$":
        return crypto or outlet or not any(passage.stocks for passage in passages)
    if doubt.is_ticker:
        return _ticker(doubt, coins, crypto or outlet, crypto)
    return _name(doubt, crypto or outlet)


def _ticker(doubt: Doubt, coins: Set[str], crypto: bool, told: bool) -> bool:
    passage, at = doubt.passage, doubt.first
    if passage.gaps[at][-1:] == "(" and passage.gaps[at + 1][:1] == ")":
        return _enclosed(doubt, crypto)
    if passage.gaps[at][-1:] == "#":
        return doubt.trust is not Trust.REFUSED and told
    if passage.capitals or _means_else(doubt):
        return False
    if _in_place(doubt, crypto):
        return True
    return doubt.trust is not Trust.REFUSED and crypto and not passage.shouts


def _enclosed(doubt: Doubt, crypto: bool) -> bool:
    """(ONE) behind a capitalised name, unless it abbreviates what stands before it."""
    passage, at = doubt.passage, doubt.first
    if not crypto or at == 0 or not passage.words[at - 1][:1].isupper():
        return False
    word = passage.words[at]
    initials = "".join(other[:1] for other in passage.words[max(0, at - len(word)) : at]).upper()
    return doubt.trust is not Trust.REFUSED or (initials != word and word not in ABBREVIATIONS)


def _means_else(doubt: Doubt) -> bool:
    passage, word = doubt.passage, doubt.mention.lower()
    after, before = passage.gaps[doubt.last + 1], passage.gaps[doubt.first]
    follows = passage.lower(doubt.last + 1) if after in (" ", "-") else ""
    precedes = passage.lower(doubt.first - 1) if before in (" ", "-") else ""
    return follows in NOT_AFTER.get(word, ()) or precedes in NOT_BEFORE.get(word, ()) or after == "&"


def _in_place(doubt: Doubt, crypto: bool) -> bool:
    """Where nothing but a coin stands: in a list of coins, before "token" or "+5%"."""
    passage, word = doubt.passage, doubt.passage.words[doubt.first]
    if word in ("A", "I") or word in ABBREVIATIONS:
        return False
    after = passage.gaps[doubt.last + 1]
    if _CHANGE.match(after) and passage.lower(doubt.last + 1)[:1].isdigit():
        return crypto
    follows = passage.lower(doubt.last + 1) if after == " " else ""
    if follows in STRONG_AFTER and doubt.trust < Trust.REFUSED:
        return True
    if crypto and (
        follows in AFTER or (passage.gaps[doubt.first] == " " and passage.lower(doubt.first - 1) in BEFORE)
    ):
        return not passage.shouts
    return _listed(doubt)


def _listed(doubt: Doubt) -> bool:
    """Whether a coin beyond doubt stands beside it in a list."""
    passage = doubt.passage
    for at, gap in (
        (doubt.first - 1, passage.gaps[doubt.first]),
        (doubt.last + 1, passage.gaps[doubt.last + 1]),
    ):
        if gap in (", ", ",", "/", " / ", " | ", " + ", " & ") and _sure(passage, at):
            return True
        step = at + (1 if at > doubt.last else -1)
        if gap in (" ", ", ") and passage.lower(at) in ("and", "or", "vs", "versus") and _sure(passage, step):
            return True
    return False


def _sure(passage: Passage, at: int) -> bool:
    if not 0 <= at < len(passage.words):
        return False
    entry = passage.index.get(passage.words[at])
    if entry is None:
        return False
    if entry.ticker and entry.trust <= Trust.PLAIN and (passage.words[at].isupper() or entry.trust == 0):
        return True
    return bool(entry.name) and entry.mark in ("", "^")


def _name(doubt: Doubt, crypto: bool) -> bool:
    passage = doubt.passage
    if _means_else(doubt):
        return False
    after = passage.gaps[doubt.last + 1]
    follows = passage.lower(doubt.last + 1) if after == " " else ""
    if follows in STRONG_AFTER or _listed(doubt):
        return True
    if not crypto:
        return False
    if after[:2] == " (" and passage.index.get(passage.words[min(doubt.last + 1, len(passage.words) - 1)]):
        return True
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
