"""What coins a text is about: names, tickers and pairs in it, and what they need beside them. Pure.

First come those that need no support; what they find supports the doubtful ones, names before tickers. The
title and the body are read one by one, since one can be all in capitals and the other not; they support each other.
"""

import re
from typing import Final, NamedTuple

from alphapulse_assets.news.linking.coins import QUOTES, Entry, Era, Phrase
from alphapulse_assets.news.linking.passage import Passage
from alphapulse_assets.news.linking.rules import RANK
from alphapulse_assets.news.linking.support import Doubt, supported
from alphapulse_assets.news.linking.tickers import Trust

UNITS: Final = frozenset({"USDT", "USDC", "BUSD", "FDUSD", "DAI", "TUSD"})
"""Stablecoins: an amount in them is a price, unless the text is about nothing else."""
_AMOUNT: Final = re.compile(r"^\d[\d.,]*[kKmMbB]?$|^(?:million|billion|thousand|mln|bn|M|B|K)$")


class Match(NamedTuple):
    """A coin that was found, and by what."""

    rule: str
    mention: str


class Found:
    """What was found so far in a text, and what is in doubt."""

    __slots__ = ("doubts", "matches", "units")

    def __init__(self) -> None:
        self.matches: dict[str, Match] = {}
        self.doubts: list[Doubt] = []
        self.units: list[tuple[str, str]] = []

    def add(self, coin: str, rule: str, mention: str) -> None:
        """Keep the strongest rule of each coin, and of equal ones the first."""
        old = self.matches.get(coin)
        if old is None or RANK[rule] < RANK[old.rule]:
            self.matches[coin] = Match(rule, mention)


def match(title: str, body: str, era: Era, crypto: bool = False) -> dict[str, Match]:
    """Coins of a text that was made ready (reading.py), and how each was found.

    `crypto`: whether it comes from where nothing but crypto is written of.
    """
    found = Found()
    passages = []
    for text in (title, body):
        if text:
            passage = Passage(text, era)
            passages.append(passage)
            _read(passage, era, found)
            if era.foreign is not None and not text.isascii():
                for name in era.foreign.findall(text):
                    found.add(era.foreign_coins[name], "name", name)
    if found.doubts:
        _settle(found, passages, crypto)
    for coin, mention in found.units if not found.matches else ():
        found.add(coin, "ticker", mention)
    return found.matches


def _settle(found: Found, passages: list[Passage], crypto: bool) -> None:
    """Names first, then tickers, and once more, as one supports the other."""
    doubts = sorted(found.doubts, key=lambda doubt: doubt.is_ticker)
    for _ in range(2):
        left = []
        for doubt in doubts:
            if supported(doubt, passages, found.matches.keys(), crypto):
                found.add(doubt.coin, doubt.rule, doubt.mention)
            else:
                left.append(doubt)
        if len(left) == len(doubts) or not left:
            return
        doubts = left


def _read(passage: Passage, era: Era, found: Found) -> None:
    done = -1
    for at in passage.hits:
        if at > done:
            done = max(at, _one(passage, era, at, found))


def _one(passage: Passage, era: Era, at: int, found: Found) -> int:
    """Judge the word at a place; the place of the last word that was used."""
    word, before, after = passage.words[at], passage.gaps[at], passage.gaps[at + 1]
    entry = passage.entry(at, era)
    signed = before[-1:] in ("$", "#")
    if signed and entry.ticker and not word.isdigit():
        if before[-1] == "$":
            return _cashtag(passage, at, entry, found)
    for phrase in entry.phrases:
        last = _phrase_end(passage, at, phrase)
        if last:
            _phrase(passage, at, last, phrase, found)
            return last
    if entry.pair:
        found.add(entry.pair, "pair", word)
        return at
    if entry.ticker:
        last = _pair_end(passage, at)
        if last:
            found.add(entry.ticker, "pair", passage.quote(at, last))
            return last
        if _ticker(passage, at, entry, found):
            return at
    if entry.name:
        rule = "hashtag" if before[-1:] == "#" else "name"
        if entry.mark in ("", "^"):
            found.add(entry.name, rule, word)
        else:
            found.doubts.append(Doubt(passage, at, at, entry.name, entry.mark, False, Trust.DOUBTED, word))
    return at


def _cashtag(passage: Passage, at: int, entry: Entry, found: Found) -> int:
    word = passage.words[at]
    assert entry.ticker is not None
    if entry.trust is Trust.ANY_CASE:
        found.add(entry.ticker, "cashtag", "$" + word)
    else:
        found.doubts.append(Doubt(passage, at, at, entry.ticker, "$", True, entry.trust, "$" + word))
    return at


def _ticker(passage: Passage, at: int, entry: Entry, found: Found) -> bool:
    """Whether the ticker is believed at once; otherwise it is noted as a doubt where it can become one."""
    word, before, after = passage.words[at], passage.gaps[at], passage.gaps[at + 1]
    assert entry.ticker is not None
    if entry.trust is Trust.ANY_CASE or (
        entry.trust is Trust.PLAIN and word.isupper() and not passage.capitals
    ):
        if entry.ticker in UNITS and at and _AMOUNT.match(passage.words[at - 1]):
            found.units.append((entry.ticker, word))
            return True
        enclosed = before[-1:] == "(" and after[:1] == ")" and at > 0
        rule = "parenthesised" if enclosed else "hashtag" if before[-1:] == "#" else "ticker"
        found.add(entry.ticker, rule, word)
        return True
    if word.isupper() or before[-1:] == "#":
        found.doubts.append(Doubt(passage, at, at, entry.ticker, "", True, entry.trust, word))
    return False


def _phrase_end(passage: Passage, at: int, phrase: Phrase) -> int:
    """Place of a name's last word, if the words from `at` on are that name; else 0."""
    last = at + len(phrase.rest)
    if last >= len(passage.words):
        return 0
    for place, wanted in enumerate(phrase.rest, at + 1):
        if passage.gaps[place] not in (" ", ".", "-") or passage.words[place].lower() != wanted:
            return 0
        if passage.gaps[place] == "-" and not phrase.mark:
            return 0
        if not passage.words[at][0].islower() and passage.words[place][0].islower() and phrase.mark:
            return 0
    return last


_CASH: Final = frozenset(
    {"settled", "flow", "flows", "out", "reserves", "withdrawals", "payments", "cow", "back", "in", "app"}
)


def _phrase(passage: Passage, at: int, last: int, phrase: Phrase, found: Found) -> None:
    mention = passage.quote(at, last)
    if passage.words[last].lower() == "cash" and passage.lower(last + 1) in _CASH:
        found.add(_plain(passage, at) or phrase.coin, "name", passage.words[at])
        return
    if phrase.mark in ("?", "!"):
        found.doubts.append(Doubt(passage, at, last, phrase.coin, phrase.mark, False, Trust.DOUBTED, mention))
    else:
        found.add(phrase.coin, "name", mention)


def _plain(passage: Passage, at: int) -> str | None:
    entry = passage.index.get(passage.words[at])
    return entry.name if entry else None


def _pair_end(passage: Passage, at: int) -> int:
    """Place of the quote, if a ticker is followed by one; else 0."""
    if at + 1 >= len(passage.words) or passage.gaps[at + 1] not in ("/", "-", "_", " / "):
        return 0
    word, quote = passage.words[at], passage.words[at + 1]
    same_case = word.isupper() == quote.isupper()
    weight = QUOTES.get(quote.upper(), 0)
    if not same_case or weight <= QUOTES.get(word.upper(), 0):
        return 0
    return at + 1
