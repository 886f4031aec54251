"""Plans of signals: one vote a piece of evidence, own stops, reach, life, budget, steps."""

import json
import math
from datetime import timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration, SizingRules
from alphapulse_assets.patterns.scoring.confidence import confidence
from alphapulse_assets.patterns.signals.batch import signals
from alphapulse_assets.patterns.signals.life import with_ends
from alphapulse_assets.patterns.signals.steps import NO_STEPS, Steps, on_step, steps_of
from tests.unit.pattern_support import START, event, event_frame, scenes
from tests.unit.test_signals import CHART, EASY, TWO, Scene, sure

HOUR = timedelta(hours=1)


def given_by(
    *rows: dict[str, Any],
    scores: tuple[float, ...] = (70.0,),
    steps: Steps = NO_STEPS,
    configuration: PatternConfiguration = DEFAULT,
) -> list[dict[str, Any]]:
    events = event_frame(*rows)
    return signals(events, sure(events, *scores), steps=steps, configuration=configuration).rows(named=True)


def two(bar: int = 0, **changed: Any) -> list[dict[str, Any]]:
    """Two shapes at a bar of 1h."""
    moved = {"ts": START + bar * HOUR, "known_at": START + (bar + 1) * HOUR}
    return [row | moved | changed for row in TWO]


def test_names_of_one_bar_and_shape_vote_once_by_the_surest() -> None:
    names = ("belt_hold", "closing_marubozu", "engulfing")
    rows = [event(pattern=name, invalidation=98.0) for name in names]
    rows.append(event(family="volume", pattern="spike", invalidation=98.0))
    against = event(pattern="harami", direction="bearish")
    (row,) = given_by(*rows, against, scores=(60.0, 90.0, 70.0, 60.0, 60.0))
    reasons = json.loads(row["reasons"])
    assert [reason["pattern"] for reason in reasons["counted"]] == ["closing_marubozu", "harami"]
    assert [reason["pattern"] for reason in reasons["alike"]] == ["belt_hold", "engulfing", "spike"]
    assert {reason["shape"] for reason in reasons["alike"]} == {"big_bar"}
    assert (row["patterns"], row["evidence"], row["confidence"]) == (4, 1, 90.0)
    assert row["net"] == pytest.approx((90 - 60) / (90 + 60))


def test_the_same_shape_at_another_bar_votes_but_confirms_nothing() -> None:
    row = given_by(
        event(pattern="engulfing", invalidation=98.0), event(bar=1, pattern="belt_hold", invalidation=98.0)
    )[-1]
    reasons = json.loads(row["reasons"])
    assert (len(reasons["counted"]), reasons["alike"]) == (2, [])
    assert (row["patterns"], row["evidence"], row["signal"]) == (2, 1, "weak_buy")
    assert given_by(*two())[0]["signal"] == "buy"


def test_a_target_lies_within_the_expected_range_of_the_signals_life() -> None:
    (row,) = given_by(*two())
    # the first of equally sure ones is the engulfing bar
    assert (row["stop"], row["stop_from"], row["target_from"]) == (97.0, "engulfing", "reach")
    assert row["target"] == pytest.approx(100 + 2.0 * math.sqrt(3))
    assert "reach" in row["plan_remark"]
    (far,) = given_by(event(**CHART, target=150.0, invalidation=97.0))
    assert far["target"] == pytest.approx(100 + 2.0 * math.sqrt(10))


@pytest.mark.parametrize("invalidation", [99.999, 99.0])
def test_a_breakout_at_an_apex_has_no_great_reward_for_its_risk(invalidation: float) -> None:
    (row,) = given_by(event(**CHART, target=140.0, invalidation=invalidation))
    assert (row["stop"], row["risk_atr"], row["stop_from"]) == (98.0, 1.0, "triangle")
    assert row["reward_risk"] == pytest.approx(math.sqrt(10))
    assert row["plan_remark"].startswith("stop set back")


