"""Depth by price bins: sums of levels, unknown is not zero, moments line up, rows come at beats."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.book.levels import LevelStore
from alphapulse_assets.order_book.depth.bins import DepthBins, DepthGrid
from alphapulse_resources.streams.messages import Levels
from alphapulse_resources.streams.tables import ORDER_BOOK_DEPTH
from tests.unit.market_session_support import (
    ASKS,
    BIDS,
    START,
    Heard,
    binance_depth,
    moment,
    rest_book,
    synced,
)
from tests.unit.order_book_support import diff, snapshot

GRID = DepthGrid(2.0, 200.0)
SIDES = st.lists(st.tuples(st.integers(1, 900), st.floats(1e-6, 1e6)), min_size=1, max_size=40)


def levels(sign: int, ticks: list[tuple[int, float]], mid: float = 1000.0) -> Levels:
    """Levels so many basis points of a thousandth away from mid, each price once."""
    return [(mid * (1 + sign * tick / 20_000), size) for tick, size in dict(ticks).items()]


def read(
    bids: Levels, asks: Levels, *, limit: int | None = None, grid: DepthGrid = GRID, measures: Any = None
) -> DepthBins:
    store = LevelStore(measures or Measures())
    store.load(snapshot(1, bids, asks, limit=limit))
    return grid.read(*store.arrays)


def bin_of(price: float, bps: float = 2.0) -> int:
    return math.floor(math.log(price) / math.log1p(bps / 1e4))


@settings(max_examples=150, deadline=None)
@given(SIDES, SIDES)
def test_each_bin_holds_the_levels_whose_price_lies_in_it(bids: Any, asks: Any) -> None:
    below, above = levels(-1, bids), levels(1, asks)
    found = read(below, above)
    mid = (max(below)[0] + min(above)[0]) / 2
    assert (found.mid, found.mid_bin) == (pytest.approx(mid), bin_of(found.mid))
    for outward, sizes, side in ((-1, found.bids, below), (1, found.asks, above)):
        expected = [0.0] * len(sizes)
        for price, size in side:
            place = outward * (bin_of(price) - found.mid_bin)
            if place < len(sizes):
                expected[place] += size
        assert sizes == pytest.approx(tuple(expected), rel=1e-9)
    reach = 200.0 / 2.0
    assert reach - 1 <= len(found.asks) <= reach + 2
    assert reach - 1 <= len(found.bids) <= reach + 3


def test_a_bin_is_the_same_prices_whatever_mid_is() -> None:
    wall, best = (990.0, 777.0), 1000.0
    before = read([(best, 1.0), wall], [(best + 0.1, 1.0)])
    after = read([(best - 3.0, 1.0), wall], [(best - 2.9, 1.0)])
    assert before.mid_bin != after.mid_bin
    places = {found.mid_bin - found.bids.index(777.0) for found in (before, after)}
    assert places == {bin_of(990.0)}
    low, high = GRID.edges(bin_of(990.0))
    assert low <= 990.0 < high
    assert high / low - 1 == pytest.approx(2e-4)


def test_beyond_the_horizon_nothing_is_there_and_within_it_empty_is_zero() -> None:
    bids: Levels = [(1000.0, 1.0), (999.0, 2.0), (995.0, 3.0)]
    asks: Levels = [(1001.0, 1.0), (1002.0, 2.0)]
    found = read(bids, asks, limit=3)  # three bids as asked for: known down to 995; of asks there are no more
    assert len(found.bids) == found.mid_bin - bin_of(995.0)  # its bin is known in part, so it is unknown
    assert sum(found.bids) == 3.0
    assert 0.0 in found.bids
    assert len(found.asks) == bin_of(1000.5 * 1.02) - found.mid_bin + 1
    assert sum(found.asks) == 3.0


def test_what_a_stream_tells_beyond_its_window_is_unknown_too() -> None:
    store = LevelStore(Measures())
    store.load(snapshot(1, [(1000.0, 1.0), (990.0, 1.0)], [(1001.0, 1.0), (1010.0, 1.0)], limit=2))
    store.apply(diff(2, bids=[(900.0, 5.0)]))
    assert GRID.read(*store.arrays).bids == read([(1000.0, 1.0), (990.0, 1.0)], [(1001.0, 1.0)], limit=2).bids


def test_contracts_become_base_units_where_their_worth_is_known() -> None:
    known, unknown = Measures(contract=100.0, inverse=True), Measures(inverse=True)
    book = ([(1000.0, 5.0)], [(1001.0, 2.0)])
    linear = Measures(contract=0.01)
    for measures, unit, bid in ((known, "base", 0.5), (unknown, "contracts", 5.0), (linear, "base", 0.05)):
        grid = DepthGrid(2.0, 200.0, measures)
        found = read(*book, grid=grid, measures=measures)
        assert grid.unit == unit
        assert sum(found.bids) == pytest.approx(bid)


def test_bins_that_make_no_sense_are_refused() -> None:
    for bins in ((0.0, 200.0), (300.0, 200.0), (2.0, 10_000.0)):
        with pytest.raises(ValueError, match="wanted 0 < bin <= reach"):
            DepthGrid(*bins)


def change(heard: Heard, number: int, at: float, size: float) -> None:
    heard.session.received("one", binance_depth("X", number, number, at, bids=[(99.99, size)]), at)


def test_a_row_is_the_state_at_the_beat_and_a_state_is_told_once() -> None:
    heard = synced(depth_seconds=2.0)
    for n in range(100):
        change(heard, 101 + n, START + 0.1 + n / 10, 10.0 + n)
    told = heard.rows(ORDER_BOOK_DEPTH)
    assert 4 <= len(told) <= 5
    ids = [row["update_id"] for row in told]
    assert ids == sorted(set(ids))
    for row in told:
        assert row["known_at"] == moment(round(START + 0.1 + (row["update_id"] - 101) / 10, 3))
        assert row["bid_sizes"][0] + row["bid_sizes"][1] >= 10.0 + row["update_id"] - 101
        assert (row["unit"], row["bin_bps"], row["known_from"]) == ("base", 2.0, None)
    heard.session.tick(START + 60.0)
    heard.session.tick(START + 90.0)
    rows = heard.rows(ORDER_BOOK_DEPTH)
    assert len(rows) == len(told) + 1  # the last state, once
    assert rows[-1]["update_id"] == 200


def test_a_book_that_is_not_synced_has_no_row() -> None:
    heard = synced(depth_seconds=1.0)
    change(heard, 101, START + 0.1, 5.0)
    change(heard, 140, START + 0.2, 6.0)  # a gap
    for n in range(50):
        heard.session.tick(START + 0.3 + n / 10)
    before = [row["update_id"] for row in heard.rows(ORDER_BOOK_DEPTH)]
    assert set(before) <= {100, 101}
    heard.session.snapshot(rest_book("X", 140, BIDS, ASKS), START + 6.0)
    change(heard, 141, START + 6.1, 7.0)
    heard.session.tick(START + 8.0)
    assert [row["update_id"] for row in heard.rows(ORDER_BOOK_DEPTH)][-1] == 141


def test_without_a_cadence_nothing_is_recorded() -> None:
    heard = synced(depth_seconds=0.0)
    for n in range(30):
        change(heard, 101 + n, START + 1.0 + n, 10.0 + n)
    assert heard.rows(ORDER_BOOK_DEPTH) == []
