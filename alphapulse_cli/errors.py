"""Errors of the command line: one clear line, no secret, exit code 1; a traceback only on demand."""

import os
import traceback
from typing import Any, Final

import typer
from typer.core import TyperGroup

PLAIN: Final = frozenset(
    {
        "AccountError",
        "AnalystError",
        "CommandError",
        "NoDatabaseError",
        "PoolBusyError",
        "EmbeddedPostgresError",
        "CandleFileError",
        "ExportError",
        "ExpressionError",
        "LabelledTextsError",
        "MissingExtraError",
        "VenueError",
        "DemoError",
        "ProcessError",
        "RefusedError",
        "SchemaError",
        "SettingsError",
        "TradingError",
        "UndoError",
    }
)
"""Errors whose message is written for the person at the terminal; named, as importing them takes a second."""

RAISED_BY_US: Final = "22023"
"""State of the errors that our own SQL functions raise; they are complete sentences."""


class Commands(TyperGroup):
    """A group whose commands' exceptions become one line on standard error."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; `ALPHAPULSE_DEBUG=1` shows where an error came from."""
        try:
            return super().invoke(ctx)
        except (typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if hasattr(error, "exit_code"):  # typer's own: a wrong option, an exit
                raise
            from alphapulse_cli.output import fail

            if os.environ.get("ALPHAPULSE_DEBUG") == "1":
                fail(traceback.format_exc().rstrip())
            else:
                fail(describe(error))
            raise typer.Exit(1) from None


def describe(error: Exception) -> str:
    """What went wrong, for the person at the terminal."""
    kinds = {kind.__name__: kind.__module__ for kind in type(error).__mro__}
    text = str(error).strip()
    if kinds.keys() & PLAIN:
        return text
    first = text.splitlines()[0] if text else ""
    if kinds.get("Error", "").startswith("psycopg"):
        return (
            f"the database cannot be reached: {first}"
            if _is_connection(kinds, error)
            else _said(error, first)
        )
    if "FileNotFoundError" in kinds or "PermissionError" in kinds:
        return first
    return f"{type(error).__name__}: {first} (ALPHAPULSE_DEBUG=1 shows where)"


def _is_connection(kinds: dict[str, str], error: Exception) -> bool:
    # an error that a server reported has a state; one without never got through
    return "OperationalError" in kinds and getattr(error, "sqlstate", None) is None


def _said(error: Exception, first: str) -> str:
    if getattr(error, "sqlstate", None) == RAISED_BY_US:
        return first
    hint = getattr(getattr(error, "diag", None), "message_hint", None)
    return f"the database says: {first}" + (f" ({hint})" if hint else "")
