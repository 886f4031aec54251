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

from alphapulse_assets.partitions import range_tags, today
from alphapulse_cli.stack import OWNER
from tests.e2e.conftest import DAYS, Demo
from tests.e2e.platform import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

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
    """The process id of the run's worker."""
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
    os.kill(worker_of(running, run_id), signal.SIGKILL)
    eventually(lambda: running.status(run_id) == "FAILURE", "the loss is noticed")
    running.venues("DELETE", "faults")
    retry = eventually(lambda: the_retry(running, run_id), "the run is tried again", seconds=120)
    assert running.status(retry) == "SUCCESS"
    assert_whole(running, **window)
    assert {row["batch"] for row in running.rows(LEDGER, window)} == {run_id}


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
        if {Path(part).name for part in process.cmdline()} & {"dagster-daemon", "dagster-webserver"}
    ]
    assert len(daemon_and_web) == 2
    assert running.process is not None
    running.process.kill()
    running.process.wait(10)
    _, alive = psutil.wait_procs(daemon_and_web, timeout=60)
    assert alive == []
    assert running.server_runs()
    running.start()
    assert [process for process in left if process.is_running()] == []
    assert "PostgreSQL found running" in running.said()
    # its worker was told to end and said so itself, or was lost and the next start said so
    assert running.status(run_id) == "FAILURE"
    retry = eventually(lambda: the_retry(running, run_id), "the run is tried again", seconds=120)
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
