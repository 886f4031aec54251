"""Keeping a long run alive: exactly one of it, of the present code, and never two. For supervisors' sensors.

What it goes by is the run's lease: a run that Dagster calls started but whose lease nobody holds has lost its
worker, and a lease whose run is over belongs to an orphan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import dagster as dg

from alphapulse_resources.database.client import Database, statement

VERSION_TAG: Final = "alphapulse/code_version"
"""Tag of the code that a run was started with; runs that people start bear none, and are theirs to end."""
ZOMBIE_SECONDS: Final = 30.0
"""How long a started run may be seen without its lock: one that lost its connection is back in 10 (ours)."""
STARTUP_SECONDS: Final = 60.0
"""How long a started run may take to its lock (ours)."""
SHORT_LIFE: Final = 60.0
"""A run that fails sooner counts as one that could not start (ours)."""
LONGEST_PAUSE: Final = 300.0
FIRST_PAUSE: Final = 10.0
LIVE: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dataclass(slots=True)
class Tick:
    """One evaluation: what it sees, and what it has to say."""

    context: dg.SensorEvaluationContext
    database: Database
    now: float
    held: Mapping[str, str]
    unseen: dict[str, float]
    """When each started run was first seen without its lock, from the ticks before."""
    still_unseen: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def stop(self, run: dg.DagsterRun, why: str) -> None:
        """End a run gracefully: through Dagster, and through the database should that not reach it."""
        if run.status is dg.DagsterRunStatus.CANCELING:
            self.said.append(f"run {run.run_id[:8]} is ending")
            return
        self.ask(run.run_id, why)
        self.said.append(f"ending run {run.run_id[:8]}: {why}")
        try:
            self.context.instance.run_coordinator.cancel_run(run.run_id)
        except Exception as error:
            self.context.log.warning(f"run {run.run_id} has to see by itself that it should end: {error}")

    def ask(self, run_id: str, why: str) -> None:
        """Ask a worker to stop at its next heartbeat."""
        self.database.execute(statement("streams/ask_to_stop"), {"run_id": run_id, "reason": why})

    def fail(self, run: dg.DagsterRun, why: str) -> None:
        """Mark a run as failed whose worker is gone."""
        self.context.instance.report_run_failed(run, why)
        self.said.append(f"run {run.run_id[:8]} failed: {why}")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept alive: a name as in its lease, the job, the tag that tells its runs, the code of today."""

    name: str
    what: str  # in messages: "shard 1-of-2"
    job: str
    tag: str
    version: str


def look_after(tick: Tick, kept: Kept, live: Sequence[dg.DagsterRun], wanted: bool) -> str | None:
    """The id of the run after which a new one is to start (`none`: the first); None where none is to.

    Whatever runs with other code is asked to end.
    """
    for run in live:
        started = run.status is dg.DagsterRunStatus.STARTED
        if started and run.tags.get(VERSION_TAG, kept.version) != kept.version:
            tick.stop(run, "new code was loaded")
    if live or not wanted:
        return None
    if (holder := tick.held.get(kept.name)) is not None:
        tick.ask(holder, "its run is over")
        tick.said.append(f"{kept.what} is still held by a worker whose run is over: {holder or '?'}")
        return None
    records = tick.context.instance.get_run_records(
        dg.RunsFilter(job_name=kept.job, tags={kept.tag: kept.name}), limit=8
    )
    if (pause := _pause(records, tick.now)) > 0:
        tick.said.append(f"{kept.what} keeps failing: next start in {pause:.0f} s")
        return None
    return records[0].dagster_run.run_id if records else "none"


def end_zombie(tick: Tick, run: dg.DagsterRun, name: str | None) -> bool:
    """Fail a started run whose worker is gone; True if it was. `name` is that of its lease."""
    if run.status is not dg.DagsterRunStatus.STARTED or name is None:
        return False
    if tick.held.get(name) == run.run_id:
        return False
    record = tick.context.instance.get_run_record_by_id(run.run_id)
    started = record.start_time if record and record.start_time else tick.now
    first = tick.unseen.get(run.run_id, tick.now)
    tick.still_unseen[run.run_id] = first
    if tick.now - first < ZOMBIE_SECONDS or tick.now - started < STARTUP_SECONDS:
        return False
    tick.fail(run, "The worker is gone: nobody holds the lease of this run.")
    del tick.still_unseen[run.run_id]
    return True


def _pause(records: Sequence[dg.RunRecord], now: float) -> float:
    """Seconds still to wait: doubled with every run in a row that failed soon after its start."""
    failures = 0
    for record in records:
        if record.dagster_run.status is not dg.DagsterRunStatus.FAILURE or _lived(record) > SHORT_LIFE:
            break
        failures += 1
    if failures < 2:
        return 0.0
    ended = records[0].end_time or records[0].update_timestamp.timestamp()
    return float(ended + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 2)) - now)


def _lived(record: dg.RunRecord) -> float:
    if record.start_time is None or record.end_time is None:
        return 0.0
    return float(record.end_time - record.start_time)
