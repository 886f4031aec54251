"""Every chart pattern, drawn by hand: found once, with pivots, lines, target and end; near misses are not."""

import json
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphapulse_assets.patterns.chart.definitions import CHART_CATALOGUE
from tests.unit.chart_support import WICK, bar_number, bars_of, drawn, events, mirrored, pivots_of

HEAD = [(0, 100), (30, 130), (40, 120), (55, 140), (70, 120), (80, 130), (110, 90)]
DOUBLE = [(0, 100), (40, 140), (55, 120), (70, 140), (110, 90)]
TRIPLE = [(0, 90), (40, 140), (52, 122), (64, 140), (76, 122), (88, 140), (125, 85)]
ASCENDING = [(0, 90), (30, 140), (42, 115), (54, 140), (64, 124), (74, 140), (82, 131), (110, 190)]
SYMMETRICAL = [(0, 80), (30, 150), (46, 110), (62, 144), (78, 116), (94, 138), (110, 122), (140, 200)]
RECTANGLE = [(0, 90), (30, 140), (45, 120), (60, 140), (75, 120), (90, 140), (105, 120), (140, 180)]
WEDGE = [
    (0, 60),
    (20, 140),
    (34, 118.4),
    (48, 149.8),
    (62, 135.2),
    (76, 159.6),
    (90, 152),
    (100, 163),
    (150, 60),
]
CHANNEL = [(0, 80), (20, 120), (30, 108), (50, 135), (60, 123), (80, 150), (90, 138), (100, 146), (140, 90)]


def flag_bars() -> pl.DataFrame:
    """A pole of 30 in 8 bars, 13 bars that drift down by half a point each, and a break upwards."""
    run = np.interp(np.arange(49), [0, 40, 48], [104, 100, 130])
    body = 129 - 0.5 * np.arange(13) + 0.8 * (np.arange(13) % 2)
    return bars_of(np.concatenate((run, body, 125 + 3.0 * np.arange(1, 20))))


def pennant_bars() -> pl.DataFrame:
    """The same pole, a body that narrows from 6 to 1, and a break upwards."""
    run = np.interp(np.arange(49), [0, 40, 48], [104, 100, 130])
    swing = np.linspace(3, 0.5, 13) * (1 - 2 * (np.arange(13) % 2))
    return bars_of(np.concatenate((run, 126.5 - swing, 127 + 3.0 * np.arange(1, 20))))


def cup_bars(power: float = 2) -> pl.DataFrame:
    """A cup 30 deep and 60 bars long, a handle of 10 bars, and a break upwards. Power 1: a V."""
    rise = np.interp(np.arange(40), [0, 40], [80, 130])
    cup = 100 + 30 * np.abs(np.linspace(-1, 1, 61)) ** power
    rest = np.interp(np.arange(1, 45), [0, 10, 44], [130, 120, 180])
    return bars_of(np.concatenate((rise, cup, rest)))


Points = list[tuple[int, float]]
TEXTBOOK: dict[str, tuple[pl.DataFrame, Points, float, float, float]] = {
    # name: bars, pivots, height, level that breaks, invalidation; None where the lines are looked at below
    "head_and_shoulders": (drawn(*HEAD), HEAD[1:6], 20.5, 119.75, 130.25),
    "double_top": (drawn(*DOUBLE), DOUBLE[1:4], 20.5, 119.75, 140.25),
    "triple_top": (drawn(*TRIPLE), TRIPLE[1:6], 18.5, 121.75, 140.25),
    "rectangle": (drawn(*RECTANGLE), RECTANGLE[1:7], 20.5, 140.25, 119.75),
    "cup_and_handle": (cup_bars(), [(40, 130), (70, 100), (100, 130)], 30.5, 130.25, 115.0),
}
TWINS = {
    "head_and_shoulders": "inverse_head_and_shoulders",
    "double_top": "double_bottom",
    "triple_top": "triple_bottom",
    "rectangle": "rectangle",
    "cup_and_handle": "inverse_cup_and_handle",
    "ascending_triangle": "descending_triangle",
    "symmetrical_triangle": "symmetrical_triangle",
    "ascending_channel": "descending_channel",
    "rising_wedge": "falling_wedge",
    "bull_flag": "bear_flag",
    "bull_pennant": "bear_pennant",
}
SLOPED = {
    "ascending_triangle": (drawn(*ASCENDING), "bullish"),
    "symmetrical_triangle": (drawn(*SYMMETRICAL), "bullish"),
    "ascending_channel": (drawn(*CHANNEL), "bearish"),
    "rising_wedge": (drawn(*WEDGE), "bearish"),
    "bull_flag": (flag_bars(), "bullish"),
    "bull_pennant": (pennant_bars(), "bullish"),
}
EVERY = {name: given[0] for name, given in (TEXTBOOK | SLOPED).items()}


