"""The stream writer against a real server: what it stores, what it refuses, what it tells."""

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from candle_frames import count, register
from postgres_places import eventually
from writer_rows import START, TABLES, row, stored
from writer_support import ENOUGH, gaps, writing

from alphapulse_resources.database.client import Database
from alphapulse_resources.streams.tables import (
    CANDLES,
    FORMING_CANDLES,
    LIQUIDITY_SWEEPS,
    ORDER_BOOK_EVENTS,
    ORDER_BOOK_SNAPSHOTS,
    ORDER_BOOK_STATUS,
    TRADES_1S,
    Conflict,
    StreamTable,
)
from alphapulse_resources.streams.writer import StreamWriter, WriterOptions
from tests.databases import has_timescaledb


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rows_of_every_table_come_back_as_they_were_put(database: Database, table: StreamTable) -> None:
    rows = [row(table, number, instrument_id=number + 1) for number in range(5)]
    with writing(database, live=False) as writer:
        for one in rows:
            writer.put(table, one)
        assert writer.flushed(ENOUGH)
        assert writer.counts.written == {table.name: 5}
    assert stored(database, table) == rows


def test_snapshots_are_a_hypertable_where_there_is_timescaledb(database: Database) -> None:
    if not has_timescaledb(database.dsn):
        pytest.skip("plain PostgreSQL")
    found = database.rows("SELECT hypertable_name FROM timescaledb_information.hypertables")
    assert {ORDER_BOOK_SNAPSHOTS.name, TRADES_1S.name} <= {one["hypertable_name"] for one in found}


def test_unknown_figures_are_stored_as_null(database: Database) -> None:
    unknown = {
        ORDER_BOOK_SNAPSHOTS: {"bid_slope": None, "known_to": None, "ofi_levels": []},
        TRADES_1S: {"missing": None},
        CANDLES: {"quote_volume": None, "trades": None, "taker_buy_volume": None},
    }
    for others in ([0], []):  # beside known figures, and alone
        with writing(database) as writer:
            for table, nulls in unknown.items():
                for number in others:
                    writer.put(table, row(table, number))
                writer.put(table, row(table, 1, **nulls))
            assert writer.flushed(ENOUGH)
        for table, nulls in unknown.items():
            expected = [*(row(table, number) for number in others), row(table, 1, **nulls)]
            assert stored(database, table) == expected
            database.execute(f"TRUNCATE {table.name}")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_same_rows_again_write_nothing(database: Database, table: StreamTable) -> None:
    rows = [row(table, number, instrument_id=number + 1) for number in range(20)]
    versions = []
    for _ in range(2):
        with writing(database, live=False) as writer:
            for one in rows + rows[:3]:  # some twice in one batch, too
                writer.put(table, one)
            assert writer.flushed(ENOUGH)
        versions.append(database.rows(f"SELECT xmin::text, ctid::text FROM {table.name} ORDER BY 2"))
    assert len(versions[0]) == 20
    assert versions[0] == versions[1]
    assert count(database, "ohlcv_revisions") == 0
    assert count(database, "quarantine") == 0


def test_the_last_row_of_a_key_stays_where_newer_is_truer(database: Database) -> None:
    replaced = [table for table in TABLES if table.conflict is Conflict.REPLACE]
    assert {table.name for table in replaced} >= {TRADES_1S.name, ORDER_BOOK_STATUS.name}
    with writing(database) as writer:
        for table in replaced:
            kept = {*table.key, "outcome", table.larger}
            value = next(name for name in table.columns if name not in kept)
            other = row(table, 1)[table.column(value)]
            for values in ({}, {value: other}, {}, {value: other}):
                writer.put(table, row(table, 0, **values))
            assert writer.flushed(ENOUGH)
            assert stored(database, table) == [row(table, 0, **{value: other})]
            writer.put(table, row(table, 0))
            assert writer.flushed(ENOUGH)
            assert stored(database, table) == [row(table, 0)]


def test_a_second_that_was_only_partly_heard_does_not_replace_a_fuller_one(database: Database) -> None:
    with writing(database) as writer:
        for trades in (5, 3):
            writer.put(TRADES_1S, row(TRADES_1S, 0, trades=trades))
            assert writer.flushed(ENOUGH)
        assert stored(database, TRADES_1S) == [row(TRADES_1S, 0, trades=5)]
        writer.put(TRADES_1S, row(TRADES_1S, 0, trades=6))
        assert writer.flushed(ENOUGH)
    assert stored(database, TRADES_1S) == [row(TRADES_1S, 0, trades=6)]


