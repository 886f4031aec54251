"""What a database was brought to, and what it lacks. Looks only, without yoyo: commands start quickly."""

from pathlib import Path
from typing import Any, Final

import psycopg

from alphapulse_resources.database.objects import changed_objects, has_record, read_objects
from alphapulse_resources.database.schema_check import refuse_newer
from alphapulse_resources.database.timescale import is_hypertable
from alphapulse_resources.settings import PROJECT_ROOT

MIGRATIONS: Final = PROJECT_ROOT / "sql" / "migrations"


def applied_migrations(dsn: str) -> set[str]:
    """Names of the migrations that the database has a record of."""
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        return _applied(connection)


def pending_migrations(dsn: str, *, directory: Path = MIGRATIONS) -> tuple[list[str], list[str]]:
    """Names of the applied and of the missing migrations, of those that are known here, in their order."""
    known, applied = sorted(file.stem for file in directory.glob("*.sql")), applied_migrations(dsn)
    return [name for name in known if name in applied], [name for name in known if name not in applied]


def pending_objects(dsn: str) -> list[str]:
    """Names of views and functions that are not as their files have them, where that is known."""
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        if not has_record(connection):
            return []
        objects = read_objects(timescale=is_hypertable(connection, "ohlcv_1m"))
        return [each.name for each in changed_objects(connection, objects)]


def check_not_newer(connection: psycopg.Connection[Any]) -> None:
    """Raise SchemaError where the database has migrations, views or functions that are not known here."""
    known = {file.stem for file in MIGRATIONS.glob("*.sql")}
    refuse_newer(connection, _applied(connection) - known)


def _applied(connection: psycopg.Connection[Any]) -> set[str]:
    known = connection.execute("SELECT FROM pg_class WHERE oid = to_regclass('_yoyo_migration')").fetchone()
    if known is None:
        return set()
    return {name for (name,) in connection.execute("SELECT migration_id FROM _yoyo_migration")}
