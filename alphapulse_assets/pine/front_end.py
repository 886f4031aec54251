"""The front end: Pine source to its tree, by pine2pyne (Apache-2.0). The one module that knows that library.

Another front end would take its place by giving the same tree of `nodes` and the same `SourceError`.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

import pine2pyne
from pine2pyne import ast_nodes as nodes
from pine2pyne.ast_nodes import Script
from pine2pyne.pine_semantics import check_script

from alphapulse_assets.pine.arguments import misplaced_arguments
from alphapulse_assets.pine.diagnostics import Diagnostic, Severity

MOST_BYTES: Final = 400_000
"""Longest source that is read (ours): several times what TradingView takes."""
DEEPEST: Final = 200
"""Brackets within each other that are read (ours); the parser is recursive."""
_VERSION: Final = re.compile(r"^\s*//\s*@version\s*=\s*(\d+)", re.MULTILINE)
_CONSTANT: Final = re.compile(
    r"^[ \t]*(?:var(?:ip)?[ \t]+)?const[ \t]+[\w.<>, \[\]]+?[ \t]+(\w+)[ \t]*=", re.MULTILINE
)
_OLD_ARRAY: Final = re.compile(r"\b([A-Za-z_][\w.]*)\[\](?=\s+[A-Za-z_])")
_OPENING, _CLOSING = "([{", ")]}"

__all__ = ["Parsed", "children", "every", "nodes", "parse", "version_of"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A script's tree, or why there is none."""

    script: Script | None
    diagnostics: tuple[Diagnostic, ...] = ()
    constants: frozenset[str] = frozenset()  # variables declared as const, which the tree does not tell


def version_of(source: str) -> int | None:
    """The version that a script says it is written in."""
    found = _VERSION.search(source)
    return int(found[1]) if found else None


def parse(source: str) -> Parsed:
    """The tree of a script; what cannot be read is told with its place. Never raises over a source."""
    if (refused := _refused(source)) is not None:
        return Parsed(None, (refused,))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            script = _read(source)
            found = [*map(_of_scopes, check_script(script)), *misplaced_arguments(pine2pyne.tokenize(source))]
    except pine2pyne.Pine2PyneError as error:
        return Parsed(None, (_told(error),))
    except RecursionError:
        return Parsed(None, (_error("P004", "expressions are too deep within each other"),))
    except Exception as error:  # the parser is another's: whatever it stumbles over is told of the script
        return Parsed(None, (_error("P001", f"the parser gave up on it ({type(error).__name__})"),))
    return Parsed(script, tuple(found), frozenset(_CONSTANT.findall(source)))


def _read(source: str) -> Script:
    """The tree; where it cannot be read, of the script with `float[]` written as `array<float>`.

    Both are the same type (User Manual, Arrays); the parser knows the second one everywhere.
    """
    try:
        return pine2pyne.parse_source(source)[0]
    except pine2pyne.Pine2PyneError:
        respelled = _OLD_ARRAY.sub(r"array<\1>", source)
        if respelled == source:
            raise
        try:
            return pine2pyne.parse_source(respelled)[0]
        except pine2pyne.Pine2PyneError:
            pass
        raise


def _of_scopes(found: Any) -> Diagnostic:
    """What the front end finds about scopes; a `ta.*` call that is skipped on some bars is no error."""
    severity = Severity.WARNING if "history" in found.code and found.severity == "warn" else Severity.ERROR
    code = "W204" if severity is Severity.WARNING else "P108"
    message = re.sub(r" \(the output keeps .*\)$", "", found.message)
    return Diagnostic(found.line, found.column, severity, code, message)


def _refused(source: str) -> Diagnostic | None:
    """Why a source is not even looked at: too large, too deep, or not text."""
    if len(source) > MOST_BYTES:
        return _error("P004", f"the script has {len(source):,} characters; {MOST_BYTES:,} are read at most")
    if "\0" in source:
        return _error("P004", "the script holds zero bytes: it is not text")
    depth = deepest = 0
    for character in source:
        depth += (character in _OPENING) - (character in _CLOSING)
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        return _error("P004", f"brackets are {deepest} deep within each other; {DEEPEST} are read at most")
    return None


def _error(code: str, message: str) -> Diagnostic:
    return Diagnostic(0, 0, Severity.ERROR, code, message)


def _told(error: Any) -> Diagnostic:
    line, column = getattr(error, "line", None) or 0, getattr(error, "column", None) or 0
    message = re.sub(r"^Error at \d+:\d+: ", "", str(error)).strip()
    return Diagnostic(line, column, Severity.ERROR, "P001", f"cannot be read: {message}")


def children(node: nodes.ASTNode) -> list[nodes.ASTNode]:
    """The nodes right below one, in no special order."""
    found: list[nodes.ASTNode] = []

    def take(value: Any) -> None:
        if isinstance(value, nodes.ASTNode):
            found.append(value)
        elif isinstance(value, dict):
            for each in value.values():
                take(each)
        elif isinstance(value, (list, tuple)):
            for each in value:
                take(each)

    for each in fields(node):
        take(getattr(node, each.name))
    return found


def every(node: nodes.ASTNode) -> Iterator[nodes.ASTNode]:
    """A node and all below it, in no special order."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += children(found)
