"""A running demo survives what is killed, and cleans up after itself."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from alphapulse_assets.datasets.partitions import range_tags, today
from alphapulse_cli.stack import OWNER
from alphapulse_resources.postgres.embedded import EmbeddedPostgres
from tests.e2e.conftest import DAYS, Demo
from tests.e2e.running_platform import eventually, start_program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

OVER = ("SUCCESS", "FAILURE", "CANCELED")
EXPECTED = """
SELECT sum(expected)::integer AS expected FROM candle_coverage
WHERE venue = %(venue)s AND symbol = %(symbol)s AND day BETWEEN %(first)s AND %(last)s
"""
MINUTES = """
SELECT count(*) AS rows, count(DISTINCT ts) AS minutes,
    (SELECT coalesce(sum(extract(epoch FROM gap_end - gap_start) / 60), 0)::integer
    FROM gap_ledger AS g WHERE g.instrument_id = i.instrument_id
        AND gap_start >= %(first)s AND gap_end <= %(last)s::date + 1) AS missing
FROM instruments AS i JOIN ohlcv_1m AS m USING (instrument_id)
WHERE venue = %(venue)s AND symbol = %(symbol)s AND ts >= %(first)s AND ts < %(last)s::date + 1
GROUP BY i.instrument_id
"""
LEDGER = """
SELECT l.* FROM ingest_ledger AS l JOIN instruments AS i USING (instrument_id)
WHERE venue = %(venue)s AND symbol = %(symbol)s AND day BETWEEN %(first)s AND %(last)s ORDER BY day
"""


@pytest.fixture
def slow_venue(running: Demo) -> Iterator[str]:
    """Coinbase answers slowly, so that a run lasts; the name of the venue."""
    running.venues("POST", "faults", kind="delay", host="api.coinbase.com", seconds=1.0)
    yield "coinbase"
    if running.process is not None and running.process.poll() is None:
        running.venues("DELETE", "faults")


def backfill(demo: Demo, venue: str, first: date, last: date, symbol: str) -> str:
    """Start a backfill of days that the demo has not fetched; the run's id."""
    config = {"ops": {"ohlcv_1m": {"config": {"symbols": [symbol]}}}}
    return demo.launch("backfill_candles", range_tags(first, last, venue, venue), config)


def worker_of(demo: Demo, run_id: str) -> int:
    """The process id of the run's worker; 0, which no one may kill, while its run does not tell it."""
    found = re.search(r"\(pid: (\d+)\)", demo.messages(run_id))
    return int(found[1]) if found else 0


def half_done(demo: Demo, **window: Any) -> bool:
    """Whether some of the window is stored."""
    return any(row["rows"] for row in demo.rows(LEDGER, window))


def the_retry(demo: Demo, run_id: str) -> str:
    """The id of the run that Dagster started in the place of another, once it is over."""
    runs = demo.runs(tags=[{"key": "dagster/root_run_id", "value": run_id}])
    return next((run["runId"] for run in runs if run["runId"] != run_id and run["status"] in OVER), "")


def assert_whole(demo: Demo, **window: Any) -> None:
    """Each minute since the first candle is there once, or is a gap on record."""
    (counts,) = demo.rows(MINUTES, window)
    (due,) = demo.rows(EXPECTED, window)
    assert counts["rows"] == counts["minutes"]
    assert counts["rows"] + counts["missing"] == due["expected"]
    assert due["expected"] > ((window["last"] - window["first"]).days + 1) * 1440 - 10
    assert {row["status"] for row in demo.rows(LEDGER, window)} == {"complete"}


# while it runs


def test_a_killed_worker_is_noticed_and_its_run_tried_again(running: Demo, slow_venue: str) -> None:
    last = today() - timedelta(days=DAYS + 1)
    first = last - timedelta(days=1)
    window = {"venue": slow_venue, "symbol": "ETH/USD", "first": first, "last": last}
    run_id = backfill(running, slow_venue, first, last, "ETH/USD")
    eventually(lambda: half_done(running, **window), "some pages are stored")
    worker = eventually(lambda: worker_of(running, run_id), "its worker is known")
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: running.status(run_id) == "FAILURE", "the loss is noticed")
    running.venues("DELETE", "faults")
    retry = eventually(lambda: the_retry(running, run_id), "the run is tried again", seconds=200)
    assert running.status(retry) == "SUCCESS"
    assert_whole(running, **window)
    assert {row["batch"] for row in running.rows(LEDGER, window)} == {run_id}


POLLER = """
SELECT w.pid, w.run_id, (
        SELECT count(*) FROM collectors AS c WHERE c.run_id = w.run_id AND c.answered_at > w.started_at
    ) AS answered
FROM stream_workers AS w
WHERE w.shard = 'collectors' AND w.stopped_at IS NULL ORDER BY w.started_at DESC LIMIT 1
"""


