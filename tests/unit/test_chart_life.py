"""The life of a chart pattern: breakouts by volume and by time, false breaks, failures, evolution, expiry."""

import json
from dataclasses import fields
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphapulse_assets.patterns.chart import layout
from alphapulse_assets.patterns.chart.batch import detect
from alphapulse_assets.patterns.chart.definitions import CHART_CATALOGUE, LOGIC_VERSION
from alphapulse_assets.patterns.chart.rates import RATE_SCHEMA, random_walk, rates, shuffled
from alphapulse_assets.patterns.chart.rules import DEFAULT_RULES, ChartRules
from alphapulse_resources.frames import CANDLE_SCHEMA
from tests.unit.chart_support import WICK, Vertex, bar_number, bars_of, drawn, events

TOP: list[Vertex] = [(0, 100), (40, 140), (55, 120), (70, 140)]
FALL: list[Vertex] = [*TOP, (110, 90)]
VALLEY = 120 - WICK
TRIPLE: list[Vertex] = [(0, 90), (40, 140), (52, 122), (64, 140), (76, 122), (88, 140), (125, 85)]
RECTANGLE: list[Vertex] = [
    (0, 90),
    (30, 140),
    (45, 120),
    (60, 140),
    (75, 120),
    (90, 140),
    (105, 120),
    (140, 180),
]


def stages(rows: list[dict[str, Any]]) -> list[str]:
    """The stages of a life, in order."""
    return [row["stage"] for row in rows]


def detail(row: dict[str, Any]) -> dict[str, Any]:
    """An event's detail."""
    found: dict[str, Any] = json.loads(row["detail"])
    return found


def closes_beyond(candles: pl.DataFrame, after: int) -> list[int]:
    """Bars that close more than a tenth of ATR below the valley, ATR by hand."""
    high, low, close = (candles[name].to_numpy() for name in ("high", "low", "close"))
    before = np.concatenate((close[:1], close[:-1]))
    ranges = np.maximum(high, before) - np.minimum(low, before)
    found = range(after, len(close))
    return [bar for bar in found if VALLEY - close[bar] > 0.1 * ranges[bar - 13 : bar + 1].mean()]


def test_a_breakout_without_volume_is_complete_at_the_second_close_beyond() -> None:
    candles = drawn(*FALL)
    complete = events(candles, "double_top")[1]
    assert bar_number(complete["ts"]) == closes_beyond(candles, 70)[1]
    assert detail(complete)["reason"] == "closes beyond the level in a row"
    assert complete["volume_ratio"] == 1
    assert complete["completion"] == 100


def test_a_breakout_with_volume_is_complete_at_once() -> None:
    first = closes_beyond(drawn(*FALL), 70)[0]
    complete = events(drawn(*FALL, loud=(first,)), "double_top")[1]
    assert bar_number(complete["ts"]) == first
    assert complete["volume_ratio"] == 3
    assert detail(complete)["reason"] == "close beyond the level with volume"


def test_a_wick_beyond_the_level_is_no_breakout() -> None:
    candles = drawn(*TOP, (90, 120.5), (100, 130), (110, 121))
    spiked = candles.with_columns(
        low=pl.when(pl.int_range(pl.len()) == 90).then(pl.lit(115.0)).otherwise(pl.col("low"))
    )
    assert "complete" not in stages(events(spiked, "double_top"))


def test_a_break_that_is_not_confirmed_is_counted() -> None:
    close = np.interp(np.arange(111), [0, 40, 55, 70, 82, 86, 110], [100, 140, 120, 140, 121, 126, 90])
    close[83] = 118
    rows = events(bars_of(close), "double_top")
    assert stages(rows)[:2] == ["forming", "complete"]
    assert bar_number(rows[1]["ts"]) > 86
    assert detail(rows[1])["false_breaks"] == 1


def test_beyond_the_other_line_before_a_breakout_it_has_failed() -> None:
    rows = events(drawn(*TOP, (80, 125), (110, 170)), "double_top")
    assert stages(rows) == ["forming", "failed"]
    assert detail(rows[1])["reason"] == "close beyond the other line before a breakout"
    assert detail(rows[1])["close"] > 140 + WICK


def test_beyond_the_invalidation_after_the_breakout_it_has_failed() -> None:
    rows = events(drawn(*TOP, (95, 115), (130, 160)), "double_top")
    assert stages(rows) == ["forming", "complete", "failed"]
    assert detail(rows[2])["reason"] == "close beyond the invalidation after the breakout"
    assert rows[2]["invalidation"] == rows[1]["invalidation"] == 140 + WICK


def test_the_target_is_met_by_the_first_bar_that_touches_it() -> None:
    candles = drawn(*FALL)
    rows = events(candles, "double_top")
    assert stages(rows) == ["forming", "complete", "target_met"]
    touched = (candles["low"] <= rows[1]["target"]).arg_true()[0]
    before = candles["low"][: bar_number(rows[1]["ts"])] <= rows[1]["target"]
    assert bar_number(rows[2]["ts"]) == touched
    assert not before.any()


