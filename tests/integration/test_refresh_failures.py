"""One day that cannot be aggregated stops nobody else, is told, and is tried again in good time."""

import math
from datetime import UTC, datetime, timedelta

import polars as pl
import psycopg
import pytest
from candle_frames import DAY, MINUTE, candles, changed, count, register, stored, write

from alphapulse_assets.candles.validation import (
    HIGHEST_PRICE,
    HIGHEST_VOLUME,
    LOWEST_PRICE,
    MOST_TRADES,
    RULES,
)
from alphapulse_assets.core.timeframes import aggregate
from alphapulse_resources.database.client import Database, statement
from tests.databases import has_timescaledb

START = datetime(2024, 3, 5, tzinfo=UTC)
COLUMNS = "open, high, low, close, volume, quote_volume, trades, taker_buy_volume"
BAD = START + DAY + 7 * MINUTE


@pytest.fixture
def pair(database: Database) -> tuple[int, int]:
    """Two instruments, each with three days of candles."""
    one, other = register(database, ["BTC/USDT", "ETH/USDT"])
    for instrument_id in (one, other):
        write(database, instrument_id, candles(START, 3 * 1440, seed=instrument_id))
    return one, other


def failures(database: Database) -> list[dict[str, object]]:
    return database.rows(statement("status/refreshes"))


def overflow(database: Database, instrument_id: int) -> None:
    """Two volumes that no sum can hold, by somebody who took the table's check away."""
    database.execute("ALTER TABLE ohlcv_1m DROP CONSTRAINT ohlcv_1m_within_bounds")
    database.execute(
        "UPDATE ohlcv_1m SET volume = 1.797e308 WHERE instrument_id = %(i)s AND ts IN (%(a)s, %(b)s)",
        {"i": instrument_id, "a": BAD, "b": BAD + MINUTE},
    )


@pytest.mark.parametrize("column", ["volume", "quote_volume", "taker_buy_volume", "trades", "high"])
@pytest.mark.parametrize("table", ["ohlcv_1m", "ohlcv_native"])
def test_no_writer_gets_an_absurd_value_into_a_table(database: Database, table: str, column: str) -> None:
    (one,) = register(database, ["BTC/USDT"])
    values = dict.fromkeys(COLUMNS.split(", "), 1.0) | {
        column: 2_000_000_000 if column == "trades" else 1.797e308
    }
    key = "instrument_id, ts" if table == "ohlcv_1m" else "instrument_id, timeframe_id, ts"
    query = (
        f"INSERT INTO {table} ({key}, {COLUMNS}, source_id, received_at) VALUES (%(i)s, "
        + ("" if table == "ohlcv_1m" else "60, ")
        + f"%(ts)s, {', '.join(f'%({name})s' for name in values)}, 5, now())"
    )
    with pytest.raises(psycopg.errors.CheckViolation, match="within_bounds"):
        database.execute(query, {"i": one, "ts": START, **values})
    assert count(database, table) == 0


def test_a_candle_that_overflows_all_sums_goes_to_quarantine_and_all_else_goes_on(
    database: Database, pair: tuple[int, int]
) -> None:
    one, other = pair
    overflow(database, one)
    database.refresh_timeframes()
    assert count(database, "ohlcv_dirty") == 0
    for instrument_id, lacking in ((one, 2), (other, 0)):
        minutes = stored(database, instrument_id)
        assert minutes.height == 3 * 1440 - lacking
        for timeframe in ("5m", "1h", "1d", "1w"):
            bars = stored(database, instrument_id, f"ohlcv_{timeframe}")
            assert bars["bars"].to_list() == aggregate(minutes, timeframe)["bars"].to_list()
    rows = database.rows("SELECT ts, reasons, payload FROM quarantine ORDER BY ts")
    assert [(row["ts"], row["reasons"]) for row in rows] == [
        (BAD, ["absurd_volume"]),
        (BAD + MINUTE, ["absurd_volume"]),
    ]
    assert float(rows[0]["payload"]["volume"]) == 1.797e308
    (told,) = failures(database)
    assert (told["symbol"], told["day"], told["timeframe"]) == ("BTC/USDT", BAD.date(), "1m")
    assert "absurd_volume" in str(told["error"])
    gaps = database.rows("SELECT gap_start, state, minutes FROM candle_gaps ORDER BY gap_start")
    assert [(gap["gap_start"], gap["minutes"]) for gap in gaps] == [(BAD, 1), (BAD + MINUTE, 1)]
    shown = database.rows("SELECT count(*) AS n, sum(volume) AS v FROM ohlcv WHERE timeframe = '1h'")
    assert shown[0]["n"] == 2 * 72
    assert shown[0]["v"] < 1e9


