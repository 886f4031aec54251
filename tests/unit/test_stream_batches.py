"""Waiting rows, losses and latencies: what is let go first, what is counted, what is told."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_resources.streams.batches import AWAY, FULL, Batch, Entry, RowQueue
from alphapulse_resources.streams.latency import STREAM_LATENCY, LatencyMeter
from alphapulse_resources.streams.losses import Loss, LossLedger
from alphapulse_resources.streams.storing import record_batch
from alphapulse_resources.streams.tables import (
    CANDLES,
    FORMING_CANDLES,
    ORDER_BOOK_EVENTS,
    ORDER_BOOK_SNAPSHOTS,
    ORDER_BOOK_STATUS,
    TRADES_1S,
    Conflict,
    Row,
    StreamTable,
)

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def table(name: str, priority: int, key: tuple[str, ...] = ("instrument_id", "ts")) -> StreamTable:
    columns: dict[str, Any] = {
        "instrument_id": pl.Int32,
        "ts": pl.Datetime("us", "UTC"),
        "text": pl.String,
        "list": pl.List(pl.Float64),
    }
    return StreamTable(name, columns, key=key, priority=priority)


LOW, OTHER, HIGH = table("low", 0), table("other", 0), table("high", 1)
NOW = table("now", 0, key=("instrument_id",))


def row(number: int, instrument_id: int = 1, text: str = "", values: int = 0) -> Row:
    return (instrument_id, START + number * MINUTE, text, [0.0] * values)


def queue(most_rows: int = 1000, most_bytes: int = 10**9) -> RowQueue:
    return RowQueue(most_rows=most_rows, most_bytes=most_bytes)


def numbers(batch: Batch) -> dict[str, list[int]]:
    return {
        kept.name: [(entry.row[1] - START) // MINUTE for entry in entries] for kept, entries in batch.tables
    }


def test_rows_come_out_as_they_went_in_the_most_important_tables_first() -> None:
    rows = queue()
    for number in range(3):
        rows.put(LOW, row(number), 0.0)
        rows.put(HIGH, row(10 + number), 0.0)
    batch = rows.take(5)
    assert list(numbers(batch).items()) == [("high", [10, 11, 12]), ("low", [0, 1])]
    assert numbers(rows.take(5)) == {"low": [2]}
    assert numbers(rows.take(5)) == {}


def test_taken_rows_count_until_they_are_settled() -> None:
    rows = queue()
    for number in range(4):
        rows.put(LOW, row(number), 0.0)
    first, second = rows.take(3), rows.take(3)
    assert (first.rows, second.rows, rows.pending) == (3, 1, 4)
    rows.settle(first)
    assert (rows.pending, rows.idle) == (1, False)
    rows.settle(second)
    assert (rows.pending, rows.idle) == (0, True)


def test_rows_given_back_come_first_again() -> None:
    rows = queue()
    for number in range(4):
        rows.put(LOW, row(number), 0.0)
    batch = rows.take(2)
    rows.put(LOW, row(4), 0.0)
    rows.give_back(batch)
    assert numbers(rows.take(9)) == {"low": [0, 1, 2, 3, 4]}


def test_the_oldest_rows_of_the_least_important_table_go_first() -> None:
    rows = queue(most_rows=4)
    rows.put(LOW, row(0), 0.0)
    rows.put(HIGH, row(1), 0.0)
    for number in range(2, 6):
        rows.put(LOW, row(number), 0.0)
    assert rows.dropped == {("low", 1): 2}
    rows.put(HIGH, row(6), 0.0)
    assert numbers(rows.take(9)) == {"high": [1, 6], "low": [4, 5]}
    assert rows.losses_due() == [Loss("low", 1, START, START + 3 * MINUTE, 3, FULL)]


def test_of_tables_alike_the_one_that_takes_most_memory_gives() -> None:
    rows = queue(most_rows=3)
    rows.put(LOW, row(0), 0.0)
    for number in range(3):
        rows.put(OTHER, row(number, values=500), 0.0)
    assert rows.dropped == {("other", 1): 1}


def test_lists_and_texts_count_towards_memory() -> None:
    rows = queue(most_bytes=100_000)
    for number in range(10):
        rows.put(LOW, row(number), 0.0)
    assert rows.dropped == {}
    rows.put(LOW, row(10, text="x" * 99_000), 0.0)
    assert rows.dropped == {("low", 1): 10}
    rows.put(LOW, row(11, values=3_000), 0.0)
    assert rows.dropped == {("low", 1): 11}
    assert numbers(rows.take(9)) == {"low": [11]}


def test_rows_being_written_are_not_let_go_but_those_given_back_may_be() -> None:
    rows = queue(most_rows=3)
    for number in range(3):
        rows.put(LOW, row(number), 0.0)
    batch = rows.take(3)
    rows.put(HIGH, row(3), 0.0)
    assert rows.dropped == {("high", 1): 1}  # it alone was there to go
    rows.why_full = AWAY
    rows.give_back(batch)
    rows.put(HIGH, row(4), 0.0)
    assert rows.dropped == {("high", 1): 1, ("low", 1): 1}
    assert numbers(rows.take(9)) == {"high": [4], "low": [1, 2]}
    assert [loss.reason for loss in rows.losses_due()] == [FULL, AWAY]


def test_of_a_table_with_one_row_an_instrument_only_the_newest_waits() -> None:
    rows = queue(most_rows=3)
    for number in range(50):
        rows.put(NOW, row(number, instrument_id=number % 2), 0.0)
    assert (rows.pending, rows.dropped) == (2, {})
    batch = rows.take(9)
    assert numbers(batch) == {"now": [48, 49]}
    rows.put(NOW, row(50, instrument_id=0), 0.0)
    rows.give_back(batch)
    assert rows.pending == 2
    assert numbers(rows.take(9)) == {"now": [49, 50]}
    assert FORMING_CANDLES.key == ORDER_BOOK_STATUS.key == NOW.key


operations = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from([LOW, OTHER, HIGH]), st.integers(0, 50)),
        st.tuples(st.just("take"), st.integers(1, 9)),
        st.tuples(st.sampled_from(["settle", "give back", "losses stored", "losses not stored"])),
    ),
    max_size=120,
)


@given(most_rows=st.integers(1, 12), most_bytes=st.integers(500, 20_000), script=operations)
def test_every_row_is_waiting_settled_or_lost(
    most_rows: int, most_bytes: int, script: list[tuple[Any, ...]]
) -> None:
    rows, taken = queue(most_rows, most_bytes), []
    put: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    stored: dict[Any, int] = {}
    for number, (what, *about) in enumerate(script):
        if what == "put":
            kept, values = about
            rows.put(kept, row(number // 3, instrument_id=number % 2, values=values), 0.0)
            put[kept.name] += 1
        elif what == "take" and not taken:
            taken.append(rows.take(about[0]))
        elif what == "settle" and taken:
            batch = taken.pop()
            settled.update({name: len(found) for name, found in numbers(batch).items()})
            rows.settle(batch)
        elif what == "give back" and taken:
            rows.give_back(taken.pop())
        elif what.startswith("losses"):
            due = rows.losses_due()
            stored |= {loss.key: loss.rows for loss in due}  # whether or not the commit is known
            if what == "losses stored":
                rows.losses_told(due)
        assert rows.pending <= max(most_rows, sum(batch.rows for batch in taken))
    stored |= {loss.key: loss.rows for loss in rows.losses_due()}
    for batch in taken:
        rows.give_back(batch)
    stored |= {loss.key: loss.rows for loss in rows.losses_due()}
    waiting = {name: len(found) for name, found in numbers(rows.take(10**6)).items()}
    lost: Counter[str] = Counter()
    for (dataset, _, _), count in stored.items():
        lost[dataset] += count
    dropped: Counter[str] = Counter()
    for (dataset, _), count in rows.dropped.items():
        dropped[dataset] += count
    assert lost == dropped
    for name in put:
        assert put[name] == settled[name] + waiting.get(name, 0) + lost[name]


def test_puts_from_many_threads_are_all_there() -> None:
    rows = queue(most_rows=10**6)

    def work(instrument_id: int) -> None:
        for number in range(2000):
            rows.put(LOW, row(number, instrument_id), 0.0)

    threads = [Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    seen: Counter[int] = Counter()
    while any(thread.is_alive() for thread in threads) or not rows.idle:
        batch = rows.take(500)
        seen.update(entry.row[0] for _, entries in batch.tables for entry in entries)
        rows.settle(batch)
    assert seen == dict.fromkeys(range(4), 2000)


def test_a_loss_is_told_in_whole_figures_until_it_is_stored() -> None:
    ledger = LossLedger()
    assert not ledger
    ledger.add(LOW, row(3), FULL)
    ledger.add(LOW, row(5), FULL)
    ledger.add(LOW, row(4, instrument_id=2), FULL)
    first = ledger.due()
    assert first == [
        Loss("low", 1, START + 3 * MINUTE, START + 5 * MINUTE, 2, FULL),
        Loss("low", 2, START + 4 * MINUTE, START + 4 * MINUTE, 1, FULL),
    ]
    ledger.add(LOW, row(3), FULL)  # of the same time: one row of the table, so in whole figures again
    assert ledger.due()[0] == Loss("low", 1, START + 3 * MINUTE, START + 5 * MINUTE, 3, FULL)
    ledger.told(first)  # the former figures
    assert ledger.due() == [Loss("low", 1, START + 3 * MINUTE, START + 5 * MINUTE, 3, FULL)]
    ledger.told(ledger.due())
    assert not ledger
    ledger.add(LOW, row(3), FULL)
    assert ledger.due() == [Loss("low", 1, START + 3 * MINUTE, START + 5 * MINUTE, 4, FULL)]
    assert ledger.totals == {("low", 1): 4, ("low", 2): 1}


@pytest.mark.parametrize("odd", [(), ("BTC",), (None, None), (-1, "now"), (2**40, datetime(2026, 1, 1))])
def test_a_loss_of_something_odd_is_a_loss_all_the_same(odd: Row) -> None:
    ledger = LossLedger()
    before = datetime.now(UTC)
    ledger.add(LOW, odd, FULL)
    (loss,) = ledger.due()
    assert (loss.dataset, loss.instrument_id, loss.rows) == ("low", 0, 1)
    assert before <= loss.first == loss.last <= datetime.now(UTC)


def snapshots(delays_ms: list[float]) -> list[Entry]:
    """Rows of trade seconds that came so much later than their end."""
    assert TRADES_1S.conflict is Conflict.REPLACE
    entries = []
    for number, delay in enumerate(delays_ms):
        ts = START + timedelta(seconds=number)
        received_at = ts + timedelta(seconds=1, milliseconds=delay)
        values = (1, ts, 5, *[1.0] * 8, "1", "5", None, True, received_at)
        entries.append(Entry(values, 100, received_at.timestamp()))
    return entries


def test_latencies_are_percentiles_from_the_venue_and_to_the_table() -> None:
    meter = LatencyMeter()
    entries = snapshots([float(n) for n in range(101)])
    newest = entries[-1].row[-1].timestamp()
    batch = record_batch(TRADES_1S, [entry.row for entry in entries])
    meter.observe(TRADES_1S, [batch.slice(0, 40), batch.slice(40)], entries, newest + 0.25)
    report = meter.report("run", "1-of-1", newest, {("trades_1s", 1): 3, ("trades_1s", 2): 4})
    assert len(report) == 1
    assert report[0][:6] == ("run", "trades_1s", datetime.fromtimestamp(newest, UTC), "1-of-1", 101, 7)
    received_p50, received_p99, queryable_p50, _, queryable_max = report[0][6:]
    assert received_p50 == pytest.approx(50, abs=0.01)
    assert received_p99 == pytest.approx(99, abs=0.01)
    assert queryable_p50 == pytest.approx(250 + 50_050, abs=0.01)  # the 51st of 101 came 50.05 s before
    assert queryable_max == pytest.approx(250 + 100_100, abs=0.01)
    assert meter.report("run", "1-of-1", newest, {("trades_1s", 1): 3, ("trades_1s", 2): 4}) == []


def test_what_was_only_dropped_is_told_without_latencies() -> None:
    meter = LatencyMeter()
    (told,) = meter.report("run", "1-of-1", 0.0, {("low", 1): 2})
    assert told[4:] == (0, 2, None, None, None, None, None)
    (more,) = meter.report("run", "1-of-1", 1.0, {("low", 1): 5})
    assert more[5] == 3
    meter.observe(STREAM_LATENCY, [record_batch(STREAM_LATENCY, [told, more])], [], 2.0)
    assert meter.report("run", "1-of-1", 2.0, {("low", 1): 5}) == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(0, 9)), min_size=1, max_size=20))
def test_of_rows_with_one_key_the_last_is_sent(told: list[tuple[int, int, float]]) -> None:
    rest = (1.0, 1.0, 1.0, 1.0, None, None, None, 4, START)
    rows = [(instrument, START + n * MINUTE, opened, *rest) for instrument, n, opened in told]
    expected = {(instrument, START + n * MINUTE): opened for instrument, n, opened in told}
    frame = pl.from_arrow(record_batch(CANDLES, rows))
    assert isinstance(frame, pl.DataFrame)
    sent = {(instrument, ts): opened for instrument, ts, opened in frame.select(frame.columns[:3]).rows()}
    assert (sent, frame.height) == (expected, len(expected))


def test_rows_are_sent_with_the_types_of_their_table() -> None:
    values = [1.5, 2.5]
    made = tuple(
        START
        if str(dtype).startswith("Datetime")
        else values
        if str(dtype).startswith("List")
        else True
        if dtype == pl.Boolean
        else 1
        for dtype in ORDER_BOOK_SNAPSHOTS.columns.values()
    )
    frame = pl.from_arrow(record_batch(ORDER_BOOK_SNAPSHOTS, [made]))
    assert isinstance(frame, pl.DataFrame)
    assert frame.schema == pl.Schema(ORDER_BOOK_SNAPSHOTS.columns)
    assert frame["bid_prices"].to_list() == [values]
    assert ORDER_BOOK_EVENTS.json == ("detail",)
