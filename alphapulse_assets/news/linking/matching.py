"""What coins a text is about: names, tickers and pairs in it, and what they need beside them. Pure.

First come those that need no support; what they find supports the doubtful ones, names before tickers.
Title and body are read one by one, as one can be all in capitals and the other not; they support each other.
"""

import re
from typing import Final, NamedTuple

from alphapulse_assets.news.linking.coins import QUOTES, Entry, Era, Phrase
from alphapulse_assets.news.linking.context import AFTER, EXCHANGES, words
from alphapulse_assets.news.linking.doubts import Doubt, Evidence, following, means_else
from alphapulse_assets.news.linking.other_meanings import BESIDE, ELSEWHERE, KINDS
from alphapulse_assets.news.linking.passage import Passage
from alphapulse_assets.news.linking.rules import RANK
from alphapulse_assets.news.linking.support import supported
from alphapulse_assets.news.linking.tickers import Trust

UNITS: Final = frozenset({"USDT", "USDC", "BUSD", "FDUSD", "DAI", "TUSD"})
"""Stablecoins: an amount in them is a price, unless the text is about nothing else."""
_AMOUNT: Final = re.compile(r"^\d[\d.,]*[kKmMbB]?$|^(?:million|billion|thousand|mln|bn|M|B|K)$")
_AFTER_CASH: Final = words("settled flow flows out reserves withdrawals payments cow back app")
"""After "Bitcoin Cash": it is Bitcoin's cash."""


class Match(NamedTuple):
    """A coin that was found, and by what."""

    rule: str
    mention: str


class Found:
    """What was found in a text: the strongest rule of each coin, and what is, or was, in doubt."""

    __slots__ = ("doubts", "matches", "passages", "units")

    def __init__(self) -> None:
        self.matches: dict[str, Match] = {}
        self.passages: list[Passage] = []
        self.doubts: list[Doubt] = []
        self.units: list[tuple[str, str]] = []

    def add(self, coin: str, rule: str, mention: str) -> None:
        """Keep the strongest rule of each coin, and of equal ones the first."""
        old = self.matches.get(coin)
        if old is None or RANK[rule] < RANK[old.rule]:
            self.matches[coin] = Match(rule, mention)


def match(title: str, body: str, era: Era, crypto: bool = False) -> Found:
    """Coins of a text that was made ready (reading.py), and how each was found.

    `crypto`: whether it comes from where nothing but crypto is written of.
    """
    found = Found()
    for text in (title, body):
        if not text:
            continue
        passage = Passage(text, era)
        found.passages.append(passage)
        _read(passage, era, found)
        if era.foreign is not None and not text.isascii():
            for name in era.foreign.findall(text):
                found.add(era.foreign_coins[name], "name", name)
    if found.doubts:
        _settle(found, crypto)
    for coin, mention in found.units if not found.matches else ():
        found.add(coin, "ticker", mention)
    return found


def _settle(found: Found, crypto: bool) -> None:
    """Names first, then tickers, and once more, as one supports the other."""
    doubts = sorted(found.doubts, key=lambda doubt: doubt.is_ticker)
    told = Evidence.of(found.matches, doubts, found.passages, crypto)
    for _ in range(2):
        left = []
        for doubt in doubts:
            if supported(doubt, told):
                found.add(doubt.coin, doubt.rule, doubt.mention)
            else:
                left.append(doubt)
        if not left or len(left) == len(doubts):
            return
        doubts = left


def _read(passage: Passage, era: Era, found: Found) -> None:
    for at, coin in passage.pairs.items():
        found.add(coin, "pair", passage.words[at])
    done = -1
    for at in passage.hits:
        if at <= done:
            continue
        entry = passage.index.get(passage.words[at])
        if entry is None:
            done = _signed(passage, at, era.any_case[passage.words[at].lower()], found)
        else:
            done = _one(passage, at, entry, found)


def _signed(passage: Passage, at: int, entry: Entry, found: Found) -> int:
    """Judge a ticker in another case than its own; the place of the last word that was used."""
    coin, word, sign = entry.ticker, passage.words[at], passage.gaps[at][-1:]
    assert coin is not None
    if sign == "$" and not word.isdigit():
        _cashtag(passage, at, entry, found)
    elif sign == "#":
        _hashtag(passage, at, entry, found)
    elif last := _pair_end(passage, at):
        found.add(coin, "pair", passage.quote(at, last))
        return last
    return at


def _one(passage: Passage, at: int, entry: Entry, found: Found) -> int:
    """Judge the word at a place; the place of the last word that was used."""
    if entry.ticker and passage.gaps[at][-1:] == "$" and not passage.words[at].isdigit():
        _cashtag(passage, at, entry, found)
        return at
    for phrase in entry.phrases:
        last = _phrase_end(passage, at, phrase)
        if last:
            _phrase(passage, at, last, phrase, found)
            return last
    if entry.ticker:
        last = _pair_end(passage, at)
        if last:
            found.add(entry.ticker, "pair", passage.quote(at, last))
            return last
        if _ticker(passage, at, entry, found):
            return at
    if entry.name:
        _name(passage, at, entry, entry.name, found)
    return at


