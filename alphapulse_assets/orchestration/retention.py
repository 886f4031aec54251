"""Logs and streams are kept small: Dagster has no limit of its own to the events it keeps.

A refresh each minute writes some fifty thousand events a day. What they say is said again by the close of the
day, so refreshes older than two days are deleted; backfills, repairs and everything people start stay.
Of what streams write, what happened stays: states of books, whales, sweeps, alerts. What was measured goes.
"""

import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import dagster as dg
import psycopg
from psycopg import sql

from alphapulse_assets.registry import kept
from alphapulse_assets.streaming.purge import delete_old_reports
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

KEEP: Final = timedelta(days=2)
KEEP_FETCHES: Final = timedelta(days=90)
KEEP_MEASURED: Final = timedelta(days=90)
MEASURED: Final = ("stream_latency",)
"""Kept for `KEEP_MEASURED`, by `ts`: what streams measured of themselves belongs to no data set."""
LONGEST_WORK: Final = timedelta(minutes=30)
"""How long a night the work of TimescaleDB's failing jobs is done for (ours)."""
PURGED_JOBS: Final = (
    *("refresh_candles", "refresh_timeframes", "refresh_indicators"),
    *("resolve_instruments", "purge_refreshes"),
)
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


@dg.op
def delete_old_stream_rows(context: dg.OpExecutionContext, database: DatabaseResource) -> int:
    """Delete what streams measured long ago."""
    deleted = forget_stream_rows(database.get())
    context.log.info("deleted " + ", ".join(f"{rows} rows of {table}" for table, rows in deleted.items()))
    return sum(deleted.values())


@dg.op
def do_background_work(context: dg.OpExecutionContext, database: DatabaseResource) -> int:
    """Do what TimescaleDB's background jobs have not done: dropping what is old, packing into columns."""
    stored, until, done = database.get(), time.monotonic() + LONGEST_WORK.total_seconds(), 0
    for job in stored.rows(statement("alerts/background_jobs")):
        left = until - time.monotonic()
        name = f"{job['work']} of {job['relation']} (job {job['job_id']})"
        if left <= 0:
            context.log.warning(f"no time is left for {name}: it is done the next night")
            continue
        try:
            run_background_job(stored, job["job_id"], left)
        except psycopg.Error as error:
            context.log.error(f"{name} could not be done here either: {error}")
        else:
            done += 1
            said = f" ({job['error']})" if job["error"] else ""
            context.log.warning(f"{name} was done here, as TimescaleDB's own worker does not do it{said}")
    return done


def run_background_job(database: Database, job_id: int, seconds: float) -> None:
    """Do a background job's work in a session of ours; it commits chunk by chunk: an end loses little."""
    options = f"-c statement_timeout={max(1, round(seconds * 1000))} -c lock_timeout=60000"
    with database.connect(autocommit=True, options=options) as connection:
        connection.execute(statement("alerts/run_background_job"), {"job_id": job_id})


@dg.op
def delete_old_alerts(database: DatabaseResource) -> int:
    """Delete alerts of the platform that were over long ago, and sizes measured long ago."""
    stored, keep = database.get(), {"keep": KEEP_MEASURED}
    deleted = stored.execute("DELETE FROM platform_alerts WHERE resolved_at < now() - %(keep)s", keep)
    return deleted + stored.execute("DELETE FROM database_sizes WHERE at < now() - %(keep)s", keep)


def forget_stream_rows(database: Database) -> dict[str, int]:
    """Delete what is older than its data set keeps it, and what streams measured; rows deleted by table.

    Tables that the server cuts off by chunks are left to its jobs, and where those fail to
    `do_background_work`: deleting from compressed chunks is dear. A
    worker that books' events refer to stays, however old: only it tells until when it vouched for them.
    """
    cut = database.rows(
        "SELECT name FROM unnest(%(tables)s::text[]) AS name WHERE is_cut_by_server(name)",
        {"tables": [table for table, retention in kept() if retention.by_chunks]},
    )
    keep = dict.fromkeys(MEASURED, KEEP_MEASURED)
    keep |= {table: retention.keep for table, retention in kept()}
    for row in cut:
        del keep[row["name"]]
    delete = sql.SQL("DELETE FROM {} WHERE ts < now() - %(keep)s")
    deleted = {
        table: database.execute(delete.format(sql.Identifier(table)), {"keep": period})
        for table, period in keep.items()
    }
    deleted["stream_workers"] = database.execute(
        "DELETE FROM stream_workers AS w WHERE heartbeat_at < now() - %(keep)s"
        " AND NOT EXISTS (SELECT FROM order_book_events AS e WHERE e.run_id = w.run_id)",
        {"keep": KEEP_MEASURED},
    )
    return deleted


@dg.job(executor_def=dg.in_process_executor)
def purge_refreshes() -> None:
    """Keep Dagster's event log, the log of requests and what streams measure small, on every server."""
    delete_old_refreshes()
    delete_old_reports()
    delete_old_fetches()
    delete_old_stream_rows()
    delete_old_alerts()
    do_background_work()


purge_schedule = dg.ScheduleDefinition(
    name="purge_refreshes_daily",
    job=purge_refreshes,
    cron_schedule="45 4 * * *",
    description="Each night: runs of the minute's jobs that are older than two days go, with their events.",
    default_status=(
        dg.DefaultScheduleStatus.RUNNING if get_settings().automation else dg.DefaultScheduleStatus.STOPPED
    ),
)
