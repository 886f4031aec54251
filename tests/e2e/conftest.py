"""One demo for all end-to-end tests: a real `alphapulse demo` in a home of its own, used as a user would."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import requests
from psycopg.rows import dict_row

from alphapulse_cli.processes import end_strays
from alphapulse_cli.stack import OWNER
from alphapulse_resources.embedded_postgres import EmbeddedPostgres

PROGRAM = Path(sys.executable).with_name("alphapulse")
DAYS = 1
START_SECONDS = 240.0
STOP_SECONDS = 40.0
LAUNCH = """
mutation Launch($execution: ExecutionParams!) {
  launchRun(executionParams: $execution) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""
RUNS = """
query Runs($filter: RunsFilter, $limit: Int) {
  runsOrError(filter: $filter, limit: $limit) {
    ... on Runs { results { runId rootRunId status jobName tags { key value } } }
  }
}
"""
EVENTS = """
query Events($run: ID!) {
  logsForRun(runId: $run) { ... on EventConnection { events { ... on MessageEvent { message } } } }
}
"""


def eventually(state: Callable[[], Any], what: str, *, seconds: float = 60.0) -> Any:
    """Wait until `state` gives something true, and return that; fails when the time is over."""
    end = time.monotonic() + seconds
    while not (found := state()):
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)
    return found


@dataclass(slots=True)
class Demo:
    """A home for demos, and the one that runs in it, if one does."""

    home: Path
    process: subprocess.Popen[bytes] | None = None
    output: Path = field(init=False)

    def __post_init__(self) -> None:
        self.output = self.home / "output.txt"

    @property
    def data(self) -> Path:
        """The demo's own home, below the one it was given."""
        return self.home / "demo"

    def command(self, *arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
        """`alphapulse` with these arguments in this home, deaf to the terminal's Ctrl-C."""
        ours = ("ALPHAPULSE_", "DAGSTER_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return subprocess.Popen(
            [str(PROGRAM), *arguments],
            env={**inherited, "ALPHAPULSE_HOME": str(self.home), "COLUMNS": "250"},
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **streams,
        )

    def start(self) -> None:
        """Start the demo and wait until it says that it runs; one that runs already is used."""
        if self.process is not None and self.process.poll() is None:
            return
        with self.output.open("wb") as output:
            self.process = self.command("demo", "--days", str(DAYS), stdout=output, stderr=output)
        eventually(self._says_that_it_runs, "the demo says that it runs", seconds=START_SECONDS)

    def _says_that_it_runs(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the demo ended early; it said:\n{self.said()}"
        return "AlphaPulse runs." in self.said()

    def said(self) -> str:
        """What the running demo has printed."""
        return self.output.read_text() if self.output.exists() else ""

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> int:
        """End the demo by a signal; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(STOP_SECONDS)
        self.process = None
        return code

    def remove(self) -> None:
        """End whatever is left, however a test went, and remove the home."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        end_strays(OWNER, str(self.data))
        EmbeddedPostgres(self.data).stop()
        shutil.rmtree(self.home, ignore_errors=True)

    # looking into it --------------------------------------------------------------------------------------

    def owned(self) -> list[psutil.Process]:
        """The processes that say they work for this demo."""
        return [process for process in psutil.process_iter() if _owner(process) == str(self.data)]

    def server_runs(self) -> bool:
        """Whether its database answers."""
        return EmbeddedPostgres(self.data).attach() is not None

    @property
    def url(self) -> str:
        """Address of its Dagster UI."""
        found = re.search(r"Dagster UI: (http://\S+)", self.said())
        assert found, self.said()
        return found[1]

    def variable(self, name: str) -> str:
        """A variable of `dagster.env`, which the demo leaves for other programs."""
        found = re.search(rf"^export {name}='(.*)'$", (self.data / "dagster.env").read_text(), re.MULTILINE)
        assert found
        return found[1]

    def rows(self, query: Any, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of its database."""
        with psycopg.connect(self.variable("ALPHAPULSE_DSN"), row_factory=dict_row) as connection:
            return connection.execute(query, parameters).fetchall()

    def venues(self, method: str, name: str, **body: Any) -> None:
        """Command its venue simulator."""
        answer = requests.request(
            method, f"{self.variable('ALPHAPULSE_VENUE_URL')}/_sim/{name}", json=body, timeout=10
        )
        answer.raise_for_status()

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What Dagster's GraphQL interface answers."""
        body = {"query": query, "variables": variables}
        answer = requests.post(f"{self.url}/graphql", json=body, timeout=60).json()
        assert not answer.get("errors"), answer
        data: dict[str, Any] = answer["data"]
        return data

    def launch(
        self, job: str, tags: Mapping[str, str], config: Mapping[str, Any], assets: Sequence[str] = ()
    ) -> str:
        """Start a run of a job, or of some of its assets, as the launchpad does; its id."""
        selected = {"assetSelection": [{"path": [asset]} for asset in assets]} if assets else {}
        execution = {
            "selector": {
                "repositoryLocationName": "alphapulse",
                "repositoryName": "__repository__",
                "jobName": job,
                **selected,
            },
            "runConfigData": json.dumps(config),
            "executionMetadata": {"tags": [{"key": k, "value": v} for k, v in tags.items()]},
        }
        answer = self.ask(LAUNCH, execution=execution)["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        run_id: str = answer["run"]["runId"]
        return run_id

    def runs(self, *, limit: int = 50, **filters: Any) -> list[dict[str, Any]]:
        """Runs, the latest first."""
        found: list[dict[str, Any]] = self.ask(RUNS, filter=filters, limit=limit)["runsOrError"]["results"]
        return found

    def status(self, run_id: str) -> str:
        """How the run is."""
        (run,) = self.runs(runIds=[run_id])
        return str(run["status"])

    def messages(self, run_id: str) -> str:
        """What the run's events say."""
        events = self.ask(EVENTS, run=run_id)["logsForRun"]["events"]
        return "\n".join(event.get("message", "") for event in events)


def _owner(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(OWNER)
    except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
        return None


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """The home of all demos of this session; nothing is started yet."""
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} is not here: install the project into this environment")
    # directly below /tmp, open to others: as root the database runs under another account
    home = Path(tempfile.mkdtemp(prefix="alphapulse-e2e-", dir="/tmp")).resolve()
    home.chmod(0o755)
    demo = Demo(home)
    yield demo
    demo.remove()


@dataclass(frozen=True, slots=True)
class Finished:
    """How `alphapulse demo --once --json` ended, and what it left."""

    code: int
    report: dict[str, Any]
    said: str
    processes: list[psutil.Process]
    server_runs: bool


@pytest.fixture(scope="session")
def finished(demo: Demo) -> Finished:
    """A first demo in this home, run to its end."""
    with (demo.home / "errors.txt").open("wb") as errors:
        process = demo.command(
            "demo", "--once", "--json", "--days", str(DAYS), stdout=subprocess.PIPE, stderr=errors
        )
        demo.process = process
        answer, _ = process.communicate(timeout=600)
    demo.process = None
    said = (demo.home / "errors.txt").read_text()
    assert answer, said
    return Finished(process.returncode, json.loads(answer), said, demo.owned(), demo.server_runs())


@pytest.fixture
def running(demo: Demo, finished: Finished) -> Demo:
    """The demo in the same home, up and filled."""
    demo.start()
    return demo
