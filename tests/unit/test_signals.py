"""Signals: the rules one by one, what batch and live give, mirror, bounds, and no looking ahead."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.patterns.evaluation.success import SUCCESS_SCHEMA, SuccessTable
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration, SignalRules
from alphapulse_assets.patterns.events.model import IDENTITY, PATTERN_TIMEFRAMES, PatternEvent
from alphapulse_assets.patterns.scoring.confidence import CONFIDENCE_SCHEMA, confidence
from alphapulse_assets.patterns.scoring.confluence import (
    CONFLUENCE_SCHEMA,
    RELATIONSHIP_SCHEMA,
    confluence,
    frame_start,
)
from alphapulse_assets.patterns.signals.batch import SIGNAL_SCHEMA, SIGNALS, signals
from alphapulse_assets.patterns.signals.life import STANDING_SCHEMA
from alphapulse_assets.patterns.signals.state import Moment, SignalState
from alphapulse_assets.patterns.signals.steps import steps_of
from tests.unit.pattern_support import START, context_frame, event, event_frame, mirrored, scenes

Scene = tuple[pl.DataFrame, pl.DataFrame]
CHART: dict[str, Any] = {"family": "chart", "pattern": "triangle", "reference": "a"}
EASY = PatternConfiguration(signals=SignalRules(least_confidence=30.0, weak=15.0, normal=30.0, strong=50.0))
"""Rules under which made-up patterns give signals of all kinds."""
STEPS = steps_of(0.05, 0.1)


def sure(events: pl.DataFrame, *scores: float) -> pl.DataFrame:
    """Confidences of these events, in the order of the frame: the last one for all that remain."""
    given_ = [*scores, *[scores[-1]] * (events.height - len(scores))]
    told = confidence(events, context_frame())
    return told.with_columns(pl.Series("confidence", given_), pl.lit("any").alias("level"))


def last(*rows: dict[str, Any], scores: tuple[float, ...] = (80.0,), timeframe: str = "1h") -> dict[str, Any]:
    events = event_frame(*rows)
    return signals(events, sure(events, *scores)).filter(timeframe=timeframe).row(-1, named=True)


TWO = (event(invalidation=98.0), event(pattern="engulfing", invalidation=97.0))
"""Two shapes at one bar, with stops of one ATR and more."""


def test_one_pattern_is_weak_two_are_a_buy_two_timeframes_a_strong_one() -> None:
    assert last(TWO[0])["signal"] == "weak_buy"
    assert last(*TWO)["signal"] == "buy"
    assert last(*at_three(), event("4h", 0))["signal"] == "strong_buy"
    assert last(*(row | {"direction": "bearish", "invalidation": 102.0} for row in TWO))["signal"] == "sell"


def at_three() -> list[dict[str, Any]]:
    """TWO at the bar that closes with one of 4h."""
    return [event("1h", 3, pattern=row["pattern"], invalidation=row["invalidation"]) for row in TWO]


@pytest.mark.parametrize(
    ("confidence_", "signal"), [(60.0, "buy"), (74.9, "buy"), (75.0, "strong_buy"), (59.9, None)]
)
def test_patterns_below_the_least_confidence_do_not_count(confidence_: float, signal: str | None) -> None:
    events = event_frame(*at_three(), event("4h", 0))
    found = signals(events, sure(events, confidence_)).filter(timeframe="1h")
    assert found["signal"].to_list() == ([] if signal is None else [signal])


def test_a_pattern_of_which_too_little_is_known_does_not_count() -> None:
    events = event_frame(*TWO)
    untold = sure(events, 90.0).with_columns(pl.lit(None, dtype=pl.String()).alias("level"))
    assert not signals(events, untold).height
    assert not signals(events, untold.clear()).height


def test_the_same_pattern_twice_is_one_confirmation() -> None:
    row = last(event(bar=0, invalidation=98.0), event(bar=1, invalidation=98.0))
    assert (row["patterns"], row["evidence"], row["signal"]) == (1, 1, "weak_buy")


def test_conflict_within_a_timeframe_lowers_the_score_to_nothing() -> None:
    against = event(pattern="harami", direction="bearish")
    row = last(*TWO, against)
    assert row["net"] == pytest.approx(1 / 3)
    assert row["score"] == pytest.approx(80 / 3)
    assert (row["signal"], row["stop"], row["size"], row["expires_at"]) == ("neutral", None, None, None)
    assert last(TWO[0], against)["net"] == 0.0


def test_a_lower_timeframe_that_is_overridden_is_neutral_and_says_by_which() -> None:
    rows = [event("1h", 3), event("1h", 3, pattern="engulfing"), event("4h", 0, direction="bearish")]
    row = last(*rows)
    assert (row["signal"], row["overridden_by"], row["stop"]) == ("neutral", "4h", None)
    reasons = json.loads(row["reasons"])
    assert [reason["timeframe"] for reason in reasons["counted"]] == ["4h"]
    assert [reason["timeframe"] for reason in reasons["overridden"]] == ["1h", "1h"]
    higher = last(*rows, timeframe="4h")
    assert (higher["signal"], higher["overridden_by"], higher["net"]) == ("weak_sell", None, -1.0)


def test_a_timeframe_that_is_overridden_overrides_no_lower_one() -> None:
    # all close at 04:00
    rows = [
        event("15m", 15, invalidation=98.0),
        event("1h", 3, direction="bearish"),
        event("4h", 0, pattern="engulfing"),
    ]
    row = last(*rows, timeframe="15m")
    assert (row["signal"], row["overridden_by"], row["net"], row["evidence"]) == ("buy", None, 1.0, 2)
    reasons = json.loads(row["reasons"])
    assert [reason["timeframe"] for reason in reasons["counted"]] == ["15m", "4h"]
    assert [reason["timeframe"] for reason in reasons["overridden"]] == ["1h"]
    middle = last(*rows)
    assert (middle["signal"], middle["overridden_by"]) == ("neutral", "4h")


def test_without_a_new_pattern_its_way_a_signal_is_neutral() -> None:
    rows = [event(pattern=name) for name in ("hammer", "engulfing", "harami", "doji")]
    row = last(*rows, event(bar=1, direction="bearish"))
    assert row["net"] > 0.5
    assert row["signal"] == "neutral"


def test_reasons_hold_every_pattern_with_its_weight() -> None:
    row = last(event("1h", 3), event("4h", 0, **CHART), scores=(80.0, 90.0))
    reasons = json.loads(row["reasons"])["counted"]
    assert [(reason["pattern"], reason["confidence"]) for reason in reasons] == [
        ("hammer", 80.0),
        ("triangle", 90.0),
    ]
    assert [reason["weight"] for reason in reasons] == pytest.approx([0.8, 0.9])
    assert reasons[1]["reference"] == "a"
    assert row["confidence"] == pytest.approx(85.0)
    daily = last(event("1d", -1), scores=(80.0,), timeframe="1d")
    assert json.loads(daily["reasons"])["counted"][0]["weight"] == pytest.approx(0.8 * 1.2)


def test_stop_and_target_are_the_patterns_own_where_they_fit() -> None:
    row = last(event(**CHART, target=106.0, invalidation=97.0))
    assert (row["entry"], row["stop"], row["target"]) == (100.0, 97.0, 106.0)
    assert (row["risk_atr"], row["reward_risk"]) == (1.5, 2.0)
    assert (row["stop_from"], row["target_from"], row["plan_remark"]) == ("triangle", "triangle", None)


@pytest.mark.parametrize("invalidation", [None, 91.0, 101.0])
def test_without_a_fit_invalidation_the_stop_is_in_atr(invalidation: float | None) -> None:
    row = last(event(**CHART, target=112.0, invalidation=invalidation))
    assert (row["stop"], row["risk_atr"], row["stop_from"]) == (96.0, 2.0, "atr")
    assert row["plan_remark"].startswith("stop by ATR")
    below = last(event(**CHART, direction="bearish", target=88.0))
    assert (below["stop"], below["stop_from"]) == (104.0, "atr")


def test_a_poor_reward_or_no_stop_is_weak_at_most() -> None:
    poor = event(**CHART, target=101.0, invalidation=96.0)
    row = last(poor, event(pattern="engulfing"))
    assert (row["signal"], row["plan_remark"]) == ("weak_buy", "reward below the least")
    row = last(*(row | {"atr": None} for row in TWO))
    assert (row["signal"], row["stop"], row["size"], row["capped"]) == ("weak_buy", None, None, None)
    assert row["plan_remark"].startswith("no plan")


def test_size_risks_the_fraction_within_the_cap() -> None:
    row = last(*(row | {"invalidation": 97.0, "atr": 2.5} for row in TWO))
    assert (row["size"], row["notional"], row["capped"]) == (25.0, 2_500.0, True)
    assert (row["risk"], row["risk_limited_by"]) == (75.0, "position_cap")


def moments(events: pl.DataFrame) -> Iterator[list[PatternEvent]]:
    for group in events.partition_by("known_at", maintain_order=True):
        yield [PatternEvent.of(row) for row in group.iter_rows(named=True)]


def live(state: SignalState, events: pl.DataFrame, context: pl.DataFrame) -> list[Moment]:
    rows = {(row["timeframe"], row["ts"]): row for row in context.iter_rows(named=True)}
    told = []
    for group in moments(events):
        beside = {event.timeframe: rows.get((event.timeframe, event.ts)) for event in group}
        known = {name: row for name, row in beside.items() if row is not None}
        # the order in which a stream hands them over does not matter
        told.append(state.update(group[::-1], known))
    return told


def gathered(told: list[Moment]) -> dict[str, pl.DataFrame]:
    schemas = (CONFIDENCE_SCHEMA, CONFLUENCE_SCHEMA, RELATIONSHIP_SCHEMA, SIGNAL_SCHEMA)
    return {
        name: pl.DataFrame([row for moment in told for row in getattr(moment, name)], schema=schema)
        for name, schema in zip(Moment._fields, schemas, strict=True)
    }


def batch(events: pl.DataFrame, context: pl.DataFrame, success: pl.DataFrame) -> dict[str, pl.DataFrame]:
    sure_ = confidence(events, context, success, configuration=EASY)
    rows, related = confluence(events, configuration=EASY)
    found = signals(events, sure_, steps=STEPS, configuration=EASY)
    return dict(zip(Moment._fields, (sure_, rows, related, found), strict=True))


RATES = pl.DataFrame(
    [
        dict.fromkeys(SUCCESS_SCHEMA)
        | {"as_of": START - timedelta(days=30), "timeframe": timeframe, "family": "candlestick"}
        | {"pattern": pattern, "direction": direction, "regime": regime, "excess": excess}
        for timeframe in PATTERN_TIMEFRAMES
        for pattern, excess in (("hammer", 0.15), ("harami", -0.1))
        for direction in ("bullish", "bearish")
        for regime in (None, "up")
    ],
    schema=SUCCESS_SCHEMA,
)


@settings(max_examples=60, deadline=None)
@given(scenes(), st.booleans())
def test_live_gives_the_rows_of_batch_bit_by_bit(scene: Scene, taught: bool) -> None:
    rates = RATES if taught else RATES.clear()
    found = gathered(live(SignalState(SuccessTable(rates), EASY, STEPS), *scene))
    for name, rows in batch(*scene, rates).items():
        assert_frame_equal(found[name], rows, check_exact=True)


@settings(max_examples=40, deadline=None)
@given(scenes(), st.floats(0, 1))
def test_a_state_warmed_in_the_middle_goes_on_as_if_it_had_run(scene: Scene, share: float) -> None:
    events, context = scene
    start = events["known_at"][int(share * (events.height - 1))]
    past, rest = (events.filter(test) for test in (pl.col("known_at") < start, pl.col("known_at") >= start))
    reach = {name: frame_start(name, start, EASY) for name in PATTERN_TIMEFRAMES}
    needed = past.filter(pl.col("ts") >= pl.col("timeframe").replace_strict(reach))
    scores = confidence(past, context, RATES, configuration=EASY)
    expected = batch(*scene, RATES)
    given = standing(expected["signals"], start)
    state = SignalState.warm(needed, scores, SuccessTable(RATES), EASY, STEPS, given)
    found = gathered(live(state, rest, context))
    for name, rows in expected.items():
        assert_frame_equal(found[name], rows.filter(pl.col("known_at") >= start), check_exact=True)


def standing(given: pl.DataFrame, start: datetime) -> pl.DataFrame:
    """What is read of signals of a life before a moment."""
    reach = {name: frame_start(name, start, EASY) for name in PATTERN_TIMEFRAMES}
    rows = given.filter(pl.col("known_at") < start, pl.col("signal") != "neutral")
    return rows.filter(pl.col("ts") >= pl.col("timeframe").replace_strict(reach)).select(
        STANDING_SCHEMA.names()
    )


def test_a_long_run_lets_go_of_the_past_and_stays_equal_to_batch() -> None:
    names = ("hammer", "engulfing", "harami", "doji", "belt_hold", "marubozu")
    rows = [
        event(
            "1m",
            bar,
            pattern=names[i],
            direction=("bullish", "bearish")[(bar // 7 + (i > 3)) % 2],
            strength=50.0 + bar % 5,
            price=100.0 + bar % 11,
        )
        for bar in range(600)
        for i in range(len(names))
    ]
    events = event_frame(*rows, *(event("1h", bar) for bar in range(10)))
    state = SignalState(None, EASY, STEPS)
    found = gathered(live(state, events, context_frame()))
    for name, expected in batch(events, context_frame(), RATES.clear()).items():
        assert_frame_equal(found[name], expected, check_exact=True)


@settings(max_examples=40, deadline=None)
@given(scenes(), st.floats(0, 1))
def test_events_that_come_later_change_no_signal(scene: Scene, share: float) -> None:
    events, context = scene
    now = events["known_at"][int(share * (events.height - 1))]
    past = events.filter(pl.col("known_at") <= now)
    whole, cut = batch(events, context, RATES), batch(past, context, RATES)
    for name, rows in whole.items():
        assert_frame_equal(rows.filter(pl.col("known_at") <= now), cut[name], check_exact=True)


@settings(max_examples=40, deadline=None)
@given(scenes(), st.floats(0, 1))
def test_a_window_with_its_warm_up_gives_the_signals_of_one_pass(scene: Scene, share: float) -> None:
    events, context = scene
    start = events["known_at"][int(share * (events.height - 1))]
    scores = confidence(events, context, configuration=EASY)
    reach = {name: frame_start(name, start, EASY) for name in PATTERN_TIMEFRAMES}
    needed = events.filter(pl.col("ts") >= pl.col("timeframe").replace_strict(reach))
    everything = signals(events, scores, steps=STEPS, configuration=EASY)
    given = standing(everything, start)
    part = signals(needed, scores, start=start, standing=given, steps=STEPS, configuration=EASY)
    assert_frame_equal(everything.filter(pl.col("known_at") >= start), part, check_exact=True)


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_turned_round_prices_turn_signals_round(scene: Scene) -> None:
    events, context = scene
    scores = confidence(events, context, configuration=EASY)
    turned = pl.col("direction").replace({"bullish": "bearish", "bearish": "bullish"})
    here = signals(events, scores, configuration=EASY)
    there = signals(mirrored(events), scores.with_columns(turned), configuration=EASY)
    names = {name: SIGNALS[-grade] for grade, name in SIGNALS.items()}
    expected = here.with_columns(pl.col("signal").replace_strict(names), -pl.col("score"), -pl.col("net"))
    # the order in which equal ones are taken is a matter of names: rounding of sums and the trigger are not
    columns = ["timeframe", "ts", "signal", "score", "net", "confidence", "patterns", "evidence", "run"]
    columns += ["overridden_by", "against"]
    assert_frame_equal(expected.select(columns), there.select(columns), abs_tol=1e-9)


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_signals_are_well_formed(scene: Scene) -> None:
    found = batch(*scene, RATES)["signals"]
    assert found.schema == SIGNAL_SCHEMA
    assert not found.select("timeframe", "ts").is_duplicated().any()
    assert found["score"].is_between(-100, 100).all()
    assert found["net"].is_between(-1, 1).all()
    assert found["signal"].is_in(list(SIGNALS.values())).all()
    equity, sizing = DEFAULT.sizing.equity, DEFAULT.sizing
    for row in found.iter_rows(named=True):
        reasons = json.loads(row["reasons"])
        assert reasons["counted"] or row["overridden_by"]
        if row["signal"] == "neutral":
            assert (row["stop"], row["target"], row["size"], row["expires_at"]) == (None, None, None, None)
            continue
        sign = 1 if row["signal"].endswith("buy") else -1
        assert sign * row["score"] >= EASY.signals.weak
        assert row["known_at"] < row["expires_at"]
        if row["stop"] is None:
            assert row["signal"].startswith("weak")
            continue
        assert sign * (row["entry"] - row["stop"]) > 0 < sign * (row["target"] - row["entry"])
        assert row["risk"] <= equity * sizing.risk_fraction * (1 + 1e-9)
        assert row["notional"] <= equity * sizing.cap_fraction * (1 + 1e-9)
        assert (row["risk_limited_by"] == "weak") == row["signal"].startswith("weak")
        assert row["size"] == 0 or row["risk_limited_by"] not in ("weak", "minimum")
        assert row["reward_risk"] <= 10**0.5 * (1 + 1e-9)
        # a tick beyond the pattern's level, and up to a tick to be on one
        slack = 2 * STEPS.tick / row["atr"] + 1e-9
        assert EASY.signals.nearest_stop_atr - 1e-9 <= row["risk_atr"]
        assert row["risk_atr"] <= EASY.signals.farthest_stop_atr + slack


@settings(max_examples=40, deadline=None)
@given(scenes())
def test_a_surer_pattern_never_weakens_a_signal_without_conflict(scene: Scene) -> None:
    events = scene[0].filter(pl.col("direction") == "bullish")
    if not events.height:
        return
    low, high = (signals(events, sure(events, score)) for score in (65.0, 85.0))
    grades = {name: grade for grade, name in SIGNALS.items()}
    for lower, higher in zip(low["signal"], high["signal"], strict=True):
        assert grades[lower] <= grades[higher]


def test_events_must_come_moment_by_moment() -> None:
    state = SignalState()
    one, later = PatternEvent.of(event()), PatternEvent.of(event(bar=1))
    with pytest.raises(ValueError, match="several moments"):
        state.update([one, later], {})
    state.update([one], {})
    with pytest.raises(ValueError, match="do not come after"):
        state.update([one], {})
    with pytest.raises(ValueError, match="other instruments than 1"):
        state.update([later._replace(instrument_id=2)], {})
    with pytest.raises(ValueError, match="no events"):
        state.update([], {})
    with pytest.raises(ValueError, match="unknown family"):
        state.update([later, later._replace(family="astrology")], {})
    assert len(state.update([later], {}).confidences) == 1


def test_history_from_the_future_is_refused() -> None:
    state = SignalState()
    state.learn(SuccessTable(RATES.with_columns((pl.lit(START) + timedelta(days=9)).alias("as_of"))))
    with pytest.raises(ValueError, match="not known at"):
        state.update([PatternEvent.of(event())], {})


def test_two_confidences_of_one_event_are_refused() -> None:
    events = event_frame(*TWO)
    scores = sure(events, 80.0)
    assert scores.select(IDENTITY).is_duplicated().sum() == 0
    with pytest.raises(ValueError, match="two confidences"):
        signals(events, pl.concat([scores, scores]))


@pytest.mark.parametrize(
    "wrong",
    [{"weak": 70.0}, {"confirming": 0}, {"stop_atr": 9.0}, {"reward": 0.5}, {"least_confidence": 101.0}],
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        SignalRules(**wrong)