def only(rows: list[dict[str, Any]], stage: str) -> dict[str, Any]:
    """The one event of this stage."""
    found = [row for row in rows if row["stage"] == stage]
    assert len(found) == 1, [(row["stage"], row["ts"]) for row in rows]
    return found[0]


def level(line: list[Any], bar: float) -> float:
    """The price of a line of the JSON column at a bar."""
    first, last = (bar_number(datetime.fromisoformat(line[place])) for place in (0, 2))
    return float(line[1] + (line[3] - line[1]) * (bar - first) / (last - first))


def test_every_pattern_is_drawn_by_hand_one_way_or_upside_down() -> None:
    assert set(TWINS) | set(TWINS.values()) == set(CHART_CATALOGUE)
    assert set(EVERY) == set(TWINS)


@pytest.mark.parametrize("name", TEXTBOOK)
def test_a_textbook_shape_is_found_once_with_its_pivots_and_levels(name: str) -> None:
    bars, pivots, height, broken, invalidation = TEXTBOOK[name]
    rows = events(bars, name)
    forming, complete = only(rows, "forming"), only(rows, "complete")
    found = pivots_of(forming)[: len(pivots)]
    assert [bar for bar, _ in found] == [bar for bar, _ in pivots]
    assert {abs(price - drawn) for (_, price), (_, drawn) in zip(found, pivots, strict=True)} == {WICK}
    assert complete["height"] == pytest.approx(height)
    assert complete["breakout_level"] == pytest.approx(broken)
    assert complete["invalidation"] == pytest.approx(invalidation)
    way = 1 if complete["direction"] == "bullish" else -1
    assert complete["target"] == pytest.approx(broken + way * height)
    assert [row["stage"] for row in rows] == ["forming", "complete", "target_met"]
    assert len({row["pattern_id"] for row in rows}) == 1


@pytest.mark.parametrize("name", SLOPED)
def test_a_sloped_shape_is_found_once_with_its_lines_and_levels(name: str) -> None:
    bars, direction = SLOPED[name]
    rows = events(bars, name)
    complete = only(rows, "complete")
    assert [row["stage"] for row in rows] == ["forming", "complete", "target_met"]
    assert complete["direction"] == direction
    lines = json.loads(complete["lines"])
    ahead, behind = ("upper", "lower") if direction == "bullish" else ("lower", "upper")
    at = bar_number(complete["ts"])
    assert complete["breakout_level"] == pytest.approx(level(lines[ahead], at))
    # the lines of a pennant meet: what it gave back at most holds
    body = pivots_of(complete)[2][1] if name == "bull_pennant" else level(lines[behind], at)
    assert complete["invalidation"] == pytest.approx(body)
    way = 1 if direction == "bullish" else -1
    atr = complete["atr"]
    assert way * (json.loads(complete["detail"])["close"] - complete["breakout_level"]) > 0.1 * atr


@pytest.mark.parametrize(
    ("name", "touches", "line"),
    [
        ("ascending_triangle", [ASCENDING[1], ASCENDING[3], ASCENDING[5]], "upper"),
        ("symmetrical_triangle", SYMMETRICAL[1:6:2], "upper"),
        ("symmetrical_triangle", SYMMETRICAL[2:7:2], "lower"),
        ("ascending_channel", CHANNEL[1:6:2], "upper"),
        ("ascending_channel", CHANNEL[2:7:2], "lower"),
    ],
)
def test_the_lines_go_through_the_pivots(name: str, touches: Points, line: str) -> None:
    lines = json.loads(only(events(EVERY[name], name), "forming")["lines"])
    wick = WICK if line == "upper" else -WICK
    for bar, price in touches:
        assert level(lines[line], bar) == pytest.approx(price + wick, abs=0.02)


