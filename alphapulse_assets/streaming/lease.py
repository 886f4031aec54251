"""A shard's lease: one worker at a time, known by a lock that the database frees when the worker is gone.

The lock is a lease of the schema `platform`, out of reach for whoever may only read; it is taken on a direct
connection (a pooler in transaction mode would lose it). The same session carries the heartbeat, so that a
heartbeat says that the lock is held. Sessions name themselves after their run: that is how a supervisor, and
a worker that comes back after a lost connection, know whose a lock is.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from alphapulse_resources.database.client import Database, statement

LEASES: Final = "stream/"
"""What the names of the shards' leases begin with."""
HEARTBEAT_SECONDS: Final = 5.0
CONNECTION: Final[dict[str, Any]] = {
    # a server that is gone without a word is noticed within 20 s (ours), and frees our lock as soon
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "options": "-c statement_timeout=10000 -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5"
    " -c tcp_keepalives_count=3",
}
APPLICATION: Final = "alphapulse stream "

log = logging.getLogger(__name__)


class LeaseTakenError(RuntimeError):
    """Another worker holds the shard; the message says which."""


def holders(database: Database) -> dict[str, str]:
    """Run ids by shard, of those that are held now ('' where a session has no name of ours)."""
    rows = database.rows(statement("streams/shard_holders"), {"leases": LEASES})
    return {row["shard"]: row["application"].removeprefix(APPLICATION) for row in rows}


class Lease:
    """The right to stream a shard. `lost` is called from the heartbeat's thread when the run has to stop."""

    def __init__(
        self,
        database: Database,
        *,
        shard: str,
        run_id: str,
        code_version: str,
        lost: Callable[[str], None],
        symbols: Callable[[], int] = lambda: 0,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._database = database
        self._shard = shard
        self._run_id = run_id
        self._code_version = code_version
        self._lost = lost
        self._symbols = symbols
        self._every = heartbeat_seconds
        self._connection: psycopg.Connection[dict[str, Any]] | None = None
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="stream-heartbeat", daemon=True)

    def take(self) -> None:
        """Take the shard or raise LeaseTakenError; from then on the heartbeat beats."""
        self._connect()
        self._execute("worker_started", **self._me())
        self._thread.start()

    def close_lost(self) -> tuple[list[str], int]:
        """Close what lost predecessors left open: their runs, and how many books."""
        row = self._execute("close_lost", run_id=self._run_id, shard=self._shard)
        return (list(row["runs"] or ()), int(row["books"])) if row else ([], 0)

    def leave(self, because: str) -> None:
        """Give the shard back; where the database is away, its server does so by itself."""
        self._leaving.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)
        try:
            if self._connection is None or self._connection.closed:
                self._connect()
            self._execute("worker_stopped", run_id=self._run_id, because=because)
        except (psycopg.Error, LeaseTakenError) as error:
            log.warning("shard %s: could not note that this worker stopped: %s", self._shard, error)
        finally:
            self._disconnect()

    def _beat(self) -> None:
        while not self._leaving.wait(self._every):
            try:
                if self._connection is None or self._connection.closed:
                    self._connect()
                row = self._execute("heartbeat", run_id=self._run_id, symbols=self._symbols())
            except psycopg.Error as error:
                log.warning("shard %s: heartbeat failed, trying again: %s", self._shard, error)
                self._disconnect()
                continue
            except LeaseTakenError as error:
                self._lost(str(error))
                return
            if row is not None and row["asked"]:
                self._lost(row["asked"])  # and on: until the rest is written the shard is ours

    def _connect(self) -> None:
        """A session that holds the lock; a session of ours that only the server still knows is ended."""
        connection = psycopg.connect(
            self._database.dsn,
            autocommit=True,
            application_name=f"{APPLICATION}{self._run_id}",
            row_factory=dict_row,
            **CONNECTION,
        )
        try:
            if not self._try_lock(connection):
                self._end_ghosts(connection)
                if not self._try_lock(connection):
                    holder = holders(self._database).get(self._shard, "an unknown session")
                    raise LeaseTakenError(f"shard {self._shard} is streamed by another worker: run {holder}")
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _try_lock(self, connection: psycopg.Connection[dict[str, Any]]) -> bool:
        found = connection.execute(
            statement("streams/take_shard"), {"lease": f"{LEASES}{self._shard}"}
        ).fetchone()
        return bool(found and found["taken"])

    def _end_ghosts(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        rows = connection.execute(statement("streams/shard_holders"), {"leases": LEASES}).fetchall()
        mine = {"shard": self._shard, "application": f"{APPLICATION}{self._run_id}"}
        for row in rows:
            if all(row[name] == value for name, value in mine.items()):
                connection.execute(
                    statement("streams/end_session"), {"pid": row["pid"], "application": row["application"]}
                )
                self._leaving.wait(0.5)  # the server ends it on its own time

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _execute(self, name: str, **parameters: Any) -> dict[str, Any] | None:
        assert self._connection is not None
        cursor = self._connection.execute(statement(f"streams/{name}"), parameters)
        return cursor.fetchone() if cursor.description else None

    def _me(self) -> dict[str, Any]:
        return {
            "run_id": self._run_id,
            "shard": self._shard,
            "code_version": self._code_version,
            "host": socket.gethostname(),
            "pid": os.getpid(),
        }
