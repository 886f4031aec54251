"""Bring a database to the schema in `sql/`: migrations, run by yoyo, each once, then the views and functions.

No step waits long for a lock; see `lock_waits`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy.engine import make_url
from yoyo import read_migrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import parse_uri

from alphapulse_resources.database.applied import MIGRATIONS as MIGRATIONS
from alphapulse_resources.database.applied import applied_migrations
from alphapulse_resources.database.lock_waits import Patience, Waiting, patiently
from alphapulse_resources.database.objects import apply_objects, has_record, read_objects
from alphapulse_resources.database.schema_check import check_whole
from alphapulse_resources.database.timescale import Schema, SchemaError, Use, choose

_LOCK_TIMEOUT_SECONDS: Final = 120
_COMMENT: Final = re.compile(r"COMMENT ON COLUMN (\w+)\.(\w+) IS\s+'((?:[^']|'')*)'")
_RENAMED: Final = re.compile(r"^ALTER TABLE (\w+) RENAME TO", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Migrated:
    """What came of `migrate`: what it applied, and the kind of schema there is now."""

    applied: list[str]
    objects: list[str]
    schema: Schema


class _Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]
    """yoyo's, whose sessions wait for locks as long as `patience` says and are known by their numbers."""

    patience = Patience()
    waiting = Waiting()

    def init_connection(self, connection: Any) -> None:
        """Called by yoyo for each connection, of which every migration has one, and after a rollback."""
        super().init_connection(connection)
        connection.execute("SELECT set_config('lock_timeout', %s, false)", [self.patience.lock_timeout])
        self.waiting.pids.append(connection.info.backend_pid)


def migrate(
    dsn: str,
    *,
    use: Use = Use.AUTO,
    directory: Path = MIGRATIONS,
    mixed: bool = False,
    patience: Patience = Patience(),  # noqa: B008
) -> Migrated:
    """Apply what is missing; several processes may call it at once: they take turns.

    Raises SchemaError before anything is changed where the database has not what its applied migrations made,
    is newer than this code, or cannot be of the kind that `use` asks for; and where somebody holds a lock for
    longer than `patience`. `mixed` lets pending migrations be applied to plain tables although TimescaleDB is
    in the database: what converts them does so.
    """
    files = sorted(directory.glob("*.sql"))
    if not files:
        raise SchemaError(f"there are no migrations in {directory}: this installation is not whole")
    if not (known := applied_migrations(dsn)):  # before even yoyo's own tables are made
        check_whole(dsn, files, applied=())
        choose(dsn, use)
    else:
        check_whole(dsn, files, applied=known)
    backend = _backend(dsn, patience)
    try:
        with _turn(dsn) as connection:
            backend.break_lock()  # a row in it now was left by a process that was killed
            pending = backend.to_apply(read_migrations(str(directory)))
            check_whole(dsn, files, applied=applied_migrations(dsn))
            schema = choose(dsn, use, pending=bool(pending) and not mixed)
            _apply_migrations(dsn, backend, directory)
            objects = _apply_objects(dsn, connection, schema, patience)
            return Migrated([migration.id for migration in pending], objects, schema)
    finally:
        backend.connection.close()


def _backend(dsn: str, patience: Patience) -> Any:
    made = type("Backend", (_Backend,), {"patience": patience, "waiting": Waiting()})
    backend = made(parse_uri(_yoyo_url(dsn)), "_yoyo_migration")
    backend.init_database()
    return backend


def _apply_migrations(dsn: str, backend: Any, directory: Path) -> None:
    """Each in a transaction of its own: after a wait it goes on with the one that had to."""

    def pending() -> Any:
        return backend.to_apply(read_migrations(str(directory)))

    patiently(
        dsn,
        lambda: backend.apply_migrations(pending()),
        waiting=backend.waiting,
        what=lambda: f"migration {next((each.id for each in pending()), '')}",
        patience=backend.patience,
    )


def _apply_objects(
    dsn: str, connection: psycopg.Connection[Any], schema: Schema, patience: Patience
) -> list[str]:
    """All that changed in one transaction, which ends with our turn."""
    if not has_record(connection):
        return []

    objects = read_objects(timescale=schema.version is not None)

    def apply() -> list[str]:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", [patience.lock_timeout])
            return apply_objects(connection, objects)

    waiting = Waiting([connection.info.backend_pid])
    what = "bringing views and functions up to date"
    return patiently(dsn, apply, waiting=waiting, what=lambda: what, patience=patience)


@contextmanager
def _turn(dsn: str) -> Iterator[psycopg.Connection[Any]]:
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
        yield connection


def column_comments(relation: str) -> dict[str, str]:
    """What the columns of a table mean, by the comments in its migration: known without a database.

    Of a name that a table has given up (`RENAME TO`), what the next one of that name says.
    """
    return {column: text.replace("''", "'") for table, column, text in _comments() if table == relation}


@lru_cache(maxsize=1)
def _comments() -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for file in sorted(MIGRATIONS.glob("*.sql")):
        text = file.read_text()
        gone = set(_RENAMED.findall(text))
        found = [each for each in found if each[0] not in gone] + _COMMENT.findall(text)
    return found


def _yoyo_url(dsn: str) -> str:
    url = make_url(dsn).set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)
