"""Databases for tests: each on the server under test, fresh, migrated, and dropped afterwards.

`ALPHAPULSE_TEST_DSN` names a server (TimescaleDB, or any PostgreSQL whose user may create databases); without
it the embedded PostgreSQL serves, started once by each worker of a test run, its files in memory where there
is room. The schema is made once by each worker and copied, in a fraction of the migrations' time.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from alphapulse_resources.database.analyst import own_role
from alphapulse_resources.database.migrations import migrate
from alphapulse_resources.postgres.embedded import EmbeddedPostgres

_MEMORY: Final = Path("/dev/shm")
_ROOM: Final = 4 * 2**30
"""Bytes that have to be free there (ours): what servers of a test run keep, several times over."""


@dataclass(slots=True)
class _Copying:
    """How a server's databases are copied, and from which migrated one once that is made."""

    strategy: LiteralString = ""  # the server's own
    template: str | None = None


_COPIED: Final[dict[str, _Copying]] = {}
"""By connection string."""


def new_home(prefix: str) -> Path:
    """A new directory for a server, in memory where there is room.

    A database is a thousand files: to copy and drop it takes a tenth of the time there. As root the server
    runs under another account, which has to get in: so not below a user's own directory.
    """
    roomy = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    home = Path(tempfile.mkdtemp(prefix=prefix, dir=_MEMORY if roomy else "/tmp")).resolve()
    home.chmod(0o755)
    return home


@contextmanager
def server_under_test() -> Iterator[str]:
    """The connection string of the server under test; an embedded one is stopped at the end."""
    if dsn := os.environ.get("ALPHAPULSE_TEST_DSN"):
        with _copied(dsn, _Copying()):
            yield dsn
        return
    home = new_home("alphapulse-test-")
    server = EmbeddedPostgres(home)
    try:
        dsn = server.ensure().dsn
        with _copied(dsn, _Copying("STRATEGY file_copy")):  # the fastest one in memory
            yield dsn
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _copied(server_dsn: str, copying: _Copying) -> Iterator[None]:
    """Databases of this server are copied for the block."""
    _COPIED[server_dsn] = copying
    try:
        yield
    finally:
        del _COPIED[server_dsn]
        if copying.template is not None:
            _execute(server_dsn, "DROP DATABASE IF EXISTS {}", copying.template)


@contextmanager
def fresh_database(server_dsn: str, *, migrated: bool = True) -> Iterator[str]:
    """The connection string of a new database, dropped at the end whoever is still connected."""
    name = f"alphapulse_test_{uuid.uuid4().hex[:12]}"
    copying = _COPIED.get(server_dsn) if migrated else None
    if copying is None:  # nobody can be connected to this template
        _execute(server_dsn, "CREATE DATABASE {} TEMPLATE template0", name)
    else:
        template = _template(server_dsn, copying)
        _execute(server_dsn, "CREATE DATABASE {} TEMPLATE {} " + copying.strategy, name, template)
    dsn = _in(server_dsn, name)
    try:
        if migrated and copying is None:
            migrate(dsn)
        yield dsn
    finally:
        _execute(server_dsn, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        _execute(server_dsn, "DROP ROLE IF EXISTS {}", own_role(name))  # roles are the server's


def _template(server_dsn: str, copying: _Copying) -> str:
    """The name of the server's migrated database that nobody connects to, made at the first call."""
    if copying.template is None:
        name = f"alphapulse_template_{uuid.uuid4().hex[:12]}"
        _execute(server_dsn, "CREATE DATABASE {}", name)
        migrate(_in(server_dsn, name))
        _unschedule(_in(server_dsn, name))
        _close(server_dsn, name)
        copying.template = name  # only now: nothing is copied from half of one
    return copying.template


def has_timescaledb(dsn: str) -> bool:
    """Whether a database has TimescaleDB's extension."""
    with psycopg.connect(dsn) as connection:
        found = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'").fetchone()
    return found is not None


def _unschedule(dsn: str) -> None:
    """Have TimescaleDB's policies run when a test says so: retention would drop what is old on purpose."""
    if not has_timescaledb(dsn):
        return
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT alter_job(job_id, scheduled => false) FROM timescaledb_information.jobs")


def _close(server_dsn: str, name: str) -> None:
    """Let nobody in: what somebody is connected to is not copied, and TimescaleDB's workers go everywhere."""
    _execute(server_dsn, "ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", [name]
        )


def _in(server_dsn: str, database: str) -> str:
    return make_url(server_dsn).set(database=database).render_as_string(hide_password=False)


def _execute(server_dsn: str, statement: LiteralString, *names: str) -> None:
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