@pytest.mark.parametrize(
    ("name", "most"),
    [
        *[(name, HIGHEST_PRICE) for name in ("open", "high", "low", "close")],
        *[(name, HIGHEST_VOLUME) for name in ("volume", "quote_volume", "taker_buy_volume")],
        ("trades", MOST_TRADES),
    ],
)
def test_the_bounds_of_the_database_are_those_of_the_rules(
    database: Database, name: str, most: float
) -> None:
    def reasons(value: float) -> list[str]:
        values = dict.fromkeys(COLUMNS.split(", "), 1.0) | {"trades": 1, name: value}
        call = f"SELECT out_of_bounds({', '.join(f'%({each})s' for each in values)}) AS found"
        return list(database.rows(call, values)[0]["found"])

    beyond = MOST_TRADES + 1 if name == "trades" else math.nextafter(most, math.inf)
    assert reasons(most) == []
    assert [reason in RULES for reason in reasons(beyond)] == [True]
    if most == HIGHEST_PRICE:
        assert reasons(LOWEST_PRICE) == []
        assert reasons(math.nextafter(LOWEST_PRICE, 0)) == ["absurd_price"]


@pytest.fixture
def refused(database: Database, pair: tuple[int, int]) -> tuple[int, int]:
    """The first instrument's five-minute bars of one day cannot be written, for a reason of their own."""
    if has_timescaledb(database.dsn):
        pytest.skip("TimescaleDB refreshes all instruments of a stretch together")
    database.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no such bar' USING ERRCODE = 'data_exception'; END $$"
    )
    database.execute(
        f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON ohlcv_5m FOR EACH ROW WHEN"
        f" (new.instrument_id = {pair[0]} AND new.ts >= '2024-03-06Z' AND new.ts < '2024-03-07Z')"
        " EXECUTE FUNCTION refuse()"
    )
    return pair


def test_a_day_that_fails_stops_no_other_day_and_no_other_instrument(
    database: Database, refused: tuple[int, int]
) -> None:
    one, other = refused
    database.refresh_timeframes()
    (told,) = failures(database)
    assert (told["venue"], told["symbol"], told["day"]) == ("binance", "BTC/USDT", BAD.date())
    assert (told["timeframe"], told["error"], told["attempts"]) == ("5m", "no such bar", 1)
    assert stored(database, other, "ohlcv_1d").height == 3
    days = stored(database, one, "ohlcv_5m")["ts"].dt.date().unique().sort().to_list()
    assert days == [START.date(), (START + 2 * DAY).date()]
    waiting = database.rows("SELECT DISTINCT instrument_id, day FROM ohlcv_dirty")
    assert waiting == [{"instrument_id": one, "day": BAD.date()}]


def test_a_failed_day_is_left_alone_until_it_is_due_or_its_candles_change(
    database: Database, refused: tuple[int, int]
) -> None:
    one, _ = refused
    database.refresh_timeframes()
    assert database.rows(statement("candles/dirty_days"))[0]["first_day"] is None  # no sensor runs for it
    database.refresh_timeframes()
    assert failures(database)[0]["attempts"] == 1
    database.execute("UPDATE refresh_failures SET next_attempt_at = now()")
    assert database.rows(statement("candles/dirty_days"))[0]["first_day"] == BAD.date()
    database.refresh_timeframes()
    (told,) = failures(database)
    assert told["attempts"] == 2
    assert told["next_attempt_at"] - told["failed_at"] == timedelta(minutes=10)  # type: ignore[operator]
    database.execute("DROP TRIGGER refuse ON ohlcv_5m")
    write(database, one, changed(candles(START, 3 * 1440, seed=one), BAD, volume=77.0))
    database.refresh_timeframes()
    assert failures(database)[0]["resolved_at"] is not None
    assert count(database, "ohlcv_dirty") == 0
    expected = aggregate(stored(database, one), "1w")["bars"].to_list()
    assert stored(database, one, "ohlcv_1w")["bars"].to_list() == expected


def test_a_window_that_is_asked_for_isolates_too(database: Database, refused: tuple[int, int]) -> None:
    one, other = refused
    database.execute("DELETE FROM ohlcv_dirty")
    database.refresh_timeframes(["5m"], window=(START, START + 3 * DAY))
    assert [row["day"] for row in failures(database)] == [BAD.date()]
    assert stored(database, other, "ohlcv_5m").height == 3 * 288
    assert stored(database, one, "ohlcv_5m").filter(pl.col("ts") < START + DAY).height == 288
