"""A Dagster daemon of somebody else, which holds no lock of ours: known by its signs of life."""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from alphapulse_cli.stack_lock import OtherStackError, Stackholder, StackLock

SILENT_SECONDS: Final = 75.0
"""A daemon that missed two signs of life is gone (ours): they come every 30 s
(DEFAULT_HEARTBEAT_INTERVAL_SECONDS of dagster)."""


def refuse_other_daemon(lock: StackLock, home: Path, say: Callable[[str], None]) -> None:
    """Raise OtherStackError where a Dagster daemon works on this database that no stack of ours started.

    `docker compose` of an older version, `dagster dev` and `dagster-daemon run` hold no lock, but their
    daemon gives signs of life. One that was just stopped did so too: what counts is that another comes.
    """
    before, beats = lock.before, lock.heartbeats()
    if not beats or _explained(before, home, beats[0]["beat_at"]):
        return
    first = beats[0]["beat_at"]
    if time.time() - first < SILENT_SECONDS:
        say(
            f"a Dagster daemon gave a sign of life {max(time.time() - first, 0):.0f} s ago, and no stack is "
            f"known to run: waiting up to {SILENT_SECONDS:.0f} s for another one"
        )
    while time.time() - first < SILENT_SECONDS:
        newest = lock.heartbeats()[0]
        if newest["beat_at"] > first + 1.0:
            at = datetime.fromtimestamp(newest["beat_at"], UTC)
            raise OtherStackError(
                f"a Dagster daemon of somebody else works on this database, its last sign {at:%F %T} UTC. "
                "Stop it first (docker compose, dagster dev, dagster-daemon run), or use another database"
            )
        time.sleep(1.0)


def _explained(before: Stackholder | None, home: Path, beat_at: float) -> bool:
    """Whether the last sign of life is that of the stack that had the lock before, which is over."""
    if before is None:
        return False
    if before.ended_at is not None:
        return beat_at <= before.ended_at.timestamp() + 1.0
    return before.host == socket.gethostname() and before.home == str(home)
