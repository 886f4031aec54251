"""The write path against a real database: what it counts, keeps, undoes and survives."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import psycopg
import pytest
from candle_frames import DAY, MINUTE, RECEIVED, candles, changed, count, rows_of, stored, without, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.upsert import OHLCV_1M, Written, upsert
from alphapulse_resources.frames import CANDLE_SCHEMA

START = datetime(2024, 3, 1, 23, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
TOLD = ("quote_volume", "trades", "taker_buy_volume")
VERSIONS = "SELECT ts, xmin::text, cmin::text FROM {} ORDER BY instrument_id, ts"


def versions(database: Database, relation: str = "ohlcv_1m") -> list[dict[str, object]]:
    """Which transaction wrote each row: a row that is written again gets another one."""
    return database.rows(VERSIONS.format(relation))


def counts(written: Written) -> tuple[int, int, int]:
    return written.inserted, written.changed, written.unchanged


def test_new_changed_and_unchanged_rows_are_counted(database: Database) -> None:
    frame = candles(START, 120)
    assert counts(write(database, 1, frame.head(100))) == (100, 0, 0)
    corrected = changed(frame, START + 7 * MINUTE, close=99.5)
    second = write(database, 1, corrected)
    assert counts(second) == (20, 1, 99)
    assert second.changed_days == {(1, START.date()), (1, (START + DAY).date())}
    assert stored(database, 1).equals(corrected)


def test_only_days_with_a_difference_count_as_changed(database: Database) -> None:
    frame = candles(START, 120)
    write(database, 1, frame)
    second = write(database, 1, changed(frame, START + 70 * MINUTE, volume=1e6))
    assert second.changed_days == {(1, (START + DAY).date())}


def test_a_replay_writes_nothing(database: Database) -> None:
    frame = candles(START, 120)
    write(database, 1, frame)
    before = versions(database)
    replayed = write(database, 1, frame, source="archive", received_at=RECEIVED + DAY)
    assert counts(replayed) == (0, 0, 120)
    assert replayed.changed_days == frozenset()
    assert versions(database) == before
    assert count(database, "ohlcv_revisions") == 0


def test_an_empty_frame_writes_nothing(database: Database) -> None:
    assert write(database, 1, candles(START, 0)) == Written()


def test_a_null_keeps_a_value_of_the_same_candle_and_a_value_fills_a_null(database: Database) -> None:
    rich = candles(START, 10)
    poor = rich.with_columns(pl.lit(None, CANDLE_SCHEMA[name]).alias(name) for name in TOLD)
    write(database, 1, rich)
    assert counts(write(database, 1, poor)) == (0, 0, 10)
    assert stored(database, 1).equals(rich)
    write(database, 2, poor)
    assert counts(write(database, 2, rich)) == (0, 10, 0)
    assert stored(database, 2).equals(rich)


@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
@pytest.mark.parametrize("timeframe_id", [1, 60], ids=["minutes", "native"])
def test_a_correction_leaves_no_value_of_the_wrong_candle_behind(
    database: Database, column: str, timeframe_id: int
) -> None:
    store, wrong = CandleStore(database), candles(START, 10)
    poor = wrong.with_columns(pl.lit(None, CANDLE_SCHEMA[name]).alias(name) for name in TOLD)
    right = changed(poor, START + MINUTE, **{column: wrong[column][1] * 1.0001})

    def write_bars(bars: pl.DataFrame, source: str) -> Written:
        with database.transaction() as connection:
            return store.write(
                connection, 1, bars, source=source, received_at=RECEIVED, timeframe_id=timeframe_id
            )

    write_bars(wrong, "import")
    assert counts(write_bars(right, "import")) == (0, 1, 9)
    assert counts(write_bars(right, "rest")) == (0, 0, 10)
    relation = "ohlcv_1m" if timeframe_id == 1 else "ohlcv_native"
    now = stored(database, 1, relation).select(CANDLE_SCHEMA.names())
    expected = changed(wrong, START + MINUTE, **{column: right[column][1]}, **dict.fromkeys(TOLD))
    assert now.equals(expected)
    (revision,) = database.rows("SELECT * FROM ohlcv_revisions")
    assert {name: revision[name] for name in CANDLE_SCHEMA} == wrong.row(1, named=True)


def test_what_was_overwritten_is_kept_with_its_provenance(database: Database) -> None:
    frame = candles(START, 10)
    ts = START + 3 * MINUTE
    later = RECEIVED + timedelta(hours=1)
    write(database, 1, frame, source="rest")
    write(database, 1, changed(frame, ts, close=50.0, trades=None), source="archive", received_at=later)
    (revision,) = database.rows("SELECT * FROM ohlcv_revisions")
    old = frame.filter(pl.col("ts") == ts).row(0, named=True)
    assert {name: revision[name] for name in CANDLE_SCHEMA} == old
    assert (revision["instrument_id"], revision["timeframe_id"]) == (1, 1)
    assert (revision["source_id"], revision["received_at"]) == (2, RECEIVED)
    (now,) = database.rows("SELECT * FROM ohlcv_1m WHERE ts = %(ts)s", {"ts": ts})
    assert (now["source_id"], now["received_at"], now["close"]) == (1, later, 50.0)
    write(database, 1, changed(frame, ts, close=51.0), received_at=later + MINUTE)
    kept = database.rows("SELECT close FROM ohlcv_revisions ORDER BY revised_at")
    assert [row["close"] for row in kept] == [old["close"], 50.0]


def test_the_way_over_a_staging_table_gives_what_the_direct_copy_gives(database: Database) -> None:
    frame = candles(START, 300)
    direct = write(database, 1, frame)
    write(database, 2, frame.slice(150, 1))  # the window is not empty any more
    staged = write(database, 2, frame)
    assert (direct.inserted, staged.inserted, staged.unchanged) == (300, 299, 1)
    assert stored(database, 1).equals(stored(database, 2))
    columns = "SELECT ts, source_id, received_at FROM ohlcv_1m WHERE instrument_id = $1 ORDER BY ts"
    assert database.read(columns, [1]).equals(database.read(columns, [2]))


def test_several_instruments_go_in_one_write(database: Database) -> None:
    frames = {number: candles(START, 90, seed=number) for number in (1, 2, 3)}
    rows = pl.concat([rows_of(frame, number) for number, frame in frames.items()])
    with database.transaction() as connection:
        first = database.upsert(connection, OHLCV_1M, rows)
        second = database.upsert(connection, OHLCV_1M, rows)
    assert (first.inserted, second.unchanged) == (270, 270)
    assert len(first.changed_days) == 6
    for number, frame in frames.items():
        assert stored(database, number).equals(frame)


def test_native_bars_are_merged_by_their_timeframe_too(database: Database) -> None:
    store = CandleStore(database)
    frame = candles(START, 5)

    def write_native(bars: pl.DataFrame, timeframe_id: int) -> Written:
        with database.transaction() as connection:
            return store.write(
                connection, 1, bars, source="import", received_at=RECEIVED, timeframe_id=timeframe_id
            )

    assert counts(write_native(frame, 60)) == (5, 0, 0)
    assert counts(write_native(frame, 240)) == (5, 0, 0)
    assert counts(write_native(changed(frame, START, close=1.0), 240)) == (0, 1, 4)
    (revision,) = database.rows("SELECT timeframe_id, close, source_id FROM ohlcv_revisions")
    assert revision == {"timeframe_id": 240, "close": frame["close"][0], "source_id": 5}
    kept = database.rows("SELECT close FROM ohlcv_native WHERE timeframe_id = 60 ORDER BY ts")
    assert [row["close"] for row in kept] == frame["close"].to_list()
    assert count(database, "ohlcv_dirty") == 0


@pytest.mark.parametrize("already", [0, 1], ids=["into an empty window", "into a used window"])
def test_two_writers_of_the_same_minutes_lose_nothing(database: Database, already: int) -> None:
    frame = candles(START, 500)
    write(database, 1, frame.head(already))
    halves = [
        frame.with_columns(pl.lit(None, pl.Float64).alias("quote_volume")),
        frame.with_columns(pl.lit(None, pl.Int64).alias("trades")),
    ]
    together = threading.Barrier(len(halves))

    def work(half: pl.DataFrame) -> list[Written]:
        together.wait(10)
        return [write(database, 1, half) for _ in range(5)]

    with ThreadPoolExecutor(len(halves)) as pool:
        results = [written for done in pool.map(work, halves) for written in done]
    assert sum(written.inserted for written in results) == 500 - already
    assert stored(database, 1).equals(frame)
    assert count(database, "ohlcv_revisions") == 500 - already


def test_a_direct_copy_that_meets_another_writer_merges_with_it(database: Database) -> None:
    frame = candles(START, 50)
    corrected = changed(frame, START, close=42.0)
    write(database, 2, frame)
    with psycopg.connect(database.dsn) as slow, psycopg.connect(database.dsn) as fast:
        fast.execute(
            f"INSERT INTO ohlcv_1m SELECT 1, {', '.join(OHLCV_1M.columns[1:])} FROM ohlcv_1m"
        )  # as somebody who does not use upsert
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(upsert, slow, OHLCV_1M, rows_of(corrected, 1))
            wait_for_lock(database, slow.info.backend_pid)
            fast.commit()
            written = second.result(30)
        slow.commit()
    assert counts(written) == (0, 1, 49)
    assert stored(database, 1).equals(corrected)
    assert count(database, "ohlcv_revisions") == 1


def wait_for_lock(database: Database, pid: int) -> None:
    """Return once that backend waits for another one's lock."""
    query = "SELECT cardinality(pg_blocking_pids(%(pid)s)) > 0 AS waits"
    for _ in range(1000):
        if database.rows(query, {"pid": pid})[0]["waits"]:
            return
    pytest.fail("the second writer never waited for the first")


