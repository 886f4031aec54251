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
        "LabelledTextsError",
        "MissingExtraError",
        "VenueError",
        "DemoError",
        "ProcessError",
        "SchemaError",
        "SettingsError",
        "TradingError",
        "UndoError",
    }
)
"""Errors whose message is written for the person at the terminal; named, as importing them takes a second."""

RAISED_BY_US: Final = "22023"
"""State of the errors that our own SQL functions raise; they are complete sentences."""


class CommandError(Exception):
    """The command cannot do what was asked. The message is all that is printed."""


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
        return unreachable(text) if _is_connection(kinds, error) else _said(error, first)
    if "FileNotFoundError" in kinds or "PermissionError" in kinds:
        return first
    return f"{type(error).__name__}: {first} (ALPHAPULSE_DEBUG=1 shows where)"


_UNREACHABLE: Final = (
    ("does not exist", "make it on that server (CREATE DATABASE ...) and run `alphapulse migrate`"),
    ("authentication failed", "correct the user or the password, which is percent-encoded in a URL"),
    ("no password supplied", "put the password behind the user and a colon"),
    ("resolve host", "correct the host's name, or look whether this machine is on the network"),
    ("Connection refused", "is the server up, and is the port right?"),
    ("No such file or directory", "is the server up? It has no socket there"),
    ("timeout expired", "is the server up, and does a firewall let this machine through?"),
    ("too many clients", "the server has no session left: end some, or raise its max_connections"),
    ("starting up", "it is starting: call again in a moment"),
)  # fmt: skip
"""What to do, by what the server or the way to it says; the first phrase that is in it counts."""


def unreachable(said: str) -> str:
    """That the database cannot be reached, why, and what to do next."""
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()]
    first = lines[0] if lines else "no answer"
    what = next((cure for phrase, cure in _UNREACHABLE if phrase in said), "is the server up?")
    where = (
        "ALPHAPULSE_DSN" if os.environ.get("ALPHAPULSE_DSN") else "the embedded server (alphapulse db start)"
    )
    named = f"ALPHAPULSE_DSN names it: {what}" if where == "ALPHAPULSE_DSN" else f"it is {where}: {what}"
    return f"the database cannot be reached: {first}. {named}"


def _is_connection(kinds: dict[str, str], error: Exception) -> bool:
    # an error that a server reported has a state; one without never got through
    return "OperationalError" in kinds and getattr(error, "sqlstate", None) is None


def _said(error: Exception, first: str) -> str:
    if getattr(error, "sqlstate", None) == RAISED_BY_US:
        return first
    hint = getattr(getattr(error, "diag", None), "message_hint", None)
    return f"the database says: {first}" + (f" ({hint})" if hint else "")
