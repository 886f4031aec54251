"""The views behind the market page: one row a tracked symbol, each figure what the tables say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from candle_frames import MINUTE, candles, register, stored, write
from terminal_rows import SYMBOLS, fill

from alphapulse.readings.asking import Asked, statement_of
from alphapulse.readings.catalogue import BY_NAME
from alphapulse_resources.database.client import Database
from alphapulse_resources.frames import floor_time


def overview(database: Database) -> dict[str, dict[str, Any]]:
    return {row["symbol"]: row for row in database.rows("SELECT * FROM market_overview")}


def test_each_figure_is_what_the_tables_say(database: Database) -> None:
    fill(database)
    rows = overview(database)
    assert set(rows) == {symbol for _, symbol, _ in SYMBOLS}
    (perpetual,) = database.rows("SELECT instrument_id FROM instruments WHERE symbol = 'BTC/USDT:USDT'")
    minutes = stored(database, perpetual["instrument_id"])
    row = rows["BTC/USDT:USDT"]
    now = datetime.now(UTC)
    assert row["last_price"] == minutes["close"][-1]
    assert row["fresh_until"] == minutes["ts"][-1] + MINUTE
    before = minutes.filter(minutes["ts"] <= row["fresh_until"] - timedelta(days=1))
    closes = before["close"].tail(3).to_list()  # the minute may have turned since
    assert any(row["change_24h"] == pytest.approx(row["last_price"] / close - 1) for close in closes)
    hours = minutes.filter(minutes["ts"] >= floor_time(now, "1h") - timedelta(hours=23))
    assert row["quote_volume_24h"] == pytest.approx(hours["quote_volume"].sum(), rel=0.05)
    assert row["funding_rate"] == 0.00012
    assert row["open_interest"] == 6e6
    assert row["open_interest_change_24h"] == pytest.approx(100 / 80 - 1)
    assert (row["open_gaps"], row["book_state"], row["quality"]) == (0, None, 98.0)
    assert row["quality_day"] == (now - timedelta(days=1)).date()
    ether = rows["ETH/USDT"]
    assert (ether["open_gaps"], ether["missing_minutes"]) == (1, 42)
    assert (ether["funding_rate"], ether["open_interest"]) == (None, None)
    assert (rows["BTC/USDT"]["book_state"], rows["BTC/USDT"]["book_trusted"]) == ("synced", True)


def test_the_forming_candle_is_newer_than_the_closed_one(database: Database, btc: int) -> None:
    now = datetime.now(UTC)
    start = floor_time(now, "1m") - timedelta(minutes=5)
    write(database, btc, candles(start, 4), received_at=now)
    database.execute("UPDATE instruments SET tracked = true")
    closed = overview(database)["BTC/USDT"]["last_price"]
    forming = (
        "INSERT INTO forming_candles (instrument_id, ts, open, high, low, close, volume, received_at)"
        " VALUES (%(id)s, %(ts)s, 1, 1, 1, 123.5, 1, %(at)s)"
        " ON CONFLICT (instrument_id) DO UPDATE SET ts = excluded.ts"
    )
    database.execute(forming, {"id": btc, "ts": start + 4 * MINUTE, "at": now})
    assert overview(database)["BTC/USDT"]["last_price"] == 123.5
    # one that the stream left behind is older than what was fetched since
    database.execute(forming, {"id": btc, "ts": start, "at": now})
    assert overview(database)["BTC/USDT"]["last_price"] == closed
    assert overview(database)["BTC/USDT"]["change_24h"] is None  # nothing is known of a day ago


def test_symbols_without_anything_have_a_row_and_untracked_ones_none(database: Database) -> None:
    register(database, ["NEW/USDT", "OLD/USDT"])
    database.execute("UPDATE instruments SET tracked = (symbol = 'NEW/USDT')")
    (row,) = database.rows("SELECT * FROM market_overview")
    assert (row["symbol"], row["last_price"], row["fresh_until"], row["open_gaps"]) == (
        "NEW/USDT",
        None,
        None,
        0,
    )
    (line,) = database.rows("SELECT * FROM market_sparklines")
    assert line["closes"] == [None] * 25


def test_a_sparkline_keeps_the_place_of_an_hour_without_bars(database: Database, btc: int) -> None:
    hour = floor_time(datetime.now(UTC), "1h")
    frame = candles(hour - timedelta(hours=24), 24 * 60)
    hole = (hour - timedelta(hours=10), hour - timedelta(hours=9))
    kept = frame.filter(~frame["ts"].is_between(*hole, closed="left"))
    write(database, btc, kept, received_at=hour)
    database.execute("UPDATE instruments SET tracked = true")
    database.refresh_timeframes(window=(hour - timedelta(hours=24), hour))
    (line,) = database.rows("SELECT * FROM market_sparklines")
    assert line["ts"] in (hour - timedelta(hours=24), hour - timedelta(hours=23))  # the hour may have turned
    at = (hole[0] - line["ts"]) // timedelta(hours=1)
    assert line["closes"][at] is None
    last_of_hour = frame.filter(frame["ts"] == hole[1] + timedelta(minutes=59))["close"][0]
    assert line["closes"][at + 1] == last_of_hour


@pytest.mark.parametrize("name", ["market_overview", "market_sparklines"])
def test_the_readings_ask_for_every_column_of_their_view(database: Database, name: str) -> None:
    reading = BY_NAME[name]
    columns = [column.name for column in database.describe(reading.relation)[1]]
    query = statement_of(reading, Asked(), columns)
    frame = database.read(query.text, query.arguments)
    assert set(columns) - {"instrument_id"} == set(frame.columns)