def test_candles_keep_revisions_mark_timeframes_and_tell_when_they_came(database: Database) -> None:
    venue_at = START + timedelta(seconds=60.2)
    began = datetime.now(UTC)
    with writing(database) as writer:
        writer.put(CANDLES, row(CANDLES, 1))
        writer.put(CANDLES, (*row(CANDLES, 0), venue_at))  # not in order of time
        assert writer.flushed(ENOUGH)
        writer.put(CANDLES, row(CANDLES, 0, close=99.0))
        assert writer.flushed(ENOUGH)
    assert stored(database, CANDLES) == [row(CANDLES, 0, close=99.0), row(CANDLES, 1)]
    (revision,) = database.rows("SELECT close, source_id FROM ohlcv_revisions")
    assert revision == {"close": row(CANDLES, 0)[CANDLES.column("close")], "source_id": 4}
    assert count(database, "ohlcv_dirty") == 6
    arrivals = database.rows("SELECT * FROM candle_arrivals ORDER BY ts")
    assert [(found["ts"], found["venue_at"]) for found in arrivals] == [
        (START, venue_at),
        (START + timedelta(minutes=1), None),
    ]
    for found in arrivals:
        assert found["received_at"] == found["ts"]
        assert began < found["queryable_at"] <= datetime.now(UTC)
        assert found["source_id"] == 4


def test_a_replay_of_old_captures_leaves_no_arrivals_and_no_latencies(database: Database) -> None:
    with writing(database, live=False, latency_seconds=0.0) as writer:
        writer.put(CANDLES, row(CANDLES, 0))
        assert writer.flushed(ENOUGH)
        writer.put(CANDLES, row(CANDLES, 1))
    assert count(database, "ohlcv_1m") == 2
    assert count(database, "candle_arrivals") == count(database, "stream_latency") == 0


def test_latencies_are_told_per_table(database: Database) -> None:
    with writing(database, latency_seconds=0.2) as writer:
        for number in range(100):
            received_at = datetime.now(UTC)
            ts = received_at - timedelta(milliseconds=number)
            writer.put(
                ORDER_BOOK_SNAPSHOTS, row(ORDER_BOOK_SNAPSHOTS, number, ts=ts, received_at=received_at)
            )
            writer.put(ORDER_BOOK_EVENTS, row(ORDER_BOOK_EVENTS, number))
        assert eventually(
            lambda: sum(n["rows"] for n in database.rows("SELECT rows FROM stream_latency")) >= 200
        )
    told = {}
    for found in database.rows("SELECT * FROM stream_latency ORDER BY rows"):
        told[found["dataset"]] = found
    assert told.keys() == {ORDER_BOOK_SNAPSHOTS.name, ORDER_BOOK_EVENTS.name}
    books, events = told[ORDER_BOOK_SNAPSHOTS.name], told[ORDER_BOOK_EVENTS.name]
    assert 0 < books["received_p50_ms"] <= books["received_p99_ms"] < 99.1
    assert 0 < books["queryable_p50_ms"] <= books["queryable_p99_ms"] <= books["queryable_max_ms"]
    assert events["received_p50_ms"] is None
    assert events["queryable_max_ms"] > 0
    assert (books["run_id"], books["shard"], books["dropped"]) == ("run", "1-of-1", 0)


BAD: list[Callable[[], tuple[StreamTable, Any]]] = [
    lambda: (TRADES_1S, row(TRADES_1S, 500, open=None)),
    lambda: (TRADES_1S, row(TRADES_1S, 501, trades="many")),
    lambda: (TRADES_1S, row(TRADES_1S, 502)[:-1]),
    lambda: (TRADES_1S, (*row(TRADES_1S, 503), "one too many")),
    lambda: (TRADES_1S, row(TRADES_1S, 504, trades=2**40)),
    lambda: (TRADES_1S, row(TRADES_1S, 505, first_trade="NUL \x00 in it", close=math.nan)),
    lambda: (TRADES_1S, row(TRADES_1S, 506, first_trade="half a \ud800 pair")),
    lambda: (TRADES_1S, row(TRADES_1S, 507, ts="yesterday")),
    lambda: (TRADES_1S, row(TRADES_1S, 508, instrument_id=[])),
    lambda: (ORDER_BOOK_EVENTS, row(ORDER_BOOK_EVENTS, 500, detail="{no json")),
    lambda: (ORDER_BOOK_EVENTS, row(ORDER_BOOK_EVENTS, 501, cause=_noise(5_000))),  # too long for an index
    lambda: (LIQUIDITY_SWEEPS, row(LIQUIDITY_SWEEPS, 500, side="sideways")),
    lambda: (CANDLES, row(CANDLES, 500, close=None)),
    lambda: (CANDLES, row(CANDLES, 501, trades=1.5)),
]


