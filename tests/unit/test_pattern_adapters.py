"""Detectors' rows as pattern events: one mapping for frames and single rows, nothing lost or made up."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from alphapulse_assets.indicators.batch import compute
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE
from alphapulse_assets.patterns.candlestick.live import CandlestickPattern
from alphapulse_assets.patterns.chart import batch as chart
from alphapulse_assets.patterns.chart.definitions import CHART_CATALOGUE
from alphapulse_assets.patterns.events.adapters import (
    ATR,
    CHART_NATURES,
    VOLUME_NATURES,
    BarEvents,
    candlestick_events,
    chart_events,
    volume_events,
)
from alphapulse_assets.patterns.events.model import (
    IDENTITY,
    NATURES,
    PATTERN_EVENT_SCHEMA,
    PatternEvent,
    is_flag,
    ordered,
)
from alphapulse_assets.patterns.events.own_levels import MOST_CANDLES
from alphapulse_assets.volume import batch as volume
from alphapulse_assets.volume.definitions import VOLUME_CATALOGUE
from alphapulse_assets.volume.events import VolumePattern
from tests.unit.candlestick_support import REAL, THREE_METHODS, real_candles
from tests.unit.chart_support import START
from tests.unit.indicator_support import candle_frame

Rows = dict[str, pl.DataFrame]


def found(candles: pl.DataFrame, timeframe: str) -> tuple[Rows, pl.DataFrame]:
    """What all detectors say of these bars, and the bars' ATR."""
    rows = {
        "candlestick": candlestick.detect(candles, timeframe),
        "chart": chart.detect(candles, timeframe),
        "volume": volume.detect(candles, timeframe),
    }
    return rows, compute(candles, timeframe, names=[ATR])


def directed(rows: pl.DataFrame) -> pl.DataFrame:
    """Without the flags of bars, which are no events."""
    return rows.filter(pl.col("direction") != "neutral")


def events(rows: Rows, candles: pl.DataFrame, atr: pl.DataFrame, timeframe: str) -> pl.DataFrame:
    return pl.concat(
        [
            candlestick_events(rows["candlestick"], candles, atr, timeframe, 7),
            chart_events(rows["chart"], candles, atr, timeframe, 7),
            volume_events(rows["volume"], candles, atr, timeframe, 7),
        ]
    )


def one_by_one(rows: Rows, candles: pl.DataFrame, atr: pl.DataFrame, timeframe: str) -> list[PatternEvent]:
    closes, atrs = (dict(frame.iter_rows()) for frame in (candles.select("ts", "close"), atr))
    bars = candles.select("high", "low").rows()
    numbers = {ts: number for number, ts in enumerate(candles["ts"])}

    def bar(ts: object) -> BarEvents:
        last = numbers[ts] + 1
        return BarEvents(7, timeframe, closes[ts], atrs[ts], bars[max(last - MOST_CANDLES, 0) : last])

    told = [
        *(bar(row[0]).candlestick(CandlestickPattern(*row)) for row in rows["candlestick"].iter_rows()),
        *(bar(row["ts"]).chart(row) for row in rows["chart"].iter_rows(named=True)),
        *(bar(row[0]).volume(VolumePattern(*row)) for row in rows["volume"].iter_rows()),
    ]
    return [event for event in told if not is_flag(event.family, event.direction)]


@pytest.mark.parametrize("name", REAL)
def test_real_rows_one_by_one_are_the_events_of_the_frames(shared_data: Path, name: str) -> None:
    candles = real_candles(shared_data, name).head(5_000)
    rows, atr = found(candles, REAL[name])
    whole = events(rows, candles, atr, REAL[name])
    single = pl.DataFrame(
        one_by_one(rows, candles, atr, REAL[name]), schema=PATTERN_EVENT_SCHEMA, orient="row"
    )
    assert_frame_equal(single, whole, check_exact=True)


