"""When a chart pattern is over: its lines have met, its time is up; what it promises; its very first bar."""

import json
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alphapulse_assets.patterns.chart.batch import detect
from tests.unit.chart_support import WICK, Vertex, bar_number, drawn, events, mirrored, walked
from tests.unit.indicator_support import REAL, real_candles

TOP: list[Vertex] = [(0, 100), (40, 140), (55, 120), (70, 140)]
LOW, HIGH = 115, 140
ASCENDING: list[Vertex] = [
    (0, 90),
    (30, HIGH),
    (42, LOW),
    (54, 140),
    (64, 124),
    (74, 140),
    (82, 131),
    (110, 190),
]
SYMMETRICAL: list[Vertex] = [
    *((0, 80), (30, 150), (46, 110), (62, 144), (78, 116), (94, 138), (110, 122), (140, 200)),
]


def assert_no_lines_have_met(rows: pl.DataFrame, candles: pl.DataFrame) -> None:
    """Of a breakout, invalidation is behind both the close and the level."""
    way = pl.col("direction").replace_strict({"bullish": 1, "bearish": -1})
    complete = rows.filter(pl.col("stage") == "complete").join(candles.select("ts", "close"), on="ts")
    assert complete.height > 0
    wrong = complete.filter(
        (way * (pl.col("close") - pl.col("invalidation")) <= 0)
        | (way * (pl.col("breakout_level") - pl.col("invalidation")) <= 0)
    )
    assert wrong.height == 0, wrong.select("ts", "pattern", "breakout_level", "invalidation")


def assert_nothing_late(rows: pl.DataFrame) -> None:
    """No breakout and no target after the last bar that the row before says it waits for."""
    for _, life in rows.group_by("pattern_id", maintain_order=True):
        for before, after in pairwise(life.to_dicts()):
            last = datetime.fromisoformat(json.loads(before["detail"])["expires"])
            assert after["ts"] <= last or after["stage"] == "expired", (before, after)


@pytest.mark.parametrize("name", REAL)
def test_no_real_pattern_breaks_out_of_lines_that_have_met_or_late(shared_data: Path, name: str) -> None:
    candles = real_candles(shared_data, name)
    rows = detect(candles, REAL[name])
    assert_no_lines_have_met(rows, candles)
    assert_nothing_late(rows)


@pytest.mark.parametrize("seed", [101, 103])
def test_no_walk_breaks_out_of_lines_that_have_met_or_late(seed: int) -> None:
    candles = walked(seed, 60_000, "15m")
    random = np.random.default_rng(1)
    there = np.ones(candles.height, dtype=bool)
    for first in random.integers(0, candles.height - 400, 150):
        there[first : first + int(random.integers(20, 300))] = False
    for given in (candles, candles.filter(pl.Series(there))):
        rows = detect(given, "15m")
        assert_no_lines_have_met(rows, given)
        assert_nothing_late(rows)


def without(candles: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    """The bars but for these."""
    return candles.filter(~pl.int_range(pl.len()).is_between(first, last))


def test_a_breakout_after_missing_bars_comes_too_late() -> None:
    candles = drawn(*TOP, (80, 128), (150, 128), (151, 110), (160, 100), loud=(151,))
    rows = events(without(candles, 85, 150), "double_top")
    assert [(row["stage"], bar_number(row["ts"])) for row in rows][1:] == [("expired", 151)]


def test_a_target_after_missing_bars_comes_too_late() -> None:
    candles = drawn(*TOP, (95, 115), (160, 115), (161, 90), (170, 88))
    rows = events(without(candles, 100, 160), "double_top")
    assert [row["stage"] for row in rows] == ["forming", "complete", "expired"]
    assert bar_number(rows[2]["ts"]) == 161


@pytest.mark.parametrize(
    ("name", "vertices", "height"),
    [
        ("ascending_triangle", ASCENDING, HIGH - LOW + 2 * WICK),
        ("symmetrical_triangle", SYMMETRICAL, 150 - 110 + 2 * WICK),
    ],
)
def test_a_triangle_promises_the_height_that_was_drawn(
    name: str, vertices: list[Vertex], height: float
) -> None:
    candles = drawn(*vertices)
    twin = "descending_triangle" if name == "ascending_triangle" else name
    for bars, called in ((candles, name), (mirrored(candles, 256), twin)):
        (complete,) = [row for row in events(bars, called) if row["stage"] == "complete"]
        assert complete["height"] == pytest.approx(height, rel=0.05)
        way = 1 if complete["direction"] == "bullish" else -1
        assert complete["target"] == pytest.approx(complete["breakout_level"] + way * complete["height"])


def test_a_close_that_is_beyond_the_level_when_a_pattern_is_found_counts() -> None:
    crash = (*TOP, (71, 110), (90, 108))
    for loud, at in (((71,), 71), ((), 72)):
        rows = events(drawn(*crash, loud=loud), "double_top")
        told = [(row["stage"], bar_number(row["ts"])) for row in rows[:2]]
        assert told == [("forming", 71), ("complete", at)]
