"""What the example queries about streams must answer, reckoned from the rows without SQL."""

import statistics
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from math import log
from typing import Final

import numpy as np
import polars as pl
import pytest
from query_support import Row, near, only
from stream_market import BATCH_VOLUME, StreamMarket, fetched_minutes
from stream_rows import DAY, HOUR, MINUTE, SECOND

Check = Callable[[list[Row], StreamMarket], None]


def walls_that_held(rows: list[Row], market: StreamMarket) -> None:
    held, consumed = rows  # those that were pulled were not reached
    trades = [(row["ts"], row["low"], row["high"]) for row in market.of("trades_1s")]
    for row, price in ((held, 59_900.0), (consumed, 59_950.0)):
        touched = min(ts for ts, low, _ in trades if low <= price)
        after = [(low, high) for ts, low, high in trades if touched <= ts < touched + 10 * MINUTE]
        assert (row["price"], row["touched_at"]) == (price, touched)
        assert row["away_bps"] == near((max(high for _, high in after) / price - 1) * 10_000)
        assert row["beyond_bps"] == near((price - min(low for low, _ in after)) / price * 10_000)
    assert (held["held"], held["outcome"], held["peak_notional"]) == (True, "ended", 60.0 * 59_900.0)
    assert (consumed["held"], consumed["outcome"], consumed["seconds"]) == (False, "consumed", 28 * 60.0)


def bids_pulled(rows: list[Row], market: StreamMarket) -> None:
    (row,) = rows  # the other one is too small
    assert (row["price"], row["peak_notional"]) == (59_700.0, 75.0 * 59_700.0)
    assert (row["came_nearer_bps"], row["ended_at"]) == (12.0, market.now - 31 * MINUTE)
    assert row["suspected_spoof"] is False


def imbalance_before(rows: list[Row], market: StreamMarket) -> None:
    (row,) = rows
    before = [
        book
        for book in market.of("order_book_snapshots", market.btc)
        if market.jump - 30 * SECOND <= book["ts"] < market.jump
    ]
    assert (row["ts"], row["move_bps"], row["snapshots"]) == (market.jump, near(140.0), 30)
    assert row["imbalance"] == near(statistics.fmean(book["imbalance"] for book in before))
    assert row["ofi"] == near(sum(book["ofi"] for book in before))
    assert row["foretold"] == (row["imbalance"] > 0)


def trust(rows: list[Row], market: StreamMarket) -> None:
    midnight = market.now.replace(hour=0) - DAY
    stretches = [
        ("synced", midnight, midnight + 6 * HOUR, "gap"),
        ("resyncing", midnight + 6 * HOUR, midnight + 6 * HOUR + 90 * SECOND, "snapshot"),
        ("synced", midnight + 6 * HOUR + 90 * SECOND, midnight + 22 * HOUR, "stopped"),
        ("stopped", midnight + 22 * HOUR, midnight + DAY, None),
    ]
    assert [(r["state"], r["valid_from"], r["valid_until"], r["ended_with"]) for r in rows] == stretches
    assert [row["seconds"] for row in rows] == [6 * 3600, 90, 16 * 3600 - 90, 2 * 3600]
    assert rows[0]["share"] == near((22 * 3600 - 90) / 86_400)


def zones_touched(rows: list[Row], market: StreamMarket) -> None:
    (row,) = rows  # the other one was touched twice
    last = market.of("liquidity_zones")[-2]
    assert (row["price"], row["touches"], row["last_seen"]) == (59_559.0, 4, last["ts"])
    assert (row["hours"], row["strength"]) == (near(590 / 3600), last["strength"])


def flow_and_returns(rows: list[Row], market: StreamMarket) -> None:
    (row,) = rows
    flows: dict[datetime, list[Row]] = defaultdict(list)
    for book in market.of("order_book_snapshots", market.btc):
        flows[book["ts"].replace(second=0)].append(dict(book))
    returns = {ts: log(c / o) for ts, o, c in market.candles.select("ts", "open", "close").iter_rows()}
    whole = {
        ts: sum(book["ofi"] for book in books)
        for ts, books in flows.items()
        if all(book["flow_complete"] for book in books) and ts + MINUTE in returns
    }
    assert row["minutes"] == len(whole) == 36  # of 40: three are of a part only, one has no next
    for name, ahead in (("same_minute", timedelta(0)), ("next_minute", MINUTE)):
        pairs = [(flow, returns[ts + ahead]) for ts, flow in whole.items()]
        assert row[name] == pytest.approx(np.corrcoef(np.array(pairs).T)[0, 1], rel=1e-9)


def spread_and_depth(rows: list[Row], market: StreamMarket) -> None:
    books = pl.DataFrame(market.of("order_book_snapshots", market.btc), infer_schema_length=None)
    row = only(rows, venue="binance", hour=9)
    both = books["bid_depth_10bps"] + books["ask_depth_10bps"]
    assert row["snapshots"] == books.height == 2400
    assert row["spread_bps"] == near(books["spread_bps"].median())
    assert row["worst_bps"] == near(books["spread_bps"].quantile(0.95, "linear"))
    assert (row["depth_10bps"], row["depth_known"]) == (near(both.mean()), 0.8)
    assert only(rows, venue="coinbase", hour=9)["depth_known"] == 0.0


