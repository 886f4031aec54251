"""What goes wrong on a real database is seen by the sensor, told over a real socket, kept, and over again."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
from automation_support import DEFINITIONS
from candle_frames import candles, register, rows_of
from dagster_support import Platform
from stream_rows import put, worker
from webhook_support import SECRET, Answer, Receiver, receiver

from alphapulse_assets.operations import sensors
from alphapulse_assets.operations.sensors import platform_watch, reachability, run_failures
from alphapulse_assets.streaming.lease import Lease
from alphapulse_resources.database.upsert import OHLCV_1M
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

pytest_plugins = ("dagster_fixtures",)

STREAMS_ON = "INSERT INTO platform_watch (looked_at, streams_on) VALUES (now(), true)"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def platform(platform: Platform, tmp_path: Path) -> Iterator[Platform]:
    """As in other tests, on an instance that knows of sensors and their switches."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield replace(platform, instance=instance)


@pytest.fixture
def got(platform: Platform) -> Iterator[Receiver]:
    """The receiver of the platform's webhook."""
    reachability.cache_clear()
    with receiver() as got:
        platform.set("ALERTS__WEBHOOK_URL", got.url)
        yield got
        reachability().stop()
    reachability.cache_clear()


def look(platform: Platform, cursor: str | None = None) -> dg.SensorResult:
    """One look, long after the start unless a cursor says otherwise."""
    now = datetime.now(UTC).timestamp()
    with dg.build_sensor_context(
        platform.instance,
        cursor=cursor or json.dumps({"at": now, "started": LONG_AGO, "seen": {}}),
        resources={"database": DatabaseResource.of(get_settings())},
        definitions=DEFINITIONS,
    ) as context:
        result = DEFINITIONS.resolve_sensor_def(platform_watch.name)(context)
    assert isinstance(result, dg.SensorResult)
    return result


def later(platform: Platform) -> None:
    """Let everything that is open have been seen some minutes ago."""
    platform.database.execute(
        "UPDATE platform_alerts"
        " SET raised_at = raised_at - INTERVAL '10 min', seen_at = seen_at - INTERVAL '10 min'"
    )


def open_alerts(platform: Platform) -> dict[tuple[str, str], str]:
    rows = platform.database.rows("SELECT kind, subject, severity FROM alerts_of_platform WHERE open")
    return {(row["kind"], row["subject"]): row["severity"] for row in rows}


def tracked(platform: Platform, symbol: str = "BTC/USDT") -> int:
    """A symbol that is tracked and confirmed, long ago."""
    (number,) = register(platform.database, [symbol])
    platform.database.execute(
        "UPDATE instruments SET tracked = true, tracked_at = now() - INTERVAL '2 days', venue_symbol = 'X',"
        " resolved_at = now() - INTERVAL '2 days', active = true WHERE instrument_id = %(id)s",
        {"id": number},
    )
    return number


def brought(platform: Platform, number: int, newest_age: timedelta) -> None:
    """A day's candles up to so long ago."""
    end = (datetime.now(UTC) - newest_age).replace(second=0, microsecond=0)
    frame = rows_of(candles(end - timedelta(hours=8), 480), number)
    with platform.database.transaction() as connection:
        platform.database.upsert(connection, OHLCV_1M, frame)


def test_where_all_is_well_nothing_is_told(platform: Platform, got: Receiver) -> None:
    brought(platform, tracked(platform), timedelta(minutes=1))
    result = look(platform)
    assert got.bodies == []
    assert open_alerts(platform) == {}
    assert result.skip_reason
    assert platform.database.rows("SELECT streams_on FROM platform_watch") == [{"streams_on": False}]


def test_silence_of_candles_is_told_once_and_then_that_it_is_over(platform: Platform, got: Receiver) -> None:
    number = tracked(platform)
    brought(platform, number, timedelta(minutes=30))
    venue = platform.database.rows("SELECT venue FROM instruments")[0]["venue"]
    result = look(platform)
    assert open_alerts(platform) == {("candles_silent", venue): "critical"}
    look(platform, result.cursor)
    assert len(got.bodies) == 1
    assert "BTC/USDT" in got.titles()[0]

    brought(platform, number, timedelta(minutes=1))
    later(platform)
    look(platform)
    assert len(got.bodies) == 2
    assert got.bodies[1]["resolved"] is True
    assert open_alerts(platform) == {}
    look(platform)
    assert len(got.bodies) == 2


def test_a_platform_that_just_started_is_given_time(platform: Platform, got: Receiver) -> None:
    brought(platform, tracked(platform), timedelta(hours=9))
    look(platform, "{}")
    assert got.bodies == []


