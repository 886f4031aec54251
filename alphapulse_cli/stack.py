"""Everything `alphapulse up` runs: database, code server, web server, daemon, API, in one process tree.

The platform owns what it started and stops exactly that, the database last and only if it is the embedded
one. What a killed predecessor left behind is found and ended or adopted first. What dies or hangs meanwhile
is started again, and told of.
"""

import fcntl
import os
import sys
import zlib
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import requests
import yaml

from alphapulse_cli import services
from alphapulse_cli.announcements import Announcer, Say
from alphapulse_cli.api_place import why_no_api
from alphapulse_cli.database import create_dagster_database
from alphapulse_cli.database_watch import DatabaseWatch
from alphapulse_cli.guard import Guard
from alphapulse_cli.logs import bound
from alphapulse_cli.lost_runs import fail_lost_runs
from alphapulse_cli.other_daemon import refuse_other_daemon
from alphapulse_cli.private import make_dagster_home, make_home
from alphapulse_cli.probes import Probe
from alphapulse_cli.processes import (
    Child,
    ProcessError,
    end_strays,
    free_port,
    stop_all,
    wait_until,
)
from alphapulse_cli.schema import prepare_database
from alphapulse_cli.stack_lock import StackLock
from alphapulse_cli.watching import Watched
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.connection import dagster_environment, embedded
from alphapulse_resources.postgres.embedded import EmbeddedPostgres
from alphapulse_resources.settings import Settings

LOOPBACK: Final = "127.0.0.1"
OWNER: Final = "ALPHAPULSE_OWNER"
"""Variable in every child's environment that names the home it works for."""
WORKER_SECONDS: Final = 70.0
"""How long processes that execute runs may take to end: a stream run may still have rows to write."""
LOAD_ERRORS: Final = """
{ workspaceOrError { ... on Workspace { locationEntries {
    name locationOrLoadError { ... on PythonError { message } }
} } } }
"""


