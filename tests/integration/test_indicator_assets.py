"""Indicators, regimes, patterns and profiles as assets: real runs on a real database."""

from datetime import datetime, timedelta

import polars as pl
import pytest
from candle_frames import candles, stored, write
from candle_frames import changed as with_change
from dagster_support import Platform
from derived_support import (
    DAYS,
    DERIVED,
    DUE,
    FIRST,
    LAST,
    TABLES,
    at,
    changed,
    days,
    rows,
    symbol,
    written,
)

from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.datasets.partitions import range_tags
from alphapulse_assets.indicators.batch import compute
from alphapulse_assets.indicators.dataset import DERIVATION
from alphapulse_assets.indicators.registry import INDICATORS, registry_version
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.derived_store import COMPUTED, TIMEFRAME_IDS, DerivedStore

pytest_plugins = ("dagster_fixtures",)


def test_a_run_of_days_writes_every_closed_bar_of_every_timeframe(platform: Platform) -> None:
    key = symbol(platform.database)
    run = days(platform)
    assert run.success, run.failures()
    assert run.materialized() == set(DERIVED)
    checks = run.result.get_asset_check_evaluations()
    assert {check.check_name for check in checks} == {"rules", "complete", "no_look_ahead", "life"}
    assert [
        (check.asset_key.to_user_string(), check.check_name) for check in checks if not check.passed
    ] == []
    found = rows(platform.database, "indicator_values")
    for timeframe in COMPUTED:
        bars = stored(platform.database, key, f"ohlcv_{timeframe}").select(candles(FIRST, 1).columns)
        expected = compute(bars, timeframe)
        told = found.filter(pl.col("timeframe_id") == TIMEFRAME_IDS[timeframe])
        assert told["ts"].to_list() == expected["ts"].to_list()
        for name in INDICATORS:
            assert told[name].is_null().equals(expected[name].is_null()), name
            known = expected[name].drop_nulls().to_list()
            assert told[name].drop_nulls().to_list() == pytest.approx(known, rel=1e-9), name
    assert found.height == rows(platform.database, "market_regimes").height
    assert rows(platform.database, "volume_profile_days").height == DAYS
    assert rows(platform.database, "volume_pattern_events").height > 50


def test_days_one_by_one_write_what_one_pass_writes_and_a_replay_nothing(platform: Platform) -> None:
    symbol(platform.database)
    for day in (0, 2, 1):  # in no order: no row depends on what is stored
        moment = FIRST + timedelta(days=day)
        assert days(platform, moment, moment).success
    before = {table: rows(platform.database, table) for table in TABLES}
    run = days(platform)
    assert run.success
    assert {asset: written(run, asset) for asset in DERIVED} == dict.fromkeys(DERIVED, (0, 0, 0))
    for table, frame in before.items():
        assert frame.height
        assert rows(platform.database, table).equals(frame), table


def test_a_correction_changes_what_it_must_and_leaves_what_came_before(platform: Platform) -> None:
    key = symbol(platform.database)
    assert changed(platform).success
    assert platform.database.rows(DUE) == []
    before = {table: rows(platform.database, table) for table in TABLES}
    minute = at(11, 12, 30)
    frame = candles(FIRST, DAYS * 1440)
    write(platform.database, key, with_change(frame, minute, high=150.0, close=140.0, volume=9_999.0))
    platform.database.refresh_timeframes()
    assert {row["day"] for row in platform.database.rows(DUE)} == {minute.date()}
    run = changed(platform)
    assert run.success, run.failures()
    assert platform.database.rows(DUE) == []
    after = {table: rows(platform.database, table) for table in TABLES}
    for table in TABLES:
        early = pl.col("known_at") <= minute
        assert after[table].filter(early).equals(before[table].filter(early)), table
    assert days(platform).success
    for table in TABLES:  # whole days computed anew find nothing that the refresh has left out
        assert rows(platform.database, table).equals(after[table]), table
    moved = after["indicator_values"].join(
        before["indicator_values"], on=before["indicator_values"].columns, how="anti", nulls_equal=True
    )
    assert moved.filter(pl.col("ts") >= LAST).height > 1000  # the rest of the block, not that day alone
    spike = after["volume_pattern_events"].filter(pl.col("ts") == minute, pl.col("timeframe_id") == 1)
    assert "spike" in spike["pattern"].to_list()


