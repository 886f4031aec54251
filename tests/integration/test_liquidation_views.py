"""Liquidations in SQL: sums of minutes to the last digit, clusters, what is known of the silence between."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import psycopg
import pytest
from candle_frames import register
from liquidation_query_checks import liquidation
from stream_rows import HOUR, MINUTE, SECOND, put, worker

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.futures.liquidations.amounts import Amounts
from alphapulse_assets.futures.liquidations.dataset import DATASETS
from alphapulse_assets.futures.liquidations.rows import liquidation_row
from alphapulse_assets.futures.liquidations.tables import LIQUIDATIONS
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.streams.messages import Liquidation
from alphapulse_resources.streams.storing import StreamStore

AT = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def btc(database: Database) -> int:
    return register(database, ["BTC/USDT:USDT"], "binanceusdm")[0]


def test_minutes_sum_what_was_told_by_side_and_say_what_is_in_no_sum(database: Database, btc: int) -> None:
    longs = [(60_000.1, 0.25), (59_990.3, 1.5), (59_980.7, 0.125)]
    rows = [liquidation(btc, AT + 10 * SECOND * n, "long", *each) for n, each in enumerate(longs)]
    rows.append(liquidation(btc, AT + 59 * SECOND, "short", 60_100.0, 2.0))
    rows.append(
        liquidation(
            btc, AT + 30 * SECOND, "short", 60_000.0, 7.0, base_amount=None, notional=None, notional_usd=None
        )
    )
    rows.append(liquidation(btc, AT + 60 * SECOND, "long", 60_000.0, 3.0))  # of the next minute
    put(database, "liquidations", rows)
    first, second = database.rows("SELECT * FROM liquidations_1m ORDER BY ts")
    assert (first["ts"], first["longs"], first["shorts"], second["longs"]) == (AT, 3, 2, 1)
    assert first["long_base"] == 1.875
    exact = sum(Fraction(price * size) for price, size in longs)  # of the doubles that were stored
    assert first["long_notional"] == first["long_usd"] == pytest.approx(float(exact), rel=1e-15)
    assert (first["short_base"], first["short_notional"]) == (2.0, 120_200.0)
    assert (first["not_converted"], first["not_in_usd"]) == (1, 1)
    assert first["largest_notional"] == 120_200.0
    assert first["known_at"] == max(row["known_at"] for row in rows[:5])
    orders = database.rows("SELECT * FROM liquidation_orders WHERE size = 0.25")
    assert orders[0]["stream_is_complete"] is False
    assert (orders[0]["venue"], orders[0]["counted_price"]) == ("binanceusdm", 60_000.1)


def test_clusters_end_where_a_minute_passes_without_another_of_their_side(
    database: Database, btc: int
) -> None:
    seconds = {"long": (0, 60, 119, 180, 241), "short": (30, 200)}
    rows = [
        liquidation(btc, AT + at * SECOND, side, 60_000.0 - at, 1.0, average_price=59_000.0 - at)
        for side, times in seconds.items()
        for at in times
    ]
    put(database, "liquidations", rows)
    found = database.rows("SELECT * FROM liquidation_clusters ORDER BY position_side, began_at")
    told = [(row["position_side"], row["began_at"], row["ended_at"], row["liquidations"]) for row in found]
    assert told == [
        ("long", AT, AT + 119 * SECOND, 3),
        ("long", AT + 180 * SECOND, AT + 180 * SECOND, 1),
        ("long", AT + 241 * SECOND, AT + 241 * SECOND, 1),
        ("short", AT + 30 * SECOND, AT + 30 * SECOND, 1),
        ("short", AT + 200 * SECOND, AT + 200 * SECOND, 1),
    ]
    first = found[0]
    assert (first["first_price"], first["last_price"], first["extreme_price"]) == (
        59_000.0,
        58_881.0,
        58_881.0,
    )
    assert (first["seconds"], first["notional"]) == (119.0, 3 * 60_000.0 - 179.0)


def test_the_same_liquidation_is_one_row_whoever_heard_it_and_the_first_stays(
    database: Database, btc: int
) -> None:
    told = Liquidation("BTCUSDT", True, 60_000.0, 1.0, 1_790_000_000_123, 1_790_000_001_000, status="FILLED")
    again = Liquidation(*(getattr(told, name) for name in told.__struct_fields__))
    again.occurrence = 1
    worth = Amounts(1.0, 60_000.0, 60_000.0, None)
    store = StreamStore(database, "test")
    for run, at in (("first", 1_790_000_001.1), ("second", 1_790_000_001.2), ("first", 1_790_000_009.0)):
        rows = [liquidation_row(btc, each, worth, run, at) for each in (told, again)]
        store.write([(LIQUIDATIONS, rows)])
    store.close()
    found = database.rows("SELECT * FROM liquidations ORDER BY occurrence")
    assert [row["occurrence"] for row in found] == [0, 1]
    assert {row["run_id"] for row in found} == {"first"}
    assert {row["known_at"] for row in found} == {datetime.fromtimestamp(1_790_000_001.1, UTC)}


def test_a_row_that_contradicts_itself_is_not_taken(database: Database, btc: int) -> None:
    for change in ({"order_side": "buy"}, {"price": 0.0}, {"size": -1.0}, {"position_side": "x"}):
        with pytest.raises(psycopg.errors.CheckViolation):
            put(database, "liquidations", [liquidation(btc, AT, "long", 60_000.0, 1.0) | change])


def test_a_cascade_is_an_alert_that_its_table_takes(database: Database, btc: int) -> None:
    database.execute(
        "INSERT INTO order_book_alerts"
        " (instrument_id, ts, kind, reference, severity, title, detail, known_at, logic_version)"
        " VALUES (%(id)s, now(), 'liquidation_cascade', 'long', 'warning', 'x', '{}', now(), 1)",
        {"id": btc},
    )
    assert database.rows("SELECT symbol FROM alerts WHERE kind = 'liquidation_cascade'")


def test_coverage_says_what_is_left_out_and_how_long_somebody_listened(database: Database, btc: int) -> None:
    other, never = (register(database, [name], "bybit")[0] for name in ("BTC/USDT:USDT", "ETH/USDT:USDT"))
    spot = register(database, ["BTC/USDT"], "bybit")[0]
    database.execute("UPDATE instruments SET tracked = true, tracked_at = now()")
    now = database.rows("SELECT now() AS now")[0]["now"]
    put(database, "stream_workers", [worker("dead", now - 2 * HOUR), worker("alive", now)])
    stretches = [
        (btc, now - 5 * HOUR, now - 4 * HOUR, "dead"),
        (btc, now - 4.5 * HOUR, now - 3 * HOUR, "alive"),  # two runs at once count once
        (btc, now - 150 * MINUTE, None, "dead"),  # until its last heartbeat
        (btc, now - 30 * HOUR, now - 23 * HOUR, "alive"),  # an hour of it is within the day
        (other, now - HOUR, None, "alive"),
        (other, now - 2 * HOUR, None, "unknown run"),
    ]
    put(
        database,
        "liquidation_listening",
        [
            {"instrument_id": number, "ts": began, "until_at": until, "why": "x", "run_id": run}
            for number, began, until, run in stretches
        ],
    )
    put(database, "liquidations", [liquidation(btc, now - HOUR, "long", 60_000.0, 1.0)])
    found = {row["instrument_id"]: row for row in database.rows("SELECT * FROM liquidation_coverage")}
    assert found.keys() == {btc, other, never}
    assert spot not in found
    assert (found[btc]["listening"], found[btc]["stream_is_complete"]) == (False, False)
    assert found[btc]["leaves_out"].startswith("All others of the same second")
    assert found[btc]["listened_seconds_24h"] == pytest.approx((2 + 0.5 + 1) * 3600, abs=30)
    assert found[btc]["listened_share_24h"] == pytest.approx(3.5 / 24, abs=0.001)
    assert (found[btc]["liquidations_24h"], found[btc]["last_liquidation_at"]) == (1, now - HOUR)
    assert (found[other]["listening"], found[other]["listening_since"]) == (True, now - HOUR)
    assert found[other]["listened_seconds_24h"] == pytest.approx(3600, abs=30)
    assert (found[never]["listening"], found[never]["listened_seconds_24h"]) == (False, 0.0)
    assert found[never]["first_listened_at"] is None
    assert found[never]["stream_is_complete"] is True


def test_what_is_usual_is_known_from_the_start_by_the_stored_minutes_of_a_day(
    database: Database, btc: int
) -> None:
    now = database.rows("SELECT date_trunc('minute', now()) AS now")[0]["now"]
    times = (now - 25 * HOUR, now - 2 * HOUR, now - 2 * HOUR + SECOND, now - HOUR)
    put(database, "liquidations", [liquidation(btc, ts, "long", 100.0, 1.0) for ts in times])
    found = database.rows(statement("liquidations/minutes"), {"instrument_id": btc})
    assert [(row["start"], row["notional"]) for row in found] == [
        ((now - 2 * HOUR).timestamp(), 200.0),
        ((now - HOUR).timestamp(), 100.0),
    ]


def test_rows_that_cannot_be_fail_the_check_of_the_data_set(database: Database, btc: int) -> None:
    now = database.rows("SELECT now() AS now")[0]["now"]
    (data_set,) = DATASETS
    scope = CheckScope(DerivedStore(database), (), lightweight=False)
    put(database, "liquidations", [liquidation(btc, now - MINUTE, "long", 100.0, 1.0, filled=1.0)])
    (check,) = data_set.checks
    right = check.run(scope, data_set)
    assert (right.passed, right.metadata["rows"].value) == (True, 1)
    wrong = {"average_price": -1.0, "filled": 2.0, "published_at": now - HOUR}
    put(database, "liquidations", [liquidation(btc, now - 2 * MINUTE, "long", 100.0, 1.0) | wrong])
    assert check.run(scope, data_set).metadata["failed"].value == 3


def test_what_streams_leave_out_is_said_of_each_time(database: Database) -> None:
    told = database.rows(
        "SELECT venue, since, complete, tells FROM liquidation_streams ORDER BY venue, since"
    )
    assert [(row["venue"], row["complete"]) for row in told] == [
        ("binancecoinm", False),
        ("binanceusdm", False),
        ("binanceusdm", False),
        ("bybit", True),
    ]
    latest, largest = (row for row in told if row["venue"] == "binanceusdm")
    assert latest["tells"].startswith("The latest order")
    assert largest["tells"].startswith("The largest order")
    assert latest["since"] < largest["since"] < AT.date() + timedelta(days=1)
