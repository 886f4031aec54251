"""Indicators of one's own parameters: what may be asked for, and that the values are those of others."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandas_ta_classic as ta
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.calendar_blocks import WARM_UP, frame_start, next_block
from alphapulse_assets.indicators.bars import Bars
from alphapulse_assets.indicators.batch import compute, compute_definitions
from alphapulse_assets.indicators.definition import IndicatorDefinition
from alphapulse_assets.indicators.influence import series_from, series_until
from alphapulse_assets.indicators.kinds import KINDS
from alphapulse_assets.indicators.live import IndicatorState
from alphapulse_assets.indicators.registry import INDICATORS
from alphapulse_assets.indicators.series import ANCHORS, one_series, parse
from tests.unit.indicator_support import REAL, awkward_candles, candle_frame, real_candles, walk

EVERY = (
    *(
        "sma(7)",
        "wma(9)",
        "ema(34)",
        "dema(10)",
        "tema(10)",
        "rsi(7)",
        "macd(5, 13, 4)",
        "bollinger(30, 2.5)",
    ),
    *("atr(7)", "natr(21)", "adx(10)", "plus_di(10)", "minus_di(10)", "cci(14)", "roc(3)", "williams(20)"),
    *(
        "stochastic(21, 5, 4)",
        "ichimoku(5, 13, 30)",
        "supertrend(7, 2)",
        "keltner(15, 1.5, 7)",
        "donchian(55)",
    ),
    *("cmf(10)", "mfi(5)", "relative_volume(50)", "realised_volatility(60)"),
    *("vwap(day)", "vwap(year)", "vwap(2024-01-01T00:20)"),
)
DEFINITIONS = tuple(each for series in parse(EVERY) for each in series.definitions)


def lived(candles: pl.DataFrame, timeframe: str) -> pl.DataFrame:
    state = IndicatorState(timeframe, DEFINITIONS)
    rows = [state.update(Bar.of(bar)) for bar in candles.iter_rows(named=True)]
    schema = {"ts": pl.Datetime("us", "UTC"), **{each.name: pl.Float64() for each in DEFINITIONS}}
    return pl.DataFrame(rows, schema=schema)


# what may be asked for -----------------------------------------------------------------------------------


def test_every_kind_is_among_those_that_the_tests_look_at() -> None:
    assert {text.split("(")[0] for text in EVERY} == {*KINDS, "vwap"}


def test_names_follow_from_kind_and_numbers_and_numbers_from_names() -> None:
    assert [each.name for each in parse(["ema( 34 )", "RSI(7)", "bollinger(20,2.5)", "keltner"])] == [
        *("ema_34", "rsi_7", "bollinger_20_2p5", "keltner_20_2_10"),
    ]
    keltner = one_series("keltner")
    assert [each.name.removeprefix("keltner_20_2_10_") for each in keltner.definitions] == [
        *("upper", "middle", "lower"),
    ]
    assert one_series("ema(34)").number == one_series("ema( 34)").number != one_series("ema(35)").number
    assert one_series("vwap(2026-01-15T13:30+02:00)").name == "vwap_20260115t1130"
    assert one_series("vwap(2026-01-15)").name == "vwap_20260115"


def test_columns_of_the_view_are_not_computed_twice() -> None:
    assert [each.name for each in parse(["ema(20)", "rsi(7)", "vwap(month)"])] == ["rsi_7"]
    assert parse(["ema(20)", "sma(200)", "vwap(week)", "adx"]) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("emaa(3)", "did you mean ema"),
        ("super_trend", "did you mean supertrend"),
        ("ema(400)", "remembers 4800 bars, and values are made of 2500"),
        ("ema(1)", "window is 1, which lies outside of 2 to 2500"),
        ("ema(3, 4)", "takes window, and 2 numbers were given"),
        ("ema(2.5)", "a whole number"),
        ("rsi(x)", "'x', no number"),
        ("supertrend(10, 0)", "multiple is 0"),
        ("macd(26, 12)", "fast 26 is not below slow 12"),
        ("ichimoku(26, 9)", "do not rise"),
        ("vwap(weak)", "did you mean week"),
        ("vwap", "takes one anchor"),
        ("vwap(2026-01-15T13:30:30)", "whole minute"),
        ("34", "cannot be read"),
        ("ema(nan)", "'nan', no number"),
        ("", "cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_read_and_what_is_near(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        one_series(text)
    assert repr(text) in str(refused.value)


def test_one_indicator_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="there twice"):
        parse(["ema(34)", "EMA( 34 )"])


# the same however computed -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REAL)
def test_real_bars_one_by_one_have_the_values_of_one_pass(shared_data: Path, name: str) -> None:
    candles, timeframe = real_candles(shared_data, name).head(4_000), REAL[name]
    found = compute_definitions(candles, timeframe, DEFINITIONS)
    assert_frame_equal(lived(candles, timeframe), found, check_exact=True)
    for kept in (1, 60, 999, 3_999):
        cut = compute_definitions(candles.head(kept), timeframe, DEFINITIONS)
        assert_frame_equal(cut, found.head(kept), check_exact=True)


@settings(max_examples=40, deadline=None)
@given(awkward_candles(), st.data())
def test_awkward_bars_have_the_same_values_from_wherever_a_frame_begins(
    candles: pl.DataFrame, data: st.DataObject
) -> None:
    whole = compute_definitions(candles, "1m", DEFINITIONS)
    start = data.draw(st.sampled_from(candles["ts"].to_list()))
    part = candles.filter(pl.col("ts") >= series_from(DEFINITIONS, "1m", start))
    found = compute_definitions(part, "1m", DEFINITIONS, start=start)
    assert_frame_equal(found, whole.filter(pl.col("ts") >= start), check_exact=True)
    assert_frame_equal(lived(candles, "1m"), whole, check_exact=True)


def test_values_are_null_until_the_warm_up_is_over_and_then_never() -> None:
    candles = candle_frame(datetime(2024, 1, 1, tzinfo=UTC), "1m", walk(1, 400))
    found = compute_definitions(candles, "1m", DEFINITIONS)
    for told in DEFINITIONS:
        nulls = found[told.name].is_null()
        assert nulls.head(told.warm_up - 1).all(), told.name
        assert told.undefined or not nulls.slice(told.warm_up - 1).any(), told.name


def test_a_start_further_back_than_the_memory_does_not_show(shared_data: Path) -> None:
    bars = Bars.of(real_candles(shared_data, "5m"))
    for told in DEFINITIONS:
        if told.memory is None:
            continue
        whole = told.function.batch(bars, "5m")[told.output]
        usual = np.nanmedian(np.abs(whole))
        late = told.function.batch(bars.between(1_500), "5m")[told.output]
        apart = np.abs(late - whole[1_500:])[told.memory :]
        allowed = 1e-9 * np.maximum(np.abs(whole[1_500:][told.memory :]), usual)
        assert (apart <= allowed).all(), (told.name, float((apart / allowed).max()))


def test_windows_reach_as_far_as_a_changed_bar_shows() -> None:
    bar = datetime(2024, 3, 4, 5, tzinfo=UTC)
    assert series_until(one_series("ema(34)").definitions, "1m", bar) == next_block(
        "1m", bar + WARM_UP * timedelta(minutes=1)
    )
    year, since = one_series("vwap(year)").definitions, one_series("vwap(2024-02-01)").definitions
    assert series_until(year, "1m", bar) == datetime(2025, 1, 1, tzinfo=UTC)
    assert series_from(year, "1m", bar) == datetime(2024, 1, 1, tzinfo=UTC)
    assert series_until(since, "1m", bar).year == 9999
    assert series_from(since, "1m", bar) == datetime(2024, 2, 1, tzinfo=UTC)
    before = datetime(2024, 1, 20, tzinfo=UTC)  # no bar before the anchor counts
    assert series_until(since, "1m", before) < datetime(2024, 2, 2, tzinfo=UTC)
    assert series_from(since, "1m", before) == frame_start("1m", before)


# the values of others ------------------------------------------------------------------------------------


def columns_of(candles: pl.DataFrame) -> dict[str, Any]:
    return {name: pd.Series(candles[name].to_numpy()) for name in ("high", "low", "close", "volume")}


def same(found: pl.Series, other: Any, *, skip: int = 0) -> None:
    one, two = found.to_numpy()[skip:], np.asarray(other, dtype=float)[skip:]
    np.testing.assert_allclose(one, two, rtol=1e-8, atol=1e-10, err_msg=found.name)


def test_the_usual_ones_are_those_of_pandas_ta(shared_data: Path) -> None:
    candles = real_candles(shared_data, "5m").head(2_000)
    found, bars = compute(candles, "5m"), columns_of(candles)
    high, low, close = bars["high"], bars["low"], bars["close"]
    stochastic = ta.stoch(high, low, close, 14, 3, 3, talib=False)
    same(found["stochastic_k"], stochastic.iloc[:, 0].reindex(close.index), skip=20)
    same(found["stochastic_d"], stochastic.iloc[:, 1].reindex(close.index), skip=20)
    lines = ta.ichimoku(high, low, close, as_dataframe=True)
    same(found["ichimoku_conversion"], lines["ITS_9"])
    same(found["ichimoku_base"], lines["IKS_26"])
    # pandas-ta plots the spans ahead: at a bar stands what was known 26 bars before
    for ours, theirs in (("ichimoku_span_a", "ISA_9"), ("ichimoku_span_b", "ISB_26")):
        same(found[ours].shift(26), lines[theirs], skip=100)
    channel = ta.donchian(high, low, 20, 20)
    same(found["donchian_upper"], channel["DCU_20_20"])
    same(found["donchian_lower"], channel["DCL_20_20"])
    middle = ta.ema(close, 20, talib=False)
    width = 2 * ta.atr(high, low, close, 10, talib=False)
    same(found["keltner_upper"], middle + width, skip=500)
    same(found["keltner_lower"], middle - width, skip=500)


def test_supertrend_is_that_of_pandas_ta_wherever_both_are_on_the_same_side(shared_data: Path) -> None:
    """pandas-ta turns at the bar before's unfollowed band, TA-Lib at the bar's own: a few turns differ."""
    candles = real_candles(shared_data, "5m").head(3_000)
    found, bars = compute(candles, "5m"), columns_of(candles)
    other = ta.supertrend(bars["high"], bars["low"], bars["close"], 10, 3.0)
    ours, theirs = found["supertrend_direction"].to_numpy()[300:], other["SUPERTd_10_3.0"].to_numpy()[300:]
    assert (ours == theirs).mean() > 0.95
    line = found["supertrend"].to_numpy()[300:]
    apart = np.abs(line - other["SUPERT_10_3.0"].to_numpy()[300:])
    assert (apart <= 1e-9 * line).mean() > 0.9


def test_supertrend_is_seban_s_rule_by_hand(shared_data: Path) -> None:
    candles = real_candles(shared_data, "5m").head(1_500)
    high, low, close = (candles[name].to_list() for name in ("high", "low", "close"))
    atr = compute_definitions(candles, "5m", one_series("atr(10)").definitions)["atr_10"].to_list()
    found = compute(candles, "5m")
    upper = lower = before = math.nan
    side = 0
    for row, width in enumerate(atr):
        if width is None:
            continue
        middle = (high[row] + low[row]) / 2
        top, bottom = middle + 3 * width, middle - 3 * width
        if side:
            top = min(top, upper) if before <= upper else top
            bottom = max(bottom, lower) if before >= lower else bottom
            if (side > 0 and close[row] < bottom) or (side < 0 and close[row] > top):
                side = -side
        else:
            side = int(found["supertrend_direction"][row])
        upper, lower, before = top, bottom, close[row]
        assert found["supertrend_direction"][row] == side, row
        assert found["supertrend"][row] == pytest.approx(bottom if side > 0 else top, rel=1e-9)
    assert found["supertrend_direction"].drop_nulls().n_unique() == 2


def test_lines_of_a_few_bars_are_those_that_one_counts_by_hand() -> None:
    high = [5.0, 6, 7, 6, 8, 9]
    low = [4.0, 4, 5, 3, 6, 7]
    close = [4.5, 5, 6, 4, 7, 9]
    columns = {
        "open": np.array(close),
        "high": np.array(high),
        "low": np.array(low),
        "close": np.array(close),
    }
    candles = candle_frame(datetime(2024, 1, 1, tzinfo=UTC), "1h", {**columns, "volume": np.ones(6)})

    def values(text: str) -> dict[str, list[float | None]]:
        found = compute_definitions(candles, "1h", one_series(text).definitions)
        return {name: found[name].to_list() for name in found.columns if name != "ts"}

    assert values("donchian(3)")["donchian_3_upper"] == [None, None, 7, 7, 8, 9]
    assert values("donchian(3)")["donchian_3_lower"] == [None, None, 4, 3, 3, 3]
    lines = values("ichimoku(2, 3, 4)")
    assert lines["ichimoku_2_3_4_conversion"] == [None, 5, 5.5, 5, 5.5, 7.5]
    assert lines["ichimoku_2_3_4_base"] == [None, None, 5.5, 5, 5.5, 6]
    assert lines["ichimoku_2_3_4_span_a"] == [None, None, 5.5, 5, 5.5, 6.75]
    assert lines["ichimoku_2_3_4_span_b"] == [None, None, None, 5, 5.5, 6]
    fast = values("stochastic(3, 1, 1)")["stochastic_3_1_1_k"]
    assert fast == [
        None,
        None,
        pytest.approx(200 / 3),
        pytest.approx(25),
        pytest.approx(80),
        pytest.approx(100),
    ]
    assert values("williams(3)")["williams_3"][3] == pytest.approx(-75)
    typical = [sum(bar) / 3 for bar in zip(high, low, close, strict=True)]
    since = values("vwap(2024-01-01T02:00)")["vwap_20240101t0200"]
    assert since[:2] == [None, None]
    assert since[5] == pytest.approx(sum(typical[2:]) / 4)


@pytest.mark.parametrize("anchor", ANCHORS)
def test_vwap_begins_again_with_its_anchor(anchor: str) -> None:
    start = datetime(2023, 12, 29, tzinfo=UTC)
    candles = candle_frame(start, "1h", walk(3, 200)).with_columns(pl.lit(2.0).alias("volume"))
    begins = {"day": 24, "week": 72, "month": 72, "year": 72}[anchor]  # 2024 begins on a Monday
    (definition,) = one_series(f"vwap({anchor})").definitions
    found = compute_definitions(candles, "1h", [definition])[definition.name]
    typical = (candles["high"] + candles["low"] + candles["close"]) / 3
    assert found[begins] == pytest.approx(typical[begins])
    assert found[begins + 5] == pytest.approx(typical.slice(begins, 6).mean())
    assert found[begins - 1] != pytest.approx(typical[begins - 1])


def test_an_oscillator_of_a_still_market_is_in_the_middle_whatever_its_window() -> None:
    still = {name: np.full(100, 5.0) for name in ("open", "high", "low", "close")}
    candles = candle_frame(datetime(2024, 1, 1, tzinfo=UTC), "1m", {**still, "volume": np.zeros(100)})
    wanted = {
        "rsi(7)": 50,
        "mfi(5)": 50,
        "stochastic(21, 5, 4)": 50,
        "williams(20)": -50,
        "cmf(10)": 0,
        "cci(14)": 0,
    }
    for text, middle in wanted.items():
        definition: IndicatorDefinition = one_series(text).definitions[0]
        assert compute_definitions(candles, "1m", [definition])[definition.name][-1] == middle, text


def test_no_series_has_the_number_of_another() -> None:
    numbers = {one_series(f"{kind}({n})").number for kind in ("ema", "sma", "rsi") for n in range(2, 60)}
    assert len(numbers) == 3 * 58
    assert set(INDICATORS).isdisjoint(each.name for each in DEFINITIONS)
