"""Questions in words: terms, "phrases", OR, AND, NOT, minus and brackets, over the text of a story. Pure.

Searched is a story's text as readers would have it whole: what is said here, and the words that every article
about these coins has somewhere.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from alphapulse_sim.news_coins import BY_TICKER
from alphapulse_sim.stories import Story

Test = Callable[[str], bool]
"""Whether a text, as `searched` made it, is what was asked for."""
_TOKENS: Final = re.compile(r'"[^"]*"|\(|\)|[^\s()"]+')
_WORDS: Final = re.compile(r"[^\W_]+")
_EVERYWHERE: Final = "crypto cryptocurrency blockchain digital assets"


class QueryError(ValueError):
    """A question that cannot be read."""


def searched(*texts: str) -> str:
    """Texts in the form in which they are searched."""
    words = _WORDS.findall(" ".join(texts).lower())
    return f" {' '.join(words)} "


def whole_text(story: Story) -> str:
    """What a search engine has of an article."""
    names = [f"{coin} {BY_TICKER[coin].name}" for coin in story.coins]
    return searched(story.title, story.summary, *names, _EVERYWHERE)


def tokens_of(query: str) -> list[str]:
    """Words, phrases in their quotes, and brackets."""
    if query.count('"') % 2:
        raise QueryError("a quotation mark is not closed")
    return _TOKENS.findall(query)


@lru_cache(maxsize=256)
def parse(query: str) -> Test:
    """The test of a question; raises `QueryError`."""
    tokens = tokens_of(query)
    test, rest = _any_of(tokens, 0)
    if rest < len(tokens):
        raise QueryError("a bracket is closed that was not opened")
    return test


def _any_of(tokens: list[str], place: int) -> tuple[Test, int]:
    test, place = _all_of(tokens, place)
    tests = [test]
    while place < len(tokens) and tokens[place] == "OR":
        test, place = _all_of(tokens, place + 1)
        tests.append(test)
    return (tests[0] if len(tests) == 1 else lambda text: any(each(text) for each in tests)), place


def _all_of(tokens: list[str], place: int) -> tuple[Test, int]:
    tests: list[Test] = []
    while place < len(tokens) and tokens[place] not in ("OR", ")"):
        if tokens[place] == "AND":
            place += 1
            continue
        test, place = _one(tokens, place)
        tests.append(test)
    if not tests:
        raise QueryError("a word is missing")
    return (tests[0] if len(tests) == 1 else lambda text: all(each(text) for each in tests)), place


def _one(tokens: list[str], place: int) -> tuple[Test, int]:
    token = tokens[place]
    if token in ("NOT", "-"):
        if place + 1 >= len(tokens):
            raise QueryError("a word is missing")
        test, place = _one(tokens, place + 1)
        return (lambda text: not test(text)), place
    if token == "(":
        test, place = _any_of(tokens, place + 1)
        if place >= len(tokens):
            raise QueryError("a bracket is not closed")
        return test, place + 1
    words = searched(token.removeprefix("-").removeprefix("+"))
    if token.startswith("-"):
        return (lambda text: words not in text), place + 1
    return (lambda text: words in text), place + 1
