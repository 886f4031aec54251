"""Bring a database to the schema in `sql/migrations`: numbered .sql files, run by yoyo, each once."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url
from yoyo import get_backend, read_migrations

from alphapulse_resources.settings import PROJECT_ROOT

MIGRATIONS: Final = PROJECT_ROOT / "sql" / "migrations"
ANALYST: Final = "alphapulse_analyst"
_LOCK_TIMEOUT_SECONDS: Final = 120
_COMMENT: Final = re.compile(r"COMMENT ON COLUMN (\w+)\.(\w+) IS\s+'((?:[^']|'')*)'")


def migrate(dsn: str, *, timescaledb: bool = True, directory: Path = MIGRATIONS) -> list[str]:
    """Apply what is missing and return the names of the migrations that were applied.

    Several processes may call it at once: they take turns. `timescaledb=False` leaves the extension out
    even where the server has it.
    """
    if timescaledb:
        _create_extension(dsn)
    backend = get_backend(_yoyo_url(dsn))
    try:
        with backend.lock(timeout=_LOCK_TIMEOUT_SECONDS):
            pending = backend.to_apply(read_migrations(str(directory)))
            backend.apply_migrations(pending)
            return [migration.id for migration in pending]
    finally:
        backend.connection.close()


def pending_migrations(dsn: str, *, directory: Path = MIGRATIONS) -> tuple[list[str], list[str]]:
    """Names of the applied and of the missing migrations."""
    backend = get_backend(_yoyo_url(dsn))
    try:
        known = read_migrations(str(directory))
        return (
            [migration.id for migration in backend.to_rollback(known)][::-1],
            [migration.id for migration in backend.to_apply(known)],
        )
    finally:
        backend.connection.close()


def column_comments(relation: str) -> dict[str, str]:
    """What the columns of a table mean, by the comments in its migration: known without a database."""
    return {column: text.replace("''", "'") for table, column, text in _comments() if table == relation}


@lru_cache(maxsize=1)
def _comments() -> list[tuple[str, str, str]]:
    return [
        found for file in sorted(MIGRATIONS.glob("*.sql")) for found in _COMMENT.findall(file.read_text())
    ]


def configure_analyst(dsn: str, *, password: str | None, timeout_seconds: int) -> bool:
    """Give the analyst role its limits and, when there is one, its password.

    The limits belong to the role in this database only. Returns False where the server does not let us
    change roles: then the role stays as its administrator set it.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        database = sql.Identifier(connection.info.dbname)
        role = sql.Identifier(ANALYST)
        try:
            for setting, value in (
                ("statement_timeout", f"{timeout_seconds}s"),
                ("default_transaction_read_only", "on"),
            ):
                connection.execute(
                    sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                        role, database, sql.Identifier(setting), sql.Literal(value)
                    )
                )
            if password:
                connection.execute(
                    sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password))
                )
        except psycopg.errors.InsufficientPrivilege:
            return False
    return True


def _create_extension(dsn: str) -> None:
    """Create timescaledb where the server is ready for it (installed and preloaded)."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        try:
            ready = connection.execute(
                "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')"
                " AND current_setting('shared_preload_libraries') LIKE '%timescaledb%'"
            ).fetchone()
        except psycopg.errors.InsufficientPrivilege:
            return  # who may not look may not create it either: its administrator has, or has not
        if ready and ready[0]:
            connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")


def _yoyo_url(dsn: str) -> str:
    url = make_url(dsn).set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)
