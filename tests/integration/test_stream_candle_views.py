"""The views about live candles: the forming one, latency, and the stream against the batch."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from candle_frames import candles, changed, register, write
from stream_rows import DAY, HOUR, MINUTE, SECOND, put, today

from alphapulse_resources.database.client import Database

START = today() - DAY
FETCHED = START + 3 * HOUR


def forming(instrument_id: int, ts: datetime) -> dict[str, Any]:
    """A row of forming_candles."""
    prices = dict.fromkeys(("open", "high", "low", "close"), 7.0)
    return prices | {"instrument_id": instrument_id, "ts": ts, "volume": 1.0, "received_at": ts + SECOND}


# the forming candle --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [1, 0, -1])
def test_the_forming_candle_is_shown_only_if_it_is_newer_than_the_closed(
    database: Database, btc: int, ahead: int
) -> None:
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    frame = candles(minute - 3 * MINUTE, 3)
    write(database, btc, frame, source="stream")
    put(database, "forming_candles", [forming(btc, minute - MINUTE + ahead * MINUTE)])
    rows = database.rows("SELECT * FROM ohlcv_live WHERE symbol = 'BTC/USDT' ORDER BY ts")
    closed = [row for row in rows if row["closed"]]
    assert [row["close"] for row in closed] == frame["close"].to_list()
    assert [(row["ts"], row["source"]) for row in rows if not row["closed"]] == (
        [(minute, "stream")] if ahead > 0 else []
    )


def test_live_candles_are_those_of_two_days(database: Database, btc: int) -> None:
    (eth,) = register(database, ["ETH/USDT"])
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    for ts in (minute - 49 * HOUR, minute - 47 * HOUR):
        write(database, btc, candles(ts, 1))
    put(database, "forming_candles", [forming(btc, minute), forming(eth, minute - 49 * HOUR)])
    rows = database.rows("SELECT symbol, ts, closed FROM ohlcv_live ORDER BY ts")
    assert [(row["symbol"], row["ts"], row["closed"]) for row in rows] == [
        ("BTC/USDT", minute - 47 * HOUR, True),
        ("BTC/USDT", minute, False),
    ]


# latency -------------------------------------------------------------------------------------------------


def test_latency_tells_of_venue_receipt_and_reading(database: Database, btc: int) -> None:
    database.execute("UPDATE instruments SET tracked_at = %(at)s", {"at": START})
    received = START + MINUTE + 0.5 * SECOND
    write(database, btc, candles(START, 1), source="stream", received_at=received)
    write(database, btc, candles(START + MINUTE, 1), source="rest", received_at=received + MINUTE)
    times = {"venue_at": START + MINUTE, "received_at": received, "queryable_at": received + SECOND / 4}
    put(database, "candle_arrivals", [{"instrument_id": btc, "ts": START, "source_id": 4} | times])
    streamed, fetched = database.rows("SELECT * FROM ingest_latency ORDER BY ts")
    assert list(streamed) == [
        *("venue", "symbol", "ts", "source", "closed_at", "received_at", "seconds_after_close"),
        *("instrument_id", "venue_at", "queryable_at", "queryable_after_close"),
    ]
    assert (streamed["seconds_after_close"], streamed["queryable_after_close"]) == (0.5, 0.75)
    assert (fetched["seconds_after_close"], fetched["queryable_at"]) == (0.5, None)
    assert (streamed["venue_at"], fetched["venue_at"]) == (START + MINUTE, None)


# stream = batch ------------------------------------------------------------------------------------------


def differences(database: Database) -> list[tuple[Any, ...]]:
    """(minute, field, what the stream said, what was fetched, from where)."""
    rows = database.rows("SELECT * FROM stream_differences ORDER BY ts, field")
    return [
        ((row["ts"] - START) // MINUTE, row["field"], row["stream"], row["batch"], row["batch_source"])
        for row in rows
    ]


def test_a_fetch_that_says_something_else_is_told_field_by_field(database: Database, btc: int) -> None:
    streamed = candles(START, 3).with_columns(
        trades=pl.lit(10, pl.Int64), quote_volume=pl.lit(None, pl.Float64)
    )
    write(database, btc, streamed, source="stream", received_at=START + MINUTE)
    fetched = changed(streamed, START + MINUTE, volume=8.0, trades=16, quote_volume=5.0)
    write(database, btc, fetched, source="archive", received_at=FETCHED)
    volume = streamed["volume"][1]
    assert differences(database) == [
        (1, "trades", 10.0, 16.0, "archive"),
        (1, "volume", volume, 8.0, "archive"),  # quote_volume the stream did not tell
    ]
    (row,) = database.rows("SELECT * FROM stream_differences WHERE field = 'trades'")
    assert (row["difference"], row["relative"]) == (-6.0, -0.375)
    assert (row["stream_received_at"], row["batch_received_at"]) == (START + MINUTE, FETCHED)


def test_a_stream_that_comes_after_the_fetch_is_compared_too(database: Database, btc: int) -> None:
    frame = candles(START, 1)
    write(database, btc, changed(frame, START, close=99.0), source="rest", received_at=START + MINUTE)
    write(database, btc, changed(frame, START, close=98.0), source="stream", received_at=FETCHED)
    assert differences(database) == [(0, "close", 98.0, 99.0, "rest")]


def test_a_row_is_compared_with_the_one_that_replaced_it(database: Database, btc: int) -> None:
    frame = candles(START, 1)
    for n, (source, close) in enumerate(
        (("stream", 1.0), ("stream", 2.0), ("mirror", 3.0), ("archive", 4.0))
    ):
        write(
            database,
            btc,
            changed(frame, START, low=0.5, close=close),
            source=source,
            received_at=START + n * HOUR,
        )
    # stream by stream and fetch by fetch are no business of this view
    assert differences(database) == [(0, "close", 2.0, 3.0, "mirror")]


def test_an_import_is_no_verification(database: Database, btc: int) -> None:
    frame = candles(START, 1)
    write(database, btc, frame, source="stream")
    write(database, btc, changed(frame, START, close=99.0), source="import")
    assert differences(database) == []


def ledger(database: Database, instrument_id: int, until: datetime, updated_at: datetime) -> None:
    put(
        database,
        "ingest_ledger",
        [
            {
                "instrument_id": instrument_id,
                "day": START.date(),
                "status": "partial",
                "fetched_until": until,
                "updated_at": updated_at,
            }
        ],
    )


def verification(database: Database) -> tuple[int, int, int, int]:
    (row,) = database.rows("SELECT * FROM stream_verification WHERE day = %(day)s", {"day": START.date()})
    assert (row["venue"], row["symbol"]) == ("binance", "BTC/USDT")
    return row["written"], row["verified"], row["unverified"], row["differing"]


def test_a_day_counts_what_was_streamed_fetched_and_different(database: Database, btc: int) -> None:
    streamed = candles(START, 60)
    write(database, btc, streamed, source="stream", received_at=START + HOUR)
    write(database, btc, candles(START + 2 * HOUR, 30), source="rest")  # never streamed
    fetched = changed(streamed.head(40), START + 7 * MINUTE, volume=8.0)
    write(database, btc, fetched, source="archive", received_at=FETCHED)
    ledger(database, btc, START + 40 * MINUTE, FETCHED)
    assert verification(database) == (60, 40, 20, 1)


@pytest.mark.parametrize(("updated", "verified"), [(timedelta(minutes=1), 5), (-timedelta(minutes=1), 0)])
def test_an_answer_from_before_the_stream_verifies_nothing(
    database: Database, btc: int, updated: timedelta, verified: int
) -> None:
    write(database, btc, candles(START, 5), source="stream", received_at=START + HOUR)
    ledger(database, btc, START + HOUR, START + HOUR + updated)
    assert verification(database) == (5, verified, 5 - verified, 0)


def test_days_that_the_batch_has_not_touched_are_shown_if_they_are_new(database: Database, btc: int) -> None:
    database.execute("UPDATE instruments SET tracked = true")
    write(database, btc, candles(START, 5), source="stream")
    assert verification(database) == (5, 0, 5, 0)
