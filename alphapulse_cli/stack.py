"""Everything `alphapulse up` runs: database, code server, web server, daemon, in one process tree.

The platform owns what it started and stops exactly that, the database last and only if it is the embedded
one. What a killed predecessor left behind is found and ended or adopted first.
"""

import fcntl
import os
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final, Self

import requests
import yaml

from alphapulse_cli.database import prepare_database
from alphapulse_cli.processes import (
    Child,
    ProcessError,
    end_strays,
    free_port,
    listens,
    stop_all,
    wait_until,
)
from alphapulse_resources.connection import dagster_environment, embedded
from alphapulse_resources.settings import PROJECT_ROOT, Settings

if TYPE_CHECKING:
    import dagster as dg

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

Say = Callable[[str], None]


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
        self._extra = environment or {}
        self._children: list[Child] = []
        self._lock: IO[str] | None = None
        self._owns_server = settings.dsn is None
        self._machine_code: Child | None = None
        self._told = 0  # characters of its log that were told

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
        self.stop()

    def _start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        if strays := end_strays(OWNER, str(self.home)):
            self._say(f"ended {strays} processes that an earlier, killed start had left")
        if self.settings.dsn is None:
            server = embedded(self.settings).ensure()
            self.dsn = server.dsn
            self._say(f"PostgreSQL {'found running' if server.adopted else 'started'} on port {server.port}")
        else:
            self.dsn = self.settings.dsn.get_secret_value()
        for name in prepare_database(self.settings, self.dsn):
            self._say(f"migration {name} applied")
        self.environment = self._environment()
        self._write_environment(self.environment)
        self._make_machine_code()
        if lost := fail_lost_runs(self.environment):
            self._say(f"{lost} runs had lost their worker and are marked as failed; Dagster retries them")
        self._start_dagster(self.environment)

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
        dagster_home = self.home / "dagster"
        dagster_home.mkdir(exist_ok=True)
        shutil.copy(PROJECT_ROOT / "dagster.yaml", dagster_home / "dagster.yaml")
        return {
            **self._extra,
            "ALPHAPULSE_HOME": str(self.home),
            "ALPHAPULSE_DSN": self.dsn,
            "ALPHAPULSE_AUTOMATION": "true" if self._automation else "false",
            "DAGSTER_HOME": str(dagster_home),
            **dagster_environment(self.dsn, self.settings.dagster_database),
            OWNER: str(self.home),
            "PYTHONUNBUFFERED": "1",
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
        code = self._child(
            "code-server",
            [
                *("dagster", "code-server", "start", "-m", "alphapulse_assets.definitions"),
                *("-h", LOOPBACK, "-p", str(grpc_port), "--location-name", "alphapulse"),
            ],
            environment,
        )
        wait_until(lambda: listens(LOOPBACK, grpc_port), code, seconds=120, what="loading the definitions")
        workspace = self.home / "workspace.yaml"
        server = {"host": LOOPBACK, "port": grpc_port, "location_name": "alphapulse"}
        workspace.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}))
        wanted, self.port = self.port, free_port(self.host, self.port)
        if self.port != wanted:
            self._say(f"port {wanted} is taken: the web server takes {self.port}")
        web = self._child(
            "webserver",
            ["dagster-webserver", "-w", str(workspace), "-h", self.host, "-p", str(self.port)],
            environment,
        )
        self._child("daemon", ["dagster-daemon", "run", "-w", str(workspace)], environment)
        wait_until(self._answers, web, seconds=120, what="starting the web server")
        self._check_definitions()

    def _make_machine_code(self) -> None:
        """In the background: runs and streams then read it from disk."""
        command = [sys.executable, "-m", "alphapulse_assets.machine_code"]
        log = self.home / "logs" / "machine-code.log"
        log.unlink(missing_ok=True)
        self._machine_code = Child("machine-code", command, log, self.environment)
        self._machine_code.start()

    def _tell_of_machine_code(self) -> None:
        if self._machine_code is not None:
            told = self._machine_code.log.read_text()
            for line in told[self._told :].splitlines():
                self._say(line)
            self._told = len(told)

    def _first_grpc_port(self) -> int:
        """Another one for each home: two that start at once must not both find the same port free."""
        return 21_000 + zlib.crc32(str(self.home).encode()) % 9_000

    def _child(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        program = Path(sys.executable).parent / command[0]
        child = Child(name, [str(program), *command[1:]], self.home / "logs" / f"{name}.log", environment)
        child.start()
        self._children.append(child)
        return child

    def _answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}/server_info", timeout=2).ok
        return False

    def _check_definitions(self) -> None:
        """A code server listens even when the definitions do not load: ask what became of them."""
        answer = requests.post(f"{self.url}/graphql", json={"query": LOAD_ERRORS}, timeout=60).json()
        for entry in answer["data"]["workspaceOrError"].get("locationEntries", []):
            error = (entry["locationOrLoadError"] or {}).get("message")
            if error:
                raise ProcessError(f"the definitions of {entry['name']} do not load:\n{error}")

    def watch(self) -> None:
        """Start again what died; raises `ProcessError` when something keeps dying."""
        self._tell_of_machine_code()
        for child in self._children:
            if not child.alive:
                self._say(f"{child.name} ended unexpectedly and is started again (log: {child.log})")
                if not child.revive():
                    raise ProcessError(
                        f"{child.name} keeps ending; its log {child.log} says:\n{child.tail()}"
                    )

    def stop(self) -> None:
        """Stop what was started, the database last: stream runs still write what they hold."""
        preparing = [] if self._machine_code is None else [self._machine_code]
        stop_all([*self._children[::-1], *preparing], for_workers=WORKER_SECONDS)
        self._children.clear()
        if self._lock is None:
            return  # it was never ours
        end_strays(OWNER, str(self.home))  # a run that was launched while the others ended
        if self._owns_server:
            embedded(self.settings).stop()
        self._lock.close()
        self._lock = None


@contextmanager
def dagster_instance(environment: dict[str, str]) -> "Iterator[dg.DagsterInstance]":
    """Dagster's storage, as the processes with this environment see it."""
    import dagster as dg

    previous = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        with dg.DagsterInstance.get() as instance:
            yield instance
    finally:
        for name, value in previous.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def fail_lost_runs(environment: dict[str, str]) -> int:
    """Mark runs whose worker died with an earlier owner as failed, so that Dagster retries them.

    Dagster's monitoring cannot tell that a local worker is gone; a run would stay "started" for ever.
    """
    import dagster as dg

    lost = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    with dagster_instance(environment) as instance:
        runs = instance.get_runs(dg.RunsFilter(statuses=lost))
        for run in runs:
            instance.report_run_failed(run, "The worker ended with the process that had started it.")
        return len(runs)
