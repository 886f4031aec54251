"""The volume profile of a day, held to figures reckoned by hand."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings

from alphapulse_assets.volume.profile import (
    MOST_BINS,
    VOLUME_PROFILE_SCHEMA,
    bin_width,
    point_of_control,
    value_area,
    volume_profiles,
)
from tests.unit.candlestick_support import real_candles
from tests.unit.indicator_support import awkward_candles
from tests.unit.volume_support import Bar, framed


def at(price: float, volume: float) -> Bar:
    """A minute at one price."""
    return (price, price, price, volume)


def profile(bars: Sequence[Bar], tick: float | None = None) -> dict[str, object]:
    """The only day's profile."""
    (row,) = volume_profiles(framed(bars), tick=tick).to_dicts()
    return row


def test_point_of_control_and_value_area_are_those_reckoned_by_hand() -> None:
    volumes = (10, 20, 30, 50, 90, 70, 60, 40, 20, 10)  # of 400, 70 % are 280
    found = profile([at(1_000, 70), *(at(995 + n, v) for n, v in enumerate(volumes) if n != 5)])
    assert found["bin_width"] == 1.0
    assert found["bin_prices"] == [995.0 + n for n in range(10)]
    assert found["bin_volumes"] == list(volumes)
    # from 90: up with 70 + 60 against 50 + 30 is 220, then down with 50 + 30 against 40 + 20 is 300
    assert (found["poc"], found["value_area_low"], found["value_area_high"]) == (999.5, 997.0, 1_002.0)
    assert (found["volume"], found["minutes"], found["day"]) == (400.0, 10, date(2024, 3, 5))
    assert found["known_at"] == datetime(2024, 3, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("volumes", "poc", "area"),
    [
        ([1, 2, 9, 2, 1], 2, (2, 4)),  # equal pairs: upwards; 12 of 15 are enough
        ([5, 2, 1], 0, (0, 2)),  # nothing below
        ([1, 2, 5], 2, (0, 2)),  # nothing above
        ([9, 2, 1], 0, (0, 0)),  # 9 of 12 are enough
        ([4, 1, 1, 9, 5], 3, (3, 4)),  # a single row above: 5 against 1 + 1; 14 of 20 are exactly 70 %
        ([5, 1, 1, 5], 1, (0, 3)),
        ([3, 0, 0, 0, 3], 0, (0, 4)),
        ([7], 0, (0, 0)),
    ],
)
def test_the_value_area_grows_by_the_larger_pair(
    volumes: list[float], poc: int, area: tuple[int, int]
) -> None:
    assert value_area(np.array(volumes, dtype=float), poc) == area


@pytest.mark.parametrize(
    ("volumes", "poc"), [([1, 5, 2, 5, 1, 1], 3), ([5, 1, 5], 0), ([1, 3, 3, 1], 1), ([2], 0)]
)
def test_of_equal_rows_the_one_nearest_the_middle_is_the_point_of_control(
    volumes: list[float], poc: int
) -> None:
    assert point_of_control(np.array(volumes, dtype=float)) == poc


def test_the_volume_of_a_minute_is_spread_evenly_over_its_range() -> None:
    found = profile([at(1_000, 0), (1_004, 1_000, 1_004, 8), (1_002, 1_000.5, 1_002, 3), at(1_004, 5)])
    assert found["bin_volumes"] == pytest.approx([3, 4, 2, 2, 5], rel=1e-12)
    assert found["poc"] == 1_004.5


def test_prices_on_an_edge_lie_in_the_bin_above_it_and_leave_nothing_beyond() -> None:
    # 0.3 / 0.0002 and others like it are no whole numbers as doubles
    found = profile([at(0.3, 1), (0.3006, 0.3, 0.3, 3), at(0.3006, 2)])
    assert found["bin_prices"] == [0.3, 0.3002, 0.3004, 0.3006]
    assert found["bin_volumes"] == pytest.approx([2, 1, 1, 2], rel=1e-9)
    symmetric = profile([(1_002, 1_000, 1_001, 10)])
    assert symmetric["bin_volumes"] == [5, 5, 0]


@pytest.mark.parametrize(
    ("first", "tick", "width"),
    [
        (100.0, None, 0.1),
        (99.0, None, 0.05),
        (30_000.0, None, 20.0),
        (70_000.0, None, 50.0),
        (0.00001234, None, 1e-8),
        (100.0, 0.5, 0.5),
        (100.0, 0.01, 0.1),
    ],
)
def test_bins_are_a_round_step_of_at_most_a_thousandth(
    first: float, tick: float | None, width: float
) -> None:
    assert bin_width(first, first, first * 1.01, tick) == width


