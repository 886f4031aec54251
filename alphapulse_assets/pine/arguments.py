"""Arguments that a call's tree does not show: named twice, or without a name after named ones. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from alphapulse_assets.pine.diagnostics import Diagnostic, Severity

_LAYOUT: Final = ("NEWLINE", "INDENT", "DEDENT")
_OPENING: Final = ("LPAREN", "LBRACKET")
_CLOSING: Final = ("RPAREN", "RBRACKET")


def misplaced_arguments(tokens: Iterable[Any]) -> Iterator[Diagnostic]:
    """What is wrong with the order and the names of arguments; `tokens` are the front end's."""
    read = [each for each in tokens if each.type.name not in _LAYOUT]
    named: list[set[str]] = []  # of each bracket that is open, the names given so far
    for before, token, after in zip(read, read[1:], read[2:], strict=False):
        if before.type.name in _OPENING:
            named.append(set())
        elif before.type.name in _CLOSING and named:
            named.pop()
        if not named or before.type.name not in ("LPAREN", "COMMA"):
            continue
        if after.type.name == "ASSIGN":
            if token.value in named[-1]:
                yield _error(token, "P204", f"{token.value} is given twice", "")
            named[-1].add(token.value)
        elif named[-1] and before.type.name == "COMMA":
            yield _error(token, "P205", "an argument without a name after one with a name", "name it too")


def _error(token: Any, code: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(token.line, token.column, Severity.ERROR, code, message, hint)
