"""What the tests of the embedded server share: places to put homes, starters in other processes, answers.

Homes are made directly in /tmp because pytest's own directories are private: under root the server's account
could not enter them, which is a case of its own.
"""

import contextlib
import json
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

from alphapulse_resources.postgres.embedded import EmbeddedPostgres, EmbeddedPostgresError, RunningServer
from alphapulse_resources.postgres.process import end_orphans

ROOT = Path(__file__).resolve().parents[2]

STARTER = """
import json, signal, sys, time
from pathlib import Path
from alphapulse_resources.postgres.embedded import EmbeddedPostgres
if "deaf" in sys.argv:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)
server = EmbeddedPostgres(Path(sys.argv[1])).ensure()
print(json.dumps({"dsn": server.dsn, "pid": server.pid, "adopted": server.adopted}), flush=True)
if "stay" in sys.argv:
    time.sleep(120)
"""


def start_python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def answer_of(process: subprocess.Popen[str]) -> Any:
    """The JSON a started process prints; its errors where it fails."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextlib.contextmanager
def place() -> Iterator[Path]:
    """A directory everybody may pass through; whatever server runs below it is ended in the end."""
    folder = Path(tempfile.mkdtemp(prefix="alphapulse-pg-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for state in [*folder.rglob("server.json"), *folder.rglob("pgdata.init")]:
            with contextlib.suppress(EmbeddedPostgresError):
                EmbeddedPostgres(state.parent).stop()
        for data_dir in [*folder.rglob("pgdata"), *folder.rglob("pgdata.init")]:
            end_orphans(data_dir)
        shutil.rmtree(folder)


def rows(server: RunningServer, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        return connection.execute(query).fetchall()
