"""Bodies of flags and pennants: long ones are found under their names, and last no longer than they may."""

import json
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphapulse_assets.patterns.chart.batch import detect
from alphapulse_assets.patterns.chart.rules import DEFAULT_RULES
from tests.unit.chart_support import bar_number, bars_of, mirrored, walked

END = 52
"""The bar at which the pole ends: it rises from 100 to 136 in 12 bars."""
NAMES = ("bull_flag", "bull_pennant", "bear_flag", "bear_pennant")


def textbook(name: str, bars: int, half_swing: int = 4) -> pl.DataFrame:
    """A pole, a body of so many bars that swings between its lines, and a break."""
    at = np.arange(1, bars + 1)
    swing = 2 * np.abs((at / half_swing) % 2 - 1) - 1
    flag = name.endswith("flag")
    middle = 132.5 - (4.0 * at / bars if flag else 0)
    body = middle + swing * (2.5 if flag else np.linspace(3.5, 0.5, bars))
    pole = np.interp(np.arange(END + 1), [0, 40, END], [104, 100, 136])
    candles = bars_of(np.concatenate((pole, body, body[-1] + 3.0 * np.arange(1, 20))))
    return candles if name.startswith("bull") else mirrored(candles, 256)


def breakouts(candles: pl.DataFrame) -> list[dict[str, Any]]:
    """Flags and pennants that broke out."""
    found = detect(candles, "1h").filter(pl.col("pattern").is_in(NAMES) & (pl.col("stage") == "complete"))
    return found.to_dicts()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bars", [10, 20, 30])
def test_a_textbook_body_is_found_under_its_name_however_long(name: str, bars: int) -> None:
    found = breakouts(textbook(name, bars, half_swing=max(2, bars // 6)))
    told = [(row["pattern"], bar_number(row["ts"]) > END + bars) for row in found]
    assert told[-1] == (name, True), told
    assert len([each for each in told if each[1]]) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_body_that_was_read_wrongly_is_read_again(name: str) -> None:
    """Swings of four bars: its first six bars are anything but what it becomes."""
    told = [(row["pattern"], bar_number(row["ts"]) > END + 20) for row in breakouts(textbook(name, 20))]
    assert told[-1] == (name, True), told


def test_what_a_body_becomes_comes_from_what_it_was_taken_for() -> None:
    told = detect(textbook("bull_pennant", 20, 2), "1h").filter(pl.col("pattern").is_in(NAMES)).to_dicts()
    became = {row["pattern_id"]: json.loads(row["detail"]).get("became") for row in told}
    changes = [row for row in told if row["stage"] == "evolved"]
    assert [row["pattern"] for row in changes] == ["bull_flag"]
    (new,) = [row for row in told if row["pattern_id"] == became[changes[0]["pattern_id"]]][:1]
    assert (new["pattern"], new["stage"], new["ts"]) == ("bull_pennant", "forming", changes[0]["ts"])
    assert json.loads(new["detail"])["came_from"] == changes[0]["pattern_id"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_body_outlasts_its_pole_four_times(seed: int) -> None:
    rows = detect(walked(seed, 60_000), "1m").filter(pl.col("pattern").is_in(NAMES))
    forming = rows.filter(pl.col("stage") == "forming").to_dicts()
    assert len(forming) > 10
    least = int(DEFAULT_RULES.body_min)
    for row in forming:
        begin, end = row["pivot_ts"][:2]
        minute = row["known_at"] - row["ts"]
        pole = max(end - begin, least * minute)
        last = end + DEFAULT_RULES.body_length * pole
        assert datetime.fromisoformat(json.loads(row["detail"])["expires"]) == last
        ends = [each for each in rows.to_dicts() if each["pattern_id"] == row["pattern_id"]][1:2]
        assert all(each["ts"] <= last or each["stage"] == "expired" for each in ends)


@pytest.mark.parametrize("name", NAMES)
def test_a_break_after_the_longest_body_is_none(name: str) -> None:
    bars = int(DEFAULT_RULES.body_length) * 12 + 4
    assert not [row for row in breakouts(textbook(name, bars, 2)) if bar_number(row["ts"]) > END + bars]
