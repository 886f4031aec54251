"""The table of candlestick patterns: exactly TA-Lib's, its facts held to TA-Lib and to real bars."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import talib

from alphapulse_assets.patterns.candlestick.batch import detect
from alphapulse_assets.patterns.candlestick.catalogue import (
    CATALOGUE,
    CATALOGUE_SCHEMA,
    LOOKBACK,
    Candlestick,
    catalogue_frame,
)
from alphapulse_assets.patterns.candlestick.kinds import Direction, Nature
from alphapulse_assets.patterns.candlestick.rates import Walk, random_walk
from alphapulse_assets.patterns.candlestick.silence import NEVER_FIRED, OBSERVED, SILENT_ON_24_7, Silence
from tests.unit.candlestick_support import REAL, prices_of, real_candles, tick_prices

PATTERNS = [pytest.param(pattern, id=name) for name, pattern in CATALOGUE.items()]


def test_the_catalogue_is_exactly_the_pattern_recognition_of_talib() -> None:
    functions = [pattern.function for pattern in CATALOGUE.values()]
    assert sorted(functions) == sorted(talib.get_function_groups()["Pattern Recognition"])
    assert len(set(functions)) == len(CATALOGUE) == 61


def test_names_are_snake_case_sorted_and_descriptions_are_each_their_own() -> None:
    assert list(CATALOGUE) == sorted(CATALOGUE)
    assert all(name.replace("_", "").isalpha() and name.islower() for name in CATALOGUE)
    assert len({pattern.description for pattern in CATALOGUE.values()}) == 61
    assert all(pattern.description.endswith(".") and pattern.source for pattern in CATALOGUE.values())


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_row_depends_on_no_more_bars_than_its_lookback(pattern: Candlestick) -> None:
    """Whole ticks: sums are exact, so nothing but the bars themselves can make a difference."""
    for seed in range(3):
        prices = tick_prices(np.random.default_rng(seed), 600, base=10_000)
        whole = pattern.batch(*prices)
        for last in range(pattern.lookback, 600):
            window = prices[:, last - pattern.lookback : last + 1]
            assert pattern.batch(*window)[-1] == whole[last]
        assert not pattern.batch(*prices[:, : pattern.lookback]).any()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_candles_of_a_pattern_lie_within_its_lookback(pattern: Candlestick) -> None:
    assert 1 <= pattern.candles <= min(pattern.lookback + 1, 5)
    assert pattern.lookback <= LOOKBACK == 14


def test_directions_are_what_talib_says() -> None:
    """Always above 0 where it is called bullish, always below where bearish, both where the sign decides."""
    strengths: dict[str, list[int]] = {name: [] for name in CATALOGUE}
    for seed in range(8):
        prices = tick_prices(np.random.default_rng(seed), 40_000, base=1_000_000)
        for name, pattern in CATALOGUE.items():
            found = pattern.batch(*prices)
            strengths[name] += found[found != 0].tolist()
    for name, pattern in CATALOGUE.items():
        assert {abs(strength) for strength in strengths[name]} <= {80, 100, 200}
        signs = {strength > 0 for strength in strengths[name]}
        if pattern.direction in (Direction.BULLISH, Direction.BEARISH):
            assert signs <= {pattern.direction is Direction.BULLISH}, name
        elif pattern.direction is Direction.BY_SIGN and len(strengths[name]) >= 20:
            assert signs == {True, False}, name


def test_indecision_favours_nobody_and_the_rest_is_classified() -> None:
    for pattern in CATALOGUE.values():
        if pattern.nature is Nature.INDECISION:
            assert pattern.direction is Direction.NEUTRAL
    found = (
        {pattern.nature for pattern in CATALOGUE.values()},
        {pattern.size for pattern in CATALOGUE.values()},
    )
    assert found == (set(Nature), {"single", "double", "multi"})


def test_favours_follows_the_sign_only_where_the_sign_means_it() -> None:
    assert CATALOGUE["engulfing"].favours(-80) == "bearish"
    assert CATALOGUE["engulfing"].favours(100) == "bullish"
    assert CATALOGUE["spinning_top"].favours(-100) == "neutral"
    assert CATALOGUE["hanging_man"].favours(-100) == "bearish"


def test_the_catalogue_as_a_frame_has_every_pattern() -> None:
    frame = catalogue_frame()
    assert frame.schema == CATALOGUE_SCHEMA
    assert frame["pattern"].to_list() == list(CATALOGUE)
    row = frame.row(by_predicate=pl.col("pattern") == "mat_hold", named=True)
    assert (row["function"], row["candles"], row["size"], row["never_fired"]) == (
        "CDLMATHOLD",
        5,
        "multi",
        True,
    )


@pytest.mark.parametrize(("name", "seen"), list(zip(REAL, OBSERVED, strict=True)))
def test_what_is_silent_on_real_bars_is_published(shared_data: Path, name: str, seen: Silence) -> None:
    candles = real_candles(shared_data, name)
    joined = (candles["open"][1:] == candles["close"][:-1]).mean()
    fired = set(detect(candles, REAL[name])["pattern"])
    assert (REAL[name], candles.height) == (seen.timeframe, seen.bars)
    assert joined == pytest.approx(seen.joined, abs=1e-4)
    assert set(CATALOGUE) - fired == seen.silent


def test_three_patterns_fired_on_no_real_bar_at_all() -> None:
    assert {"concealing_baby_swallow", "mat_hold", "three_stars_in_the_south"} == NEVER_FIRED
    assert sum(seen.bars for seen in OBSERVED) == 47_271


def test_where_every_bar_opens_at_the_close_before_exactly_the_published_are_silent() -> None:
    candles = random_walk(200_000, seed=1, walk=Walk(joined=1.0))
    assert (candles["open"][1:] == candles["close"][:-1]).all()
    assert set(CATALOGUE) - set(detect(candles, "1m")["pattern"]) == SILENT_ON_24_7
    assert {name for name, pattern in CATALOGUE.items() if pattern.silent_on_24_7} == SILENT_ON_24_7


@pytest.mark.parametrize("name", REAL)
def test_silent_patterns_fire_on_real_bars_only_where_a_bar_opens_elsewhere(
    shared_data: Path, name: str
) -> None:
    candles = real_candles(shared_data, name)
    opened, _, _, close = prices_of(candles)
    apart = np.flatnonzero(np.concatenate(([True], opened[1:] != close[:-1])))
    rows = detect(candles, REAL[name]).filter(pl.col("pattern").is_in(SILENT_ON_24_7))
    last = candles["ts"].search_sorted(rows["ts"]).to_numpy()
    latest = apart[np.searchsorted(apart, last, side="right") - 1]
    assert (last - latest < rows["candles"].to_numpy()).all()
