"""`alphapulse sql`: one statement as an analyst, in a read-only transaction with a time limit."""

import re
import sys
from collections.abc import Generator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from alphapulse_cli.database import CommandError, find_dsn, here
from alphapulse_cli.nothing import why_no_rows
from alphapulse_cli.output import Format, hint, parse_format, print_rows
from alphapulse_cli.stored_queries import find_query, stored_queries
from alphapulse_resources.database.analyst import analyst_connection
from alphapulse_resources.relations import did_you_mean, named_in
from alphapulse_resources.settings import Settings

TABLE_ROWS: Final = 200
"""Rows of a table that are printed when nothing else is asked for (ours)."""
MORE: Final = "--all, --vertical, --format csv"
"""How to see the columns for which there was no room."""

_RELATIONS: Final = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND relname !~ 'yoyo'
"""


def run(text: str | None, file: Path | None, name: str | None, *, form: str, limit: int | None) -> None:
    """Print what one statement gives: a SELECT, or anything else that only reads (EXPLAIN, SHOW)."""
    style = parse_format(form)
    statement = _statement(text, file, name)
    most = (TABLE_ROWS if style.for_people else 0) if limit is None else limit
    settings = here()
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
                    hint(f"the first {most} rows; --limit 0 prints all")
            if not count and style.for_people:
                for sentence in why_no_rows(connection, statement, _relations(connection)):
                    hint(sentence)
        except psycopg.errors.QueryCanceled as error:
            raise CommandError(
                f"stopped after {settings.analysts.timeout_seconds} s, the time limit of analysts "
                "(ALPHAPULSE_ANALYSTS__TIMEOUT_SECONDS): ask for less, or for a shorter time"
            ) from error
        except psycopg.Error as error:
            connection.rollback()
            raise CommandError(_explain(error, statement, connection)) from error


def list_queries(form: str) -> None:
    """Print the names of the stored queries."""
    rows = [(query.name, query.description) for query in stored_queries()]
    print_rows(("query", "what it shows"), rows, parse_format(form))


def _statement(text: str | None, file: Path | None, name: str | None) -> str:
    if sum(given is not None for given in (text, file, name)) != 1:
        raise CommandError("give one of: a statement, --file, --query (see --list)")
    if name is not None:
        return find_query(name).path.read_text()
    if file is not None:
        return sys.stdin.read() if str(file) == "-" else _read(file)
    return text or ""


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError as error:
        why = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise CommandError(
            f"the file {file} {why}: --file takes a file with one SQL statement, - for standard input; "
            "queries that come along are run by --query, and named by --list"
        ) from None
    except UnicodeDecodeError:
        raise CommandError(f"the file {file} is no text in UTF-8: --file takes one SQL statement") from None


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
        raise CommandError(
            "the statement gives no rows; ask with SELECT (or EXPLAIN, SHOW). What changes something is for "
            "the owner: alphapulse db psql --owner"
        )
    return names


def _rows(cursor: psycopg.Cursor[Any], statement: str) -> Generator[Any, None, None]:
    yield from cursor.stream(statement.encode())


def _relations(connection: psycopg.Connection[Any]) -> list[str]:
    """Tables and views that may be read by name."""
    return [name for (name,) in connection.execute(_RELATIONS)]


def _explain(error: psycopg.Error, statement: str, connection: psycopg.Connection[Any]) -> str:
    """One line: what the server says, its hint, the line of the statement, and what else may be meant."""
    said = error.diag.message_primary or str(error).strip().splitlines()[0]
    position = error.diag.statement_position
    line = statement.count("\n", 0, int(position) - 1) + 1 if position else 0
    where = f" (line {line})" if line > 1 else ""
    further = f"; {error.diag.message_hint}" if error.diag.message_hint else ""
    return f"the database says: {said}{where}{further}{_way_on(error, said, statement, connection)}"


def _way_on(error: psycopg.Error, said: str, statement: str, connection: psycopg.Connection[Any]) -> str:
    """What to do about an error that one makes often."""
    if statement.lstrip().startswith("\\"):
        return "; commands with a backslash are psql's: alphapulse db psql, or alphapulse describe [RELATION]"
    if isinstance(error, psycopg.errors.UndefinedTable) and (named := re.search(r'"([^"]+)"', said)):
        return did_you_mean(named[1], _relations(connection))
    if isinstance(error, psycopg.errors.UndefinedColumn):
        read = named_in(statement, _relations(connection))
        return f"; alphapulse describe {read[0]} tells its columns" if read else ""
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction | psycopg.errors.InsufficientPrivilege):
        return "; analysts only read: as the owner, alphapulse db psql --owner"
    return ""
