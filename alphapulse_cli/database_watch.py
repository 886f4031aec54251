"""The database of a stack, watched: an embedded server that dies is started again, another is told of.

What comes of it is the time since when the database answers, which other probes need: a daemon cannot give a
sign of life to a database that is away.
"""

import time
from typing import Any, Final

import psycopg

from alphapulse_cli.announcements import Announcer
from alphapulse_cli.processes import RESTARTS_PER_HOUR, ProcessError
from alphapulse_cli.stack_lock import StackLock
from alphapulse_resources.postgres.embedded import EmbeddedPostgres
from alphapulse_resources.postgres.process import EmbeddedPostgresError

PULSE_SECONDS: Final = 5.0
"""Between two questions (ours)."""
LONGEST_PAUSE: Final = 60.0
"""Between two tries to start a server that does not start (ours); the first is a second, then doubled."""


class DatabaseWatch:
    """`server` is the embedded one, where it is ours to start; its port has to be fixed.

    Who `holds` the stack's lock keeps it; another only reads the daemons' signs of life.
    """

    def __init__(
        self, announcer: Announcer, lock: StackLock, server: EmbeddedPostgres | None, *, holds: bool = True
    ) -> None:
        self._announcer = announcer
        self._holds = holds
        self._lock = lock
        self._server = server
        self._restarts: list[float] = []
        self._next_try = 0.0
        self._pause = 1.0
        self._died: float | None = None
        self._asked = 0.0
        self._failed = 0
        self._away: float | None = None
        self.answering_since = time.time()
        self.beats: list[dict[str, Any]] = []
        """The newest signs of life of Dagster's daemons, when it was last asked."""

    def check(self) -> bool:
        """Look after it; whether it answers, as far as is known: what needs it cannot start without.

        Raises ProcessError when it keeps dying or another stack has taken it.
        """
        if self._server is not None and not self._server.lives():
            self._start_again(self._server)
        now = time.monotonic()
        if now - self._asked < (1.0 if self._failed else PULSE_SECONDS):
            return not self._failed
        try:
            self.beats = self._lock.pulse() if self._holds else self._lock.heartbeats()
        except psycopg.Error as error:
            self._does_not_answer(error)
        else:
            self._answers()
        self._asked = time.monotonic()
        return not self._failed

    def newest_beat(self) -> float | None:
        """The newest sign of life of a daemon."""
        return self.beats[0]["beat_at"] if self.beats else None

    def _start_again(self, server: EmbeddedPostgres) -> None:
        now = time.monotonic()
        if now < self._next_try:
            return
        self._restarts = [moment for moment in self._restarts if now - moment < 3600]
        if len(self._restarts) >= RESTARTS_PER_HOUR:
            raise ProcessError(f"PostgreSQL keeps ending or does not start; its log is {server.log_path}")
        self._restarts.append(now)
        if self._died is None:
            self._died = now
            line = f"PostgreSQL ended unexpectedly and is started again (log: {server.log_path})"
            self._announcer.announce("process", "postgresql", line)
        try:
            server.ensure()
        except EmbeddedPostgresError as error:
            self._next_try = time.monotonic() + self._pause
            self._announcer.say(f"PostgreSQL did not start, next try in {self._pause:.0f} s: {error}")
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            return
        self._pause = 1.0
        line = f"PostgreSQL answers again after {time.monotonic() - self._died:.0f} s"
        self._died = None
        self._announcer.announce("process", "postgresql", line, severity="info", resolved=True)
        self._failed, self._asked, self.answering_since = 0, 0.0, time.time()

    def _does_not_answer(self, error: psycopg.Error) -> None:
        self._failed += 1
        if self._failed < 2 or self._away is not None or not self._holds:
            return  # once may be chance; it is told once, and by one
        self._away = time.monotonic()
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        line = f"the database does not answer: {said}. What runs waits for it"
        self._announcer.announce("database", "connection", line)

    def _answers(self) -> None:
        if self._failed:
            self.answering_since = time.time()
        self._failed = 0
        if self._away is not None:
            line = f"the database answers again after {time.monotonic() - self._away:.0f} s"
            self._away = None
            self._announcer.announce("database", "connection", line, severity="info", resolved=True)