def test_patterns_that_a_correction_takes_away_go(platform: Platform) -> None:
    key = symbol(platform.database)
    frame = candles(FIRST, DAYS * 1440)
    minute = at(12, 6)
    write(platform.database, key, with_change(frame, minute, volume=99_999.0))
    assert days(platform, LAST, LAST, assets=["volume_patterns"], timeframes=["1m"]).success
    seen = rows(platform.database, "volume_pattern_events").filter(pl.col("ts") == minute)
    assert "spike" in seen["pattern"].to_list()
    write(platform.database, key, frame)
    run = days(platform, LAST, LAST, assets=["volume_patterns"], timeframes=["1m"])
    assert written(run, "volume_patterns")[2] >= 1
    left = rows(platform.database, "volume_pattern_events").filter(pl.col("ts") == minute)
    assert "spike" not in left["pattern"].to_list()


def test_a_new_version_keeps_the_rows_of_the_old_one(platform: Platform) -> None:
    symbol(platform.database)
    assert days(platform, LAST, LAST, assets=["indicators"], timeframes=["1h"]).success
    old = rows(platform.database, "indicator_values")
    assert registry_version() < 100
    # as if these rules had come first and ours were yet to be run
    platform.database.execute("UPDATE indicator_values SET logic_version = 100, rsi_14 = 50")
    run = days(platform, LAST, LAST, assets=["indicators"], timeframes=["1h"])
    assert written(run, "indicators") == (old.height, 0, 0)
    assert rows(platform.database, "indicator_values", version=registry_version()).equals(old)
    kept = rows(platform.database, "indicator_values", version=100)
    assert kept.height == old.height
    shown = platform.database.rows("SELECT DISTINCT logic_version, rsi_14 FROM indicators")
    assert shown == [{"logic_version": 100, "rsi_14": 50.0}]
    every = platform.database.rows("SELECT DISTINCT logic_version FROM indicators_all_versions ORDER BY 1")
    assert [row["logic_version"] for row in every] == [registry_version(), 100]


def test_a_trial_is_written_beside_and_can_be_compared(platform: Platform) -> None:
    symbol(platform.database)
    only = {"assets": ["indicators"], "timeframes": ["1h"]}
    assert days(platform, LAST, LAST, **only).success
    assert days(platform, LAST, LAST, **only, version=-1).success
    database = platform.database
    compare = "SELECT * FROM compare_indicators(2, -1, %(start)s, %(end)s)"
    window = {"start": FIRST, "end": LAST + timedelta(days=1)}
    assert database.rows(compare, window) == []
    database.execute(
        "UPDATE indicator_values SET cmf_20 = cmf_20 + 0.5 WHERE logic_version = -1 AND ts = %(ts)s",
        {"ts": LAST},
    )
    (difference,) = database.rows(compare, window)
    assert (difference["symbol"], difference["timeframe"], difference["ts"]) == ("BTC/USDT", "1h", LAST)
    assert (difference["indicator"], difference["difference"]) == ("cmf_20", pytest.approx(0.5))
    assert {row["v"] for row in database.rows("SELECT DISTINCT logic_version AS v FROM indicators")} == {2}
    defined = database.rows("SELECT DISTINCT logic_version AS v FROM indicator_definitions")
    assert {row["v"] for row in defined} == {2, -1}


def test_a_trial_under_a_released_number_is_refused(platform: Platform) -> None:
    run = days(platform, LAST, LAST, assets=["indicators"], version=1)
    assert not run.success
    assert "version 1 is not below 0" in run.failures()
    assert rows(platform.database, "indicator_values").is_empty()


def test_the_market_is_what_most_of_the_volume_is_in(platform: Platform) -> None:
    symbol(platform.database)
    symbol(platform.database, "ETH/USDT", seed=2)
    symbol(platform.database, "ETH/BTC", seed=3)
    assert days(platform, assets=["market_regime"], timeframes=["15m"]).success
    symbols = platform.database.read(
        "SELECT * FROM regimes WHERE symbol <> 'ETH/BTC' AND quote_volume_mean > 0"
    )
    overall = platform.database.read("SELECT * FROM market_regime WHERE timeframe = '15m'")
    assert overall.height == symbols["ts"].n_unique()
    sums: dict[object, dict[str, float]] = {}
    for row in symbols.drop_nulls("trend").iter_rows(named=True):
        weights = sums.setdefault(row["ts"], {})
        weights[row["trend"]] = weights.get(row["trend"], 0.0) + row["quote_volume_mean"]
    told = {row["ts"]: (row["trend"], row["trend_share"]) for row in overall.iter_rows(named=True)}
    assert sums
    for ts, weights in sums.items():
        trend, share = told[ts]
        assert weights[trend] == max(weights.values())
        assert share == pytest.approx(weights[trend] / sum(weights.values()))


