"""Performance and success rates: counts, intervals, shrinkage, chance beside, verdicts, hints, as of T."""

import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.core.statistics import Interval, wilson
from alphapulse_assets.patterns.evaluation.failures import failures
from alphapulse_assets.patterns.evaluation.outcomes import PATTERN_OUTCOME_SCHEMA
from alphapulse_assets.patterns.evaluation.performance import (
    ABOVE,
    BELOW,
    NO_EDGE,
    PERFORMANCE_SCHEMA,
    performance,
    verdict,
)
from alphapulse_assets.patterns.evaluation.success import (
    COUNT_SCHEMA,
    SUCCESS_SCHEMA,
    SuccessTable,
    shrunk,
    success,
    success_history,
)
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.model import PatternEvent
from tests.unit.pattern_support import START, event

HOUR = timedelta(hours=1)
LATE = START + timedelta(days=9_999)


def outcome(number: int, directed: float, **changed: Any) -> dict[str, Any]:
    """What followed a hammer of 1h, each in a cluster of its own."""
    confirmed = START + number * 10 * HOUR
    return {
        "instrument_id": 1,
        "timeframe": "1h",
        "ts": confirmed - HOUR,
        "confirmed_at": confirmed,
        "family": "candlestick",
        "pattern": "hammer",
        "direction": "bullish",
        "reference": None,
        "regime": None,
        "horizon": 10,
        "entry": 100.0,
        "atr": 1.0,
        "return_pct": directed,
        "return_atr": directed,
        "directed_pct": directed,
        "directed_atr": directed,
        "favourable_pct": max(directed, 0.0),
        "favourable_atr": max(directed, 0.0),
        "adverse_pct": max(-directed, 0.0),
        "adverse_atr": max(-directed, 0.0),
        "target_atr": None,
        "invalidation_atr": None,
        "first_touch": None,
        "touch_bars": None,
        "ambiguous": None,
        "known_at": confirmed + 10 * HOUR,
        "logic_version": 1,
    } | changed


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=PATTERN_OUTCOME_SCHEMA)


def mixed(n: int, right: int, **changed: Any) -> pl.DataFrame:
    """`right` of `n` outcomes are right."""
    return frame(*(outcome(i, 1.0 if i * right % n < right else -1.0, **changed) for i in range(n)))


def whole(found: pl.DataFrame, **wanted: Any) -> dict[str, Any]:
    return found.filter(pl.col("regime").is_null(), **wanted).row(0, named=True)


def test_counts_rates_and_intervals() -> None:
    row = whole(performance(mixed(100, 60), mixed(100, 50), LATE))
    bounds = wilson(0.6, 100)
    assert (row["n"], row["clusters"], row["hit_rate"]) == (100, 100, 0.6)
    assert (row["hit_low"], row["hit_high"]) == (bounds.low, bounds.high)
    assert (row["walk_n"], row["walk_rate"]) == (100, 0.5)
    assert row["mean_atr"] == pytest.approx(0.2)
    assert row["mean_atr_low"] < 0.2 < row["mean_atr_high"]
    assert row["verdict"] == NO_EDGE


def test_an_edge_is_named_only_where_intervals_are_apart() -> None:
    others = mixed(200, 40, pattern="harami")  # so that the base rate is below too
    assert (
        whole(performance(pl.concat([mixed(200, 160), others]), mixed(200, 100), LATE), pattern="hammer")[
            "verdict"
        ]
        == ABOVE
    )
    others = mixed(200, 160, pattern="harami")
    row = whole(performance(pl.concat([mixed(200, 40), others]), mixed(200, 100), LATE), pattern="hammer")
    assert row["verdict"] == BELOW
    assert "leave_out" in {hint["hint"] for hint in json.loads(row["hints"])}


