"""The database of a command: found or refused with a clear word, made ready, started and stopped."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from alphapulse_cli.output import warn
from alphapulse_resources.database.analyst import analyst_dsn, prepare_analyst
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.connection import embedded, resolve_dsn
from alphapulse_resources.database.conversion import check_not_converting, convert
from alphapulse_resources.database.migrations import Migrated, check_not_newer, migrate
from alphapulse_resources.database.timescale import Use
from alphapulse_resources.settings import Settings, get_settings

SHOWN: Final = 5
"""Views and functions that are named when they are applied; of more only the number is told (ours)."""


class CommandError(Exception):
    """The command cannot do what was asked. The message is all that is printed."""


def find_dsn(settings: Settings) -> str:
    """The connection string, checked for its form; errors never show it.

    Raises CommandError for what is no URL, NoDatabaseError when there is no database at all.
    """
    dsn = resolve_dsn(settings).get_secret_value()
    try:
        make_url(dsn)
        port = conninfo_to_dict(dsn).get("port") or "5432"
        readable = dsn.startswith(("postgresql://", "postgres://")) and str(port).isdigit()
    except (ArgumentError, psycopg.ProgrammingError, ValueError):
        readable = False
    if not readable:
        raise CommandError(
            "ALPHAPULSE_DSN is no connection URL such as postgresql://user@host:5432/database; a password "
            "stands behind the user and a colon, its special characters percent-encoded (yours is not shown)"
        )
    return dsn


def open_database() -> Database:
    """The database of this environment, reachable and with its schema.

    Raises CommandError when it has no schema yet, SchemaError when that is newer than this code,
    psycopg.OperationalError when it cannot be reached.
    """
    dsn = find_dsn(get_settings())
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        known = connection.execute("SELECT to_regclass('ohlcv_1m') IS NOT NULL").fetchone()
        check_not_newer(connection)
    if not known or not known[0]:
        raise CommandError("the database has no AlphaPulse schema yet: run `alphapulse migrate` once")
    return Database(dsn)


def prepare_database(settings: Settings, dsn: str) -> list[str]:
    """Apply what is missing; returns what was done, in lines. Safe to repeat.

    Also gives the analyst a log-in and its limits, and makes Dagster's own database. What is not as it could
    be is told on standard error. Raises CommandError when the user may not do that last step.
    """
    return _done(_prepare(settings, dsn))


def _prepare(settings: Settings, dsn: str, *, mixed: bool = False) -> Migrated:
    check_not_converting(dsn)
    migrated = migrate(dsn, use=Use(settings.database.timescaledb), mixed=mixed)
    if migrated.schema.note and not mixed:
        warn(migrated.schema.note)
    for line in prepare_analyst(settings, dsn):
        warn(f"analysts: {line}")
    create_dagster_database(dsn, settings.database.dagster)
    return migrated


def _done(migrated: Migrated) -> list[str]:
    lines = [f"applied {name}" for name in migrated.applied]
    names = migrated.objects
    if len(names) > SHOWN:
        lines.append(f"{len(names)} views and functions brought up to date")
    elif names:
        lines.append(f"brought up to date: {', '.join(names)}")
    return lines


def create_dagster_database(dsn: str, name: str) -> None:
    """Create Dagster's database where it is missing; needs the right to create databases then.

    Only its owner connects to it: it has the locks of a stack, and what runs were configured with.
    """
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            _create_database(connection, name)
        if name != connection.info.dbname:
            # where we are not its owner, the server warns and does nothing, or refuses: as they have set it
            with suppress(psycopg.errors.InsufficientPrivilege):
                connection.execute(
                    sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(
                        sql.Identifier(name)
                    )
                )


def _create_database(connection: psycopg.Connection[Any], name: str) -> None:
    try:
        # template0: nobody can be connected to it, which would get in the way
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return  # another process was faster
    except psycopg.errors.InsufficientPrivilege as error:
        raise CommandError(
            f"Dagster needs a database {name!r} of its own and {connection.info.user!r} may not create it: "
            f'let an administrator run CREATE DATABASE "{name}" OWNER "{connection.info.user}"'
        ) from error


def run_migrate(*, to_timescaledb: bool = False, force: bool = False, say: Callable[[str], None]) -> None:
    """`alphapulse migrate`: what was applied, and which kind of schema there is."""
    settings = get_settings()
    dsn = find_dsn(settings)
    if to_timescaledb:
        convert(
            dsn,
            dagster_database=settings.database.dagster,
            prepare=lambda: _prepare(settings, dsn, mixed=True),
            force=force,
            say=say,
        )
    migrated = _prepare(settings, dsn)
    for line in _done(migrated):
        say(line)
    if not migrated.applied and not migrated.objects:
        say("nothing to do: the schema is up to date")
    say(f"schema: {migrated.schema.kind}")


def run_start() -> str:
    """`alphapulse db start`: start the embedded server and make it ready; a line about it."""
    settings = _for_embedded("start")
    server = embedded(settings).ensure()
    done = _prepare(settings, server.dsn)
    state = "runs already" if server.adopted else "started"
    return f"PostgreSQL {state} on {server.host}:{server.port}, {len(done.applied)} migrations applied"


def run_stop(*, force: bool) -> str:
    """`alphapulse db stop`: stop the embedded server unless others use it; a line about it."""
    server = embedded(_for_embedded("stop"))
    running = server.attach()
    if running is None:
        return "PostgreSQL does not run"
    if not force:
        with psycopg.connect(running.dsn, connect_timeout=10) as connection:
            others = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND pid <> pg_backend_pid()"
            ).fetchone()
        if others and others[0]:
            raise CommandError(
                f"{others[0]} connections use the server (does `alphapulse up` run?); --force stops it anyway"
            )
    server.stop()
    return "PostgreSQL stopped"


def run_dsn_file(path: Path | None, *, analyst: bool = False) -> str:
    """`alphapulse db dsn-file`: write the connection URL where only this user can read it; the path."""
    settings = get_settings()
    dsn = find_dsn(settings)
    if analyst:
        dsn = analyst_dsn(settings, dsn)
    target = path or settings.home / ("analyst.dsn" if analyst else "dsn")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    temporary.touch(mode=0o600)
    temporary.write_text(dsn + "\n")
    temporary.replace(target)
    return str(target)


def _for_embedded(what: str) -> Settings:
    settings = get_settings()
    if settings.dsn is not None:
        raise CommandError(
            f"ALPHAPULSE_DSN names a server that is not ours to {what}; unset it for the embedded one"
        )
    return settings