class Stack:
    """The running platform, as a context manager. `say` is told what is happening."""

    def __init__(
        self,
        settings: Settings,
        *,
        host: str,
        port: int,
        automation: bool,
        say: Say,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.settings = settings
        self.home = settings.home.resolve()
        self.host = host
        self.port = port
        self.dsn = ""
        self.environment: dict[str, str] = {}
        self._automation = automation
        self._say = say
        self._announcer = Announcer(settings, say, lambda: self.dsn)
        self._extra = environment or {}
        self._watched: list[Watched] = []
        self._lock: IO[str] | None = None
        self._stack_lock: StackLock | None = None
        self._database: DatabaseWatch | None = None
        self._guard: Guard | None = None
        self._server: EmbeddedPostgres | None = None
        self._machine_code: Child | None = None
        self._told = 0  # characters of its log that were told
        self._api: Watched | None = None
        self.terminal_url: str | None = None
        """Address of the terminal's page and the API; None where they are not started."""

    @property
    def url(self) -> str:
        """Address of the Dagster UI."""
        return f"http://{self.host}:{self.port}"

    @property
    def environment_file(self) -> Path:
        """Shell variables for using Dagster's own commands beside us; holds the password (mode 0600)."""
        return self.home / "dagster.env"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            line = f"the stack ends, as it cannot go on: {str(error).splitlines()[0]}"
            self._announcer.announce("stack", str(self.home), line)
        self.stop()

    def _start(self) -> None:
        make_home(self.home)
        self._take_lock()
        if strays := end_strays(OWNER, str(self.home), for_workers=WORKER_SECONDS):
            self._say(f"ended {strays} processes that an earlier, killed start had left")
        self._find_database()
        self._take_database()
        for line in prepare_database(self.settings, self.dsn):
            self._say(line)
        self.environment = self._environment()
        self._write_environment(self.environment)
        self._make_machine_code()
        if lost := fail_lost_runs(self.environment):
            self._say(f"{lost} runs had lost their worker and are marked as failed; Dagster retries them")
        self._guard = Guard(OWNER, self.home, self.environment)
        self._guard.keep()
        self._choose_web_port()
        self._start_api({"ALPHAPULSE_API__DAGSTER_URL": self.url, **self.environment})
        self._start_dagster(self.environment)

    def _find_database(self) -> None:
        if self.settings.dsn is not None:
            self.dsn = self.settings.dsn.get_secret_value()
            return
        server = embedded(self.settings).ensure()
        self.dsn = server.dsn
        # it keeps its port: all that runs knows it
        self._server = EmbeddedPostgres(
            self.home, bin_dir=self.settings.database.postgres_bin, settings={"port": str(server.port)}
        )
        self._say(f"PostgreSQL {'found running' if server.adopted else 'started'} on port {server.port}")

    def _take_database(self) -> None:
        """From here on no other stack may work on it; before, nothing is changed in it."""
        create_dagster_database(self.dsn, self.settings.database.dagster)
        lock = StackLock(self.dsn, self.settings.database.dagster, program="alphapulse up", home=self.home)
        lock.take()
        self._stack_lock = lock
        refuse_other_daemon(lock, self.home, self._say)
        self._database = DatabaseWatch(self._announcer, lock, self._server)
        if lock.before is not None and lock.before.ended_at is None:
            line = (
                f"the stack before this one ended without a word (killed?): {lock.before}, last sign of life "
                f"{lock.before.seen_at.astimezone(UTC):%F %T} UTC"
            )
            self._announcer.announce("stack", lock.before.home, line, severity="warning", resolved=True)

    def _take_lock(self) -> None:
        self._lock = (self.home / "up.lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            raise ProcessError(
                f"AlphaPulse already runs in {self.home}: stop it first, or set ALPHAPULSE_HOME elsewhere"
            ) from None

    def _environment(self) -> dict[str, str]:
        return {
            **self._extra,
            **services.ENVIRONMENT,
            "ALPHAPULSE_HOME": str(self.home),
            "ALPHAPULSE_DSN": self.dsn,
            "ALPHAPULSE_AUTOMATION__ENABLED": "true" if self._automation else "false",
            "DAGSTER_HOME": str(make_dagster_home(self.home)),
            **dagster_environment(self.dsn, self.settings.database.dagster),
            OWNER: str(self.home),
        }

    def _write_environment(self, environment: dict[str, str]) -> None:
        self.environment_file.unlink(missing_ok=True)
        descriptor = os.open(self.environment_file, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            for name in sorted(environment.keys() - {OWNER}):
                quoted = environment[name].replace("'", "'\\''")
                file.write(f"export {name}='{quoted}'\n")

    def _start_dagster(self, environment: dict[str, str]) -> None:
        grpc_port = free_port(LOOPBACK, self._first_grpc_port())
        code = self._watch_child(
            "code-server",
            services.code_server(LOOPBACK, grpc_port),
            environment,
            services.code_probe(LOOPBACK, grpc_port),
            services.CODE_PATIENCE,
        )
        wait_until(code.answers, code.child, seconds=120, what="loading the definitions")
        workspace = self.home / "workspace.yaml"
        server = {"host": LOOPBACK, "port": grpc_port, "location_name": services.LOCATION}
        workspace.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}))
        web = self._watch_child(
            "webserver",
            services.web_server(workspace, self.host, self.port),
            environment,
            services.web_probe(self._own_url),
            services.WEB_PATIENCE,
        )
        self._start_daemon(workspace, environment)
        wait_until(web.answers, web.child, seconds=120, what="starting the web server")
        self._check_definitions()
        with Database(self.dsn).transaction() as connection:
            connection.execute(statement("stack/close_alerts"))

    def _choose_web_port(self) -> None:
        wanted, self.port = self.port, free_port(self.host, self.port)
        if self.port != wanted:
            self._say(f"port {wanted} is taken: the web server takes {self.port}")

    def _start_api(self, environment: dict[str, str]) -> None:
        """Before Dagster, which takes longer: one can look at what there is."""
        host, wanted = self.settings.api.host, self.settings.api.port
        if not self.settings.api.enabled:
            return
        if why := why_no_api(self.dsn, host):
            self._say(f"the API is not started: {why}")
            return
        port = free_port(host, wanted)
        if port != wanted:
            self._say(f"port {wanted} is taken: the API takes {port}")
        self.terminal_url = f"http://{host}:{port}"
        probe = services.api_probe(f"http://{_reached(host)}:{port}")
        self._api = self._watch_child(
            "api", services.api(host, port), environment, probe, services.API_PATIENCE
        )

    def _start_daemon(self, workspace: Path, environment: dict[str, str]) -> None:
        assert self._database is not None
        probe = services.daemon_probe(self._database, lambda: daemon.child.started)
        daemon = self._watch_child("daemon", services.daemon(workspace), environment, probe, patience=0.0)

    def _make_machine_code(self) -> None:
        """In the background: runs and streams then read it from disk."""
        command = [sys.executable, "-m", "alphapulse_assets.streaming.numba_warmup"]
        log = self.home / "logs" / "machine-code.log"
        log.unlink(missing_ok=True)
        self._machine_code = Child("machine-code", command, log, self.environment)
        self._machine_code.start()

    def _tell_of_machine_code(self) -> None:
        if self._machine_code is not None:
            told = (self.home / "logs" / "machine-code.log").read_text()
            for line in told[self._told :].splitlines():
                self._say(line)
            self._told = len(told)

    def _first_grpc_port(self) -> int:
        """Another one for each home: two that start at once must not both find the same port free."""
        return 21_000 + zlib.crc32(str(self.home).encode()) % 9_000

    def _watch_child(
        self, name: str, command: list[str], environment: dict[str, str], probe: Probe, patience: float
    ) -> Watched:
        child = Child(name, command, self.home / "logs" / f"{name}.log", environment)
        watched = Watched(child, probe, patience, self._announcer)
        child.start()
        self._watched.append(watched)
        return watched

    @property
    def _own_url(self) -> str:
        """The web server as this machine reaches it."""
        return f"http://{_reached(self.host)}:{self.port}"

    def _check_definitions(self) -> None:
        """A code server listens even when the definitions do not load: ask what became of them."""
        answer = requests.post(f"{self._own_url}/graphql", json={"query": LOAD_ERRORS}, timeout=60).json()
        for entry in answer["data"]["workspaceOrError"].get("locationEntries", []):
            error = (entry["locationOrLoadError"] or {}).get("message")
            if error:
                raise ProcessError(f"the definitions of {entry['name']} do not load:\n{error}")

    def watch(self) -> None:
        """Start again what died or hangs; raises `ProcessError` when something keeps dying."""
        self._tell_of_machine_code()
        if self._guard is not None:
            self._guard.keep()
        if self._database is None or self._database.check():
            for watched in list(self._watched):
                self._check(watched)
        logs = (watched.child.log for watched in self._watched)
        bound([*filter(None, logs), self.home / "postgres.log"])

    def _check(self, watched: Watched) -> None:
        try:
            watched.check()
        except ProcessError as error:
            if watched is not self._api:
                raise
            # nothing that collects depends on it
            self._watched.remove(watched)
            self._api = self.terminal_url = None
            self._say(f"the API stays off: {error}")

    def stop(self) -> None:
        """Stop what was started, the database last: stream runs still write what they hold."""
        ran = bool(self._watched)
        if ran:
            self._last_words("stopping: streams write what they hold, which takes some seconds")
        preparing = [] if self._machine_code is None else [self._machine_code]
        children = [watched.child for watched in self._watched]
        stop_all([*children[::-1], *preparing], for_workers=WORKER_SECONDS)
        self._watched.clear()
        if self._lock is None:
            self._announcer.close()
            return  # it was never ours
        if self._guard is not None:
            self._guard.dismiss()
        # a run that was launched while the others ended, or whose code server was started again meanwhile
        end_strays(OWNER, str(self.home), for_workers=WORKER_SECONDS)
        self._announcer.close()
        if self._stack_lock is not None:
            self._stack_lock.release()
        if self.settings.dsn is None:
            embedded(self.settings).stop()
        self._lock.close()
        self._lock = None
        if ran:
            ours = self.settings.dsn is None
            where = self.home if ours else "the database of ALPHAPULSE_DSN"
            what = "streams, collectors, Dagster" + (" and PostgreSQL" if ours else "")
            self._last_words(f"stopped: {what}. What was collected stays in {where}")

    def _last_words(self, line: str) -> None:
        with suppress(OSError):  # the terminal may be gone
            self._say(line)


def _reached(host: str) -> str:
    """A server's address as this machine reaches it."""
    return {"0.0.0.0": LOOPBACK, "::": "[::1]"}.get(host, host)
