"""Wedges drawn by hand with noise; breakouts that a technician waits for: beyond touches, before an apex."""

from collections import Counter
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphapulse_assets.patterns.chart.batch import detect
from alphapulse_assets.patterns.chart.rules import ChartRules
from tests.unit.chart_support import START, WICK, drawn, events, walked
from tests.unit.indicator_support import candle_frame

NARROWING = (
    "ascending_triangle",
    "descending_triangle",
    "symmetrical_triangle",
    "rising_wedge",
    "falling_wedge",
)
VARIANTS = 60


def wedge(seed: int, noise: float, way: int) -> pl.DataFrame:
    """A rise, six touches between lines that rise and come together, a last leg, and a fall; or upside down.

    Heights are 20 at the first touch; gaps, slopes and the rise before are drawn at random.
    """
    random = np.random.default_rng(seed)
    x = np.concatenate(([0.0], np.cumsum(random.uniform(12, 20, 7))))
    span, height = x[6] - x[1], 20.0
    lower = random.uniform(0.75, 1.1)
    upper = max(lower - random.uniform(0.45, 0.75), 0.3)

    def line(slope: float, base: float, at: float) -> float:
        return base + slope * height * (at - x[1]) / span

    points = [(0.0, 100 - random.uniform(10, 20))]
    for number in range(1, 7):
        slope, base = (upper, 120.0) if number % 2 else (lower, 100.0)
        points.append((x[number], line(slope, base, x[number])))
    end = x[6] + 6
    low, high = line(lower, 100, end), line(upper, 120, end)
    points += [(end, low + 0.6 * (high - low)), (end + 30, low - 35)]
    close = np.interp(np.arange(int(end + 30)), *zip(*points, strict=True))
    close += random.normal(0, noise / 2, len(close))
    opened = np.concatenate((close[:1], close[:-1]))
    up, down = (np.abs(random.normal(0, noise * 0.4, len(close))) + 0.1 for _ in range(2))
    top, bottom = np.maximum(opened, close) + up, np.minimum(opened, close) - down
    if way < 0:
        opened, close, top, bottom = 256 - opened, 256 - close, 256 - bottom, 256 - top
    columns = {"open": opened, "high": top, "low": bottom, "close": close}
    return candle_frame(START, "1h", {**columns, "volume": random.lognormal(0, 0.3, len(close))})


@pytest.mark.parametrize(("name", "way"), [("rising_wedge", 1), ("falling_wedge", -1)])
@pytest.mark.parametrize(("noise", "least"), [(0.4, 0.95), (1.0, 0.9), (1.6, 0.8)])
def test_hand_made_wedges_are_found_and_called_nothing_else_between_lines(
    name: str, way: int, noise: float, least: float
) -> None:
    found: Counter[str] = Counter()
    for seed in range(VARIANTS):
        rows = detect(wedge(seed, noise, way), "1h")
        found[name] += name in rows["pattern"]
        found.update(set(rows.filter(pl.col("stage") == "complete", pl.col("pattern") != name)["pattern"]))
    assert found[name] >= least * VARIANTS
    assert not {each for each in found if each.endswith(("channel", "triangle")) or each == "rectangle"}


def test_a_wedge_aims_at_its_far_end_and_is_wrong_beyond_its_other_line() -> None:
    for name, way in (("rising_wedge", 1), ("falling_wedge", -1)):
        complete = [row for row in events(wedge(3, 0.4, way), name) if row["stage"] == "complete"]
        (row,) = complete
        ends = min(row["pivot_prices"]) if way > 0 else max(row["pivot_prices"])
        assert row["target"] == pytest.approx(ends)
        assert row["direction"] == ("bearish" if way > 0 else "bullish")
        assert way * (row["invalidation"] - row["breakout_level"]) > row["atr"]


TOUCHES = [(0, 90), (30, 139), (42, 112), (54, 143), (64, 118), (74, 139), (82, 124)]


def test_a_flat_line_breaks_beyond_its_own_highest_touch() -> None:
    """Touches lie on both sides of a least-squares line: closes between it and the highest one are inside."""
    inside = [(88, 141.8), (92, 141.8), (95, 133)]
    assert not [
        row for row in events(drawn(*TOUCHES, *inside), "ascending_triangle") if row["stage"] == "complete"
    ]
    rows = events(drawn(*TOUCHES, *inside, (110, 190)), "ascending_triangle")
    (row,) = [row for row in rows if row["stage"] == "complete"]
    assert row["breakout_level"] >= 143 + WICK
    assert row["target"] == pytest.approx(row["breakout_level"] + row["height"])


def test_a_leg_of_a_bar_is_no_shoulder() -> None:
    short = drawn((0, 100), (40, 130), (41, 120), (55, 140), (69, 120), (80, 130), (110, 90))
    assert events(short, "head_and_shoulders") == []
    before = detect(short, "1h", rules=ChartRules(leg_bars=1.0))
    assert "head_and_shoulders" in before["pattern"].to_list()


def at_breakout(rows: pl.DataFrame, names: tuple[str, ...]) -> list[dict[str, Any]]:
    return rows.filter(pl.col("stage") == "complete", pl.col("pattern").is_in(names)).to_dicts()


def test_no_breakout_has_its_invalidation_beside_its_level() -> None:
    """At an apex reward over risk would be of any size: 21 was seen on a walk."""
    rows = pl.concat([detect(walked(seed, 12_000), "1m") for seed in range(4)])
    seen = at_breakout(rows, NARROWING)
    assert len(seen) >= 8
    assert all(abs(row["breakout_level"] - row["invalidation"]) > row["atr"] for row in seen)
    assert max(reward(row) for row in seen) < 6


def reward(row: dict[str, Any]) -> float:
    """In units of the risk."""
    level = row["breakout_level"]
    return float(abs(row["target"] - level) / abs(level - row["invalidation"]))
