"""Servers of a test's own, for what cannot be set on the one under test: editions, certificates, users.

They are started from programs that the machine has (a PostgreSQL with TimescaleDB or TLS); where it has none
the test skips and says so.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from alphapulse_resources.postgres.embedded import EmbeddedPostgres
from tests.databases import new_home

_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")


def programs(*, timescaledb: bool = False, tls: bool = False) -> Path:
    """The newest directory of PostgreSQL programs on this machine that can do what is asked for."""
    found = [Path(path) for pattern in _PLACES for path in sorted(Path("/").glob(pattern[1:]), reverse=True)]
    for directory in found:
        if (directory / "pg_config").exists() and _can(directory, timescaledb=timescaledb, tls=tls):
            return directory
    wanted = " and ".join(name for name, asked in (("TimescaleDB", timescaledb), ("TLS", tls)) if asked)
    pytest.skip(f"this machine has no PostgreSQL with {wanted} (looked in {', '.join(_PLACES)})")


def _can(directory: Path, *, timescaledb: bool, tls: bool) -> bool:
    def ask(what: str) -> str:
        return subprocess.run([directory / "pg_config", what], capture_output=True, text=True).stdout.strip()

    if timescaledb and not list(Path(ask("--pkglibdir")).glob("timescaledb-tsl-*")):
        return False
    return not tls or "openssl" in ask("--configure") or "--with-ssl" in ask("--configure")


@contextmanager
def own_server(bin_dir: Path, **settings: str) -> Iterator[str]:
    """The superuser's connection string of a server with these settings, gone afterwards."""
    home = new_home("alphapulse-own-")
    server = EmbeddedPostgres(home, bin_dir=bin_dir, settings=settings)
    try:
        yield server.ensure().dsn
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def tls_server(bin_dir: Path, certificate: bytes, key: bytes) -> Iterator[str]:
    """The superuser's connection string of a server that can do TLS, with this certificate."""
    home = new_home("alphapulse-tls-")
    server = EmbeddedPostgres(home, bin_dir=bin_dir)
    try:
        data = server.ensure().data_dir
        server.stop()
        for name, content in (("server.crt", certificate), ("server.key", key)):
            path = data / name
            path.touch(mode=0o600)
            path.write_bytes(content)
            os.chown(path, data.stat().st_uid, data.stat().st_gid)
        yield EmbeddedPostgres(home, bin_dir=bin_dir, settings={"ssl": "on"}).ensure().dsn
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def documented_user(server_dsn: str, name: str) -> Iterator[str]:
    """The connection string of a new database as the user that docs/operations.md asks for, and no more."""
    with psycopg.connect(server_dsn, autocommit=True) as connection:

        def run(text: str) -> None:
            connection.execute(sql.SQL(text).format(sql.Identifier(name)))  # type: ignore[arg-type]

        run("CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD 'only-here'")
        try:
            run("CREATE DATABASE {0} OWNER {0}")
            url = make_url(server_dsn).set(username=name, password="only-here", database=name)
            yield url.render_as_string(hide_password=False)
        finally:
            run("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            owned = connection.execute(
                "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = %s", [name]
            )
            for (database,) in owned.fetchall():
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
            roles = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [f"%{name}%"])
            for (role,) in sorted(roles.fetchall(), key=lambda row: row[0] == name):
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
