"""What is wrong, for `alphapulse status`, by the rules of the sensor `platform_watch`, in limited time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread
from typing import Any, Final

import psycopg
from rich.text import Text

from alphapulse_assets.operations.looking import look
from alphapulse_assets.operations.rules import EVENT_KINDS, RULE_KINDS, Trouble, troubles
from alphapulse_assets.operations.state import State
from alphapulse_assets.operations.telling import OpenAlert, as_trouble
from alphapulse_cli.database import CommandError, find_dsn, here
from alphapulse_cli.errors import unreachable
from alphapulse_cli.output import console, print_json, without_secrets
from alphapulse_resources.database.applied import pending_migrations
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.connection import NoDatabaseError
from alphapulse_resources.postgres.embedded import EmbeddedPostgresError
from alphapulse_resources.settings import Settings

SECONDS: Final = 25.0
"""Time limit of a look (ours): a check that hangs is no check."""
STYLES: Final = {"critical": "bold red", "warning": "yellow", "info": ""}
OK, WARNING, CRITICAL = 0, 1, 2
"""Exit codes, as monitoring programs of Nagios' kind read them."""


def check(*, as_json: bool, ignored: Sequence[str]) -> int:
    """Print a line for each thing that is wrong; the exit code."""
    if unknown := set(ignored) - RULE_KINDS - EVENT_KINDS:
        known = ", ".join(sorted(RULE_KINDS | EVENT_KINDS))
        raise CommandError(f"there is no kind {', '.join(sorted(unknown))}; there are: {known}")
    wrong = [each for each in find_wrong(here()) if each.kind not in ignored]
    if as_json:
        print_json({"ok": not wrong, "wrong": records(wrong)})
    elif not wrong:
        console().print("ok: nothing is wrong")
    for trouble in () if as_json else wrong:
        console().print(line(trouble), soft_wrap=True)
    if any(trouble.severity == "critical" for trouble in wrong):
        return CRITICAL
    return WARNING if wrong else OK


def find_wrong(settings: Settings) -> list[Trouble]:
    """All that is wrong now, worst first. Never takes much longer than `SECONDS`, whatever hangs."""
    found: list[list[Trouble]] = []
    failed: list[Exception] = []

    def ask() -> None:
        try:
            found.append(_ask(settings))
        except Exception as error:
            failed.append(error)

    thread = Thread(target=ask, name="status", daemon=True)
    thread.start()
    thread.join(SECONDS)
    if failed:
        raise failed[0]
    return found[0] if found else [_database(f"the database did not answer within {SECONDS:.0f} s")]


def line(trouble: Trouble) -> Text:
    """A trouble in one line, without anything that moves a terminal's cursor."""
    about = "" if trouble.subject in (trouble.kind, "database") else f" {trouble.subject}"
    said = f"{trouble.kind}{about}: {without_secrets(trouble.title)}"
    said = "".join(each if each.isprintable() else " " for each in said)
    return Text.assemble((trouble.severity, STYLES[trouble.severity]), f" {said}")


def records(wrong: Sequence[Trouble]) -> list[dict[str, Any]]:
    """Troubles as JSON shows them."""
    names = ("severity", "kind", "subject", "title", "detail")
    return [{name: getattr(trouble, name) for name in names} for trouble in wrong]


def _ask(settings: Settings) -> list[Trouble]:
    try:
        dsn = find_dsn(settings)
        _, pending = pending_migrations(dsn)
        try:
            state, rows = look(Database(dsn), settings)
        except psycopg.errors.ProgrammingError:  # a relation or function of a migration that is pending
            if not pending:
                raise
            return troubles(State(at=datetime.now(UTC), pending_migrations=pending))
    except (NoDatabaseError, EmbeddedPostgresError) as error:
        return [_database(str(error))]
    except psycopg.OperationalError as error:
        return [_database(unreachable(str(error)))]
    return of_state(replace(state, pending_migrations=pending), rows)


def of_state(state: State, rows: Sequence[OpenAlert]) -> list[Trouble]:
    """By the rules, and by what is open that one look cannot see: what lasts, what an event told of."""
    is_open = {(row.kind, row.subject) for row in rows}
    seen = [each for each in troubles(state) if not each.lasting or (each.kind, each.subject) in is_open]
    told = [as_trouble(row) for row in rows if row.kind not in RULE_KINDS and row.severity != "info"]
    return sorted([*seen, *told], key=lambda each: each.severity != "critical")


def _database(said: str) -> Trouble:
    lines = [each.strip() for each in said.strip().splitlines() if each.strip()]
    return Trouble("database", "database", "critical", lines[0] if lines else "no answer")