def test_both_halves_of_the_window_stand_beside_the_whole() -> None:
    early, late = range(200), range(200, 400)
    right = [i % 10 < (8 if i in early else 6) for i in (*early, *late)]
    hammers = frame(*(outcome(i, 1.0 if hit else -1.0) for i, hit in enumerate(right)))
    others = mixed(400, 160, pattern="harami")
    row = whole(performance(pl.concat([hammers, others]), mixed(400, 200), LATE), pattern="hammer")
    # base rates 0.6, 0.5 and 0.55; each effect is beyond the larger of base rate and walk
    assert (row["first_clusters"], row["second_clusters"]) == (200, 200)
    assert (row["first_effect"], row["second_effect"]) == (pytest.approx(0.2), pytest.approx(0.1))
    assert row["effect"] == pytest.approx(0.15)
    assert row["effect_low"] < 0.15 < row["effect_high"]
    assert (row["verdict"], row["sign_holds"], row["q_value"] < 0.001) == (ABOVE, True, True)
    turned = hammers.with_columns(
        pl.when(pl.col("confirmed_at") >= START + 2_000 * HOUR)
        .then(-pl.col("directed_pct"))
        .otherwise("directed_pct")
        .alias("directed_pct")
    )
    row = whole(performance(pl.concat([turned, others]), mixed(400, 200), LATE), pattern="hammer")
    assert (row["sign_holds"], row["first_effect"] > 0, row["second_effect"]) == (False, True, 0.0)
    alone = whole(performance(hammers, frame(), LATE))
    assert (alone["effect"], alone["p_value"], alone["q_value"], alone["sign_holds"]) == (None,) * 4


def test_what_is_no_better_than_the_base_rate_is_no_edge_whatever_the_walk_did() -> None:
    assert whole(performance(mixed(200, 160), mixed(200, 100), LATE))["verdict"] == NO_EDGE


def test_without_a_walk_or_with_few_clusters_there_is_no_edge() -> None:
    others = mixed(200, 40, pattern="harami")
    outcomes = pl.concat([mixed(200, 200), others])
    assert whole(performance(outcomes, frame(), LATE), pattern="hammer")["verdict"] == NO_EDGE
    assert whole(performance(outcomes, mixed(29, 1), LATE), pattern="hammer")["verdict"] == NO_EDGE
    few = pl.concat([mixed(29, 29), others])
    row = whole(performance(few, mixed(200, 100), LATE), pattern="hammer")
    assert row["verdict"] == NO_EDGE
    assert (row["mean_atr"], row["mean_atr_low"]) == (1.0, None)
    hint = json.loads(row["hints"])[0]
    assert (hint["hint"], hint["clusters"], hint["wanted"]) == ("collect_more", 29, 30)


def test_outcomes_of_one_stretch_of_time_are_one_observation() -> None:
    symbols = [
        mixed(20, 12).with_columns(pl.lit(number, dtype=pl.Int32).alias("instrument_id"))
        for number in range(9)
    ]
    row = whole(performance(pl.concat(symbols), mixed(60, 30), LATE))
    assert (row["n"], row["clusters"]) == (180, 20)
    assert row["hit_low"] == wilson(0.6, 20).low


def test_the_target_rate_counts_the_ambiguous_as_lost() -> None:
    touches = [("target", False)] * 30 + [("invalidation", False)] * 20 + [("invalidation", True)] * 10
    rows = [
        outcome(i, 1.0, target_atr=2.0, invalidation_atr=1.0, first_touch=touch, ambiguous=both)
        for i, (touch, both) in enumerate(touches)
    ]
    row = whole(performance(frame(*rows, outcome(99, 1.0)), frame(), LATE))
    assert (row["target_n"], row["target_rate"], row["ambiguous"]) == (60, 0.5, pytest.approx(1 / 6))
    assert row["target_verdict"] == NO_EDGE
    assert whole(performance(mixed(40, 20), frame(), LATE))["target_verdict"] is None


def test_regimes_have_rows_of_their_own_beside_the_whole() -> None:
    up = mixed(40, 30).with_columns(pl.lit("up").alias("regime"))
    down = mixed(60, 20).with_columns(pl.lit("down").alias("regime"))
    found = performance(pl.concat([up, down, mixed(5, 5)]), frame(), LATE)
    assert dict(found.select("regime", "n").iter_rows()) == {None: 105, "up": 40, "down": 60}
    assert found["comparisons"].unique().to_list() == [3]


def test_a_regime_that_works_alone_is_a_hint() -> None:
    others = [mixed(200, 100, pattern="harami", regime=regime) for regime in ("up", "down")]
    hammers = [mixed(200, 180, regime="up"), mixed(200, 20, regime="down")]
    row = whole(performance(pl.concat([*hammers, *others]), mixed(400, 200), LATE), pattern="hammer")
    assert {"hint": "only_in_regimes", "regimes": ["up"]} in json.loads(row["hints"])


