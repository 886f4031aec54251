"""The database of a command: found or refused with a clear word.

Kept light: `alphapulse sql` and the like start with what is imported here.
"""

import os
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from alphapulse_cli.errors import CommandError as CommandError
from alphapulse_cli.output import hint
from alphapulse_resources.database.applied import check_not_newer
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.connection import NoDatabaseError, embedded, resolve_dsn
from alphapulse_resources.settings import Settings, get_settings


def find_dsn(settings: Settings) -> str:
    """The connection string, checked for its form; errors never show it.

    Raises CommandError for what is no URL, NoDatabaseError when there is no database at all.
    """
    dsn = resolve_dsn(settings).get_secret_value()
    try:
        port = conninfo_to_dict(dsn).get("port") or "5432"
        readable = dsn.startswith(("postgresql://", "postgres://")) and str(port).isdigit()
    except (psycopg.ProgrammingError, ValueError):
        readable = False
    if not readable:
        raise CommandError(
            "ALPHAPULSE_DSN is no connection URL such as postgresql://user@host:5432/database; a password "
            "stands behind the user and a colon, its special characters percent-encoded (yours is not shown)"
        )
    return dsn


def here() -> Settings:
    """The settings of this environment, or, where nothing runs in its home, of the demo that runs beside it.

    From then on the process and its children use the demo's home; a line on standard error says so.
    """
    settings = get_settings()
    demo = settings.home.resolve() / "demo"
    if settings.dsn is not None or not (demo / "server.json").exists():
        return settings
    with suppress(NoDatabaseError):
        resolve_dsn(settings)
        return settings
    if embedded(settings.model_copy(update={"home": demo})).attach() is None:
        return settings
    hint(f"nothing runs in {settings.home}: asking the demo beside it, in {settings.home / 'demo'}")
    os.environ["ALPHAPULSE_HOME"] = str(demo)
    get_settings.cache_clear()
    return get_settings()


def open_database(*, demo: bool = True) -> Database:
    """The database of this environment, reachable and with its schema; the demo's where nothing else runs.

    Raises CommandError when it has no schema yet, SchemaError when that is newer than this code,
    psycopg.OperationalError when it cannot be reached.
    """
    dsn = find_dsn(here() if demo else get_settings())
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        known = connection.execute("SELECT to_regclass('ohlcv_1m') IS NOT NULL").fetchone()
        check_not_newer(connection)
    if not known or not known[0]:
        raise CommandError("the database has no AlphaPulse schema yet: run `alphapulse migrate` once")
    return Database(dsn)


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
