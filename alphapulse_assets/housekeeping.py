"""Logs are kept small: Dagster has no limit of its own to the events it keeps.

A refresh each minute writes some fifty thousand events a day. What they say is said again by the close of the
day, so refreshes older than two days are deleted; backfills, repairs and everything people start stay.
"""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import dagster as dg

from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

KEEP: Final = timedelta(days=2)
KEEP_FETCHES: Final = timedelta(days=90)
PURGED_JOBS: Final = ("refresh_candles", "refresh_timeframes", "resolve_instruments", "purge_refreshes")
MOST_AT_ONCE: Final = 5_000


@dg.op
def delete_old_refreshes(context: dg.OpExecutionContext) -> int:
    """Delete runs of the minute's jobs, with their events, that are older than two days."""
    before = datetime.now(UTC) - KEEP
    logs = Path(context.instance.storage_directory())
    deleted = 0
    for job_name in PURGED_JOBS:
        filters = dg.RunsFilter(job_name=job_name, created_before=before)
        for run in context.instance.get_runs(filters, limit=MOST_AT_ONCE - deleted):
            if run.is_finished:
                context.instance.delete_run(run.run_id)
                shutil.rmtree(logs / run.run_id, ignore_errors=True)  # what its steps printed
                deleted += 1
    context.log.info(f"deleted {deleted} runs from before {before:%Y-%m-%d %H:%M}")
    return deleted


@dg.op
def delete_old_fetches(database: DatabaseResource) -> int:
    """Delete what `fetch_log` has from before what TimescaleDB's policy keeps, on servers without it."""
    return database.get().execute(
        "DELETE FROM fetch_log WHERE started_at < now() - %(keep)s", {"keep": KEEP_FETCHES}
    )


@dg.job(executor_def=dg.in_process_executor)
def purge_refreshes() -> None:
    """Keep Dagster's event log and the log of requests small."""
    delete_old_refreshes()
    delete_old_fetches()


purge_schedule = dg.ScheduleDefinition(
    name="purge_refreshes_daily",
    job=purge_refreshes,
    cron_schedule="45 4 * * *",
    description="Each night: runs of the minute's jobs that are older than two days go, with their events.",
    default_status=(
        dg.DefaultScheduleStatus.RUNNING if get_settings().automation else dg.DefaultScheduleStatus.STOPPED
    ),
)
