"""One stack per database: a lock that its server frees when the stack is gone, and a row that says whose.

The lock is a session's advisory lock in Dagster's database, where analysts cannot connect. The pulse asks the
server on a new connection, as the platform's processes do, so that it notices what they would notice: a
server that is away, one that hangs, and that the session with the lock was lost.
"""

import logging
import os
import socket
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from alphapulse_cli.processes import ProcessError
from alphapulse_resources.database.client import statement

NAMESPACE: Final = zlib.crc32(b"alphapulse.stack") & 0x7FFF_FFFF
APPLICATION: Final = "alphapulse "
TAKE_SECONDS: Final = 25.0
"""How long a server may take to notice that the session of a killed holder is gone (ours)."""
QUICK_SECONDS: Final = 1.0
"""The same where the holder seems to live: a server on this machine notices at once (ours)."""
CONNECTION: Final[dict[str, Any]] = {
    # a server, or a client, that is gone without a word is noticed within 20 s (ours)
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c statement_timeout=10000 -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5"
    " -c tcp_keepalives_count=3",
}
log = logging.getLogger(__name__)
Row = dict[str, Any]


class OtherStackError(ProcessError):
    """Another stack works on this database; the message says which."""


@dataclass(frozen=True, slots=True)
class Stackholder:
    """Who holds the lock, or held it last."""

    program: str
    host: str
    pid: int
    home: str
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None

    def __str__(self) -> str:
        since = self.started_at.astimezone(UTC)
        return (
            f"`{self.program}` on {self.host}, process {self.pid}, home {self.home}, since {since:%F %T} UTC"
        )


class StackLock:
    """The right to run a stack on this database. `dsn` may name any database of its server."""

    def __init__(self, dsn: str, database: str, *, program: str, home: Path) -> None:
        self._dsn = dsn
        self._database = database
        self._me = {
            "program": program,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "home": str(home),
        }
        # with a word of its own: containers may share names and numbers
        self._application = f"{APPLICATION}{token_hex(4)} {os.getpid()}@{socket.gethostname()}"[:63]
        self._session: psycopg.Connection[Row] | None = None
        self.before: Stackholder | None = None
        """Who had the lock before it was taken."""

    def take(self) -> None:
        """Take the lock, or raise OtherStackError."""
        began = time.monotonic()
        session = self._connect()
        try:
            while not self._try(session):
                waited, known = time.monotonic() - began, self._last(session)
                if waited > (TAKE_SECONDS if known and self._gone(known) else QUICK_SECONDS):
                    raise OtherStackError(self._refusal(session))
                time.sleep(0.25)
            self.before = self._last(session)
            _execute(session, "prepare")
            _execute(session, "started", **self._me)
        except BaseException:
            session.close()
            raise
        self._session = session

    def pulse(self) -> list[Row]:
        """A sign of life; returns those of Dagster's daemons. A lost lock is taken again.

        Raises psycopg.Error where the server does not answer, OtherStackError where another has the lock.
        """
        with self._connect() as connection:
            holder = _execute(connection, "holder", namespace=NAMESPACE)
            mine = self._session.info.backend_pid if self._session and not self._session.closed else None
            if not holder or holder[0]["pid"] != mine:
                self._take_again(connection, holder)
            _execute(connection, "seen", host=self._me["host"], pid=self._me["pid"])
            return _heartbeats(connection)

    def heartbeats(self) -> list[Row]:
        """The newest sign of life of each Dagster daemon, the newest first."""
        with self._connect() as connection:
            return _heartbeats(connection)

    def release(self) -> None:
        """Give the lock back; where the server is away, it does so by itself."""
        session, self._session = self._session, None
        if session is None:
            return
        with suppress(psycopg.Error), self._connect() as connection:
            _execute(connection, "ended", host=self._me["host"], pid=self._me["pid"])
        with suppress(psycopg.Error):
            session.close()

    def holder(self) -> Stackholder | None:
        """Who holds the lock now; of a session that left no row its name is all that is known."""
        with self._connect() as connection:
            found = _execute(connection, "holder", namespace=NAMESPACE)
            if not found:
                return None
            known = self._last(connection)
            if known and known.ended_at is None:
                return known
            since = found[0]["backend_start"] or datetime.now(UTC)
            return Stackholder(found[0]["application"] or "?", "?", 0, "?", since, since, None)

    def _take_again(self, connection: psycopg.Connection[Row], holder: list[Row]) -> None:
        """The session with the lock was lost: on a new one, unless another stack was faster."""
        if self._session is not None:
            with suppress(psycopg.Error):
                self._session.close()
        self._session = None
        session = self._connect()
        for row in holder:
            if row["application"] == self._application:  # ours, but only the server still knows it
                session.execute(
                    statement("streams/end_session"), {"pid": row["pid"], "application": self._application}
                )
        end = time.monotonic() + QUICK_SECONDS
        while not self._try(session):
            if time.monotonic() > end:
                refusal = self._refusal(session)
                session.close()
                raise OtherStackError(refusal)
            time.sleep(0.25)
        log.info("the stack's lock was lost and is taken again")
        self._session = session

    def _connect(self) -> psycopg.Connection[Row]:
        return psycopg.connect(
            self._dsn,
            dbname=self._database,
            autocommit=True,
            application_name=self._application,
            row_factory=dict_row,
            **CONNECTION,
        )

    def _try(self, session: psycopg.Connection[Row]) -> bool:
        _execute(session, "stay")
        return bool(_execute(session, "take", namespace=NAMESPACE)[0]["taken"])

    def _last(self, connection: psycopg.Connection[Row]) -> Stackholder | None:
        if not _execute(connection, "known")[0]["stack"]:
            return None
        rows = _execute(connection, "last")
        return Stackholder(**rows[0]) if rows else None

    def _gone(self, known: Stackholder) -> bool:
        """Whether the holder ran on this machine and its process is no more."""
        if known.host != self._me["host"]:
            return False
        try:
            os.kill(known.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    def _refusal(self, session: psycopg.Connection[Row]) -> str:
        found = _execute(session, "holder", namespace=NAMESPACE)
        known = self._last(session)
        who = str(known) if known and known.ended_at is None else "unknown"
        name = f"; its session calls itself {found[0]['application']!r}" if found and who == "unknown" else ""
        return (
            f"another AlphaPulse stack works on this database: {who}{name}. Two would fail each other's runs "
            "and end each other's streams: stop that one, or use another database (ALPHAPULSE_DSN)"
        )


def _execute(connection: psycopg.Connection[Row], name: str, **parameters: Any) -> list[Row]:
    cursor = connection.execute(statement(f"stack/{name}"), parameters or None)
    return cursor.fetchall() if cursor.description else []


def _heartbeats(connection: psycopg.Connection[Row]) -> list[Row]:
    return _execute(connection, "heartbeats") if _execute(connection, "known")[0]["daemon"] else []
