"""Whether a doubtful name or ticker is meant as the coin, by what stands around it. Pure."""

import re
from typing import Final

from alphapulse_assets.news.linking.context import (
    AFTER,
    AFTER_NAME,
    BEFORE,
    BEFORE_NAME,
    LEVELS,
    MOVES,
    PRICE_MOVES,
    STOCK_TICKERS,
    STRONG_AFTER,
    words,
)
from alphapulse_assets.news.linking.doubts import Doubt, Evidence, following, means_else
from alphapulse_assets.news.linking.lists import listed
from alphapulse_assets.news.linking.passage import Passage
from alphapulse_assets.news.linking.tickers import ABBREVIATIONS, FUNCTION, GOODS, INDICES, Trust

_CHANGE: Final = re.compile(r"^[: (]*[+\-\u2212\u2191\u2193\u25b2\u25bc]\s*$")
_STUDIES: Final = frozenset({"analysis", "prediction", "predictions", "forecast"})
"""After "price": headlines of such a kind are of coins."""
_WHOSE: Final = frozenset({"my", "some", "more", "all", "our", "his", "her"})
_SCALES: Final = frozenset({"thousand", "million", "billion", "mln", "bn"})
_FUNCTION: Final = words(
    """a an the of on in at to for and or but with by from as is are was were be why how what when
    where who will would could can may might should if than then while after before amid over under
    into onto via not no its his her their our your my this that these those now only vs versus
    blockchain crypto altcoin altcoins rival network token coin protocol new says say hit"""
)


def supported(doubt: Doubt, told: Evidence) -> bool:
    """Whether the text says enough for it."""
    crypto = told.crypto or bool(told.coins)
    if doubt.mark == "$":
        return _cashtag(doubt, told, crypto)
    if doubt.is_ticker:
        return _ticker(doubt, told, crypto)
    return _name(doubt, told, crypto)


def _cashtag(doubt: Doubt, told: Evidence, crypto: bool) -> bool:
    ticker = doubt.mention[1:].upper()
    if ticker in INDICES:
        return False
    return crypto or not (told.stocks or ticker in STOCK_TICKERS or len(ticker) == 1)


def why_not(doubt: Doubt, told: Evidence) -> str:
    """What a doubt that is not supported lacks, in words."""
    crypto = told.crypto or bool(told.coins)
    if doubt.mark == "$":
        return "it is a stock's, too, and nothing in the text is of crypto"
    if means_else(doubt):
        return "the word beside it makes it something else"
    if doubt.passage.capitals:
        return "the text is in capitals, which say nothing then"
    if not crypto:
        return "nothing in the text is of crypto"
    if doubt.is_ticker and doubt.passage.shouts:
        return "words of the text are in capitals for emphasis"
    if doubt.is_ticker:
        return 'it is a word, and no ticker\'s place: a list, before "token" or "jumps", behind "sold"'
    return "a noun before it makes it one of a kind"


def _ticker(doubt: Doubt, told: Evidence, crypto: bool) -> bool:
    passage = doubt.passage
    if doubt.enclosed:
        if told.stocks and doubt.trust >= Trust.WORD:
            return _named_before(doubt)
        return _named_before(doubt) or (crypto and _abbreviates_nothing(doubt))
    if doubt.mark == "#":
        return doubt.trust < Trust.REFUSED and crypto
    if passage.capitals or (told.stocks and passage.words[doubt.first] in STOCK_TICKERS):
        return False
    if crypto and _counted(passage, doubt.first, doubt.trust):
        return True
    if means_else(doubt):
        return False
    if listed(doubt, told, crypto):
        return True
    if doubt.coin in told.named and doubt.trust < Trust.REFUSED and not told.stocks:
        return True
    if doubt.trust is Trust.DOUBTED:
        return crypto and not passage.shouts
    return _in_place(doubt, told, crypto)


