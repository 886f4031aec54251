"""What the supervisor of streams decides: each situation on a real database and a real instance."""

import json
import queue
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, DagsterEventType
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.utils import make_new_run_id

from alphapulse_assets.definitions import build_defs
from alphapulse_assets.streaming.code_version import code_version
from alphapulse_assets.streaming.job import SHARD_TAG, stream_market_data
from alphapulse_assets.streaming.lease import Lease
from alphapulse_assets.streaming.shards import Shard, shard_of
from alphapulse_assets.streaming.supervisor import stream_supervisor
from alphapulse_assets.streaming.upkeep import LIVE, VERSION_TAG, ZOMBIE_SECONDS
from alphapulse_resources.database.client import Database
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

DEFINITIONS = build_defs()
JOB = stream_market_data.name
REPOSITORY = RemoteRepositoryOrigin(GrpcServerCodeLocationOrigin("127.0.0.1", 4266), "alphapulse")
STATUS = dg.DagsterRunStatus
EVENTS = {
    STATUS.STARTED: DagsterEventType.RUN_START,
    STATUS.SUCCESS: DagsterEventType.RUN_SUCCESS,
    STATUS.CANCELING: DagsterEventType.RUN_CANCELING,
    STATUS.CANCELED: DagsterEventType.RUN_CANCELED,
}
WORKER = "SELECT * FROM stream_workers WHERE run_id = %(run_id)s"


