"""Binned depth in the database: cells by price, pictures of a window, what is unknown, bubbles of trades."""

import math
from datetime import timedelta
from typing import Any, Final

import pytest
from stream_rows import DAY, DELAY, MINUTE, SECOND, depth, event, put, second, shown, today, whale

from alphapulse_resources.database.client import Database

START: Final = today() - DAY
WIDTH: Final = math.log1p(2e-4)


def heatmap(database: Database, key: int, seconds: float, columns: int = 600, rows: int = 400) -> Any:
    end = START + timedelta(seconds=seconds)
    return database.rows(
        "SELECT * FROM order_book_heatmap(%(id)s, %(start)s, %(end)s, %(columns)s, %(rows)s)",
        {"id": key, "start": START, "end": end, "columns": columns, "rows": rows},
    )


def at(seconds: float) -> Any:
    return START + timedelta(seconds=seconds)


def test_a_bin_has_its_prices_its_size_and_its_worth(database: Database, btc: int) -> None:
    put(database, "order_book_depth", [depth(btc, START, mid=100.0, bids=[1.5, 0.0, 2.0], asks=[0.5])])
    rows = shown(database, "depth_heatmap")
    first = math.floor(math.log(100.0) / WIDTH)
    found = {(row["side"], row["bin"]): row for row in rows}
    assert set(found) == {("bid", first), ("bid", first - 1), ("bid", first - 2), ("ask", first)}
    third = found["bid", first - 2]
    assert (third["symbol"], third["size"], found["bid", first - 1]["size"]) == ("BTC/USDT", 2.0, 0.0)
    assert third["price_low"] == pytest.approx(math.exp((first - 2) * WIDTH), rel=1e-9)
    assert third["price_high"] / third["price_low"] == pytest.approx(1.0002)
    middle = math.sqrt(third["price_low"] * third["price_high"])
    assert third["notional"] == pytest.approx(2.0 * middle, rel=1e-9)


def test_contracts_of_unknown_worth_have_no_notional(database: Database, btc: int) -> None:
    put(database, "order_book_depth", [depth(btc, START, unit="contracts")])
    assert {row["notional"] for row in shown(database, "depth_heatmap")} == {None}


def test_a_column_is_the_newest_state_in_it_and_lasts_until_the_next(database: Database, btc: int) -> None:
    put(database, "order_book_depth", [depth(btc, at(2 * n), bids=[float(n)]) for n in range(30)])
    rows = heatmap(database, btc, 60.0, columns=6)
    assert [row["bid_sizes"] for row in rows] == [[4.0], [9.0], [14.0], [19.0], [24.0], [29.0]]
    assert [row["from_at"] for row in rows] == [at(10 * n) for n in range(6)]
    assert [row["until_at"] for row in rows] == [at(10 * n) for n in range(1, 7)]
    assert len(heatmap(database, btc, 60.0)) == 30


def test_a_book_that_lost_its_proof_is_shown_until_then_and_one_that_is_silent_for_a_while(
    database: Database, btc: int
) -> None:
    put(database, "order_book_depth", [depth(btc, at(n)) for n in (0, 2, 20, 22)])
    put(
        database,
        "order_book_events",
        [
            event(btc, at(5) + DELAY, "synced>broken", "gap"),
            event(btc, at(6), "broken>synced", "snapshot"),
        ],
    )
    rows = heatmap(database, btc, 600.0)
    assert [row["until_at"] for row in rows] == [at(2), at(5), at(22), at(52)]


def test_prices_of_too_many_bins_are_merged_and_what_is_known_in_part_is_unknown(
    database: Database, btc: int
) -> None:
    mid = math.exp(34_545.5 * WIDTH)  # bin 34545
    put(
        database,
        "order_book_depth",
        [depth(btc, START, mid=mid, bids=[1.0, 2.0, 4.0, 8.0, 16.0], asks=[1.0, 2.0, 4.0, 8.0])],
    )
    (row,) = heatmap(database, btc, 60.0, rows=3)
    # bins 34541..34548 are 8: three to a row, from 34539; 34539 and 34548 are not known as a whole
    assert (row["merged"], row["mid_bin"]) == (3, 34_545 // 3)
    assert row["bid_sizes"] == [1.0, 2.0 + 4.0 + 8.0]
    assert row["ask_sizes"] == [1.0 + 2.0 + 4.0]
    (whole,) = heatmap(database, btc, 60.0)
    assert (whole["merged"], whole["bid_sizes"]) == (1, [1.0, 2.0, 4.0, 8.0, 16.0])


def test_another_width_is_another_grid_and_the_newest_is_shown(database: Database, btc: int) -> None:
    put(database, "order_book_depth", [depth(btc, START), depth(btc, at(2), bin_bps=5.0)])
    assert [row["bin_bps"] for row in heatmap(database, btc, 60.0)] == [5.0]


def test_bubbles_are_what_was_bought_and_sold_by_column_and_large_trades(
    database: Database, btc: int
) -> None:
    put(
        database,
        "trades_1s",
        [
            second(btc, at(0), low=99.0, high=101.0),
            second(btc, at(1), low=100.0, high=104.0, complete=False),
            second(btc, at(30), low=99.0, high=101.0, sell_volume=0.0, sell_value=0.0),
        ],
    )
    put(database, "whale_activities", [whale(btc, at(1), "large_trade", "ask", 99.5, since=START, size=7.0)])
    rows = database.rows(
        "SELECT * FROM trade_bubbles(%(id)s, %(start)s, %(end)s, 6)",
        {"id": btc, "start": START, "end": START + MINUTE},
    )
    assert [(row["ts"], row["side"], row["size"], row["large"]) for row in rows] == [
        (at(0), "buy", 4.0, False),
        (at(0), "sell", 2.0, False),
        (at(1), "sell", 7.0, True),
        (at(30), "buy", 2.0, False),
    ]
    assert (rows[0]["price"], rows[0]["complete"]) == (pytest.approx((101.0 + 104.0) / 2), False)
    assert rows[0]["value"] == pytest.approx(2 * 101.0 + 2 * 104.0)


def test_an_hour_of_two_hundred_bins_is_quick(database: Database, btc: int) -> None:
    sizes = [float(n % 7) for n in range(100)]
    put(
        database,
        "order_book_depth",
        [depth(btc, START + n * 2 * SECOND, mid=100 + n / 2e3, bids=sizes, asks=sizes) for n in range(1800)],
    )
    database.execute("ANALYZE order_book_depth")
    (found,) = database.rows(
        "SELECT count(*) AS columns, max(merged) AS merged, clock_timestamp() - statement_timestamp() AS took"
        " FROM (SELECT * FROM order_book_heatmap(%(id)s, %(start)s, %(end)s) OFFSET 0) AS h",
        {"id": btc, "start": START, "end": START + 60 * MINUTE},
    )
    assert (found["columns"], found["merged"]) == (600, 1)
    assert found["took"] < timedelta(seconds=1)  # 8 ms on a machine that does nothing else
