"""Cascades of liquidations: many of one side within a minute, beside what is usual, each told once."""

import math
import tomllib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_assets.alerts.model import Alert, AlertKind, AlertSubject
from alphapulse_assets.futures.liquidations.cascades import CascadeWatch, Closed
from alphapulse_assets.order_book.whales.threshold_rules import read_thresholds
from alphapulse_assets.order_book.whales.thresholds import LiquidationThresholds, Subject
from alphapulse_assets.order_book.whales.usd import PAR, UNKNOWN, UsdRate

NOON = 1_700_049_600.0
SUBJECT = AlertSubject(7, "XUSDT", "bybit", 1)
LIMITS = LiquidationThresholds(floor=1000.0, ratio=10.0, least_minutes=3, alone=50_000.0, cool_down=600.0)


def closed(at: float, notional: float, price: float = 100.0, occurrence: int = 0) -> Closed:
    return Closed(NOON + at, price, notional / price, occurrence, notional)


def told(watch: CascadeWatch, side: str, *all_of_it: Closed, rate: UsdRate = PAR) -> list[Alert]:
    return [alert for each in all_of_it for alert in watch.on_liquidation(side, each, each.ts + 0.5, rate)]


def usual(notional: float = 300.0, minutes: int = 5) -> CascadeWatch:
    """A watch that knows what minutes usually close."""
    watch = CascadeWatch(SUBJECT, LIMITS, "USDT")
    watch.warm((NOON - 60.0 * n, notional) for n in range(2, minutes + 2))
    return watch


def test_ten_times_the_usual_minute_of_one_side_is_a_cascade_and_is_told_with_its_figures() -> None:
    watch = usual(300.0)
    prices = (100.0, 99.5, 99.0)
    assert told(watch, "long", closed(1, 1400.0, prices[0]), closed(11, 1400.0, prices[1])) == []
    (alert,) = told(watch, "long", closed(21, 1400.0, prices[2]))
    assert (alert.kind, alert.reference) == (AlertKind.LIQUIDATION_CASCADE, "long")
    assert (alert.ts, alert.known_at) == (NOON + 21, NOON + 21.5)
    assert alert.title == (
        "XUSDT on bybit: 3 long positions closed by force within 60 s, worth 4,200 USD, "
        "14.0 x its usual minute, at 100 to 99 (-100.0 bps)"
    )
    assert alert.detail["notional_usd"] == 4200.0
    assert alert.detail["usual_notional"] == 300.0


@pytest.mark.parametrize(
    ("what", "all_of_it"),
    [
        ("too little beside the usual", [closed(n, 900.0) for n in range(3)]),
        ("one large one", [closed(0, 10_000.0), closed(1, 10_000.0)]),
        ("too long ago", [closed(70.0 * n, 2900.0) for n in range(8)]),
    ],
)
def test_what_is_no_cascade_is_not_told(what: str, all_of_it: list[Closed]) -> None:
    assert told(usual(300.0), "long", *all_of_it) == [], what


def test_both_sides_together_are_none() -> None:
    watch = usual(300.0)
    for n in range(6):
        assert told(watch, ("long", "short")[n % 2], closed(n, 800.0)) == []


def test_below_the_floor_nothing_is_a_cascade_however_calm_it_usually_is() -> None:
    assert told(usual(1.0), "short", *(closed(n, 300.0) for n in range(3))) == []
    assert len(told(usual(1.0), "short", *(closed(n, 400.0) for n in range(3)))) == 1


def test_where_what_is_usual_is_not_known_only_a_large_one_counts() -> None:
    watch = CascadeWatch(SUBJECT, LIMITS, "USDT")
    assert told(watch, "long", *(closed(n, 9000.0) for n in range(5))) == []
    (alert,) = told(watch, "long", closed(6, 9000.0))
    assert alert.detail["usual_notional"] == "unknown"


def test_where_a_quote_unit_is_worth_nobody_knows_what_the_usual_decides() -> None:
    (alert,) = told(usual(0.3), "long", *(closed(n, 1.4) for n in range(3)), rate=UNKNOWN)
    assert alert.detail["notional_usd"] == "unknown"
    assert "worth 4 USDT" in alert.title
    unknown = CascadeWatch(SUBJECT, LIMITS, "USDT")
    assert told(unknown, "long", *(closed(n, 1e9) for n in range(5)), rate=UNKNOWN) == []