def test_a_bar_that_touches_the_target_and_closes_as_a_failure_has_failed() -> None:
    candles = drawn(*TOP, (95, 113), (96, 150))
    target = events(drawn(*FALL), "double_top")[1]["target"]
    wide = candles.with_columns(
        low=pl.when(pl.int_range(pl.len()) == 96).then(pl.lit(target - 5)).otherwise(pl.col("low"))
    )
    assert stages(events(wide, "double_top")) == ["forming", "complete", "failed"]


def test_without_a_breakout_in_time_it_expires() -> None:
    rows = events(drawn(*TOP, (80, 128), (150, 128)), "double_top")
    assert stages(rows) == ["forming", "expired"]
    formed, expired = (bar_number(row["ts"]) for row in rows)
    assert expired == formed + 31  # its length is 30 bars
    assert detail(rows[1])["reason"] == "no breakout in time"


def test_without_an_outcome_in_time_it_expires() -> None:
    rows = events(drawn(*TOP, (95, 115), (160, 115)), "double_top")
    assert stages(rows) == ["forming", "complete", "expired"]
    assert detail(rows[2])["reason"] == "no outcome in time"


def test_a_double_top_becomes_a_triple_top_and_a_triple_top_a_rectangle() -> None:
    told = detect(drawn(*RECTANGLE), "1h").to_dicts()
    changes = [row for row in told if row["stage"] == "evolved"]
    assert [row["pattern"] for row in changes] == ["double_top", "triple_top"]
    for change, name in zip(changes, ["triple_top", "rectangle"], strict=True):
        (new,) = [row for row in told if row["pattern"] == name and row["stage"] == "forming"]
        assert detail(change)["became"] == new["pattern_id"]
        assert detail(new)["came_from"] == change["pattern_id"]
        assert change["ts"] == new["ts"]


def test_one_set_of_pivots_is_one_pattern_at_whatever_scales_it_is_seen() -> None:
    ids = [
        {
            row["pattern_id"]
            for row in detect(drawn(*TRIPLE), "1h", rules=ChartRules(scales=scales)).to_dicts()
        }
        for scales in ((1.5,), (3.0,), (1.5, 3.0))
    ]
    assert ids[0] == ids[1] == ids[2]


def test_completion_grows_on_the_way_to_the_level() -> None:
    shown = [events(drawn(*TOP, (75, 132), (75 + far, 132 - far)), "double_top")[0] for far in (1, 5)]
    assert shown[0] == shown[1]
    assert 75 <= shown[0]["completion"] < 100


@pytest.mark.parametrize("rules", [{"scales": ()}, {"scales": (0.0,)}, {"atr_bars": 0}])
def test_rules_that_cannot_be_are_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least"):
        ChartRules(**rules)


def test_other_numbers_need_another_version() -> None:
    found = sha256(repr(DEFAULT_RULES).encode()).hexdigest()[:16]
    assert (LOGIC_VERSION, found) == (2, "4169511aafce4cd9"), "bump LOGIC_VERSION, note the digest here"


def test_every_number_of_the_rules_is_where_the_machine_code_looks_for_it() -> None:
    names = [
        field.name for field in fields(ChartRules) if field.name not in ("scales", "atr_bars", "volume_bars")
    ]
    given = ChartRules(**{name: float(number) for number, name in enumerate(names)})
    limits = given.limits()
    assert len(limits) == len(names) == layout.LIMITS_END - layout.NOW
    for name in names:
        assert limits[getattr(layout, name.upper()) - layout.NOW] == getattr(given, name)


def test_rates_count_every_pattern_and_all_together() -> None:
    found = rates(detect(drawn(*RECTANGLE), "1h"), 200)
    assert found.schema == RATE_SCHEMA
    assert found["pattern"].to_list() == [*CHART_CATALOGUE, "all"]
    by_name = {row["pattern"]: row for row in found.to_dicts()}
    assert by_name["rectangle"]["complete"] == 5
    assert by_name["all"]["evolved"] == 10
    assert by_name["bull_flag"]["forming"] == 0


def test_a_walk_is_the_same_for_a_seed_and_sound() -> None:
    walk = random_walk(500, 7)
    assert walk.equals(random_walk(500, 7))
    assert not walk.equals(random_walk(500, 8))
    assert walk.schema == CANDLE_SCHEMA
    assert (walk["low"] <= pl.Series(np.minimum(walk["open"], walk["close"]))).all()
    assert (walk["high"] >= pl.Series(np.maximum(walk["open"], walk["close"]))).all()


def test_shuffled_bars_are_the_same_bars() -> None:
    candles = random_walk(500, 7)
    mixed = shuffled(candles, 3, "1m")
    moves, mixed_moves = (
        np.sort(np.abs(np.diff(np.log(frame["close"].to_numpy())))) for frame in (candles, mixed)
    )
    first = abs(np.log(mixed["close"][0] / candles["close"][0]))
    assert np.sort(np.append(mixed_moves, first)) == pytest.approx(moves)
    assert (mixed["low"] <= mixed["close"]).all()
    assert (mixed["close"] <= mixed["high"]).all()
