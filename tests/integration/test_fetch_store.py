"""Ledger and gaps of one instrument keep its data sets apart, and what is asked of candles is of candles."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from candle_frames import register

from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.fetch_store import Batch, FetchStore
from alphapulse_resources.database.migrations import MIGRATIONS, migrate
from tests.databases import fresh_database

DAY = date(2025, 3, 9)
START = datetime(2025, 3, 9, tzinfo=UTC)
END = START + timedelta(days=1)
SETS = ("ohlcv_1m", "funding_rates")


def progress(store: FetchStore, key: int, until: datetime) -> None:
    with store.database.transaction() as connection:
        store.progress(connection, key, (START, until), {DAY: 3}, {}, Batch("b", None))


def gap(start: datetime) -> dict[str, Any]:
    empty = dict.fromkeys(("repaired_at", "repaired_from", "verified_at", "reason"))
    due = {"detected_at": END, "attempts": 0, "next_attempt_at": START}
    minute = start + timedelta(minutes=1)
    return {"gap_start": start, "gap_end": minute, "state": "detected", "verifications": []} | empty | due


def test_two_data_sets_of_an_instrument_have_books_of_their_own(database: Database, btc: int) -> None:
    candles, funding = (FetchStore(database, name) for name in SETS)
    progress(candles, btc, END)
    progress(funding, btc, START + timedelta(hours=8))
    funding.failure(btc, [DAY + timedelta(days=1)], "timeout", "too slow", Batch("b", None))
    assert candles.done_in_batch(btc, [DAY], "b") == {DAY: END}
    assert funding.done_in_batch(btc, [DAY], "b") == {DAY: START + timedelta(hours=8)}
    assert (candles.answered_until(btc), funding.answered_until(btc)) == (END, START + timedelta(hours=8))
    for store in (candles, funding):
        with database.transaction() as connection:
            store.replace_gaps(connection, btc, START, END, [gap(START)])
    funding.postpone_gaps(btc, START, END)
    with database.transaction() as connection:
        assert [row["attempts"] for row in candles.known_gaps(connection, btc, START, END)] == [0]
        assert [row["attempts"] for row in funding.known_gaps(connection, btc, START, END)] == [1]
    assert (len(candles.due_gaps(btc, START, END)), len(funding.due_gaps(btc, START, END))) == (1, 0)


def test_what_is_asked_of_candles_is_not_told_of_other_data(database: Database, btc: int) -> None:
    funding = FetchStore(database, "funding_rates")
    progress(funding, btc, END)
    with database.transaction() as connection:
        funding.replace_gaps(connection, btc, START, END, [gap(START)])
    database.execute(
        "UPDATE instruments SET tracked = true, venue_symbol = 'x', history_start = %(start)s",
        {"start": START},
    )
    for view in ("candle_gaps", "candle_coverage", "stream_verification"):
        assert database.rows(f"SELECT * FROM {view}") == []  # type: ignore[arg-type]
    asked = {"first_partition": "2025-01-01", "rest": timedelta(0)}
    # every day of candles is due, of funding rates those after the first
    for dataset, gaps, first_day in ((SETS[0], 0, DAY), (SETS[1], 1, DAY + timedelta(days=1))):
        due = database.rows(statement("gaps/due"), {**asked, "dataset": dataset})
        assert sum(row["gaps"] for row in due) == gaps
        (history,) = database.rows(statement("ledger/history_due"), {**asked, "dataset": dataset})
        assert history["first_day"] == first_day
    assert [(row["dataset"], row["gap_start"]) for row in database.rows("SELECT * FROM data_gaps")] == [
        ("funding_rates", START)
    ]
    assert [(row["dataset"], row["provider"]) for row in database.rows("SELECT * FROM fetched_days")] == [
        ("funding_rates", "binance")
    ]


def test_rows_of_before_are_those_of_candles(server_dsn: str, tmp_path: Path) -> None:
    for file in sorted(MIGRATIONS.glob("*.sql")):
        if file.name < "0029":  # the version before: views and functions were in migrations
            (tmp_path / file.name).symlink_to(file)
    with fresh_database(server_dsn, migrated=False) as dsn:
        migrate(dsn, directory=tmp_path)
        database = Database(dsn)
        key = register(database, ["BTC/USDT"])[0]
        values = {"key": key, "day": DAY, "start": START, "end": END}
        database.execute(
            "INSERT INTO ingest_ledger (instrument_id, day, status) VALUES (%(key)s, %(day)s, 'complete')",
            values,
        )
        database.execute(
            "INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at)"
            " VALUES (%(key)s, %(start)s, %(end)s, 'detected', now())",
            values,
        )
        migrate(dsn)
        for table in ("ingest_ledger", "gap_ledger"):
            rows = database.rows(f"SELECT dataset FROM {table}")  # type: ignore[arg-type]
            assert rows == [{"dataset": "ohlcv_1m"}]
        assert len(database.rows("SELECT FROM candle_gaps")) == 1
        database.close()