class Streams:
    """The streams of one test: symbols, runs, workers' leases, and ticks of the sensor."""

    def __init__(self, database: Database, instance: dg.DagsterInstance) -> None:
        self.database = database
        self.instance = instance
        self.cursor: str | None = None
        self.leases: list[Lease] = []

    def track(self, *symbols: str, venue: str = "binance") -> None:
        for symbol in symbols:
            self.database.rows(
                "SELECT track_symbol(%(venue)s, %(symbol)s)", {"venue": venue, "symbol": symbol}
            )
            self.database.execute(
                "UPDATE instruments SET venue_symbol = replace(symbol, '/', ''), active = true"
                " WHERE venue = %(venue)s AND symbol = %(symbol)s",
                {"venue": venue, "symbol": symbol},
            )

    def run(
        self,
        *statuses: dg.DagsterRunStatus,
        shard: str = "1-of-1",
        ago: float = 3600,
        tags: dict[str, str] | None = None,
        by_hand: bool = False,
    ) -> str:
        """A run that has been through these statuses; its events are `ago` seconds old."""
        supervised = {SHARD_TAG: shard, VERSION_TAG: code_version(), **(tags or {})}
        run = dg.DagsterRun(
            job_name=JOB,
            run_id=make_new_run_id(),
            status=STATUS.NOT_STARTED,
            tags={} if by_hand else supervised,
            remote_job_origin=RemoteJobOrigin(REPOSITORY, JOB),
        )
        self.instance.run_storage.add_run(run)
        when = (datetime.now(UTC) - timedelta(seconds=ago)).timestamp()
        for status in statuses:
            if status is STATUS.FAILURE:
                self.instance.report_run_failed(run)
                continue
            event = DagsterEvent(EVENTS[status].value, job_name=JOB)
            self.instance.report_dagster_event(event, run.run_id, timestamp=when)
        return run.run_id

    def lease(self, run_id: str, shard: str = "1-of-1") -> Lease:
        """A worker that holds the shard's lock for the run."""
        lease = Lease(self.database, shard=shard, run_id=run_id, code_version="x", lost=lambda why: None)
        lease.take()
        self.leases.append(lease)
        return lease

    def status(self, run_id: str) -> dg.DagsterRunStatus:
        run = self.instance.get_run_by_id(run_id)
        assert run is not None
        return run.status

    def tick(self) -> tuple[list[dg.RunRequest], str]:
        """One evaluation as the daemon does it: what is asked for, and what is said if nothing is."""
        with dg.build_sensor_context(
            self.instance,
            cursor=self.cursor,
            resources={"database": DatabaseResource.of(get_settings())},
            definitions=DEFINITIONS,
        ) as context:
            result = DEFINITIONS.resolve_sensor_def(stream_supervisor.name)(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        for request in result.run_requests or ():
            dg.validate_run_config(DEFINITIONS.resolve_job_def(JOB), request.run_config)
        said = result.skip_reason.skip_message if isinstance(result.skip_reason, dg.SkipReason) else None
        return list(result.run_requests or ()), said or ""

    def wanted(self, run_id: str) -> str | None:
        """Why the run's worker was asked to stop."""
        (worker,) = self.database.rows(WORKER, {"run_id": run_id})
        reason: str | None = worker["stopped_because"]
        return reason

    def age_cursor(self, seconds: float) -> None:
        """As if the ticks until now had been longer ago."""
        seen = json.loads(self.cursor or "{}")
        self.cursor = json.dumps({run: moment - seconds for run, moment in seen.items()})


@pytest.fixture
def streams(database: Database, tmp_path: Path, environment: pytest.MonkeyPatch) -> Iterator[Streams]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:  # with the launcher that is used
        streams = Streams(database, instance)
        yield streams
        for lease in streams.leases:
            lease.leave("end of the test")


@pytest.fixture
def shards(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def set_count(count: int) -> None:
        monkeypatch.setenv("ALPHAPULSE_STREAMS__SHARDS", str(count))
        get_settings.cache_clear()

    return set_count


def config_of(request: dg.RunRequest) -> Any:
    return request.run_config["ops"]["stream_shard"]["config"]


def test_nothing_is_started_while_no_symbol_has_a_stream(streams: Streams) -> None:
    assert streams.tick() == ([], "no tracked symbol has a stream yet: alphapulse symbols add")
    streams.database.rows("SELECT track_symbol('binance', 'BTC/USDT')")  # not looked up yet
    assert streams.tick()[0] == []


def test_the_first_run_is_asked_for_once_however_often_a_tick_is_repeated(streams: Streams) -> None:
    streams.track("BTC/USDT")
    (first,), _ = streams.tick()
    (again,), _ = streams.tick()
    assert first.run_key == again.run_key == "1-of-1:after:none"
    assert config_of(first) == {"index": 1, "count": 1}
    assert first.tags == {**first.tags, SHARD_TAG: "1-of-1", VERSION_TAG: code_version()}


@pytest.mark.parametrize("status", [each for each in LIVE if each not in (STATUS.STARTED, STATUS.CANCELING)])
def test_a_run_on_its_way_is_waited_for(streams: Streams, status: dg.DagsterRunStatus) -> None:
    streams.track("BTC/USDT")
    run = dg.DagsterRun(
        job_name=JOB,
        run_id=make_new_run_id(),
        status=status,
        tags={SHARD_TAG: "1-of-1", VERSION_TAG: "another"},
        remote_job_origin=RemoteJobOrigin(REPOSITORY, JOB),
    )
    streams.instance.run_storage.add_historical_run(run, datetime.now(UTC))
    assert streams.tick() == ([], "every shard has its run")
    assert streams.status(run.run_id) is status


def test_a_run_that_streams_is_left_alone(streams: Streams) -> None:
    streams.track("BTC/USDT")
    run = streams.run(STATUS.STARTED)
    streams.lease(run)
    assert streams.tick() == ([], "every shard has its run")
    assert json.loads(streams.cursor or "") == {}
    assert streams.status(run) is STATUS.STARTED
    assert streams.wanted(run) is None


def test_a_run_that_somebody_started_by_hand_counts_as_the_shards(streams: Streams) -> None:
    streams.track("BTC/USDT")
    run = streams.run(STATUS.STARTED, by_hand=True)
    streams.lease(run)
    assert streams.tick() == ([], "every shard has its run")
    assert streams.status(run) is STATUS.STARTED


def test_it_is_left_alone_when_the_last_symbol_goes(streams: Streams) -> None:
    run = streams.run(STATUS.STARTED)
    streams.lease(run)
    assert streams.tick()[0] == []
    assert streams.status(run) is STATUS.STARTED


@pytest.mark.parametrize("end", [STATUS.SUCCESS, STATUS.FAILURE, STATUS.CANCELED])
def test_a_run_that_is_over_has_a_successor(streams: Streams, end: dg.DagsterRunStatus) -> None:
    streams.track("BTC/USDT")
    run = streams.run(STATUS.STARTED, end)
    (request,), _ = streams.tick()
    assert request.run_key == f"1-of-1:after:{run}"


def test_a_started_run_whose_lock_nobody_holds_is_failed_and_followed(streams: Streams) -> None:
    streams.track("BTC/USDT")
    run = streams.run(STATUS.STARTED)
    assert streams.tick()[0] == []  # its worker may have lost its connection for a moment
    assert streams.status(run) is STATUS.STARTED
    streams.age_cursor(ZOMBIE_SECONDS)
    (request,), _ = streams.tick()
    assert request.run_key == f"1-of-1:after:{run}"
    assert streams.status(run) is STATUS.FAILURE
    assert json.loads(streams.cursor or "") == {}


def test_a_worker_that_takes_its_lock_back_is_no_zombie(streams: Streams) -> None:
    streams.track("BTC/USDT")
    run = streams.run(STATUS.STARTED)
    streams.tick()
    lease = streams.lease(run)
    streams.age_cursor(ZOMBIE_SECONDS)
    assert streams.tick() == ([], "every shard has its run")
    streams.leases.remove(lease)
    lease.leave("a moment")
    streams.tick()  # seen without it for the first time again
    assert streams.status(run) is STATUS.STARTED


def test_a_run_that_has_just_started_is_given_time_to_take_its_lock(streams: Streams) -> None:
    streams.track("BTC/USDT")
    run = streams.run(STATUS.STARTED, ago=5)
    streams.tick()
    streams.age_cursor(2 * ZOMBIE_SECONDS)
    assert streams.tick()[0] == []
    assert streams.status(run) is STATUS.STARTED


def test_a_run_of_other_code_is_ended_and_then_followed(streams: Streams) -> None:
    streams.track("BTC/USDT")
    run = streams.run(STATUS.STARTED, tags={VERSION_TAG: "before"})
    lease = streams.lease(run)
    assert streams.tick()[0] == []
    assert streams.status(run) is STATUS.CANCELING
    assert streams.wanted(run) == "new code was loaded"
    assert streams.tick()[0] == []  # it is still writing what it holds
    streams.leases.remove(lease)
    lease.leave("new code was loaded")
    event = DagsterEvent(DagsterEventType.RUN_CANCELED.value, job_name=JOB)
    streams.instance.report_dagster_event(event, run)
    (request,), _ = streams.tick()
    assert request.run_key == f"1-of-1:after:{run}"
    assert request.tags[VERSION_TAG] == code_version()


def test_an_orphan_that_still_holds_the_lock_is_asked_to_stop_before_anything_starts(
    streams: Streams,
) -> None:
    streams.track("BTC/USDT")
    run = streams.run(STATUS.STARTED, STATUS.FAILURE)
    lease = streams.lease(run)
    requests, said = streams.tick()
    assert requests == []
    assert run in said
    assert streams.wanted(run) == "its run is over"
    streams.leases.remove(lease)
    lease.leave("its run is over")
    assert len(streams.tick()[0]) == 1


def test_a_worker_that_is_asked_to_stop_learns_it_at_its_heartbeat(streams: Streams) -> None:
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    run = streams.run(STATUS.STARTED)
    lease = Lease(
        streams.database,
        shard="1-of-1",
        run_id=run,
        code_version="x",
        lost=told.put,
        heartbeat_seconds=0.05,
    )
    lease.take()
    streams.leases.append(lease)
    streams.database.execute("UPDATE stream_workers SET stopped_because = 'new code was loaded'")
    assert told.get(timeout=30) == "new code was loaded"


def test_two_shards_have_a_run_each(streams: Streams, shards: Callable[[int], None]) -> None:
    shards(2)
    symbols = [f"C{number}/USDT" for number in range(8)]
    streams.track(*symbols)
    assert {shard_of(f"binance:{symbol}", 2).index for symbol in symbols} == {1, 2}
    requests, _ = streams.tick()
    assert [request.tags[SHARD_TAG] for request in requests] == ["1-of-2", "2-of-2"]
    assert [config_of(request)["index"] for request in requests] == [1, 2]
    streams.lease(streams.run(STATUS.STARTED, shard="1-of-2"), "1-of-2")
    (request,), _ = streams.tick()
    assert request.run_key == "2-of-2:after:none"


def test_a_shard_without_a_symbol_is_not_started(streams: Streams, shards: Callable[[int], None]) -> None:
    shards(5)
    streams.track("BTC/USDT")
    (request,), _ = streams.tick()
    assert Shard.parse(request.tags[SHARD_TAG]).carries("binance", "BTC/USDT")


def test_when_the_number_of_shards_changes_the_old_ones_end_before_new_ones_start(
    streams: Streams, shards: Callable[[int], None]
) -> None:
    symbols = [f"C{number}/USDT" for number in range(8)]
    streams.track(*symbols)
    run = streams.run(STATUS.STARTED)
    lease = streams.lease(run)
    shards(2)
    requests, said = streams.tick()
    assert requests == []
    assert "2 shards" in said
    assert streams.status(run) is STATUS.CANCELING
    assert streams.tick()[0] == []
    streams.leases.remove(lease)
    lease.leave("there are 2 shards now")
    streams.instance.report_dagster_event(
        DagsterEvent(DagsterEventType.RUN_CANCELED.value, job_name=JOB), run
    )
    assert [request.run_key for request in streams.tick()[0]] == ["1-of-2:after:none", "2-of-2:after:none"]


def test_a_shard_that_keeps_failing_is_started_less_and_less_often(streams: Streams) -> None:
    streams.track("BTC/USDT")
    streams.run(STATUS.STARTED, STATUS.FAILURE, ago=0)
    assert len(streams.tick()[0]) == 1  # once is no pattern
    for _ in range(3):
        streams.run(STATUS.STARTED, STATUS.FAILURE, ago=0)
    requests, said = streams.tick()
    assert requests == []
    assert "keeps failing" in said
    streams.run(STATUS.STARTED, STATUS.CANCELED, ago=0)  # somebody ended one: begin afresh
    assert len(streams.tick()[0]) == 1


def test_the_supervisor_is_switched_like_every_other_sensor() -> None:
    defined = stream_supervisor.define(False)
    assert defined.default_status is dg.DefaultSensorStatus.STOPPED
    assert defined.minimum_interval_seconds == 10