def _noise(length: int) -> str:
    """Text that does not compress."""
    chance = random.Random(7)
    return "".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(length))


@pytest.mark.parametrize("bad", range(len(BAD)))
def test_a_bad_row_goes_into_quarantine_and_the_others_into_the_table(database: Database, bad: int) -> None:
    register(database, ["BTC/USDT"])
    table, poison = BAD[bad]()
    good = [row(table, number) for number in range(30)]
    with writing(database, live=False) as writer:
        for number, one in enumerate(good):
            if number in (0, 7, 29):
                writer.put(table, poison)
            writer.put(table, one)
            writer.put(ORDER_BOOK_SNAPSHOTS, row(ORDER_BOOK_SNAPSHOTS, number))
        assert writer.flushed(ENOUGH)
        counts = writer.counts
    assert stored(database, table) == good
    assert count(database, ORDER_BOOK_SNAPSHOTS.name) == 30
    assert counts.written[table.name] == 30
    assert (counts.failing_since, counts.pending) == (None, 0)
    # the same row in the same batch is one row where the last one of a key wins
    assert counts.quarantined[table.name] in ((3,) if table.conflict is Conflict.KEEP else (1, 2, 3))
    (kept,) = database.rows("SELECT dataset, reasons, payload::text, seen FROM quarantine")
    assert (kept["dataset"], kept["seen"]) == (table.name, counts.quarantined[table.name])
    assert all(kept["reasons"])
    assert "500" in kept["payload"] or "20:2" in kept["payload"]  # a figure or the time of the row
    assert gaps(database) == counts.dropped == {}


def test_a_bad_row_that_cannot_be_kept_is_a_loss_on_record(database: Database) -> None:
    database.execute("ALTER TABLE quarantine ADD CHECK (dataset <> 'order_book_events')")
    with writing(database, live=False) as writer:
        for number in range(5):
            writer.put(ORDER_BOOK_EVENTS, row(ORDER_BOOK_EVENTS, number, detail="{" if number == 3 else "{}"))
        assert writer.flushed(ENOUGH)
    assert count(database, ORDER_BOOK_EVENTS.name) == 4
    assert gaps(database) == writer.counts.dropped == {(ORDER_BOOK_EVENTS.name, 1): 1}
    (gap,) = database.rows("SELECT gap_start, reason FROM stream_gaps")
    assert gap == {"gap_start": START + timedelta(minutes=3), "reason": "refused"}


def test_what_is_no_row_at_all_is_counted(database: Database) -> None:
    with writing(database) as writer:
        for table in (FORMING_CANDLES, ORDER_BOOK_EVENTS):
            for nothing in (None, 5, "row", [1, 2], {"ts": START}):
                writer.put(table, nothing)  # type: ignore[arg-type]  # a caller without types
            writer.put(table, row(table, 0))
        writer.put(FORMING_CANDLES, ())
        writer.put(FORMING_CANDLES, ([],))
        writer.put(ORDER_BOOK_EVENTS, ())
        writer.put(ORDER_BOOK_EVENTS, ([],))
    for table in (FORMING_CANDLES, ORDER_BOOK_EVENTS):
        assert stored(database, table) == [row(table, 0)]
    assert writer.counts.quarantined == {ORDER_BOOK_EVENTS.name: 2}
    assert (
        gaps(database)
        == writer.counts.dropped
        == {(FORMING_CANDLES.name, 0): 7, (ORDER_BOOK_EVENTS.name, 0): 5}
    )


def test_close_writes_what_waits(database: Database) -> None:
    writer = StreamWriter(
        database, run_id="run", shard="1-of-1", options=WriterOptions(flush_seconds=30, most_rows_at_once=70)
    )
    writer.start()
    for number in range(500):
        writer.put(ORDER_BOOK_SNAPSHOTS, row(ORDER_BOOK_SNAPSHOTS, number))
        writer.put(CANDLES, row(CANDLES, number))
    assert writer.close(ENOUGH)
    assert count(database, ORDER_BOOK_SNAPSHOTS.name) == 500
    assert count(database, "candle_arrivals") == 500
    assert writer.counts.pending == 0
