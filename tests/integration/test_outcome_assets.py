"""Outcomes and performance of patterns as assets: real runs on a real database."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from candle_frames import candles, stored, write
from candle_frames import changed as with_change
from dagster_support import Platform, Run
from derived_support import DAYS, FIRST, LAST, at, days, symbol, written

from alphapulse_assets.datasets.partitions import range_tags
from alphapulse_assets.patterns.evaluation.dataset import OUTCOME_DERIVATION
from alphapulse_assets.patterns.evaluation.outcomes import measure, outcomes
from alphapulse_assets.patterns.evaluation.performance import NO_EDGE
from alphapulse_assets.patterns.evaluation.stored_outcomes import (
    OUTCOME_KEY,
    RATE_KEY,
    known_rows,
    outcome_rows,
    read_outcomes,
)
from alphapulse_assets.patterns.evaluation.success import success
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.model import CONFIRMED
from alphapulse_assets.patterns.events.stored import read_events
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import COMPUTED, TIMEFRAME_IDS, DerivedStore
from alphapulse_resources.frames import CANDLE_SCHEMA, TIMEFRAMES

pytest_plugins = ("dagster_fixtures",)

BEFORE = ("indicators", "market_regime", "volume_patterns", "candlestick_patterns", "chart_patterns")
ALL = (*BEFORE, "pattern_outcomes")
END = LAST + timedelta(days=1)
LONGER = [name for name in COMPUTED if name != "1m"]
"""Timeframes with a fifth of the rows of all."""
ORDER = ("ts", "kind_id", "sign", "reference")
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def rows(database: Database, table: str = "pattern_outcome_events") -> pl.DataFrame:
    """All rows but for when they were made, in order of the key."""
    key = OUTCOME_KEY if table == "pattern_outcome_events" else RATE_KEY
    return database.read(f"SELECT * FROM {table}").drop("created_at").sort(key)


def perform(platform: Platform, day: datetime, **config: object) -> Run:
    """Performance as of the end of a day."""
    return platform.run(
        "refresh_reactions",
        tags=range_tags(day.date(), day.date(), "bybit", "bybit"),
        config={"ops": {"pattern_performance": {"config": config}}},
        assets=["pattern_performance"],
    )


def changed(platform: Platform) -> Run:
    """What changed bars make due, as the schedule of each day asks for it."""
    return platform.run(
        "refresh_reactions",
        tags=range_tags(LAST.date(), LAST.date(), "bybit", "bybit"),
        config={"ops": {"pattern_outcomes": {"config": {"mode": "changed"}}}},
        assets=["pattern_outcomes"],
    )


def test_every_confirmed_pattern_has_a_row_for_each_horizon_that_is_over(platform: Platform) -> None:
    key = symbol(platform.database)
    run = days(platform, assets=ALL)
    assert run.success, run.failures()
    found = rows(platform.database)
    store = DerivedStore(platform.database)
    (subject,) = store.subjects([key])
    for timeframe in COMPUTED:
        bars = stored(platform.database, key, f"ohlcv_{timeframe}").select(CANDLE_SCHEMA.names())
        bars = bars.filter(pl.col("ts") + TIMEFRAMES[timeframe] <= END)
        events = read_events(store, subject, FIRST, LATER, timeframes=[timeframe])
        confirmed = events.filter(pl.col("stage") == CONFIRMED)
        told = found.filter(pl.col("timeframe_id") == TIMEFRAME_IDS[timeframe])
        place = {ts: number for number, ts in enumerate(bars["ts"])}
        for horizon in DEFAULT.outcomes.horizons:
            over = sum(place[ts] + horizon < bars.height for ts in confirmed["ts"])
            assert told[f"return_{horizon}"].count() == over
        expected = outcome_rows(measure(events, bars, timeframe)).sort(ORDER)
        same = [name for name in expected.columns if name != "regime_sign"]
        assert told.select(same).cast(dict(expected.select(same).schema)).equals(expected.select(same))
    shown = platform.database.read("SELECT * FROM pattern_outcomes")
    assert shown["known_at"].max() <= END
    assert set(shown["family"]) == {"candlestick", "chart", "volume"}
    # neutral candlestick and volume patterns are flags: they are there, and have no outcomes
    assert set(shown.filter(pl.col("direction") == "neutral")["family"]) <= {"chart"}
    assert platform.database.rows("SELECT FROM candlestick_patterns WHERE direction = 'neutral' LIMIT 1")


def test_the_view_shows_the_outcomes_of_each_horizon_as_they_are_measured(platform: Platform) -> None:
    key = symbol(platform.database)
    assert days(platform, assets=ALL, timeframes=LONGER).success
    store = DerivedStore(platform.database)
    (subject,) = store.subjects([key])
    order = ["timeframe", "ts", "family", "pattern", "direction", "reference", "horizon"]
    shown = platform.database.read("SELECT * FROM pattern_outcomes").sort(order)
    told = []
    for timeframe in LONGER:
        bars = stored(platform.database, key, f"ohlcv_{timeframe}").select(CANDLE_SCHEMA.names())
        bars = bars.filter(pl.col("ts") + TIMEFRAMES[timeframe] <= END)
        events = read_events(store, subject, FIRST, LATER, timeframes=[timeframe])
        told.append(outcomes(events, bars, timeframe))
        read = read_outcomes(store, [key], timeframe, FIRST, END)
        assert (
            read.drop("regime")
            .select(pl.col(pl.String, pl.Int64, pl.Boolean, pl.Datetime))
            .equals(told[-1].drop("regime").select(pl.col(pl.String, pl.Int64, pl.Boolean, pl.Datetime)))
        )
    expected = pl.concat(told).sort(order)
    assert shown.height == expected.height > 1_000
    for name in expected.drop("regime", "timeframe").columns:
        one, other = expected[name], shown[name]
        if one.dtype.is_float():
            assert one.is_null().equals(other.is_null()), name
            apart = (one - other).abs() > 1e-5 * one.abs() + 1e-6
            assert not apart.any(), name
        else:
            assert one.equals(other.cast(one.dtype)), name


def test_checks_of_outcomes_and_performance_pass(platform: Platform) -> None:
    symbol(platform.database)
    platform.database.execute("DELETE FROM derived_dirty")  # what is due anew is not looked at
    run = days(platform, assets=(*ALL, "pattern_performance"), timeframes=["5m", "1h"])
    assert run.success, run.failures()
    made = {
        (check.asset_key.to_user_string(), check.check_name): check.passed
        for check in run.result.get_asset_check_evaluations()
    }
    wanted = [("pattern_outcomes", name) for name in ("rules", "complete", "no_look_ahead", "measured")]
    wanted += [("pattern_performance", name) for name in ("rules", "success_rules", "recomputed")]
    assert {name: made[name] for name in wanted} == dict.fromkeys(wanted, True)
    assert run.check("pattern_outcomes", "measured").metadata["rows"].value > 0
    assert run.check("pattern_performance", "recomputed").metadata["rows"].value == 2


def test_days_as_they_come_write_what_one_pass_writes_and_a_replay_nothing(platform: Platform) -> None:
    key = symbol(platform.database, days=DAYS - 1)
    frame = candles(FIRST, DAYS * 1440)
    write(platform.database, key, frame.filter(pl.col("ts") < LAST))
    platform.database.refresh_timeframes()
    assert days(platform, FIRST, LAST - timedelta(days=1), assets=ALL, timeframes=LONGER).success
    early = rows(platform.database)
    assert known_rows(early, LAST).equals(early)
    write(platform.database, key, frame)
    platform.database.refresh_timeframes()
    run = days(platform, LAST, LAST, assets=ALL, timeframes=LONGER)
    assert run.success
    grown = rows(platform.database)
    assert known_rows(grown, LAST).equals(early)  # nothing that was known became another
    # horizons that began before the day and ended in it: columns of rows that were there fill in
    crossing = grown.join(early, on=OUTCOME_KEY, how="semi").join(
        early, on=early.columns, how="anti", nulls_equal=True
    )
    assert crossing.height == written(run, "pattern_outcomes")[1] > 0
    replay = days(platform, assets=ALL, timeframes=LONGER)
    assert written(replay, "pattern_outcomes") == (0, 0, 0)
    assert rows(platform.database).equals(grown)


def test_a_correction_changes_what_it_must_and_leaves_what_was_known_before(platform: Platform) -> None:
    key = symbol(platform.database)
    assert days(platform, assets=BEFORE).success
    assert changed(platform).success
    before = rows(platform.database)
    minute = at(11, 12, 30)
    frame = candles(FIRST, DAYS * 1440)
    write(platform.database, key, with_change(frame, minute, high=150.0, close=140.0))
    platform.database.refresh_timeframes()
    assert days(platform, assets=BEFORE).success
    run = changed(platform)
    assert run.success, run.failures()
    assert written(run, "pattern_outcomes")[1] > 0
    after = rows(platform.database)
    assert known_rows(after, minute).equals(known_rows(before, minute))
    moved = after.join(before, on=before.columns, how="anti", nulls_equal=True)
    reaching = moved.filter((pl.col("timeframe_id") == 1) & (pl.col("ts") < minute))
    assert reaching.height  # patterns before the minute whose horizon reaches it
    assert written(days(platform, assets=ALL), "pattern_outcomes") == (0, 0, 0)


def test_what_was_known_at_any_moment_is_what_is_stored_as_known_by_then(platform: Platform) -> None:
    key = symbol(platform.database)
    assert days(platform, assets=ALL, timeframes=["5m", "1h"]).success
    store = DerivedStore(platform.database)
    (subject,) = store.subjects([key])
    random = np.random.default_rng(7)
    for timeframe in ("5m", "1h"):
        told = rows(platform.database).filter(pl.col("timeframe_id") == TIMEFRAME_IDS[timeframe])
        for minutes in random.integers(60, DAYS * 1440, 25):
            now = FIRST + timedelta(minutes=int(minutes))
            bars = store.bars(subject, timeframe, now)
            then = OUTCOME_DERIVATION.compute(bars, FIRST, END).sort(ORDER)
            stored_then = known_rows(told, bars.closed_until).select(then.columns)
            assert stored_then.cast(dict(then.schema)).equals(then), (timeframe, now)


def test_on_a_random_walk_no_pattern_has_an_edge_and_chance_stands_beside(platform: Platform) -> None:
    symbol(platform.database)
    assert days(platform, assets=ALL, timeframes=["1m", "15m"]).success
    told = []
    for day in (LAST - timedelta(days=1), LAST, LAST):
        run = perform(platform, day, timeframes=["1m", "15m"])
        assert run.success, run.failures()
        told.append(written(run, "pattern_performance"))
    assert told[0][0] > 0
    assert told[2] == (0, 0, 0)
    stats = rows(platform.database, "pattern_performance_stats")
    assert stats["ts"].unique().sort().to_list() == [LAST, END]
    judged = stats.filter((pl.col("clusters") >= 30) & (pl.col("walk_clusters") >= 30))
    assert judged.height > 200
    # the candles are a random walk: at 95 % against two intervals and a base rate next to nothing stands out
    assert judged.filter(pl.col("verdict") != NO_EDGE).height <= judged.height * 0.01
    assert judged["walk_low"].null_count() == 0
    few = stats.filter(pl.col("clusters") < 30)
    assert few.height
    assert set(few["verdict"]) == {NO_EDGE}


def test_another_configuration_has_rates_and_figures_of_its_own(platform: Platform) -> None:
    symbol(platform.database)
    assert days(platform, assets=ALL, timeframes=["1h"]).success
    assert perform(platform, LAST, timeframes=["1h"]).success
    platform.set("PATTERNS__CONFIGURATION", "3")
    run = perform(platform, LAST, timeframes=["1h"])
    assert run.success, run.failures()
    assert run.check("pattern_performance", "recomputed").passed
    for table in ("pattern_success_rates", "pattern_performance_stats"):
        counts = rows(platform.database, table)["configuration_version"].value_counts(sort=True)["count"]
        assert counts.len() == 2, table
        assert counts[0] == counts[1], table


def test_rates_of_success_are_those_of_the_outcomes_known_at_the_end_of_each_day(platform: Platform) -> None:
    key = symbol(platform.database)
    assert days(platform, assets=ALL).success
    assert days(platform, assets=["pattern_performance"], bars=500).success
    store = DerivedStore(platform.database)
    rates = rows(platform.database, "pattern_success_rates")
    for number in range(1, DAYS + 1):
        as_of = FIRST + timedelta(days=number)
        for timeframe in COMPUTED:
            known = read_outcomes(store, [key], timeframe, FIRST, as_of)
            expected = success(known, as_of)
            stored_rates = rates.filter(
                (pl.col("ts") == as_of) & (pl.col("timeframe_id") == TIMEFRAME_IDS[timeframe])
            )
            assert stored_rates.height == expected.height
            both = expected.with_columns(pl.col("regime").fill_null("")).join(
                stored_rates, on=["family", "pattern", "direction", "regime"], suffix="_stored"
            )
            assert both.height == expected.height
            for name in ("n", "clusters", "rate", "low", "high", "base_rate", "shrunk_rate", "excess"):
                assert both[name].to_list() == both[f"{name}_stored"].to_list(), name
