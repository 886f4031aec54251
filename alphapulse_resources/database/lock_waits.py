"""Waiting for locks with patience that ends: what changes a table never queues behind a long query for long.

Who waits for a table's strongest lock has all later readers and writers wait behind it. So each attempt waits
for seconds only and lets everybody pass before the next; meanwhile it is noted who is in the way.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Final, TypeVar

import psycopg
from psycopg.rows import dict_row

from alphapulse_resources.database.statements import statement
from alphapulse_resources.database.timescale import SchemaError

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.2
"""How often it is looked who is in the way (ours)."""
SHOWN: Final = 3
QUERY_CHARACTERS: Final = 60
_BLOCKED: Final = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an attempt waits for a lock, and the pauses between attempts (ours): 78 s in all."""

    lock_seconds: float = 3.0
    pauses: tuple[float, ...] = (2.0, 4.0, 8.0, 16.0, 30.0)

    @property
    def lock_timeout(self) -> str:
        """As PostgreSQL's setting."""
        return f"{max(1, round(self.lock_seconds * 1000))}ms"


@dataclass(slots=True)
class Waiting:
    """Our sessions, by their server processes, and who was last seen to keep one of them waiting."""

    pids: list[int] = field(default_factory=list)
    blockers: list[dict[str, Any]] = field(default_factory=list)


def patiently(
    dsn: str, work: Callable[[], T], *, waiting: Waiting, what: Callable[[], str], patience: Patience
) -> T:
    """Do the work, again where it met a lock that was held; it has to leave nothing behind when it fails.

    Raises SchemaError that names what was in the way when the patience ends.
    """
    began = time.monotonic()
    for pause in (*patience.pauses, None):
        waiting.blockers = []
        with _watched(dsn, waiting):
            try:
                return work()
            except _BLOCKED as error:
                said = str(error).splitlines()[0]
        if pause is None:
            break
        log.warning("%s has to wait: %s; again in %g s", what(), _in_words(waiting.blockers, said), pause)
        time.sleep(pause)
    raise SchemaError(
        f"{what()} could not get its locks in {time.monotonic() - began:.0f} s: "
        f"{_in_words(waiting.blockers, said)}. What it changed was taken back. Let that end, or end it with "
        "SELECT pg_terminate_backend(<process>), then run `alphapulse migrate` again"
    )


@contextmanager
def _watched(dsn: str, waiting: Waiting) -> Iterator[None]:
    done = Event()
    watch = Thread(target=_watch, args=(dsn, waiting, done), name="lock-waits", daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()


def _watch(dsn: str, waiting: Waiting, done: Event) -> None:
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10, row_factory=dict_row) as connection:
            while not done.wait(POLL_SECONDS):
                found = connection.execute(statement("schema/blockers"), {"pids": waiting.pids}).fetchall()
                waiting.blockers = found or waiting.blockers
    except psycopg.Error as error:  # then nobody is named
        log.debug("who is in the way cannot be seen: %s", error)


def _in_words(blockers: list[dict[str, Any]], said: str) -> str:
    if not blockers:
        return f"something held them ({said})"
    shown = [_blocker(row) for row in blockers[:SHOWN]]
    more = len(blockers) - len(shown)
    return "in the way is " + "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _blocker(row: dict[str, Any]) -> str:
    query = "".join(letter if letter.isprintable() else " " for letter in row["query"] or "")
    query = " ".join(query.split())
    shown = query[:QUERY_CHARACTERS] + ("..." if len(query) > QUERY_CHARACTERS else "")
    application = f", {row['application']}" if row["application"] else ""
    since = f" for {row['seconds']:.0f} s" if row["seconds"] is not None else ""
    return f"process {row['pid']} ({row['who']}{application}), {row['state'] or 'at work'}{since}: {shown}"
