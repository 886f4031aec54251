"""Stream runs as Dagster runs them: launched by a code server, in processes of their own."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
from dagster._core.test_utils import create_run_for_test
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import PythonFileTarget

from alphapulse_assets.streaming.job import SHARD_TAG
from alphapulse_resources.database.client import Database
from alphapulse_resources.postgres.process import lives
from alphapulse_resources.settings import get_settings
from tests.databases import fresh_database

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = Path(__file__).with_name("stream_definitions.py")
JOB = "stream_market_data"
STATUS = dg.DagsterRunStatus
WORKER = "SELECT * FROM stream_workers WHERE run_id = %(run)s"
BOOKS = """
SELECT i.symbol, e.ts, e.state_after, e.cause, e.run_id FROM order_book_events AS e
JOIN instruments AS i USING (instrument_id) ORDER BY e.ts
"""
SECONDS = 90.0


class Streams:
    """A code server and an instance, and the stream runs that are launched there."""

    def __init__(self, database: Database, instance: dg.DagsterInstance, server: WorkspaceProcessContext):
        self.database = database
        self.instance = instance
        self.server = server

    def launch(self, *, index: int = 1, count: int = 1) -> str:
        """Launch a run of a shard; returns its id."""
        workspace = self.server.create_request_context()
        (repository,) = workspace.get_code_location("streams").get_repositories().values()
        job = repository.get_full_job(JOB)
        run = create_run_for_test(
            self.instance,
            job_name=JOB,
            run_config={"ops": {"stream_shard": {"config": {"index": index, "count": count}}}},
            tags={SHARD_TAG: f"{index}-of-{count}"},
            remote_job_origin=job.get_remote_origin(),
            job_code_origin=job.get_python_origin(),
        )
        self.instance.launch_run(run.run_id, workspace)
        return run.run_id

    def streaming(self, **shard: int) -> str:
        """Launch a run and wait until it follows a book."""
        run = self.launch(**shard)
        eventually(lambda: self.books(run), "a followed book", lambda: self.said(run))
        return run

    def ended(self, run: str) -> dg.DagsterRunStatus:
        """The status a run ended with, when it has, and its process too."""

        def over() -> bool:
            found = self.instance.get_run_by_id(run)
            return found is not None and found.is_finished and not self.alive(run)

        eventually(over, "the run's end", lambda: self.said(run))
        found = self.instance.get_run_by_id(run)
        assert found is not None
        return found.status

    def worker(self, run: str) -> dict[str, Any]:
        rows = self.database.rows(WORKER, {"run": run})
        return rows[0] if rows else {}

    def alive(self, run: str) -> bool:
        pid = self.worker(run).get("pid")
        return pid is not None and lives(pid)

    def books(self, run: str) -> list[tuple[str, str, str]]:
        rows = self.database.rows(BOOKS)
        return [(row["symbol"], row["state_after"], row["cause"]) for row in rows if row["run_id"] == run]

    def said(self, run: str) -> str:
        return "\n".join(
            record.message or record.user_message
            if record.dagster_event is None
            else str(record.dagster_event.message)
            + str(getattr(record.dagster_event.event_specific_data, "error_display_string", ""))
            for record in self.instance.all_logs(run)
        )


def eventually(state: Callable[[], object], what: str, why: Callable[[], str] = str) -> None:
    end = time.monotonic() + SECONDS
    while not state():
        assert time.monotonic() < end, f"not within {SECONDS:.0f} s: {what}\n{why()}"
        time.sleep(0.1)


def track(database: Database, *symbols: str) -> None:
    for symbol in symbols:
        database.rows("SELECT track_symbol('binance', %(symbol)s)", {"symbol": symbol})
    database.execute("UPDATE instruments SET venue_symbol = replace(symbol, '/', ''), active = true")


@pytest.fixture(scope="module")
def served(server_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streams]:
    """One code server for the file: it takes seconds to start."""
    home = tmp_path_factory.mktemp("streams")
    with pytest.MonkeyPatch.context() as patch, fresh_database(server_dsn) as dsn:
        for name in os.environ:
            if name.startswith("ALPHAPULSE_"):
                patch.delenv(name)
        patch.setenv("ALPHAPULSE_DSN", dsn)
        patch.setenv("ALPHAPULSE_HOME", str(home))
        patch.setenv("PYTHONPATH", str(ROOT))
        get_settings.cache_clear()
        target = PythonFileTarget(str(DEFINITIONS), "defs", str(home), "streams")
        database = Database(dsn)
        with (
            dg.DagsterInstance.local_temp(str(home)) as instance,
            WorkspaceProcessContext(instance, target) as server,
        ):
            yield Streams(database, instance, server)
        database.close()
        get_settings.cache_clear()


@pytest.fixture
def streams(served: Streams) -> Iterator[Streams]:
    """Nothing stored, one symbol tracked; runs that are left are ended."""
    served.database.execute(
        "TRUNCATE order_book_events, stream_workers, stream_latency, order_book_status, instruments CASCADE"
    )
    track(served.database, "BTC/USDT")
    yield served
    for run in served.instance.get_runs(dg.RunsFilter(job_name=JOB)):
        if not run.is_finished:
            served.instance.run_launcher.terminate(run.run_id)
            served.ended(run.run_id)


def test_a_terminated_run_writes_what_it_holds_and_ends_as_canceled(streams: Streams) -> None:
    run = streams.streaming()
    assert streams.instance.run_launcher.terminate(run)
    assert streams.ended(run) is STATUS.CANCELED
    assert streams.books(run) == [("BTC/USDT", "synced", "started"), ("BTC/USDT", "stopped", "stopped")]
    assert streams.worker(run)["stopped_at"] is not None
    assert "SIGINT" in streams.worker(run)["stopped_because"]


def test_sigterm_ends_a_run_just_as_cleanly(streams: Streams) -> None:
    run = streams.streaming()
    os.kill(streams.worker(run)["pid"], signal.SIGTERM)
    assert streams.ended(run) is STATUS.CANCELED
    assert streams.books(run)[-1] == ("BTC/USDT", "stopped", "stopped")


def test_a_run_tells_of_symbols_and_materializes_what_it_wrote(streams: Streams) -> None:
    run = streams.streaming()
    track(streams.database, "ETH/USDT")
    eventually(lambda: ("ETH/USDT", "synced", "started") in streams.books(run), "the new symbol")
    streams.instance.run_launcher.terminate(run)
    streams.ended(run)
    said = streams.said(run)
    assert "following 1 more: binance:BTC/USDT; 1 in all" in said
    assert "following 1 more: binance:ETH/USDT; 2 in all" in said
    assert "2/2 books synced" in said
    event = streams.instance.get_latest_materialization_event(dg.AssetKey("order_book_events"))
    assert event is not None
    assert event.asset_materialization is not None
    metadata = {name: value.value for name, value in event.asset_materialization.metadata.items()}
    assert metadata["run_id"] == run
    assert (metadata["rows"], metadata["symbols"], metadata["queryable_p99_ms"]) == (3, 2, 4.0)
    # the candles' partitions are the batch's to materialize
    assert streams.instance.get_latest_materialization_event(dg.AssetKey("ohlcv_1m")) is None


def test_a_second_worker_of_a_shard_is_refused_and_the_first_goes_on(streams: Streams) -> None:
    first = streams.streaming()
    second = streams.launch()
    assert streams.ended(second) is STATUS.FAILURE
    assert f"shard 1-of-1 is streamed by another worker: run {first}" in streams.said(second)
    assert streams.worker(second) == {}
    assert streams.alive(first)
    assert streams.worker(first)["stopped_at"] is None


def test_two_shards_share_the_symbols(streams: Streams) -> None:
    symbols = [f"C{number}/USDT" for number in range(8)]
    track(streams.database, *symbols)
    runs = [streams.streaming(index=index, count=2) for index in (1, 2)]
    for run in runs:
        streams.instance.run_launcher.terminate(run)
    assert {streams.ended(run) for run in runs} == {STATUS.CANCELED}
    first, second = ({symbol for symbol, *_ in streams.books(run)} for run in runs)
    assert first | second == {*symbols, "BTC/USDT"}
    assert not first & second


def test_a_worker_whose_session_the_server_ended_takes_its_shard_back(streams: Streams) -> None:
    run = streams.streaming()
    session = "SELECT pid FROM pg_stat_activity WHERE application_name = %(name)s"
    name = {"name": f"alphapulse stream {run}"}
    (before,) = streams.database.rows(session, name)
    streams.database.rows("SELECT pg_terminate_backend(%(pid)s)", before)
    eventually(lambda: streams.database.rows(session, name) not in ([], [before]), "a new session")
    eventually(lambda: streams.worker(run)["symbols"] == 1, "a heartbeat")
    second = streams.launch()
    assert streams.ended(second) is STATUS.FAILURE
    assert streams.alive(run)


def test_a_worker_that_finds_its_shard_taken_stops(streams: Streams) -> None:
    run = streams.streaming()
    name = {"name": f"alphapulse stream {run}"}
    (session,) = streams.database.rows(
        "SELECT pid FROM pg_stat_activity WHERE application_name = %(name)s", name
    )
    (lease,) = streams.database.rows("SELECT name FROM platform.lease_holders WHERE pid = %(pid)s", session)
    with psycopg.connect(streams.database.dsn, autocommit=True) as other:
        streams.database.rows("SELECT pg_terminate_backend(%(pid)s, 10000)", session)
        assert other.execute("SELECT platform.take_lease(%s)", [lease["name"]]).fetchone() == (True,)
        assert streams.ended(run) is STATUS.CANCELED
    assert streams.books(run)[-1] == ("BTC/USDT", "stopped", "stopped")
    assert "another worker" in streams.said(run)


def test_a_worker_that_is_asked_through_the_database_stops(streams: Streams) -> None:
    run = streams.streaming()
    streams.database.execute("UPDATE stream_workers SET stopped_because = 'new code was loaded'")
    assert streams.ended(run) is STATUS.CANCELED
    assert streams.worker(run)["stopped_because"] == "new code was loaded"
    assert streams.books(run)[-1] == ("BTC/USDT", "stopped", "stopped")


def test_the_successor_of_a_killed_worker_closes_its_books(streams: Streams) -> None:
    killed = streams.streaming()
    eventually(lambda: streams.worker(killed)["symbols"] == 1, "a heartbeat")
    os.kill(streams.worker(killed)["pid"], signal.SIGKILL)
    assert streams.ended(killed) is STATUS.FAILURE
    assert streams.worker(killed)["stopped_at"] is None
    heartbeat = streams.worker(killed)["heartbeat_at"]
    run = streams.streaming()
    worker = streams.worker(killed)
    assert (worker["stopped_because"], worker["stopped_at"]) == ("lost", heartbeat)
    (lost,) = (row for row in streams.database.rows(BOOKS) if row["cause"] == "worker_lost")
    assert (lost["state_after"], lost["run_id"], lost["ts"]) == ("stopped", killed, heartbeat)
    assert "1 books were left open by lost workers" in streams.said(run)
    third = streams.launch()
    streams.ended(third)
    assert sum(row["cause"] == "worker_lost" for row in streams.database.rows(BOOKS)) == 1


def test_a_shard_that_does_not_exist_fails_with_a_clear_word(streams: Streams) -> None:
    run = streams.launch(index=3, count=2)
    assert streams.ended(run) is STATUS.FAILURE
    assert "there is no shard 3 of 2" in streams.said(run)


def test_a_worker_that_cannot_go_on_fails_its_run_and_says_why(streams: Streams) -> None:
    run = streams.streaming()
    track(streams.database, "FAIL/USDT")
    assert streams.ended(run) is STATUS.FAILURE
    assert streams.worker(run)["stopped_because"] == "failed: RuntimeError: the worker cannot go on"
    assert "the worker cannot go on" in streams.said(run)
