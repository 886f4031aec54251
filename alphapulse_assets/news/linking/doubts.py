"""Names and tickers in doubt: where they stand, and what the words beside them make of them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from alphapulse_assets.news.linking.context import AFTER, DETERMINERS, STILL
from alphapulse_assets.news.linking.other_meanings import BESIDE, NOTHING
from alphapulse_assets.news.linking.passage import Passage
from alphapulse_assets.news.linking.tickers import Trust

_RULES: Final = {"$": "cashtag", "#": "hashtag", "!": "company"}


_BEFORE_PRICES: Final = frozenset({"near", "high", "low", "one"})
"""Words that stand before prices."""


class Doubt(NamedTuple):
    """A name or ticker that needs support: its place, the coin, its mark ("?", "!", "$", "#" or "")."""

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
        if self.mark in _RULES:
            return _RULES[self.mark]
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
        stocks = any(passage.stocks for passage in passages)
        return cls(coins, crypto, stocks, _named_and_ticked(doubts) if len(doubts) > 1 else frozenset())


def _named_and_ticked(doubts: Sequence[Doubt]) -> frozenset[str]:
    tickers = {doubt.coin: doubt for doubt in doubts if doubt.is_ticker}
    found = set()
    for name in doubts:
        ticker = None if name.is_ticker else tickers.get(name.coin)
        if ticker is None or ticker.mention.lower() == name.mention.lower():
            continue
        if not means_else(name) and not means_else(ticker):
            found.add(name.coin)
    return frozenset(found)


def means_else(doubt: Doubt) -> bool:
    """Whether its neighbours make it another word: Compound interest, cash flow, S&P."""
    passage, word = doubt.passage, doubt.mention.lower()
    after, before = passage.gaps[doubt.last + 1], passage.gaps[doubt.first]
    follows = passage.lower(doubt.last + 1) if after in (" ", "-") else ""
    precedes = passage.lower(doubt.first - 1) if before in (" ", "-") else ""
    if word in _BEFORE_PRICES and (after[-1:] == "$" or follows[:1].isdigit()):
        return True
    beside = BESIDE.get(word, NOTHING)
    if follows in beside.after or precedes in beside.before or after[:1] == "&":
        return True
    return precedes in DETERMINERS and doubt.mark in ("?", "!") and following(doubt) not in AFTER


def following(doubt: Doubt) -> str:
    """The word behind it, in lower case: of "NEAR's price" and "WAVES still falls" it is the last."""
    passage, at = doubt.passage, doubt.last + 1
    if passage.gaps[at] in ("'", "\u2019") and passage.lower(at) == "s":
        at += 1
    follows = passage.lower(at) if passage.gaps[min(at, len(passage.gaps) - 1)] == " " else ""
    if follows in STILL and follows not in AFTER and passage.gaps[at + 1] == " ":
        return passage.lower(at + 1)
    return follows
