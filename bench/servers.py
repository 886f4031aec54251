"""The servers to measure on: the embedded PostgreSQL, and the TimescaleDB of `ALPHAPULSE_TEST_DSN` if any."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg

from alphapulse_resources.postgres.embedded import EmbeddedPostgres

TEST_DSN: Final = "ALPHAPULSE_TEST_DSN"


@dataclass(frozen=True, slots=True)
class Server:
    """A server on which databases may be created; its connection string is a secret."""

    name: str
    dsn: str = field(repr=False)


@contextmanager
def open_home() -> Iterator[Path]:
    """An empty directory that the account of the embedded server can enter; removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="alphapulse-bench-"))
    home.chmod(0o755)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running_servers() -> Iterator[list[Server]]:
    """The embedded server, started for the block, and the TimescaleDB server if there is one."""
    with open_home() as home:
        embedded = EmbeddedPostgres(home)
        try:
            yield [Server("plain", embedded.ensure().dsn), *_timescaledb()]
        finally:
            embedded.stop()


def _timescaledb() -> list[Server]:
    dsn = os.environ.get(TEST_DSN)
    if not dsn:
        return []
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        row = connection.execute("SHOW shared_preload_libraries").fetchone()
    return [Server("hypertable", dsn)] if row and "timescaledb" in row[0] else []