def test_a_wild_day_has_wider_bins_rather_than_too_many() -> None:
    assert bin_width(1_000, 1_000, 5_000, None) == 4.0
    found = profile([at(1_000, 1), at(5_000, 2)])
    assert len(found["bin_volumes"]) == 1_001 <= MOST_BINS  # type: ignore[arg-type]  # a list
    assert found["poc"] == 5_002.0


def test_bins_of_an_odd_tick_keep_their_edges() -> None:
    found = profile([at(1.0, 1), at(1.03125, 1)], tick=0.015625)
    assert found["bin_prices"] == [1.0, 1.015625, 1.03125]


def test_a_day_without_trades_has_no_point_of_control() -> None:
    found = profile([at(1_000, 0), at(1_001, 0)])
    assert (found["poc"], found["value_area_low"], found["value_area_high"]) == (None, None, None)
    assert (found["volume"], found["bin_volumes"]) == (0.0, [0.0, 0.0])


def test_days_are_told_apart_and_days_without_candles_have_no_row() -> None:
    rows = [0, 1, 1_440, 4 * 1_440]
    found = volume_profiles(framed([at(1_000 + n, 1) for n in range(4)], rows=rows))
    assert found["day"].to_list() == [date(2024, 3, 5), date(2024, 3, 6), date(2024, 3, 9)]
    assert found["minutes"].to_list() == [2, 1, 1]
    assert volume_profiles(framed([])).schema == VOLUME_PROFILE_SCHEMA


def test_candles_out_of_order_and_a_tick_of_nothing_are_refused() -> None:
    bars = framed([at(1_000, 1), at(1_001, 1)], rows=[0, 1_440])
    with pytest.raises(ValueError, match="does not come after"):
        volume_profiles(bars.reverse())
    with pytest.raises(ValueError, match="above 0"):
        volume_profiles(bars, tick=0.0)


def spread_again(day: pl.DataFrame, edges: list[float]) -> np.ndarray:
    """Volume between edges, from each minute's cumulative share."""
    total = np.zeros(len(edges) - 1)
    for low, high, volume in day.select("low", "high", "volume").iter_rows():
        within = (np.array(edges) - low) / (high - low) if high > low else np.array(edges) > low
        total += volume * np.diff(np.clip(within.astype(float), 0, 1))
    return total


def test_profiles_of_real_minutes_hold_the_volume_of_the_day(shared_data: Path) -> None:
    candles = real_candles(shared_data, "UNITTEST_BTC-1m.feather")
    found = volume_profiles(candles)
    assert found.height == candles["ts"].dt.date().n_unique()
    for row in found.to_dicts():
        day = candles.filter(pl.col("ts").dt.date() == row["day"])
        edges = [*row["bin_prices"], row["bin_prices"][-1] + row["bin_width"]]
        wanted = spread_again(day.filter(pl.col("high") > pl.col("low")), edges)
        flat = day.filter(pl.col("high") == pl.col("low"))
        middles = np.floor(flat["close"].to_numpy() / row["bin_width"] + 1e-6) + 0.5
        wanted += np.histogram(middles * row["bin_width"], edges, weights=flat["volume"].to_numpy())[0]
        assert row["bin_volumes"] == pytest.approx(wanted, rel=1e-6, abs=1e-6 * row["volume"])
        assert edges[0] <= day["low"].min() * (1 + 1e-12)
        assert edges[-1] >= day["high"].max()


@settings(max_examples=80, deadline=None)
@given(awkward_candles("1m"))
def test_the_value_area_holds_the_point_of_control_and_seven_tenths(candles: pl.DataFrame) -> None:
    for row in volume_profiles(candles).to_dicts():
        prices, volumes = np.array(row["bin_prices"]), np.array(row["bin_volumes"])
        assert math.isclose(volumes.sum(), row["volume"], rel_tol=1e-9)
        assert len(prices) <= MOST_BINS
        if not row["volume"]:
            continue
        assert row["value_area_low"] < row["poc"] < row["value_area_high"]
        half = row["bin_width"] / 2
        inside = (prices + half > row["value_area_low"]) & (prices + half < row["value_area_high"])
        assert volumes[inside].sum() >= 0.7 * row["volume"] * (1 - 1e-9)
        assert volumes.max() == volumes[np.abs(prices + half - row["poc"]).argmin()]