def test_what_every_pattern_does_in_a_regime_is_no_edge_of_any() -> None:
    names = ("hammer", "harami", "piercing")
    drift = [
        mixed(400, right, pattern=name, regime=regime)
        for name in names
        for regime, right in (("up", 248), ("down", 152))
    ]
    walk = [mixed(400, 200, pattern=name) for name in names]
    found = performance(pl.concat(drift), pl.concat(walk), LATE)
    base = {(row["pattern"], row["regime"]): row["base_rate"] for row in found.iter_rows(named=True)}
    assert base == {
        (name, regime): rate for name in names for regime, rate in ((None, 0.5), ("up", 0.62), ("down", 0.38))
    }
    assert set(found["verdict"]) == {NO_EDGE}
    assert {hint["hint"] for hints in found["hints"] for hint in json.loads(hints)} == set()
    # the walks' figures are of all regimes
    assert found["walk_n"].to_list() == [400] * 9


DRIFT = pl.concat(
    [
        mixed(30, 18, regime="up"),
        mixed(30, 6, regime="down"),
        mixed(30, 24, pattern="harami", regime="up"),
        mixed(30, 0, pattern="harami", regime="down"),
    ]
)
"""Hammers are right in 60 % up and 20 % down, all patterns in 70 % and 10 %: over all 40 % of both."""


def test_a_rate_in_a_regime_is_held_against_that_of_all_patterns_there() -> None:
    # a prior worth 30 observations at the own rate over all, 0.4, moved by 0.3 up and by -0.3 down
    wanted = {None: (0.4, 0.4), "up": (0.7, (0.6 + 0.7) / 2), "down": (0.1, (0.2 + 0.1) / 2)}
    for rates in (success(DRIFT, LATE), performance(DRIFT, frame(), LATE)):
        for row in rates.filter(pattern="hammer").iter_rows(named=True):
            assert (row["base_rate"], row["shrunk_rate"]) == pytest.approx(wanted[row["regime"]])
    excess = dict(success(DRIFT, LATE).filter(pattern="hammer").select("regime", "excess").iter_rows())
    assert excess == pytest.approx({None: 0.0, "up": -0.05, "down": 0.05})


