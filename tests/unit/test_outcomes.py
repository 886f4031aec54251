"""Outcomes: returns, excursions, first touch, and that nothing is known before its horizon is over."""

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.patterns.evaluation.outcomes import PATTERN_OUTCOME_SCHEMA, outcomes
from alphapulse_assets.patterns.evaluation.random_walk import matched_walk
from alphapulse_assets.patterns.events.configuration import (
    DEFAULT,
    ModelRules,
    OutcomeRules,
    PatternConfiguration,
)
from tests.unit.indicator_support import awkward_candles, candle_frame, walk
from tests.unit.pattern_support import START, event, event_frame

SHORT = PatternConfiguration(
    outcomes=OutcomeRules(horizons=(1, 3), history_horizon=3), models=ModelRules(horizons=(3,))
)
LEVELS: dict[str, Any] = {"family": "chart", "pattern": "triangle", "reference": "a"}


def bars(*rows: tuple[float, float, float]) -> pl.DataFrame:
    """Hourly bars of (high, low, close) from START on."""
    high, low, close = (np.array(values) for values in zip(*rows, strict=True))
    columns = {"open": close, "high": high, "low": low, "close": close, "volume": np.ones(len(rows))}
    return candle_frame(START, "1h", columns)


def one(candles: pl.DataFrame, horizon: int = 3, **changed: Any) -> dict[str, Any]:
    found = outcomes(event_frame(event(**changed)), candles, "1h", configuration=SHORT)
    return found.filter(horizon=horizon).row(0, named=True)


BARS = bars((100, 100, 100), (103, 99, 101), (104, 96, 102), (106, 101, 105))


def test_returns_and_excursions_are_counted_from_the_close_of_the_bar() -> None:
    row = one(BARS)
    assert (row["entry"], row["return_pct"], row["return_atr"]) == (100.0, pytest.approx(5.0), 2.5)
    assert (row["favourable_pct"], row["adverse_pct"]) == (pytest.approx(6.0), pytest.approx(4.0))
    assert (row["favourable_atr"], row["adverse_atr"]) == (3.0, 2.0)
    assert row["confirmed_at"] == START + timedelta(hours=1)
    assert row["known_at"] == START + timedelta(hours=4)
    assert one(BARS, 1)["known_at"] == START + timedelta(hours=2)


def test_a_bearish_pattern_is_judged_the_other_way() -> None:
    row = one(BARS, direction="bearish")
    assert (row["return_atr"], row["directed_atr"]) == (2.5, -2.5)
    assert (row["favourable_atr"], row["adverse_atr"]) == (2.0, 3.0)


def test_a_neutral_pattern_has_a_return_and_no_right_or_wrong() -> None:
    row = one(BARS, direction="neutral", target=105.0, invalidation=95.0, **LEVELS)
    assert row["return_atr"] == 2.5
    judged = ("directed_pct", "directed_atr", "favourable_atr", "adverse_atr", "first_touch", "target_atr")
    assert [row[name] for name in judged] == [None] * 6


@pytest.mark.parametrize(
    ("target", "invalidation", "touch", "after", "ambiguous"),
    [
        (103.0, 90.0, "target", 1, False),
        (110.0, 98.0, "invalidation", 2, False),
        (110.0, 90.0, "neither", None, False),
        (104.0, 96.0, "invalidation", 2, True),  # both within one bar
        (103.0, 99.0, "invalidation", 1, True),
    ],
)
def test_what_is_touched_first_counts_and_both_at_once_is_lost(
    target: float, invalidation: float, touch: str, after: int | None, ambiguous: bool
) -> None:
    row = one(BARS, target=target, invalidation=invalidation, **LEVELS)
    assert (row["first_touch"], row["touch_bars"], row["ambiguous"]) == (touch, after, ambiguous)
    assert row["target_atr"] == (target - 100) / 2
    assert row["invalidation_atr"] == (100 - invalidation) / 2


@pytest.mark.parametrize(
    ("target", "invalidation"), [(99.0, 90.0), (110.0, 101.0), (None, 90.0), (110.0, None)]
)
def test_levels_on_the_wrong_side_or_missing_promise_nothing(
    target: float | None, invalidation: float | None
) -> None:
    row = one(BARS, target=target, invalidation=invalidation, **LEVELS)
    assert (row["first_touch"], row["ambiguous"], row["target_atr"]) == (None, None, None)


