"""Candlestick patterns of a frame: those of TA-Lib, on every real bar, however the frame is cut."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.core.calendar_blocks import block_start, frame_start
from alphapulse_assets.patterns.candlestick.batch import CANDLESTICK_SCHEMA, detect
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE, LOOKBACK
from alphapulse_assets.patterns.candlestick.live import CandlestickState
from alphapulse_assets.patterns.candlestick.move import REACH
from alphapulse_resources.frames import TIMEFRAMES, empty_candles
from tests.unit.candlestick_support import (
    BLOCK_WITHIN,
    REAL,
    THREE_METHODS,
    awkward_ticks,
    direct,
    framed,
    live,
    prices_of,
    real_candles,
    shaped,
    tick_prices,
    ticks_after_large_prices,
)

# equality with TA-Lib ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REAL)
def test_every_real_bar_has_the_rows_of_talib_called_directly(shared_data: Path, name: str) -> None:
    for moved in (timedelta(0), BLOCK_WITHIN.get(name, timedelta(0))):
        candles = real_candles(shared_data, name, moved)
        rows = detect(candles, REAL[name])
        assert rows.height > candles.height
        assert_frame_equal(rows.select("ts", "pattern", "strength"), direct(candles))


def test_months_of_made_up_ticks_have_the_rows_of_talib_called_directly() -> None:
    """Whole ticks: every sum is exact, so beginning anew with each month cannot make a difference."""
    prices = tick_prices(np.random.default_rng(5), 30_000, base=1_000_000)
    candles = framed(prices, "5m", datetime(2024, 1, 3, tzinfo=UTC))
    rows = detect(candles, "5m")
    assert_frame_equal(rows.select("ts", "pattern", "strength"), direct(candles))


# hand-made shapes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "direction", "shape"),
    [
        ("doji", "neutral", [(100, 103, 97, 100.1)]),
        ("dragonfly_doji", "neutral", [(102.9, 103, 99, 103)]),
        ("gravestone_doji", "neutral", [(99.1, 103, 99, 99)]),
        ("hammer", "bullish", [(99, 99.6, 94, 99.5)]),
        ("hanging_man", "bearish", [(103, 103.6, 98, 103.5)]),
        ("marubozu", "bullish", [(100, 106, 100, 106)]),
        ("marubozu", "bearish", [(106, 106, 100, 100)]),
        ("spinning_top", "neutral", [(100, 102.5, 98.5, 101)]),
        ("engulfing", "bullish", [(102, 103, 99, 100), (99.5, 103, 99, 102.5)]),
        ("engulfing", "bearish", [(100, 103, 99, 102), (102.5, 103, 99, 99.5)]),
        ("harami", "bullish", [(106, 107, 99, 100), (102, 104, 101, 103)]),
        ("piercing", "bullish", [(106, 106.5, 99.5, 100), (99, 105, 98.5, 104)]),
        ("dark_cloud_cover", "bearish", [(100, 106.5, 99.5, 106), (107, 107.5, 101, 102)]),
        ("morning_star", "bullish", [(106, 106.5, 99.5, 100), (98, 98.5, 97, 97.5), (99, 105, 98.5, 104)]),
        (
            "evening_star",
            "bearish",
            [(100, 106.5, 99.5, 106), (108, 109, 107.5, 108.5), (107, 107, 101, 102)],
        ),
        (
            "three_white_soldiers",
            "bullish",
            [(100, 103.1, 99, 103), (102, 105.1, 101, 105), (104, 107.1, 103, 107)],
        ),
        (
            "three_black_crows",
            "bearish",
            [
                (104, 106.5, 103, 106),
                (107, 107.5, 103.9, 104),
                (106, 106.2, 101.9, 102),
                (103, 103.5, 99.9, 100),
            ],
        ),
        (
            "rising_falling_three_methods",
            "bullish",
            THREE_METHODS,
        ),
    ],
)
def test_a_textbook_shape_is_found_at_its_last_candle(
    pattern: str, direction: str, shape: list[tuple[float, float, float, float]]
) -> None:
    candles = shaped(shape)
    rows = detect(candles, "1m").filter(pl.col("ts") == candles["ts"][-1], pl.col("pattern") == pattern)
    (row,) = rows.to_dicts()
    assert row["direction"] == direction
    assert row["candles"] == CATALOGUE[pattern].candles
    assert row["began_at"] == candles["ts"][-row["candles"]]
    assert row["known_at"] == candles["ts"][-1] + timedelta(minutes=1)
    assert row["unbroken"]


def test_a_hikkake_has_a_row_and_its_confirmation_another_of_one_candle() -> None:
    trap = [
        (100, 110, 90, 105),
        (101, 108, 92, 103),
        (102, 107, 89, 95),
        (96, 107.5, 88, 97),
        (97, 112, 95, 111),
    ]
    candles = shaped(trap)
    rows = detect(candles, "1m").filter(pl.col("pattern") == "hikkake").tail(2)
    assert rows["strength"].to_list() == [100, 200]
    assert rows["direction"].to_list() == ["bullish", "bullish"]
    assert rows["ts"].to_list() == [candles["ts"][-3], candles["ts"][-1]]
    assert rows["began_at"].to_list() == [candles["ts"][-5], candles["ts"][-1]]
    assert rows["candles"].to_list() == [3, 1]


# rows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REAL)
def test_rows_are_sorted_unique_and_known_when_their_last_candle_closes(shared_data: Path, name: str) -> None:
    candles = real_candles(shared_data, name)
    rows = detect(candles, REAL[name])
    assert rows.schema == CANDLESTICK_SCHEMA
    assert rows.equals(rows.unique(["ts", "pattern"]).sort("ts", "pattern"))
    assert (rows["known_at"] - rows["ts"] == TIMEFRAMES[REAL[name]]).all()
    assert rows["ts"].is_in(candles["ts"].implode()).all()


def test_a_missing_bar_within_a_pattern_is_told() -> None:
    candles = shaped([(102, 103, 99, 100), (99.5, 103, 99, 102.5)])
    later = pl.col("ts") + pl.duration(
        minutes=(pl.int_range(pl.len()) >= candles.height - 1).cast(pl.Int64) * 3
    )
    rows = detect(candles.with_columns(later), "1m").filter(pl.col("ts") == pl.col("ts").max())
    told = dict(rows.select("pattern", "unbroken").iter_rows())
    assert told["engulfing"] is False
    assert rows.filter(pl.col("candles") == 1)["unbroken"].all()
    began = rows.filter(pl.col("pattern") == "engulfing")["began_at"].item()
    assert began == candles["ts"][-2]


def test_fewer_bars_than_talib_looks_back_have_no_rows() -> None:
    assert detect(empty_candles(), "1m").equals(pl.DataFrame(schema=CANDLESTICK_SCHEMA))
    shape = [(100, 106, 100, 106)]
    for before in range(12):
        rows = detect(shaped(shape, before), "1m")
        assert ("marubozu" in rows["pattern"].to_list()) == (before >= CATALOGUE["marubozu"].lookback)


# the same however cut ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REAL)
def test_day_by_day_with_the_stated_warm_up_is_the_same_as_one_pass(shared_data: Path, name: str) -> None:
    candles = real_candles(shared_data, name, BLOCK_WITHIN.get(name, timedelta(0)))
    timeframe = REAL[name]
    whole = detect(candles, timeframe)
    days = candles["ts"].dt.truncate("1d").unique().sort().to_list()
    every = max(1, len(days) // 40)
    for day, end in list(pairwise([*days, days[-1] + timedelta(days=1)]))[::every]:
        frame = candles.filter(pl.col("ts") >= frame_start(timeframe, day), pl.col("ts") < end)
        expected = whole.filter(pl.col("ts") >= day, pl.col("ts") < end)
        assert_frame_equal(detect(frame, timeframe, start=day), expected)
        block = int(frame["ts"].search_sorted(block_start(timeframe, day)))
        assert_frame_equal(detect(frame[max(0, block - REACH) :], timeframe, start=day), expected)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["1m", "15m", "1h", "4h", "1d", "1w"]), st.data())
def test_awkward_bars_have_the_same_rows_wherever_the_frame_begins_and_ends(
    timeframe: str, data: st.DataObject
) -> None:
    candles = data.draw(awkward_ticks(timeframe))
    whole = detect(candles, timeframe)
    first = data.draw(st.integers(0, candles.height - 1))
    last = data.draw(st.integers(first, candles.height - 1))
    start, end = candles["ts"][first], candles["ts"][last]
    frame = candles.filter(pl.col("ts") >= frame_start(timeframe, start), pl.col("ts") <= end)
    expected = whole.filter(pl.col("ts") >= start, pl.col("ts") <= end)
    assert_frame_equal(detect(frame, timeframe, start=start), expected)


def test_the_sums_of_a_block_begin_with_the_fourteen_bars_before_it() -> None:
    """Large prices well before the block leave their rounding in TA-Lib's sums, and would decide ties."""
    for_nothing = True
    for seed in range(40):
        candles = ticks_after_large_prices(seed)
        block = int(candles["ts"].search_sorted(datetime(2024, 3, 1, tzinfo=UTC)))
        rows = detect(candles, "1m").filter(pl.col("ts") >= candles["ts"][block])
        expected, otherwise = (
            direct(candles[first:]).filter(pl.col("ts") >= candles["ts"][block])
            for first in (block - LOOKBACK, 0)
        )
        assert_frame_equal(rows.select("ts", "pattern", "strength"), expected)
        for_nothing &= expected.equals(otherwise)
    assert not for_nothing


