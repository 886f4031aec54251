"""Indicators in one go: definitions, values, warm-up, blocks, what is refused."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.core.calendar_blocks import WARM_UP, block_start, frame_start, next_block
from alphapulse_assets.indicators.bars import Bars, Floats
from alphapulse_assets.indicators.batch import compute
from alphapulse_assets.indicators.registry import INDICATOR_SCHEMA, INDICATORS, definition, registry_version
from alphapulse_resources.frames import TIMEFRAMES
from tests.unit.indicator_support import REAL, awkward_candles, candle_frame, real_candles, walk

NAMES: Final = {
    "cmf_20",
    "macd",
    "minus_di_14",
    "ema_200",
    "mfi_14",
    "sma_20",
    "relative_volume_20",
    "ad_line",
    "ema_50",
    "vwap_week",
    "ema_9",
    "sma_200",
    "bb_middle",
    "ema_20",
    "bb_upper",
    "plus_di_14",
    "macd_histogram",
    "sma_50",
    "realised_volatility_20",
    "obv",
    "bb_lower",
    "atr_14",
    "macd_signal",
    "vwap_session",
    "adx_14",
    "rsi_14",
    "stochastic_k",
    "stochastic_d",
    "ichimoku_conversion",
    "ichimoku_base",
    "ichimoku_span_a",
    "ichimoku_span_b",
    "supertrend",
    "supertrend_direction",
    "keltner_upper",
    "keltner_lower",
    "donchian_upper",
    "donchian_lower",
    "vwap_month",
}
START: Final = datetime(2024, 1, 1, tzinfo=UTC)


def plain(count: int = 400, timeframe: str = "1m", start: datetime = START) -> pl.DataFrame:
    return candle_frame(start, timeframe, walk(1, count))


def fixed() -> pl.DataFrame:
    """Bars that are the same on every machine but for the last digit."""
    number = np.arange(400)
    close = 100 + 5 * np.sin(number / 9) + 2 * np.sin(number / 2.3)
    opened = np.concatenate(([100.0], close[:-1]))
    high, low = np.maximum(opened, close) + 0.3, np.minimum(opened, close) - 0.2
    volume = 20 + 15 * np.cos(number / 5)
    columns = {"open": opened, "high": high, "low": low, "close": close, "volume": volume}
    return candle_frame(START + timedelta(hours=20), "1m", columns)


def last_values() -> dict[str, float]:
    return compute(fixed(), "1m").drop("ts").row(-1, named=True)


def digest() -> str:
    """What the definitions say."""
    told = [
        (
            d.name,
            d.parameters,
            d.formula_version,
            d.warm_up,
            d.memory,
            d.description,
            d.source,
            d.unit,
            d.undefined,
        )
        for d in INDICATORS.values()
    ]
    return hashlib.blake2b(repr((told, WARM_UP)).encode(), digest_size=8).hexdigest()


VERSION: Final = 2
DIGEST: Final = "c5e63d3a52720d86"
VALUES: Final[Mapping[str, float]] = {
    "ema_9": 99.9226472830329,
    "ema_20": 98.7911591961172,
    "ema_50": 98.8621849476424,
    "ema_200": 99.639464726219,
    "sma_20": 97.5139562598851,
    "sma_50": 99.6477759553901,
    "sma_200": 99.5936907307053,
    "rsi_14": 62.197003340128,
    "macd": 0.80710031595595,
    "macd_signal": 0.174357997220425,
    "macd_histogram": 0.632742318735525,
    "bb_upper": 103.145519708741,
    "bb_middle": 97.5139562598851,
    "bb_lower": 91.882392811029,
    "atr_14": 1.06677309594812,
    "adx_14": 32.7839934531514,
    "plus_di_14": 32.539978542202,
    "minus_di_14": 19.7087604989529,
    "obv": 146.173395828328,
    "ad_line": -840.585244712124,
    "vwap_session": 99.8567086733838,
    "vwap_week": 99.9971358300054,
    "cmf_20": -0.3064244298523,
    "mfi_14": 58.1067300246309,
    "relative_volume_20": 0.99843360999688,
    "realised_volatility_20": 5.34627458361749,
    "stochastic_k": 89.4614587366553,
    "stochastic_d": 92.4281323770292,
    "ichimoku_conversion": 99.0918764293144,
    "ichimoku_base": 97.4938526272724,
    "ichimoku_span_a": 98.2928645282934,
    "ichimoku_span_b": 100.240855442412,
    "supertrend": 97.8633970684705,
    "supertrend_direction": 1.0,
    "keltner_upper": 100.877584606294,
    "keltner_lower": 96.7047337859405,
    "donchian_upper": 101.566954937229,
    "donchian_lower": 93.4207503173155,
    "vwap_month": 99.9971358300054,
}


def test_the_indicators_are_those_that_were_promised_and_a_row_has_all_of_them() -> None:
    assert set(INDICATORS) == NAMES
    assert compute(plain(), "1m").schema == INDICATOR_SCHEMA


def test_changed_definitions_or_values_need_another_version() -> None:
    """When this fails, bump REGISTRY_VERSION and the formula_version, and note the new figures here."""
    assert (registry_version(), digest()) == (VERSION, DIGEST)
    assert last_values() == pytest.approx(VALUES, rel=1e-9)


def test_functions_of_ta_lib_are_those_of_ta_lib(shared_data: Path) -> None:
    candles = real_candles(shared_data, "5m").head(2_500)
    bars = Bars.of(candles)
    found = compute(candles, "5m")
    three = (bars.high, bars.low, bars.close)
    expected = {f"ema_{n}": talib.EMA(bars.close, n) for n in (9, 20, 50, 200)}
    expected |= {f"sma_{n}": talib.SMA(bars.close, n) for n in (20, 50, 200)}
    expected |= dict(
        zip(("macd", "macd_signal", "macd_histogram"), talib.MACD(bars.close, 12, 26, 9), strict=True)
    )
    expected |= dict(
        zip(("bb_upper", "bb_middle", "bb_lower"), talib.BBANDS(bars.close, 20, 2.0, 2.0), strict=True)
    )
    # no 14 closes in a row are the same among these
    expected |= {"rsi_14": talib.RSI(bars.close, 14), "atr_14": talib.ATR(*three, 14)}
    expected |= {"adx_14": talib.ADX(*three, 14), "mfi_14": talib.MFI(*three, bars.volume, 14)}
    expected |= {"plus_di_14": talib.PLUS_DI(*three, 14), "minus_di_14": talib.MINUS_DI(*three, 14)}
    expected |= {"obv": talib.OBV(bars.close, bars.volume), "ad_line": talib.AD(*three, bars.volume)}
    assert found["ts"][-1] < datetime(2018, 2, 1, tzinfo=UTC)
    for name, values in expected.items():
        # TA-Lib's running sums keep some rounding where there is no positive flow left
        rounding = 1e-9 if name == "mfi_14" else 0.0
        np.testing.assert_allclose(found[name].to_numpy(), values, rtol=1e-9, atol=rounding, err_msg=name)


def test_volumes_and_volatility_are_those_of_plain_expressions(shared_data: Path) -> None:
    candles = real_candles(shared_data, "5m")
    found = compute(candles, "5m")
    high, low, close, volume = map(pl.col, ("high", "low", "close", "volume"))
    span = high - low
    multiplier = pl.when(span > 0).then((2 * close - high - low) / span).otherwise(0.0)
    typical = (high + low + close) / 3
    day, week = pl.col("ts").dt.truncate("1d"), pl.col("ts").dt.truncate("1w")
    squares = (close / close.shift()).log().pow(2)
    expected = candles.select(
        ((multiplier * volume).rolling_sum(20) / volume.rolling_sum(20)).alias("cmf_20"),
        (volume / volume.rolling_mean(20).shift()).alias("relative_volume_20"),
        (squares.rolling_mean(20) * 365 * 24 * 12).sqrt().alias("realised_volatility_20"),
        ((typical * volume).cum_sum().over(day) / volume.cum_sum().over(day)).alias("vwap_session"),
        ((typical * volume).cum_sum().over(week) / volume.cum_sum().over(week)).alias("vwap_week"),
    )
    assert_frame_equal(found.select(expected.columns), expected, rel_tol=1e-9, abs_tol=1e-12)


def test_values_are_null_until_the_warm_up_is_over_and_then_never() -> None:
    found = compute(plain(), "1m")
    for name, told in INDICATORS.items():
        nulls = found[name].is_null()
        assert nulls.head(told.warm_up - 1).all(), name
        assert told.undefined or not nulls.slice(told.warm_up - 1).any(), name


@pytest.mark.parametrize("count", [0, 1, 2, 14, 15, 33, 34])
def test_frames_shorter_than_a_warm_up_have_rows_of_nulls(count: int) -> None:
    found = compute(plain(100).head(count), "1m")
    assert found.height == count
    assert found["ema_200"].null_count() == count
    assert_frame_equal(found, compute(plain(100), "1m").head(count), check_exact=True)


def test_a_start_further_back_than_the_memory_does_not_show(shared_data: Path) -> None:
    bars = Bars.of(real_candles(shared_data, "5m"))
    for name, told in INDICATORS.items():
        if told.memory is None:
            continue
        whole = told.function.batch(bars, "5m")[told.output]
        usual = np.nanmedian(np.abs(whole))
        for first in (500, 1_500, 3_000):
            late: Floats = told.function.batch(bars.between(first), "5m")[told.output]
            apart = np.abs(late - whole[first:])[told.memory :]
            allowed = 1e-9 * np.maximum(np.abs(whole[first:][told.memory :]), usual)
            assert (apart <= allowed).all(), (name, float((apart / allowed).max()))


def test_no_indicator_remembers_more_than_the_warm_up_gives_it() -> None:
    assert max(max(told.memory or 0, told.warm_up) for told in INDICATORS.values()) <= WARM_UP


@pytest.mark.parametrize("name", REAL)
def test_a_day_computed_alone_has_the_same_values_as_in_one_pass(shared_data: Path, name: str) -> None:
    candles, timeframe = real_candles(shared_data, name), REAL[name]
    whole = compute(candles, timeframe)
    days = whole["ts"].dt.truncate("1d").unique().sort()
    for day in days.gather_every(max(len(days) // 12, 1)):
        start, end = frame_start(timeframe, day), day + timedelta(days=1)
        part = candles.filter((pl.col("ts") >= start) & (pl.col("ts") < end))
        expected = whole.filter((pl.col("ts") >= day) & (pl.col("ts") < end))
        assert_frame_equal(compute(part, timeframe, start=day), expected, check_exact=True)


@settings(max_examples=60, deadline=None)
@given(awkward_candles(), st.data())
def test_awkward_bars_have_the_same_values_from_wherever_a_frame_begins(
    candles: pl.DataFrame, data: st.DataObject
) -> None:
    whole = compute(candles, "1m")
    start = data.draw(st.sampled_from(candles["ts"].to_list()))
    part = candles.filter(pl.col("ts") >= frame_start("1m", start))
    assert_frame_equal(
        compute(part, "1m", start=start), whole.filter(pl.col("ts") >= start), check_exact=True
    )


@settings(max_examples=60, deadline=None)
@given(awkward_candles(), st.data())
def test_later_bars_never_change_a_row(candles: pl.DataFrame, data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, candles.height))
    assert_frame_equal(compute(candles.head(kept), "1m"), compute(candles, "1m").head(kept), check_exact=True)


@pytest.mark.parametrize("name", REAL)
def test_later_real_bars_never_change_a_row(shared_data: Path, name: str) -> None:
    candles, timeframe = real_candles(shared_data, name).head(6_000), REAL[name]
    whole = compute(candles, timeframe)
    for kept in (1, 35, 250, 2_999, 5_999):
        assert_frame_equal(compute(candles.head(kept), timeframe), whole.head(kept), check_exact=True)


@settings(max_examples=60, deadline=None)
@given(awkward_candles())
def test_values_are_finite_and_in_their_ranges(candles: pl.DataFrame) -> None:
    found = compute(candles, "1m")
    told = found.drop("ts").unpivot().drop_nulls()["value"]
    assert told.is_finite().all()
    percentages = found.select(
        *("rsi_14", "adx_14", "plus_di_14", "minus_di_14", "mfi_14", "stochastic_k", "stochastic_d")
    )
    assert percentages.select(pl.all().is_between(0, 100 + 1e-9)).unpivot().drop_nulls()["value"].all()
    assert found["cmf_20"].drop_nulls().is_between(-1 - 1e-12, 1 + 1e-12).all()
    assert (found["bb_lower"] <= found["bb_middle"]).all()
    assert (found["bb_middle"] <= found["bb_upper"]).all()
    assert (found["atr_14"].drop_nulls() >= 0).all()
    assert (found["realised_volatility_20"].drop_nulls() >= 0).all()


@pytest.mark.parametrize("scale", [2.0**-40, 2.0**40])
def test_prices_and_volumes_may_be_tiny_or_huge(scale: float) -> None:
    columns = walk(3, 400)
    usual = compute(candle_frame(START, "1m", columns), "1m")
    scaled = compute(candle_frame(START, "1m", {name: v * scale for name, v in columns.items()}), "1m")
    for name, told in INDICATORS.items():
        factor = scale if told.unit in ("price", "base volume") else 1.0
        np.testing.assert_allclose(
            scaled[name].to_numpy(), usual[name].to_numpy() * factor, rtol=1e-9, err_msg=name
        )


def test_bars_that_never_move_have_bands_of_no_width_and_no_trend() -> None:
    still = {name: np.full(300, 5.0) for name in ("open", "high", "low", "close", "volume")}
    row = compute(candle_frame(START, "1m", still), "1m").row(-1, named=True)
    assert (row["bb_lower"], row["bb_middle"], row["bb_upper"]) == (5.0, 5.0, 5.0)
    assert [row[name] for name in ("adx_14", "plus_di_14", "minus_di_14", "atr_14", "macd")] == [0.0] * 5
    assert (row["rsi_14"], row["mfi_14"], row["cmf_20"], row["realised_volatility_20"]) == (
        50.0,
        50.0,
        0.0,
        0.0,
    )
    assert (row["stochastic_k"], row["stochastic_d"]) == (50.0, 50.0)
    assert (row["relative_volume_20"], row["vwap_session"], row["ad_line"]) == (1.0, 5.0, 0.0)


def test_a_market_that_stands_still_after_a_fall_is_not_oversold() -> None:
    """One rule for all oscillators: the middle of their range once their window is still."""
    close = np.concatenate((np.linspace(100, 60, 40), np.full(60, 60.0)))
    opened = np.concatenate(([100.0], close[:-1]))
    columns = {"open": opened, "high": np.maximum(opened, close), "low": np.minimum(opened, close)}
    volume = np.where(np.arange(100) < 40, 5.0, 0.0)
    found = compute(candle_frame(START, "1m", {**columns, "close": close, "volume": volume}), "1m")
    low = found.filter(pl.col("rsi_14") < 30)
    assert low["ts"].max() == found["ts"][52]  # the last of 13 still bars: with the 14th it is 50
    assert found["rsi_14"][53:].unique().to_list() == [50.0]
    row = found.row(-1, named=True)
    assert (row["mfi_14"], row["stochastic_k"], row["cmf_20"]) == (50.0, 50.0, 0.0)


def test_bars_without_volume_have_no_vwap_and_no_relative_volume() -> None:
    silent = {**walk(1, 60), "volume": np.zeros(60)}
    row = compute(candle_frame(START, "1m", silent), "1m").row(-1, named=True)
    assert (row["vwap_session"], row["vwap_week"], row["relative_volume_20"]) == (None, None, None)
    assert (row["obv"], row["ad_line"], row["cmf_20"], row["mfi_14"]) == (0.0, 0.0, 0.0, 50.0)


def test_huge_volume_leaves_no_trace_in_windows_it_has_left() -> None:
    columns = walk(1, 100)
    columns["volume"] = np.where(np.arange(100) < 50, 1e15, 1e-3)
    row = compute(candle_frame(START, "1m", columns), "1m").row(-1, named=True)
    assert row["relative_volume_20"] == pytest.approx(1.0, rel=1e-12)


def test_cumulative_indicators_begin_again_with_the_month_and_from_1h_up_with_the_year() -> None:
    for timeframe, month in (("15m", 2), ("1h", 1), ("1d", 1)):
        start = datetime(2024, month, 1, tzinfo=UTC)
        candles = plain(60, timeframe, start - 30 * TIMEFRAMES[timeframe])
        found, alone = compute(candles, timeframe), compute(candles.slice(30), timeframe)
        assert found["obv"][30] == candles["volume"][30]
        columns = ["obv", "ad_line"]
        assert_frame_equal(found.slice(30).select(columns), alone.select(columns), check_exact=True)


def test_vwap_begins_again_with_the_day_or_on_monday_and_is_none_where_a_bar_is_a_session() -> None:
    monday = datetime(2024, 1, 8, tzinfo=UTC)
    candles = plain(96, "1h", monday - timedelta(days=2))
    typical = (candles["high"] + candles["low"] + candles["close"]) / 3
    found = compute(candles.with_columns(pl.lit(1.0).alias("volume")), "1h")
    for row in (0, 24, 48, 72):
        assert found["vwap_session"][row] == pytest.approx(typical[row])
    assert found["vwap_week"][48] == pytest.approx(typical[48])
    assert found["vwap_week"][72] == pytest.approx(typical.slice(48, 25).mean())
    assert compute(plain(40, "1d"), "1d")["vwap_session"].null_count() == 40
    assert compute(plain(40, "1d"), "1d")["vwap_week"].null_count() < 40
    assert compute(plain(40, "1w"), "1w")["vwap_week"].null_count() == 40


def test_a_frame_begins_a_warm_up_before_the_block_and_no_later_than_monday() -> None:
    assert frame_start("5m", datetime(2024, 5, 20, 7, tzinfo=UTC)) == datetime(
        2024, 5, 1, tzinfo=UTC
    ) - WARM_UP * timedelta(minutes=5)
    # 1 May 2024 is a Wednesday, and 2,500 minutes are less than two days
    assert frame_start("1m", datetime(2024, 5, 1, tzinfo=UTC)) == datetime(2024, 4, 29, tzinfo=UTC)
    assert frame_start("4h", datetime(2024, 5, 1, tzinfo=UTC)).year == 2022


@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(list(TIMEFRAMES)),
)
def test_blocks_follow_one_another(moment: datetime, timeframe: str) -> None:
    begin, end = block_start(timeframe, moment), next_block(timeframe, moment)
    assert begin <= moment < end
    assert block_start(timeframe, end) == end
    assert block_start(timeframe, end - timedelta(microseconds=1)) == begin


def test_only_the_columns_asked_for_are_computed() -> None:
    whole = compute(plain(), "1m")
    some = compute(plain(), "1m", names=["macd_signal", "obv"])
    assert_frame_equal(some, whole.select("ts", "macd_signal", "obv"), check_exact=True)


@pytest.mark.parametrize("number", [None, float("nan"), float("inf"), 0.0, -1.0])
def test_a_price_that_is_none_is_refused_with_its_time(number: float | None) -> None:
    candles = plain(5).with_columns(
        pl.when(pl.int_range(5) == 3).then(pl.lit(number, pl.Float64)).otherwise("low").alias("low")
    )
    with pytest.raises(ValueError, match=r"00:03:00.*validate"):
        compute(candles, "1m")


def test_what_cannot_be_computed_is_refused() -> None:
    with pytest.raises(ValueError, match=r"does not come after.*sort"):
        compute(pl.concat([plain(5), plain(5)]), "1m")
    with pytest.raises(ValueError, match="unknown timeframe"):
        compute(plain(5), "7m")
    with pytest.raises(ValueError, match="no time zone"):
        compute(plain(5), "1m", start=START.replace(tzinfo=None))
    with pytest.raises(ValueError, match="no indicator 'ema_7'"):
        definition("ema_7")