def test_rolled_back_candles_leave_no_dirty_day(database: Database) -> None:
    frame = rows_of(candles(START, 120), 1)
    with database.transaction() as connection:
        assert database.upsert(connection, OHLCV_1M, frame).inserted == 120
        assert connection.execute("SELECT count(DISTINCT day) FROM ohlcv_dirty").fetchone() == (2,)
        connection.rollback()
    assert count(database, "ohlcv_1m") == 0
    assert count(database, "ohlcv_dirty") == 0


def test_changed_minutes_make_their_days_dirty_for_every_timeframe(database: Database) -> None:
    write(database, 7, candles(START, 120))
    rows = database.rows("SELECT timeframe, instrument_id, day FROM ohlcv_dirty ORDER BY day, timeframe")
    names = {"5m", "15m", "1h", "4h", "1d", "1w"}
    assert {row["timeframe"] for row in rows} == names
    assert [row["day"] for row in rows] == [START.date()] * 6 + [(START + DAY).date()] * 6
    assert {row["instrument_id"] for row in rows} == {7}


KILLED = """
import sys, time
sys.path[:0] = [{tests!r}]
from candle_frames import candles, rows_of
from datetime import datetime
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.upsert import OHLCV_1M
database, start = Database(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
with database.transaction() as connection:
    database.upsert(connection, OHLCV_1M, rows_of(candles(start, 5000), 1))
    print("written", flush=True)
    time.sleep(60)
"""