def sweeps_and_returns(rows: list[Row], market: StreamMarket) -> None:
    (row,) = rows
    closes = dict(market.candles.select("ts", "close").iter_rows())
    sweeps = [(s["close"], s["known_at"]) for s in market.of("liquidity_sweeps")]
    quarter = [closes[at + 14 * MINUTE] / close - 1 for close, at in sweeps]
    hour = [closes[at + 59 * MINUTE] / close - 1 for close, at in sweeps[:-1]]
    assert (row["side"], row["sweeps"]) == ("high", 4)
    assert row["mean_15m_bps"] == near(statistics.fmean(quarter) * 10_000)
    assert row["mean_60m_bps"] == near(statistics.fmean(hour) * 10_000)
    assert row["reversed"] == near(statistics.fmean(r < 0 for r in hour))


def stream_against_batch(rows: list[Row], market: StreamMarket) -> None:
    (row,) = rows
    minutes = fetched_minutes()
    assert (row["venue"], row["field"], row["verified"]) == ("binance", "volume", minutes)
    assert (row["candles"], row["share"]) == (minutes // 10, near(0.1))
    assert row["worst"] == near(1 - 1 / BATCH_VOLUME)


def slowest_candles(rows: list[Row], market: StreamMarket) -> None:
    # what was fetched anew later came long after it could first be read, and is not among them
    assert len(rows) == 50
    fetched = market.start + fetched_minutes() * MINUTE
    arrivals = {
        a["ts"]: (a["queryable_at"] - a["ts"] - MINUTE).total_seconds()
        for n, a in enumerate(market.of("candle_arrivals"))
        if a["ts"] >= fetched or n % 10
    }
    slowest = sorted(arrivals.values(), reverse=True)[:50]
    assert [row["seconds"] for row in rows] == pytest.approx(slowest, abs=1e-6)
    for row in rows:
        assert row["seconds"] == near(arrivals[row["ts"]])
        parts = (row["venue_seconds"], row["network_seconds"], row["storing_seconds"])
        assert parts == pytest.approx((0.02, 0.04, arrivals[row["ts"]] - 0.06), abs=1e-6)


def cross_venue_mid(rows: list[Row], market: StreamMarket) -> None:
    since = market.now - 10 * MINUTE
    mids: dict[datetime, dict[str, float]] = defaultdict(dict)
    for name, instrument_id in (("binance", market.btc), ("coinbase", market.usd)):
        books = market.of("order_book_snapshots", instrument_id)
        for book in sorted(books, key=lambda book: book["ts"]):
            if book["ts"] >= since:
                mids[book["ts"].replace(microsecond=0)][name] = book["mid"]
    both = {ts: by for ts, by in mids.items() if len(by) == 2}
    assert [row["second"] for row in rows] == sorted(both)
    assert len(rows) == 400
    for row in rows:
        mid = both[row["second"]]
        assert (row["binance"], row["coinbase"], row["bybit"]) == (mid["binance"], mid["coinbase"], None)
        assert row["difference_bps"] == pytest.approx(
            (max(mid.values()) / min(mid.values()) - 1) * 10_000, abs=1e-9
        )
        assert mid[row["dearest"]] == max(mid.values())


def alerts_per_day(rows: list[Row], market: StreamMarket) -> None:
    today = only(rows, day=market.now.date(), kind="imbalance")
    assert (today["alerts"], today["symbols"], today["critical"]) == (3, 2, 1)
    assert (today["delivered"], today["failed"], today["suppressed"], today["unsent"]) == (0, 1, 1, 1)
    assert only(rows, day=market.now.date(), kind="whale")["delivered"] == 1
    assert only(rows, day=(market.now - DAY).date())["kind"] == "sweep"


def what_moves_price(rows: list[Row], market: StreamMarket) -> None:
    last: dict[datetime, Row] = {}  # of each minute
    for book in sorted(market.of("order_book_depth"), key=lambda book: book["ts"]):
        last[book["ts"].replace(second=0, microsecond=0)] = book
    for reach in (25, 50, 100):
        bins = reach // 2
        for hour in {ts.replace(minute=0) for ts in last}:
            books = [book for ts, book in last.items() if ts.replace(minute=0) == hour]
            row = only(rows, hour=hour, reach_bps=reach)
            assert row["minutes"] == len(books)
            for side in ("bid", "ask"):
                known = [b for b in books if len(b[f"{side}_sizes"]) >= bins]
                sizes = [sum(b[f"{side}_sizes"][:bins]) for b in known]
                worths = [sum(b[f"{side}_sizes"][:bins]) * b["mid"] for b in known]
                assert row[f"{side}_minutes"] == len(known)
                if not known:  # the book was not told of so far
                    assert row[f"{side}_size"] is row[f"{side}_worth"] is None
                    continue
                assert row[f"{side}_size"] == pytest.approx(statistics.median(sizes), rel=1e-5)
                assert row[f"{side}_worth"] == pytest.approx(statistics.median(worths), rel=1e-5)
    assert len(rows) == 3 * len({ts.replace(minute=0) for ts in last})
    assert {row["ask_size"] is None for row in rows if row["reach_bps"] == 100} == {True}


STREAM_CHECKS: Final[dict[str, Check]] = {
    "15_walls_that_held": walls_that_held,
    "16_whale_bids_pulled": bids_pulled,
    "17_imbalance_before_moves": imbalance_before,
    "18_book_trust_yesterday": trust,
    "19_liquidity_zones_touched": zones_touched,
    "20_order_flow_and_returns": flow_and_returns,
    "21_spread_and_depth_by_hour": spread_and_depth,
    "22_sweeps_and_returns": sweeps_and_returns,
    "23_stream_against_batch": stream_against_batch,
    "24_slowest_candles": slowest_candles,
    "25_cross_venue_mid": cross_venue_mid,
    "26_alerts_per_day": alerts_per_day,
    "75_what_moves_price": what_moves_price,
}
