"""PostgreSQL's processes as the operating system sees them.

Here: the error everything embedded raises, the account a server runs under, starting programs, reading
`postmaster.pid`, telling our postmaster from a stranger, free ports. Nothing here speaks SQL.
"""

import contextlib
import logging
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

_log = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
# below 32768: Linux gives outgoing connections ports from there up, so none can take ours while we start
PORTS: Final = range(20_000, 32_768)
ACCOUNTS: Final = ("alphapulse", "postgres", "nobody")
PROGRAM_TIMEOUT_SECONDS: Final = 180.0
ORPHAN_TIMEOUT_SECONDS: Final = 15.0
LOCK_TIMEOUT_SECONDS: Final = 300.0

# servers started by this process, kept so that their exit can be collected
_children: dict[int, subprocess.Popen[bytes]] = {}


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot serve; the message says what happened, where the log is and what to do."""


@dataclass(frozen=True)
class Account:
    """The unprivileged user and group a server started by root runs under."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class PidFile:
    """What `postmaster.pid` says; `port` is None until the server listens there."""

    pid: int
    port: int | None


def unprivileged_account(*owned: Path) -> Account | None:
    """Whom to run PostgreSQL as: None (ourselves) unless we are root, as PostgreSQL refuses to run as root.

    The owner of the first of `owned` that exists and is not root's is kept, so that a data directory never
    changes hands; otherwise the first of `ACCOUNTS` this machine has.
    """
    if os.geteuid() != 0:
        return None
    import pwd  # Unix only, like everything below this line

    for path in owned:
        with contextlib.suppress(OSError, KeyError):
            if uid := path.stat().st_uid:
                entry = pwd.getpwuid(uid)
                return Account(entry.pw_name, uid, entry.pw_gid)
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresError(
        f"PostgreSQL refuses to run as root and none of the accounts {', '.join(ACCOUNTS)} exists. "
        "Create one (useradd --system alphapulse), or run as an ordinary user."
    )


def _environment() -> dict[str, str]:
    """The little that PostgreSQL needs: our secrets and PG* variables stay out of its environment."""
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


