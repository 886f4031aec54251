"""Reading rows back inside a write's own transaction."""

from datetime import UTC, datetime

import polars as pl
import pytest
from candle_frames import candles, rows_of, write
from psycopg import sql

from alphapulse_resources.database.client import Database
from alphapulse_resources.database.readback import read_back
from alphapulse_resources.database.upsert import OHLCV_1M, OHLCV_NATIVE

START = datetime(2024, 3, 1, 23, tzinfo=UTC)
ALL = sql.SQL("true")


def test_every_type_comes_back_as_it_was_written_also_before_the_commit(database: Database) -> None:
    rows = rows_of(candles(START, 120), 1).with_columns(pl.lit(60, pl.Int16).alias("timeframe_id"))
    rows = rows.select(OHLCV_NATIVE.columns)
    with database.transaction() as connection:
        database.upsert(connection, OHLCV_NATIVE, rows)
        stored = read_back(connection, "ohlcv_native", rows.schema, condition=ALL, limit=1000)
    assert stored.sort("ts").equals(rows)


@pytest.mark.parametrize("name", ["quote_volume", "trades", "taker_buy_volume"])
def test_nulls_come_back_as_nulls(database: Database, name: str) -> None:
    frame = candles(START, 10)
    holes = pl.when(pl.int_range(pl.len()) % 3 != 1).then(pl.col(name))
    written = frame.with_columns(holes.alias(name))
    write(database, 1, written)
    with database.transaction() as connection:
        stored = read_back(connection, OHLCV_1M.name, written.schema, condition=ALL, limit=10)
    assert stored.sort("ts").equals(written)
    assert stored[name].null_count() == 3


def test_no_row_that_meets_the_condition_is_an_empty_frame(database: Database) -> None:
    frame = candles(START, 3)
    write(database, 1, frame)
    with database.transaction() as connection:
        nobody = sql.SQL("o.instrument_id = 2")
        stored = read_back(connection, OHLCV_1M.name, frame.schema, condition=nobody, limit=10)
    assert stored.equals(frame.clear())


def test_the_limit_is_kept(database: Database) -> None:
    frame = candles(START, 30)
    write(database, 1, frame)
    with database.transaction() as connection:
        stored = read_back(connection, OHLCV_1M.name, frame.schema, condition=ALL, limit=7)
    assert stored.height == 7
    assert stored.join(frame, on=frame.columns, how="anti", nulls_equal=True).is_empty()
