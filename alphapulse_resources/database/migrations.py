"""Bring a database to the schema in `sql/migrations`: numbered .sql files, run by yoyo, each once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy.engine import make_url
from yoyo import get_backend, read_migrations

from alphapulse_resources.database.schema_check import check_whole
from alphapulse_resources.database.timescale import Schema, SchemaError, Use, choose
from alphapulse_resources.settings import PROJECT_ROOT

MIGRATIONS: Final = PROJECT_ROOT / "sql" / "migrations"
_LOCK_TIMEOUT_SECONDS: Final = 120
_COMMENT: Final = re.compile(r"COMMENT ON COLUMN (\w+)\.(\w+) IS\s+'((?:[^']|'')*)'")


@dataclass(frozen=True, slots=True)
class Migrated:
    """What came of `migrate`: the migrations it applied, and the kind of schema there is now."""

    applied: list[str]
    schema: Schema


def migrate(dsn: str, *, use: Use = Use.AUTO, directory: Path = MIGRATIONS, mixed: bool = False) -> Migrated:
    """Apply what is missing; several processes may call it at once: they take turns.

    Raises SchemaError before anything is changed: where the database has not what its applied migrations
    made, or the schema cannot be of the kind that `use` asks for. `mixed` lets pending migrations be applied
    to plain tables although TimescaleDB is in the database: what converts them does so.
    """
    files = sorted(directory.glob("*.sql"))
    if not files:
        raise SchemaError(f"there are no migrations in {directory}: this installation is not whole")
    if not applied_migrations(dsn):  # before even yoyo's own tables are made
        check_whole(dsn, files, applied=())
        choose(dsn, use)
    backend = get_backend(_yoyo_url(dsn))
    try:
        with _turn(dsn):
            backend.break_lock()  # a row in it now was left by a process that was killed
            pending = backend.to_apply(read_migrations(str(directory)))
            check_whole(dsn, files, applied=applied_migrations(dsn))
            schema = choose(dsn, use, pending=bool(pending) and not mixed)
            backend.apply_migrations(pending)
            return Migrated([migration.id for migration in pending], schema)
    finally:
        backend.connection.close()


@contextmanager
def _turn(dsn: str) -> Iterator[None]:
    """One process at a time migrates, by a lock that ends with its session; yoyo's row outlives a kill."""
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT_SECONDS}s'")
        try:
            connection.execute("LOCK TABLE yoyo_lock IN SHARE UPDATE EXCLUSIVE MODE")
        except psycopg.errors.LockNotAvailable as error:
            raise SchemaError(
                f"another process has been migrating this database for {_LOCK_TIMEOUT_SECONDS} s: wait for it"
            ) from error
        yield


def applied_migrations(dsn: str) -> set[str]:
    """Names of the migrations that the database has a record of; looks only."""
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        known = connection.execute(
            "SELECT FROM pg_class WHERE oid = to_regclass('_yoyo_migration')"
        ).fetchone()
        if known is None:
            return set()
        return {name for (name,) in connection.execute("SELECT migration_id FROM _yoyo_migration")}


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


def _yoyo_url(dsn: str) -> str:
    url = make_url(dsn).set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)