def _named_before(doubt: Doubt) -> bool:
    """Whether the coin's own name stands before the parenthesis: Vaulta (A)."""
    passage, at = doubt.passage, doubt.first
    for length in range(1, 5):
        entry = passage.index.get(passage.words[at - length]) if at >= length else None
        if length == 1 and passage.lower(at - 1) == passage.lower(at):
            return True
        if entry is None:
            continue
        if length == 1 and entry.name == doubt.coin:
            return True
        rest = tuple(passage.lower(place) for place in range(at - length + 1, at))
        if any(phrase.coin == doubt.coin and phrase.rest == rest for phrase in entry.phrases):
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
    if word in GOODS:
        return following(doubt) in STRONG_AFTER
    after = passage.gaps[doubt.last + 1]
    if _CHANGE.match(after) and passage.lower(doubt.last + 1)[:1].isdigit():
        return True
    follows = following(doubt)
    if follows in STRONG_AFTER and word not in FUNCTION:
        return not told.stocks or follows in ("token", "coin")
    if follows == "price" and passage.lower(doubt.last + 2) in _STUDIES and word not in FUNCTION:
        return True
    if passage.shouts:
        return False
    if doubt.trust is not Trust.REFUSED and (follows in ("etf", "etfs") or _priced(doubt)):
        return not told.stocks
    if after == "'" and passage.lower(doubt.last + 1) == "s" and follows in AFTER:
        return doubt.trust is not Trust.REFUSED or crypto
    if doubt.trust < Trust.REFUSED and doubt.mention != "GAS" and _owned(passage, doubt.first):
        return not told.stocks
    if follows in MOVES and (crypto or doubt.coin in told.named or _moves(doubt, follows)):
        return crypto or not told.stocks
    if not (crypto or doubt.coin in told.named):
        return False
    if doubt.trust is Trust.REFUSED:
        return False
    if doubt.first == 0 and after == ": ":
        return True
    return follows in AFTER or _owned(passage, doubt.first)


def _moves(doubt: Doubt, follows: str) -> bool:
    """Whether it moves as prices do, or by per cent: WAVES tumbles, ONE is up 3%. Gas does so itself."""
    passage = doubt.passage
    if doubt.mention == "GAS":
        return False
    if doubt.trust < Trust.REFUSED and follows in PRICE_MOVES:
        return True
    ahead = range(doubt.last + 2, min(doubt.last + 6, len(passage.words)))
    return any(passage.words[at].isdigit() and passage.gaps[at + 1][:1] == "%" for at in ahead)


def _priced(doubt: Doubt) -> bool:
    """Whether a price in dollars follows: NEAR under $3."""
    passage, at = doubt.passage, doubt.last + 1
    return passage.lower(at) in LEVELS and passage.gaps[at] == " " and passage.gaps[at + 1][-1:] == "$"


def _owned(passage: Passage, at: int) -> bool:
    """Whether it is bought, sold or held: sold SAND, sold my SAND."""
    if passage.gaps[at] != " ":
        return False
    if passage.lower(at - 1) in _WHOSE:
        at -= 1
    return passage.lower(at - 1) in BEFORE


def _counted(passage: Passage, at: int, level: Trust) -> bool:
    """Whether an amount stands before it: 2 million LINK, 30 SAND; before a loud word a large one."""
    if passage.gaps[at] != " ":
        return False
    scaled = passage.lower(at - 1) in _SCALES
    number = at - 2 if scaled else at - 1
    if not passage.lower(number)[:1].isdigit() or passage.gaps[number][-1:] == "$":
        return False
    return level < Trust.REFUSED or scaled or passage.gaps[number] == ","


def _name(doubt: Doubt, told: Evidence, crypto: bool) -> bool:
    passage = doubt.passage
    if means_else(doubt):
        return False
    if listed(doubt, told, crypto):
        return True
    follows = following(doubt)
    if follows in STRONG_AFTER or (doubt.coin in told.named and not told.stocks):
        return True
    if not passage.titled and not told.stocks and _described(doubt):
        return True
    if not crypto and doubt.mark != "!":
        return False
    if passage.capitals:
        return follows in AFTER
    return not passage.titled or not _modified(doubt)


def _described(doubt: Doubt) -> bool:
    """Whether a word in lower case beside it says what it is: lending protocol Compound, Render network."""
    passage, at = doubt.passage, doubt.last + 1
    behind = passage.words[at] if at < len(passage.words) and passage.gaps[at] == " " else ""
    if behind in AFTER_NAME or behind in ("Labs", "DAO"):
        return True
    before = passage.words[doubt.first - 1] if doubt.first and passage.gaps[doubt.first] == " " else ""
    return before in BEFORE_NAME


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
