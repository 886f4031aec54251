"""The session: which rows come of which messages, and that they come whenever it is looked at."""

from datetime import UTC, datetime
from typing import Any

import pytest

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.order_book.book.events import Cause
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.order_book.whales.thresholds import Thresholds
from alphapulse_resources.streams.protocols import Channel, Subscription
from alphapulse_resources.streams.tables import (
    CANDLES,
    FORMING_CANDLES,
    LIQUIDITY_SWEEPS,
    LIQUIDITY_ZONES,
    ORDER_BOOK_ALERTS,
    ORDER_BOOK_EVENTS,
    ORDER_BOOK_SNAPSHOTS,
    ORDER_BOOK_STATUS,
    TRADES_1S,
    WHALE_ACTIVITIES,
)
from tests.unit.market_session_support import (
    ASKS,
    BIDS,
    SMALL,
    START,
    Heard,
    binance_depth,
    binance_kline,
    binance_trade,
    moment,
    rest_book,
    synced,
)


def diff(heard: Heard, number: int, at: float, **sides: Any) -> None:
    heard.session.received("one", binance_depth("X", number, number, at, **sides), at)


def test_a_row_of_the_book_says_what_the_book_is() -> None:
    heard = synced()
    (row,) = heard.rows(ORDER_BOOK_SNAPSHOTS)
    assert (row["instrument_id"], row["update_id"]) == (7, 100)
    assert (row["ts"], row["received_at"]) == (moment(START - 0.02), moment(START + 0.01))
    assert (row["best_bid"], row["best_ask"], row["mid"]) == (99.99, 100.01, 100.0)
    assert row["spread_bps"] == pytest.approx(2.0)
    assert row["bid_prices"] == [*[price for price, _ in BIDS], 99.5]
    assert row["ask_sizes"] == [size for _, size in ASKS]
    assert (row["known_from"], row["known_to"]) == (None, None)  # all of it is known


def test_depth_beyond_what_is_known_is_null_and_not_zero() -> None:
    heard = Heard()
    heard.session.track("X", 7, START)
    heard.session.received("one", binance_depth("X", 100, 100, START), START)
    bids, asks = [*BIDS, (99.8, 1.0)], [*ASKS, (100.2, 1.0)]
    heard.session.snapshot(rest_book("X", 99, bids, asks, limit=11), START + 0.01)
    (row,) = heard.rows(ORDER_BOOK_SNAPSHOTS)
    assert (row["known_from"], row["known_to"]) == (99.8, 100.2)
    assert row["bid_depth_10bps"] > 0.0
    assert (row["bid_depth_50bps"], row["ask_depth_50bps"]) == (None, None)


def test_a_book_of_which_the_venues_time_is_unknown_gives_no_row_until_it_is_known() -> None:
    heard = Heard()
    heard.session.track("X", 7, START)
    heard.session.snapshot(rest_book("X", 99, BIDS, ASKS), START)
    heard.session.tick(START + 5.0)
    assert heard.rows(ORDER_BOOK_SNAPSHOTS) == []
    diff(heard, 100, START + 6.0)
    assert [row["ts"] for row in heard.rows(ORDER_BOOK_SNAPSHOTS)] == [moment(START + 5.98)]


def test_rows_come_once_an_interval_and_only_of_new_states() -> None:
    heard = synced(snapshot_seconds=1.0)
    for number in range(101, 141):
        diff(heard, number, START + (number - 100) / 10, bids=[(99.9, 1.0)])
    rows = heard.rows(ORDER_BOOK_SNAPSHOTS)
    assert len(rows) == 5
    assert sum(row["flow_messages"] for row in rows) == max(row["update_id"] for row in rows) - 99
    assert all(row["flow_complete"] for row in rows[1:])
    for n in range(100):
        heard.session.tick(START + 4.1 + n / 10)
    assert [row["update_id"] for row in heard.rows(ORDER_BOOK_SNAPSHOTS)[5:]] == [140]


def test_every_state_is_a_row_if_so_wanted() -> None:
    heard = synced(snapshot_seconds=0.0)
    for number in range(101, 111):
        diff(heard, number, START + (number - 100) / 10)
    assert [row["update_id"] for row in heard.rows(ORDER_BOOK_SNAPSHOTS)] == list(range(100, 111))


