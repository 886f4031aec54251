"""Whether a doubtful name or ticker stands in a list of coins: SOL, NEAR and ONE. Pure."""

from typing import Final

from alphapulse_assets.news.linking.doubts import Doubt, Evidence, means_else
from alphapulse_assets.news.linking.passage import Passage
from alphapulse_assets.news.linking.tickers import ABBREVIATIONS, GOODS, Trust

_COMMAS: Final = frozenset({", ", ",", "/", " / ", " | ", " + ", " & "})
_JOINED: Final = frozenset({"and", "or", "vs", "versus"})
_LONG: Final = 3
"""Tickers in a row that need no other support."""


def listed(doubt: Doubt, told: Evidence, crypto: bool) -> bool:
    """Whether a coin beyond doubt stands beside it, or enough that can be coins do.

    Enough are three tickers; two in a text of crypto, if one of them is no word said loudly; two names, or
    a name and a ticker, if capitals mean something.
    """
    passage, word = doubt.passage, doubt.passage.words[doubt.first]
    if word in ("A", "I") or word in ABBREVIATIONS or word in GOODS:
        return False
    steps = (_step(passage, doubt.first, -1), _step(passage, doubt.last, 1))
    beside = [at for at in steps if at is not None]
    if any(_sure(doubt, at, told) for at in beside):
        return True
    if passage.shouts or passage.capitals:
        return False
    if not doubt.is_ticker or doubt.trust < Trust.REFUSED:
        named = not passage.titled and not means_else(doubt) and any(_named(passage, at) for at in beside)
        if named or not doubt.is_ticker:
            return named
    members = [word, *_run(passage, doubt.first, -1), *_run(passage, doubt.last, 1)]
    if len(members) >= _LONG:
        return True
    quiet = any(passage.index[member].trust < Trust.REFUSED for member in members)
    return crypto and quiet and len(members) > 1


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


def _run(passage: Passage, at: int, way: int) -> list[str]:
    """Tickers in capitals that follow each other in a list, from a place on in one direction."""
    found = []
    while (step := _step(passage, at, way)) is not None:
        word = passage.words[step]
        entry = passage.index.get(word)
        if entry is None or not entry.ticker or not word.isupper() or word in ABBREVIATIONS:
            break
        found.append(word)
        at = step
    return found


def _sure(doubt: Doubt, at: int, told: Evidence) -> bool:
    """Whether a coin beyond doubt stands there. Behind a comma a name can begin another clause, so that it
    supports no word that is said loudly."""
    passage, entry = doubt.passage, doubt.passage.entry(at)
    if entry is None:
        return False
    if entry.ticker and entry.trust <= Trust.PLAIN and passage.words[at].isupper():
        return True
    if not entry.name or (entry.mark not in ("", "^") and entry.name not in told.coins):
        return False
    return not (doubt.is_ticker and doubt.trust is Trust.REFUSED and at == doubt.last + 1)


def _named(passage: Passage, at: int) -> bool:
    """Whether a doubtful name stands there, with a capital, or a ticker that is no word said loudly."""
    entry, word = passage.entry(at), passage.words[at]
    if entry is None or not word[0].isupper():
        return False
    return entry.mark in ("?", "!") or (word.isupper() and entry.trust < Trust.REFUSED)
