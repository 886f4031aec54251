"""A platform that streams from simulated venues, started by the test itself, and what is asked of it."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from alphapulse_cli.stack import Stack
from alphapulse_resources.postgres.embedded import EmbeddedPostgres
from alphapulse_resources.settings import Settings
from alphapulse_sim.process import SimulatorProcess
from tests.e2e.running_platform import Platform, start_program

JOB = "stream_market_data"
LIVE = ("QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING")
TERMINATE = """
mutation Terminate($run: String!) {
  terminateRun(runId: $run, terminatePolicy: SAFE_TERMINATE) {
    __typename
    ... on TerminateRunFailure { message }
    ... on PythonError { message }
  }
}
"""
WORKERS = "SELECT * FROM stream_workers WHERE shard <> 'collectors' ORDER BY started_at"
LEASES = "SELECT count(*) AS held FROM platform.lease_holders WHERE name LIKE 'stream/%-of-%'"
LAST_EVENTS = """
SELECT DISTINCT ON (i.instrument_id) i.venue, i.symbol, e.ts, e.state_after, e.cause, e.run_id
FROM order_book_events AS e JOIN instruments AS i USING (instrument_id)
ORDER BY i.instrument_id, e.ts DESC
"""
NOW = "SELECT clock_timestamp() AS now"


@dataclass
class Streaming(Platform):
    """A stack in this process with its simulator, and the `alphapulse` commands a user gives beside it."""

    data: Path
    simulator: SimulatorProcess
    stack: Stack | None = None
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:  # type: ignore[override]  # a plain attribute of other platforms
        """Address of its Dagster UI."""
        return self.running.url

    @property
    def running(self) -> Stack:
        """The stack, which has to run."""
        assert self.stack is not None
        return self.stack

    def start(self) -> None:
        """Start everything; returns when the UI answers."""
        settings = Settings(_env_file=None, home=self.data, dsn=None, venue_url=self.simulator.url)
        environment = {
            "ALPHAPULSE_VENUE_URL": self.simulator.url,
            "ALPHAPULSE_HISTORY__FIRST_PARTITION": (datetime.now(UTC) - timedelta(days=3)).date().isoformat(),
        }
        stack = Stack(
            settings,
            host="127.0.0.1",
            port=23000 + os.getpid() % 500,
            automation=True,
            say=self.said.append,
            environment=environment,
        )
        self.stack = stack.__enter__()
        self.stop_schedules()

    def stop(self) -> None:
        """Stop everything but the simulator, as Ctrl-C does."""
        stack, self.stack = self.stack, None
        if stack is not None:
            stack.stop()

    def tree(self) -> list[psutil.Process]:
        """All processes of the platform: what was started, what that started, and the database."""
        server = EmbeddedPostgres(self.data).attach()
        assert server is not None
        postmaster = psutil.Process(server.pid)
        return [*self.owned(), postmaster, *postmaster.children(recursive=True)]

    def eventually(self, state: Callable[[], Any], what: str, *, seconds: float = 60.0) -> Any:
        """As the function of that name; what dies meanwhile is started again, as `alphapulse up` does."""
        end = time.monotonic() + seconds
        while not (found := state()):
            assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}\n{self.situation()}"
            self.running.watch()
            time.sleep(0.2)
        return found

    def situation(self) -> str:
        """What a failed test wants to know."""
        asked = (WORKERS, "SELECT venue, symbol, state, cause, since, updated_at FROM stream_status")
        return "\n".join([*(str(row) for query in asked for row in self.rows(query)), *self.said])

    def says(self, *arguments: str) -> str:
        """What an `alphapulse` command prints; it has to succeed."""
        process = start_program(
            self.data,
            *arguments,
            venue_url=self.simulator.url,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        said, errors = process.communicate(timeout=60)
        assert process.returncode == 0, f"{said.decode()}\n{errors.decode()}"
        return said.decode()

    # streams ----------------------------------------------------------------------------------------------

    def add(self, venue: str, *symbols: str) -> None:
        """Track symbols with as little history as can be."""
        self.says("symbols", "add", venue, *symbols, "--history-days", "1")

    def books(self) -> dict[str, dict[str, Any]]:
        """What `alphapulse books` shows, by `venue:symbol`."""
        shown = json.loads(self.says("books", "--once", "--json"))
        return {f"{book['venue']}:{book['symbol']}": book for book in shown["books"]}

    def synced(self) -> set[str]:
        """The books that can be trusted now, as `venue:symbol`."""
        rows = self.rows("SELECT venue, symbol FROM stream_status WHERE trusted")
        return {f"{row['venue']}:{row['symbol']}" for row in rows}

    def workers(self) -> list[dict[str, Any]]:
        """All stream workers there ever were, oldest first."""
        return self.rows(WORKERS)

    def worker(self) -> dict[str, Any]:
        """The newest worker that has not stopped; empty where there is none."""
        running = [each for each in self.workers() if each["stopped_at"] is None]
        return running[-1] if running else {}

    def streams(self) -> list[dict[str, Any]]:
        """The stream runs that Dagster takes for alive."""
        return [run for run in self.runs(limit=20, pipelineName=JOB) if run["status"] in LIVE]

    def terminate(self, run_id: str) -> None:
        """What the button *Terminate* sends."""
        answer = self.ask(TERMINATE, run=run_id)["terminateRun"]
        assert answer["__typename"] == "TerminateRunSuccess", answer

    def now(self) -> datetime:
        """The database's time, which is this machine's."""
        (row,) = self.rows(NOW)
        now: datetime = row["now"]
        return now


@contextmanager
def streaming_platform(home: Path) -> Iterator[Streaming]:
    """A home and a simulator; whatever still runs at the end is stopped."""
    with SimulatorProcess() as simulator:
        platform = Streaming(home, simulator)
        try:
            yield platform
        finally:
            platform.stop()
            EmbeddedPostgres(home).stop()  # where a test has started it by itself


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all of them have ended."""
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)
