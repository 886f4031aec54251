"""A book is right or says that it is not: snapshots, diffs, gaps, restarts, by each venue's rules."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.order_book.book import book as book_module
from alphapulse_assets.order_book.book.book import LONGEST_OVERLAP, Outcome
from alphapulse_assets.order_book.book.events import BookState, Cause
from alphapulse_assets.order_book.session.order_book_manager import OrderBookManager
from alphapulse_resources.streams.messages import BookRules, DepthDiff, DepthSnapshot, Notice, SequenceMark
from tests.unit.order_book_support import (
    BYBIT,
    COINBASE,
    FUTURES,
    SPOT,
    PlainBook,
    Watched,
    diff,
    snapshot,
)

EACH_REST_VENUE = pytest.mark.parametrize("rules", [SPOT, FUTURES], ids=["spot", "futures"])


def synced(rules: BookRules = SPOT) -> Watched:
    """A book synced at update 100 that has applied 101."""
    watched = Watched(rules)
    watched.book.on_snapshot(snapshot(100), 0.0)
    watched.book.on_diff(diff(101), 1.0)
    assert watched.book.state is BookState.SYNCED
    return watched


@EACH_REST_VENUE
def test_diffs_wait_for_the_snapshot_and_those_in_it_are_dropped(rules: BookRules) -> None:
    watched = Watched(rules)
    for number in (98, 99, 101):
        update = diff(number, number + (number == 99), bids=[(90.0 + number - 98, 5.0)])
        assert watched.book.on_diff(update, 0.0) is Outcome.WAITING
    assert [request.attempt for request in watched.requests] == [1]
    watched.book.on_snapshot(snapshot(99), 1.0)
    assert watched.book.state is BookState.SYNCED
    assert watched.book.bids() == [(99.0, 1.0), (98.0, 2.0), (93.0, 5.0), (91.0, 5.0)]
    assert (watched.book.counts.old, watched.book.counts.applied, watched.book.counts.book_states) == (
        1,
        2,
        3,
    )


def test_spot_drops_a_diff_that_ends_at_the_snapshot_and_futures_apply_it() -> None:
    for rules, applied in ((SPOT, 0), (FUTURES, 1)):
        watched = Watched(rules)
        watched.book.on_diff(diff(95, 100, bids=[(99.0, 1.0)]), 0.0)
        watched.book.on_snapshot(snapshot(100), 1.0)
        assert watched.book.counts.applied == applied
        assert watched.book.on_diff(diff(103, pu=100), 2.0) is Outcome.APPLIED


@EACH_REST_VENUE
def test_a_snapshot_older_than_the_first_diff_is_refused_and_another_is_asked_for(rules: BookRules) -> None:
    watched = Watched(rules)
    watched.book.on_diff(diff(105, bids=[(97.0, 5.0)]), 0.0)
    assert watched.book.on_snapshot(snapshot(90), 1.0) is Outcome.WAITING
    assert watched.book.state is BookState.BUFFERING
    assert watched.book.features is None
    assert [request.attempt for request in watched.requests] == [1, 2]
    watched.book.on_snapshot(snapshot(104), 2.0)
    assert watched.book.state is BookState.SYNCED
    assert watched.book.bids()[-1] == (97.0, 5.0)
    assert watched.told == ["snapshot_too_old", "snapshot"]


@EACH_REST_VENUE
def test_a_missing_diff_is_noticed_at_the_next_and_the_book_is_gone_at_once(rules: BookRules) -> None:
    watched = synced(rules)
    assert watched.book.on_diff(diff(103), 2.0) is Outcome.BROKE
    book, event = watched.book, watched.events[-1]
    assert (event.before, event.after, event.cause) == (BookState.SYNCED, BookState.BROKEN, Cause.GAP)
    assert (event.at, event.detail) == (2.0, {"expected": 101, "seen": 102})
    assert (book.features, book.bids(), book.counts.gaps) == (None, [], 1)
    assert [request.cause for request in watched.requests] == [Cause.GAP]


def test_the_diff_that_showed_the_gap_is_the_first_after_the_next_snapshot() -> None:
    watched = synced()
    watched.book.on_diff(diff(103, bids=[(97.0, 7.0)]), 2.0)
    watched.book.resyncing(2.5)
    watched.book.on_diff(diff(104, bids=[(96.0, 8.0)]), 3.0)
    assert watched.book.state is BookState.RESYNCING
    watched.book.on_snapshot(snapshot(102), 4.0)
    assert watched.book.bids()[2:] == [(97.0, 7.0), (96.0, 8.0)]
    assert (watched.book.counts.resyncs, watched.book.counts.gaps) == (1, 1)
    assert watched.told == ["snapshot", "gap", "requested", "snapshot"]


def test_a_first_synced_book_is_no_resync() -> None:
    assert synced().book.counts.resyncs == 0


def test_futures_ids_between_pu_and_u_belong_to_others() -> None:
    watched = synced(FUTURES)
    assert watched.book.on_diff(diff(150, 160, pu=101), 2.0) is Outcome.APPLIED
    assert watched.book.on_diff(diff(170, 180, pu=159), 3.0) is Outcome.BROKE


def test_a_futures_snapshot_may_end_between_two_diffs() -> None:
    watched = Watched(FUTURES)
    watched.book.on_diff(diff(80, 90), 0.0)
    watched.book.on_diff(diff(150, 160, pu=90), 0.0)
    watched.book.on_snapshot(snapshot(100), 1.0)
    assert watched.book.state is BookState.SYNCED
    assert watched.book.counts.gaps == 0


@EACH_REST_VENUE
def test_a_diff_that_came_twice_is_left_out(rules: BookRules) -> None:
    watched = synced(rules)
    assert watched.book.on_diff(diff(101), 2.0) is Outcome.OLD
    assert watched.book.on_diff(diff(102), 3.0) is Outcome.APPLIED


def test_old_ids_at_a_newer_time_are_a_break() -> None:
    watched = synced()
    assert watched.book.on_diff(diff(50, ms=5000), 2.0) is Outcome.BROKE
    assert watched.told[-1] == "ids_went_back"


def test_a_snapshot_that_the_stream_never_reaches_is_not_believed_for_long() -> None:
    watched = Watched()
    watched.book.on_snapshot(snapshot(1_000_000), 0.0)
    assert watched.book.on_diff(diff(7), LONGEST_OVERLAP) is Outcome.OLD
    assert watched.book.on_diff(diff(8), LONGEST_OVERLAP + 1) is Outcome.BROKE


def test_a_hole_that_the_snapshot_covers_is_told_and_breaks_nothing() -> None:
    watched = Watched()
    watched.book.on_diff(diff(90), 0.0)
    watched.book.on_snapshot(snapshot(100), 1.0)
    watched.book.on_diff(diff(95), 2.0)
    watched.book.on_diff(diff(101), 3.0)
    assert watched.book.state is BookState.SYNCED
    assert (watched.book.counts.gaps, watched.book.counts.covered_gaps) == (2, 2)
    assert watched.told == ["snapshot", "covered_gap", "covered_gap"]


def test_a_hole_in_the_buffer_makes_what_was_before_it_useless() -> None:
    watched = Watched()
    watched.book.on_diff(diff(90), 0.0)
    watched.book.on_diff(diff(95), 0.0)
    assert watched.told == ["covered_gap"]
    assert watched.book.on_snapshot(snapshot(92), 1.0) is Outcome.WAITING
    watched.book.on_snapshot(snapshot(94), 2.0)
    assert watched.book.state is BookState.SYNCED


def test_a_full_buffer_lets_go_of_the_oldest_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_module, "BUFFER", 3)
    watched = Watched()
    for number in range(101, 106):
        watched.book.on_diff(diff(number), 0.0)
    assert watched.told == ["buffer_full"]
    assert watched.book.counts.unusable == 3
    assert watched.book.on_snapshot(snapshot(102), 1.0) is Outcome.WAITING
    watched.book.on_snapshot(snapshot(103), 1.0)
    assert watched.book.last_id == 105


def test_a_crossed_book_is_broken_at_once() -> None:
    watched = synced()
    assert watched.book.on_diff(diff(102, bids=[(101.0, 1.0)]), 2.0) is Outcome.BROKE
    event = watched.events[-1]
    assert (event.cause, event.after) == (Cause.CROSSED, BookState.BROKEN)
    assert event.detail == {"last_id": 102, "bid": 101.0, "ask": 101.0}
    assert (watched.book.counts.crossed, watched.book.features) == (1, None)


def test_a_crossed_snapshot_is_not_a_state() -> None:
    watched = Watched()
    assert watched.book.on_snapshot(snapshot(1, bids=[(200.0, 1.0)]), 0.0) is Outcome.BROKE
    assert watched.book.counts.book_states == 0


def test_a_level_that_cannot_be_breaks_the_book() -> None:
    watched = synced()
    assert watched.book.on_diff(diff(102, bids=[(float("nan"), 1.0)]), 2.0) is Outcome.BROKE
    assert watched.told[-1] == "bad_level"
    assert watched.book.on_diff(diff(103), 3.0) is Outcome.WAITING


def test_a_stale_book_goes_on_only_without_a_gap() -> None:
    for next_diff, state in ((diff(102), BookState.SYNCED), (diff(103), BookState.BROKEN)):
        watched = synced()
        watched.book.mark_stale(Cause.SILENT, 2.0)
        assert watched.book.features is None
        watched.book.on_diff(next_diff, 3.0)
        assert watched.book.state is state


def test_after_a_reconnect_the_same_updates_may_come_cut_otherwise() -> None:
    watched = synced()
    watched.book.mark_stale(Cause.RECONNECTED, 2.0)
    assert watched.book.on_diff(diff(99, 100), 2.0) is Outcome.OLD
    assert watched.book.state is BookState.STALE
    assert watched.book.on_diff(diff(101, 103, bids=[(97.0, 1.0)]), 3.0) is Outcome.APPLIED
    assert watched.told[-2:] == ["reconnected", "continued"]


def test_order_flow_of_an_interval_with_a_break_is_not_complete() -> None:
    watched = synced()
    watched.book.take_flow(2.0)
    watched.book.on_diff(diff(102, bids=[(99.0, 4.0)]), 2.5)
    flow = watched.book.take_flow(3.0)
    assert (flow.start, flow.end, flow.imbalance, flow.messages, flow.complete) == (2.0, 3.0, 3.0, 1, True)
    watched.book.on_diff(diff(110), 3.5)
    watched.book.on_snapshot(snapshot(110), 3.6)
    assert not watched.book.take_flow(4.0).complete
    assert watched.book.take_flow(5.0).complete


# venues whose snapshot comes over the socket


def test_bybit_deltas_without_their_snapshot_are_noticed() -> None:
    watched = Watched(BYBIT)
    assert watched.book.on_diff(diff(7), 0.0) is Outcome.WAITING
    assert watched.told == ["no_snapshot"]
    assert (watched.book.counts.gaps, len(watched.requests)) == (1, 1)
    watched.book.on_snapshot(snapshot(9), 1.0)
    assert watched.book.on_diff(diff(10), 2.0) is Outcome.APPLIED
    assert watched.book.counts.resyncs == 1


def test_a_bybit_gap_is_mended_by_the_next_snapshot_only() -> None:
    watched = synced(BYBIT)
    watched.book.on_diff(diff(103), 2.0)
    assert watched.book.on_diff(diff(104), 2.0) is Outcome.WAITING
    watched.book.on_snapshot(snapshot(105), 3.0)
    assert watched.book.bids() == snapshot(105).bids
    assert (watched.book.counts.resyncs, watched.book.counts.unusable) == (1, 2)


def test_a_bybit_restart_replaces_the_book_and_counts_anew() -> None:
    watched = synced(BYBIT)
    restart = DepthSnapshot("X", 1, [(50.0, 1.0)], [(51.0, 1.0)], limit=500, windowed=True, restarted=True)
    watched.book.on_snapshot(restart, 2.0)
    assert watched.told == ["snapshot", "service_restart"]
    assert watched.book.on_diff(diff(2), 3.0) is Outcome.APPLIED
    assert watched.book.counts.gaps == 0


@pytest.mark.parametrize(("last_id", "gaps"), [(101, 0), (102, 0), (103, 1)])
def test_a_bybit_snapshot_unasked_shows_whether_something_was_missed(last_id: int, gaps: int) -> None:
    watched = synced(BYBIT)
    watched.book.on_snapshot(snapshot(last_id), 2.0)
    assert watched.book.state is BookState.SYNCED
    assert (watched.book.counts.gaps, watched.book.counts.resyncs) == (gaps, gaps)


def coinbase_keeper(*products: str) -> tuple[OrderBookManager, list[Any]]:
    events: list[Any] = []
    manager = OrderBookManager(COINBASE, emit=events.append, request=events.append)
    for number, product in enumerate(products):
        manager.receive(SequenceMark(number, number), "one", 0.0)
        manager.receive(DepthSnapshot(product, number, [(1.0, 1.0)], [(2.0, 1.0)]), "one", 0.0)
    return manager, events


def states(manager: OrderBookManager) -> list[str]:
    return [book.state.value for book in manager.books.values()]


def test_coinbase_messages_of_any_channel_keep_the_count() -> None:
    manager, _ = coinbase_keeper("A-USD")
    manager.receive(SequenceMark(1, 1), "one", 1.0)
    manager.receive(Notice("heartbeats"), "one", 1.0)
    manager.receive(SequenceMark(2, 2), "one", 2.0)
    assert manager.receive(DepthDiff("A-USD", 2, 2, 2, [(1.5, 1.0)], [], 2), "one", 2.0) is Outcome.APPLIED
    assert manager.gaps == 0


def test_a_hole_in_a_coinbase_connection_breaks_all_its_books_and_no_others() -> None:
    manager, _ = coinbase_keeper("A-USD", "B-USD")
    manager.receive(SequenceMark(0, 0), "two", 0.0)
    manager.receive(DepthSnapshot("C-USD", 0, [(1.0, 1.0)], [(2.0, 1.0)]), "two", 0.0)
    manager.receive(SequenceMark(3, 3), "one", 1.0)
    assert states(manager) == ["broken", "broken", "synced"]
    assert manager.gaps == 1
    assert manager.receive(DepthDiff("A-USD", 3, 3, 3, [], [], 3), "one", 1.0) is Outcome.WAITING
    manager.receive(SequenceMark(4, 4), "one", 2.0)
    manager.receive(DepthSnapshot("A-USD", 4, [(1.0, 1.0)], [(2.0, 1.0)]), "one", 2.0)
    assert states(manager) == ["synced", "broken", "synced"]
    assert manager.books["A-USD"].counts.resyncs == 1


def test_a_coinbase_message_that_came_twice_is_no_hole_and_a_new_count_is_one() -> None:
    manager, _ = coinbase_keeper("A-USD", "B-USD")
    manager.receive(SequenceMark(0, 0), "one", 1.0)
    assert states(manager) == ["synced", "synced"]
    manager.receive(SequenceMark(0, 99), "one", 1.0)
    assert states(manager) == ["broken", "broken"]


def test_a_coinbase_snapshot_that_was_overtaken_is_not_believed() -> None:
    manager, _ = coinbase_keeper("A-USD")
    manager.receive(SequenceMark(2, 2), "one", 1.0)  # 1 is the snapshot
    assert manager.receive(DepthDiff("A-USD", 2, 2, 2, [(1.5, 1.0)], [], 2), "one", 1.0) is Outcome.WAITING
    manager.receive(SequenceMark(1, 1), "one", 1.0)
    late = DepthSnapshot("A-USD", 1, [(1.0, 1.0)], [(2.0, 1.0)])
    assert manager.receive(late, "one", 1.0) is Outcome.OLD
    manager.receive(SequenceMark(3, 3), "one", 2.0)
    assert manager.receive(DepthDiff("A-USD", 3, 3, 3, [], [], 3), "one", 2.0) is Outcome.WAITING
    assert states(manager) == ["broken"]


def test_a_coinbase_update_that_came_again_after_a_later_one_changes_nothing() -> None:
    manager, _ = coinbase_keeper("A-USD")
    sizes = {1: 5.0, 2: 7.0}
    for number in (1, 2, 1):
        manager.receive(SequenceMark(number, number), "one", 1.0)
        update = DepthDiff("A-USD", number, number, number, [(1.0, sizes[number])], [], number)
        manager.receive(update, "one", 1.0)
    assert states(manager) == ["synced"]
    assert manager.books["A-USD"].bids() == [(1.0, 7.0)]


def test_a_coinbase_reconnect_needs_new_snapshots() -> None:
    manager, _ = coinbase_keeper("A-USD")
    manager.opened("one", 1.0)
    assert states(manager) == ["broken"]
    manager.receive(SequenceMark(77, 77), "one", 2.0)
    assert manager.gaps == 0


def test_one_symbols_gap_leaves_the_others_alone() -> None:
    manager = OrderBookManager(SPOT, emit=list[Any]().append, request=list[Any]().append)
    for symbol in "AB":
        manager.book(symbol).on_snapshot(DepthSnapshot(symbol, 100, [(1.0, 1.0)], [(2.0, 1.0)]), 0.0)
    manager.receive(DepthDiff("A", 104, 105, 105, [], [], 1), "one", 1.0)
    manager.receive(DepthDiff("B", 100, 101, 101, [], [], 1), "one", 1.0)
    assert states(manager) == ["broken", "synced"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["send", "send", "send", "send", "lose", "twice", "snapshot", "old snapshot", "silent"]
        ),
        st.integers(1, 20),
        st.sampled_from([0.0, 1.0, 2.0]),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(STEPS, st.sampled_from([SPOT, FUTURES]), st.booleans())
def test_a_synced_book_is_the_venues_book_whatever_happened(
    steps: list[tuple[str, int, float]], rules: BookRules, strided: bool
) -> None:
    """The venue's book, update by update, is the truth that a synced book of the same id must equal."""
    watched, venue = Watched(rules), PlainBook({99.0: 1.0}, {101.0: 1.0})
    truth = {100: venue.levels}
    last = 100
    for number, (what, tick, size) in enumerate(steps):
        at = float(number)
        if what == "silent":
            watched.book.mark_stale(Cause.SILENT, at)
        elif what.endswith("snapshot"):
            known = last if what == "snapshot" else min(truth)
            watched.book.on_snapshot(snapshot(known, *truth[known]), at)
        else:
            first = last + 1 + 5 * (strided and rules is FUTURES)
            change = [(float(100 - tick), size)]
            update = diff(first, first + 2, pu=last, bids=change, ms=number)
            venue.apply(change, [])
            last = first + 2
            truth[last] = venue.levels
            for _ in range({"lose": 0, "twice": 2}.get(what, 1)):
                watched.book.on_diff(update, at)
        if watched.book.features is not None:
            assert watched.book.last_id in truth
            assert (watched.book.bids(), watched.book.asks()) == truth[watched.book.last_id]
            assert watched.book.last_id == last or what not in ("send", "twice")
    for event, following in zip(watched.events, watched.events[1:], strict=False):
        assert following.before is event.after
