"""The sensors that watch the platform: its state twice a minute, and each run that fails."""

import json
import os
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import dagster as dg
import psycopg

from alphapulse_assets.alerting.looking import look_once
from alphapulse_assets.datasets.switchable import sensor
from alphapulse_assets.operations.acting import act, as_alert, find_open, report, tell_and_keep
from alphapulse_assets.operations.looking import look
from alphapulse_assets.operations.reachability import Reachability
from alphapulse_assets.operations.rules import UNWATCHED, Trouble, troubles
from alphapulse_assets.operations.telling import OpenAlert, as_trouble, decide, over
from alphapulse_assets.streaming.job import stream_market_data
from alphapulse_assets.streaming.supervisor import stream_supervisor
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.connection import NoDatabaseError, resolve_dsn
from alphapulse_resources.platform_alerts import PlatformAlert, store, tell
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

RUN_FAILED: Final = "run_failed"
OWNED: Final = "ALPHAPULSE_OWNER"
"""Variable of processes below `alphapulse up`, which tells of the database itself."""
SECOND_TRY: Final = 3.0
"""Seconds until a look that found no database looks again before it says so (ours)."""
SETTLED: Final = 60.0
"""Seconds that a stream run has to live for its predecessor's failure to be over (ours)."""
ERROR_CHARACTERS: Final = 300
_PASSWORD: Final = re.compile(r"(?<=://)[^\s/@]+@")


@lru_cache(maxsize=1)
def reachability() -> Reachability:
    """The one of this process."""
    settings = get_settings()
    return Reachability(settings, lambda: resolve_dsn(settings))


@sensor(minimum_interval_seconds=30)
def platform_watch(
    context: dg.SensorEvaluationContext, database: DatabaseResource
) -> dg.SensorResult | dg.SkipReason:
    """Twice a minute: what is wrong with the platform is kept, and told to the webhook.

    What it looks for is in `operations.rules`, when it tells of it in `operations.telling`.
    """
    settings = get_settings()
    watcher = reachability()
    if settings.alerts.sink_names and OWNED not in os.environ:
        watcher.start()
    try:
        stored = _reached(database)
    except (psycopg.OperationalError, NoDatabaseError) as error:
        watcher.away(error, sure=True)
        raise
    watcher.here()
    stored.execute(statement("alerts/measure"))
    state, rows = look(stored, settings)
    before = json.loads(context.cursor) if context.cursor else {}
    if state.at.timestamp() - before.get("at", 0.0) >= UNWATCHED:
        before = {"started": state.at.timestamp(), "seen": {}}
    started = datetime.fromtimestamp(before["started"], UTC)
    found = [each for each in troubles(state) if each.kind != "watch"]  # it is back: we are it
    decision = decide(found, rows, before["seen"], state.at, started)
    said = act(stored, settings, decision, state.at)
    said += _settle_runs(context.instance, stored, rows, state.at)
    said += look_once(stored, settings, state.at)
    stored.execute(statement("alerts/looked"), {"streams_on": _streams_on(context.instance)})
    return dg.SensorResult(
        skip_reason="; ".join(said) or f"{len(decision.keep)} things are wrong, all told",
        cursor=json.dumps({"at": state.at.timestamp(), "started": before["started"], "seen": decision.seen}),
    )


@sensor(dg.run_failure_sensor, minimum_interval_seconds=30)
def run_failures(context: dg.RunFailureSensorContext, database: DatabaseResource) -> None:
    """Each run that fails is told to the webhook, those of one job together."""
    now, settings = datetime.now(UTC), get_settings()
    job = context.dagster_run.job_name
    failures = 1
    try:
        stored = database.get()
        if (row := find_open(stored, RUN_FAILED, job)) is not None:
            failures += int(row.detail.get("failures", 0))
        report(stored, settings, _failure(context, failures), now)
    except (psycopg.OperationalError, NoDatabaseError):
        trouble = _failure(context, failures)
        tell(settings, PlatformAlert(RUN_FAILED, job, trouble.severity, trouble.title, trouble.detail, now))
        raise


def _reached(database: DatabaseResource) -> Database:
    """The database, proven to answer; a second try, as a server may just be starting again."""
    for last in (False, True):
        try:
            stored = database.get()
            stored.rows("SELECT 1")
            return stored
        except (psycopg.OperationalError, NoDatabaseError):
            if last:
                raise
            time.sleep(SECOND_TRY)
    raise AssertionError("unreachable")


def _failure(context: dg.RunFailureSensorContext, failures: int) -> Trouble:
    run = context.dagster_run
    said = _words(context)
    title = f"a run of {run.job_name} failed: {said}"
    detail: dict[str, Any] = {"run_id": run.run_id, "failures": failures, **_partitions(run.tags)}
    return Trouble(RUN_FAILED, run.job_name, "warning", title, detail)


def _words(context: dg.RunFailureSensorContext) -> str:
    """What the run failed with: of its first failed step, else of the run. No password of a URL is told."""
    data = None
    for event in context.get_step_failure_events():
        data = event.step_failure_data
        break
    error = data.error if data is not None else None
    while error is not None and error.cause is not None:
        error = error.cause
    text = error.message if error is not None else (context.failure_event.message or "no reason is known")
    lines = text.strip().splitlines() or ["no reason is known"]
    return _PASSWORD.sub("***@", lines[0])[:ERROR_CHARACTERS]


def _partitions(tags: Mapping[str, str]) -> dict[str, str]:
    names = {
        "dagster/asset_partition_range_start": "first_partition",
        "dagster/asset_partition_range_end": "last_partition",
        "dagster/partition": "partition",
        "alphapulse/reason": "reason",
    }
    return {name: tags[tag] for tag, name in names.items() if tag in tags}


def _streams_on(instance: dg.DagsterInstance) -> bool:
    """Whether the sensor that keeps streams running is switched on."""
    for state in instance.all_instigator_state():
        if state.instigator_name == stream_supervisor.name:
            return state.is_running
    return get_settings().automation.enabled


def _settle_runs(
    instance: dg.DagsterInstance, database: Database, rows: list[OpenAlert], now: datetime
) -> list[str]:
    """Failed runs are over once a later run of their job went well."""
    said = []
    for row in rows:
        if row.kind == RUN_FAILED and _went_well_since(instance, row, now):
            if row.tellings:
                tell_and_keep(database, get_settings(), over(row, now), now)
                said.append(f"over: {row.title}")
            else:
                store(database, as_alert(as_trouble(row), now, resolved=True))
    return said


def _went_well_since(instance: dg.DagsterInstance, row: OpenAlert, now: datetime) -> bool:
    """Whether a run succeeded after the failure; of a stream run, which has no end, that it lives."""
    if row.subject != stream_market_data.name:
        done = [dg.DagsterRunStatus.SUCCESS]
        filters = dg.RunsFilter(job_name=row.subject, statuses=done, updated_after=row.seen_at)
        return instance.get_runs_count(filters) > 0
    live = dg.RunsFilter(job_name=row.subject, statuses=[dg.DagsterRunStatus.STARTED])
    return any(
        record.start_time is not None and now.timestamp() - record.start_time >= SETTLED
        for record in instance.get_run_records(live, limit=10)
    )
