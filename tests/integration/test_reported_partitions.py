"""Dagster is told of what was written: of those venue-days and no others, of nothing where nothing was."""

from datetime import UTC, datetime, timedelta

import dagster as dg
from automation_support import BTC, DAY, ETH, requests_of
from candle_frames import MINUTE, candles
from dagster_support import MONDAY, TUESDAY, WEDNESDAY, Platform, Run

from alphapulse_assets.datasets.partitions import partition_key, range_tags, today
from alphapulse_assets.orchestration import automation
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.frames import AGGREGATED

pytest_plugins = ("dagster_fixtures",)

TIMEFRAME_ASSETS = [f"ohlcv_{timeframe}" for timeframe in AGGREGATED]
NEWEST = {"ops": {"ohlcv_1m": {"config": {"mode": "newest"}}}}


def put(platform: Platform, venue: str, start: datetime, count: int, source: str = "import") -> None:
    """Candles of BTC/USDT that came by other means than a run."""
    store = CandleStore(platform.database)
    key = store.register(venue, BTC)
    with platform.database.transaction() as connection:
        store.write(connection, key, candles(start, count), source=source, received_at=datetime.now(UTC))


def midnight(day: object) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00+00:00")


def all_venues() -> dict[str, str]:
    """Tags of a refresh from the first venue to the last, as the sensor asks for it."""
    return range_tags(today(), today(), "binance", "bybit")


def materialized(platform: Platform, asset: str) -> set[str]:
    """The partitions that the UI shows as materialized."""
    return set(platform.instance.get_materialized_partitions(dg.AssetKey(asset)))


def test_a_refresh_reports_the_venues_that_brought_candles(platform: Platform) -> None:
    platform.track("bybit", BTC)
    platform.track("binance", BTC)
    platform.venues.fault("status", host="api.binance.com", path="klines", code=400)
    platform.venues.fault("status", host="data-api.binance.vision", code=400)
    run = platform.run("refresh_candles", tags=all_venues(), config=NEWEST)
    assert run.success, run.failures()
    ours = {partition_key(today(), "bybit")}
    for asset in ("ohlcv_1m", "ohlcv_5m", "ohlcv"):
        assert run.partitions(asset) == materialized(platform, asset) == ours
    assert run.metadata("ohlcv_1m")["venues"] == "bybit"
    assert run.metadata("ohlcv_1m")["symbols_failed"] == 1
    for asset in ("ohlcv_1d", "ohlcv_1w"):  # their bars have not closed
        assert run.partitions(asset) == set()
    planned = dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
    assert not platform.instance.all_logs(run.result.run_id, of_type=planned)


def test_a_refresh_that_brings_nothing_makes_nothing_look_fresh(platform: Platform) -> None:
    platform.track("bybit", BTC)
    assert platform.run("refresh_candles", tags=all_venues(), config=NEWEST).success
    key = dg.AssetKey("ohlcv_1m")
    before = platform.instance.get_latest_materialization_event(key)
    platform.venues.fault("empty", host="api.bybit.com", path="kline")
    run = platform.run("refresh_candles", tags=all_venues(), config=NEWEST, assets=["ohlcv_1m"])
    assert run.success
    assert run.partitions("ohlcv_1m") == set()
    assert run.metadata("ohlcv_1m")["rows_inserted"] == 0  # told all the same, as an observation
    after = platform.instance.get_latest_materialization_event(key)
    assert before is not None
    assert after is not None
    assert after.timestamp == before.timestamp


def test_candles_of_the_stream_are_reported_once_the_venue_has_confirmed_them(platform: Platform) -> None:
    platform.track("bybit", BTC)
    assert platform.run("refresh_candles", tags=all_venues(), config=NEWEST, assets=["ohlcv_1m"]).success
    # as a stream would: the newest candle is the venue's own, and came just now
    platform.database.execute(
        "UPDATE ohlcv_1m SET source_id = 4, received_at = now()"
        " WHERE ts = (SELECT max(ts) FROM ohlcv_1m) AND ts > now() - INTERVAL '8 minutes'"
    )
    platform.venues.fault("drop_rows", host="api.bybit.com", path="kline", **after_newest(platform))
    other = {"asset_key": "ohlcv_1m", "partition": partition_key(today(), "binance")}  # is no report of ours
    platform.instance.report_runless_asset_event(dg.AssetMaterialization(**other))
    run = platform.run("refresh_candles", tags=all_venues(), config=NEWEST, assets=["ohlcv_1m"])
    assert run.success
    assert run.metadata("ohlcv_1m")["rows_inserted"] == 0
    assert run.partitions("ohlcv_1m") == {partition_key(today(), "bybit")}


def after_newest(platform: Platform) -> dict[str, str]:
    """What a venue leaves out that has nothing newer than what is stored."""
    (row,) = platform.database.rows("SELECT max(ts) AS ts FROM ohlcv_1m")
    return {"start": (row["ts"] + MINUTE).isoformat(), "end": (row["ts"] + DAY).isoformat()}


