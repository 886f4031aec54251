"""Aggregation of 1m bars, and the comparison with a venue's own bars."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.candles.validation import validate
from alphapulse_assets.core.timeframes import AGGREGATE_SCHEMA, aggregate, bar_open, compare
from alphapulse_resources.frames import CANDLE_SCHEMA, TIMEFRAMES, empty_candles, floor_time

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def minutes(*numbers: int, trades: int | None = 3) -> pl.DataFrame:
    """One bar per minute number after MONDAY; prices follow the number."""
    rows = [
        (MONDAY + n * MINUTE, 100.0 + n, 102.0 + n, 99.0 + n, 101.0 + n, 1.0, 100.0, trades, 0.5)
        for n in numbers
    ]
    return pl.DataFrame(rows, schema=CANDLE_SCHEMA, orient="row")


def test_a_bar_takes_first_highest_lowest_last_and_sums() -> None:
    bars = aggregate(minutes(4, 0, 1, 3, 2, 5), "5m")
    assert bars.schema == AGGREGATE_SCHEMA
    assert bars.rows() == [
        (MONDAY, 100.0, 106.0, 99.0, 105.0, 5.0, 500.0, 15, 2.5, 5),
        (MONDAY + 5 * MINUTE, 105.0, 107.0, 104.0, 106.0, 1.0, 100.0, 3, 0.5, 1),
    ]


def test_a_bar_without_minutes_does_not_exist_and_a_thin_one_says_so() -> None:
    bars = aggregate(minutes(1, 11), "5m")
    assert bars.select("ts", "bars").rows() == [(MONDAY, 1), (MONDAY + 10 * MINUTE, 1)]


def test_optional_sums_are_null_unless_every_minute_tells() -> None:
    bars = aggregate(pl.concat([minutes(0, 1), minutes(2, trades=None)]), "5m")
    assert bars["trades"].to_list() == [None]
    assert bars["quote_volume"].to_list() == [300.0]


def test_weeks_start_on_monday_at_midnight_utc() -> None:
    bars = aggregate(minutes(-1, 0, 7 * 1440 - 1, 7 * 1440), "1w")
    assert bars["ts"].to_list() == [MONDAY + timedelta(weeks=week) for week in (-1, 0, 1)]
    assert bars["bars"].to_list() == [1, 2, 1]


@settings(max_examples=100, deadline=None)
@given(
    st.datetimes(datetime(2009, 1, 3), datetime(2090, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(sorted(TIMEFRAMES)),
)
def test_frames_and_single_times_are_floored_alike(moment: datetime, timeframe: str) -> None:
    frame = pl.DataFrame({"ts": [moment]}, schema={"ts": CANDLE_SCHEMA["ts"]})
    assert frame.select(bar_open(timeframe))["ts"].to_list() == [floor_time(moment, timeframe)]


def test_no_minutes_give_no_bars() -> None:
    assert aggregate(empty_candles(), "1h").schema == AGGREGATE_SCHEMA
    assert aggregate(empty_candles(), "1h").is_empty()


def test_repeated_minutes_and_unknown_timeframes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"2024-01-01 00:01:00.* occurs twice"):
        aggregate(minutes(0, 1, 1), "5m")
    with pytest.raises(ValueError, match="unknown timeframe '7m'"):
        aggregate(minutes(0), "7m")


def test_differences_are_told_field_by_field() -> None:
    ours = aggregate(minutes(*range(10)), "5m")
    native = ours.drop("bars").with_columns(
        pl.when(pl.col("ts") == MONDAY).then(pl.col("volume") + 1).otherwise("volume").alias("volume"),
        pl.lit(None, pl.Float64).alias("taker_buy_volume"),
    )
    assert compare(native, ours).rows() == [(MONDAY, "volume", 6.0, 5.0)]


def test_a_bar_only_one_side_has_is_one_difference() -> None:
    ours = aggregate(minutes(*range(10)), "5m")
    assert compare(ours.head(1), ours.tail(1)).rows() == [
        (MONDAY, "bar", 1.0, None),
        (MONDAY + 5 * MINUTE, "bar", None, 1.0),
    ]


@pytest.mark.parametrize(("factor", "differences"), [(1 + 5e-10, 0), (1 + 5e-9, 2)])
def test_rounding_is_no_difference_but_more_than_that_is(factor: float, differences: int) -> None:
    ours = aggregate(minutes(*range(10)), "5m")
    assert compare(ours.with_columns(pl.col("close") * factor), ours).height == differences


def test_longer_bars_of_real_minutes_equal_bars_of_bars(shared_data: Path) -> None:
    raw = pl.read_ipc(shared_data / "candles" / "UNITTEST_BTC-1m.feather").rename({"date": "ts"})
    candles = validate(raw, "1m", now=datetime(2018, 1, 1, tzinfo=UTC)).candles
    previous = candles
    for timeframe in ("5m", "15m", "1h", "4h", "1d", "1w"):
        direct = aggregate(candles, timeframe)
        assert compare(aggregate(previous, timeframe), direct).is_empty()
        assert direct["bars"].sum() == candles.height
        previous = direct