def test_the_bar_of_the_pattern_itself_touches_nothing() -> None:
    candles = bars((120, 80, 100), (101, 99, 100), (101, 99, 100), (101, 99, 100))
    row = one(candles, target=110.0, invalidation=90.0, **LEVELS)
    assert (row["first_touch"], row["favourable_atr"]) == ("neither", 0.5)


def test_a_horizon_that_is_not_over_has_no_row() -> None:
    found = outcomes(event_frame(event()), BARS.head(3), "1h", configuration=SHORT)
    assert found["horizon"].to_list() == [1]
    assert not outcomes(event_frame(event()), BARS.head(1), "1h", configuration=SHORT).height


def test_over_missing_bars_a_horizon_takes_longer() -> None:
    candles = BARS.with_columns(
        pl.when(pl.col("close") > 101).then(pl.col("ts") + timedelta(days=2)).otherwise("ts")
    )
    row = one(candles)
    assert row["known_at"] == START + timedelta(days=2, hours=4)
    assert row["return_atr"] == 2.5


def test_only_confirmed_patterns_of_the_timeframe_have_outcomes() -> None:
    events = event_frame(
        event(stage="forming", **LEVELS),
        event(bar=1, stage="failed", **LEVELS),
        event("4h", 0),
        event(bar=1, pattern="harami"),
    )
    assert outcomes(events, BARS, "1h", configuration=SHORT)["pattern"].unique().to_list() == ["harami"]


def test_the_regime_is_that_of_the_pattern() -> None:
    events = event_frame(event()).with_columns(pl.lit("up").alias("regime"))
    assert outcomes(events, BARS, "1h", configuration=SHORT)["regime"].unique().to_list() == ["up"]
    assert outcomes(event_frame(event()), BARS, "1h")["regime"].drop_nulls().to_list() == []


def test_without_an_atr_there_are_per_cents_only() -> None:
    row = one(BARS, atr=None)
    assert (row["return_atr"], row["favourable_atr"]) == (None, None)
    assert row["favourable_pct"] == pytest.approx(6.0)


def test_a_pattern_without_its_candle_is_refused() -> None:
    with pytest.raises(ValueError, match="no 1h candle of 2024-01-01 09:00"):
        outcomes(event_frame(event(bar=9)), BARS, "1h")
    with pytest.raises(ValueError, match="order of time"):
        outcomes(event_frame(event()), BARS.reverse(), "1h")
    with pytest.raises(ValueError, match="unknown timeframe"):
        outcomes(event_frame(event()), BARS, "7h")


def many(candles: pl.DataFrame, seed: int = 0) -> pl.DataFrame:
    """Patterns at a third of the bars, with levels of any kind."""
    random = np.random.default_rng(seed)
    rows = []
    for ts, close in candles.select("ts", "close").iter_rows():
        if random.random() < 0.3:
            sign, atr = int(random.choice((-1, 1))), close * random.uniform(0.001, 0.05)
            rows.append(
                event("1m", ts=ts, known_at=ts + timedelta(minutes=1), price=close, atr=atr)
                | {"direction": "bullish" if sign > 0 else "bearish"}
                | {"target": close + sign * 3 * atr, "invalidation": close - sign * 2 * atr}
            )
    return event_frame(*rows)


@settings(max_examples=30, deadline=None)
@given(awkward_candles(most=200), st.floats(0, 1))
def test_bars_that_come_later_change_no_outcome(candles: pl.DataFrame, share: float) -> None:
    events = many(candles)
    now = candles["ts"][int(share * (candles.height - 1))] + timedelta(minutes=1)
    seen = candles.filter(pl.col("ts") < now)
    cut = outcomes(events.filter(pl.col("known_at") <= now), seen, "1m")
    assert_frame_equal(
        outcomes(events, candles, "1m").filter(pl.col("known_at") <= now), cut, check_exact=True
    )


