"""Motifs: the profile by its definition, a planted shape found and confirmed, chance that stays chance."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphapulse.lookalike.windows import distances, zone
from alphapulse_assets.patterns.evaluation.performance import ABOVE, NO_EDGE
from alphapulse_assets.patterns.evaluation.random_walk import matched_walk
from alphapulse_assets.patterns.motifs.judged import Judged, judged
from alphapulse_assets.patterns.motifs.profile import motifs, profile

MINUTE = timedelta(minutes=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def walk(bars: int, seed: int) -> Any:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(bars) * 0.001))


def candles(closes: Any) -> pl.DataFrame:
    close = np.asarray(closes)
    opened = np.concatenate(([close[0]], close[:-1]))
    ts = pl.Series([START + n * MINUTE for n in range(len(close))], dtype=pl.Datetime("us", "UTC"))
    high, low = np.maximum(opened, close) * 1.0002, np.minimum(opened, close) * 0.9998
    frame = pl.DataFrame({"ts": ts, "open": opened, "high": high, "low": low, "close": close, "volume": 1.0})
    untold = ("quote_volume", "trades", "taker_buy_volume")
    return frame.with_columns(*(pl.lit(None, dtype=pl.Float64).alias(name) for name in untold))


def found(frame: pl.DataFrame, **asked: int) -> list[Judged]:
    return judged(frame, MINUTE, **{"bars": 24, "most": 4, "horizon": 10, **asked})


def test_the_profile_is_the_nearest_other_window_by_definition() -> None:
    closes, bars = walk(300, 1), 16
    fit = np.ones(300 - bars + 1, dtype=bool)
    fit[40:60] = False
    near, twin = profile(closes, bars, fit)
    for place in (0, 30, 100, 284):
        apart = distances(closes[place : place + bars], closes)
        apart[~fit] = np.inf
        apart[max(place - zone(bars), 0) : place + zone(bars) + 1] = np.inf
        assert (near[place], twin[place]) == (pytest.approx(apart.min(), abs=1e-5), int(apart.argmin()))
    assert np.isnan(near[45])
    assert twin[45] == -1


def planted(seed: int) -> Any:
    """A walk in which price always rises after one shape."""
    shape = np.cumsum(np.random.default_rng(5).standard_normal(24)) * 0.002
    steps = np.random.default_rng(seed).standard_normal(9_000) * 0.001
    for first in range(100, 8_900, 90):
        steps[first + 1 : first + 24] = np.diff(shape)
        steps[first + 24 : first + 30] = 0.002
    return 100 * np.exp(np.cumsum(steps))


def test_a_planted_shape_is_found_and_its_edge_confirmed_on_later_bars() -> None:
    first = found(candles(planted(2)), most=1)[0]
    assert first.distance < 0.01
    assert (first.direction, first.verdict) == ("bullish", ABOVE)
    assert first.clusters >= 30
    assert first.low is not None
    assert first.walk_high is not None
    assert first.low > first.walk_high
    assert all(each >= START + 5_400 * MINUTE for each in first.times)


def test_on_random_walks_nothing_is_demonstrated() -> None:
    told = [each for seed in range(6) for each in found(candles(walk(6_000, seed)))]
    assert sum(each.clusters >= 30 for each in told) >= 12  # there was enough to be judged
    assert {each.verdict for each in told} == {NO_EDGE}


def test_on_the_walk_beside_real_bars_nothing_is_demonstrated(shared_data: Path) -> None:
    bars = pl.read_ipc(shared_data / "candles" / "ETH_BTC-5m.feather")
    real = candles(bars["close"].head(8_000).to_numpy())
    assert {each.verdict for each in found(matched_walk(real, 7), most=3)} == {NO_EDGE}


def test_motifs_and_their_direction_know_nothing_of_the_part_that_judges_them() -> None:
    closes = walk(4_000, 3)
    changed = closes.copy()
    changed[2_400:] = walk(1_600, 99)
    one, other = found(candles(closes)), found(candles(changed))
    told = ("first", "twin", "distance", "direction", "found", "found_atr")
    assert [[getattr(each, name) for name in told] for each in one] == [
        [getattr(each, name) for name in told] for each in other
    ]


def test_no_window_of_a_motif_is_an_occurrence_of_an_earlier_one() -> None:
    closes = walk(2_000, 4)
    fit = np.ones(2_000 - 24 + 1, dtype=bool)
    several = motifs(closes, 24, fit, 5)
    for number, each in enumerate(several):
        for earlier in several[:number]:
            shape = closes[earlier.first : earlier.first + 24]
            assert distances(shape, closes[each.first : each.first + 24])[0] > earlier.radius


def test_too_short_a_history_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        found(candles(walk(150, 1)))
