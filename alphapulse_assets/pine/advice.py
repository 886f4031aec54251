"""What the reader of a script should know: repainting, looking ahead, what cannot be had here. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from alphapulse_assets.pine.diagnostics import Diagnostic, Severity
from alphapulse_assets.pine.front_end import every, nodes

UNSUPPORTED: Final = {
    "request.footprint": "volume by price within a bar is not stored",
    "request.financial": "figures of companies are not stored",
    "request.economic": "figures of economies are not stored",
    "request.earnings": "figures of companies are not stored",
    "request.dividends": "figures of companies are not stored",
    "request.splits": "figures of companies are not stored",
    "request.quandl": "it is not served any more",
    "request.seed": "data of a repository are not fetched",
}
"""What a script may ask of TradingView and not of stored candles, and why."""
_REALTIME: Final = {
    "barstate.isrealtime": "on stored bars it is never true",
    "barstate.isnew": "on stored bars it is always true",
    "timenow": "it is the time of the run, and no bar's",
}
_AHEAD: Final = "barmerge.lookahead_on"


def advice(script: nodes.Script) -> Iterator[Diagnostic]:
    """Warnings: where a script's past is not what it was at the time."""
    for node in every(script):
        if isinstance(node, nodes.FunctionCall) and isinstance(node.func, str):
            yield from _of_call(node)
        if isinstance(node, nodes.Identifier) and node.name in _REALTIME:
            yield _warning(node, "W202", f"{node.name}: {_REALTIME[node.name]}", "use barstate.isconfirmed")
        if isinstance(node, nodes.VaripDecl):
            yield _warning(
                node, "W202", f"varip {node.name}: stored bars have no ticks", "it acts as var here"
            )
    made = script.script_decl
    for name in ("calc_on_every_tick", "calc_on_order_fills"):
        value = made.kwargs.get(name) if made is not None else None
        if isinstance(value, nodes.Literal) and value.value is True:
            yield _warning(made, "W202", f"{name}: a script is run once a bar here", "")


def unsupported(script: nodes.Script) -> Iterator[Diagnostic]:
    """Errors: what cannot be had from stored candles, each by its name."""
    for each in script.imports:
        told = f"{each.user}/{each.library}/{each.version}"
        yield _error(
            each, f"import {told}: not supported", "copy what is used of the library into the script"
        )
    if isinstance(script.script_decl, nodes.LibraryDecl):
        yield _error(script.script_decl, "library(): not supported", "a library does nothing by itself")
    for node in every(script):
        if isinstance(node, nodes.FunctionCall) and isinstance(node.func, str) and node.func in UNSUPPORTED:
            yield _error(node, f"{node.func}: not supported", UNSUPPORTED[node.func])


def _of_call(node: nodes.FunctionCall) -> Iterator[Diagnostic]:
    if node.func == "request.security":
        named = node.kwargs.get("lookahead") or (node.args[4] if len(node.args) > 4 else None)
        if isinstance(named, nodes.Identifier) and named.name == _AHEAD and not _of_past(node):
            yield _warning(
                node, "W201", "request.security with lookahead_on sees the end of a bar at its begin",
                "ask for the bar before, as close[1], or leave lookahead out",
            )  # fmt: skip
        elif not _of_past(node) and named is None:
            yield _warning(
                node, "W203", "request.security of a bar that is not over repaints in real time",
                "confirmed bars alone are used here; on TradingView ask for close[1] with lookahead_on",
            )  # fmt: skip
    offset = node.kwargs.get("offset")
    if (
        isinstance(offset, nodes.UnaryOp)
        and offset.op == "-"
        and re.match(r"plot|bgcolor|barcolor", str(node.func))
    ):
        yield _warning(
            node, "W205", f"{node.func} with an offset below 0 draws at bars before it was known",
            "what is stored of it stays at the bar that knew",
        )  # fmt: skip


def _of_past(node: nodes.FunctionCall) -> bool:
    """Whether the expression is of a bar before."""
    expression = node.kwargs.get("expression") or (node.args[2] if len(node.args) > 2 else None)
    return isinstance(expression, nodes.IndexAccess)


def _warning(node: nodes.ASTNode, code: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(node.line, node.column, Severity.WARNING, code, message, hint)


def _error(node: nodes.ASTNode, message: str, hint: str) -> Diagnostic:
    return Diagnostic(node.line, node.column, Severity.ERROR, "P501", message, hint)
