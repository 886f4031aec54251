"""What tests of the stream writer share: a running writer, ways to shut it out, what is on record."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from alphapulse_resources.database.client import Database
from alphapulse_resources.streams.writer import StreamWriter, WriterOptions

ENOUGH = 60.0


@contextmanager
def writing(database: Database, lane: str = "rows", **options: Any) -> Iterator[StreamWriter]:
    """A running writer, closed in the end."""
    writer = StreamWriter(database, run_id="run", shard="1-of-1", options=WriterOptions(**options), lane=lane)
    writer.start()
    try:
        yield writer
    finally:
        writer.close(ENOUGH)


def end_connections(admin: str, database: Database, like: str = "%") -> int:
    """End the connections to a database whose application is named so; returns how many there were."""
    with psycopg.connect(admin, autocommit=True) as connection:
        return connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND application_name LIKE %s AND pid <> pg_backend_pid()",
            [name_of(database), like],
        ).rowcount


def name_of(database: Database) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(database.dsn)["dbname"])


def let_in(admin: str, database: Database, allowed: bool) -> None:
    """Open the database to connections, or send everybody away."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(
                sql.Identifier(name_of(database)), sql.Literal(allowed)
            )
        )
    if not allowed:
        end_connections(admin, database)


@contextmanager
def away(admin: str, database: Database) -> Iterator[None]:
    """Nobody gets into the database."""
    let_in(admin, database, False)
    try:
        yield
    finally:
        let_in(admin, database, True)


def gaps(database: Database) -> dict[tuple[str, int], int]:
    """Lost rows by table and instrument, as stored."""
    return {
        (found["dataset"], found["instrument_id"]): int(found["rows"])
        for found in database.rows(
            "SELECT dataset, instrument_id, sum(rows) AS rows FROM stream_gaps GROUP BY 1, 2"
        )
    }


def waits_for_lock(database: Database) -> bool:
    return bool(
        database.rows(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    )
