"""Make a database ready: its schema, the analyst role, and Dagster's own database beside it."""

import psycopg
from psycopg import sql

from alphapulse_resources.migrations import configure_analyst, migrate
from alphapulse_resources.settings import Settings


def prepare_database(settings: Settings, dsn: str) -> list[str]:
    """Apply what is missing; returns the migrations that were applied. Safe to repeat."""
    applied = migrate(dsn)
    password = settings.analyst_password
    configure_analyst(
        dsn,
        password=password.get_secret_value() if password else None,
        timeout_seconds=settings.analyst_timeout_seconds,
    )
    _create_database(dsn, settings.dagster_database)
    return applied


def _create_database(dsn: str, name: str) -> None:
    """Create Dagster's database where it is missing; needs the right to create databases then."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is not None:
            return
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return  # another process was faster
