"""The sensor that keeps streams running: one run for each shard, always, and never two.

What it goes by is the shard's lock: a run that Dagster calls started but whose lock nobody holds has lost its
worker, and a lock whose run is over belongs to an orphan. To switch streams off, stop this sensor first and
terminate the runs then: otherwise the next tick starts them again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.switchable import sensor
from alphapulse_assets.streaming.code_version import code_version
from alphapulse_assets.streaming.job import SHARD_TAG, VERSION_TAG, ShardConfig, stream_market_data
from alphapulse_assets.streaming.lease import holders
from alphapulse_assets.streaming.shards import Shard, all_shards, shard_of
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings
from alphapulse_resources.streams.venues import market_of

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
class _Tick:
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


def streamed_shards(database: Database, count: int) -> set[Shard]:
    """The shards that have a symbol to stream: tracked, confirmed by its venue, on a market with streams."""
    return {
        shard_of(f"{row['venue']}:{row['symbol']}", count)
        for row in database.rows(statement("streams/tracked"))
        if market_of(row["venue"], row["kind"]) is not None
    }


@sensor(job=stream_market_data, minimum_interval_seconds=10)
def stream_supervisor(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """Every ten seconds: each shard of the streams has exactly one run, of the present code.

    To switch streams off, stop this sensor first, then terminate the runs.
    """
    stored, count = database.get(), get_settings().streams.shards
    wanted = streamed_shards(stored, count)
    tick = _Tick(
        context=context,
        database=stored,
        now=datetime.now(UTC).timestamp(),
        held=holders(stored),
        unseen=json.loads(context.cursor) if context.cursor else {},
    )
    runs = context.instance.get_runs(dg.RunsFilter(job_name=stream_market_data.name, statuses=LIVE))
    live = [run for run in runs if not _end_zombie(tick, run)]
    requests: list[dg.RunRequest] = []
    if others := [run for run in live if (shard := _shard(run)) and shard.count != count]:
        for run in others:  # nothing new may start while their symbols are still streamed
            tick.stop(run, f"there are {count} shards now")
    else:
        for shard in all_shards(count):
            request = _look_after(tick, shard, [run for run in live if _shard(run) == shard], shard in wanted)
            requests += [request] if request else []
    if not wanted:
        tick.said.append("no tracked symbol has a stream yet: alphapulse symbols add")
    return dg.SensorResult(
        requests,
        skip_reason=None if requests else "; ".join(tick.said) or "every shard has its run",
        cursor=json.dumps(tick.still_unseen),
    )


def _look_after(
    tick: _Tick, shard: Shard, live: Sequence[dg.DagsterRun], wanted: bool
) -> dg.RunRequest | None:
    """What one shard needs: nothing, an end of its run, or a new one."""
    for run in live:
        # runs that people start bear no version: theirs to end
        started = run.status is dg.DagsterRunStatus.STARTED
        if started and run.tags.get(VERSION_TAG, code_version()) != code_version():
            tick.stop(run, "new code was loaded")
    if live or not wanted:
        return None
    if (holder := tick.held.get(shard.name)) is not None:
        tick.ask(holder, "its run is over")
        tick.said.append(f"shard {shard.name} is still held by a worker whose run is over: {holder or '?'}")
        return None
    records = tick.context.instance.get_run_records(
        dg.RunsFilter(job_name=stream_market_data.name, tags={SHARD_TAG: shard.name}), limit=8
    )
    if (pause := _pause(records, tick.now)) > 0:
        tick.said.append(f"shard {shard.name} keeps failing: next start in {pause:.0f} s")
        return None
    return _request(shard, records[0].dagster_run.run_id if records else "none")


def _end_zombie(tick: _Tick, run: dg.DagsterRun) -> bool:
    """Fail a started run whose worker is gone; True if it was."""
    shard = _shard(run)
    if run.status is not dg.DagsterRunStatus.STARTED or shard is None:
        return False
    if tick.held.get(shard.name) == run.run_id:
        return False
    record = tick.context.instance.get_run_record_by_id(run.run_id)
    started = record.start_time if record and record.start_time else tick.now
    first = tick.unseen.get(run.run_id, tick.now)
    tick.still_unseen[run.run_id] = first
    if tick.now - first < ZOMBIE_SECONDS or tick.now - started < STARTUP_SECONDS:
        return False
    tick.fail(run, "The stream's worker is gone: nobody holds the lock of its shard.")
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


def _shard(run: dg.DagsterRun) -> Shard | None:
    """The shard of a run; one started by hand tells it by its config. None: it is none and will say so."""
    try:
        if name := run.tags.get(SHARD_TAG):
            return Shard.parse(name)
        config: Any = run.run_config
        chosen = config.get("ops", {}).get("stream_shard", {}).get("config", {})
        return Shard(chosen.get("index", 1), chosen.get("count", 1))
    except ValueError:
        return None


def _request(shard: Shard, after: str) -> dg.RunRequest:
    # the same predecessor gives the same key: a tick that is evaluated twice starts nothing twice
    return dg.RunRequest(
        run_key=f"{shard.name}:after:{after}",
        run_config=dg.RunConfig({"stream_shard": ShardConfig(index=shard.index, count=shard.count)}),
        tags={SHARD_TAG: shard.name, VERSION_TAG: code_version()},
    )
