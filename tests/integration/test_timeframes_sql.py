"""The database's own aggregates, held against the independent ones of `candles.timeframes`."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import psycopg
import pytest
from candle_frames import (
    DAY,
    MINUTE,
    candles,
    changed,
    count,
    register,
    rows_of,
    stored,
    without,
    write,
)

from alphapulse_assets.core.timeframes import aggregate
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.upsert import OHLCV_1M
from alphapulse_resources.frames import AGGREGATED, CANDLE_SCHEMA, TIMEFRAMES, floor_time
from tests.databases import has_timescaledb

NEW_YEAR = datetime(2020, 12, 27, 22, 40, tzinfo=UTC)  # a Sunday; the week after it reaches into 2021
EXACT = ["ts", "open", "high", "low", "close", "trades", "bars"]
SUMS = ["volume", "quote_volume", "taker_buy_volume"]


def assert_same_bars(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    """Exact but for sums of doubles, whose order of addition is nobody's promise."""
    assert found.select(EXACT).rows() == expected.select(EXACT).rows()
    for name in SUMS:
        assert found[name].is_null().to_list() == expected[name].is_null().to_list()
        np.testing.assert_allclose(
            found[name].drop_nulls().to_numpy(), expected[name].drop_nulls().to_numpy(), rtol=1e-12
        )


def assert_aggregates_are_right(database: Database, instrument_id: int) -> None:
    minutes = stored(database, instrument_id)
    for timeframe in AGGREGATED:
        expected = aggregate(minutes, timeframe)
        assert expected.height > 0
        assert_same_bars(stored(database, instrument_id, f"ohlcv_{timeframe}"), expected)


