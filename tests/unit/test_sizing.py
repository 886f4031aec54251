"""Position size: a fixed fraction at risk, a cap, nothing without a stop."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alphapulse_assets.patterns.events.configuration import SizingRules
from alphapulse_assets.patterns.signals.sizing import position

RULES = SizingRules(equity=10_000.0, risk_fraction=0.01, cap_fraction=0.25)
PRICES = st.floats(1e-6, 1e6)


def test_the_stop_costs_the_fraction_of_the_equity() -> None:
    found = position(100.0, 90.0, RULES)
    assert (found.size, found.notional, found.risk, found.capped) == (10.0, 1_000.0, 100.0, False)


def test_a_near_stop_runs_into_the_cap() -> None:
    found = position(100.0, 99.9, RULES)
    assert (found.size, found.notional, found.capped) == (25.0, 2_500.0, True)
    assert found.risk == pytest.approx(2.5)


@pytest.mark.parametrize("stop", [100.0, float("nan"), float("inf")])
def test_without_a_stop_there_is_no_position(stop: float) -> None:
    assert position(100.0, stop, RULES) == (0.0, 0.0, 0.0, False)


@pytest.mark.parametrize("entry", [0.0, -1.0, float("nan"), float("inf")])
def test_an_entry_that_is_no_price_is_refused(entry: float) -> None:
    with pytest.raises(ValueError, match="no price"):
        position(entry, 90.0, RULES)


@given(PRICES, PRICES)
def test_neither_the_risk_nor_the_cap_is_ever_exceeded(entry: float, stop: float) -> None:
    found = position(entry, stop, RULES)
    assert found.risk <= 100.0 * (1 + 1e-12)
    assert found.notional <= 2_500.0 * (1 + 1e-12)
    assert found.size >= 0


@given(PRICES, st.floats(0.001, 0.9), st.floats(0.001, 0.9))
def test_a_farther_stop_never_makes_a_position_larger(entry: float, one: float, other: float) -> None:
    near, far = sorted((one, other))
    assert position(entry, entry * (1 - far), RULES).size <= position(entry, entry * (1 - near), RULES).size


@given(st.floats(1, 1e6), st.floats(0.001, 0.9))
def test_long_and_short_at_the_same_distance_are_alike(entry: float, share: float) -> None:
    distance = entry * share
    assume(entry + distance - entry == entry - (entry - distance))  # no rounding in the way
    assert position(entry, entry - distance, RULES) == position(entry, entry + distance, RULES)


@pytest.mark.parametrize("wrong", [{"equity": 0.0}, {"risk_fraction": 0.0}, {"cap_fraction": 1.1}])
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        SizingRules(**wrong)