def test_the_first_bar_of_a_block_can_end_the_pattern_that_looks_back_furthest() -> None:
    pattern = CATALOGUE["rising_falling_three_methods"]
    assert pattern.lookback == LOOKBACK
    first = datetime(2024, 3, 1, tzinfo=UTC)
    candles = shaped(THREE_METHODS).with_columns(pl.col("ts") + (first - shaped(THREE_METHODS)["ts"][-1]))
    rows = detect(candles, "1m").filter(pl.col("ts") == first)
    assert pattern.name in rows["pattern"].to_list()
    for known in range(candles.height):
        state = CandlestickState.warm(candles.head(known), "1m")
        assert live(state, candles[known:]).tail(rows.height).equals(rows)


@pytest.mark.parametrize("name", ["ADA_BTC-5m.feather", "UNITTEST_BTC-1m.feather"])
def test_cutting_the_end_off_changes_no_earlier_row(shared_data: Path, name: str) -> None:
    candles = real_candles(shared_data, name, BLOCK_WITHIN[name])
    whole = detect(candles, REAL[name])
    for last in np.random.default_rng(3).integers(0, candles.height, 40).tolist():
        cut = detect(candles.head(last + 1), REAL[name])
        assert_frame_equal(cut, whole.filter(pl.col("ts") <= candles["ts"][last]))


