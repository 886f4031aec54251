"""Several connections, one after the other or both at once: what it does to books, trades and candles."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.order_book.book.book import Outcome
from alphapulse_assets.order_book.book.events import BookState, Cause
from alphapulse_assets.order_book.session.order_book_manager import OrderBookManager
from alphapulse_resources.streams.messages import (
    BookRules,
    Candle,
    DepthDiff,
    DepthSnapshot,
    SequenceMark,
)
from alphapulse_resources.streams.protocols import Channel, Subscription
from alphapulse_resources.streams.tables import CANDLES, ORDER_BOOK_EVENTS, TRADES_1S
from tests.unit.market_session_support import START, Heard, coinbase, coinbase_book
from tests.unit.order_book_support import BYBIT, COINBASE, FUTURES, SPOT, PlainBook

BIDS = [(99.0, 1.0), (98.0, 2.0)]
ASKS = [(101.0, 1.0), (102.0, 2.0)]


class Kept:
    """A manager of one synced book X at update 100, and what it said."""

    def __init__(self, rules: BookRules, connection: str = "one") -> None:
        self.events: list[Any] = []
        self.requests: list[Any] = []
        self.manager = OrderBookManager(
            rules, emit=self.events.append, request=self.requests.append, tracked_only=True
        )
        self.book = self.manager.track("X")
        if rules.snapshot_in_stream:
            self.snapshot(connection, 100, 0.0)
        else:
            self.diff(connection, 100, 0.0)
            self.book.on_snapshot(DepthSnapshot("X", 99, BIDS, ASKS), 0.0)
        self.events.clear()

    def mark(self, connection: str, number: int) -> None:
        self.manager.receive(SequenceMark(number, number), connection, 1.0)

    def snapshot(self, connection: str, last: int, at: float) -> Outcome | None:
        return self.manager.receive(DepthSnapshot("X", last, BIDS, ASKS, venue_ms=last), connection, at)

    def diff(self, connection: str, last: int, at: float, *, first: int | None = None) -> Outcome | None:
        first = last if first is None else first
        numbered = self.manager._rules.numbers_connections
        previous = last if numbered else first - 1
        return self.manager.receive(DepthDiff("X", previous, first, last, [], [], last), connection, at)

    @property
    def told(self) -> list[str]:
        return [event.cause.value for event in self.events]


@pytest.mark.parametrize("rules", [SPOT, FUTURES, BYBIT, COINBASE])
def test_a_book_whose_only_connection_is_gone_is_stale_at_once(rules: BookRules) -> None:
    kept = Kept(rules)
    kept.manager.closed("one", 5.0)
    assert (kept.book.state, kept.told) == (BookState.STALE, ["disconnected"])
    assert kept.book.features is None


@pytest.mark.parametrize("rules", [SPOT, FUTURES])
def test_a_connection_that_takes_over_keeps_the_book_synced_and_repeats_count_as_old(
    rules: BookRules,
) -> None:
    kept = Kept(rules)
    for number in (101, 102, 103):
        assert kept.diff("one", number, 1.0) is Outcome.APPLIED
        assert kept.diff("two", number, 1.1) is Outcome.OLD
    kept.manager.closed("one", 2.0)
    assert kept.diff("two", 104, 2.1) is Outcome.APPLIED
    assert (kept.told, kept.book.counts.old, kept.book.counts.applied) == ([], 3, 5)


def test_updates_that_a_second_connection_cuts_otherwise_do_not_break_the_book() -> None:
    kept = Kept(SPOT)
    outcomes = [
        kept.diff(connection, last, 1.0 + last / 100, first=first)
        for connection, first, last in (
            ("one", 101, 105),
            ("two", 99, 103),
            ("two", 104, 108),
            ("one", 106, 110),
            ("two", 109, 112),
        )
    ]
    applied, old = Outcome.APPLIED, Outcome.OLD
    assert outcomes == [applied, old, applied, applied, applied]
    kept.manager.closed("one", 3.0)
    assert kept.diff("two", 116, 3.1, first=113) is applied
    assert (kept.told, kept.book.last_id) == ([], 116)


def test_a_gap_is_noticed_also_while_two_connections_deliver() -> None:
    kept = Kept(SPOT)
    kept.diff("two", 100, 1.0)
    assert kept.diff("two", 105, 1.1) is Outcome.BROKE
    assert kept.told == ["gap"]


def test_one_connection_alone_is_judged_strictly_again_after_a_while() -> None:
    kept = Kept(SPOT)
    kept.diff("two", 101, 1.0)
    kept.manager.closed("one", 2.0)
    assert kept.diff("two", 103, 100.0, first=101) is Outcome.BROKE


UPDATES = st.lists(st.integers(1, 4), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None)
@given(UPDATES, st.lists(st.integers(1, 6), min_size=1, max_size=60), st.data())
def test_two_connections_cut_any_way_and_mixed_any_way_give_the_venues_book(
    cuts: list[int], other_cuts: list[int], data: st.DataObject
) -> None:
    """Each connection tells in order all that there is; levels change update by update."""
    total = sum(cuts)
    changes = {100 + n: (float(90 + n % 9), float(n % 4)) for n in range(1, total + 1)}
    one, two = messages(cuts, changes), messages(other_cuts, changes)
    kept = Kept(SPOT)
    truth = PlainBook(dict(BIDS), dict(ASKS))
    states = {100: truth.levels}
    for number, change in changes.items():
        truth.apply([change] if change[1] or change[0] in truth.bids else [], [])
        states[number] = truth.levels
    at = 1.0
    while one or two:
        first = bool(one) and (not two or data.draw(st.booleans()))
        message = (one if first else two).pop(0)
        at += 0.1
        kept.manager.receive(message, "one" if first else "two", at)
        assert kept.book.state is BookState.SYNCED
        assert (kept.book.bids(), kept.book.asks()) == states[kept.book.last_id or 0]
    kept.manager.closed("one", at)
    assert kept.book.state is BookState.SYNCED
    assert kept.book.last_id == 100 + total


def messages(cuts: list[int], changes: dict[int, tuple[float, float]]) -> list[DepthDiff]:
    """The changes in messages of so many updates each, all of them told."""
    found, last, end = [], 100, 100 + len(changes)
    for cut in [*cuts, *[4] * len(changes)]:
        first, last = last + 1, min(last + cut, end)
        if first > last:
            break
        levels = dict(changes[number] for number in range(first, last + 1))
        found.append(DepthDiff("X", first - 1, first, last, list(levels.items()), [], last))
    return found


@pytest.mark.parametrize("rules", [BYBIT, COINBASE])
def test_a_book_belongs_to_the_connection_whose_snapshot_it_was_built_from(rules: BookRules) -> None:
    kept = Kept(rules)
    assert kept.diff("one", 101, 1.0) is Outcome.APPLIED
    assert kept.diff("two", 7, 1.1) is Outcome.STRAY
    assert kept.snapshot("two", 8, 1.2) is Outcome.APPLIED
    assert kept.diff("one", 102, 1.3) is Outcome.STRAY
    assert kept.diff("two", 9, 1.4) is Outcome.APPLIED
    kept.manager.closed("one", 2.0)
    assert kept.diff("two", 10, 2.1) is Outcome.APPLIED
    assert (kept.told, kept.manager.strays, kept.requests) == (["snapshot_replaced"], 2, [])


def test_a_coinbase_diff_of_the_next_connection_does_not_revive_the_book_before_its_snapshot() -> None:
    kept = Kept(COINBASE)
    kept.manager.closed("one", 1.0)
    assert kept.diff("two", 5, 2.0) is Outcome.STRAY
    assert kept.book.state is BookState.STALE
    assert kept.snapshot("two", 6, 3.0) is Outcome.APPLIED
    assert (kept.book.state, kept.diff("two", 7, 3.1)) == (BookState.SYNCED, Outcome.APPLIED)


def test_a_hole_in_another_connection_leaves_a_coinbase_book_alone() -> None:
    kept = Kept(COINBASE)
    kept.mark("two", 1)
    kept.diff("two", 1, 1.0)
    kept.mark("two", 5)
    assert (kept.book.state, kept.manager.gaps) == (BookState.SYNCED, 1)


def test_connections_that_are_gone_are_forgotten_but_their_gaps_still_count() -> None:
    kept = Kept(COINBASE, "c0")
    for n in range(1, 500):
        kept.mark(f"c{n}", 1)
        kept.snapshot(f"c{n}", 100 + n, float(n))
        kept.mark(f"c{n}", 1 + 1 + (n == 3))
        kept.manager.closed(f"c{n - 1}", float(n))
    sizes = [len(kept.manager._sequences), len(kept.manager._fed_by), len(kept.manager._feeders["X"])]
    assert sizes == [1, 1, 1]
    assert kept.manager.gaps == 1


def test_what_is_untracked_is_forgotten_with_its_connections() -> None:
    kept = Kept(SPOT)
    kept.manager.untrack("X")
    assert kept.diff("one", 101, 1.0) is None
    kept.manager.closed("one", 2.0)
    assert (kept.manager.books, kept.manager.untracked, kept.told) == ({}, 1, [])


def test_a_candle_is_no_matter_of_books() -> None:
    kept = Kept(SPOT)
    candle = Candle("X", 0, 1.0, 1.0, 1.0, 1.0, 1.0, True, 1)
    assert kept.manager.receive(candle, "one", 1.0) is None
    assert kept.told == []


def traded(number: int, seq: int, at: float, price: float = 100.0) -> bytes:
    """A trade of Coinbase's, by a buyer: the maker sold."""
    moment = json.loads(coinbase(seq, at, "market_trades"))["timestamp"]
    trade = {"trade_id": str(number), "product_id": "X-USD", "price": repr(price), "size": "1.0"}
    event = {"type": "update", "trades": [trade | {"side": "SELL", "time": moment}]}
    return coinbase(seq, at, "market_trades", event)


