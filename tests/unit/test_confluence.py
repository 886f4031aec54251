"""Confluence of timeframes: who leans where, who confirms, contradicts and overrides whom, known when."""

from datetime import timedelta
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.patterns.events.configuration import DEFAULT, ConfluenceRules, PatternConfiguration
from alphapulse_assets.patterns.events.kernels import NOBODY, PLACES, convergence, overridden_by
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES, ordered
from alphapulse_assets.patterns.scoring.confluence import (
    CONFLUENCE_SCHEMA,
    RELATIONSHIP_SCHEMA,
    confluence,
    frame_start,
)
from tests.unit.pattern_support import START, event, event_frame, mirrored, scenes

HOUR = timedelta(hours=1)


def last_row(*rows: dict[str, Any], timeframe: str = "1h") -> dict[str, Any]:
    found = confluence(event_frame(*rows))[0].filter(timeframe=timeframe)
    return found.row(-1, named=True)


def test_three_consecutive_timeframes_are_strong_two_medium_one_weak() -> None:
    # all close at 04:00
    rows = [event("15m", 15), event("1h", 3), event("4h", 0)]
    row = last_row(*rows)
    assert (row["grade"], row["run"], row["run_first"], row["run_last"]) == ("strong", 3, "15m", "4h")
    assert (row["confirming"], row["contradicting"], row["overridden_by"]) == (2, 0, None)
    assert row["convergence"] == pytest.approx((0.8 + 1.0 + 1.0) / 3)
    assert last_row(*rows[1:])["grade"] == "medium"
    assert last_row(rows[1])["grade"] == "weak"


def test_timeframes_that_are_not_neighbours_confirm_without_a_run() -> None:
    row = last_row(event("5m", 47), event("1h", 3))
    assert (row["grade"], row["run"], row["confirming"]) == ("weak", 1, 1)


def test_a_higher_timeframe_overrides_a_lower_one_and_not_the_other_way_round() -> None:
    rows = [event("1h", 3, direction="bearish"), event("4h", 0), event("1d", -1)]
    lower, higher = last_row(*rows), last_row(*rows, timeframe="4h")
    assert (lower["overridden_by"], lower["convergence"], lower["contradicting"]) == ("1d", 0.0, 2)
    assert higher["overridden_by"] is None
    found = confluence(event_frame(*rows))[1].filter(timeframe="1h")
    assert found.select("other_timeframe", "overrides").rows() == [("1d", True)]  # the highest alone
    assert found["relation"].unique().to_list() == ["contradicts"]
    assert not confluence(event_frame(*rows))[1].filter(timeframe="4h")["overrides"].any()


def test_what_is_overridden_itself_has_no_say_over_lower_timeframes() -> None:
    # all close at 04:00
    rows = [event("5m", 47), event("15m", 15), event("1h", 3, direction="bearish"), event("4h", 0)]
    found, related = confluence(event_frame(*rows))
    by = dict(found.select("timeframe", "overridden_by").iter_rows())
    assert by == {"5m": None, "15m": None, "1h": "4h", "4h": None}
    # what contradicts is subtracted all the same
    assert last_row(*rows, timeframe="15m")["convergence"] == pytest.approx((0.8 + 0.8 - 1.0) / 3)
    overrides = related.filter("overrides").select("timeframe", "other_timeframe").rows()
    assert overrides == [("1h", "4h")]


def test_overriding_is_decided_from_the_highest_timeframe_down() -> None:
    for stances in product((-1, 0, 1), repeat=PLACES):
        say: list[int] = []
        for here in reversed(range(PLACES)):
            against = [higher for higher in say if stances[higher] == -stances[here]]
            by = max(against, default=NOBODY) if stances[here] else NOBODY
            if stances[here]:
                assert overridden_by(np.array(stances), here, stances[here]) == by
                say += [here] if by == NOBODY else []


@pytest.mark.parametrize(
    ("stances", "place", "sign", "expected"),
    [
        ((-1, 1, -1, 0, 0, 0, 0), 1, -1, 0.0),  # no run through its own timeframe, which leans against it
        ((0, 1, 0, 0, 0, 0, 0), 1, -1, 0.0),
        ((-1, 0, -1, 0, 0, 0, 0), 1, -1, 2.4 / 3),  # one that does not lean is its own
        ((1, -1, -1, 0, 0, 0, 0), 1, -1, (1.6 - 0.8) / 3),
        ((0, 1, 1, -1, 1, 0, 0), 2, 1, (1.6 - 1.0) / 3),  # overridden by 4h, 1h overrides nothing
        ((0, 1, 1, -1, -1, 0, 0), 2, 1, 0.0),
        ((0, 0, 0, 1, 1, 1, 1), 3, 1, 1.0),
    ],
)
def test_convergence_is_what_agrees_in_a_row_less_what_contradicts(
    stances: tuple[int, ...], place: int, sign: int, expected: float
) -> None:
    multipliers = np.array(DEFAULT.confluence.multipliers)
    for turn in (1, -1):
        found = convergence(turn * np.array(stances), place, turn * sign, multipliers, 3.0)
        assert found == pytest.approx(expected)


