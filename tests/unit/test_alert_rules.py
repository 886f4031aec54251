"""When a rule fires: three truths, crossings and levels, cool-down and expiry, what comes, what is old."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

from alphapulse_assets.alerts.evaluation import Condition, Told
from alphapulse_assets.alerts.expressions.parsing import parse
from alphapulse_assets.alerts.rules import COOLING, Rule, State, check, step, title
from alphapulse_assets.alerts.watching import News, RuleWatch


def _rule(expression: str, **given: Any) -> Rule:
    return Rule(1, 1, "mine", check(expression), **given)


def _told(rule: Rule, prices: Sequence[float | None], seconds: float = 1.0) -> list[int]:
    """Places of the prices at which it fires."""
    state, fired = State(), []
    for place, price in enumerate(prices):
        found = step(rule, {"price": price}, state, place * seconds)
        state = found.state
        fired += [place] if found.fires else []
    return fired


@pytest.mark.parametrize(
    ("text", "values", "truth"),
    [
        ("price > 1", {"price": 2.0}, True),
        ("price > 1", {}, None),
        ("price > 1", {"price": math.nan}, None),
        ("price / basis > 1", {"price": 2.0, "basis": 0.0}, None),
        ("price * price > 1", {"price": 1e200}, None),
        ("price > 1 and basis > 1", {"price": 0.0}, False),
        ("price > 1 and basis > 1", {"price": 2.0}, None),
        ("price > 1 or basis > 1", {"price": 2.0}, True),
        ("price > 1 or basis > 1", {"price": 0.0}, None),
        ("not price > 1", {}, None),
        ("not price > 1", {"price": 0.0}, True),
        ("-price + 3 > 1", {"price": 1.0}, True),
        ('trend[1h] != "up"', {"trend[1h]": "down"}, True),
        ('trend[1h] = "up"', {}, None),
        ("price crosses_above 1", {"price": 2.0}, False),
    ],
)
def test_what_is_not_known_is_neither_true_nor_false(
    text: str, values: dict[str, Told], truth: bool | None
) -> None:
    assert Condition(parse(text))(values)[0] is truth


def test_a_crossing_needs_a_before_and_fires_once() -> None:
    rule = _rule("price > 10")
    assert _told(rule, [11, 12, 9, 11, 12, 8, 20]) == [3, 6]
    assert _told(rule, [9, None, 11, None, 12]) == [2], "what is not known changes nothing"


def test_crosses_above_and_below_say_when_and_not_that() -> None:
    assert _told(_rule("price crosses_above 10"), [11, 12, 10, 11, 12, None, 9, 13]) == [3, 7]
    assert _told(_rule("price crosses_below 10"), [9, 11, 10, 9, 8]) == [3]
    both = _rule("price crosses_above 10 or price crosses_below 5")
    assert _told(both, [7, 11, 7, 4, 11, 12]) == [1, 3, 4], "two in a row are two"
    either = _rule("price crosses_above 10 or price > 20")
    assert _told(either, [7, 11, 12, 21, 22, 11, 21]) == [1, 3, 6]


def test_a_level_fires_as_long_as_it_holds_once_in_a_cool_down() -> None:
    rule = _rule("price > 10", mode="level", cool_down=60.0)
    assert _told(rule, [11] * 5 + [9] + [11] * 2, seconds=30.0) == [0, 2, 4, 6]


def test_a_cool_down_holds_back_and_counts() -> None:
    rule, state = _rule("price > 10", cool_down=60.0), State(truth=False, fired_at=0.0)
    held = step(rule, {"price": 11.0}, state, 59.0)
    assert (held.fires, held.why, held.state.held_back) == (False, COOLING, 1)
    again = step(rule, {"price": 9.0}, held.state, 60.0).state
    fired = step(rule, {"price": 11.0}, again, 61.0)
    assert (fired.fires, fired.held_back, fired.state.held_back) == (True, 1, 0)


def test_what_has_expired_does_not_fire() -> None:
    rule = _rule("price > 10", expires_at=2.0)
    assert _told(rule, [9, 11, 9, 11]) == [1]


def test_the_same_state_and_values_give_the_same_step() -> None:
    rule, state = _rule("price crosses_above 10"), State(truth=False, sides=(False,))
    assert step(rule, {"price": 11.0}, state, 5.0) == step(rule, {"price": 11.0}, state, 5.0)


def test_a_title_says_what_was_read() -> None:
    rule = _rule("price > 70000 and basis > 0")
    said = title(rule, "BTC/USDT on binance", {"price": 70123.5})
    assert said == "BTC/USDT on binance: mine: price > 70000 and basis > 0 (price 70123.5, basis unknown)"


def _watch(*rules: Rule) -> RuleWatch:
    watch = RuleWatch()
    watch.watch(rules)
    return watch


def test_each_thing_that_comes_is_asked_of_alone_and_nothing_else_asks_it() -> None:
    watch = _watch(_rule('pattern[1h] = "hammer" and pattern.confidence >= 70 and price > 1'))

    def pattern(name: str, confidence: float | None, at: float) -> int:
        said: dict[str, Told] = {"pattern[1h]": name, "pattern.confidence[1h]": confidence}
        return sum(move.step.fires for move in watch.take(News(1, at, at, said, f"candlestick {name}")))

    assert pattern("hammer", 80.0, 1.0) == 0, "no price is known"
    assert watch.take(News(1, 2.0, 2.0, {"price": 5.0})) == []
    assert [pattern("doji", 90.0, 3.0), pattern("hammer", 60.0, 3.0), pattern("hammer", 75.0, 3.0)] == [
        0,
        0,
        1,
    ]
    assert pattern("hammer", 75.0, 4.0) == 1, "another one is another occurrence"
    assert pattern("hammer", None, 5.0) == 0


def test_values_that_are_old_are_not_known_any_more() -> None:
    rule = _rule("price > 1 and rsi_14[1m] < 30")
    watch = _watch(rule)
    watch.take(News(1, 0.0, 0.0, {"rsi_14[1m]": 20.0}))
    watch.take(News(1, 1.0, 1.0, {"price": 0.0}))
    assert watch.values(rule, 1, 700.0) == {"price": 0.0, "rsi_14[1m]": 20.0}
    assert watch.values(rule, 1, 721.0) == {"price": 0.0, "rsi_14[1m]": None}
    watch.know(News(1, 0.0, 0.0, {"rsi_14[1m]": 20.0}, until={"rsi_14[1m]": 5.0}))
    assert watch.values(rule, 1, 6.0)["rsi_14[1m]"] is None


def test_a_rule_is_asked_of_its_instruments_only_and_by_what_it_reads() -> None:
    one = Rule(1, 1, "one", check("price > 1"), instruments=frozenset({7}))
    all_of_them = Rule(2, 1, "all", check("close[1h] > 1"))
    watch = _watch(one, all_of_them)
    for instrument in (7, 8):
        watch.take(News(instrument, 1.0, 1.0, {"price": 2.0}))
        watch.take(News(instrument, 1.0, 1.0, {"close[1h]": 2.0, "ema_9[1h]": 1.0}))
    assert watch.looks == {1: 1, 2: 2}
    assert sorted(watch.states) == [(1, 7), (2, 7), (2, 8)]
    watch.watch([all_of_them])
    assert watch.take(News(7, 2.0, 2.0, {"price": 3.0})) == []