@pytest.mark.parametrize(
    ("pattern", "stop"), [("double_bottom", 97.0), ("rectangle", 97.0), ("ascending_triangle", 94.5)]
)
def test_the_stop_of_a_pattern_of_two_levels_is_its_middle(pattern: str, stop: float) -> None:
    levels = {"breakout_level": 99.5, "invalidation": 94.5, "target": 104.5}
    (row,) = given_by(event(**CHART | {"pattern": pattern}, **levels, atr=1.6))
    assert (row["stop"], row["stop_from"]) == (stop, pattern)
    assert ("middle" in (row["plan_remark"] or "")) == (stop == 97.0)
    assert (row["reward_risk"] >= 1) == (stop == 97.0)


def test_a_signal_lives_as_long_as_the_votes_of_its_timeframe() -> None:
    (candles,) = given_by(*two())
    assert candles["expires_at"] == candles["known_at"] + 3 * HOUR
    (chart,) = given_by(event(**CHART, invalidation=97.0))
    assert chart["expires_at"] == chart["known_at"] + 10 * HOUR
    row = given_by(event(**CHART, invalidation=97.0), *two(bar=4))[-1]
    assert row["expires_at"] == START + 11 * HOUR
    later = given_by(event(**CHART, invalidation=97.0), *two(bar=9))[-1]
    assert later["expires_at"] == START + 13 * HOUR
    daily = event("1d", -1, invalidation=98.0)
    beside = given_by(daily, *two(bar=0))[-1]
    assert beside["expires_at"] == beside["known_at"] + 3 * HOUR


def test_a_later_opposite_signal_closes_the_earlier() -> None:
    # the chart pattern fails, so that its vote no longer stands against the others
    chart = event(**CHART, direction="bearish", invalidation=103.0)
    failed = chart | {"stage": "failed", "ts": START + HOUR, "known_at": START + 2 * HOUR}
    rows = given_by(chart, failed, *two(bar=2))
    ends = with_ends(pl.DataFrame(rows, infer_schema_length=None)).rows(named=True)
    assert [row["signal"] for row in rows] == ["weak_sell", "buy"]
    assert (ends[0]["closed_at"], ends[0]["ends_at"]) == (START + 3 * HOUR, START + 3 * HOUR)
    assert ends[0]["expires_at"] == START + 11 * HOUR
    assert (ends[1]["closed_at"], ends[1]["ends_at"]) == (None, rows[1]["expires_at"])


def test_a_signal_against_a_live_one_of_a_higher_timeframe_is_weak_and_says_so() -> None:
    chart = event("4h", 0, **CHART, direction="bearish", invalidation=103.0)
    failed = chart | {"stage": "failed", "ts": START + 4 * HOUR, "known_at": START + 8 * HOUR}
    row = given_by(chart, failed, *two(bar=9))[-1]
    assert (row["signal"], row["against"], row["overridden_by"]) == ("weak_buy", "4h", None)
    assert row["plan_remark"].endswith("against a live signal of a higher timeframe")
    assert (row["size"], row["risk_limited_by"]) == (0.0, "weak")
    # while its votes stand it is overridden, so neutral
    assert given_by(chart, *two(bar=9))[-1]["overridden_by"] == "4h"


def test_weak_signals_are_not_sized() -> None:
    (row,) = given_by(TWO[0])
    assert (row["signal"], row["size"], row["risk"], row["risk_limited_by"]) == ("weak_buy", 0.0, 0.0, "weak")


def test_a_symbol_has_two_positions_at_most_and_says_so() -> None:
    rows = given_by(*two(0), *two(1), *two(2), *two(3))
    shown = [(row["notional"], row["risk_limited_by"]) for row in rows]
    # the first is over when the fourth is given
    assert shown == [
        (2_500.0, "position_cap"),
        (2_500.0, "position_cap"),
        (0.0, "symbol_budget"),
        (2_500.0, "position_cap"),
    ]


def test_what_is_left_of_the_risk_of_a_symbol_is_taken() -> None:
    rules = PatternConfiguration(sizing=SizingRules(symbol_risk_fraction=0.015, symbol_cap_fraction=10.0))
    rows = given_by(
        *two(0, atr=4.0, invalidation=95.0), *two(1, atr=4.0, invalidation=95.0), configuration=rules
    )
    assert [row["risk"] for row in rows] == [100.0, 50.0]
    assert [row["risk_limited_by"] for row in rows] == [None, "symbol_budget"]