def test_scale_and_shift_change_no_row(shared_data: Path) -> None:
    """By a power of two and by whole ticks, which doubles carry without rounding."""
    prices = np.rint(prices_of(real_candles(shared_data, "XRP_USDT_USDT-5m-futures.feather")) * 10_000)
    rows = detect(framed(prices, "5m"), "5m")
    assert_frame_equal(detect(framed(prices / 1024, "5m"), "5m"), rows)
    assert_frame_equal(detect(framed(prices + 50_000, "5m"), "5m"), rows)


# bad input -----------------------------------------------------------------------------------------------


def test_candles_out_of_order_are_refused() -> None:
    candles = shaped([(100, 106, 100, 106)])
    with pytest.raises(ValueError, match="does not come after"):
        detect(candles.reverse(), "1m")


@pytest.mark.parametrize(
    "wrong", [{"high": 99.0}, {"low": 101.0}, {"open": 104.0}, {"close": None}, {"low": float("nan")}]
)
def test_an_impossible_candle_is_refused_with_its_time(wrong: dict[str, float | None]) -> None:
    candles = shaped([(100, 103, 99, 102)])
    last = candles["ts"][-1]
    replaced = [
        pl.when(pl.col("ts") == last).then(pl.lit(value, pl.Float64())).otherwise(pl.col(name)).alias(name)
        for name, value in wrong.items()
    ]
    with pytest.raises(ValueError, match=last.strftime("%Y-%m-%d %H:%M:%S")):
        detect(candles.with_columns(replaced), "1m")