def _cashtag(passage: Passage, at: int, entry: Entry, found: Found) -> None:
    assert entry.ticker is not None
    mention = "$" + passage.words[at]
    if entry.trust is Trust.ANY_CASE:
        found.add(entry.ticker, "cashtag", mention)
    else:
        found.doubts.append(Doubt(passage, at, at, entry.ticker, "$", True, entry.trust, mention))


def _hashtag(passage: Passage, at: int, entry: Entry, found: Found) -> None:
    assert entry.ticker is not None
    if entry.trust <= Trust.PLAIN:
        found.add(entry.ticker, "hashtag", "#" + passage.words[at])
    else:
        mention = passage.words[at]
        found.doubts.append(Doubt(passage, at, at, entry.ticker, "#", True, entry.trust, mention))


def _ticker(passage: Passage, at: int, entry: Entry, found: Found) -> bool:
    """Whether the word is dealt with as a ticker: believed, or noted as a doubt."""
    word, before, after, coin = passage.words[at], passage.gaps[at], passage.gaps[at + 1], entry.ticker
    assert coin is not None
    if before[-1:] == "#":
        _hashtag(passage, at, entry, found)
        return True
    if before[:1] == ":" and passage.lower(at - 1) in EXCHANGES:
        return True
    doubt = Doubt(passage, at, at, coin, "", True, entry.trust, word)
    believed = entry.trust is Trust.ANY_CASE or (
        entry.trust is Trust.PLAIN and word.isupper() and not passage.capitals
    )
    if not believed:
        if word.isupper():
            found.doubts.append(doubt)
        return entry.name == coin and word.isupper() and entry.trust > Trust.PLAIN
    if _of_something_else(doubt):
        return True
    if coin in UNITS and at and _AMOUNT.match(passage.words[at - 1]):
        found.units.append((coin, word))
        return True
    enclosed = before[-1:] == "(" and after[:1] == ")" and at > 0
    found.add(coin, "parenthesised" if enclosed else "ticker", word)
    return True


def _of_something_else(doubt: Doubt) -> bool:
    word, passage = doubt.mention, doubt.passage
    if word in ELSEWHERE and not ELSEWHERE[word].isdisjoint(passage.vocabulary) and not passage.crypto:
        return True
    return word.lower() in BESIDE and means_else(doubt)


def _name(passage: Passage, at: int, entry: Entry, coin: str, found: Found) -> None:
    word, hashed = passage.words[at], passage.gaps[at][-1:] == "#"
    if word in KINDS and passage.lower(at + 1) in KINDS[word]:
        return
    if entry.mark in ("", "^"):
        found.add(coin, "hashtag" if hashed else "name", "#" + word if hashed else word)
    else:
        found.doubts.append(Doubt(passage, at, at, coin, entry.mark, False, Trust.DOUBTED, word))


def _phrase_end(passage: Passage, at: int, phrase: Phrase) -> int:
    """Place of a name's last word, if the words from `at` on are that name; else 0."""
    last = at + len(phrase.rest)
    if last >= len(passage.words):
        return 0
    raised = not passage.words[at][0].islower()
    for place, wanted in enumerate(phrase.rest, at + 1):
        gap, word = passage.gaps[place], passage.words[place]
        if word.lower() != wanted or gap not in ((" ", ".", "-") if phrase.mark else (" ", ".")):
            return 0
        if raised and word[0].islower() and (phrase.mark or wanted == "cash"):
            return 0
    return last


def _phrase(passage: Passage, at: int, last: int, phrase: Phrase, found: Found) -> None:
    mention = passage.quote(at, last)
    if passage.lower(last) == "cash" and passage.lower(last + 1) in _AFTER_CASH:
        entry = passage.entry(at)
        found.add((entry and entry.name) or phrase.coin, "name", passage.words[at])
    elif phrase.mark == "" and mention.lower() in BESIDE and _is_other(passage, at, last, phrase, mention):
        return
    elif phrase.mark in ("?", "!"):
        found.doubts.append(Doubt(passage, at, last, phrase.coin, phrase.mark, False, Trust.DOUBTED, mention))
    else:
        found.add(phrase.coin, "name", mention)


def _is_other(passage: Passage, at: int, last: int, phrase: Phrase, mention: str) -> bool:
    doubt = Doubt(passage, at, last, phrase.coin, "", False, Trust.DOUBTED, mention)
    return means_else(doubt) and following(doubt) not in AFTER


def _pair_end(passage: Passage, at: int) -> int:
    """Place of the quote, if a ticker is followed by one; else 0."""
    if at + 1 >= len(passage.words) or passage.gaps[at + 1] not in ("/", "-", "_", " / "):
        return 0
    word, quote = passage.words[at], passage.words[at + 1]
    outweighs = QUOTES.get(quote.upper(), 0) > QUOTES.get(word.upper(), 0)
    return at + 1 if outweighs and word.isupper() == quote.isupper() else 0