@settings(max_examples=60, deadline=None)
@given(scenes(), st.sampled_from([NO_STEPS, steps_of(0.05, 0.3)]))
def test_what_lives_of_a_symbol_is_within_its_budget(scene: Scene, steps: Steps) -> None:
    events, context = scene
    scores = confidence(events, context, configuration=EASY)
    found = with_ends(signals(events, scores, steps=steps, configuration=EASY)).drop_nulls("ends_at")
    sizing = EASY.sizing
    for moment in found["known_at"].unique():
        live = found.filter(pl.col("known_at") <= moment, pl.col("ends_at") > moment)
        assert live["risk"].sum() <= sizing.equity * sizing.symbol_risk_fraction * (1 + 1e-9)
        assert live["notional"].sum() <= sizing.equity * sizing.symbol_cap_fraction * (1 + 1e-9)
        for _, same in live.group_by("timeframe"):
            assert same["signal"].str.ends_with("buy").n_unique() == 1


@settings(max_examples=40, deadline=None)
@given(scenes())
def test_prices_are_on_the_tick_and_never_to_the_signals_favour(scene: Scene) -> None:
    events, context = scene
    scores = confidence(events, context, configuration=EASY)
    raw = signals(events, scores, configuration=EASY)
    stepped = signals(events, scores, steps=steps_of(0.01, None), configuration=EASY)
    assert raw["tick_size"].null_count() == raw.height
    for one, other in zip(raw.rows(named=True), stepped.rows(named=True), strict=True):
        assert (one["ts"], other["tick_size"]) == (other["ts"], 0.01)
        if one["stop"] is None or other["stop"] is None:
            continue
        sign = 1 if other["signal"].endswith("buy") else -1
        assert sign * (other["stop"] - one["stop"]) <= 1e-9
        for price in (other["stop"], other["target"]):
            assert price == round(price, 2)
        if other["target_from"] == one["target_from"] != "reward":
            assert -0.01 - 1e-9 <= sign * (other["target"] - one["target"]) <= 1e-9


@pytest.mark.parametrize(
    ("tick", "value", "down", "up"),
    [
        (0.1, 0.3, 0.3, 0.3),
        (0.1, 0.31, 0.3, 0.4),
        (0.05, 100.07, 100.05, 100.1),
        (1e-8, 2.8e-05, 2.8e-05, 2.8e-05),
        (0.25, 99.9, 99.75, 100.0),
        (10.0, 64_321.0, 64_320.0, 64_330.0),
        (None, 0.123456789, 0.123456789, 0.123456789),
    ],
)
def test_steps_give_the_double_nearest_to_the_digits(
    tick: float | None, value: float, down: float, up: float
) -> None:
    steps = steps_of(tick, None)
    rounded = [on_step(value, steps.tick_units, steps.tick_scale, upwards) for upwards in (False, True)]
    assert rounded == [down, up]


def test_a_size_is_in_whole_lots_and_one_below_the_smallest_is_none() -> None:
    (row,) = given_by(*two(), steps=steps_of(None, 0.7))
    assert row["size"] == pytest.approx(24.5)
    assert (row["lot_size"], row["risk_limited_by"]) == (0.7, "position_cap")
    (small,) = given_by(*two(), steps=steps_of(None, 30.0))
    assert (small["size"], small["risk"], small["risk_limited_by"]) == (0.0, 0.0, "minimum")
    wide = two(atr=4.0, invalidation=95.0)
    (lots,) = given_by(*wide, steps=steps_of(None, 0.3))
    assert (lots["size"], lots["risk_limited_by"]) == (pytest.approx(19.8), "lot_size")


def test_ends_follow_the_next_opposite_signal_of_the_same_timeframe() -> None:
    buys = ("buy", "weak_sell", "neutral", "sell", "buy")
    rows = [
        {"instrument_id": 1, "timeframe": "1h", "known_at": START + i * HOUR, "signal": name}
        | {"expires_at": None if name == "neutral" else START + (i + 3) * HOUR}
        for i, name in enumerate(buys)
    ]
    rows.append({**rows[1], "timeframe": "4h"})
    found = with_ends(pl.DataFrame(rows))
    hours = [None if end is None else (end - START) // HOUR for end in found["ends_at"]]
    assert hours == [1, 4, None, 4, 7, 4]
    assert all(a["known_at"] <= b["known_at"] for a, b in pairwise(found.head(5).rows(named=True)))