def test_every_change_of_state_is_told_in_a_chain_from_none_to_stopped() -> None:
    heard = synced()
    diff(heard, 105, START + 1.0)
    heard.session.requested("X", START + 1.0)
    heard.session.snapshot(rest_book("X", 105, BIDS, ASKS), START + 1.0)
    diff(heard, 106, START + 1.1)
    heard.session.stop(START + 2.0)
    rows = heard.rows(ORDER_BOOK_EVENTS)
    assert heard.causes(ORDER_BOOK_EVENTS) == [
        "started",
        "snapshot",
        "gap",
        "requested",
        "snapshot",
        "stopped",
    ]
    states = [row["state_before"] for row in rows] + [rows[-1]["state_after"]]
    assert states == ["none", "buffering", "synced", "broken", "resyncing", "synced", "stopped"]
    assert [row["ts"] for row in rows] == sorted({row["ts"] for row in rows})
    assert {row["run_id"] for row in rows} == {"run"}
    assert [request.cause for request in heard.requests] == [Cause.NO_SNAPSHOT, Cause.GAP]


def test_only_what_is_tracked_is_followed() -> None:
    heard = synced()
    heard.session.received("one", binance_depth("Y", 1, 1, START), START)
    heard.session.received("one", binance_trade("Y", 1, START, 100.0, 1.0), START)
    assert (heard.session.symbols, sorted(heard.session.books), heard.session.manager.untracked) == (
        ["X"],
        ["X"],
        1,
    )
    heard.session.untrack("X", START + 1.0)
    before = len(heard.puts)
    diff(heard, 101, START + 2.0)
    heard.session.snapshot(rest_book("X", 105, BIDS, ASKS), START + 2.0)
    heard.session.tick(START + 60.0)
    assert len(heard.puts) == before
    assert heard.causes(ORDER_BOOK_EVENTS)[-1] == "untracked"
    heard.session.track("X", 7, START + 61.0)
    assert heard.rows(ORDER_BOOK_EVENTS)[-1]["state_after"] == "buffering"


def test_with_a_register_every_symbol_is_followed_and_those_without_an_instrument_give_no_rows() -> None:
    heard = Heard(register={"X": 7}.get)
    for symbol in "XY":
        heard.session.received("one", binance_depth(symbol, 100, 100, START), START)
        heard.session.snapshot(rest_book(symbol, 99, BIDS, ASKS), START)
    assert sorted(heard.session.books) == ["X", "Y"]
    assert {book.state.value for book in heard.session.books.values()} == {"synced"}
    assert {row["instrument_id"] for row in heard.rows(ORDER_BOOK_EVENTS)} == {7}


def test_frames_that_cannot_be_read_are_counted_and_told_once_a_second() -> None:
    heard = synced()
    broken = b'{"stream":"x@depth","data":{"e":"depthUpdate","s":"X","U":'
    for n in range(25):
        heard.session.received("one", broken, START + 1.0 + n / 10)
    heard.session.received("one", b"\xff\xfe", START + 4.0)
    assert heard.session.malformed == 26
    heard.session.stop(START + 5.0)
    told = [row for row in heard.rows(ORDER_BOOK_EVENTS) if row["cause"] == "malformed"]
    assert {(row["state_before"], row["state_after"]) for row in told} == {("synced", "synced")}
    assert 3 <= len(told) <= 4
    assert sum(int(row["detail"].split('"frames":')[1].split(",")[0]) for row in told) == 25


def test_an_impossible_trade_is_told_and_counts_nowhere() -> None:
    heard = synced()
    heard.session.received("one", binance_trade("X", 1, START, -5.0, 1.0), START)
    heard.session.stop(START + 5.0)
    assert "malformed" in heard.causes(ORDER_BOOK_EVENTS)
    assert heard.rows(TRADES_1S) == []


