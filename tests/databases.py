"""Databases for tests: each on the server under test, fresh, migrated, and dropped afterwards.

`ALPHAPULSE_TEST_DSN` names a server (TimescaleDB, or any PostgreSQL whose user may create databases); without
it the embedded PostgreSQL serves, started once for all workers of a test run.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from alphapulse_resources.embedded_postgres import EmbeddedPostgres
from alphapulse_resources.migrations import migrate


@contextmanager
def test_server() -> Iterator[str]:
    """The connection string of the server under test; an embedded one is stopped at the end."""
    if dsn := os.environ.get("ALPHAPULSE_TEST_DSN"):
        yield dsn
        return
    home = Path(tempfile.mkdtemp(prefix="alphapulse-test-"))
    home.chmod(0o755)  # as root the server runs under another account, which has to get in
    server = EmbeddedPostgres(home)
    try:
        yield server.ensure().dsn
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def fresh_database(server_dsn: str, *, migrated: bool = True) -> Iterator[str]:
    """The connection string of a new database, dropped at the end whoever is still connected."""
    name = f"alphapulse_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    dsn = make_url(server_dsn).set(database=name).render_as_string(hide_password=False)
    try:
        if migrated:
            migrate(dsn)
        yield dsn
    finally:
        with psycopg.connect(server_dsn, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