def coinbase_session() -> Heard:
    heard = Heard("coinbase")
    heard.session.track("X-USD", 7, START - 5.0)
    heard.session.opened("one", START - 4.0)
    book = coinbase_book("snapshot", "X-USD", BIDS, ASKS)
    heard.session.received("one", coinbase(0, START + 0.1, "l2_data", book), START + 0.1)
    return heard


def test_a_hole_in_the_numbers_makes_the_seconds_around_it_incomplete_and_asks_for_a_book() -> None:
    heard = coinbase_session()
    for seq, second in enumerate((1, 2, 3, 5, 6), 1):
        at = START + second
        heard.session.received("one", traded(seq, seq + (second > 3), at), at)
    heard.session.tick(START + 20.0)
    complete = {
        row["ts"].second - 60 * (row["ts"].second > 50): row["complete"] for row in heard.rows(TRADES_1S)
    }
    assert list(complete.values()) == [False, True, False, False, True]
    assert [request.cause for request in heard.requests] == [Cause.CONNECTION_GAP]


def test_minutes_are_made_of_trades_and_one_with_a_hole_is_left_to_rest() -> None:
    heard = Heard("coinbase")
    heard.session.track("X-USD", 7, START - 70.0)
    for seq, at in enumerate((-10.0, 0.5, 10.0, 59.0, 61.0)):
        heard.session.received("one", traded(seq, seq, START + at, 100.0 + seq), START + at)
    for n in range(20):
        heard.session.tick(START + 61.0 + n / 10)
    (row,) = heard.rows(CANDLES)
    assert (row["open"], row["high"], row["close"], row["volume"]) == (101.0, 103.0, 103.0, 3.0)
    assert (row["quote_volume"], row["trades"]) == (None, None)
    heard.session.closed("one", START + 70.0)
    heard.session.received("two", traded(9, 0, START + 80.0), START + 80.0)
    heard.session.received("two", traded(10, 1, START + 119.0), START + 119.0)
    heard.session.tick(START + 125.0)
    assert len(heard.rows(CANDLES)) == 1
    overdue = [ts.timestamp() - START for _, _, ts in heard.session.overdue(START + 125.0)]
    assert 60.0 in overdue
    assert 0.0 not in overdue


