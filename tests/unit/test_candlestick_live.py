"""Candlestick patterns bar by bar: the same as in one go, on every real bar and on awkward ones."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.calendar_blocks import frame_start
from alphapulse_assets.patterns.candlestick.batch import CANDLESTICK_SCHEMA, detect
from alphapulse_assets.patterns.candlestick.live import CandlestickPattern, CandlestickState
from alphapulse_resources.frames import empty_candles
from tests.unit.candlestick_support import (
    BLOCK_WITHIN,
    REAL,
    as_frame,
    awkward_ticks,
    live,
    real_candles,
    ticks_after_large_prices,
)

TIMEFRAMES = st.sampled_from(["1m", "15m", "1h", "4h", "1d", "1w"])


def test_a_row_has_the_columns_of_the_frame() -> None:
    assert list(CandlestickPattern._fields) == CANDLESTICK_SCHEMA.names()


@pytest.mark.parametrize("name", REAL)
def test_real_bars_one_by_one_have_the_rows_of_one_pass(shared_data: Path, name: str) -> None:
    candles = real_candles(shared_data, name, BLOCK_WITHIN.get(name, timedelta(0)))
    assert_frame_equal(live(CandlestickState(REAL[name]), candles), detect(candles, REAL[name]))


@pytest.mark.parametrize("name", REAL)
def test_a_state_goes_on_from_any_frame_that_reaches_back_far_enough(shared_data: Path, name: str) -> None:
    candles = real_candles(shared_data, name, BLOCK_WITHIN.get(name, timedelta(0)))
    whole = detect(candles, REAL[name])
    for first in (1, 10, 15, 700, candles.height - 300):
        start, end = candles["ts"][first], candles["ts"][first + 250]
        known = candles.filter(pl.col("ts") >= frame_start(REAL[name], start), pl.col("ts") < start)
        found = live(CandlestickState.warm(known, REAL[name]), candles[first : first + 250])
        assert_frame_equal(found, whole.filter(pl.col("ts") >= start, pl.col("ts") < end))


@settings(max_examples=80, deadline=None)
@given(TIMEFRAMES, st.data())
def test_awkward_bars_one_by_one_have_the_rows_of_one_pass(timeframe: str, data: st.DataObject) -> None:
    candles = data.draw(awkward_ticks(timeframe))
    known = data.draw(st.integers(0, candles.height))
    state = CandlestickState.warm(candles.head(known), timeframe)
    whole = detect(candles, timeframe)
    if known:
        whole = whole.filter(pl.col("ts") > candles["ts"][known - 1])
    assert_frame_equal(live(state, candles[known:]), whole)


@pytest.mark.parametrize("known", [0, 5, 239, 240, 241, 500])
def test_rounding_of_large_prices_before_a_block_stays_out_of_it(known: int) -> None:
    for seed in range(15):
        candles = ticks_after_large_prices(seed)
        state = CandlestickState.warm(candles.head(known), "1m")
        expected = detect(candles, "1m").filter(pl.col("ts") >= candles["ts"][known])
        assert_frame_equal(live(state, candles[known:]), expected, check_exact=True)


@settings(max_examples=40, deadline=None)
@given(TIMEFRAMES, st.data())
def test_peeking_says_what_the_bar_would_give_and_changes_nothing(
    timeframe: str, data: st.DataObject
) -> None:
    candles = data.draw(awkward_ticks(timeframe, most=120))
    state = CandlestickState(timeframe)
    rows: list[CandlestickPattern] = []
    for bar in candles.to_dicts():
        high = bar["high"] * 1.01
        state.peek(Bar.of({**bar, "high": high, "close": high}))
        peeked = state.peek(Bar.of(bar))
        closed = state.update(Bar.of(bar))
        assert peeked == closed
        rows += closed
    assert_frame_equal(as_frame(rows), detect(candles, timeframe))


def test_a_bar_that_cannot_be_the_next_is_refused_and_changes_nothing(shared_data: Path) -> None:
    candles = real_candles(shared_data, "ETH_BTC-5m.feather").head(400)
    state = CandlestickState.warm(candles.head(300), "5m")
    old, bar = candles[299:301].to_dicts()
    for take in (state.update, state.peek):
        with pytest.raises(ValueError, match="does not come after"):
            take(Bar.of(old))
        for name, value in (("high", bar["low"] / 2), ("close", float("nan")), ("low", 0.0)):
            with pytest.raises(ValueError, match="impossible"):
                take(Bar.of({**bar, name: value}))
        with pytest.raises(ValueError, match="impossible"):
            take(Bar.of({**bar, "high": float("inf")}))
    found = live(state, candles[300:])
    assert_frame_equal(found, detect(candles, "5m").filter(pl.col("ts") >= bar["ts"]))


def test_a_state_warmed_with_nothing_is_an_empty_one(shared_data: Path) -> None:
    candles = real_candles(shared_data, "XRP_USDT_USDT-5m-futures.feather").head(60)
    assert_frame_equal(live(CandlestickState.warm(empty_candles(), "5m"), candles), detect(candles, "5m"))