def test_real_events_are_what_scores_and_signals_read(shared_data: Path) -> None:
    candles = real_candles(shared_data, "Coinbase_BTCUSD_1h.csv").head(5_000)
    rows, atr = found(candles, "1h")
    whole = ordered(events(rows, candles, atr, "1h"))
    counts = {name: directed(frame).height for name, frame in rows.items()}
    assert whole.height == counts["candlestick"] + counts["volume"] + rows["chart"].height
    assert 0 < counts["candlestick"] < rows["candlestick"].height
    assert not whole.select(IDENTITY).is_duplicated().any()
    assert whole.filter(pl.col("family") == "chart")["reference"].null_count() == 0
    others = whole.filter(pl.col("family") != "chart")
    assert others["reference"].null_count() == others.height
    assert set(others["direction"]) == {"bullish", "bearish"}
    assert others["invalidation"].null_count() == 0
    aiming = others.filter(pl.col("target").is_not_null())
    assert set(aiming["pattern"]) == {"breakout"}
    sign = pl.when(pl.col("direction") == "bullish").then(1).otherwise(-1)
    assert (others.select(sign * (pl.col("price") - pl.col("invalidation")) >= 0).to_series()).all()
    assert (aiming.select(sign * (pl.col("target") - pl.col("breakout_level")) > 0).to_series()).all()


def test_candlestick_patterns_are_wrong_beyond_the_extreme_of_their_candles(shared_data: Path) -> None:
    candles = real_candles(shared_data, "Coinbase_BTCUSD_1h.csv").head(2_000)
    rows, atr = found(candles, "1h")
    told = candlestick_events(rows["candlestick"], candles, atr, "1h", 7)
    bars = candles.select("ts", "high", "low").rows()
    rows_told = directed(rows["candlestick"]).rows(named=True)
    for row, event in zip(rows_told, told.rows(named=True), strict=True):
        own = [(high, low) for ts, high, low in bars if row["began_at"] <= ts <= row["ts"]]
        extreme = {"bullish": min(low for _, low in own), "bearish": max(high for high, _ in own)}
        assert event["invalidation"] == extreme.get(row["direction"])
    assert told["pattern"].n_unique() > 15


def test_a_breakout_is_wrong_at_what_it_broke_and_a_fake_out_beyond_its_bars() -> None:
    bar = BarEvents(7, "1h", 111.0, 2.0, [(105.0, 99.0), (112.0, 101.0), (113.0, 104.0)])

    def volume_pattern(name: str, direction: str, detail: str) -> PatternEvent:
        end = START + timedelta(hours=1)
        return bar.volume(VolumePattern(START, name, direction, "weak", 0.5, 2.0, 0.1, detail, end))

    broke = volume_pattern("breakout", "bullish", '{"kind":"up","level":110.0,"far_side":100.0}')
    assert (broke.breakout_level, broke.target, broke.invalidation) == (110.0, 120.0, 110.0)
    lost = volume_pattern("fake_out", "bearish", '{"kind":"up","level":110.0,"bars_since":1}')
    assert (lost.breakout_level, lost.target, lost.invalidation) == (None, None, 113.0)
    later = volume_pattern("fake_out", "bullish", '{"kind":"down","level":110.0,"bars_since":2}')
    assert later.invalidation == 99.0
    assert volume_pattern("climax", "bullish", '{"level":90.0}').invalidation == 104.0
    assert volume_pattern("spike", "neutral", "{}").invalidation is None


def test_a_pattern_whose_first_bars_are_not_there_has_no_level() -> None:
    candles, rows = three_methods()
    atr = compute(candles, "1h", names=[ATR])
    last = rows.filter(pl.col("candles") > 1, pl.col("direction") != "neutral").tail(1)
    part = candles.filter(pl.col("ts") > last["began_at"][0])
    assert candlestick_events(last, part, atr, "1h", 7)["invalidation"].to_list() == [None]
    assert candlestick_events(last, candles, atr, "1h", 7)["invalidation"].null_count() == 0


def test_levels_are_of_events_with_candles_and_prices_of_theirs(shared_data: Path) -> None:
    candles = real_candles(shared_data, "Coinbase_BTCUSD_1h.csv").head(5_000)
    rows, atr = found(candles, "1h")
    whole = ordered(events(rows, candles, atr, "1h"))
    assert set(whole["family"].unique()) == {"candlestick", "chart", "volume"}
    assert whole["price"].is_in(candles["close"].to_list()).all()
    for column in whole.select(pl.selectors.float()).iter_columns():
        assert not column.is_nan().any()


