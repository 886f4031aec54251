"""Names of venues and symbols: what may be one, what was meant, what a terminal may show. Pure.

Nothing that a terminal obeys, that hides or turns text round, or that quotes is part of a name. The database
refuses the same (`check_name` in sql/migrations/0021_imports.sql), whoever makes a name.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 64
"""Characters of a name at most; the longest symbols of any venue have some thirty (ours)."""
SIMILAR: Final = 0.6
"""How alike names must be for one to be suggested, by difflib's ratio (ours)."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of characters that steer a terminal, have no width or turn the direction of text."""
_QUOTES: Final = frozenset("\"'`\\;<>")
_UNIFIED: Final = re.compile(r"[^/:\s]+/[^/:\s]+(?::[^/:\s]+)?")


class NameRefusedError(ValueError):
    """A name that is none, or that nobody knows. The message says what may have been meant."""


def printable(text: str) -> str:
    """The text with every character that a terminal would obey or hide as its code; lines stay lines."""
    if text.isprintable():
        return text
    return "".join(_code(each) if _is_unseen(each) and each not in "\n\t" else each for each in text)


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN


def _code(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def check_name(what: str, name: str) -> None:
    """Raise NameRefusedError for what cannot be the name of a `what` (venue, symbol)."""
    if not name:
        raise NameRefusedError(f"the {what} is empty")
    if len(name) > LONGEST:
        raise NameRefusedError(
            f"the {what} {printable(name[:20])!r}... has {len(name)} characters; {LONGEST} is the most"
        )
    if any(_is_unseen(each) or each.isspace() or each in _QUOTES for each in name):
        shown = printable(name).replace("\n", "\\x0a").replace("\t", "\\x09")
        raise NameRefusedError(
            f"the {what} '{shown}' has a blank, a quote or a character that cannot be seen in it"
        )


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Known names that are much like this one, letters' case and punctuation aside, best first."""
    plain = {_plain(each): each for each in sorted(known, reverse=True)}
    return [plain[found] for found in difflib.get_close_matches(_plain(name), plain, n=count, cutoff=SIMILAR)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about a name that nobody knows."""
    found = nearest(name, known)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def known_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that this is but for blanks around it and its letters' case."""
    wanted, names = name.strip(), list(known)
    if wanted in names:
        return wanted
    same = [each for each in names if each.casefold() == wanted.casefold()]
    return same[0] if len(same) == 1 else None


def venue_name(name: str, known: Iterable[str], *, new: bool = False) -> str:
    """The venue that is meant; `new` lets a name that is not known be one."""
    known = set(known)
    if found := known_name(name, known):
        return found
    check_name("venue", name.strip())
    if new:
        return name.strip()
    suggested = did_you_mean(name, known) or "."
    raise NameRefusedError(
        f"venue {name.strip()!r} is not known{suggested} --new-venue makes it known as it is written"
    )


def symbol_name(name: str, known: Iterable[str]) -> str:
    """The symbol that is meant: a known one in any case, or the unified form in capital letters."""
    known = set(known)
    if found := known_name(name, known):
        return found
    symbol = name.strip()
    check_name("symbol", symbol)
    if not _UNIFIED.fullmatch(symbol):
        raise NameRefusedError(
            f"symbol {symbol!r} is not in the form BASE/QUOTE or BASE/QUOTE:SETTLE, for example BTC/USDT"
            f"{did_you_mean(symbol, known)}"
        )
    return symbol.upper()


def _plain(name: str) -> str:
    """Letters and digits only, in one case: BTC-USDT is BTC/USDT."""
    return "".join(letter for letter in name.casefold() if letter.isalnum()) or name