def test_walls_and_large_trades_are_rows_and_end_when_the_book_is_lost_for_good() -> None:
    large = Thresholds(SMALL.default.changed({"whales": {"floor": 20_000.0}}))
    heard = synced(thresholds=large)
    for number in range(101, 121):
        diff(heard, number, START + (number - 100) / 10, bids=[(99.95, 10.0 + number % 2)])
    diff(heard, 121, START + 3.0, bids=[(99.97, 500.0)])
    for n in range(6):
        at = START + 3.0 + n / 100
        heard.session.received("one", binance_trade("X", n, at, 99.99, 1.0 if n < 5 else 300.0), at)
    rows = heard.rows(WHALE_ACTIVITIES)
    (wall,) = (row for row in rows if row["price"] == 99.97)
    (trade,) = (row for row in rows if row["kind"] == "large_trade")
    assert (wall["kind"], wall["side"], wall["size"]) == ("wall_appeared", "bid", 500.0)
    assert (wall["ts"], wall["known_at"]) == (moment(START + 2.98), moment(START + 3.0))
    assert (trade["kind"], trade["reference"]) == ("large_trade", "5")
    diff(heard, 130, START + 4.0)
    heard.session.tick(START + 4.0 + large.default.whales.unproven)
    assert len(heard.rows(WHALE_ACTIVITIES)) == len(rows)
    heard.session.tick(START + 4.1 + large.default.whales.unproven)
    ended = [row for row in heard.rows(WHALE_ACTIVITIES)[len(rows) :] if row["price"] == 99.97]
    assert [(row["kind"], row["cause"]) for row in ended] == [("wall_ended", "unknown")]