@settings(max_examples=30, deadline=None)
@given(awkward_candles(most=200))
def test_excursions_hold_the_return_and_grow_with_the_horizon(candles: pl.DataFrame) -> None:
    found = outcomes(many(candles), candles, "1m")
    assert found.schema == PATTERN_OUTCOME_SCHEMA
    slack = 1e-9
    assert (found["directed_atr"] <= found["favourable_atr"] + slack).all()
    assert (found["directed_atr"] >= -found["adverse_atr"] - slack).all()
    assert (found["favourable_atr"] >= 0).all()
    for _, group in found.group_by("ts"):
        ordered = group.sort("horizon")
        assert (ordered["favourable_atr"].diff().drop_nulls() >= 0).all()
        assert ordered["first_touch"].drop_nulls().n_unique() <= 2  # neither, then one of them for good
    settled = found.filter(pl.col("first_touch") == "target")
    assert (settled["favourable_atr"] >= settled["target_atr"] - slack).all()


def test_turned_round_prices_turn_outcomes_round() -> None:
    candles = candle_frame(START, "1m", walk(5, 300))
    about = 10 * float(candles["high"].max() or 0.0)  # type: ignore[arg-type]  # a maximum of prices
    turned = candles.with_columns(
        (about - pl.col("open")).alias("open"),
        (about - pl.col("low")).alias("high"),
        (about - pl.col("high")).alias("low"),
        (about - pl.col("close")).alias("close"),
    )
    events = many(candles)
    swapped = events.with_columns(
        pl.col("direction").replace({"bullish": "bearish", "bearish": "bullish"}),
        *((about - pl.col(name)).alias(name) for name in ("price", "target", "invalidation")),
    )
    columns = ["ts", "horizon", "directed_atr", "favourable_atr", "adverse_atr", "first_touch", "touch_bars"]
    here, there = outcomes(events, candles, "1m"), outcomes(swapped, turned, "1m")
    assert_frame_equal(here.select(columns), there.select(columns), abs_tol=1e-6)
    assert here["first_touch"].n_unique() == 3


def test_a_matched_walk_keeps_sizes_times_and_volumes_and_loses_the_direction() -> None:
    climb = walk(3, 4_000)
    drift = np.exp(np.arange(4_000) * 0.002)
    candles = candle_frame(START, "1m", {k: v if k == "volume" else v * drift for k, v in climb.items()})
    found = matched_walk(candles)
    for name in ("ts", "volume"):
        assert found[name].equals(candles[name])

    def moves(frame: pl.DataFrame) -> Any:
        return np.abs(np.log(frame["close"].to_numpy() / frame["open"].to_numpy()))

    def spans(frame: pl.DataFrame) -> Any:
        return np.log(frame["high"].to_numpy() / frame["low"].to_numpy())

    np.testing.assert_allclose(moves(found), moves(candles), atol=1e-9)
    np.testing.assert_allclose(spans(found), spans(candles), atol=1e-9)
    rising = (found["close"] > found["open"]).sum() / (found["close"] != found["open"]).sum()
    assert 0.45 < rising < 0.55
    ends = [abs(np.log(matched_walk(candles, seed)["close"][-1] / candles["close"][0])) for seed in range(6)]
    assert np.median(ends) < np.log(candles["close"][-1] / candles["close"][0]) / 2


@settings(max_examples=30, deadline=None)
@given(awkward_candles(most=200), st.integers(0, 2**32), st.integers(0, 199))
def test_a_walk_is_made_of_possible_candles_and_falls_alike_in_every_window(
    candles: pl.DataFrame, seed: int, cut: int
) -> None:
    found = matched_walk(candles, seed)
    assert (found["high"] >= found.select(pl.max_horizontal("open", "close")).to_series()).all()
    assert (found["low"] <= found.select(pl.min_horizontal("open", "close")).to_series()).all()
    assert (found["low"] > 0).all()
    assert_frame_equal(found, matched_walk(candles, seed), check_exact=True)
    assert_frame_equal(found.head(cut), matched_walk(candles.head(cut), seed), check_exact=True)
    later, part = found.slice(cut), matched_walk(candles.slice(cut), seed)
    ratio = (later["close"] / later["open"], part["close"] / part["open"])
    np.testing.assert_allclose(*ratio, rtol=1e-9)


def test_a_walk_of_impossible_prices_is_refused() -> None:
    with pytest.raises(ValueError, match="not above 0"):
        matched_walk(BARS.with_columns(pl.lit(0.0).alias("low")))


def test_the_horizons_are_the_required_ones() -> None:
    assert DEFAULT.outcomes.horizons == (1, 3, 5, 10, 20, 50)
    with pytest.raises(ValueError, match="wanted"):
        OutcomeRules(horizons=(3, 1))
