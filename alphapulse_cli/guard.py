"""The guard of a stack: a small process that outlives `alphapulse up`, and tells when it was killed.

Its standard input is a pipe that only its owner can write to. An owner that ends says so first; a pipe that
closes without a word means that it was killed. Then the guard tells it and sees that its processes end.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

FAREWELL: Final = b"bye\n"
END_SECONDS: Final = 30.0
"""How long what the owner had started may take to end by itself (ours); runs may take longer."""
WORKER_SECONDS: Final = 90.0
"""How long a run may take to write what it holds (ours)."""


class Guard:
    """The guard as its owner has it. `owner` is the environment variable that the stack's processes bear."""

    def __init__(self, owner: str, home: Path, environment: Mapping[str, str]) -> None:
        self._command = [sys.executable, "-m", "alphapulse_cli.guard", owner, str(home), str(os.getpid())]
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        """Start it, or start it again if it died."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                env={**os.environ, **self._environment},
                start_new_session=True,
                umask=0o077,
            )

    def dismiss(self) -> None:
        """Nothing is left to guard."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            with suppress(OSError), process.stdin as pipe:
                pipe.write(FAREWELL)
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=5)


def main(owner: str, home: str, pid: str) -> None:
    """Wait for the end of the owner; tell of it if nobody else can."""
    if sys.stdin.buffer.read().endswith(FAREWELL):
        return
    line = f"`alphapulse up` was killed (process {pid}, home {home}); what it had started is ending"
    with suppress(OSError):  # the terminal may be gone too
        print(line, file=sys.stderr, flush=True)
    try:
        _tell(line, home, int(pid))
    finally:  # whatever keeps it from being told
        _end(owner, home)


def _tell(line: str, home: str, pid: int) -> None:
    from alphapulse_resources.database.client import Database
    from alphapulse_resources.platform_alerts import PlatformAlert, deliver, store
    from alphapulse_resources.settings import get_settings

    settings = get_settings()
    alert = PlatformAlert("stack", home, "critical", line, {"process": pid, "home": home}, datetime.now(UTC))
    delivery = deliver(settings, alert)
    if settings.dsn is not None:
        with suppress(Exception):  # the alert is told; a row of it is more than can be promised now
            store(Database(settings.dsn), alert, delivery)


def _end(owner: str, home: str) -> None:
    """See that the owner's processes end: the kernel has told its children, and they tell theirs."""
    from alphapulse_cli.processes import end_strays, owned

    end = time.monotonic() + END_SECONDS
    while owned(owner, home) and time.monotonic() < end:
        time.sleep(1.0)
    end_strays(owner, home, for_workers=WORKER_SECONDS)


if __name__ == "__main__":
    main(*sys.argv[1:])
