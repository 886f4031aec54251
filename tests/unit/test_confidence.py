"""Confidence, reliability and boosts: formulas, bounds, what is missing, mirror, no looking ahead."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.patterns.evaluation.success import SUCCESS_SCHEMA
from alphapulse_assets.patterns.events.configuration import (
    ASPECTS,
    DEFAULT,
    FACTORS,
    ConfidenceRules,
    ReliabilityRules,
)
from alphapulse_assets.patterns.events.model import DAILY_DELAY
from alphapulse_assets.patterns.scoring.confidence import CONFIDENCE_SCHEMA, confidence, level
from alphapulse_assets.patterns.scoring.context import (
    CONTEXT_SCHEMA,
    LEVEL_SCHEMA,
    MARKET_AGE,
    context,
    market_levels,
    signed_trend,
    volume_ratios,
)
from alphapulse_assets.patterns.scoring.context_live import Levels
from alphapulse_assets.regime.batch import compute as regimes
from alphapulse_assets.regime.market import MARKET_SCHEMA
from tests.unit.indicator_support import candle_frame, real_candles, walk
from tests.unit.pattern_support import (
    START,
    context_frame,
    context_row,
    event,
    event_frame,
    mirrored,
    mirrored_context,
    scenes,
)

TOLD = START - DAILY_DELAY
"""Rates as of then are taken as known at START."""

FULL: dict[str, Any] = {
    "volume_ratio": 1.25,
    "change": 1.0,
    "trend": -0.5,
    "higher_trend": 0.8,
    "volatility_percentile": 0.75,
    "liquidity_percentile": 0.6,
    "market_trend": 0.4,
    "sentiment": 0.2,
    "regime": "up",
}


def history(excess: float = 0.1, **changed: Any) -> pl.DataFrame:
    row = dict.fromkeys(SUCCESS_SCHEMA) | {
        "as_of": TOLD,
        "timeframe": "1h",
        "family": "candlestick",
        "pattern": "hammer",
        "direction": "bullish",
        "excess": excess,
    }
    return pl.DataFrame([row | changed], schema=SUCCESS_SCHEMA)


def scored(
    known: dict[str, Any] | None = None, success: pl.DataFrame | None = None, **changed: Any
) -> dict[str, Any]:
    beside = context_frame() if known is None else context_frame(context_row(**known))
    return confidence(event_frame(event(**changed)), beside, success).row(0, named=True)


def test_every_factor_is_its_formula() -> None:
    row = scored(FULL, history())
    assert row["volume"] == pytest.approx((1.25 - 0.5) / 1.5)
    # a reversal wants its own trend against it, the higher one with it
    assert row["trend"] == pytest.approx(((1 + 0.5) / 2 + (1 + 0.8) / 2) / 2)
    assert row["context"] == pytest.approx((0.5 + 0.6 + 0.7 + 0.6) / 4)
    assert row["history"] == pytest.approx(0.5 + 0.1 / 0.4)
    assert row["convergence"] == pytest.approx(1.0 / 3)
    values = [row[name] for name in FACTORS]
    assert row["confidence"] == pytest.approx(
        sum(weight * value for weight, value in zip((30, 25, 20, 15, 10), values, strict=True))
    )
    assert row["coverage"] == 1.0
    assert [row[f"{name}_weight"] for name in FACTORS] == [30, 25, 20, 15, 10]
    assert row["history_as_of"] == TOLD


def test_reliability_is_its_formula() -> None:
    row = scored(FULL, history(), strength=80.0)
    expected = 40 * 0.8 + 30 * row["history"] + 20 * (row["trend"] + row["context"]) / 2 + 10 * row["volume"]
    assert row["reliability"] == pytest.approx(expected)
    assert [row[f"aspect_{name}_weight"] for name in ASPECTS] == [40, 30, 20, 10]
    assert row["reliability_coverage"] == 1.0


def test_boosts_are_their_formula_and_capped() -> None:
    row = scored(FULL)
    assert row["boost_volume"] == pytest.approx(30 * 0.25)
    assert row["boost_price"] == pytest.approx(20 * 0.5)
    assert row["boost_timeframe"] == pytest.approx(30 / 3)
    assert row["boosted"] == pytest.approx(50 + 7.5 + 10 + 10)
    assert row["boosted_level"] == "medium"
    most = scored(FULL | {"volume_ratio": 9.0, "change": 50.0}, strength=100.0)
    assert (most["boosted"], most["boost_volume"], most["boost_price"]) == (100.0, 30.0, 20.0)
    assert scored(FULL | {"change": -50.0})["boost_price"] == 0.0
    assert scored(None, strength=10.0)["boosted_level"] == "weak"


@pytest.mark.parametrize(
    ("nature", "own"), [("reversal", 0.75), ("breakout", 0.25), ("continuation", 0.25), (None, None)]
)
def test_only_a_reversal_wants_its_own_trend_against_it(nature: str | None, own: float | None) -> None:
    row = scored({"trend": -0.5}, nature=nature)
    assert row["trend"] == own
    assert row["trend_coverage"] == (0.0 if own is None else 0.5)


@pytest.mark.parametrize("name", [name for name in FULL if name not in ("regime", "change")])
def test_a_missing_input_moves_no_other_factor_and_lowers_the_coverage(name: str) -> None:
    whole, part = scored(FULL, history()), scored(FULL | {name: None}, history())
    assert part["coverage"] < whole["coverage"]
    parts = {"volume_ratio": "volume", "trend": "trend", "higher_trend": "trend"}
    changed = parts.get(name, "context")
    for factor in FACTORS:
        if factor != changed:
            assert part[factor] == whole[factor]
    # the score is the weighted mean of what is there, each weight cut to its coverage
    there = [
        (part[f"{factor}_weight"] * part[f"{factor}_coverage"], part[factor])
        for factor in FACTORS
        if part[factor] is not None
    ]
    expected = 100 * sum(weight * value for weight, value in there) / sum(weight for weight, _ in there)
    assert part["confidence"] == pytest.approx(expected)
    assert part["coverage"] == pytest.approx(sum(weight for weight, _ in there) / 100)


def test_a_pattern_of_which_nothing_is_known_has_no_level() -> None:
    row = scored(None)
    assert (row["volume"], row["trend"], row["context"], row["history"]) == (None, None, None, None)
    assert row["coverage"] == pytest.approx(0.1)
    assert row["level"] is None
    assert row["history_as_of"] is None


def test_a_neutral_pattern_is_judged_by_what_needs_no_direction() -> None:
    row = scored(FULL, history(direction="neutral"), direction="neutral")
    assert (row["trend"], row["history"], row["convergence"]) == (None, None, None)
    assert row["context"] == pytest.approx((0.5 + 0.6) / 2)
    assert row["context_coverage"] == 0.5
    assert row["boost_price"] is None


def test_a_pattern_that_its_own_timeframe_leans_against_converges_with_nothing() -> None:
    # all close at 04:00
    rows = [
        event("1m", 239, direction="bearish"),
        event("5m", 47, pattern="engulfing", strength=90.0),
        event("5m", 47, pattern="harami", direction="bearish", strength=40.0),
        event("15m", 15, direction="bearish"),
    ]
    found = confidence(event_frame(*rows), context_frame()).filter(timeframe="5m")
    converging = dict(found.select("pattern", "convergence").iter_rows())
    assert converging == {"engulfing": 0.0, "harami": 0.0}


def test_a_neutral_pattern_never_has_a_level() -> None:
    # volume whole and two of the four parts of the context
    row = scored(FULL, history(direction="neutral"), direction="neutral")
    assert (row["coverage"], row["level"]) == (pytest.approx((30 + 20 / 2) / 100), None)


def test_levels_begin_where_they_should() -> None:
    bounds = [
        (39.99, "very low"),
        (40, "low"),
        (60, "medium"),
        (75, "high"),
        (89.99, "high"),
        (90, "extreme"),
    ]
    assert [level(score, 1.0, DEFAULT) for score, _ in bounds] == [name for _, name in bounds]
    assert level(95.0, 0.49, DEFAULT) is None
    assert level(None, 1.0, DEFAULT) is None


def test_history_is_the_latest_known_and_that_of_the_regime_where_there_is_one() -> None:
    times = [TOLD, TOLD + timedelta(hours=1), TOLD + timedelta(hours=2)]
    rates = pl.concat(
        [history(excess, as_of=time) for excess, time in zip((0.0, 0.1, 0.2), times, strict=True)]
    )
    # the event is known at 01:00, and rates when their delay is over
    row = scored(FULL, rates)
    assert (row["history"], row["history_as_of"]) == (pytest.approx(0.75), times[1])
    in_regime = pl.concat([rates, history(-0.1, as_of=times[1], regime="up")])
    assert scored(FULL, in_regime)["history"] == pytest.approx(0.25)
    assert scored(FULL | {"regime": "down"}, in_regime)["history"] == pytest.approx(0.75)
    later = history(0.2, as_of=TOLD + timedelta(hours=2))
    assert scored(FULL, later)["history"] is None


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_scores_and_factors_stay_within_their_bounds(scene: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    found = confidence(*scene)
    assert found.schema == CONFIDENCE_SCHEMA
    for name in [*FACTORS, *(f"{name}_coverage" for name in FACTORS), "coverage", "boosted_coverage"]:
        assert found[name].drop_nulls().is_between(0, 1).all(), name
    for name in ("confidence", "reliability", "boosted"):
        assert found[name].drop_nulls().is_between(0, 100).all(), name
    assert (found["confidence"].is_null() == (found["coverage"] == 0)).all()
    assert not any(found[name].is_nan().any() for name, kind in found.schema.items() if kind == pl.Float64)


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_turned_round_prices_leave_every_score(scene: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    events, beside = scene
    there = confidence(mirrored(events), mirrored_context(beside))
    turned = pl.col("direction").replace({"bullish": "bearish", "bearish": "bullish"})
    keys = ["timeframe", "ts", "family", "pattern", "direction", "stage", "reference"]
    here = confidence(events, beside).with_columns(turned)
    assert_frame_equal(here.sort(keys), there.sort(keys), check_exact=True)


@settings(max_examples=40, deadline=None)
@given(scenes(), st.floats(0, 1))
def test_events_that_come_later_change_no_score(
    scene: tuple[pl.DataFrame, pl.DataFrame], share: float
) -> None:
    events, beside = scene
    now: datetime = events["known_at"][int(share * (events.height - 1))]
    seen = confidence(events.filter(pl.col("known_at") <= now), beside)
    assert_frame_equal(confidence(events, beside).filter(pl.col("known_at") <= now), seen, check_exact=True)


@given(
    st.sampled_from(["volume_ratio", "higher_trend", "liquidity_percentile", "market_trend", "sentiment"]),
    st.floats(0, 1),
    st.floats(0, 1),
)
@settings(max_examples=60, deadline=None)
def test_more_of_what_speaks_for_a_pattern_never_lowers_its_score(
    name: str, one: float, other: float
) -> None:
    less, more = sorted((one, other))
    low, high = scored(FULL | {name: less}, history()), scored(FULL | {name: more}, history())
    assert low["confidence"] <= high["confidence"]
    assert low["reliability"] <= high["reliability"]


@given(st.floats(-1, 1), st.floats(-1, 1))
@settings(max_examples=40, deadline=None)
def test_more_success_never_lowers_the_score(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert scored(FULL, history(less))["confidence"] <= scored(FULL, history(more))["confidence"]


def test_a_bar_with_two_contexts_is_refused() -> None:
    with pytest.raises(ValueError, match="two rows of context"):
        confidence(event_frame(event()), context_frame(context_row(), context_row()))


@pytest.mark.parametrize(
    "wrong", [{"volume": 40.0}, {"levels": (60.0, 40.0, 75.0, 90.0)}, {"history_full": 0.0}]
)
def test_weights_and_levels_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        ConfidenceRules(**wrong)
    with pytest.raises(ValueError, match="sum to 100"):
        ReliabilityRules(technical=50.0)


def test_context_tells_the_bar_and_what_was_known_at_its_close(shared_data: Path) -> None:
    candles = real_candles(shared_data, "1h of two years").head(1_000)
    low = regimes(candles, indicators.compute(candles, "1h"), "1h")
    above = candles.gather_every(4)  # any regimes of 4h will do
    high = regimes(above, indicators.compute(above, "4h"), "4h")
    sentiment = pl.DataFrame([(candles["ts"][500], 0.5)], schema=LEVEL_SCHEMA, orient="row")
    day = candles["ts"][600].replace(hour=0)
    days = pl.DataFrame(
        [dict.fromkeys(MARKET_SCHEMA) | {"ts": day, "trend": "down", "trend_share": 0.7}],
        schema=MARKET_SCHEMA,
    )
    market = market_levels(days)
    found = context("1h", candles, {"1h": low, "4h": high}, market=market, sentiment=sentiment)
    assert found.schema == CONTEXT_SCHEMA
    assert found["change"][700] == candles["close"][700] - candles["close"][699]
    assert found["volume_ratio"][700] == pytest.approx(
        candles["volume"][700] / candles["volume"][680:700].mean()
    )
    full = DEFAULT.confidence.slope_full
    told = [
        signed_trend(trend, slope, full) for trend, slope in low.select("trend", "trend_slope").iter_rows()
    ]
    assert found["trend"].to_list() == told
    assert found["regime"].to_list() == low["trend"].to_list()
    assert {"up", "down", "range"} <= set(found["regime"].drop_nulls())
    hour, bar = timedelta(hours=1), candles["ts"][700]
    past = high.filter(pl.col("ts") + 4 * hour <= bar + hour).row(-1, named=True)
    assert found["higher_trend"][700] == signed_trend(past["trend"], past["trend_slope"], full)
    assert found["sentiment"].is_not_null().arg_max() == 499  # known at the close of the bar before
    # the day's end and six hours more, then for three days
    closes = found.filter(pl.col("market_trend") == -0.7)["ts"] + hour
    assert (closes.min(), closes.max()) == (day + 30 * hour, day + (30 + 72) * hour)
    assert found["market_trend"].drop_nulls().n_unique() == 1
    told_live = [Levels(market, MARKET_AGE).at(ts + hour) for ts in found["ts"]]
    assert found["market_trend"].to_list() == told_live
    cut = context(
        "1h", candles.head(701), {"1h": low.head(701), "4h": high.filter(pl.col("ts") <= past["ts"])}
    )
    columns = ["ts", "volume_ratio", "change", "trend", "higher_trend", "volatility_percentile"]
    assert_frame_equal(cut.select(columns), found.head(701).select(columns), check_exact=True)


def test_a_volume_ratio_needs_twenty_bars_that_traded_and_is_the_same_live() -> None:
    candles = candle_frame(START, "1m", walk(7, 200))
    volume = candles["volume"].to_numpy()
    found = volume_ratios(volume)
    assert found[:20].tolist() == pytest.approx([float("nan")] * 20, nan_ok=True)
    for i in range(20, 200):
        assert volume_ratios(volume[i - 20 : i + 1])[-1] == pytest.approx(found[i], rel=0, abs=0, nan_ok=True)
    assert bool(volume_ratios(volume * 0.0)[50] != volume_ratios(volume * 0.0)[50])  # nothing traded: unknown


def test_the_trend_of_a_regime_is_signed() -> None:
    assert [signed_trend(*told, 0.12) for told in (("up", 0.06), ("down", -0.5), ("range", 0.3))] == [
        0.75,
        -1.0,
        0.0,
    ]
    assert signed_trend(None, 0.1, 0.12) is None
    assert signed_trend("up", None, 0.12) is None
