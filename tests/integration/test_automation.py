"""What the platform asks for by itself: each sensor and schedule on a real database and a real instance."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from automation_support import (
    BTC,
    DAY,
    ETH,
    SOL,
    Schedule,
    Sensor,
    asked,
    config_of,
    done,
    job_of,
    keys,
    keys_of,
    put_run,
    requests_of,
    tick,
)
from candle_frames import candles
from dagster_support import HISTORY, MONDAY, WEDNESDAY, Platform

from alphapulse_assets.datasets.partitions import range_tags, today
from alphapulse_assets.orchestration import automation
from alphapulse_assets.orchestration import retention as housekeeping
from alphapulse_assets.orchestration.automation import LONGEST, RETRY_AFTER
from alphapulse_assets.orchestration.retention import KEEP_FETCHES, PURGED_JOBS
from alphapulse_resources.database.candle_store import CandleStore

pytest_plugins = ("dagster_fixtures",)

FAILED = """
UPDATE ingest_ledger SET status = 'failed', attempts = %(attempts)s, updated_at = now() - %(ago)s::interval
WHERE day = %(day)s
"""
GAP = """
INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at, next_attempt_at)
SELECT instrument_id, %(start)s, %(start)s + INTERVAL '3 minutes', %(state)s, now(),
    now() + %(due_in)s::interval
