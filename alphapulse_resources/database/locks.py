"""The platform's locks (sql/migrations/0026_platform_locks.sql): out of reach for whoever may only read.

Nothing here is an advisory lock with a key that can be known: anybody who can log in could take such a lock,
and stop a writer with it for ever.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg


def lock_writers(connection: psycopg.Connection[Any], name: str, ids: Sequence[int]) -> None:
    """Be the only writer of these parts of `name` until the transaction ends; waits for others.

    All parts that a transaction needs of a name belong into one call: two calls could deadlock.
    """
    connection.execute("SELECT platform.lock_writers(%s, %s)", [name, list(ids)])


@contextmanager
def only_one(dsn: str, name: str, *, wait: bool) -> Iterator[bool]:
    """Whether this is the only one at a piece of work for the block; told to wait, it always is.

    For work in several transactions: the lock is held by a session of its own, and ends with it.
    """
    with psycopg.connect(dsn, connect_timeout=10, keepalives_idle=30) as connection:
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        if wait:
            lock_writers(connection, name, [0])
            yield True
        else:
            row = connection.execute("SELECT platform.try_lock(%s)", [name]).fetchone()
            yield bool(row and row[0])