def test_a_symbol_with_impossible_bars_stops_no_other(platform: Platform) -> None:
    symbol(platform.database)
    bad = symbol(platform.database, "ETH/USDT", seed=2)
    platform.database.execute("ALTER TABLE ohlcv_1m DROP CONSTRAINT ohlcv_1m_within_bounds")
    platform.database.execute(
        "UPDATE ohlcv_1m SET close = -1 WHERE instrument_id = %(id)s AND ts = %(ts)s",
        {"id": bad, "ts": at(11)},
    )
    run = days(platform, LAST, LAST, assets=["indicators"], timeframes=["1m"])
    assert run.success
    (failure,) = run.metadata("indicators")["failures"].records
    assert failure.data["symbol"] == "bybit ETH/USDT"
    assert "2024-03-11" in failure.data["error"]
    assert rows(platform.database, "indicator_values").height == 1440


def test_reactions_tell_only_what_was_known_at_the_end_of_the_day(platform: Platform) -> None:
    symbol(platform.database)
    only = ["market_regime", "volume_patterns"]
    assert days(platform, assets=only, timeframes=["5m"]).success
    config = {"ops": {"volume_reactions": {"config": {"timeframes": ["5m"]}}}}
    before = LAST - timedelta(days=1)
    told = []
    for day in (before, LAST, LAST):
        tags = range_tags(day.date(), day.date(), "bybit", "bybit")
        run = platform.run("refresh_reactions", tags=tags, config=config, assets=["volume_reactions"])
        assert run.success, run.failures()
        assert run.check("volume_reactions", "rules").passed
        told.append(written(run, "volume_reactions"))
    assert told[0][0] > 0
    assert told[2] == (0, 0, 0)
    events = rows(platform.database, "volume_pattern_events")
    bars = stored(platform.database, events["instrument_id"][0], "ohlcv_5m")
    for day in (before, LAST):
        end = day + timedelta(days=1)
        stats = platform.database.read(
            "SELECT * FROM volume_reaction_stats WHERE ts = $1 AND pattern = 'spike' AND horizon = 10"
            " AND strength = 'all' AND regime = 'all'",
            [end],
        )
        last = bars.filter(pl.col("ts") < end)["ts"][-11]  # ten bars later the day is over
        spikes = events.filter(pl.col("pattern") == "spike", pl.col("ts") <= last)
        assert stats["n"].sum() == spikes.height
    shown = platform.database.rows("SELECT DISTINCT as_of FROM volume_reactions")
    assert [row["as_of"] for row in shown] == [LAST + timedelta(days=1)]


def test_where_a_newer_version_looked_patterns_of_the_old_one_are_not_shown(platform: Platform) -> None:
    key = symbol(platform.database)
    assert days(platform, assets=["volume_patterns"], timeframes=["5m"]).success
    database = platform.database
    view = "SELECT count(*) AS n FROM volume_patterns WHERE ts >= %(start)s AND ts < %(end)s"
    middle = FIRST + timedelta(days=1)
    early, late = {"start": FIRST, "end": middle}, {"start": middle, "end": LAST + timedelta(days=1)}
    before = database.rows(view, early)[0]["n"]
    assert before > 0
    database.execute(
        "INSERT INTO derived_windows VALUES ('volume_patterns', %(id)s, 5, 2,"
        " tstzmultirange(tstzrange(%(start)s, %(end)s)))",
        {"id": key, **late},
    )
    assert database.rows(view, early)[0]["n"] == before
    assert database.rows(view, late)[0]["n"] == 0


def test_a_null_that_is_computed_replaces_a_value(platform: Platform) -> None:
    symbol(platform.database)
    only = {"assets": ["indicators"], "timeframes": ["1d"]}
    assert days(platform, **only).success
    platform.database.execute("UPDATE indicator_values SET sma_200 = 5")
    run = days(platform, **only)
    assert written(run, "indicators") == (0, DAYS, 0)
    assert rows(platform.database, "indicator_values")["sma_200"].null_count() == DAYS


def test_a_bar_that_has_just_closed_waits_for_its_last_minute(platform: Platform) -> None:
    key = CandleStore(platform.database).register("bybit", "BTC/USDT")
    close, frame = FIRST + timedelta(minutes=10), candles(FIRST, 10)

    def refreshed(now: datetime) -> list[datetime]:
        """Open times of the 5m bars with indicators after a refresh."""
        DerivationRunner(DerivedStore(platform.database), DERIVATION, now).changed()
        found = rows(platform.database, "indicator_values").filter(pl.col("timeframe_id") == 5)
        return sorted(found["ts"].to_list())

    write(platform.database, key, frame.head(9))
    assert refreshed(close + timedelta(seconds=5)) == [FIRST]
    write(platform.database, key, frame)
    assert refreshed(close + timedelta(seconds=10)) == [FIRST]
    assert {row["dataset"] for row in platform.database.rows(DUE)} >= {"indicators"}
    assert refreshed(close + timedelta(seconds=30)) == [FIRST, FIRST + timedelta(minutes=5)]
    assert "indicators" not in {row["dataset"] for row in platform.database.rows(DUE)}
