"""Child processes that live exactly as long as their owner wants them to.

Each runs in its own session with default signal dispositions (a shell's background job ignores SIGINT, and
Dagster would inherit that), writes to its own log, and ends when its parent dies, however that happens.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import psutil

PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
RESTARTS_PER_HOUR: Final = 10
TAIL_BYTES: Final = 65_536
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None  # not loaded between fork and exec


class ProcessError(RuntimeError):
    """A child did not start or died; the message says where its log is."""


@dataclass(slots=True)
class Child:
    """A process we started, with what is needed to start it again."""

    name: str
    command: Sequence[str]
    log: Path | None
    """Where its output goes; None: where ours goes."""
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    restarts: list[float] = field(default_factory=list)
    started: float = 0.0
    """When it was started last, as a Unix time."""

    def start(self) -> None:
        """Start it; its output goes to the end of its log. What it writes is for this user only."""
        with self._output() as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
                umask=0o077,
                preexec_fn=_prepare_child,
            )
        self.started = time.time()

    @contextmanager
    def _output(self) -> Iterator[IO[bytes] | None]:
        if self.log is None:
            yield None
            return
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
            yield log

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def revive(self) -> bool:
        """Start it again if it died; False when it dies too often to go on."""
        if self.alive:
            return True
        now = time.monotonic()
        self.restarts = [moment for moment in self.restarts if now - moment < 3600]
        if len(self.restarts) >= RESTARTS_PER_HOUR:
            return False
        self.restarts.append(now)
        self.start()
        return True

    def kill(self) -> None:
        """End it at once, with what it started; the runs that it had launched go on by themselves."""
        if self.process is None:
            return
        family: list[psutil.Process] = []
        with suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.process.pid).children(recursive=True)
        started = [process for process in family if not _belongs_to_a_run(process)]
        self.process.kill()
        for process in started:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        with suppress(subprocess.TimeoutExpired):  # one that waits for a disk ends later
            self.process.wait(timeout=10)

    def tail(self, lines: int = 15) -> str:
        """The end of its log."""
        if self.log is None:
            return ""
        try:
            with self.log.open("rb") as log:
                log.seek(max(log.seek(0, os.SEEK_END) - TAIL_BYTES, 0))
                return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""


def _prepare_child() -> None:
    """Between fork and exec: default signals, and (Linux) a SIGTERM when the parent dies."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_until(
    ready: Callable[[], bool], child: Child, *, seconds: float, what: str, interval: float = 0.2
) -> None:
    """Wait until `ready`; raises `ProcessError` when the child dies first or the time is over."""
    end = time.monotonic() + seconds
    while not ready():
        if not child.alive:
            raise ProcessError(f"{child.name} ended while {what}; its log {child.log} says:\n{child.tail()}")
        if time.monotonic() > end:
            raise ProcessError(f"{child.name} took more than {seconds:.0f} s {what}; see {child.log}")
        time.sleep(interval)


def listens(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def check_address(host: str, port: int) -> None:
    """Raise `ProcessError` where nothing can ever listen: no port, or an address of another machine."""
    if not 1 <= port <= 65_535:
        raise ProcessError(f"{port} is no port: they go from 1 to 65535 (3000 is the usual one)")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise ProcessError(
                f"{host} is no address of this machine ({error.strerror}): 127.0.0.1 is for this machine "
                "alone, 0.0.0.0 for all that can reach it"
            ) from None


def free_port(host: str, wanted: int) -> int:
    """`wanted` if it is free, else the next free one (below the range that outgoing connections use)."""
    candidates: list[int] = [*range(wanted, min(wanted + 100, 32768)), *range(20000, 20100)]
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise ProcessError(
        f"no free port near {wanted} on {host}: name another by --port, or end what listens there"
    )


def stop_all(children: Sequence[Child], *, grace: float = 20.0, for_workers: float = 0.0) -> None:
    """Stop the children and everything they started: politely first, for good after `grace` seconds.

    Processes that execute runs may take `for_workers` seconds: they still write what they hold.
    """
    family: dict[int, psutil.Process] = {}
    for child in children:
        if child.process is None:
            continue
        try:
            root = psutil.Process(child.process.pid)
            for process in [*root.children(recursive=True), root]:
                family[process.pid] = process
        except psutil.NoSuchProcess:
            continue
    _end(list(family.values()), grace, for_workers)
    for child in children:
        if child.process is not None:
            child.process.wait(timeout=5)


def end_strays(variable: str, value: str, *, grace: float = 10.0, for_workers: float = 0.0) -> int:
    """End processes of this user whose environment says that they belonged to an earlier, killed owner.

    As with `stop_all`, those that execute runs may take `for_workers` seconds.
    """
    strays = owned(variable, value)
    _end(strays, grace, for_workers)
    return len(strays)


def owned(variable: str, value: str) -> list[psutil.Process]:
    """The processes of this user, but this one, whose environment has the variable with the value."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(variable) == value:
                found.append(process)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def _end(processes: list[psutil.Process], grace: float, for_workers: float = 0.0) -> None:
    started = time.monotonic()
    workers = [process for process in processes if _executes_runs(process)]
    for process in processes:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(workers, timeout=for_workers)
    left = max(grace - (time.monotonic() - started), 1.0)
    _, alive = psutil.wait_procs(processes, timeout=left)
    for process in alive:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(alive, timeout=5)


def _executes_runs(process: psutil.Process) -> bool:
    """Dagster's code server starts a process for each run, by multiprocessing."""
    return _says(process, "multiprocessing.spawn")


def _belongs_to_a_run(process: psutil.Process) -> bool:
    """A run's process, or the one that keeps track of what such processes share."""
    return _says(process, "multiprocessing")


def _says(process: psutil.Process, word: str) -> bool:
    try:
        return any(word in part for part in process.cmdline())
    except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