def test_a_lost_worker_is_told_unless_streams_are_switched_off(platform: Platform, got: Receiver) -> None:
    brought(platform, tracked(platform), timedelta(minutes=1))
    platform.database.execute("UPDATE instruments SET venue = 'bybit'")
    lost = datetime.now(UTC) - timedelta(minutes=5)
    put(platform.database, "stream_workers", [worker("gone", lost)])
    platform.database.execute(STREAMS_ON)
    look(platform)
    assert ("stream_worker", "1-of-1") in open_alerts(platform)
    assert "has had no worker for 5 min" in got.titles()[0]
    later(platform)
    look(platform)  # the sensor that keeps streams is not switched on here, and that was seen
    assert ("stream_worker", "1-of-1") not in open_alerts(platform)


def test_a_worker_that_holds_its_shard_and_beats_is_well(platform: Platform, got: Receiver) -> None:
    brought(platform, tracked(platform), timedelta(minutes=1))
    platform.database.execute("UPDATE instruments SET venue = 'bybit'")
    platform.database.execute(STREAMS_ON)
    lease = Lease(platform.database, shard="1-of-1", run_id="r", code_version="1", lost=lambda _: None)
    lease.take()
    try:
        look(platform)
    finally:
        lease.leave("the test is over")
    assert got.bodies == []


def test_failed_days_gaps_and_bad_rows_are_told_by_venue(platform: Platform, got: Receiver) -> None:
    number = tracked(platform)
    brought(platform, number, timedelta(minutes=1))
    database, id_ = platform.database, {"id": number}
    database.execute(
        "INSERT INTO ingest_ledger (instrument_id, day, status, attempts, error_kind, error)"
        " VALUES (%(id)s, '2026-01-01', 'failed', 3, 'timeout', 'took too long')",
        id_,
    )
    database.execute(
        "INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at)"
        " SELECT %(id)s, t - INTERVAL '3 h', t - INTERVAL '1 h', 'detected', t - INTERVAL '50 min'"
        " FROM now() AS t",
        id_,
    )
    database.execute(
        "INSERT INTO quarantine (dataset, instrument_id, ts, reasons, payload)"
        " SELECT 'ohlcv_1m', %(id)s, now(), '{high_below_low}', jsonb_build_object('n', n)"
        " FROM generate_series(1, 12) AS n",
        id_,
    )
    look(platform)
    told = {body["kind"]: body for body in got.bodies}
    assert set(told) == {"failed_days", "gaps_open", "quarantine"}
    assert "took too long" in told["failed_days"]["title"]
    assert told["gaps_open"]["detail"]["minutes"] == 120
    assert "12 bad rows for ohlcv_1m" in told["quarantine"]["title"]
    assert "high_below_low" in told["quarantine"]["title"]


def test_timeframes_that_are_not_refreshed_are_told_when_it_lasts(platform: Platform, got: Receiver) -> None:
    number = tracked(platform)
    brought(platform, number, timedelta(minutes=1))
    with platform.database.transaction() as connection:
        connection.execute("SELECT mark_ohlcv_dirty(%s, %s)", [[number], [datetime(2024, 1, 2).date()]])
    first = look(platform)
    assert got.bodies == []
    cursor: dict[str, Any] = json.loads(first.cursor or "")
    cursor["seen"] = {name: at - 2_000 for name, at in cursor["seen"].items()}
    look(platform, json.dumps(cursor))
    assert {body["kind"] for body in got.bodies} == {"timeframes"}


REFRESH_FAILURES = """
    CREATE TABLE IF NOT EXISTS refresh_failures (timeframe text, instrument_id integer, day date, error text,
        failed_at timestamptz DEFAULT now(), resolved_at timestamptz);
    INSERT INTO refresh_failures (timeframe, instrument_id, day, error)
    SELECT '1h', instrument_id, '2026-01-02', 'value out of range: overflow' FROM instruments
"""
VENUE_CLOCKS = """
    CREATE TABLE IF NOT EXISTS venue_clocks (shard text, venue text, ahead_seconds double precision,
        refused_times bigint, run_id text, measured_at timestamptz);
    INSERT INTO venue_clocks (shard, venue, ahead_seconds, refused_times, run_id, measured_at)
    VALUES ('1-of-1', 'bybit', -8, 0, 'r', now())
"""


def test_what_other_parts_note_is_seen_where_they_note_it(platform: Platform, got: Receiver) -> None:
    brought(platform, tracked(platform), timedelta(minutes=1))
    look(platform)
    assert open_alerts(platform) == {}
    platform.database.execute(REFRESH_FAILURES)
    platform.database.execute(VENUE_CLOCKS)
    look(platform)
    venue = platform.database.rows("SELECT venue FROM instruments")[0]["venue"]
    found = {("timeframes", f"refresh of {venue}"): "warning", ("clock", "bybit"): "warning"}
    assert open_alerts(platform) == found
    assert [body["kind"] for body in got.bodies] == ["timeframes"]  # of clocks the stream tells
    assert "value out of range" in got.titles()[0]