@pytest.mark.parametrize(("family", "bars"), [("candlestick", 3), ("volume", 3), ("chart", 10)])
def test_a_pattern_counts_for_its_life_and_not_a_moment_longer(family: str, bars: int) -> None:
    first = event("4h", 0, family=family)
    # a life of `bars` bars of 4h from 04:00 on: the last hour that closes within it, and the next
    within, after = event("1h", 4 + 4 * bars - 2), event("1h", 4 + 4 * bars - 1)
    assert last_row(first, within)["run"] == 2
    assert last_row(first, after)["run"] == 1


@pytest.mark.parametrize("stage", ["evolved", "expired", "failed", "target_met"])
def test_a_chart_pattern_that_has_ended_counts_no_more(stage: str) -> None:
    pattern = {"family": "chart", "pattern": "triangle", "reference": "a"}
    rows = [event("4h", 0, **pattern), event("4h", 1, **pattern, stage=stage)]
    before, at, other = event("1h", 6), event("1h", 7), event("4h", 1, **(pattern | {"reference": "b"}))
    assert last_row(*rows, before)["run"] == 2
    assert last_row(*rows, at)["run"] == 1
    assert last_row(rows[0], other | {"stage": stage}, at)["run"] == 2


@pytest.mark.parametrize("changed", [{"stage": "forming"}, {"direction": "neutral"}])
def test_what_is_not_confirmed_or_has_no_direction_does_not_count(changed: dict[str, Any]) -> None:
    assert last_row(event("4h", 0, **changed), event("1h", 3))["run"] == 1
    assert not confluence(event_frame(event(**changed)))[0].height


def test_a_timeframe_leans_by_strength_and_not_at_all_within_the_margin() -> None:
    weak, strong = event(strength=40.0), event(strength=80.0, direction="bearish", pattern="engulfing")
    row = last_row(weak, strong)
    assert (row["direction"], row["pattern"]) == ("bearish", "engulfing")
    assert not confluence(event_frame(weak, strong | {"strength": 50.0}))[0].height


def test_the_strongest_pattern_leads_and_of_equals_the_latest() -> None:
    rows = [event(bar=0), event(bar=1, pattern="harami"), event(bar=1, pattern="belt_hold", strength=40.0)]
    assert last_row(*rows)["pattern"] == "harami"
    assert last_row(*rows, event(bar=1, pattern="engulfing", strength=90.0))["pattern"] == "engulfing"


def test_relationships_name_the_patterns_on_both_sides() -> None:
    rows = event_frame(event("1h", 3), event("4h", 0, family="chart", pattern="triangle", reference="t1"))
    found = confluence(rows)[1].filter(timeframe="1h").row(0, named=True)
    assert (found["pattern"], found["relation"], found["overrides"]) == ("hammer", "confirms", False)
    assert (found["other_timeframe"], found["other_pattern"], found["other_reference"]) == (
        "4h",
        "triangle",
        "t1",
    )
    assert found["other_multiplier"] == 1.0
    assert found["other_known_at"] == START + 4 * HOUR


@settings(max_examples=40, deadline=None)
@given(scenes(), st.floats(0, 1))
def test_events_that_come_later_change_no_row(scene: tuple[pl.DataFrame, Any], share: float) -> None:
    events = scene[0]
    now = events["known_at"][int(share * (events.height - 1))]
    whole, cut = confluence(events), confluence(events.filter(pl.col("known_at") <= now))
    for everything, seen in zip(whole, cut, strict=True):
        assert_frame_equal(everything.filter(pl.col("known_at") <= now), seen, check_exact=True)


@settings(max_examples=40, deadline=None)
@given(scenes(), st.floats(0, 1))
def test_a_window_with_its_warm_up_gives_the_rows_of_one_pass(
    scene: tuple[pl.DataFrame, Any], share: float
) -> None:
    events = scene[0]
    start = events["known_at"][int(share * (events.height - 1))]
    reach = pl.DataFrame(
        {
            "timeframe": PATTERN_TIMEFRAMES,
            "reach": [frame_start(timeframe, start) for timeframe in PATTERN_TIMEFRAMES],
        }
    )
    needed = events.join(reach, on="timeframe").filter(pl.col("ts") >= pl.col("reach")).drop("reach")
    for everything, seen in zip(confluence(events), confluence(needed, start=start), strict=True):
        assert_frame_equal(everything.filter(pl.col("known_at") >= start), seen, check_exact=True)