def run_program(
    command: Sequence[str], account: Account | None, *, pass_fds: Sequence[int] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a short program to its end as `account` and return its output; the caller judges the exit code.

    Raises: OSError if it cannot be executed, EmbeddedPostgresError after `PROGRAM_TIMEOUT_SECONDS`.
    """
    try:
        return subprocess.run(
            command,
            cwd="/",
            env=_environment(),
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=PROGRAM_TIMEOUT_SECONDS,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            pass_fds=pass_fds,
        )
    except subprocess.TimeoutExpired as error:
        raise EmbeddedPostgresError(
            f"{command[0]} did not end within {PROGRAM_TIMEOUT_SECONDS:.0f} s. Is the disk hanging?"
        ) from error


def _default_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def spawn_server(command: Sequence[str], account: Account | None, log_path: Path) -> int:
    """Start a server in a session of its own (it outlives us), its output appended to `log_path`; its pid."""
    with open(open_private(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab") as log:
        # a parent that ignores signals (a script's background job) would pass that on: hence preexec_fn,
        # which only sets dispositions, so that it is safe in the child of a threaded process too
        process = subprocess.Popen(
            command,
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            umask=0o077,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_default_signals,
        )
    _children[process.pid] = process
    return process.pid


def collect(pid: int) -> None:
    """Take the exit status of a server that has ended, if it was our child."""
    if child := _children.get(pid):
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=5)
            del _children[pid]


def open_private(path: Path, flags: int) -> int:
    """Open a file that only its owner can read (0600 when new); root gives it to its directory's owner."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def can_enter(directory: Path, account: Account) -> bool:
    """Whether `account` may pass through every parent of `directory` and through itself."""
    return run_program(["/bin/sh", "-c", 'test -d "$1/."', "sh", str(directory)], account).returncode == 0


def read_pid_file(data_dir: Path) -> PidFile | None:
    """`postmaster.pid` of a data directory, None when there is none or it makes no sense."""
    try:
        lines = (data_dir / "postmaster.pid").read_text(errors="replace").splitlines()
        pid = abs(int(lines[0]))  # negative: a single-user server
    except (FileNotFoundError, NotADirectoryError, ValueError, IndexError):
        return None
    # PostgreSQL adds line 6, the address, once it listens; before that somebody else may own the port
    listening = len(lines) > 5 and lines[5].strip() and lines[3].strip().isdigit()
    return PidFile(pid, int(lines[3]) if listening else None)


def lives(pid: int) -> bool:
    """Whether a process runs under this number; a zombie has ended, whoever forgot to collect it."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def find_postmaster(data_dir: Path) -> psutil.Process | None:
    """The living server of `data_dir`: the process its pid file names, if that is a postgres at work there.

    A zombie, a dead pid and an unrelated process that got the number later all count as no server.
    """
    recorded = read_pid_file(data_dir)
    if recorded is None:
        return None
    try:
        process = psutil.Process(recorded.pid)
        command = process.cmdline()  # empty for a zombie
        if not command or Path(command[0]).name != "postgres":
            return None
        # somebody who started it by hand may have named the directory in another way
        ours = str(data_dir) in command or process.cwd() == str(data_dir)
    except psutil.Error:
        return None
    return process if ours else None


def remove_misleading_pid_file(data_dir: Path) -> None:
    """Remove a pid file whose number now belongs to somebody else (a container restart does that).

    PostgreSQL would take the stranger for a running server and refuse to start. A file naming a pid that is
    simply gone is left to PostgreSQL, which then also checks for survivors of the old server.
    """
    path = data_dir / "postmaster.pid"
    if not path.exists() or find_postmaster(data_dir):
        return
    recorded = read_pid_file(data_dir)
    if recorded is None or psutil.pid_exists(recorded.pid):
        _log.warning("removing %s: no server of this directory runs under that number", path)
        path.unlink(missing_ok=True)


def end_orphans(data_dir: Path) -> None:
    """End server processes of `data_dir` that outlived their postmaster; those of a living one stay.

    They hold the shared memory, so that no new server could start. SIGQUIT makes them leave at once; what
    they committed is in the write-ahead log.
    """
    orphans = [] if find_postmaster(data_dir) else list(_processes_working_in(data_dir))
    for process in orphans:
        _log.warning("ending process %d, left behind by a dead server in %s", process.pid, data_dir)
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGQUIT)
    _, remaining = psutil.wait_procs(orphans, timeout=ORPHAN_TIMEOUT_SECONDS)
    for process in remaining:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(remaining, timeout=ORPHAN_TIMEOUT_SECONDS)


def _processes_working_in(data_dir: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name().startswith("postgres") and process.cwd() == str(data_dir):
                yield process


def free_port(preferred: int | None) -> int:
    """A TCP port nobody listens on at `HOST`: the preferred one if free, else one from `PORTS`, else any."""
    candidates = random.sample(PORTS, 50)
    for port in [preferred, *candidates] if preferred else candidates:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def exclusive_lock(path: Path) -> Iterator[int]:
    """Hold the file lock `path` between processes and threads; yields the descriptor that carries it.

    The lock ends with its last descriptor: whoever inherits it keeps it, and a killed holder frees it.
    Raises EmbeddedPostgresError after `LOCK_TIMEOUT_SECONDS`.
    """
    import fcntl  # Unix only

    deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
    descriptor = open_private(path, os.O_RDWR | os.O_CREAT)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmbeddedPostgresError(
                        f"another process has held {path} for {LOCK_TIMEOUT_SECONDS:.0f} s while starting or "
                        "stopping the server. Look for a hanging alphapulse process (fuser -v on that file)."
                    ) from None
            time.sleep(0.02)
        yield descriptor
    finally:
        os.close(descriptor)