def test_one_that_goes_on_is_told_once_and_another_within_the_cool_down_is_counted() -> None:
    watch = usual(300.0)
    first = told(watch, "long", *(closed(10.0 * n, 1100.0) for n in range(12)))
    again = told(watch, "long", *(closed(300 + n, 90_000.0) for n in range(3)))
    later = told(watch, "long", *(closed(900 + n, 900_000.0) for n in range(3)))
    assert (len(first), len(again), len(later)) == (1, 0, 1)
    assert later[0].detail["kept_back"] == 1


def test_what_is_heard_twice_counts_once() -> None:
    watch = usual(300.0)
    twice = [closed(n, 1400.0) for n in (0, 0, 1, 1, 0)]
    assert told(watch, "long", *twice) == []
    assert len(told(watch, "long", closed(1, 1400.0, occurrence=1))) == 1  # alike, and another


CLOSED = st.lists(
    st.tuples(st.floats(0, 300, allow_nan=False), st.floats(1, 5000), st.sampled_from(["long", "short"])),
    max_size=40,
)


@given(CLOSED, st.integers(0, 39))
def test_what_comes_later_changes_nothing_of_what_was_told(
    all_of_it: list[tuple[float, float, str]], cut: int
) -> None:
    """No look-ahead: with the rest left out the alerts until then are the same."""
    ordered = sorted(all_of_it)

    def alerts(part: list[tuple[float, float, str]]) -> list[tuple[float, Alert]]:
        watch = usual(20.0)
        return [
            (at, alert)
            for at, notional, side in part
            for alert in watch.on_liquidation(side, closed(at, notional), NOON + at, PAR)
        ]

    whole, part = alerts(ordered), alerts(ordered[:cut])
    assert part == whole[: len(part)]
    assert all(at >= ordered[cut][0] for at, _ in whole[len(part) :])


@given(CLOSED)
def test_sums_are_those_of_the_window_to_the_last_digit(all_of_it: list[tuple[float, float, str]]) -> None:
    watch = usual(1.0)
    heard: dict[str, set[Closed]] = {"long": set(), "short": set()}
    newest = -math.inf
    for at, notional, side in sorted(all_of_it):
        one = closed(at, notional)
        heard[side].add(one)
        newest = max(newest, one.ts)
        for alert in watch.on_liquidation(side, one, one.ts, PAR):
            window = [each for each in heard[side] if each.ts > newest - 60.0]
            assert alert.detail["notional"] == math.fsum(each.notional for each in window)
            assert alert.detail["liquidations"] == len(window)
            assert math.fsum(each.notional for each in window) >= LIMITS.floor


def test_thresholds_are_set_as_those_of_whales_are() -> None:
    text = '[[rules]]\nvenue = "bybit"\nliquidations = { floor = 5_000_000, ratio = 20, least_count = 10 }\n'
    thresholds, _ = read_thresholds(tomllib.loads(text), ["bybit", "binanceusdm"])
    ours, theirs = (thresholds.of(Subject(venue, "XUSDT")).liquidations for venue in ("bybit", "binanceusdm"))
    assert (ours.floor, ours.ratio, ours.least_count, ours.window) == (5e6, 20, 10, 60.0)
    assert theirs == LiquidationThresholds()
    for bad in ("floor = 0", "least_count = 0", "cool_down = -1", "nothing = 1"):
        with pytest.raises(ValueError, match="rule 1"):
            read_thresholds(tomllib.loads(f"[[rules]]\nliquidations = {{ {bad} }}\n"), [])


def test_minutes_older_than_the_memory_are_forgotten() -> None:
    watch = CascadeWatch(SUBJECT, LIMITS)
    watch.warm((NOON - 86_400.0 - 60.0 * n, 300.0) for n in range(1, 10))
    told(watch, "long", closed(0, 10.0))
    assert watch.usual() is None
    for before, after in pairwise((0.0, 200.0, 400.0, 600.0)):
        assert before < after
        told(watch, "long", closed(after, 10.0))
    assert watch.usual() == 10.0