def with_holes(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The frame with single minutes, hours and a day missing."""
    random = np.random.default_rng(seed)
    first: datetime = frame["ts"][0]
    stretches = [
        (start, start + int(length) * MINUTE)
        for start, length in zip(
            (first + int(n) * MINUTE for n in random.integers(0, frame.height, 40)),
            [*[1] * 30, *[90] * 9, 1440],
            strict=True,
        )
    ]
    return without(frame, *stretches)


def test_aggregates_equal_the_reference_across_gaps_weeks_and_years(database: Database) -> None:
    ids = register(database, ["BTC/USDT", "ETH/USDT", "SOL/USDT"])
    for number, instrument_id in enumerate(ids):
        frame = candles(NEW_YEAR + number * timedelta(hours=31), 9 * 1440, seed=number)
        write(database, instrument_id, with_holes(frame, number))
    database.refresh_timeframes()
    for instrument_id in ids:
        assert_aggregates_are_right(database, instrument_id)
    assert count(database, "ohlcv_dirty") == 0


@pytest.mark.parametrize("column", ["quote_volume", "trades", "taker_buy_volume"])
def test_a_sum_is_null_when_one_minute_does_not_tell(database: Database, column: str) -> None:
    (instrument_id,) = register(database, ["BTC/USDT"])
    frame = candles(NEW_YEAR, 3 * 1440)
    write(database, instrument_id, changed(frame, NEW_YEAR + 30 * MINUTE, **{column: None}))
    database.refresh_timeframes()
    assert_aggregates_are_right(database, instrument_id)
    for timeframe in AGGREGATED:
        bars = stored(database, instrument_id, f"ohlcv_{timeframe}")
        silent = bars.filter(pl.col(column).is_null())["ts"].to_list()
        assert silent == [floor_time(NEW_YEAR + 30 * MINUTE, timeframe)]


def test_history_older_than_everything_reaches_the_week(database: Database) -> None:
    (instrument_id,) = register(database, ["BTC/USDT"])
    recent = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 30 * DAY
    write(database, instrument_id, candles(recent, 300))
    database.refresh_timeframes()
    write(database, instrument_id, candles(datetime(2013, 5, 7, 3, 1, tzinfo=UTC), 300, seed=2))
    database.refresh_timeframes()
    assert_aggregates_are_right(database, instrument_id)
    assert stored(database, instrument_id, "ohlcv_1w")["ts"][0] == datetime(2013, 5, 6, tzinfo=UTC)


def test_a_correction_reaches_every_timeframe(database: Database) -> None:
    (instrument_id,) = register(database, ["BTC/USDT"])
    frame = candles(NEW_YEAR, 2000)
    write(database, instrument_id, frame)
    database.refresh_timeframes()
    ts = NEW_YEAR + 777 * MINUTE
    write(database, instrument_id, changed(frame, ts, high=1e6))
    database.refresh_timeframes()
    assert_aggregates_are_right(database, instrument_id)
    for timeframe in AGGREGATED:
        bars = stored(database, instrument_id, f"ohlcv_{timeframe}")
        assert bars.filter(high=1e6)["ts"].to_list() == [floor_time(ts, timeframe)]


def row_versions(database: Database) -> dict[tuple[str, int, datetime], str]:
    """Where each aggregate row lies: a row that is written again moves."""
    return {
        (timeframe, row["instrument_id"], row["ts"]): row["ctid"]
        for timeframe in AGGREGATED
        for row in database.rows(f"SELECT instrument_id, ts, ctid::text FROM ohlcv_{timeframe}")
    }


def test_only_the_bars_that_changed_are_written_again(database: Database) -> None:
    if has_timescaledb(database.dsn):
        pytest.skip("TimescaleDB decides itself what it materialises again")
    one, other = register(database, ["BTC/USDT", "ETH/USDT"])
    frame = candles(NEW_YEAR, 5 * 1440)
    write(database, one, frame)
    write(database, other, frame)
    database.refresh_timeframes()
    before = row_versions(database)
    ts = NEW_YEAR + 2 * DAY
    write(database, one, changed(frame, ts, volume=1e6))
    database.refresh_timeframes()
    after = row_versions(database)
    moved = {key for key in before if before[key] != after[key]}
    assert moved == {(timeframe, one, floor_time(ts, timeframe)) for timeframe in AGGREGATED}


def test_a_refresh_with_nothing_to_do_writes_nothing(database: Database) -> None:
    if has_timescaledb(database.dsn):
        pytest.skip("TimescaleDB decides itself what it materialises again")
    (instrument_id,) = register(database, ["BTC/USDT"])
    write(database, instrument_id, candles(NEW_YEAR, 2000))
    database.refresh_timeframes()
    before = row_versions(database)
    database.refresh_timeframes(window=(NEW_YEAR, NEW_YEAR + 2 * DAY))
    assert row_versions(database) == before


def test_a_window_is_recomputed_whether_it_is_dirty_or_not(database: Database) -> None:
    (instrument_id,) = register(database, ["BTC/USDT"])
    frame = candles(NEW_YEAR, 2000)
    write(database, instrument_id, frame)
    database.execute("DELETE FROM ohlcv_dirty")
    database.refresh_timeframes(window=(NEW_YEAR, NEW_YEAR + 2000 * MINUTE))
    assert_aggregates_are_right(database, instrument_id)


@pytest.mark.parametrize("commit_first", [True, False], ids=["ends before it", "ends after it"])
def test_a_change_that_commits_around_a_refresh_is_not_forgotten(
    database: Database, commit_first: bool
) -> None:
    (instrument_id,) = register(database, ["BTC/USDT"])
    frame = candles(NEW_YEAR, 1000)
    write(database, instrument_id, frame)
    corrected = changed(frame, NEW_YEAR + 5 * MINUTE, high=1e6)
    with psycopg.connect(database.dsn) as writer, ThreadPoolExecutor(1) as pool:
        database.upsert(writer, OHLCV_1M, rows_of(corrected, instrument_id))
        # the refresh sees the old minutes and the old mark, and must wait before it may forget the mark
        refresh = pool.submit(database.refresh_timeframes, ["5m"])
        wait_until_blocked_by(database, writer.info.backend_pid)
        if commit_first:
            writer.commit()
            refresh.result(60)
        else:
            writer.rollback()
            refresh.result(60)
            write(database, instrument_id, corrected)
    dirty = database.rows("SELECT DISTINCT day FROM ohlcv_dirty WHERE timeframe = '5m' ORDER BY day")
    assert NEW_YEAR.date() in [row["day"] for row in dirty]
    database.refresh_timeframes()
    assert_aggregates_are_right(database, instrument_id)
    assert stored(database, instrument_id, "ohlcv_1w")["high"].max() == 1e6


def wait_until_blocked_by(database: Database, pid: int) -> None:
    """Return once some backend waits for that one."""
    query = "SELECT count(*) AS n FROM pg_stat_activity WHERE %(pid)s = ANY (pg_blocking_pids(pid))"
    for _ in range(2000):
        if database.rows(query, {"pid": pid})[0]["n"]:
            return
    pytest.fail("the refresh never waited for the writer")


def test_refreshes_and_writers_at_once_end_in_right_aggregates(database: Database) -> None:
    ids = register(database, ["BTC/USDT", "ETH/USDT"])
    frame = candles(NEW_YEAR, 3000)
    together = threading.Barrier(8)

    def work(number: int) -> None:
        together.wait(20)
        part = frame.slice(number * 375, 375)
        for instrument_id in ids:
            write(database, instrument_id, part)
        database.refresh_timeframes()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    for instrument_id in ids:
        assert stored(database, instrument_id).equals(frame)
        assert_aggregates_are_right(database, instrument_id)
    assert count(database, "ohlcv_dirty") == 0


def test_a_change_between_two_timeframes_is_not_forgotten(database: Database) -> None:
    (instrument_id,) = register(database, ["BTC/USDT"])
    frame = candles(NEW_YEAR, 1000)
    write(database, instrument_id, frame)
    database.refresh_timeframes(["5m"])
    write(database, instrument_id, changed(frame, NEW_YEAR + 5 * MINUTE, high=1e6))
    database.refresh_timeframes(AGGREGATED[1:])
    database.refresh_timeframes()
    assert_aggregates_are_right(database, instrument_id)
    assert count(database, "ohlcv_dirty") == 0


def test_minutes_that_are_deleted_vanish_from_the_aggregates(database: Database) -> None:
    (instrument_id,) = register(database, ["BTC/USDT"])
    write(database, instrument_id, candles(NEW_YEAR, 3 * 1440))
    database.refresh_timeframes()
    day = floor_time(NEW_YEAR + DAY, "1d")
    with database.transaction() as connection:
        connection.execute("DELETE FROM ohlcv_1m WHERE ts >= %s AND ts < %s", [day, day + DAY])
        connection.execute("SELECT mark_ohlcv_dirty(%s, %s)", [[instrument_id], [day.date()]])
    database.refresh_timeframes()
    assert_aggregates_are_right(database, instrument_id)
    assert day not in stored(database, instrument_id, "ohlcv_1d")["ts"].to_list()


def test_real_minutes_aggregate_alike(database: Database, shared_data: Path) -> None:
    (instrument_id,) = register(database, ["UNITTEST/BTC"])
    raw = pl.read_ipc(shared_data / "candles" / "UNITTEST_BTC-1m.feather")
    frame = (
        raw.select(
            pl.col("date").dt.convert_time_zone("UTC").cast(CANDLE_SCHEMA["ts"]).alias("ts"),
            *("open", "high", "low", "close", "volume"),
        )
        .match_to_schema(CANDLE_SCHEMA, missing_columns="insert")
        .unique("ts")
        .sort("ts")
    )
    assert frame.height > 10_000
    write(database, instrument_id, frame, source="import")
    database.refresh_timeframes()
    assert stored(database, instrument_id).equals(frame)
    assert_aggregates_are_right(database, instrument_id)


def test_the_forming_bar_is_in_the_latest_but_not_among_the_closed(database: Database) -> None:
    (instrument_id,) = register(database, ["BTC/USDT"])
    newest = floor_time(datetime.now(UTC), "1m") - MINUTE
    first = floor_time(newest, "1w") - 7 * DAY
    frame = candles(first, (newest - first) // MINUTE + 1)
    write(database, instrument_id, frame)
    database.refresh_timeframes()
    latest = database.read("SELECT * FROM ohlcv_latest WHERE timeframe = '1w'").row(0, named=True)
    this_week = aggregate(frame, "1w").row(-1, named=True)
    assert latest["ts"] == this_week["ts"]
    assert latest["closed"] is False
    assert (latest["close"], latest["bars"]) == (frame["close"][-1], this_week["bars"])
    closed = database.read("SELECT timeframe, max(ts) AS ts FROM ohlcv GROUP BY timeframe")
    for timeframe, ts in closed.rows():
        assert ts + TIMEFRAMES[timeframe] <= datetime.now(UTC)
    assert dict(closed.rows())["1w"] == first


def test_a_forming_bar_grows_with_every_refresh(database: Database) -> None:
    (instrument_id,) = register(database, ["BTC/USDT"])
    newest = floor_time(datetime.now(UTC), "1m") - MINUTE
    frame = candles(newest - 90 * MINUTE, 91)
    for rows in (50, 80, 91):
        write(database, instrument_id, frame.head(rows))
        database.refresh_timeframes()
        assert_aggregates_are_right(database, instrument_id)


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
def test_a_sessions_time_zone_changes_nothing(database: Database, zone: str) -> None:
    (instrument_id,) = register(database, ["BTC/USDT"])
    spring = datetime(2024, 3, 8, tzinfo=UTC)  # the weekend on which New York's clocks change
    frame = candles(spring, 5 * 1440)
    write(database, instrument_id, frame)
    elsewhere = Database(f"{database.dsn}?options=-c%20timezone%3D{zone}")
    elsewhere.refresh_timeframes()
    elsewhere.close()
    assert_aggregates_are_right(database, instrument_id)
    with psycopg.connect(database.dsn) as connection:
        query = "SELECT timeframe, extract(epoch FROM known_at - ts)::int FROM ohlcv GROUP BY 1, 2"
        connection.execute("SELECT set_config('timezone', %s, false)", [zone])
        lengths = dict(connection.execute(query).fetchall())
    assert lengths == {name: TIMEFRAMES[name].total_seconds() for name in ("1m", *AGGREGATED)}
