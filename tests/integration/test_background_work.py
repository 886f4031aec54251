"""What TimescaleDB's background jobs should do and do not is seen, and done by the nightly job instead.

Jobs fail on some servers, such as those whose background workers cannot run procedures. Here a policy that
fails wherever it runs is made of ours by naming a table that is not there.
"""

import time
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from candle_frames import register
from dagster_support import Platform
from psycopg.types.json import Jsonb
from stream_rows import put, second

from alphapulse_assets.operations.looking import look
from alphapulse_assets.operations.rules import Trouble, troubles
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings
from tests.databases import has_timescaledb

pytest_plugins = ("dagster_fixtures",)

RETENTION = "SELECT job_id FROM background_jobs() WHERE work = 'policy_retention' AND relation = 'trades_1s'"


def of_jobs(database: Database) -> list[Trouble]:
    state, _ = look(database, Settings(dsn=database.dsn))
    return [each for each in troubles(state) if each.kind == "background_jobs"]


def fail_once(database: Database) -> int:
    """Have the server's own worker run the retention of trades with a configuration that it cannot follow."""
    job_id = int(database.rows(RETENTION)[0]["job_id"])
    database.execute("DELETE FROM database_sizes")
    with database.transaction() as connection:  # the worker must not see the one without the other
        connection.execute("SELECT alter_job(%s, scheduled => true, next_start => now())", [job_id])
        connection.execute(
            "UPDATE _timescaledb_config.bgw_job SET config = config || %s WHERE id = %s",
            [Jsonb({"hypertable_id": 0}), job_id],
        )
    deadline = time.monotonic() + 120
    while not database.rows("SELECT FROM background_work_undone() WHERE job_id = %(job)s", {"job": job_id}):
        assert time.monotonic() < deadline, "the server's worker never ran the job"
        time.sleep(0.2)
    mended = """
        UPDATE _timescaledb_config.bgw_job SET config = config || jsonb_build_object('hypertable_id',
            (SELECT h.id FROM _timescaledb_catalog.hypertable AS h WHERE h.table_name = 'trades_1s'))
        WHERE id = %(job)s"""
    database.execute(mended, {"job": job_id})
    return job_id


def test_without_timescaledb_there_is_nothing_to_see_or_to_do(platform: Platform) -> None:
    database = platform.database
    if has_timescaledb(database.dsn):
        pytest.skip("this server has TimescaleDB")
    assert database.rows("SELECT * FROM background_jobs()") == []
    assert of_jobs(database) == []
    assert platform.run("purge_refreshes").success


def test_a_job_that_fails_is_seen_and_its_work_is_done_by_ours(platform: Platform) -> None:
    database = platform.database
    if not has_timescaledb(database.dsn):
        pytest.skip("only TimescaleDB has background jobs")
    assert of_jobs(database) == []  # none is scheduled in a test's database
    btc = register(database, ["BTC/USDT"])[0]
    now = datetime.now(UTC)
    times = [now - timedelta(days=days) for days in (500, 400, 10)]
    put(database, "trades_1s", [second(btc, ts, low=1.0, high=2.0) for ts in times])
    fail_once(database)

    (found,) = of_jobs(database)
    assert found.severity == "warning"
    assert found.members == ("retention of trades_1s",)
    assert "purge_refreshes" in found.title

    run = platform.run("purge_refreshes")
    assert run.success, run.failures()
    logged = [
        entry.user_message
        for entry in run.instance.all_logs(run.record.run_id)
        if "retention of trades_1s" in entry.user_message
    ]
    assert any("was done here" in line for line in logged), logged
    left = database.rows("SELECT ts FROM trades_1s ORDER BY ts")
    assert [row["ts"] for row in left] == [times[2]]
    assert isinstance(run.record, dg.DagsterRun)
