"""Indicators bar by bar: the same as in one go, to the last bit."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.calendar_blocks import frame_start
from alphapulse_assets.indicators.batch import compute
from alphapulse_assets.indicators.live import IndicatorState
from alphapulse_assets.indicators.registry import INDICATOR_SCHEMA
from tests.unit.indicator_support import REAL, awkward_candles, real_candles


def live(state: IndicatorState, candles: pl.DataFrame) -> pl.DataFrame:
    rows = [state.update(Bar.of(bar)) for bar in candles.iter_rows(named=True)]
    return pl.DataFrame(rows, schema=INDICATOR_SCHEMA)


@pytest.mark.parametrize("name", REAL)
def test_real_bars_one_by_one_have_the_values_of_one_pass(shared_data: Path, name: str) -> None:
    candles, timeframe = real_candles(shared_data, name), REAL[name]
    assert_frame_equal(
        live(IndicatorState(timeframe), candles), compute(candles, timeframe), check_exact=True
    )


@pytest.mark.parametrize("name", REAL)
def test_a_state_goes_on_from_any_frame_that_reaches_back_far_enough(shared_data: Path, name: str) -> None:
    candles, timeframe = real_candles(shared_data, name), REAL[name]
    whole = compute(candles, timeframe)
    for first in (1, 700, 4_000, candles.height - 500):
        start = frame_start(timeframe, candles["ts"][first])
        state = IndicatorState.warm(candles.head(first).filter(pl.col("ts") >= start), timeframe)
        found = live(state, candles.slice(first, 400))
        assert_frame_equal(found, whole.slice(first, 400), check_exact=True)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["1m", "15m", "4h", "1d", "1w"]), st.data())
def test_awkward_bars_one_by_one_have_the_values_of_one_pass(timeframe: str, data: st.DataObject) -> None:
    candles = data.draw(awkward_candles(timeframe))
    known = data.draw(st.integers(0, candles.height))
    state = IndicatorState.warm(candles.head(known), timeframe)
    whole = compute(candles, timeframe)
    assert_frame_equal(live(state, candles.slice(known)), whole.slice(known), check_exact=True)


def test_a_bar_that_is_not_the_next_one_is_refused_and_changes_nothing(shared_data: Path) -> None:
    candles = real_candles(shared_data, "5m").head(400)
    state = IndicatorState.warm(candles.head(300), "5m")
    bars = candles.slice(299, 2).to_dicts()
    with pytest.raises(ValueError, match="does not come after"):
        state.update(Bar.of(bars[0]))
    for wrong in (None, float("nan"), float("inf"), 0.0):
        with pytest.raises(ValueError, match="validate the candles"):
            state.update(Bar.of({**bars[1], "close": wrong}))
    found = live(state, candles.slice(300))
    assert_frame_equal(found, compute(candles, "5m").slice(300), check_exact=True)