def test_a_killed_poller_is_replaced_and_what_it_collects_goes_on(running: Demo) -> None:
    (killed,) = eventually(lambda: running.rows(POLLER), "a poller runs")
    os.kill(killed["pid"], signal.SIGKILL)

    def asks_again() -> bool:
        return any(row["run_id"] != killed["run_id"] and row["answered"] for row in running.rows(POLLER))

    eventually(asks_again, "another one is answered", seconds=240)
    eventually(lambda: running.status(killed["run_id"]) == "FAILURE", "the loss is told", seconds=120)


def code_server(demo: Demo) -> tuple[psutil.Process, psutil.Process]:
    """The code server, and the process with the definitions behind it."""
    (server,) = (process for process in demo.owned() if "code-server" in process.cmdline())
    (child,) = (process for process in server.children() if "grpc" in process.cmdline())
    return server, child


def times(demo: Demo, words: str) -> int:
    """How often the demo has said it, however its terminal broke the lines."""
    return " ".join(demo.said().split()).count(words)


def test_what_dies_behind_the_code_server_and_under_the_database_is_healed_while_data_flows(
    running: Demo,
) -> None:
    server, child = code_server(running)
    postmaster = EmbeddedPostgres(running.data).attach()
    assert postmaster is not None
    child.kill()
    eventually(lambda: times(running, "its process with the definitions is gone"), "it is noticed")
    os.kill(postmaster.pid, signal.SIGKILL)
    eventually(lambda: times(running, "PostgreSQL answers again"), "the database is started again")
    eventually(lambda: times(running, "code-server answers again"), "the definitions are back", seconds=120)
    assert code_server(running)[0].pid != server.pid
    again = EmbeddedPostgres(running.data).attach()
    assert again is not None
    assert again.dsn == postmaster.dsn
    # runs are started again, and what was told is a row
    run_id = eventually(lambda: launched(running, "purge_refreshes"), "a run is launched", seconds=120)
    eventually(lambda: running.status(run_id) in OVER, "the run is over", seconds=120)
    assert running.status(run_id) == "SUCCESS", running.messages(run_id)
    told = "SELECT DISTINCT subject FROM platform_alerts WHERE kind = 'process' AND resolved_at IS NOT NULL"
    eventually(
        lambda: {"postgresql", "code-server"} <= {row["subject"] for row in running.rows(told)},
        "death and revival are rows",
    )


def launched(demo: Demo, job: str) -> str:
    """The id of a new run; none while the web server has not found the definitions again."""
    try:
        return demo.launch(job, {}, {})
    except AssertionError:
        return ""


def test_a_second_stack_on_the_database_is_refused_and_fails_nobodys_runs(
    running: Demo, tmp_path: Path
) -> None:
    live = running.runs(statuses=["STARTED", "STARTING"])
    for arguments in (("up", "--port", "23900"), ("runs", "fail-lost")):
        (tmp_path / ".env").write_text(f"ALPHAPULSE_DSN={running.variable('ALPHAPULSE_DSN')}\n")
        process = start_program(tmp_path, *arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = " ".join(process.communicate(timeout=120)[0].decode().split())
        assert process.returncode == 1, said
        assert "another AlphaPulse stack works on this database" in said
        assert f"home {running.data}" in said
    failed = {run["runId"] for run in running.runs(statuses=["FAILURE"])}
    assert failed.isdisjoint(run["runId"] for run in live)


# its end


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has died")
def test_after_a_killed_owner_children_end_and_the_next_start_puts_things_right(
    running: Demo, slow_venue: str
) -> None:
    last = today() - timedelta(days=DAYS + 4)
    window = {"venue": slow_venue, "symbol": "BTC/USD", "first": last, "last": last}
    run_id = backfill(running, slow_venue, last, last, "BTC/USD")
    eventually(lambda: half_done(running, **window), "some pages are stored")
    left = running.owned()
    daemon_and_web = [
        process
        for process in left
        if {Path(part).name for part in process.cmdline()} & {"dagster-daemon", "alphapulse_cli.webserver"}
    ]
    assert len(daemon_and_web) == 2
    assert running.process is not None
    running.process.kill()
    running.process.wait(10)
    _, alive = psutil.wait_procs(daemon_and_web, timeout=60)
    assert alive == []
    assert running.server_runs()
    eventually(lambda: "`alphapulse up` was killed" in running.said(), "the guard tells")
    running.start()
    assert [process for process in left if process.is_running()] == []
    assert "PostgreSQL found running" in running.said()
    assert "the stack before this one ended without a word (killed?)" in running.said()
    # its worker was told to end and said so itself, or was lost and the next start said so
    assert running.status(run_id) == "FAILURE"
    retry = eventually(lambda: the_retry(running, run_id), "the run is tried again", seconds=200)
    assert running.status(retry) == "SUCCESS"
    assert_whole(running, **window)


def test_ctrl_c_stops_everything_and_nothing_else(running: Demo) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    bystander = subprocess.Popen(sleep, env={**os.environ, OWNER: f"{running.data}-of-others"})
    try:
        owned = running.owned()
        assert len(owned) >= 3  # code server, web server, daemon
        assert running.interrupt() == 0
        _, alive = psutil.wait_procs(owned, timeout=0)
        assert alive == []
        assert running.owned() == []
        assert not running.server_runs()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait(10)
