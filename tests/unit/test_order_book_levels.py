"""Levels and features agree with a plain book, whatever comes."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.order_book.book import kernels
from alphapulse_assets.order_book.book.features import Features, Measures
from alphapulse_assets.order_book.book.levels import LevelStore
from alphapulse_resources.streams.messages import DepthDiff, DepthSnapshot, Levels
from tests.unit.order_book_support import PlainBook, diff, snapshot

TICKS = st.integers(1, 60)
SIZES = st.one_of(st.just(0.0), st.floats(1e-8, 1e6))
CHANGES = st.lists(st.tuples(TICKS, SIZES), max_size=12)


def bids(changes: list[tuple[int, float]]) -> Levels:
    return [(1000.0 - tick, size) for tick, size in changes]


def asks(changes: list[tuple[int, float]]) -> Levels:
    return [(1000.0 + tick, size) for tick, size in changes]


def both(store: LevelStore) -> tuple[Levels, Levels]:
    return store.bids(), store.asks()


@settings(max_examples=150, deadline=None)
@given(CHANGES, CHANGES, st.lists(st.tuples(CHANGES, CHANGES), max_size=12))
def test_any_changes_leave_the_levels_of_a_plain_book(
    first_bids: list[tuple[int, float]],
    first_asks: list[tuple[int, float]],
    diffs: list[tuple[list[tuple[int, float]], list[tuple[int, float]]]],
) -> None:
    store, plain = LevelStore(Measures()), PlainBook({}, {})
    assert store.load(snapshot(1, bids(first_bids), asks(first_asks))) == kernels.APPLIED
    plain.apply(bids(first_bids), asks(first_asks))
    assert both(store) == plain.levels
    for changed_bids, changed_asks in diffs:
        assert store.apply(diff(2, bids=bids(changed_bids), asks=asks(changed_asks))) == kernels.APPLIED
        plain.apply(bids(changed_bids), asks(changed_asks))
        assert both(store) == plain.levels


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40), SIZES), max_size=40))
def test_a_book_is_crossed_exactly_when_a_plain_book_is(changes: list[tuple[bool, int, float]]) -> None:
    store, plain = LevelStore(Measures()), PlainBook({}, {})
    store.load(snapshot(1, [], []))
    for is_bid, price, size in changes:
        one = [(float(price), size)]
        status = store.apply(diff(2, bids=one if is_bid else [], asks=[] if is_bid else one))
        plain.apply(one if is_bid else [], [] if is_bid else one)
        assert (status == kernels.CROSSED) is plain.crossed


def test_a_book_grows_beyond_the_room_it_began_with() -> None:
    store, many = LevelStore(Measures()), [(tick, 1.0) for tick in range(1, 900)]
    store.load(snapshot(1, bids(many), asks(many)))
    more = [(tick, 2.0) for tick in range(900, 950)]
    for step in more:
        store.apply(diff(2, bids=bids([step]), asks=asks([step])))
    assert both(store) == (bids(many + more), asks(many + more))


@pytest.mark.parametrize(
    "bad", [(-1.0, 1.0), (0.0, 1.0), (math.nan, 1.0), (math.inf, 1.0), (9.0, -1.0), (9.0, math.nan)]
)
def test_a_level_that_cannot_be_changes_nothing(bad: tuple[float, float]) -> None:
    store = LevelStore(Measures())
    store.load(snapshot(1))
    before = both(store)
    assert store.apply(diff(2, bids=[(97.0, 1.0), bad])) == kernels.BAD_LEVEL
    assert both(store) == before


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CHANGES, CHANGES), min_size=1, max_size=6))
def test_many_changes_at_once_give_the_book_that_one_by_one_gives(
    diffs: list[tuple[list[tuple[int, float]], list[tuple[int, float]]]],
) -> None:
    single, bulk = LevelStore(Measures()), LevelStore(Measures())
    for store in (single, bulk):
        store.load(snapshot(1, [(900.0, 1.0)], [(1100.0, 1.0)]))
    with pytest.MonkeyPatch.context() as patch:
        for changed_bids, changed_asks in diffs:
            message = diff(2, bids=bids(changed_bids), asks=asks(changed_asks))
            patch.setattr("alphapulse_assets.order_book.book.levels.BULK", 10_000)
            one_by_one = single.apply(message)
            patch.setattr("alphapulse_assets.order_book.book.levels.BULK", -1)
            assert bulk.apply(message) == one_by_one
            assert both(bulk) == both(single)
            assert bulk.features == pytest.approx(single.features, nan_ok=True)
    assert bulk.take_flow() == pytest.approx(single.take_flow())


def test_a_snapshot_of_many_levels_is_loaded_in_any_order_and_a_price_told_twice_counts_once() -> None:
    prices = [float(price) for price in range(1, 30_000)]
    random.Random(1).shuffle(prices)
    many = [(price, 1.0 + price % 7) for price in prices]
    above = [(price + 50_000.0, size) for price, size in many]
    store = LevelStore(Measures())
    store.load(snapshot(1, [*many, (5.0, 0.0), (6.0, 99.0)], above))
    expected = {price: size for price, size in many if price != 5.0} | {6.0: 99.0}
    assert store.bids() == sorted(expected.items(), reverse=True)
    assert store.asks() == sorted(above)


@settings(max_examples=100, deadline=None)
@given(CHANGES.filter(bool), CHANGES.filter(bool))
def test_features_are_what_their_formulas_say(
    some_bids: list[tuple[int, float]], some_asks: list[tuple[int, float]]
) -> None:
    measures = Measures(imbalance_levels=3, bands_bps=(50.0, 200.0))
    store, plain = LevelStore(measures), PlainBook({}, {})
    store.load(snapshot(1, bids(some_bids), asks(some_asks)))
    plain.apply(bids(some_bids), asks(some_asks))
    if plain.bids and plain.asks:
        assert store.features == pytest.approx(reference(*plain.levels, measures), rel=1e-9)
    else:
        assert all(map(math.isnan, store.features))


def reference(bid_levels: Levels, ask_levels: Levels, measures: Measures) -> Features:
    """The features by numpy, straight from their definitions."""
    (bid, bid_size), (ask, ask_size) = bid_levels[0], ask_levels[0]
    mid = (bid + ask) / 2
    slopes, depths, near = [], [], []
    for levels in (bid_levels, ask_levels):
        prices, sizes = np.array(levels).T
        distance = np.abs(prices - mid) / mid * 1e4
        notional = np.cumsum(prices * sizes)
        best = slice(0, measures.imbalance_levels)
        slopes.append(float(distance[best] @ notional[best] / (distance[best] @ distance[best])))
        near.append(float(sizes[best].sum()))
        depths += [float((prices * sizes)[distance <= band].sum()) for band in measures.bands_bps]
    imbalance = (near[0] - near[1]) / (near[0] + near[1])
    weighted = (bid * ask_size + ask * bid_size) / (bid_size + ask_size)
    return Features(
        bid, bid_size, ask, ask_size, mid, ask - bid, weighted, imbalance, slopes[0], slopes[1], *depths
    )


def test_the_weighted_mid_leans_to_the_thinner_side() -> None:
    store = LevelStore(Measures())
    store.load(snapshot(1, [(100.0, 9.0)], [(102.0, 1.0)]))
    assert store.features.weighted_mid == pytest.approx(101.8)
    assert store.features.spread_bps == pytest.approx(2 / 101 * 1e4)


def test_depth_beyond_the_snapshots_horizon_is_unknown_and_not_zero() -> None:
    store = LevelStore(Measures(bands_bps=(150.0, 400.0)))
    store.load(snapshot(1, [(99.0, 1.0), (98.0, 1.0)], [(101.0, 1.0)], limit=2))
    features = store.features
    assert store.horizon == (98.0, math.inf)  # fewer asks than were asked for: all of them
    assert features.bid_depth_near == 99.0
    assert math.isnan(features.bid_depth_far)
    assert (features.ask_depth_near, features.ask_depth_far) == (101.0, 101.0)


def test_levels_that_come_beyond_the_horizon_do_not_make_it_known() -> None:
    store = LevelStore(Measures(bands_bps=(150.0, 400.0)))
    store.load(snapshot(1, [(99.0, 1.0), (98.0, 1.0)], [(101.0, 1.0)], limit=2))
    store.apply(diff(2, bids=[(97.0, 5.0)]))
    assert store.bids() == [(99.0, 1.0), (98.0, 1.0), (97.0, 5.0)]
    assert math.isnan(store.features.bid_depth_far)


def test_a_whole_book_has_no_horizon() -> None:
    store = LevelStore(Measures())
    store.load(snapshot(1))
    assert store.horizon == (0.0, math.inf)
    assert store.features.bid_depth_far == 0.0


def test_a_windowed_book_forgets_what_the_stream_no_longer_speaks_of() -> None:
    store = LevelStore(Measures())
    window = DepthSnapshot(
        "X", 1, [(99.0, 1.0), (98.0, 1.0)], [(101.0, 1.0), (102.0, 1.0)], limit=2, windowed=True
    )
    store.load(window)
    store.apply(diff(2, bids=[(99.5, 3.0)], asks=[(101.0, 0.0)]))
    assert both(store) == ([(99.5, 3.0), (99.0, 1.0)], [(102.0, 1.0)])
    assert store.horizon == (99.0, 102.0)


def test_inverse_contracts_are_worth_the_same_at_every_price() -> None:
    store = LevelStore(Measures(bands_bps=(150.0, 400.0), contract=100.0, inverse=True))
    store.load(snapshot(1))
    assert (store.features.bid_depth_near, store.features.bid_depth_far) == (100.0, 300.0)


@pytest.mark.parametrize("wrong", [{"imbalance_levels": 0}, {"bands_bps": (50.0, 10.0)}, {"contract": 0.0}])
def test_measures_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cannot be measured"):
        Measures(**wrong)  # type: ignore[arg-type]  # wrong on purpose


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(CHANGES, CHANGES), min_size=1, max_size=8))
def test_order_flow_is_what_cont_kukanov_and_stoikov_say_at_every_level(
    diffs: list[tuple[list[tuple[int, float]], list[tuple[int, float]]]],
) -> None:
    store, plain = LevelStore(Measures()), PlainBook({999.0: 5.0}, {1001.0: 5.0})
    store.load(snapshot(1, *plain.levels))
    expected = np.zeros(kernels.OFI_LEVELS)
    for changed_bids, changed_asks in diffs:
        before = plain.levels
        store.apply(DepthDiff("X", 1, 2, 2, bids(changed_bids), asks(changed_asks), 0))
        plain.apply(bids(changed_bids), asks(changed_asks))
        expected += [flow(before, plain.levels, level) for level in range(kernels.OFI_LEVELS)]
    assert store.take_flow() == pytest.approx(expected, rel=1e-9, abs=1e-6)
    assert store.take_flow() == (0.0,) * kernels.OFI_LEVELS


def flow(before: tuple[Levels, Levels], now: tuple[Levels, Levels], level: int) -> float:
    """e of the paper at one level; no level is one of size 0 at the far end."""
    (bid, bid_size), (old_bid, old_bid_size) = (at(book[0], level, -math.inf) for book in (now, before))
    (ask, ask_size), (old_ask, old_ask_size) = (at(book[1], level, math.inf) for book in (now, before))
    return (
        (bid >= old_bid) * bid_size
        - (bid <= old_bid) * old_bid_size
        - (ask <= old_ask) * ask_size
        + (ask >= old_ask) * old_ask_size
    )


def at(levels: Levels, level: int, absent: float) -> tuple[float, float]:
    return levels[level] if level < len(levels) else (absent, 0.0)
