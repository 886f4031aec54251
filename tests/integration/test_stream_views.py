"""The views about streams: what each shows, on made-up rows of known fate."""

from datetime import UTC, datetime
from typing import Any

import pytest
from candle_frames import register
from stream_rows import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    alert,
    delivery,
    event,
    put,
    second,
    shown,
    snapshot,
    sweep,
    today,
    whale,
    worker,
    zone,
)

from alphapulse_resources.database.client import Database

START = today() - DAY


def now() -> datetime:
    return datetime.now(UTC)


# books, trades, whales, zones ----------------------------------------------------------------------------


def test_a_snapshot_is_shown_by_name_with_its_levels(database: Database, btc: int) -> None:
    put(
        database,
        "order_book_snapshots",
        [snapshot(btc, START, bid_prices=[99.0, 98.0], bid_sizes=[1.0, 2.0])],
    )
    (row,) = shown(database, "order_book")
    assert (row["venue"], row["symbol"], row["instrument_id"]) == ("binance", "BTC/USDT", btc)
    assert (row["bid_prices"], row["bid_sizes"], row["bid_depth_10bps"]) == ([99.0, 98.0], [1.0, 2.0], None)


def test_order_flow_nets_buys_and_sells(database: Database, btc: int) -> None:
    values = {"buy_volume": 3.0, "sell_volume": 1.0, "buy_value": 303.0, "sell_value": 99.0}
    put(database, "trades_1s", [second(btc, START, low=99.0, high=101.0, **values)])
    (row,) = shown(database, "order_flow")
    assert (row["delta"], row["delta_value"], row["vwap"]) == (2.0, 204.0, 402.0 / 4.0)


def test_every_wall_is_one_row_with_its_fate(database: Database, btc: int) -> None:
    again = START + 10 * MINUTE
    peak: dict[str, Any] = {"size": 200.0, "distance_bps": 3.0}
    put(
        database,
        "whale_activities",
        [
            whale(btc, START, "wall_appeared", "bid", 99.0, since=START),
            whale(btc, START + SECOND, "wall_grew", "bid", 99.0, since=START, size=200.0),
            whale(btc, START + MINUTE, "wall_pulled", "bid", 99.0, since=START, cause="untraded", **peak),
            whale(btc, START + MINUTE, "suspected_spoof", "bid", 99.0, since=START, **peak),
            # another one at the same price, and one on the other side
            whale(btc, again, "wall_appeared", "bid", 99.0, since=again),
            whale(
                btc, again + SECOND, "wall_consumed", "bid", 99.0, since=again, cause="traded", traded=90.0
            ),
            whale(btc, again, "wall_appeared", "ask", 99.0, since=again),
        ],
    )
    rows = {(row["appeared_at"], row["side"]): row for row in shown(database, "walls", symbol="BTC/USDT")}
    pulled, consumed, standing = rows[START, "bid"], rows[again, "bid"], rows[again, "ask"]
    assert (pulled["outcome"], pulled["ended_with"], pulled["ended_at"]) == (
        "pulled",
        "untraded",
        START + MINUTE,
    )
    assert (pulled["peak_size"], pulled["peak_notional"], pulled["seconds"]) == (200.0, 19_800.0, 60.0)
    assert (pulled["first_distance_bps"], pulled["last_distance_bps"]) == (20.0, 3.0)
    assert (pulled["grew"], pulled["reached"], pulled["suspected_spoof"]) == (1, False, True)
    assert (consumed["outcome"], consumed["reached"], consumed["traded"]) == ("consumed", True, 90.0)
    assert (consumed["grew"], consumed["suspected_spoof"]) == (0, False)
    assert (standing["outcome"], standing["ended_at"], standing["reached"]) == ("open", None, False)
    assert len(rows) == 3


def test_a_wall_whose_end_nobody_told_ends_when_its_book_does(database: Database, btc: int) -> None:
    put(database, "whale_activities", [whale(btc, START, "wall_appeared", "bid", 99.0, since=START)])
    put(
        database,
        "order_book_events",
        [
            event(btc, START - MINUTE, "buffering>synced", "snapshot"),
            event(btc, START + SECOND, "synced>synced", "covered_gap"),
            event(btc, START + MINUTE, "synced>stopped", "worker_lost"),
        ],
    )
    (row,) = shown(database, "walls")
    assert (row["outcome"], row["ended_with"], row["ended_at"]) == ("ended", "unknown", START + MINUTE)


def test_the_present_zones_are_those_of_the_newest_reading(database: Database, btc: int) -> None:
    (eth,) = register(database, ["ETH/USDT"])
    newest = START + 10 * SECOND
    put(
        database,
        "liquidity_zones",
        [
            zone(btc, START, since=START, price=98.0),
            zone(btc, newest, since=START, price=98.1),
            zone(btc, newest, since=newest, price=97.0, side="resistance"),
            zone(eth, START, since=START, price=5.0),
        ],
    )
    rows = shown(database, "liquidity_now")
    assert sorted((row["symbol"], row["price"]) for row in rows) == [
        ("BTC/USDT", 97.0),
        ("BTC/USDT", 98.1),
        ("ETH/USDT", 5.0),
    ]
    assert all(row["seconds_old"] > 0 for row in rows)
    assert len(shown(database, "liquidity", symbol="BTC/USDT")) == 3


def test_sweeps_are_shown_by_name(database: Database, btc: int) -> None:
    put(database, "liquidity_sweeps", [sweep(btc, START, "low", 99.0)])
    (row,) = shown(database, "sweeps", venue="binance")
    assert (row["symbol"], row["side"], row["known_at"]) == ("BTC/USDT", "low", START + MINUTE)