def test_atr_is_that_of_the_bar_and_null_in_the_warm_up(shared_data: Path) -> None:
    candles = real_candles(shared_data, "Coinbase_BTCUSD_1h.csv").head(400)
    rows, atr = found(candles, "1h")
    whole = events(rows, candles, atr, "1h")
    beside = whole.join(atr, on="ts", how="left")
    assert beside["atr"].equals(beside[ATR])
    assert whole.filter(pl.col("ts") < candles["ts"][14])["atr"].is_null().all()
    assert whole.filter(pl.col("ts") >= candles["ts"][14])["atr"].is_not_null().all()
    nothing = candlestick_events(
        rows["candlestick"], candles, atr.with_columns(pl.lit(0.0).alias(ATR)), "1h", 7
    )
    assert nothing["atr"].null_count() == nothing.height > 0


def test_the_bar_that_confirms_is_twice_as_strong_and_a_hit_is_50(shared_data: Path) -> None:
    candles = real_candles(shared_data, "Coinbase_BTCUSD_1h.csv").head(5_000)
    rows, atr = found(candles, "1h")
    whole = candlestick_events(rows["candlestick"], candles, atr, "1h", 7)
    told = directed(rows["candlestick"])["strength"].abs()
    assert {80, 100, 200} == set(told.unique())
    assert dict(zip(told, whole["strength"], strict=True)) == {80: 40.0, 100: 50.0, 200: 100.0}
    confirming = whole.filter(told == candlestick.CONFIRMATION)
    assert set(confirming["pattern"]) <= {"hikkake", "hikkake_modified"}


def test_strengths_of_the_other_families_are_within_0_and_100() -> None:
    assert set(CHART_NATURES) == set(CHART_CATALOGUE)
    assert set(VOLUME_NATURES) == set(VOLUME_CATALOGUE)
    assert {*CHART_NATURES.values(), *VOLUME_NATURES.values()} <= {None, *NATURES}
    bar = BarEvents(7, "1h", 100.0, None)
    grades = {
        grade: bar.volume(
            VolumePattern(START, "spike", "bullish", grade, 0.5, 2.0, 0.1, "{}", START + timedelta(hours=1))
        ).strength
        for grade in ("weak", "medium", "strong", "extreme")
    }
    assert grades == {"weak": 25.0, "medium": 50.0, "strong": 75.0, "extreme": 100.0}


def three_methods() -> tuple[pl.DataFrame, pl.DataFrame]:
    prices = [(100.0, 101.0, 99.0, 100.5), (100.5, 101.5, 99.5, 100.0)] * 10 + THREE_METHODS
    columns = {name: [bar[i] for bar in prices] for i, name in enumerate(("open", "high", "low", "close"))}
    candles = candle_frame(START, "1h", {**columns, "volume": [1.0] * len(prices)})
    return candles, candlestick.detect(candles, "1h")


def test_natures_are_those_of_the_catalogue() -> None:
    candles, rows = three_methods()
    told = candlestick_events(rows, candles, compute(candles, "1h", names=[ATR]), "1h", 7)
    assert rows.height
    assert told["nature"].to_list() == [CATALOGUE[name].nature.value for name in directed(rows)["pattern"]]


def test_rules_on_trial_say_so() -> None:
    candles, rows = three_methods()
    atr = compute(candles, "1h", names=[ATR])
    assert set(candlestick_events(rows, candles, atr, "1h", 7)["logic_version"]) == {
        candlestick.LOGIC_VERSION
    }
    trial = candlestick_events(rows, candles, atr, "1h", 7, logic_version=-3)
    assert set(trial["logic_version"]) == {-3}


def test_a_row_without_its_candle_is_refused() -> None:
    candles, rows = three_methods()
    atr = compute(candles, "1h", names=[ATR])
    with pytest.raises(ValueError, match=r"instrument 7.*1h.*without its candle"):
        candlestick_events(rows, candles.head(3), atr, "1h", 7)
    with pytest.raises(ValueError, match="has no place"):
        candlestick_events(rows, candles, atr, "2h", 7)


def test_no_rows_are_no_events() -> None:
    candles, rows = three_methods()
    none = candlestick_events(rows.clear(), candles.clear(), compute(candles, "1h", names=[ATR]), "1h", 7)
    assert none.schema == PATTERN_EVENT_SCHEMA
    assert none.is_empty()
