"""Newest bars: the same rows as the view has, and plans that read one timeframe of one symbol."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from candle_frames import DAY, MINUTE, candles, register, without, write

from alphapulse_resources.database.client import Database
from tests.databases import has_timescaledb

START = datetime(2024, 3, 4, tzinfo=UTC)
TIMEFRAMES = ("1m", "5m", "15m", "1h", "4h", "1d", "1w")


@pytest.fixture
def two(database: Database) -> tuple[int, int]:
    """A symbol with a hole of a day just before its newest bars, and another with other prices."""
    btc, eth = register(database, ("BTC/USDT", "ETH/USDT"))
    days = candles(START, 9 * 1440)
    write(database, btc, without(days, (START + 7 * DAY, START + 8 * DAY + 23 * 60 * MINUTE)))
    write(database, eth, candles(START, 9 * 1440, seed=2, price=5.0))
    database.refresh_timeframes()
    return btc, eth


def by_name(database: Database, timeframe: str, count: int) -> list[tuple[object, ...]]:
    query = (
        "SELECT * FROM ohlcv WHERE venue = 'binance' AND symbol = 'BTC/USDT' AND timeframe = $1"
        f" ORDER BY ts DESC LIMIT {count}"
    )
    return database.read(query, [timeframe]).rows()


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("timeframe", TIMEFRAMES)
def test_newest_bars_are_those_of_the_view_holes_or_not(database: Database, timeframe: str) -> None:
    for count in (1, 10, 70, 100_000):
        found = database.read(
            f"SELECT * FROM newest_bars('binance', 'BTC/USDT', '{timeframe}', {count})"
        ).rows()
        assert found == by_name(database, timeframe, count)
        assert found


def test_native_bars_count_where_there_are_no_minutes(database: Database, two: tuple[int, int]) -> None:
    btc, _ = two
    old = [START - n * timedelta(hours=1) for n in (1, 2, 3)]
    for ts in old:
        database.execute(
            "INSERT INTO ohlcv_native SELECT %(id)s, 60, %(ts)s, 1, 1, 1, 1, 1, 1, 1, 1, 1, now()",
            {"id": btc, "ts": ts},
        )
    found = database.read("SELECT ts FROM newest_bars('binance', 'BTC/USDT', '1h', 100000)")["ts"].to_list()
    assert found[-3:] == old


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("'binance', 'BTC/USTD', '1h'", "no instrument 'BTC/USTD' at 'binance'"),
        ("'binance', NULL, '1h'", "no instrument NULL"),
        ("'binance', 'BTC/USDT', '7h'", "timeframe '7h' is not known"),
    ],
)
def test_what_is_not_known_is_an_error_and_not_an_empty_answer(
    database: Database, arguments: str, told: str
) -> None:
    register(database, ("BTC/USDT",))
    with pytest.raises(psycopg.errors.RaiseException, match=told):
        database.rows(f"SELECT * FROM newest_bars({arguments})")


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("timeframe", TIMEFRAMES)
def test_a_question_by_name_reads_one_timeframe_of_one_symbol(database: Database, timeframe: str) -> None:
    query = (
        "EXPLAIN (ANALYZE, FORMAT json) SELECT * FROM ohlcv WHERE venue = 'binance' AND symbol = 'BTC/USDT'"
        f" AND timeframe = '{timeframe}' ORDER BY ts DESC LIMIT 10"
    )
    (row,) = database.rows(query)
    plan = json.dumps(row["QUERY PLAN"])
    bars = by_name(database, timeframe, 100_000)
    assert read_rows(row["QUERY PLAN"]) <= len(bars) + 10  # and what a forming bar is made of
    if not has_timescaledb(database.dsn):  # there a table is chunks by other names
        others = {f'"ohlcv_{other}"' for other in TIMEFRAMES if other not in (timeframe, "1m")}
        assert not [name for name in others if name in plan]


def read_rows(node: object) -> float:
    """Rows of bars that the leaves of a plan gave."""
    if isinstance(node, list):
        return sum(map(read_rows, node))
    if not isinstance(node, dict):
        return 0.0
    if "Plan" in node:
        return read_rows(node["Plan"])
    if "Plans" in node:
        return read_rows(node["Plans"])
    if node.get("Relation Name") in ("instruments", "timeframes", "sources"):
        return 0.0
    return float(node["Actual Rows"]) * float(node["Actual Loops"])