def test_an_alert_tells_what_became_of_it(database: Database, btc: int) -> None:
    told = [alert(btc, START + n * SECOND, "whale") for n in range(4)]
    put(database, "order_book_alerts", told)
    put(
        database,
        "alert_deliveries",
        [
            delivery(told[0], "delivered"),
            delivery(told[1], "delivered", "a"),
            delivery(told[1], "failed", "b"),
            delivery(told[2], "suppressed"),
        ],
    )
    rows = sorted(shown(database, "alerts", symbol="BTC/USDT"), key=lambda row: row["ts"])
    assert [row["delivery"] for row in rows] == ["delivered", "failed", "suppressed", None]
    assert rows[1]["deliveries"]["b"] == {"outcome": "failed", "attempts": 1, "error": "HTTP 500"}
    assert (rows[0]["delivered_at"], rows[3]["deliveries"]) == (START + SECOND, None)


# the streams themselves ----------------------------------------------------------------------------------


def status(instrument_id: int, run_id: str, state: str = "synced") -> dict[str, Any]:
    """A row of order_book_status."""
    counts = dict.fromkeys(("messages", "gaps", "resyncs", "dropped"), 0)
    return counts | {
        "instrument_id": instrument_id,
        "state": state,
        "cause": "snapshot",
        "since": now() - HOUR,
        "last_update": now() - MINUTE,
        "shard": "1-of-1",
        "run_id": run_id,
        "updated_at": now(),
    }


def test_a_book_is_trusted_only_while_its_run_lives(database: Database) -> None:
    books = register(database, ["A/USDT", "B/USDT", "C/USDT", "D/USDT", "E/USDT"])
    ended = {"stopped_at": now(), "stopped_because": "terminated"}
    put(
        database,
        "stream_workers",
        [worker("lives", now()), worker("silent", now() - MINUTE), worker("stopped", now(), **ended)],
    )
    runs = ("lives", "silent", "stopped", "unknown", "lives")
    states = ("synced",) * 4 + ("stale",)
    put(database, "order_book_status", [status(*book) for book in zip(books, runs, states, strict=True)])
    rows = sorted(shown(database, "stream_status"), key=lambda row: row["symbol"])
    assert [row["worker_alive"] for row in rows] == [True, False, False, False, True]
    assert [row["trusted"] for row in rows] == [True, False, False, False, False]
    assert rows[0]["age_seconds"] == pytest.approx(60, abs=20)


def test_a_runs_health_is_its_books_and_its_rows_of_the_last_minute(database: Database, btc: int) -> None:
    (eth,) = register(database, ["ETH/USDT"])
    put(database, "stream_workers", [worker("lives", now()), worker("gone", now() - HOUR)])
    put(database, "order_book_status", [status(btc, "lives"), status(eth, "lives", "stale")])
    put(
        database,
        "stream_latency",
        [
            {
                "run_id": "lives",
                "dataset": dataset,
                "ts": now() - age,
                "shard": "1-of-1",
                "rows": rows,
                "dropped": 1,
                "queryable_p99_ms": float(rows),
            }
            for dataset, age, rows in (("a", 5 * SECOND, 10), ("b", 5 * SECOND, 20), ("a", HOUR, 1000))
        ],
    )
    health = {row["run_id"]: row for row in shown(database, "stream_health")}
    lives, gone = health["lives"], health["gone"]
    assert (lives["alive"], lives["books"], lives["synced"]) == (True, 2, 1)
    assert (lives["rows_last_minute"], lives["dropped_last_minute"], lives["queryable_p99_ms"]) == (
        30,
        2,
        20.0,
    )
    assert (gone["alive"], gone["books"], gone["rows_last_minute"]) == (False, 0, 0)


def test_losses_are_shown_even_of_instruments_that_are_not_known(database: Database, btc: int) -> None:
    lost = {"run_id": "run", "dataset": "trades_1s", "gap_start": START, "gap_end": START + MINUTE, "rows": 7}
    put(
        database,
        "stream_gaps",
        [lost | {"instrument_id": i, "reason": "memory full"} for i in (btc, btc + 1000)],
    )
    rows = shown(database, "stream_losses", dataset="trades_1s")
    assert {(row["symbol"], row["rows"]) for row in rows} == {("BTC/USDT", 7), (None, 7)}


def scanned(plan: dict[str, Any]) -> set[str]:
    """Relations that a plan reads from end to end."""
    own = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return own.union(*(scanned(part) for part in plan.get("Plans", ())))


@pytest.mark.parametrize(
    ("query", "table"),
    [
        (
            "order_book WHERE symbol = 'BTC/USDT' AND ts >= now() - INTERVAL '1 minute'",
            "order_book_snapshots",
        ),
        ("order_book_trust WHERE symbol = 'BTC/USDT'", "order_book_events"),
        ("walls WHERE symbol = 'BTC/USDT'", "whale_activities"),
        ("liquidity_now WHERE symbol = 'BTC/USDT'", "liquidity_zones"),
    ],
)
def test_one_symbols_rows_are_found_by_key(database: Database, query: str, table: str) -> None:
    with database.transaction() as connection:
        connection.execute("SET LOCAL enable_seqscan = off")  # small tables are read whole otherwise
        (answer,) = connection.execute(f"EXPLAIN (FORMAT json) SELECT * FROM {query}".encode()).fetchall()
    assert table not in scanned(answer[0][0]["Plan"])