def test_a_webhook_that_fails_is_asked_again_later_and_loses_nothing(
    platform: Platform, got: Receiver
) -> None:
    brought(platform, tracked(platform), timedelta(minutes=30))
    got.answer = lambda _: Answer(404, "gone")
    look(platform)
    look(platform)  # too soon for another try
    assert len(got.requests) == 1
    row = platform.database.rows(
        "SELECT delivery, error FROM alerts_of_platform WHERE kind = 'candles_silent'"
    )
    assert row == [{"delivery": "failed", "error": "the webhook answered 404: gone"}]
    assert ("webhook", "webhook") in open_alerts(platform)

    got.answer = lambda _: Answer()
    platform.database.execute("UPDATE platform_alerts SET tried_at = tried_at - INTERVAL '1 hour'")
    look(platform)
    assert "candles_silent" in {body["kind"] for body in got.bodies[1:]}


def test_no_more_is_told_a_minute_than_the_rate_allows(platform: Platform, got: Receiver) -> None:
    platform.set("ALERTS__WEBHOOK_PER_MINUTE", "1")
    number = tracked(platform)
    brought(platform, number, timedelta(minutes=30))
    platform.database.execute(
        "INSERT INTO ingest_ledger (instrument_id, day, status, attempts)"
        " VALUES (%(id)s, '2026-01-01', 'failed', 3)",
        {"id": number},
    )
    look(platform)
    look(platform)
    assert [body["kind"] for body in got.bodies] == ["candles_silent"]
    platform.database.execute(
        "UPDATE platform_alert_deliveries SET settled_at = settled_at - INTERVAL '2 min'"
    )
    look(platform)
    assert [body["kind"] for body in got.bodies] == ["candles_silent", "failed_days"]


def test_a_look_without_a_database_tells_the_webhook_and_then_that_it_is_back(
    platform: Platform, got: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensors, "SECOND_TRY", 0.1)
    dsn = platform.database.dsn
    platform.set("DSN", f"postgresql://a:pass{SECRET}@127.0.0.1:1/none")
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError):
            look(platform)
    assert [body["kind"] for body in got.bodies] == ["database"]
    assert got.bodies[0]["severity"] == "critical"
    assert SECRET not in json.dumps(got.bodies)

    platform.set("DSN", dsn)
    platform.set("ALERTS__WEBHOOK_URL", got.url)
    reachability()._settings.dsn = None  # the process's settings do not change while it runs
    reachability()._dsn = lambda: platform.database._dsn
    look(platform)
    assert got.titles()[-1].startswith("over: the database can be reached again")
    kept = platform.database.rows("SELECT kind, open, tellings FROM alerts_of_platform")
    assert kept == [{"kind": "database", "open": False, "tellings": 2}]


def test_a_disk_that_is_nearly_full_is_told(
    platform: Platform, got: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    look(platform)
    assert [(body["kind"], body["severity"]) for body in got.bodies] == [("disk", "critical")]


@dg.op
def breaks() -> None:
    raise RuntimeError("the venue said no to postgresql://user:s3cret@host/db")


@dg.job
def breaking() -> None:
    breaks()


def failed(platform: Platform) -> None:
    """A run that fails, and the sensor's reaction to it."""
    result = breaking.execute_in_process(instance=platform.instance, raise_on_error=False)
    event = next(each for each in result.all_events if each.is_run_failure)
    with dg.build_run_status_sensor_context(
        sensor_name=run_failures.name,
        dagster_instance=platform.instance,
        dagster_run=result.dagster_run,
        dagster_event=event,
        resources={"database": DatabaseResource.of(get_settings())},
    ) as context:
        DEFINITIONS.resolve_sensor_def(run_failures.name)(context.for_run_failure())


def test_failed_runs_of_a_job_are_told_once_and_are_over_after_a_success(
    platform: Platform, got: Receiver
) -> None:
    failed(platform)
    failed(platform)
    (told,) = got.bodies
    assert (told["kind"], told["subject"]) == ("run_failed", "breaking")
    assert "the venue said no" in told["title"]
    assert "s3cret" not in told["title"]
    (row,) = platform.database.rows("SELECT detail FROM alerts_of_platform WHERE open")
    assert row["detail"]["failures"] == 2
    look(platform)
    assert ("run_failed", "breaking") in open_alerts(platform)

    @dg.job(name="breaking")
    def mended() -> None:
        pass

    assert mended.execute_in_process(instance=platform.instance).success
    look(platform)
    assert open_alerts(platform) == {}
    assert got.titles()[-1].startswith("over: a run of breaking failed")