def test_trades_that_a_second_connection_repeats_count_once() -> None:
    heard = coinbase_session()
    for n in range(5):
        at = START + 1.1 + n / 10
        heard.session.received("one", traded(n, n + 1, at), at)
        heard.session.received("two", traded(n, n, at), at + 0.01)
    heard.session.closed("one", START + 1.6)  # the other one still tells of them
    heard.session.received("two", traded(5, 5, START + 2.1), START + 2.1)
    heard.session.received("two", traded(6, 6, START + 3.1), START + 3.1)
    heard.session.tick(START + 10.0)
    assert [(row["trades"], row["complete"]) for row in heard.rows(TRADES_1S)] == [
        (5, False),
        (1, True),
        (1, True),
    ]


def test_a_stream_that_gives_no_snapshot_is_renewed_though_it_speaks() -> None:
    heard = coinbase_session()
    heard.session.closed("one", START + 1.0)
    for n in range(1, 25):
        update = coinbase_book("update", "X-USD", [(99.0, float(n))], [])
        heard.session.received(
            "two", coinbase(n, START + 1.0 + n / 2, "l2_data", update), START + 1.0 + n / 2
        )
    assert heard.session.silent(START + 12.0) == [Subscription("X-USD", Channel.DEPTH)]
    assert heard.causes(ORDER_BOOK_EVENTS) == ["started", "snapshot", "disconnected"]
