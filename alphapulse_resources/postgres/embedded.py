"""The embedded PostgreSQL server: started from packaged programs, found again by all, stopped by its owner.

Exactly one process (`alphapulse up`, a test's fixture) owns the server: it calls `ensure()` and, at the very
end, `stop()`. All others call `attach()`. The server is no process' child for good: it outlives a killed
starter and the next `ensure()` adopts it. Linux and macOS; not Windows (set ALPHAPULSE_DSN there).

In the home directory: `pgdata` (the data), `postgres.password`, `postgres.log`, `postgres.lock`,
`server.json` (how to reach the server; kept after a stop, so that the port stays the same) and perhaps
`postgres.binaries` (copied programs).
Where the server's account cannot enter the home of a root user, `pgdata`, the password and the programs live
below `/var/lib/alphapulse`, and `postgres.location` says where.
"""

import contextlib
import json
import logging
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from alphapulse_resources.postgres.binaries import Binaries, find_bin_dir, runnable_binaries
from alphapulse_resources.postgres.cluster import USER, Cluster, write_private
from alphapulse_resources.postgres.diagnosis import PORT_TAKEN, failure, log_tail
from alphapulse_resources.postgres.process import (
    HOST,
    EmbeddedPostgresError,
    collect,
    end_orphans,
    exclusive_lock,
    find_postmaster,
    free_port,
    lives,
    read_pid_file,
    remove_misleading_pid_file,
    spawn_server,
)
from alphapulse_resources.settings import get_settings

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "RunningServer"]

_log = logging.getLogger(__name__)

READY_TIMEOUT_SECONDS: Final = 120.0
SILENCE_TIMEOUT_SECONDS: Final = 40.0  # PostgreSQL reports the progress of a recovery every 10 s
ATTACH_TIMEOUT_SECONDS: Final = 15.0
STOP_TIMEOUT_SECONDS: Final = 90.0
PORT_ATTEMPTS: Final = 5
LOG_KEPT_BYTES: Final = 20_000_000

# ours, for a machine shared with Dagster and its workers; fsync stays on
DEFAULT_SETTINGS: Final[Mapping[str, str]] = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",  # a month of minutes sorts in memory
    "random_page_cost": "1.1",  # an SSD's: nobody runs this on a spinning disk
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "jit": "off",
    # a statement that fails is its client's to log: Dagster's carry pictures, and would fill the log
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class RunningServer:
    """A server that answered, and how to reach it.

    `adopted` is False only for the call that started it. `system_identifier` is PostgreSQL's own number of
    the data directory. The password (and with it `dsn`) is a secret: neither is in the representation.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    pid: int
    system_identifier: int
    data_dir: Path
    adopted: bool

    @property
    def dsn(self) -> str:
        """The connection URL, password included: hand it on, never log or store it."""
        return (
            f"postgresql://{quote(self.user, safe='')}:{quote(self.password, safe='')}"
            f"@{self.host}:{self.port}/{quote(self.database, safe='')}"
        )


class _ServerGoneError(Exception):
    """The server's process ended while we waited for it."""


