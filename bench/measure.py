"""Taking the time: wall clock, and processor seconds of this process and of a local server."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import psutil
import psycopg

_TRIES: Final = 20


class BenchmarkError(RuntimeError):
    """What was timed did not do what it should have done: its time means nothing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one piece of work took, in seconds. `server` is None where the server is on another machine."""

    wall: float
    client: float
    server: float | None

    @property
    def processor(self) -> float | None:
        """Processor seconds of client and server together."""
        return None if self.server is None else self.client + self.server


class Meter:
    """Measures work against one server."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._postmaster = _postmaster(dsn)

    def cost(self, work: Callable[[], Any]) -> Cost:
        """Do the work once and say what it took."""
        client, server, started = _client_seconds(), self._server_seconds(), time.perf_counter()
        work()
        wall = time.perf_counter() - started
        after = self._server_seconds()
        return Cost(
            wall,
            _client_seconds() - client,
            None if server is None or after is None else max(after - server, 0.0),
        )

    def checkpoint(self) -> None:
        """Have what was written so far on disk, so that later work does not pay for it.

        Where we may not, the server's own timing has to do.
        """
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            try:
                connection.execute("CHECKPOINT")
            except psycopg.errors.InsufficientPrivilege:
                return

    def _server_seconds(self) -> float | None:
        """Processor seconds of the whole server so far: its processes, and those that ended."""
        if self._postmaster is None:
            return None
        for _ in range(_TRIES):
            before = self._postmaster.cpu_times()
            try:
                living = sum(_seconds(child) for child in self._postmaster.children())
            except psutil.NoSuchProcess:
                continue
            after = self._postmaster.cpu_times()
            if after.children_user + after.children_system == before.children_user + before.children_system:
                return float(sum(after[:4])) + living
        return None  # processes come and go too fast to be added up


def _seconds(process: psutil.Process) -> float:
    """What a living process has used, itself."""
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def _client_seconds() -> float:
    """Processor seconds of this process, all threads."""
    return time.process_time()


def _postmaster(dsn: str) -> psutil.Process | None:
    """The server's first process if it runs on this machine and is recognised beyond doubt."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT pg_backend_pid(), current_setting('data_directory', true)"
        ).fetchone()
        assert row is not None  # a SELECT without FROM returns one row
        try:
            parent = psutil.Process(row[0]).parent()
            # a server in a container or elsewhere numbers its processes differently
            if parent is None or not any("postgres" in part for part in parent.cmdline()[:1]):
                return None
        except psutil.Error:
            return None
    return parent
