"""Liquidity zones and sweeps: where notional rests, what is unknown, and runs beyond a pivot and back."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.book.peaks import find_peaks, smooth
from alphapulse_assets.order_book.liquidity.grid import RestingGrid
from alphapulse_assets.order_book.liquidity.zones import LiquidityMap, Zone
from alphapulse_assets.order_book.whales.events import Moment
from alphapulse_assets.order_book.whales.sweeps import Sweep, SweepDetector
from alphapulse_assets.order_book.whales.thresholds import LiquidityThresholds, SweepThresholds
from alphapulse_resources.streams.messages import Levels

MID = 1000.0
ALL = (0.0, math.inf)
LIMITS = LiquidityThresholds()
FLAT = Measures(contract=1000.0, inverse=True)  # notional does not depend on price
HUMPS = {30: 40.0, 31: 60.0, 32: 40.0, 80: 90.0}  # cells from mid


def bps(cells: float) -> float:
    """The price so many cells above mid (below, if negative)."""
    return MID * math.exp(cells * math.log1p(LIMITS.cell_bps / 1e4))


def side(sign: int, humps: dict[int, float] | None = None, cells: int = 160, scale: float = 1.0) -> Levels:
    """One level of 1 in each cell, but for the humps."""
    sizes = dict.fromkeys(range(1, cells), 1.0) | (humps or {})
    return [(bps(sign * i) * scale, size / scale) for i, size in sizes.items()]


def at(seconds: float) -> Moment:
    return Moment(seconds - 0.05, seconds)


def mapped(
    bids: Levels, asks: Levels, horizon: tuple[float, float] = ALL, measures: Measures | None = FLAT
) -> LiquidityMap:
    found = LiquidityMap("BTCUSDT", LIMITS, measures)
    found.on_synced(bids, asks, MID, horizon, at(100.0))
    return found


def read(zones: LiquidityMap, seconds: float) -> list[Zone]:
    found = zones.zones(at(seconds))
    assert found is not None
    return found


def test_zones_are_where_notional_rests() -> None:
    zones = read(mapped(side(-1, HUMPS), side(1, {50: 70.0})), 101.0)
    assert [zone.side for zone in zones] == ["support", "support", "resistance"]
    near, far, above = zones
    assert near.low < bps(-32) < bps(-30) < near.high
    assert near.price == pytest.approx(bps(-31))
    assert far.price == pytest.approx(bps(-80))
    assert above.price == pytest.approx(bps(50))
    assert near.strength > far.strength > 1.0
    assert near.notional == pytest.approx(140_000.0, rel=0.05)
    assert above.distance_bps == pytest.approx(100.0, rel=0.02)


@pytest.mark.parametrize("horizon", [ALL, (bps(-60), bps(90))])
def test_levels_loaded_at_once_give_the_zones_of_levels_one_by_one(horizon: tuple[float, float]) -> None:
    bids, asks = side(-1, HUMPS), side(1, {50: 70.0})
    loaded, changed = mapped(bids, asks, horizon), mapped([], [], horizon)
    changed.on_changed(bids, asks, MID, horizon, at(100.0))
    for zones in (loaded, changed):
        zones.on_changed(bids[:40], [], MID, horizon, at(101.0))
    assert read(loaded, 150.0) == read(changed, 150.0) != []
    loaded.on_synced(bids, asks, MID, horizon, at(200.0))
    assert outline(read(loaded, 201.0)) == [pytest.approx(zone) for zone in outline(read(changed, 201.0))]


def test_a_pause_in_which_nothing_changed_leaves_everything_as_it_was() -> None:
    paused, going_on = (mapped(side(-1, HUMPS), side(1)) for _ in range(2))
    for zones in (paused, going_on):
        zones.on_changed([(bps(-31), 60.0)], [], MID, ALL, at(110.0))
    paused.on_lost(at(120.0))
    assert paused.zones(at(130.0)) is None
    paused.on_resumed(at(140.0))
    assert [zone.price for zone in read(paused, 150.0)] == [zone.price for zone in read(going_on, 150.0)]
    assert outline(read(paused, 160.0))[0][3] == pytest.approx(outline(read(going_on, 160.0))[0][3])


def test_an_even_or_an_empty_book_has_no_zones() -> None:
    assert read(mapped(side(-1), side(1)), 101.0) == []
    assert read(mapped([], []), 101.0) == []


def test_beyond_the_horizon_is_unknown_and_no_zone() -> None:
    bids, asks = side(-1, HUMPS), side(1, HUMPS)
    horizon = (bps(-60), bps(20))
    seen = mapped([level for level in bids if level[0] >= horizon[0]], asks, horizon)
    zones = read(seen, 101.0)
    assert [zone.price for zone in zones] == [pytest.approx(bps(-31))]
    assert zones[0].known_to == horizon[0]
    rising = mapped([(bps(-i), float(i)) for i in range(1, 61)], [], horizon)
    assert read(rising, 101.0) == []  # the highest known cell is no peak: the next may be higher


def test_unknown_cells_are_nan_and_empty_ones_zero() -> None:
    grid = RestingGrid(0, MID, 2.0, 900.0)
    grid.begin(0.0)
    grid.change(bps(-2), 0.0, 5.0, 0.0, was_known=True)
    profile = grid.profile(MID, 6, bps(-4), 10.0)
    np.testing.assert_allclose(profile, [0.0, 0.0, 5.0, 0.0, np.nan, np.nan])


def test_what_rests_longer_counts_more_and_the_past_fades() -> None:
    memory = 10.0
    grid = RestingGrid(1, MID, 2.0, memory)
    grid.begin(0.0)
    grid.change(bps(3), 0.0, 8.0, 5.0, was_known=True)

    def value(seconds: float) -> float:
        return float(grid.profile(MID, 5, math.inf, seconds)[3])

    for seconds in (5.0, 6.0, 10.0, 40.0):
        known, there = 1 - math.exp(-seconds / memory), 1 - math.exp(-(seconds - 5.0) / memory)
        assert value(seconds) == pytest.approx(8.0 * there / known)
    grid.change(bps(3), 8.0, 0.0, 40.0, was_known=True)
    before = value(40.0)
    assert value(50.0) == pytest.approx(before * math.exp(-1.0), rel=0.05)


def test_time_without_sync_does_not_count() -> None:
    zones = mapped(side(-1, HUMPS), side(1))
    before = [zone.notional for zone in read(zones, 400.0)]
    zones.on_lost(at(400.0))
    assert zones.zones(at(500.0)) is None
    zones.on_changed([(bps(-31), 0.0)], [], MID, ALL, at(500.0))
    zones.on_synced(side(-1, HUMPS), side(1), MID, ALL, at(500.0))
    after = read(zones, 510.0)
    assert [zone.notional for zone in after] == pytest.approx(before)


def test_levels_that_left_the_window_are_forgotten_and_may_come_back() -> None:
    near, far = (bps(-60), math.inf), (bps(-120), math.inf)
    zones = mapped(side(-1, HUMPS, cells=120), [], far)
    assert len(read(zones, 101.0)) == 2
    zones.on_changed([], [], MID, near, at(102.0))
    assert [zone.price for zone in read(zones, 103.0)] == [pytest.approx(bps(-31))]
    back = [level for level in side(-1, HUMPS, cells=120) if level[0] < near[0]]
    zones.on_changed(back, [], MID, far, at(104.0))
    assert len(read(zones, 105.0)) == 2
    assert read(zones, 105.0)[1].notional == pytest.approx(90_000.0, rel=0.3)


def test_a_zone_keeps_its_age_and_counts_each_visit_once() -> None:
    zones = mapped(side(-1, HUMPS), side(1))
    assert [zone.touches for zone in read(zones, 101.0)] == [0, 0]
    for seconds, mid in enumerate((bps(-15), bps(-30), bps(-29), bps(-15), bps(-30), bps(-10))):
        zones.on_changed([], [], mid, ALL, at(102.0 + seconds))
    near, far = read(zones, 110.0)
    assert (near.touches, far.touches) == (2, 0)
    assert near.age == pytest.approx(9.0)
    assert near.since == pytest.approx(100.95)


def test_a_zone_not_seen_for_long_starts_anew() -> None:
    zones = mapped(side(-1, HUMPS), side(1))
    read(zones, 101.0)
    zones.on_changed([], [], MID, (bps(-20), math.inf), at(102.0))
    assert read(zones, 103.0 + LIMITS.forget) == []
    zones.on_changed(side(-1, HUMPS), [], MID, ALL, at(170.0))
    assert [zone.age for zone in read(zones, 171.0)] == [0.0, 0.0]


SIZES = st.dictionaries(st.integers(3, 130), st.floats(0.0, 200.0), max_size=12)


def outline(zones: list[Zone]) -> list[tuple[float, ...]]:
    return [(zone.price, zone.low, zone.high, zone.notional, zone.strength) for zone in zones]


@settings(max_examples=40, deadline=None)
@given(SIZES, SIZES)
def test_the_mirrored_book_has_the_mirrored_zones(below: dict[int, float], above: dict[int, float]) -> None:
    plain = read(mapped(side(-1, below), side(1, above)), 101.0)
    mirrored = read(mapped(side(-1, above), side(1, below)), 101.0)
    swapped = [z for z in mirrored if z.side == "resistance"] + [z for z in mirrored if z.side == "support"]
    assert [z.side for z in plain] == [{"support": "resistance"}.get(z.side, "support") for z in swapped]
    turned = [
        (MID * MID / price, MID * MID / high, MID * MID / low, notional, strength)
        for price, low, high, notional, strength in outline(swapped)
    ]
    assert outline(plain) == [pytest.approx(zone) for zone in turned]


@settings(max_examples=30, deadline=None)
@given(SIZES, st.sampled_from([2.0**-12, 2.0**9]))
def test_prices_times_and_sizes_over_a_factor_give_the_same_zones(
    below: dict[int, float], scale: float
) -> None:
    plain = read(mapped(side(-1, below), side(1), measures=None), 101.0)
    scaled = LiquidityMap("BTCUSDT", LIMITS)
    scaled.on_synced(side(-1, below, scale=scale), side(1, scale=scale), MID * scale, ALL, at(100.0))
    before = [(z.price * scale, z.strength, z.notional) for z in plain]
    assert [(z.price, z.strength, z.notional) for z in read(scaled, 101.0)] == list(
        map(pytest.approx, before)
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=3, max_size=25))
def test_prominence_is_the_least_descent_to_higher_ground(heights: list[int]) -> None:
    profile = np.array(heights, float)
    for peak in find_peaks(profile, 0.0):
        bases = []
        for step, end in ((-1, -1), (1, len(heights))):
            lowest = peak.height
            for i in range(peak.at, end, step):
                if heights[i] > peak.height:
                    break
                lowest = min(lowest, heights[i])
            bases.append(lowest)
        assert peak.prominence == peak.height - max(bases) > 0
        assert all(heights[i] >= peak.height - peak.prominence / 2 for i in range(peak.first, peak.last + 1))


def test_peaks_of_a_plateau_count_once_and_ends_are_none() -> None:
    peaks = find_peaks(np.array([9.0, 1, 3, 3, 3, 2, 5, 0, 7]), 0.5)
    assert [(peak.at, peak.prominence) for peak in peaks] == [(3, 1.0), (6, 4.0)]


def test_smoothing_keeps_a_constant_and_the_unknown() -> None:
    smoothed = smooth(np.array([2.0] * 8 + [np.nan] * 3), 1.5)
    np.testing.assert_allclose(smoothed, [2.0] * 8 + [np.nan] * 3)


SWEEPS = SweepThresholds(pivot_bars=2, atr_bars=3, volume_bars=5)


def bar(opened: float, high: float, low: float, close: float, volume: float) -> Bar:
    """A bar that opens so many seconds after 1970; sweeps do not look at its open."""
    ts = datetime.fromtimestamp(opened, UTC)
    return Bar(ts, close, high, low, close, volume, None, None, None)


def bars(*late: tuple[float, float, float, float]) -> list[Bar]:
    """A pivot high of 110 at bar 6 among quiet bars of range 2, then (high, low, close, volume)."""
    quiet = [(101.0, 99.0, 100.0, 10.0)] * 6
    pivot = [(110.0, 99.0, 100.0, 10.0)]
    rows = quiet + pivot + quiet + list(late)
    return [bar(60.0 * i, *row) for i, row in enumerate(rows)]


def swept(series: list[Bar], limits: SweepThresholds = SWEEPS) -> list[Sweep]:
    detector = SweepDetector("BTCUSDT", limits)
    return [sweep for bar in series for sweep in detector.on_bar(bar)]


BEYOND = (112.0, 100.0, 111.0, 30.0)


def test_a_run_beyond_a_pivot_that_closes_back_on_volume_is_a_sweep() -> None:
    (found,) = swept(bars((112.0, 100.0, 109.0, 30.0)))
    assert (found.side, found.pivot, found.pivot_time, found.extreme) == ("high", 110.0, 360.0, 112.0)
    assert (found.ts, found.known_at, found.bars, found.relative_volume) == (780.0, 840.0, 1, 3.0)
    assert found.beyond_atr > 0.1


@pytest.mark.parametrize("inside", [1, 2, 3, 4])
def test_the_close_back_must_come_within_three_bars(inside: int) -> None:
    found = swept(bars(*[BEYOND] * (inside - 1), (111.5, 100.0, 109.0, 30.0)))
    assert [sweep.bars for sweep in found] == ([inside] if inside <= 3 else [])


@pytest.mark.parametrize(
    "late",
    [(110.0, 100.0, 109.0, 30.0), (110.05, 100.0, 109.0, 30.0), (112.0, 100.0, 109.0, 14.0)],
    ids=["not beyond", "less than 0.1 ATR", "too little volume"],
)
def test_no_sweep_if_it_is(late: tuple[float, float, float, float]) -> None:
    assert swept(bars(late)) == []


def test_a_pivot_is_swept_once_and_a_missing_bar_forgets_it() -> None:
    once = bars((112.0, 100.0, 109.0, 30.0), (113.0, 100.0, 109.0, 90.0))
    assert len(swept(once)) == 1
    last = once[13]
    assert swept([*once[:13], msgspec.structs.replace(last, ts=last.ts + timedelta(minutes=1))]) == []
    with pytest.raises(ValueError, match="BTCUSDT: bar at 1970-01-01 00:12:00"):
        swept([*once[:13], once[12]])


def test_a_pivot_cannot_be_swept_before_it_is_confirmed() -> None:
    series = bars()[:8]
    series.append(bar(480.0, 112.0, 99.0, 100.0, 90.0))
    assert swept(series) == []


ROWS = st.lists(
    st.tuples(st.integers(-8, 8), st.integers(0, 6), st.integers(0, 6), st.integers(1, 40)),
    min_size=20,
    max_size=80,
)


def walk(rows: list[tuple[int, int, int, int]], sign: float = 1.0, scale: float = 1.0) -> list[Bar]:
    series = []
    for i, (close, up, down, volume) in enumerate(rows):
        high, low = sorted((sign * (close + up), sign * (close - down)), reverse=True)
        offset = 1024.0
        series.append(
            bar(
                60.0 * i,
                scale * (offset + high),
                scale * (offset + low),
                scale * (offset + sign * close),
                float(volume),
            )
        )
    return series


@settings(max_examples=80, deadline=None)
@given(ROWS, st.integers(0, 80))
def test_sweeps_are_mirrored_scaled_and_known_from_the_past_alone(rows: Any, cut: int) -> None:
    plain = swept(walk(rows))
    assert swept(walk(rows)[:cut]) == [sweep for sweep in plain if sweep.known_at <= 60.0 * cut]
    key = [(s.ts, {"high": "low", "low": "high"}[s.side], 2048.0 - s.pivot, s.bars) for s in plain]
    assert sorted(key) == sorted((s.ts, s.side, s.pivot, s.bars) for s in swept(walk(rows, sign=-1.0)))
    scaled = swept(walk(rows, scale=2.0**10))
    assert [(s.ts, s.side, s.pivot * 2.0**10, s.beyond_atr) for s in plain] == [
        (s.ts, s.side, s.pivot, s.beyond_atr) for s in scaled
    ]


@pytest.mark.parametrize("wrong", [{"cell_bps": 0.0}, {"reach_bps": 4.0}, {"leave_bps": -1.0}])
def test_thresholds_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        LiquidityThresholds(**wrong)


def test_sweep_thresholds_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="wanted counts of 1"):
        SweepThresholds(pivots=0)
