"""An expression in words: numbers, texts, names, timeframes in brackets, signs. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

LONGEST: Final = 2_000
"""Characters of an expression at most (ours)."""

Kind: TypeAlias = Literal["number", "text", "name", "timeframe", "sign", "end"]

_TOKEN: Final = re.compile(
    r"(?P<number>(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<text>\"[^\"\n]*\"|'[^'\"\n]*')"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<timeframe>\[\s*\w*\s*\])"
    r"|(?P<sign><=|>=|!=|<>|==|[<>=+\-*/()])",
    re.ASCII,
)
_BLANK: Final = re.compile(r"\s+")


class ExpressionError(ValueError):
    """An expression that cannot be read; the message points at the place. `column` runs from 1."""

    def __init__(self, words: str, text: str, column: int) -> None:
        self.words, self.text, self.column = words, text, column
        super().__init__(f"{words} (column {column})\n  {_shown(text)}\n  {' ' * (column - 1)}^")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of an expression and the column it begins in, from 1."""

    kind: Kind
    text: str
    column: int


def tokens(text: str) -> Iterator[Token]:
    """Its words, and the end. Raises ExpressionError at what is none."""
    if len(text) > LONGEST:
        raise ExpressionError(f"{len(text)} characters are too many: {LONGEST} is the most", text[:60], 1)
    at = 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = blank.end()
            continue
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionError(_unreadable(text[at]), text, at + 1)
        kind: Kind = found.lastgroup  # type: ignore[assignment]  # the pattern's groups are the kinds
        yield Token(kind, found[0], at + 1)
        at = found.end()
    yield Token("end", "", len(text) + 1)


def _unreadable(character: str) -> str:
    if character in "\"'":
        return "this text has no closing quote"
    if character in "[]":
        return "a timeframe is written [1h], right after its field"
    if character in "&|!":
        return "conditions are joined by the words and, or, not"
    return f"{character!r} means nothing here"


def _shown(text: str) -> str:
    """The expression in one line, column for column."""
    return "".join(each if each.isprintable() else " " for each in text)
