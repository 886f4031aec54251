"""The arithmetic of the benchmarks: pairing, ratios, bars. The measuring itself is `python -m bench`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.data import candles, revised
from bench.figures import Bar, Demand, Figure, Spread, paired_ratios, spread

SECONDS = st.floats(1e-3, 1e3)
TWICE = Bar(Demand.RATIO_AT_LEAST, 2)
SIXTY = Bar(Demand.OURS_AT_MOST, 60)


def test_ratios_say_how_many_times_as_fast_ours_is_round_by_round() -> None:
    assert paired_ratios([4.0, 9.0, 1.0], [2.0, 3.0, 2.0]) == [2.0, 3.0, 0.5]


def test_a_single_baseline_is_paired_with_every_round() -> None:
    assert paired_ratios([12.0], [2.0, 3.0, 4.0]) == [6.0, 4.0, 3.0]


@pytest.mark.parametrize(
    ("baseline", "ours"), [([1.0, 2.0], [1.0]), ([1.0, 2.0], [1.0, 2.0, 3.0]), ([1.0], [])]
)
def test_rounds_that_do_not_go_together_are_refused(baseline: list[float], ours: list[float]) -> None:
    with pytest.raises(ValueError, match="cannot be paired"):
        paired_ratios(baseline, ours)


@pytest.mark.parametrize(("baseline", "ours"), [([0.0], [1.0]), ([1.0], [0.0]), ([1.0, 1.0], [1.0, -1.0])])
def test_durations_that_were_not_measured_are_refused(baseline: list[float], ours: list[float]) -> None:
    with pytest.raises(ValueError, match="not positive"):
        paired_ratios(baseline, ours)


def test_a_machine_that_slows_down_between_rounds_changes_no_ratio() -> None:
    steady = paired_ratios([4.0, 4.0, 4.0], [2.0, 2.0, 2.0])
    slowing = paired_ratios([4.0, 40.0, 400.0], [2.0, 20.0, 200.0])
    assert steady == slowing == [2.0, 2.0, 2.0]


@given(st.lists(SECONDS, min_size=1))
def test_the_median_lies_within_the_spread(values: list[float]) -> None:
    found = spread(values)
    assert found.low <= found.median <= found.high
    assert {found.low, found.high} <= set(values)


def test_one_bad_round_does_not_move_the_median() -> None:
    assert spread([1.0, 1.1, 900.0]) == Spread(1.1, 1.0, 900.0)


@pytest.mark.parametrize(("ours", "met"), [((1.0, 2.0, 9.0), True), ((1.0, 2.1, 2.2), False)])
def test_a_demanded_ratio_is_judged_by_the_median_of_the_pairs(ours: tuple[float, ...], met: bool) -> None:
    assert Figure("x", "s", ours, "slow", (4.0, 4.0, 4.0), TWICE).met is met


@pytest.mark.parametrize(("ours", "met"), [((60.0, 1.0, 900.0), True), ((60.1, 1.0, 900.0), False)])
def test_a_demanded_time_is_judged_by_the_median_of_ours(ours: tuple[float, ...], met: bool) -> None:
    assert Figure("x", "ms", ours, bar=SIXTY).met is met


def test_a_figure_without_a_bar_is_neither_met_nor_missed() -> None:
    assert Figure("x", "s", (1.0,)).met is None


def test_a_ratio_cannot_be_demanded_without_a_baseline() -> None:
    with pytest.raises(ValueError, match="no baseline"):
        _ = Figure("x", "s", (1.0,), bar=TWICE).met


def test_json_has_every_value_and_what_follows_from_them() -> None:
    told = Figure("x", "s", (1.0, 2.0, 3.0), "slow", (4.0, 4.0, 4.0), TWICE).as_dict()
    assert told["ours"] == (1.0, 2.0, 3.0)
    assert (told["ours_median"], told["baseline_median"], told["met"]) == (2.0, 4.0, True)
    assert told["ratio"] == {"median": 2.0, "low": 4 / 3, "high": 4.0}


def test_made_up_candles_are_sound_and_the_same_every_time() -> None:
    frame = candles(500)
    assert frame.equals(candles(500))
    low, high = frame["low"], frame["high"]
    assert ((low <= frame["open"]) & (low <= frame["close"])).all()
    assert ((high >= frame["open"]) & (high >= frame["close"])).all()
    assert (frame["taker_buy_volume"] <= frame["volume"]).all()
    assert frame["ts"].diff().drop_nulls().unique().len() == 1


def test_a_revision_changes_exactly_every_tenth_candle() -> None:
    frame = candles(500)
    differs = (revised(frame)["volume"] != frame["volume"]).to_list()
    assert differs == [number % 10 == 0 for number in range(500)]
