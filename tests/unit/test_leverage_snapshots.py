"""Leverage snapshots against numbers worked out by hand, and with more and less of the past and future."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from alphapulse_assets.futures.leverage.model import HOUR, HOURS_SCHEMA, LEAST_HOURS, READ_BEFORE
from alphapulse_assets.futures.leverage.snapshots import snapshots

START: Final = datetime(2024, 5, 1, tzinfo=UTC)
BEGIN: Final = START - READ_BEFORE
LENGTH: Final = READ_BEFORE // HOUR + 48


def hours(instrument_id: int, base: str = "BTC", seed: int = 1, **columns: Any) -> pl.DataFrame:
    """Two days and the past before them, of made-up numbers; `columns` replace some."""
    random = np.random.default_rng(seed)
    steps = np.arange(LENGTH)
    ts = pl.Series([BEGIN + HOUR * int(i) for i in steps]).cast(HOURS_SCHEMA["ts"])
    told: dict[str, Any] = {
        "instrument_id": pl.repeat(instrument_id, LENGTH, dtype=pl.Int32, eager=True),
        "ts": ts,
        "base": [base] * LENGTH,
        "in_dollars": [True] * LENGTH,
        "open_interest_at": ts,
        "open_interest_base": 1_000 + random.normal(0, 20, LENGTH).cumsum(),
        "open_interest_quote": [None] * LENGTH,
        "close": 50_000 * np.exp(random.normal(0, 0.005, LENGTH).cumsum()),
        "volume": random.uniform(1e6, 2e6, LENGTH),
        "mark_price": [None] * LENGTH,
        "funding_at": ts.dt.truncate("8h"),
        "funding_rate": random.normal(1e-4, 1e-4, LENGTH // 8 + 1).repeat(8)[:LENGTH],
        "funding_interval_hours": [8.0] * LENGTH,
        "market_cap": [1e12] * LENGTH,
        "market_cap_provider": ["coingecko"] * LENGTH,
        **columns,
    }
    return pl.DataFrame(told, schema=HOURS_SCHEMA, strict=False)


def at(frame: pl.DataFrame, moment: datetime, instrument_id: int = 1) -> dict[str, Any]:
    return frame.filter((pl.col("ts") == moment) & (pl.col("instrument_id") == instrument_id)).row(
        0, named=True
    )


def test_ratios_are_those_of_the_numbers_beside_them() -> None:
    frame = hours(1)
    row = at(snapshots(frame, START), START + 5 * HOUR)
    i = READ_BEFORE // HOUR + 5
    coins, close, volume = (frame[name].to_list() for name in ("open_interest_base", "close", "volume"))
    value = coins[i] * close[i]
    day = sum(volume[i - 23 : i + 1])
    assert (row["price"], row["price_source"]) == (close[i], "candle")
    assert row["open_interest_quote"] == pytest.approx(value)
    assert row["volume_24h"] == pytest.approx(day)
    assert row["open_interest_to_volume"] == pytest.approx(value / day)
    assert row["open_interest_to_market_cap"] == pytest.approx(value / 1e12)
    assert row["market_cap_provider"] == "coingecko"
    assert row["funding_annual"] == pytest.approx(frame["funding_rate"][i] * 1095)
    assert row["open_interest_change_1h"] == pytest.approx(coins[i] / coins[i - 1] - 1)
    assert row["open_interest_change_24h"] == pytest.approx(coins[i] / coins[i - 24] - 1)
    assert row["price_change_24h"] == pytest.approx(close[i] / close[i - 24] - 1)


def test_percentiles_are_of_its_own_ninety_days() -> None:
    frame = hours(1)
    row = at(snapshots(frame, START), START)
    i = READ_BEFORE // HOUR
    for name, column in (
        ("funding_percentile", "funding_rate"),
        ("open_interest_percentile", "open_interest_base"),
    ):
        window = frame[column][i - 2_159 : i + 1].to_list()
        assert len(window) == 90 * 24
        below, alike = sum(v < window[-1] for v in window), sum(v == window[-1] for v in window)
        assert row[name] == pytest.approx((below + alike / 2) / len(window))
    size = [abs(v) for v in frame["funding_rate"][i - 2_159 : i + 1]]
    rank = (sum(v < size[-1] for v in size) + sum(v == size[-1] for v in size) / 2) / len(size)
    three = rank + row["open_interest_percentile"] + row["volume_percentile"]
    assert row["crowding_percentile"] == pytest.approx(three / 3)


def test_the_leverage_ratio_is_of_all_perpetuals_of_a_coin_in_dollars() -> None:
    both = [
        hours(1),
        hours(2, seed=2),
        hours(3, seed=3, in_dollars=[False] * LENGTH),
        hours(4, "ETH", seed=4),
    ]
    found = snapshots(pl.concat(both), START)
    first, second, euros, other = (at(found, START, number) for number in (1, 2, 3, 4))
    total = first["open_interest_quote"] + second["open_interest_quote"]
    assert first["leverage_ratio"] == second["leverage_ratio"] == pytest.approx(total / 1e12)
    assert (first["leverage_perpetuals"], other["leverage_perpetuals"]) == (2, 1)
    assert euros["leverage_ratio"] is None
    assert euros["open_interest_to_volume"] is not None


def test_an_interval_that_changes_changes_no_rate_by_the_year() -> None:
    """4 hours at half the rate is the same price of leverage: it is no extreme beside 8 hours."""
    steps = np.arange(LENGTH)
    later = steps >= LENGTH - 30
    frame = hours(
        1,
        funding_rate=np.where(later, 0.5e-4, 1e-4),
        funding_interval_hours=np.where(later, 4.0, 8.0),
    )
    row = at(snapshots(frame, START), START + 40 * HOUR)
    assert row["funding_annual"] == pytest.approx(0.1095)
    assert row["funding_percentile"] == 0.5
    assert row["funding_zscore"] is None


@pytest.mark.parametrize(
    ("price", "coins", "name"),
    [
        (1.01, 1.02, "long_build_up"),
        (1.01, 0.98, "short_covering"),
        (0.99, 1.02, "short_build_up"),
        (0.99, 0.98, "long_unwinding"),
        (1.0, 1.02, None),
    ],
)
def test_quadrants(price: float, coins: float, name: str | None) -> None:
    later = np.arange(LENGTH) >= LENGTH - 1
    frame = hours(
        1,
        close=np.where(later, 100.0 * price, 100.0),
        open_interest_base=np.where(later, 1_000.0 * coins, 1_000.0),
    )
    assert snapshots(frame, START)["quadrant"][-1] == name


def test_what_is_not_known_stays_unknown() -> None:
    hole = np.arange(LENGTH) == LENGTH - 10
    volume = np.where(hole, np.nan, 1e6)
    nothing = [None] * LENGTH
    frame = hours(1, volume=pl.Series(volume, nan_to_null=True), market_cap=nothing, funding_rate=nothing)
    row = at(snapshots(frame, START), START + 47 * HOUR)
    for name in (
        "volume_24h",
        "open_interest_to_volume",
        "leverage_ratio",
        "leverage_perpetuals",
        "funding_annual",
    ):
        assert row[name] is None, name
    assert row["crowding_percentile"] is None
    assert row["open_interest_percentile"] is not None


def test_an_hour_of_which_nothing_was_known_has_no_row() -> None:
    known = np.arange(LENGTH) < LENGTH - 3
    coins, rates = (pl.Series(np.where(known, v, np.nan), nan_to_null=True) for v in (1_000.0, 1e-4))
    found = snapshots(hours(1, open_interest_base=coins, funding_rate=rates), START)
    assert found.height == 45


def test_prices_of_two_sources_have_no_change_between_them() -> None:
    candles = pl.Series(np.where(np.arange(LENGTH) < LENGTH - 1, 100.0, np.nan), nan_to_null=True)
    found = snapshots(hours(1, close=candles, mark_price=[100.5] * LENGTH), START)
    last = found.row(-1, named=True)
    assert (last["price"], last["price_source"]) == (100.5, "mark")
    assert last["price_change_1h"] is None
    assert last["quadrant"] is None
    assert last["open_interest_change_24h"] is not None


def test_too_little_past_has_no_percentiles() -> None:
    past = LEAST_HOURS - 1
    coins = pl.Series([None] * (LENGTH - past) + [float(i) for i in range(past)])
    row = snapshots(hours(1, open_interest_base=coins), START).row(-1, named=True)
    assert row["open_interest_percentile"] is None
    assert row["crowding_percentile"] is None


def test_cutting_off_the_future_or_more_past_changes_no_snapshot() -> None:
    frame = pl.concat([hours(1), hours(2, seed=2)])
    whole = snapshots(frame, START)
    day = START + timedelta(days=1)
    assert_frame_equal(
        snapshots(frame.filter(pl.col("ts") < day), START), whole.filter(pl.col("ts") < day), check_exact=True
    )
    again = snapshots(frame.filter(pl.col("ts") >= day - READ_BEFORE), day)
    assert_frame_equal(again, whole.filter(pl.col("ts") >= day), check_exact=True)


def test_hours_that_do_not_follow_are_refused() -> None:
    frame = hours(7)
    with pytest.raises(ValueError, match="of instrument 7 is not the hour after"):
        snapshots(frame.filter(pl.col("ts") != START), START)


def test_no_hours_are_no_snapshots() -> None:
    assert snapshots(HOURS_SCHEMA.to_frame(), START).is_empty()