FROM instruments WHERE symbol = %(symbol)s
"""

ASKING = [each for each in automation.sensors if each is not automation.first_performance]
"""Sensors that candles make ask for runs; the other one waits for patterns (test_automation_derived)."""


# new symbols


def test_a_new_symbol_is_looked_up_once(platform: Platform) -> None:
    assert requests_of(platform, automation.new_symbols) == []
    for venue, symbol in (("binance", BTC), ("bybit", BTC), ("bybit", "NOSUCH/USDT")):
        platform.database.rows(
            "SELECT track_symbol(%(venue)s, %(symbol)s)", {"venue": venue, "symbol": symbol}
        )
    (request,) = requests_of(platform, automation.new_symbols)
    assert config_of(request, "instruments") == {"venues": ["binance", "bybit"]}
    assert platform.run("resolve_instruments", config=request.run_config).success
    assert platform.instrument("bybit", BTC)["venue_symbol"] == "BTCUSDT"
    assert requests_of(platform, automation.new_symbols) == []  # not even for the one nobody knows


# history


def test_a_resolved_symbol_is_given_its_history_once(platform: Platform) -> None:
    assert requests_of(platform, automation.symbol_history) == []
    platform.track("bybit", BTC, ETH)
    (request,) = requests_of(platform, automation.symbol_history)
    assert config_of(request) == {"mode": "days", "symbols": [BTC, ETH]}
    assert set(keys_of(request)) == keys(today() - HISTORY, today(), "bybit")
    assert request.tags["alphapulse/venue"] == "bybit"
    assert request.tags["alphapulse/reason"] == "history"


def test_only_symbols_and_days_in_need_are_asked_for(platform: Platform) -> None:
    platform.track("bybit", BTC, ETH)
    platform.track("binance", SOL)
    for symbol in (BTC, SOL):
        done(platform, symbol, today() - HISTORY, today())
    done(platform, ETH, today() - HISTORY, today() - 6 * DAY)
    done(platform, ETH, today() - 3 * DAY, today())
    (request,) = requests_of(platform, automation.symbol_history)
    assert config_of(request) == {"mode": "days", "symbols": [ETH]}
    assert set(keys_of(request)) == keys(today() - 5 * DAY, today() - 4 * DAY, "bybit")


def test_history_starts_with_the_listing_and_ends_with_the_delisting(platform: Platform) -> None:
    platform.track("bybit", BTC)
    platform.database.execute(
        "UPDATE instruments SET listed_at = %(listed)s, delisted_at = %(delisted)s",
        {
            "listed": datetime.combine(today() - 9 * DAY, datetime.min.time(), UTC) + timedelta(hours=5),
            "delisted": datetime.combine(today() - 6 * DAY, datetime.min.time(), UTC),
        },
    )
    (request,) = requests_of(platform, automation.symbol_history)
    assert set(keys_of(request)) == keys(today() - 9 * DAY, today() - 7 * DAY, "bybit")


@pytest.mark.parametrize(
    ("attempts", "rest"),
    [(1, 2 * RETRY_AFTER), (2, 4 * RETRY_AFTER), (3, 8 * RETRY_AFTER), (10, timedelta(hours=6))],
)
def test_a_failed_day_rests_longer_with_each_failure(
    platform: Platform, attempts: int, rest: timedelta
) -> None:
    platform.track("bybit", BTC)
    done(platform, BTC, today() - HISTORY, today())
    failed = today() - 7 * DAY
    key = {"day": failed, "attempts": attempts}
    platform.database.execute(FAILED, {**key, "ago": rest - timedelta(minutes=1)})
    assert requests_of(platform, automation.symbol_history) == []
    platform.database.execute(FAILED, {**key, "ago": rest + timedelta(minutes=1)})
    (request,) = requests_of(platform, automation.symbol_history)
    assert set(keys_of(request)) == keys(failed, failed, "bybit")
    assert request.tags["alphapulse/reason"] == f"retry {attempts}"


def test_symbols_that_are_not_fetched_have_no_history_to_fill(platform: Platform) -> None:
    platform.track("bybit", BTC, "NOSUCH/USDT")
    platform.database.rows("SELECT untrack_symbol('bybit', 'BTC/USDT')")
    assert requests_of(platform, automation.symbol_history) == []


# gaps


def test_open_gaps_are_repaired_when_they_are_due(platform: Platform) -> None:
    platform.track("bybit", BTC, ETH, SOL)
    start = datetime.combine(MONDAY, datetime.min.time(), UTC)
    gap = {"start": start, "state": "detected", "due_in": "1 hour"}
    platform.database.execute(GAP, {**gap, "symbol": BTC})
    platform.database.execute(GAP, {**gap, "symbol": SOL, "state": "venue_had_none", "due_in": "-1 hour"})
    assert requests_of(platform, automation.gap_repair) == []
    platform.database.execute("UPDATE gap_ledger SET next_attempt_at = now()")
    later = {"start": start + 2 * DAY - timedelta(minutes=3), "due_in": "-1 minute"}
    platform.database.execute(GAP, {**gap, **later, "symbol": ETH})
    (request,) = requests_of(platform, automation.gap_repair)
    assert config_of(request) == {"mode": "gaps", "symbols": [BTC, ETH]}
    assert set(keys_of(request)) == keys(MONDAY, MONDAY + DAY, "bybit")
    assert request.tags["alphapulse/reason"] == "2 open gaps"
    for symbol in (BTC, ETH):
        platform.database.rows("SELECT untrack_symbol('bybit', %(symbol)s)", {"symbol": symbol})
    assert requests_of(platform, automation.gap_repair) == []


def test_a_repair_as_it_is_asked_for_brings_the_minutes(platform: Platform) -> None:
    platform.track("binance", BTC)
    day = range_tags(MONDAY, MONDAY, "binance", "binance")
    assert platform.days(MONDAY, venues=["binance"], assets=["ohlcv_1m"]).success
    stored = platform.of("ohlcv_1m", "binance", BTC)
    lost = [row["ts"] for row in stored[300:310]]
    platform.database.execute("DELETE FROM ohlcv_1m WHERE ts = ANY (%(lost)s)", {"lost": lost})
    assert platform.days(MONDAY, venues=["binance"], assets=["candle_gaps"]).success
    platform.database.execute("UPDATE gap_ledger SET next_attempt_at = now()")
    (request,) = requests_of(platform, automation.gap_repair)
    assert request.tags.items() >= day.items()
    run = platform.run("repair_gaps", tags=request.tags, config=request.run_config)
    assert run.success
    assert [row["ts"] for row in platform.of("ohlcv_1m", "binance", BTC)] == [row["ts"] for row in stored]
    repaired = [row for row in platform.of("gap_ledger", "binance", BTC) if row["state"] == "repaired"]
    assert [(row["gap_start"], row["gap_end"]) for row in repaired] == [
        (lost[0], lost[-1] + timedelta(minutes=1))
    ]


# timeframes


def test_candles_that_changed_outside_a_run_reach_the_timeframes(platform: Platform) -> None:
    assert requests_of(platform, automation.changed_candles) == []
    store = CandleStore(platform.database)
    for venue, day in (("bybit", WEDNESDAY), ("binance", MONDAY)):
        key = store.register(venue, BTC)
        start = datetime.combine(day, datetime.min.time(), UTC)
        with platform.database.transaction() as connection:
            store.write(connection, key, candles(start, 60), source="import", received_at=datetime.now(UTC))
    (request,) = requests_of(platform, automation.changed_candles)
    assert set(keys_of(request)) >= keys(MONDAY, WEDNESDAY, "binance", "bybit")
    assert platform.run("refresh_timeframes", tags=request.tags).success
    for venue in ("bybit", "binance"):
        assert len(platform.of("ohlcv_1h", venue, BTC)) == 1
        assert len(platform.of("ohlcv_1w", venue, BTC)) == 1
    assert requests_of(platform, automation.changed_candles) == []


# newest candles


def test_newest_candles_are_asked_for_once_a_minute(platform: Platform) -> None:
    platform.track("bybit", BTC)
    platform.track("binance", BTC)
    first = tick(platform, automation.newest_candles, cursor="2024-03-11 00:00")
    (request,) = first.run_requests or ()
    assert config_of(request) == {"mode": "newest"}
    assert set(keys_of(request)) == keys(today(), today(), "binance", "binanceusdm", "bybit")
    again = tick(platform, automation.newest_candles, cursor=first.cursor)
    if again.run_requests:  # a minute has passed in between
        again = tick(platform, automation.newest_candles, cursor=again.cursor)
    assert not again.run_requests
    assert again.skip_reason


def streamed(platform: Platform, *books: tuple[str, str]) -> None:
    """The stream has brought what the venue has of the last minutes, and of the next one."""
    store = CandleStore(platform.database)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for venue, symbol in books:
        key = platform.instrument(venue, symbol)["instrument_id"]
        with platform.database.transaction() as connection:
            minutes = candles(now - timedelta(minutes=5), 7)
            store.write(connection, key, minutes, source="stream", received_at=datetime.now(UTC))


def test_candles_that_streams_bring_are_verified_every_few_minutes(platform: Platform) -> None:
    platform.track("bybit", BTC)
    platform.track("binance", BTC)
    now = datetime.now(UTC)
    just_before, long_ago = (f"{now - timedelta(minutes=n):%Y-%m-%d %H:%M}" for n in (1, 4))
    streamed(platform, ("bybit", BTC))
    assert tick(platform, automation.newest_candles, cursor=just_before).run_requests  # one is behind
    streamed(platform, ("binance", BTC))
    waits = tick(platform, automation.newest_candles, cursor=just_before)
    assert not waits.run_requests
    assert "the streams have brought every candle" in str(waits.skip_reason)
    assert len(tick(platform, automation.newest_candles, cursor=long_ago).run_requests or ()) == 1
    assert len(tick(platform, automation.newest_candles).run_requests or ()) == 1


def test_without_symbols_there_is_nothing_new(platform: Platform) -> None:
    result = tick(platform, automation.newest_candles)
    assert not result.run_requests
    assert "alphapulse symbols add" in str(result.skip_reason)


# one run at a time


def all_in_need(platform: Platform) -> None:
    """Work for every sensor: a new symbol, history, a due gap, changed candles."""
    platform.track("bybit", BTC)
    platform.database.rows("SELECT track_symbol('bybit', 'ETH/USDT')")
    start = datetime.combine(MONDAY, datetime.min.time(), UTC)
    gap = {"symbol": BTC, "start": start, "state": "detected", "due_in": "-1 hour"}
    platform.database.execute(GAP, gap)
    store = CandleStore(platform.database)
    with platform.database.transaction() as connection:
        key = platform.instrument("bybit", BTC)["instrument_id"]
        store.write(connection, key, candles(start, 5), source="import", received_at=datetime.now(UTC))


@pytest.mark.parametrize("sensor", ASKING, ids=lambda sensor: sensor.name)
@pytest.mark.parametrize("status", automation.RUNNING, ids=lambda status: status.value)
def test_nothing_is_asked_for_while_a_run_of_it_is_under_way(
    platform: Platform, sensor: Sensor, status: dg.DagsterRunStatus
) -> None:
    all_in_need(platform)
    assert len(requests_of(platform, sensor)) == 1
    put_run(platform, job_of(sensor), status, tags={"alphapulse/venue": "bybit"})
    assert requests_of(platform, sensor) == []


@pytest.mark.parametrize("sensor", ASKING, ids=lambda sensor: sensor.name)
def test_a_run_that_ended_or_was_lost_long_ago_is_in_nobodys_way(platform: Platform, sensor: Sensor) -> None:
    all_in_need(platform)
    here = {"alphapulse/venue": "bybit"}
    lost = datetime.now(UTC) - LONGEST[job_of(sensor)] - timedelta(minutes=1)
    put_run(platform, job_of(sensor), dg.DagsterRunStatus.STARTED, tags=here, created=lost)
    put_run(platform, job_of(sensor), dg.DagsterRunStatus.SUCCESS, tags=here)
    put_run(platform, job_of(sensor), dg.DagsterRunStatus.FAILURE, tags=here)
    assert len(requests_of(platform, sensor)) == 1


@pytest.mark.parametrize("sensor", [automation.symbol_history, automation.gap_repair], ids=lambda s: s.name)
def test_a_venue_that_is_busy_does_not_keep_another_waiting(platform: Platform, sensor: Sensor) -> None:
    all_in_need(platform)
    put_run(platform, job_of(sensor), tags={"alphapulse/venue": "binance"})
    (request,) = requests_of(platform, sensor)
    assert request.tags["alphapulse/venue"] == "bybit"


# schedules


@pytest.mark.parametrize(
    ("schedule", "days"), [(automation.close_of_day, 1), (automation.verify_recent_days, 3)]
)
def test_schedules_ask_for_whole_days_that_are_over(
    platform: Platform, schedule: Schedule, days: int
) -> None:
    assert isinstance(asked(platform, schedule), dg.SkipReason)
    platform.track("binanceusdm", "BTC/USDT:USDT")
    platform.track("bybit", BTC)
    requests = asked(platform, schedule)
    for request, venue in zip(requests, ("binanceusdm", "bybit"), strict=True):
        assert config_of(request) == {"mode": "days"}
        assert set(keys_of(request)) == keys(today() - days * DAY, today() - DAY, venue)
        assert request.tags["alphapulse/venue"] == venue
    again = asked(platform, schedule)
    assert [request.run_key for request in again] == [request.run_key for request in requests]
    assert len({request.run_key for request in requests}) == 2


def test_instruments_are_verified_each_day(platform: Platform) -> None:
    assert isinstance(asked(platform, automation.verify_instruments), dg.RunRequest)
    assert job_of(automation.verify_instruments) == "resolve_instruments"


# jobs people start


def test_symbols_can_be_tracked_and_untracked_from_the_ui(platform: Platform) -> None:
    config = {"venue": "bybit", "symbols": [BTC, ETH]}
    history = {**config, "history_days": 3}
    assert platform.run("track_symbols", config={"ops": {"track": {"config": history}}}).success
    row = platform.instrument("bybit", ETH)
    assert row["tracked"]
    assert row["history_start"].date() == today() - 3 * DAY
    assert platform.run("untrack_symbols", config={"ops": {"untrack": {"config": config}}}).success
    assert not platform.instrument("bybit", BTC)["tracked"]
    nowhere = {"ops": {"track": {"config": {"venue": "nowhere", "symbols": [BTC]}}}}
    with pytest.raises(dg.DagsterInvalidConfigError, match=r"not in enum type Venue\[binance\|"):
        platform.run("track_symbols", config=nowhere)


# housekeeping


def test_only_old_runs_of_the_minute_are_deleted(platform: Platform) -> None:
    now, old = datetime.now(UTC), datetime.now(UTC) - housekeeping.KEEP - timedelta(minutes=1)
    success = dg.DagsterRunStatus.SUCCESS
    going = [put_run(platform, job, success, created=old) for job in PURGED_JOBS]
    staying = [
        *(put_run(platform, job, success, created=now) for job in PURGED_JOBS),
        *(put_run(platform, job, success, created=old) for job in ("backfill_candles", "repair_gaps")),
        put_run(platform, "track_symbols", success, created=old),
        put_run(platform, "refresh_candles", dg.DagsterRunStatus.STARTED, created=old),
    ]
    logs = Path(platform.instance.storage_directory())
    for run_id in (going[0], staying[0]):
        (logs / run_id).mkdir(parents=True)
    purge = platform.run("purge_refreshes")
    assert purge.success
    left = {run.run_id for run in platform.instance.get_runs()}
    assert left == {*staying, purge.result.run_id}
    assert not (logs / going[0]).exists()
    assert (logs / staying[0]).exists()


def test_old_requests_are_forgotten_and_recent_ones_kept(platform: Platform) -> None:
    platform.track("bybit", BTC)
    assert platform.days(MONDAY, assets=["ohlcv_1m"]).success
    platform.database.execute(
        "INSERT INTO fetch_log (started_at, venue, dataset, source, url, latency_ms)"
        " VALUES (now() - %(keep)s - INTERVAL '1 hour', 'bybit', 'ohlcv_1m', 'rest', 'api.bybit.com', 1)",
        {"keep": KEEP_FETCHES},
    )
    before = platform.database.rows("SELECT count(*) AS n FROM fetch_log")[0]["n"]
    assert platform.run("purge_refreshes").success
    assert platform.database.rows("SELECT count(*) AS n FROM fetch_log")[0]["n"] == before - 1
