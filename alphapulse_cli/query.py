"""`alphapulse sql`: one statement as an analyst, in a read-only transaction with a time limit."""

import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from alphapulse_cli.database import CommandError, find_dsn
from alphapulse_cli.output import Format, notes, print_rows
from alphapulse_resources.database.analyst import analyst_connection
from alphapulse_resources.database.client import SQL_DIRECTORY
from alphapulse_resources.settings import Settings, get_settings

QUERIES: Final = SQL_DIRECTORY / "queries"
TABLE_ROWS: Final = 200
"""Rows of a table that are printed when nothing else is asked for (ours)."""


MORE: Final = "--all, --vertical, --format csv"
"""How to see the columns for which there was no room."""


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A query that comes with AlphaPulse."""

    name: str
    description: str  # its first comment line
    path: Path


def run(text: str | None, file: Path | None, name: str | None, *, form: str, limit: int | None) -> None:
    """Print what one statement gives: a SELECT, or anything else that only reads (EXPLAIN, SHOW)."""
    style = parse_format(form)
    statement = _statement(text, file, name)
    most = (TABLE_ROWS if style.for_people else 0) if limit is None else limit
    settings = get_settings()
    with analyst_connection(settings, find_dsn(settings), application_name="alphapulse sql") as connection:
        _restrict(connection, settings)
        try:
            names = _columns(connection, statement)
            if style is Format.JSON and (twice := {name for name in names if names.count(name) > 1}):
                raise CommandError(f"two columns are called {min(twice)!r}; give each its own name with AS")
            # closing cancels what is still to come: leaving the session would wait for it
            with connection.cursor() as cursor, closing(_rows(cursor, statement)) as rows:
                count = print_rows(names, islice(rows, most) if most else rows, style, more=MORE)
                if most and count == most and next(rows, None) is not None:
                    notes().print(f"the first {most} rows; --limit 0 prints all")
        except psycopg.errors.QueryCanceled as error:
            raise CommandError(
                f"stopped after {settings.analysts.timeout_seconds} s, the time limit of analysts "
                "(ALPHAPULSE_ANALYSTS__TIMEOUT_SECONDS): ask for less, or for a shorter time"
            ) from error
        except psycopg.Error as error:
            raise CommandError(_explain(error, statement)) from error


def list_queries(form: str) -> None:
    """Print the names of the stored queries."""
    rows = [(query.name, query.description) for query in stored_queries()]
    print_rows(("query", "what it shows"), rows, parse_format(form))


def stored_queries() -> list[StoredQuery]:
    """The queries in sql/queries, by name."""
    return [
        StoredQuery(path.stem, _description(path.read_text()), path) for path in sorted(QUERIES.glob("*.sql"))
    ]


def parse_format(text: str) -> Format:
    """The output format of that name."""
    try:
        return Format(text)
    except ValueError:
        raise CommandError(f"format {text!r} is not known: use {', '.join(Format)}") from None


def _statement(text: str | None, file: Path | None, name: str | None) -> str:
    if sum(given is not None for given in (text, file, name)) != 1:
        raise CommandError("give one of: a statement, --file, --query (see --list)")
    if name is not None:
        return _find_query(name).path.read_text()
    if file is not None:
        return sys.stdin.read() if str(file) == "-" else file.read_text()
    return text or ""


def _find_query(name: str) -> StoredQuery:
    known = stored_queries()
    found = [query for query in known if query.name == name] or [q for q in known if q.name.startswith(name)]
    if len(found) != 1:
        which = "several queries begin with" if found else "there is no query"
        names = ", ".join(query.name for query in found or known) or "none"
        raise CommandError(f"{which} {name!r}; there are: {names}")
    return found[0]


def _description(text: str) -> str:
    first = text.strip().splitlines()[0] if text.strip() else ""
    return first.lstrip("- ").strip() if first.startswith("--") else ""


def _restrict(connection: psycopg.Connection[Any], settings: Settings) -> None:
    """A read-only transaction in UTC with a time limit, whatever the role's own settings say."""
    connection.read_only = True
    connection.execute("SET LOCAL TIME ZONE 'UTC'")
    connection.execute(
        sql.SQL("SET LOCAL statement_timeout = {}").format(
            sql.Literal(settings.analysts.timeout_seconds * 1000)
        )
    )


def _columns(connection: psycopg.Connection[Any], statement: str) -> list[str]:
    """Names of the columns the statement gives, before it runs. More than one statement is refused here."""
    server = connection.pgconn
    for answer in (server.prepare(b"", statement.encode()), server.describe_prepared(b"")):
        if answer.status != ExecStatus.COMMAND_OK:
            raise error_from_result(answer)
    names = [(answer.fname(index) or b"").decode() for index in range(answer.nfields)]
    if not names:
        raise CommandError("the statement gives no rows; ask with SELECT (or EXPLAIN, SHOW)")
    return names


def _rows(cursor: psycopg.Cursor[Any], statement: str) -> Generator[Any, None, None]:
    yield from cursor.stream(statement.encode())


def _explain(error: psycopg.Error, statement: str) -> str:
    """One line: what the server says, its hint, and the line of the statement."""
    said = error.diag.message_primary or str(error).strip().splitlines()[0]
    position = error.diag.statement_position
    line = statement.count("\n", 0, int(position) - 1) + 1 if position else 0
    where = f" (line {line})" if line > 1 else ""
    hint = f"; {error.diag.message_hint}" if error.diag.message_hint else ""
    return f"the database says: {said}{where}{hint}"