def test_zones_come_every_ten_seconds_while_there_is_something_new() -> None:
    heard = synced()
    diff(heard, 101, START + 0.1, bids=[(99.5, 800.0)])
    for n in range(400):
        heard.session.tick(START + n / 10)
        if n % 10 == 0 and n < 300:
            diff(heard, 102 + n // 10, START + n / 10 + 0.05)
    told = {row["known_at"] for row in heard.rows(LIQUIDITY_ZONES)}
    assert 3 <= len(told) <= 4
    zone = next(row for row in heard.rows(LIQUIDITY_ZONES) if row["low"] <= 99.5 <= row["high"])
    assert (zone["side"], zone["known_to"]) == ("support", None)


def test_an_old_trade_explains_nothing_of_a_newer_book_but_counts_in_its_second() -> None:
    heard = synced(thresholds=SMALL)
    for n in range(6):
        heard.session.received("one", binance_trade("X", n, START - 60.0, 99.99, 300.0), START)
    heard.session.stop(START + 5.0)
    assert [row for row in heard.rows(WHALE_ACTIVITIES) if row["kind"] == "large_trade"] == []
    assert [row["trades"] for row in heard.rows(TRADES_1S)] == [6]


KLINE = (100.0, 101.0, 99.0, 100.5, 5.0)


def test_a_candle_is_a_row_when_the_venue_says_that_it_is_closed() -> None:
    heard = synced()
    heard.session.received("one", binance_kline("X", START, START + 30.0, KLINE, closed=False), START + 30.0)
    assert heard.rows(CANDLES) == []
    for n in range(15):
        heard.session.tick(START + 30.0 + n / 10)
    (forming,) = heard.rows(FORMING_CANDLES)
    assert (forming["ts"], forming["close"]) == (moment(START), 100.5)
    heard.session.received("one", binance_kline("X", START, START + 60.0, KLINE, closed=True), START + 60.0)
    (row,) = heard.rows(CANDLES)
    assert (row["ts"], row["source_id"], row["received_at"]) == (moment(START), 4, moment(START + 60.0))
    (table, full) = next(put for put in heard.puts if put[0] is CANDLES)
    assert full[len(table.columns)] == moment(START + 59.98)  # the venue's time, for the arrivals
    assert [(key, candle.close) for key, candle in heard.candles] == [(7, 100.5)]


def test_a_minute_whose_candle_does_not_come_is_overdue_until_it_is_filled() -> None:
    heard = synced()
    assert heard.session.overdue(START + 61.0) == []
    assert heard.session.overdue(START + 62.5) == [(7, "X", moment(START))]
    assert heard.session.overdue(START + 63.0) == []


def bars(count: int) -> list[Bar]:
    """Minutes before START with a pivot high of 102, five of them after it."""
    return [
        Bar(
            datetime.fromtimestamp(START - 60.0 * (count - n), UTC),
            *(100.0, 102.0 if n == count - 6 else 101.0, 99.0, 100.0, 10.0),
            *(None, None, None),
        )
        for n in range(count)
    ]


def swept(heard: Heard, first: float = START) -> list[dict[str, Any]]:
    kline = (100.0, 103.0, 99.5, 100.0, 50.0)
    heard.session.received("one", binance_kline("X", first, first + 60.0, kline, closed=True), first + 60.0)
    return heard.rows(LIQUIDITY_SWEEPS)


def test_a_sweep_is_seen_in_the_first_live_candle_if_the_desk_was_warmed() -> None:
    heard, cold = synced(), synced()
    heard.session.warm("X", bars(30))
    (row,) = swept(heard)
    assert (row["side"], row["pivot"], row["extreme"]) == ("high", 102.0, 103.0)
    assert row["known_at"] == moment(START + 60.0)
    assert [alert.kind for alert in heard.alerts] == ["sweep"]
    assert [row["kind"] for row in heard.rows(ORDER_BOOK_ALERTS)] == ["sweep"]
    assert swept(cold) == []


def test_bars_wait_for_a_missing_one_that_rest_brings_and_without_it_begin_anew() -> None:
    heard, given_up = synced(), synced()
    for each in (heard, given_up):
        each.session.warm("X", bars(30))
        assert swept(each, START + 60.0) == []  # the minute before it is missing
    heard.session.received("two", binance_kline("X", START, START + 125.0, KLINE, closed=True), START + 125.0)
    assert [row["ts"] for row in heard.rows(LIQUIDITY_SWEEPS)] == [moment(START + 60.0)]
    for n in range(2, 6):
        at = START + 60.0 * n
        given_up.session.received("one", binance_kline("X", at, at + 60.0, KLINE, closed=True), at + 60.0)
    assert given_up.rows(LIQUIDITY_SWEEPS) == []


def test_a_depth_stream_that_says_nothing_is_noticed_and_renewed_ever_more_seldom() -> None:
    heard = synced()
    assert heard.session.silent(START + 9.9) == []
    renewals = [n for n in range(200) if heard.session.silent(START + n) != []]
    assert renewals == [10, 20, 40, 80, 140]
    assert heard.causes(ORDER_BOOK_EVENTS) == ["started", "snapshot", "silent"]
    assert heard.session.books["X"].features is None
    diff(heard, 101, START + 200.0)
    assert heard.causes(ORDER_BOOK_EVENTS)[-1] == "continued"
    assert heard.session.silent(START + 209.0) == []
    assert heard.session.silent(START + 210.5) == [Subscription("X", Channel.DEPTH)]


def test_a_stale_book_that_holds_what_the_venue_holds_was_only_quiet() -> None:
    heard = synced()
    heard.session.silent(START + 10.5)
    known = heard.session.books["X"].last_id or 0
    heard.session.snapshot(rest_book("X", known, BIDS, ASKS), START + 11.0)
    assert heard.causes(ORDER_BOOK_EVENTS)[-2:] == ["silent", "verified"]
    assert heard.session.books["X"].counts.snapshots == 1  # nothing was replaced
    assert heard.session.silent(START + 12.0) == []
    assert heard.session.silent(START + 20.6) == [Subscription("X", Channel.DEPTH)]  # it is still watched


def test_a_stale_book_that_is_behind_the_venue_is_unproven_until_its_stream_speaks() -> None:
    heard = synced()
    heard.session.silent(START + 10.5)
    known = heard.session.books["X"].last_id or 0
    book, asked = heard.session.books["X"], len(heard.requests)
    for n in range(5):  # the market goes on, as REST shows, and no snapshot is a sign of life
        heard.session.snapshot(rest_book("X", known + 50 + n, BIDS, ASKS[1:]), START + 11.0 + 10 * n)
        assert book.state.value == "broken"
    causes = heard.causes(ORDER_BOOK_EVENTS)
    assert (causes[-6:], len(heard.requests)) == (["silent", *["unheard"] * 5], asked)
    diff(heard, known + 61, START + 61.0)
    assert (book.state.value, len(heard.requests)) == ("broken", asked + 1)
    heard.session.snapshot(rest_book("X", known + 61, BIDS, ASKS[1:]), START + 62.0)
    assert (book.state.value, book.asks(1)) == ("synced", [ASKS[1]])
    (alert,) = [alert for alert in heard.alerts if not alert.reference]
    assert alert.known_at == pytest.approx(START + 18.0, abs=0.6)  # 7.5 s after it was stale


def test_a_market_that_stands_still_is_verified_though_its_stream_never_spoke() -> None:
    heard = Heard()
    heard.session.track("X", 7, START)
    heard.session.silent(START + 10.5)
    heard.session.snapshot(rest_book("X", 50, BIDS, ASKS), START + 11.0)
    book = heard.session.books["X"]
    assert book.state.value == "buffering"
    heard.session.snapshot(rest_book("X", 50, BIDS, ASKS), START + 21.0)
    assert (book.state.value, heard.causes(ORDER_BOOK_EVENTS)[-1]) == ("synced", "verified")
    heard.session.silent(START + 31.0)
    heard.session.snapshot(rest_book("X", 51, BIDS, ASKS), START + 32.0)
    assert book.state.value == "broken"


def test_a_stale_book_is_an_alert_and_its_return_a_note() -> None:
    heard = synced()
    heard.session.silent(START + 10.5)
    for n in range(300):
        heard.session.tick(START + 10.5 + n / 10)
    diff(heard, 101, START + 41.0)
    assert [(alert.kind, alert.reference) for alert in heard.alerts] == [
        ("book_stale", ""),
        ("book_stale", "resolved"),
    ]
    assert len(heard.rows(ORDER_BOOK_ALERTS)) == 2


def test_status_comes_once_a_second_while_something_changes_and_every_five_if_not() -> None:
    heard = synced()
    for n in range(200):
        heard.session.tick(START + n / 10)
        if n < 100:
            diff(heard, 101 + n, START + n / 10 + 0.05)
    rows = heard.rows(ORDER_BOOK_STATUS)
    assert 11 <= len(rows) <= 13
    assert (rows[-1]["state"], rows[-1]["messages"], rows[-1]["gaps"]) == ("synced", 102, 0)
    assert (rows[-1]["cause"], rows[-1]["shard"], rows[-1]["run_id"]) == ("snapshot", "0/1", "run")
    assert rows[-1]["imbalance"] is not None


def test_the_status_of_a_book_that_is_dropped_does_not_stay_synced() -> None:
    heard = synced()
    for n in range(20):
        heard.session.tick(START + n / 10)
    assert heard.rows(ORDER_BOOK_STATUS)[-1]["state"] == "synced"
    heard.session.untrack("X", START + 2.0)
    last = heard.rows(ORDER_BOOK_STATUS)[-1]
    assert (last["state"], last["cause"]) == ("stopped", "untracked")
    assert last["imbalance"] is None


def test_a_replay_tells_nothing_about_now() -> None:
    heard = synced(live=False)
    heard.session.received("one", binance_kline("X", START, START + 1.0, KLINE, closed=False), START + 1.0)
    for n in range(100):
        heard.session.tick(START + n)
    heard.session.stop(START + 100.0)
    assert heard.rows(ORDER_BOOK_STATUS) == heard.rows(FORMING_CANDLES) == []


def test_two_hundred_symbols_do_not_all_tell_at_the_same_moment() -> None:
    heard = Heard()
    for n in range(200):
        heard.session.track(f"S{n}", n, START)
    largest = 0
    for n in range(100):
        before = len(heard.puts)
        heard.session.tick(START + n / 10)
        largest = max(largest, len(heard.puts) - before)
    assert 0 < largest < 50


def test_options_that_make_no_sense_are_refused() -> None:
    for wrong in ({"snapshot_seconds": -1.0}, {"levels": 0}, {"zones_seconds": 0.0}):
        with pytest.raises(ValueError, match="wanted"):
            SessionOptions(**wrong)  # type: ignore[arg-type]  # a mapping of mixed values