@pytest.mark.parametrize("name", ["bull_flag", "bull_pennant"])
def test_a_flag_hangs_on_its_pole(name: str) -> None:
    complete = only(events(EVERY[name], name), "complete")
    assert pivots_of(complete)[:2] == [(40, 100 - WICK), (48, 130 + WICK)]
    assert complete["height"] == 30 + 2 * WICK
    lines = json.loads(complete["lines"])
    body = EVERY[name][49:62]
    for number, bar in enumerate(body.iter_rows(named=True)):
        assert level(lines["lower"], 49 + number) - 1e-9 <= bar["low"]
        assert bar["high"] <= level(lines["upper"], 49 + number) + 1e-9
    assert complete["target"] == pytest.approx(body["low"].min() + complete["height"])
    narrows = level(lines["upper"], 60) - level(lines["lower"], 60)
    assert (narrows < 0.6 * (level(lines["upper"], 49) - level(lines["lower"], 49))) == (
        name == "bull_pennant"
    )


@pytest.mark.parametrize("name", TWINS)
def test_upside_down_it_is_its_mirror_image(name: str) -> None:
    rows, images = events(EVERY[name], name), events(mirrored(EVERY[name], 256), TWINS[name])
    assert [row["stage"] for row in rows] == [row["stage"] for row in images]
    for row, image in zip(rows, images, strict=True):
        assert (row["ts"], row["pivot_ts"], row["completion"]) == (
            image["ts"],
            image["pivot_ts"],
            pytest.approx(image["completion"]),
        )
        assert [256 - price for price in row["pivot_prices"]] == image["pivot_prices"]
        assert {row["direction"], image["direction"]} in ({"bullish", "bearish"}, {"neutral"})
        if row["target"] is not None:
            assert row["target"] == pytest.approx(256 - image["target"])


FALLING_HIGHS = [*ASCENDING[:3], (54, 134), (64, 124), (74, 129), *ASCENDING[6:]]
FALLING_LOWS = [*SYMMETRICAL[:4], (78, 104), (94, 138), (110, 98), (140, 200)]
NEAR_MISSES = {
    "the head is no higher than the shoulders": ("head_and_shoulders", [*HEAD[:3], (55, 131), *HEAD[4:]]),
    "one shoulder is much lower": ("head_and_shoulders", [*HEAD[:5], (80, 123), HEAD[6]]),
    "no rise before the left shoulder": ("head_and_shoulders", [(0, 119), (15, 124), *HEAD[1:]]),
    "the second top is higher": ("double_top", [*DOUBLE[:3], (70, 146), DOUBLE[4]]),
    "no rise before the tops": ("double_top", [(0, 150), (20, 118), *DOUBLE[1:]]),
    "the third top is lower": ("triple_top", [*TRIPLE[:5], (88, 133), TRIPLE[6]]),
    "the highs fall": (
        "ascending_triangle",
        [*ASCENDING[:3], (54, 134), (64, 124), (74, 129), *ASCENDING[6:]],
    ),
    "the lows fall": (
        "symmetrical_triangle",
        [*SYMMETRICAL[:4], (78, 104), (94, 138), (110, 98), (140, 200)],
    ),
    "one low is too deep": ("rectangle", [*RECTANGLE[:4], (75, 112), *RECTANGLE[5:]]),
    "the lines are not parallel": ("ascending_channel", [*CHANNEL[:5], (80, 142), *CHANNEL[6:]]),
}


@pytest.mark.parametrize("why", NEAR_MISSES)
def test_a_near_miss_is_not_the_pattern(why: str) -> None:
    name, vertices = NEAR_MISSES[why]
    assert events(drawn(*vertices), name) == []


def test_a_v_is_no_cup() -> None:
    assert events(cup_bars(1), "cup_and_handle") == []


@pytest.mark.parametrize("name", ["bull_flag", "bull_pennant"])
def test_without_a_pole_there_is_no_flag(name: str) -> None:
    close = EVERY[name]["close"].to_numpy().copy()
    slow = np.concatenate((np.interp(np.arange(100), [0, 40, 99], [104, 100, 130]), close[49:]))
    assert events(bars_of(slow), name) == []


def test_a_flag_that_gives_back_most_of_its_pole_is_none() -> None:
    close = flag_bars()["close"].to_numpy().copy()
    close[49:61] = 128 - 1.6 * np.arange(12) + 0.8 * (np.arange(12) % 2)
    assert events(bars_of(close), "bull_flag") == []
