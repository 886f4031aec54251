"""What the platform asks for by itself where bars changed: what is computed from them."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg
from automation_support import BTC, DAY, asked, config_of, keys, keys_of, put_run, requests_of
from candle_frames import candles
from dagster_support import MONDAY, Platform

from alphapulse_assets.datasets.partitions import today
from alphapulse_assets.indicators.registry import registry_version
from alphapulse_assets.orchestration import automation
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.frames import floor_time
from alphapulse_resources.settings import get_settings

pytest_plugins = ("dagster_fixtures",)

COMPUTED = {
    *("indicators", "market_regime", "volume_patterns", "volume_profiles"),
    *("candlestick_patterns", "chart_patterns", "signals", "signal_outcomes", "indicator_series"),
    "event_probabilities",
}
MARK = "INSERT INTO derived_dirty (dataset, instrument_id, day) VALUES ('indicators', %(id)s, %(day)s)"
STREAMED = """
INSERT INTO indicator_values (instrument_id, timeframe_id, ts, logic_version, known_at, obv, ad_line)
VALUES (%(instrument_id)s, %(timeframe_id)s, %(ts)s, %(logic_version)s, %(ts)s + INTERVAL '1 minute', 0, 0)
"""
HAMMER = """
INSERT INTO candlestick_pattern_events (instrument_id, timeframe_id, ts, pattern, logic_version, known_at,
    direction, strength, candles, began_at, unbroken)
VALUES (%(id)s, 1, %(ts)s, 'hammer', 1, %(ts)s + INTERVAL '1 minute', 'bullish', 100, 1, %(ts)s, true)
"""
JUDGED = """
INSERT INTO pattern_performance_stats (ts, timeframe_id, family, pattern, direction, regime, horizon,
    logic_version, configuration_version, n, clusters, hit_rate, hit_low, hit_high, base_rate, shrunk_rate,
    target_n, walk_n, walk_clusters, walk_target_clusters, verdict, failures, hints, comparisons)
VALUES (%(ts)s, 1, 'candlestick', 'hammer', 'bullish', 'all', 10, 1, 1, 1, 1, 1, 0, 1, 0.5, 0.5, 0, 1, 1, 0,
    'no demonstrated edge', '{}', '[]', 1)
"""


def test_changed_bars_are_asked_for_until_everything_is_computed(platform: Platform) -> None:
    assert requests_of(platform, automation.changed_bars) == []
    store = CandleStore(platform.database)
    key = store.register("bybit", BTC)
    start = datetime.combine(MONDAY, datetime.min.time(), UTC)
    with platform.database.transaction() as connection:
        store.write(connection, key, candles(start, 120), source="import", received_at=datetime.now(UTC))
    (request,) = requests_of(platform, automation.changed_bars)
    assert set(keys_of(request)) == keys(today(), today(), "bybit")
    assert {config_of(request, op)["mode"] for op in COMPUTED} == {"changed"}
    assert set(request.run_config["ops"]) == COMPUTED
    run = platform.run("refresh_indicators", tags=request.tags, config=request.run_config)
    assert run.success, run.failures()
    for table in ("indicator_values", "market_regimes"):
        rows = platform.of(table, "bybit", BTC)
        # 1m, 5m, 15m, 1h, 4h, 1d and 1w bars of two hours
        assert len(rows) == 120 + 24 + 8 + 2 + 1 + 1 + 1
    assert requests_of(platform, automation.changed_bars) == []


def test_what_the_stream_has_computed_of_today_is_computed_again_now_and_then(platform: Platform) -> None:
    platform.track("bybit", BTC)
    store, derived = CandleStore(platform.database), DerivedStore(platform.database)
    key = store.register("bybit", BTC)
    newest = floor_time(datetime.now(UTC), "1m") - timedelta(minutes=3)
    start = newest - timedelta(minutes=59)
    row = {"instrument_id": key, "timeframe_id": 1, "logic_version": registry_version()}

    def computed(end: datetime) -> None:
        platform.database.execute("DELETE FROM derived_windows")
        with platform.database.transaction() as connection:
            derived.note_window(connection, "indicators", row, (start, end))

    def asked_for(day: date) -> int:
        platform.database.execute("DELETE FROM derived_dirty")
        platform.database.execute(MARK, {"id": key, "day": day})
        return len(requests_of(platform, automation.changed_bars))

    with platform.database.transaction() as connection:
        store.write(connection, key, candles(start, 60), source="rest", received_at=datetime.now(UTC))
    computed(newest)
    assert asked_for(today()) == 1  # the newest bar has no row
    platform.database.execute(STREAMED, {**row, "ts": newest})
    assert asked_for(today()) == 0
    assert asked_for(today() - DAY) == 1
    computed(newest - timedelta(minutes=get_settings().automation.repair_minutes))
    assert asked_for(today()) == 1


def test_a_timeframe_that_has_caught_up_makes_what_is_computed_due(platform: Platform) -> None:
    store = CandleStore(platform.database)
    key = store.register("bybit", BTC)
    start = datetime.combine(MONDAY, datetime.min.time(), UTC)
    with platform.database.transaction() as connection:
        store.write(connection, key, candles(start, 120), source="import", received_at=datetime.now(UTC))
    platform.database.execute("DELETE FROM derived_dirty")  # as if computed before the bars were there
    platform.database.refresh_timeframes()
    assert len(requests_of(platform, automation.changed_bars)) == 1


def test_reactions_are_asked_for_once_a_day(platform: Platform) -> None:
    assert isinstance(asked(platform, automation.reactions_of_yesterday), dg.SkipReason)
    platform.track("bybit", BTC)
    request = asked(platform, automation.reactions_of_yesterday)
    yesterday = today() - DAY
    assert set(keys_of(request)) == keys(yesterday, yesterday, "bybit")
    assert request.run_key == f"reactions:{yesterday}"


def test_patterns_are_judged_once_as_soon_as_they_can_be(platform: Platform) -> None:
    platform.track("bybit", BTC)
    sensor, at = automation.first_performance, {"ts": datetime.combine(MONDAY, datetime.min.time(), UTC)}
    assert requests_of(platform, sensor) == []  # there is no pattern
    key = platform.instrument("bybit", BTC)["instrument_id"]
    platform.database.execute(HAMMER, {"id": key, **at})
    platform.database.execute("DELETE FROM derived_dirty")
    platform.database.execute(MARK, {"id": key, "day": today() - DAY})
    assert requests_of(platform, sensor) == []  # a day that is over waits for what is computed of it
    platform.database.execute("DELETE FROM derived_dirty")
    (request,) = requests_of(platform, sensor)
    assert (request.run_key, set(keys_of(request))) == (
        f"first performance:{today()}",
        keys(today(), today(), "bybit"),
    )
    put_run(platform, "refresh_reactions")
    assert requests_of(platform, sensor) == []
    platform.instance.delete_run(platform.instance.get_runs()[0].run_id)
    assert len(requests_of(platform, sensor)) == 1
    platform.database.execute(JUDGED, at)
    assert requests_of(platform, sensor) == []  # the nights go on with it