@pytest.mark.parametrize("n", [4, 40, 400])
def test_a_pattern_that_only_drifts_with_its_regime_has_no_excess_however_rare(n: int) -> None:
    common = [mixed(40, 30, regime="up"), mixed(40, 10, regime="down")]
    same = [
        mixed(n, n * 3 // 4, pattern="harami", regime="up"),
        mixed(n, n // 4, pattern="harami", regime="down"),
    ]
    found = success(pl.concat([*common, *same]), LATE)
    assert found["excess"].to_list() == pytest.approx([0.0] * 6)


def test_a_regime_is_judged_by_what_was_known_of_all_patterns_by_then() -> None:
    later = DRIFT.filter(pattern="harami").with_columns(pl.col("known_at") + 900 * HOUR)
    outcomes = pl.concat([DRIFT.filter(pattern="hammer"), later])
    for rates in (success(outcomes, START + 500 * HOUR), performance(outcomes, frame(), START + 500 * HOUR)):
        assert dict(rates.select("regime", "base_rate").iter_rows()) == {None: 0.4, "up": 0.6, "down": 0.2}


def stopped(n: int, right: int) -> pl.DataFrame:
    """All are stopped out; `right` of them went as far as the target anyway."""
    levels = {"target_atr": 2.0, "invalidation_atr": 1.0, "first_touch": "invalidation", "ambiguous": False}
    return frame(*(outcome(i, -1.0, **levels, favourable_atr=3.0 if i < right else 0.1) for i in range(n)))


def test_hints_follow_where_a_way_to_fail_is_more_frequent_than_by_chance() -> None:
    hints = json.loads(whole(performance(stopped(100, 80), stopped(100, 30), LATE))["hints"])
    found = {hint["hint"]: hint for hint in hints}["wider_invalidation"]
    assert (found["share"], found["chance"], found["instead_of"]) == (0.8, 0.3, 1.0)
    for chance in (stopped(100, 80), frame()):
        hints = json.loads(whole(performance(stopped(100, 80), chance, LATE))["hints"])
        assert "wider_invalidation" not in {hint["hint"] for hint in hints}


def test_failures_are_told_apart() -> None:
    rows = [
        outcome(0, 1.0, adverse_atr=0.5),
        outcome(1, -2.0),  # never right
        outcome(2, -0.5, favourable_atr=1.5),  # gave back
        outcome(3, -0.5, favourable_atr=1.8, target_atr=2.0, invalidation_atr=1.0, first_touch="neither"),
    ]
    facts = failures(frame(*rows), DEFAULT.outcomes)
    assert (facts["failures"], facts["misses"], facts["stopped"]) == (3, 1, 0)
    assert facts["never_right"] == pytest.approx(1 / 3)
    assert facts["gave_back"] == pytest.approx(2 / 3)
    assert (facts["near_miss"], facts["stopped_then_right"], facts["room_of_winners"]) == (1.0, None, 0.5)


@pytest.mark.parametrize(
    ("seen", "chance", "base", "expected"),
    [
        (Interval(0.6, 0.55, 0.65), Interval(0.5, 0.45, 0.54), 0.5, ABOVE),
        (Interval(0.6, 0.55, 0.65), Interval(0.5, 0.45, 0.56), 0.5, NO_EDGE),
        (Interval(0.6, 0.55, 0.65), Interval(0.5, 0.45, 0.54), 0.56, NO_EDGE),
        (Interval(0.4, 0.35, 0.44), Interval(0.5, 0.45, 0.54), 0.5, BELOW),
        (Interval(0.4, 0.35, 0.44), Interval(0.5, 0.45, 0.54), 0.4, NO_EDGE),
        (Interval(0.6, 0.55, 0.65), Interval(0.5, 0.45, 0.54), None, ABOVE),
        (Interval(0.6, 0.55, 0.65), None, 0.5, NO_EDGE),
    ],
)
def test_the_verdict_wants_intervals_apart(
    seen: Interval, chance: Interval | None, base: float | None, expected: str
) -> None:
    assert verdict(seen, chance, base) == expected


def test_on_random_walks_hardly_anything_stands_out() -> None:
    random = np.random.default_rng(4)
    names = [f"p{i}" for i in range(60)]
    tossed = [
        frame(*(outcome(i, float(x), pattern=name) for i, x in enumerate(random.normal(size=80))))
        for _ in range(2)
        for name in names
    ]
    found = performance(pl.concat(tossed[:60]), pl.concat(tossed[60:]), LATE)
    assert (found["verdict"] != NO_EDGE).sum() <= 2


@st.composite
def many(draw: st.DrawFn) -> pl.DataFrame:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = [
        outcome(
            int(random.integers(0, 60)),
            float(random.normal()),
            pattern=str(random.choice(("hammer", "harami"))),
            direction=str(random.choice(("bullish", "bearish"))),
            regime=(None, "up", "down")[int(random.integers(0, 3))],
            instrument_id=int(random.integers(1, 4)),
        )
        for _ in range(draw(st.integers(1, 120)))
    ]
    return frame(*rows)


@settings(max_examples=25, deadline=None)
@given(many(), many(), st.integers(0, 700))
def test_only_outcomes_known_by_then_count(outcomes: pl.DataFrame, walk: pl.DataFrame, hours: int) -> None:
    now: datetime = START + hours * HOUR
    seen, chance = (frame_.filter(pl.col("known_at") <= now) for frame_ in (outcomes, walk))
    assert_frame_equal(performance(outcomes, walk, now), performance(seen, chance, now), check_exact=True)
    assert_frame_equal(success(outcomes, now), success(seen, now), check_exact=True)


@settings(max_examples=25, deadline=None)
@given(many(), st.lists(st.integers(-10, 900), min_size=1, max_size=6, unique=True))
def test_a_history_of_success_is_what_was_known_at_each_of_its_times(
    outcomes: pl.DataFrame, hours: list[int]
) -> None:
    times = [START + hour * HOUR for hour in sorted(hours)]
    known = outcomes.filter(pl.col("known_at") <= times[-1], pl.col("horizon") == 10)
    counts = known.select(
        *("timeframe", "family", "pattern", "direction", "regime"),
        stretch=pl.col("confirmed_at").dt.epoch("us") // (10 * 3_600_000_000),
        place=pl.Series(
            [sum(time < moment for time in times) for moment in known["known_at"]], dtype=pl.Int64
        ),
        n=pl.lit(1, pl.Int64),
        right=(pl.col("directed_pct") > 0).cast(pl.Int64),
    )
    assert counts.schema == COUNT_SCHEMA
    found = success_history(counts, times)
    assert_frame_equal(found, pl.concat([success(outcomes, time) for time in times]), check_exact=True)
    with pytest.raises(ValueError, match="do not rise"):
        success_history(counts, [times[0], times[0]])


@settings(max_examples=25, deadline=None)
@given(many(), many(), st.integers(0, 2**31 - 1))
def test_tables_are_well_formed_and_do_not_depend_on_the_order(
    outcomes: pl.DataFrame, walk: pl.DataFrame, seed: int
) -> None:
    found = performance(outcomes, walk, LATE)
    assert found.schema == PERFORMANCE_SCHEMA
    assert (found["hit_low"] <= found["hit_rate"]).all()
    assert (found["hit_rate"] <= found["hit_high"]).all()
    assert (found["clusters"] <= found["n"]).all()
    mixed_up = outcomes.sample(fraction=1, shuffle=True, seed=seed)
    columns = [name for name in PERFORMANCE_SCHEMA if name not in ("failures", "hints")]
    assert_frame_equal(performance(mixed_up, walk, LATE).select(columns), found.select(columns))
    rates = success(outcomes, LATE)
    assert rates.schema == SUCCESS_SCHEMA
    # a shrunk rate lies between what was seen and what is usual
    for row in rates.filter(pl.col("regime").is_null()).iter_rows(named=True):
        low, high = sorted((row["rate"], row["base_rate"]))
        assert low - 1e-12 <= row["shrunk_rate"] <= high + 1e-12


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 10_000))
def test_shrinking_fades_as_observations_come(rate: float, base: float, n: int) -> None:
    near, far = shrunk(rate, float(n), base, 30.0), shrunk(rate, float(2 * n), base, 30.0)
    assert abs(far - rate) <= abs(near - rate) + 1e-12
    assert shrunk(rate, 0.0, base, 30.0) == pytest.approx(base)
    assert shrunk(rate, 30.0, base, 30.0) == pytest.approx((rate + base) / 2)


