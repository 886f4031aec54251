"""Firing rates of candlestick patterns: counted right, beside a random walk that is like the candles."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from alphapulse_assets.patterns.candlestick.batch import checked, detect
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE
from alphapulse_assets.patterns.candlestick.rates import RATE_SCHEMA, Walk, firing_rates, random_walk
from alphapulse_resources.frames import CANDLE_SCHEMA, empty_candles
from tests.unit.candlestick_support import real_candles, shaped

ETH = "ETH_BTC-5m.feather"


def test_a_walk_is_sound_candles_the_same_for_the_same_seed() -> None:
    candles = random_walk(2_000, 4, "5m")
    assert candles.schema == CANDLE_SCHEMA
    assert len(checked(candles)) == 2_000
    assert candles["ts"].diff().drop_nulls().unique().to_list() == [timedelta(minutes=5)]
    assert candles.equals(random_walk(2_000, 4, "5m"))
    assert not candles.equals(random_walk(2_000, 5, "5m"))


def test_a_walk_is_as_volatile_and_as_joined_as_asked() -> None:
    wanted = Walk(price=50.0, volatility=0.002, tick=0.0, joined=0.4)
    found = Walk.like(random_walk(50_000, 1, walk=wanted))
    assert found.volatility == pytest.approx(wanted.volatility, rel=0.02)
    assert found.joined == pytest.approx(wanted.joined, abs=0.02)


def test_prices_of_a_walk_are_whole_ticks_above_zero() -> None:
    candles = random_walk(3_000, 2, walk=Walk(price=1.0, volatility=0.2, tick=0.25))
    for name in ("open", "high", "low", "close"):
        assert (candles[name] >= 0.25).all()
        assert (candles[name] % 0.25 == 0).all()


def test_a_walk_like_real_candles_has_their_tick_and_volatility(shared_data: Path) -> None:
    candles = real_candles(shared_data, ETH)
    walk = Walk.like(candles)
    assert walk.tick == pytest.approx(1e-8)
    assert walk.volatility == pytest.approx(candles["close"].log().diff().std(), rel=0.01)
    assert walk.price == candles["close"][0]


def test_rates_count_every_row_once_and_name_every_pattern(shared_data: Path) -> None:
    candles = real_candles(shared_data, ETH)
    rates = firing_rates(candles, "5m", seed=3)
    assert rates.schema == RATE_SCHEMA
    assert rates["pattern"].to_list() == list(CATALOGUE)
    walk = detect(random_walk(candles.height, 3, "5m", Walk.like(candles)), "5m")
    assert rates["hits"].sum() == detect(candles, "5m").height
    assert rates["walk_hits"].sum() == walk.height
    doji = rates.row(by_predicate=pl.col("pattern") == "doji", named=True)
    assert doji["per_1000"] == doji["hits"] * 1_000 / candles.height > 0


@pytest.mark.parametrize("count", [0, 1])
def test_no_candles_or_a_single_one_have_no_rates_above_zero(count: int) -> None:
    rates = firing_rates(empty_candles() if count == 0 else shaped([]).head(1), "1m")
    assert rates["hits"].sum() == rates["walk_hits"].sum() == 0
    assert rates.height == 61
