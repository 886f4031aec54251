"""A running platform as tests look into it: its database, its Dagster, its venues, its processes."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
import psycopg
import requests
from psycopg.rows import dict_row

from alphapulse_cli.stack import OWNER
from alphapulse_resources.postgres.embedded import EmbeddedPostgres

PROGRAM = Path(sys.executable).with_name("alphapulse")
RUN_SECONDS = 300.0
"""How long a run that a user starts may take to its end beside all that runs by itself, on two slow cores."""
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
SCHEDULES = """
{
  schedulesOrError(
    repositorySelector: {repositoryLocationName: "alphapulse", repositoryName: "__repository__"}
  ) { ... on Schedules { results { id name } } }
}
"""
STOP_SCHEDULE = """
mutation Stop($id: String!) {
  stopRunningSchedule(id: $id) {
    __typename
    ... on ScheduleStateResult { scheduleState { status } }
    ... on PythonError { message }
  }
}
"""


def eventually(state: Callable[[], Any], what: str, *, seconds: float = 60.0) -> Any:
    """Wait until `state` gives something true, and return that; fails when the time is over."""
    end = time.monotonic() + seconds
    while not (found := state()):
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)
    return found


def start_program(
    home: Path, *arguments: str, venue_url: str = "", program: Path = PROGRAM, **streams: Any
) -> subprocess.Popen[bytes]:
    """`alphapulse` with these arguments in this home, deaf to the terminal's Ctrl-C."""
    ours = ("ALPHAPULSE_", "DAGSTER_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.Popen(
        [str(program), *arguments],
        env={**inherited, "ALPHAPULSE_HOME": str(home), "ALPHAPULSE_VENUE_URL": venue_url, "COLUMNS": "250"},
        cwd=home,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        **streams,
    )


class Platform:
    """A platform that has its data in `data` and answers at `url`."""

    data: Path
    url: str

    def owned(self) -> list[psutil.Process]:
        """The processes that say they work for this platform."""
        return [process for process in psutil.process_iter() if _owner(process) == str(self.data)]

    def server_runs(self) -> bool:
        """Whether its database answers."""
        return EmbeddedPostgres(self.data).attach() is not None

    def variable(self, name: str) -> str:
        """A variable of `dagster.env`, which the platform leaves for other programs."""
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

    def stop_schedules(self) -> None:
        """Nothing starts by the clock of the day any more: a test means the same at half past three."""
        asked = "schedulesOrError"
        found = eventually(lambda: self.ask(SCHEDULES)[asked].get("results"), "the definitions are loaded")
        for schedule in found:
            answer = self.ask(STOP_SCHEDULE, id=schedule["id"])["stopRunningSchedule"]
            assert answer.get("scheduleState") == {"status": "STOPPED"}, (schedule, answer)

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