def test_a_writer_killed_in_its_transaction_leaves_nothing_of_it(database: Database) -> None:
    program = KILLED.format(tests=str(Path(__file__).parent))
    with subprocess.Popen(
        [sys.executable, "-c", program, database.dsn, START.isoformat()],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    assert count(database, "ohlcv_1m") == 0
    assert count(database, "ohlcv_dirty") == 0
    # the server has noticed: nobody holds a lock on these minutes any more
    assert write(database, 1, candles(START, 5000)).inserted == 5000


writes = st.lists(
    st.dictionaries(
        st.integers(0, 4),
        st.tuples(st.integers(1, 3), st.none() | st.integers(1, 3)),
        min_size=1,
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=writes)
def test_any_sequence_of_writes_ends_in_the_last_value_told(
    database: Database, sequence: list[dict[int, tuple[int, int | None]]]
) -> None:
    database.execute("TRUNCATE ohlcv_1m, ohlcv_revisions, ohlcv_dirty")
    expected: dict[int, tuple[int, int | None]] = {}
    for told in sequence:
        rows = [
            (START + n * MINUTE, 9.0, 9.0, 1.0, float(close), 1.0, None, trades, None)
            for n, (close, trades) in sorted(told.items())
        ]
        written = write(database, 1, pl.DataFrame(rows, schema=CANDLE_SCHEMA, orient="row"))
        before = dict(expected)
        for n, (close, trades) in told.items():
            known_close, known = expected.get(n, (close, None))
            expected[n] = (close, known if trades is None and close == known_close else trades)
        changes = sum(before[n] != expected[n] for n in told if n in before)
        assert counts(written) == (
            len(told.keys() - before.keys()),
            changes,
            len(told.keys() & before.keys()) - changes,
        )
    result = stored(database, 1).select("ts", "close", "trades").rows()
    assert result == [(START + n * MINUTE, *values) for n, values in sorted(expected.items())]


def test_gaps_in_a_frame_stay_gaps(database: Database) -> None:
    frame = without(candles(START, 60), (START + 10 * MINUTE, START + 20 * MINUTE))
    write(database, 1, frame)
    assert stored(database, 1)["ts"].to_list() == frame["ts"].to_list()