class EmbeddedPostgres:
    """One data directory below `home`, and the server on it.

    `bin_dir` names PostgreSQL's programs (default: `Settings.postgres_bin`, else the installed package);
    `database` is created when missing; `settings` are server parameters that override `DEFAULT_SETTINGS`
    (`port` fixes the port) and take effect when the server is started, not when it is adopted.
    """

    def __init__(
        self,
        home: Path,
        *,
        bin_dir: Path | None = None,
        database: str = "alphapulse",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        if sys.platform == "win32":
            raise EmbeddedPostgresError(
                "the embedded server does not run on Windows: set ALPHAPULSE_DSN to a PostgreSQL server"
            )
        self.home = home.expanduser().resolve()
        self.database = database
        self.log_path = self.home / "postgres.log"
        self._bin_dir = bin_dir or get_settings().database.postgres_bin
        self._settings = {**DEFAULT_SETTINGS, **(settings or {})}
        self._cluster = Cluster(self.home)
        self._state_path = self.home / "server.json"
        self._lock_path = self.home / "postgres.lock"

    def ensure(self) -> RunningServer:
        """The running server, started if need be; may be called by any number of processes at once.

        Raises: EmbeddedPostgresError if it can neither be reached nor started.
        """
        with self._explained():
            server = self._probe()
            if server and self._has_database(server):
                return server
            self.home.mkdir(parents=True, exist_ok=True)
            with exclusive_lock(self._lock_path) as lock:
                server = self._probe() or self._adopt() or self._start(lock)
                self._create_database(server)
                self._remember(server)
        _log.info("PostgreSQL %s on port %d", "adopted" if server.adopted else "started", server.port)
        return server

    def attach(self) -> RunningServer | None:
        """The server if it runs now, else None. Starts nothing, stops nothing, writes nothing.

        Raises: EmbeddedPostgresError if its process lives but does not answer, or its files are not ours to
        read.
        """
        deadline = time.monotonic() + ATTACH_TIMEOUT_SECONDS
        with self._explained():
            while True:
                if server := self._probe():
                    return server
                process = find_postmaster(self._cluster.data_dir)
                if process is None:
                    return None
                if time.monotonic() > deadline:
                    raise failure(self.home, f"the server (pid {process.pid}) runs but does not answer")
                time.sleep(0.1)

    def lives(self) -> bool:
        """Whether the server's process runs; asks the operating system only."""
        return find_postmaster(self._cluster.data_dir) is not None

    def stop(self) -> bool:
        """Shut the server down (fast: sessions end, data is checkpointed) and wait; False if none ran.

        For the owner only: everybody else's connections end too.
        Raises: EmbeddedPostgresError if it is still there after `STOP_TIMEOUT_SECONDS`.
        """
        if not self.home.is_dir():
            return False
        with self._explained(), exclusive_lock(self._lock_path):
            process = find_postmaster(self._cluster.data_dir)
            if process is None:
                return False
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGINT)
            deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
            while lives(process.pid):
                if time.monotonic() > deadline:
                    raise failure(self.home, f"the server (pid {process.pid}) is still shutting down")
                time.sleep(0.02)
            collect(process.pid)
        _log.info("PostgreSQL stopped")
        return True

    # finding a server

    def _probe(self) -> RunningServer | None:
        """The server that `server.json` tells of, if it answers and proves to be that one."""
        try:
            state = json.loads(self._state_path.read_text())
            port, identifier = int(state["port"]), int(state["system_identifier"])
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
            return None
        with contextlib.suppress(psycopg.OperationalError):
            server = self._greet(port)
            if server and server.system_identifier == identifier:
                return server
        return None

    def _greet(self, port: int) -> RunningServer | None:
        """Log in at `port`; None if another server than that of our data directory answers.

        Raises: psycopg.OperationalError if nobody lets us in.
        """
        data_dir, password = self._cluster.data_dir, self._cluster.password()
        recorded = read_pid_file(data_dir)
        if recorded is None or password is None:
            return None
        with _connect(port, password) as connection:
            row = connection.execute(
                "SELECT system_identifier, current_setting('data_directory') FROM pg_control_system()"
            ).fetchone()
        if row is None or row[1] != str(data_dir):
            return None
        return RunningServer(
            host=HOST,
            port=port,
            user=USER,
            password=password,
            database=self.database,
            pid=recorded.pid,
            system_identifier=row[0],
            data_dir=data_dir,
            adopted=True,
        )

    def _adopt(self) -> RunningServer | None:
        """The server of our data directory that `server.json` does not tell of.

        Its starter was killed on the way, or it recovers; one that is shutting down is waited for.
        """
        process = find_postmaster(self._cluster.data_dir)
        if process is None:
            return None
        with contextlib.suppress(_ServerGoneError):
            return self._await_ready(process.pid)
        return None

    def _await_ready(self, pid: int) -> RunningServer:
        """Wait until the server answers: as long as its process lives and its log moves, within bounds.

        Raises: _ServerGoneError when the process ends, EmbeddedPostgresError when the bounds are reached.
        """
        began = moved = time.monotonic()
        size, refusal = -1, "no connection yet"
        while True:
            recorded = read_pid_file(self._cluster.data_dir)
            if recorded and recorded.pid == pid and recorded.port:
                try:
                    if server := self._greet(recorded.port):
                        return server
                except psycopg.OperationalError as error:
                    refusal = str(error).strip()
            if not lives(pid):
                raise _ServerGoneError
            if "password authentication failed" in refusal:
                raise failure(
                    self.home,
                    f"the server (pid {pid}) refuses the password that is kept beside its data",
                    cure="put the right password into postgres.password, or set it by ALTER ROLE",
                )
            now, grown = time.monotonic(), self._log_size()
            if grown != size:
                size, moved = grown, now
            if now - began > READY_TIMEOUT_SECONDS or now - moved > SILENCE_TIMEOUT_SECONDS:
                raise failure(
                    self.home,
                    f"the server (pid {pid}) does not answer after {now - began:.0f} s: {refusal}",
                    cure="it is left running, as it may be recovering: look at the log and call again",
                    output=log_tail(self.log_path, 0),
                )
            time.sleep(0.03)

    # starting a server

    def _start(self, lock: int) -> RunningServer:
        cluster = self._cluster
        account = cluster.settle()
        binaries = runnable_binaries(find_bin_dir(self._bin_dir), account, cluster.copies)
        cluster.initialize(binaries, account, lock)
        cluster.check_version(binaries)
        if (ended := read_pid_file(cluster.data_dir)) and not lives(ended.pid):
            collect(ended.pid)  # our own child that was killed: else its number would look taken
        remove_misleading_pid_file(cluster.data_dir)
        end_orphans(cluster.data_dir)
        self._rotate_log()
        fixed = self._settings.get("port")
        for _ in range(PORT_ATTEMPTS):
            port = int(fixed) if fixed else free_port(self._last_port())
            offset = self._log_size()
            pid = spawn_server(self._server_command(binaries, port), account, self.log_path)
            try:
                return replace(self._await_ready(pid), adopted=False)
            except _ServerGoneError:
                collect(pid)
                said = log_tail(self.log_path, offset)
            if fixed or PORT_TAKEN not in said:
                raise failure(self.home, "the server ended while starting", output=said)
        raise failure(self.home, f"{PORT_ATTEMPTS} ports in a row were taken while starting", output=said)

    def _server_command(self, binaries: Binaries, port: int) -> list[str]:
        fixed = {"port": str(port), "listen_addresses": HOST, "unix_socket_directories": ""}
        command = [binaries.program("postgres"), "-D", str(self._cluster.data_dir)]
        for name, value in {**self._settings, **fixed}.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _has_database(self, server: RunningServer) -> bool:
        with _connect(server.port, server.password) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (self.database,))
            return found.fetchone() is not None

    def _create_database(self, server: RunningServer) -> None:
        if not self._has_database(server):
            with _connect(server.port, server.password) as connection:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))

    def _remember(self, server: RunningServer) -> None:
        """Write `server.json`; the password stays in its own file."""
        names = ("host", "port", "user", "database", "pid", "system_identifier")
        state = {name: getattr(server, name) for name in names} | {"data_dir": str(server.data_dir)}
        write_private(self._state_path, json.dumps(state, indent=1) + "\n")

    def _last_port(self) -> int | None:
        try:
            return int(json.loads(self._state_path.read_text())["port"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _log_size(self) -> int:
        return self.log_path.stat().st_size if self.log_path.exists() else 0

    def _rotate_log(self) -> None:
        if self._log_size() > LOG_KEPT_BYTES:
            self.log_path.replace(self.log_path.with_name("postgres.log.old"))

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the file system and the server refuse into an error that says what to do."""
        try:
            yield
        except PermissionError as error:
            cure = "run as the user who started the server, or set ALPHAPULSE_HOME to a directory of your own"
            raise failure(self.home, str(error), cure=cure) from error
        except (FileNotFoundError, FileExistsError, NotADirectoryError) as error:
            if self.home.is_dir():
                raise failure(self.home, str(error)) from error
            raise EmbeddedPostgresError(
                f"the home {self.home} is no directory and cannot be made one ({error.strerror}): set "
                "ALPHAPULSE_HOME to a directory of your own, on a disk"
            ) from error
        except (OSError, psycopg.Error) as error:
            raise failure(self.home, str(error).strip()) from error


def _connect(port: int, password: str) -> psycopg.Connection[TupleRow]:
    """Log in to the maintenance database; no PG* variable interferes, no stranger is shown the password."""
    return psycopg.connect(
        host=HOST,
        hostaddr=HOST,
        port=port,
        user=USER,
        password=password,
        dbname="postgres",
        sslmode="disable",
        gssencmode="disable",
        require_auth="scram-sha-256",
        options="-c statement_timeout=60s",
        connect_timeout=5,
        autocommit=True,
    )