def test_candles_from_outside_colour_their_own_days_and_no_others(platform: Platform) -> None:
    put(platform, "bybit", midnight(WEDNESDAY), 300)
    put(platform, "binance", midnight(MONDAY), 300)
    (request,) = requests_of(platform, automation.changed_candles)  # one range from Monday to Wednesday
    run = platform.run("refresh_timeframes", tags=request.tags)
    assert run.success
    days = {partition_key(WEDNESDAY, "bybit"), partition_key(MONDAY, "binance")}
    for asset in TIMEFRAME_ASSETS[:-1]:
        assert run.partitions(asset) == materialized(platform, asset) == days
    weeks = {partition_key(MONDAY, "bybit"), partition_key(MONDAY, "binance")}
    assert run.partitions("ohlcv_1w") == weeks  # the bars opened on Monday
    assert run.partitions("ohlcv") == days | weeks  # what its timeframes reported, and nothing else
    again = platform.run("refresh_timeframes", tags=request.tags)
    assert {key for asset in TIMEFRAME_ASSETS for key in again.partitions(asset)} == set()


def changed(platform: Platform) -> Run:
    """What changed bars make due; the sensor asks for it with today's partition."""
    assets = ["indicators", "volume_profiles"]
    config = {"ops": {name: {"config": {"mode": "changed"}} for name in assets}}
    run = platform.run("refresh_indicators", tags=all_venues(), config=config, assets=assets)
    assert run.success, run.failures()
    return run


def test_what_is_derived_is_reported_where_rows_were_written(platform: Platform) -> None:
    platform.track("bybit", BTC, ETH)
    put(platform, "bybit", midnight(MONDAY), 1440)
    monday, tuesday = (partition_key(day, "bybit") for day in (MONDAY, TUESDAY))
    run = changed(platform)
    assert run.partitions("indicators") == run.partitions("volume_profiles") == {monday}
    put(platform, "bybit", midnight(TUESDAY), 60)
    run = changed(platform)
    assert run.partitions("volume_profiles") == {tuesday}
    assert run.partitions("indicators") == {monday, tuesday}  # the bar of the week opened on Monday
    assert materialized(platform, "indicators") == {monday, tuesday}
    assert changed(platform).partitions("indicators") == set()


def test_what_a_stream_computed_is_reported_once_the_batch_has_confirmed_it(platform: Platform) -> None:
    platform.track("bybit", BTC)
    put(platform, "bybit", midnight(MONDAY), 60)
    monday = {partition_key(MONDAY, "bybit")}
    assert changed(platform).partitions("indicators") == monday
    # as after a stream: every row is there, and the batch has not looked at these bars yet
    platform.database.execute("DELETE FROM derived_windows")
    platform.database.execute(
        "INSERT INTO derived_dirty (dataset, instrument_id, day)"
        " SELECT 'indicators', instrument_id, %(day)s FROM instruments",
        {"day": MONDAY},
    )
    run = changed(platform)
    assert run.metadata("indicators")["rows_inserted"] == 0
    assert run.partitions("indicators") == monday


def test_a_repair_reports_the_day_whose_minutes_came(platform: Platform) -> None:
    platform.track("bybit", BTC)
    assert platform.days(MONDAY, WEDNESDAY).success
    lost = midnight(TUESDAY) + timedelta(hours=5)
    platform.database.execute("DELETE FROM ohlcv_1m WHERE ts = %(lost)s", {"lost": lost})
    for day in (MONDAY, WEDNESDAY):  # gaps of which the venue has nothing either
        platform.database.execute(
            "DELETE FROM ohlcv_1m WHERE ts = %(ts)s", {"ts": midnight(day) + timedelta(hours=3)}
        )
        start = midnight(day) + timedelta(hours=3)
        platform.venues.fault("drop_rows", start=start.isoformat(), end=(start + MINUTE).isoformat())
    assert platform.days(MONDAY, WEDNESDAY, assets=["candle_gaps"]).success
    platform.database.execute("UPDATE gap_ledger SET next_attempt_at = now() WHERE state = 'detected'")
    (request,) = requests_of(platform, automation.gap_repair)
    run = platform.run("repair_gaps", tags=request.tags, config=request.run_config)
    assert run.success, run.failures()
    assert run.partitions("ohlcv_1m") == {partition_key(TUESDAY, "bybit")}
    assert run.partitions("ohlcv_5m") == {partition_key(TUESDAY, "bybit")}
    asked = {partition_key(day, "bybit") for day in (MONDAY, TUESDAY, WEDNESDAY)}
    assert run.partitions("candle_gaps") == asked  # each of their gaps has one more answer, or its minute


def test_a_run_that_could_not_say_what_it_wrote_is_refused(platform: Platform) -> None:
    platform.track("bybit", BTC)
    tags = range_tags(today(), today(), "bybit", "bybit")
    run = platform.run("backfill_candles", tags=tags, config=NEWEST, assets=["ohlcv_1m"])
    assert not run.success
    assert "start the job refresh_candles" in run.failures()
    config = {"ops": {"indicators": {"config": {"mode": "changed"}}}}
    run = platform.run("backfill_indicators", tags=tags, config=config, assets=["indicators"])
    assert not run.success
    assert "start the job refresh_indicators" in run.failures()