def test_success_of_a_regime_is_shrunk_toward_that_of_the_pattern() -> None:
    up = [mixed(30, 30, regime="up"), mixed(30, 0, pattern="harami", regime="up")]
    found = success(pl.concat(up), LATE).filter(pattern="hammer")
    rows = {row["regime"]: row for row in found.iter_rows(named=True)}
    assert rows[None]["base_rate"] == 0.5
    assert rows[None]["shrunk_rate"] == pytest.approx((30 + 30 * 0.5) / 60)
    assert rows["up"]["shrunk_rate"] == pytest.approx((30 + 30 * 0.75) / 60)
    assert rows["up"]["excess"] == pytest.approx(0.375)


def test_a_prior_moved_by_a_regime_stays_a_rate() -> None:
    # alone in its regime: 0.75 over all, moved by 0.5
    rates = pl.concat([mixed(30, 30, regime="up"), mixed(30, 0, pattern="harami")])
    for found in (success(rates, LATE), performance(rates, frame(), LATE)):
        row = found.filter(pl.col("regime") == "up").row(0, named=True)
        assert (row["base_rate"], row["shrunk_rate"]) == (1.0, 1.0)


def test_other_horizons_and_neutral_patterns_are_no_history() -> None:
    assert not success(mixed(9, 5, horizon=20), LATE).height
    neutral = mixed(9, 5, direction="neutral").with_columns(pl.lit(None, pl.Float64).alias("directed_pct"))
    assert not success(neutral, LATE).height
    assert not performance(neutral, frame(), LATE).height


def test_a_look_up_takes_the_regime_and_else_the_whole() -> None:
    up = mixed(30, 30, regime="up")
    table = success(pl.concat([up, mixed(30, 0, pattern="harami", regime="up")]), LATE)
    known, hammer = SuccessTable(table), PatternEvent.of(event())
    assert known.as_of == LATE
    assert known.excess(hammer, "up") == pytest.approx(0.375)
    assert known.excess(hammer, "down") == known.excess(hammer, None) == pytest.approx(0.25)
    assert known.excess(hammer._replace(pattern="doji"), None) is None
    assert SuccessTable(table.clear()).excess(hammer, None) is None
    with pytest.raises(ValueError, match="as of 2 times"):
        SuccessTable(pl.concat([table, success(up, START + 900 * HOUR)]))


def test_naive_times_are_refused() -> None:
    naive = datetime(2024, 1, 1)
    for refused in (lambda: success(frame(), naive), lambda: performance(frame(), frame(), naive)):
        with pytest.raises(ValueError, match="no time zone"):
            refused()