def test_an_unknown_timeframe_and_a_naive_start_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown timeframe"):
        detect(shaped([]), "7m")
    with pytest.raises(ValueError, match="no time zone"):
        detect(shaped([]), "1m", start=datetime(2024, 1, 1))


# what the price did before --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REAL)
def test_the_move_before_is_that_of_plain_expressions(shared_data: Path, name: str) -> None:
    candles = real_candles(shared_data, name).head(3_000)
    before = pl.col("close").shift()
    ranges = pl.max_horizontal("high", before) - pl.min_horizontal("low", before)
    told = candles.select(
        "ts", moved=(before - pl.col("close").shift(11)), atr=ranges.rolling_mean(14).shift()
    ).with_columns(expected=pl.when(pl.col("atr") > 1e-12).then(pl.col("moved") / pl.col("atr")))
    rows = detect(candles, REAL[name]).join(
        told.select(began_at="ts", expected="expected"), on="began_at", how="left", maintain_order="left"
    )
    assert rows.height > 500
    known = rows.filter(pl.col("expected").is_not_null() & pl.col("move_before_atr").is_not_null())
    assert known.height > 0.8 * rows.height
    # rolling means of polars keep some rounding
    np.testing.assert_allclose(known["move_before_atr"], known["expected"], rtol=1e-6, atol=1e-9)


def test_a_hammer_after_a_fall_says_so_and_one_without_history_does_not() -> None:
    hammer = [(89.2, 89.5, 85.0, 89.4)]
    fall = [(110.0 - number, 111.0 - number, 108.0 - number, 109.0 - number) for number in range(20)]
    candles = framed(np.array([*fall, *hammer]).T)
    row = detect(candles, "1m").filter(pl.col("ts") == candles["ts"][-1], pl.col("pattern") == "hammer")
    assert row["move_before_atr"].to_list() == [pytest.approx(-10 / 3)]  # 1 a bar, ranges of 3
    short = detect(candles.tail(15), "1m").filter(pl.col("pattern") == "hammer")
    assert short["move_before_atr"].to_list() == [None]


def test_where_nothing_moved_before_there_is_no_move_in_ranges() -> None:
    still = [(10.0, 10.0, 10.0, 10.0)] * 20
    candles = framed(np.array([*still, (10.0, 10.0, 8.0, 10.0)]).T)
    rows = detect(candles, "1m").filter(pl.col("ts") == candles["ts"][-1], pl.col("candles") == 1)
    assert rows.height
    assert rows["move_before_atr"].null_count() == rows.height
    assert_frame_equal(live(CandlestickState("1m"), candles), detect(candles, "1m"), check_exact=True)


def test_a_row_needs_no_bar_beyond_its_reach(shared_data: Path) -> None:
    candles = real_candles(shared_data, next(iter(REAL))).head(2_000)
    timeframe = REAL[next(iter(REAL))]
    rows = detect(candles, timeframe)
    for last in range(100, 1_900, 150):
        start = candles["ts"][last]
        alone = detect(candles[last - REACH : last + 1], timeframe, start=start)
        expected = rows.filter(pl.col("ts") == start)
        same = ["pattern", "move_before_atr"]
        shown = alone.join(expected, on=same, how="semi", nulls_equal=True)
        assert shown.height == alone.height or block_start(timeframe, start) != block_start(
            timeframe, candles["ts"][last - REACH]
        )