@settings(max_examples=40, deadline=None)
@given(scenes())
def test_turned_round_prices_turn_every_row_round(scene: tuple[pl.DataFrame, Any]) -> None:
    turned = {"bullish": "bearish", "bearish": "bullish"}
    here, there = confluence(scene[0])[0], confluence(mirrored(scene[0]))[0]
    # which of two equally strong and equally late patterns leads is a matter of names
    columns = [name for name in here.columns if name not in ("family", "pattern", "reference")]
    assert_frame_equal(
        here.with_columns(pl.col("direction").replace(turned)).select(columns),
        there.select(columns),
        check_exact=True,
    )


@settings(max_examples=40, deadline=None)
@given(scenes(), st.integers(0, 2**32 - 1))
def test_rows_are_well_formed_and_independent_of_the_order_given(
    scene: tuple[pl.DataFrame, Any], seed: int
) -> None:
    rows, related = confluence(scene[0])
    assert (rows.schema, related.schema) == (CONFLUENCE_SCHEMA, RELATIONSHIP_SCHEMA)
    assert not rows.select("timeframe", "ts").is_duplicated().any()
    assert not related.select("timeframe", "ts", "other_timeframe").is_duplicated().any()
    assert rows["convergence"].is_between(0, 1).all()
    # one for each other timeframe of a run, one for the timeframe that overrides: nothing for a mere lean
    assert related.height == (rows["run"] - 1).sum() + rows["overridden_by"].count()
    assert (related["other_known_at"] <= related["known_at"]).all()
    shuffled = scene[0].sample(fraction=1, shuffle=True, seed=seed % 2**31)
    for one, other in zip((rows, related), confluence(shuffled), strict=True):
        assert_frame_equal(one, other, check_exact=True)


def test_a_confirming_timeframe_never_lowers_the_convergence() -> None:
    rows = [event("1h", 3)]
    before = last_row(*rows)["convergence"]
    for more in (event("4h", 0), event("15m", 15), event("5m", 47)):
        rows.append(more)
        after = last_row(*rows)["convergence"]
        assert after >= before
        before = after
    assert before == 1.0
    assert last_row(*rows, event("1m", 239, direction="bearish"))["convergence"] < 1.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"timeframe": "3m"}, "unknown timeframe"),
        ({"family": "astrology"}, "unknown family"),
        ({"direction": "up"}, "unknown direction"),
        ({"stage": "over"}, "unknown stage"),
        ({"nature": "wild"}, "unknown nature"),
        ({"known_at": START}, "not the bar's close"),
        ({"strength": 101.0}, "strength outside"),
        ({"strength": None}, "a gap"),
        ({"atr": 0.0}, "ATR"),
        ({"price": float("nan")}, "impossible price"),
    ],
)
def test_impossible_events_are_refused_by_name(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=rf"{message}.*hammer of instrument 1"):
        ordered(pl.DataFrame([event(), event(bar=1, **wrong)], schema=event_frame().schema))


def test_several_instruments_and_repeated_events_are_refused() -> None:
    with pytest.raises(ValueError, match="several instruments"):
        confluence(event_frame(event(), event(instrument_id=2)))
    with pytest.raises(ValueError, match="second row of the same event"):
        confluence(event_frame(event(), event()))


def test_no_events_give_no_rows() -> None:
    rows, related = confluence(event_frame())
    assert (rows.height, related.height, rows.schema) == (0, 0, CONFLUENCE_SCHEMA)


def test_configurations_that_make_no_sense_are_refused() -> None:
    for wrong in ({"multipliers": (1.0,)}, {"life": (0, 1, 1)}, {"margin": 1.0}, {"medium": 3}):
        with pytest.raises(ValueError, match="wanted"):
            ConfluenceRules(**wrong)  # type: ignore[arg-type]  # each a wrong value of its own type


def test_the_configuration_is_the_one_in_the_requirements() -> None:
    assert DEFAULT.confluence.multipliers == (0.8, 0.8, 0.8, 1.0, 1.0, 1.2, 1.2)
    assert dict(zip(PATTERN_TIMEFRAMES, DEFAULT.confluence.multipliers, strict=True))["15m"] == 0.8
    assert PatternConfiguration() == DEFAULT
