"""Do a file's candles fit what is stored, and each other?"""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from alphapulse_assets.candles.import_checks import conflicts, far_from_stored, other_grid, two_levels
from alphapulse_resources.frames import CANDLE_SCHEMA, TIMEFRAMES

START = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday


def market(
    count: int,
    price: float,
    *,
    timeframe: str = "1m",
    seed: int = 1,
    swing: float = 0.001,
    tick: float = 1e-9,
) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    close = np.round(price * np.exp(np.cumsum(random.normal(0, swing, count))) / tick) * tick
    opened = np.concatenate(([price], close))[:count]
    frame = pl.DataFrame(
        {
            "ts": [START + n * TIMEFRAMES[timeframe] for n in range(count)],
            "open": opened,
            "high": np.maximum(opened, close),
            "low": np.minimum(opened, close),
            "close": close,
            "volume": random.lognormal(1, 1, count),
        },
        schema_overrides={"ts": CANDLE_SCHEMA["ts"]},
    )
    return frame.match_to_schema(CANDLE_SCHEMA, missing_columns="insert")


def mixed(one: pl.DataFrame, other: pl.DataFrame, block: int) -> pl.DataFrame:
    """Blocks of one and of the other by turns."""
    turn = (pl.int_range(one.height, eager=True) // block) % 2 == 0
    return pl.concat([one.filter(turn), other.filter(~turn)])


def test_closes_of_another_instrument_are_far_from_the_stored_ones() -> None:
    stored = market(100, 60_000).select("ts", "close")
    assert "24" in (far_from_stored(market(100, 2_500), stored) or "")
    assert far_from_stored(market(100, 60_000, seed=2), stored) is None
    assert far_from_stored(market(100, 60_000 * 1.05), stored) is None  # a future
    assert far_from_stored(market(100, 60_000 * 1.3), stored) is not None
    shifted = market(100, 2_500).with_columns(pl.col("ts") + timedelta(days=1))
    assert far_from_stored(shifted, stored) is None  # nothing is stored at these times


@pytest.mark.parametrize("block", [1, 2, 7, 60])
@pytest.mark.parametrize("other", [2_500.0, 1.0, 40_000.0])
def test_two_instruments_by_turns_are_seen(block: int, other: float) -> None:
    frame = mixed(market(600, 60_000), market(600, other, seed=2), block)
    assert "two prices" in (two_levels(frame.sample(fraction=1, shuffle=True, seed=1), "1m") or "")


def test_one_instrument_put_behind_another_is_seen() -> None:
    one, other = market(50, 60_000), market(50, 2_500).with_columns(pl.col("ts") + timedelta(minutes=50))
    assert "2024-01-01T00:50Z" in (two_levels(pl.concat([one, other]), "1m") or "")


@pytest.mark.parametrize(
    "frame",
    [
        market(2000, 60_000),
        market(2000, 1e-8 * 2, swing=0.3, tick=1e-8),  # a coin of one or two satoshis
        market(2000, 0.0000071, swing=0.01, tick=1e-9),
        market(1, 60_000),
        market(0, 1),
    ],
    ids=["calm", "satoshis", "cheap", "one", "none"],
)
def test_a_market_of_its_own_is_no_two(frame: pl.DataFrame) -> None:
    assert two_levels(frame, "1m") is None


@pytest.mark.parametrize("timeframe", ["1d", "1w"])
def test_wild_days_and_weeks_are_no_two_instruments(timeframe: str) -> None:
    assert two_levels(market(300, 0.2, timeframe=timeframe, swing=0.4), timeframe) is None


def test_a_price_that_went_wrong_for_a_minute_and_a_hole_are_no_two_instruments() -> None:
    frame = market(5000, 100.0)
    spike = pl.col("ts") == START + timedelta(minutes=77)
    wrong = frame.with_columns(
        pl.when(spike).then(300.0).otherwise(name).alias(name) for name in ("open", "close")
    )
    assert two_levels(wrong, "1m") is None
    later = market(100, 400.0).with_columns(pl.col("ts") + timedelta(days=400))
    assert two_levels(pl.concat([frame, later]), "1m") is None


def test_conflicts_are_counted_with_the_first_and_the_largest() -> None:
    stored = market(10, 100.0)
    at = [START + timedelta(minutes=n) for n in (3, 7)]
    told = stored.with_columns(
        pl.when(pl.col("ts") == at[0]).then(pl.col("close") * 1.001).otherwise("close").alias("close"),
        pl.when(pl.col("ts") == at[1]).then(0.01).otherwise("volume").alias("volume"),
    )
    found = conflicts(told, stored)
    assert found is not None
    assert (found.rows, found.compared, found.first, found.largest_at) == (2, 10, *at)
    assert (found.field, found.told) == ("volume", 0.01)
    assert 0.9 < found.largest < 1


def test_what_only_one_side_tells_is_no_conflict() -> None:
    stored = market(10, 100.0)
    assert conflicts(stored.with_columns(pl.lit(5).alias("trades")), stored) is None
    assert conflicts(stored, stored) is None
    assert conflicts(stored, stored.clear()) is None
    zero = stored.with_columns(pl.lit(0.0).alias("volume"))
    assert conflicts(zero, zero) is None


@pytest.mark.parametrize(
    ("timeframe", "offset", "told"),
    [
        ("1w", timedelta(days=3), "on Thursday at 00:00 UTC"),
        ("1w", timedelta(days=6), "on Sunday at 00:00 UTC"),
        ("1d", timedelta(hours=16), "at 16:00 UTC"),
        ("4h", timedelta(hours=2), "7200 s later"),
        ("1m", timedelta(seconds=30), "30 s later"),
    ],
)
def test_bars_that_begin_elsewhere_are_told(timeframe: str, offset: timedelta, told: str) -> None:
    ts = market(60, 1.0, timeframe=timeframe)["ts"]
    assert told in (other_grid(ts + offset, timeframe) or "")
    assert other_grid(ts, timeframe) is None


def test_days_of_a_zone_that_changes_its_clocks_are_told_with_both() -> None:
    local = pl.datetime_range(START.replace(tzinfo=None), datetime(2024, 12, 31), "1d", eager=True)
    ts = local.dt.replace_time_zone("Europe/Berlin").dt.convert_time_zone("UTC").cast(CANDLE_SCHEMA["ts"])
    assert "at 22:00 UTC and at 23:00 UTC" in (other_grid(ts, "1d") or "")


def test_times_without_a_common_offset_are_left_to_the_rules() -> None:
    random = np.random.default_rng(1).integers(1, 86_400, 60)
    ts = market(60, 1.0, timeframe="1d")["ts"] + pl.Series(random * 1_000_000).cast(pl.Duration("us"))
    assert other_grid(ts, "1d") is None
