"""How far a changed bar reaches: not one row later, and as far as is said."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from indicator_support import candle_frame

from alphapulse_assets.core.calendar_blocks import block_start, frame_start
from alphapulse_assets.core.windows import by_block, merged
from alphapulse_assets.indicators import batch
from alphapulse_assets.indicators.influence import indicators_until, regimes_until
from alphapulse_assets.indicators.registry import INDICATORS
from alphapulse_assets.regime import batch as regimes
from alphapulse_assets.regime.inputs import INDICATOR_INPUTS
from alphapulse_assets.regime.rules import LOGIC_VERSION, WARM_UP

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
TIMEFRAMES = st.sampled_from(["1m", "5m", "15m", "1h", "4h", "1d", "1w"])
MICROSECOND: Final = timedelta(microseconds=1)


@pytest.mark.parametrize("day", [3, 20, 30])
def test_a_changed_bar_changes_rows_up_to_the_end_of_its_reach_and_none_beyond(day: int) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    bars = walk(start, 4 * 31 * 96)
    at = start + timedelta(days=day, hours=7)
    other = bars.with_columns(
        pl.when(pl.col("ts") == at).then(pl.col(name) * factor).otherwise(name).alias(name)
        for name, factor in (("high", 1.5), ("close", 1.4), ("volume", 50.0), ("quote_volume", 70.0))
    )
    told = [batch.compute(frame, "15m") for frame in (bars, other)]
    differ = _differ(*told)
    assert min(differ) >= at
    assert max(differ) < indicators_until("15m", at)
    assert max(differ) > at + timedelta(days=1)
    states = [regimes.compute(frame, one, "15m") for frame, one in zip((bars, other), told, strict=True)]
    differ = _differ(*states)
    assert min(differ) >= at
    assert max(differ) < regimes_until("15m", at, WARM_UP)


def walk(start: datetime, bars: int) -> pl.DataFrame:
    """A random walk of 15m bars."""
    random = np.random.default_rng(5)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.003, bars)))
    volume = random.lognormal(2, 1, bars)
    columns = {"open": close, "high": close * 1.002, "low": close * 0.998, "close": close}
    return candle_frame(start, "15m", {**columns, "volume": volume, "quote_volume": volume * close})


def _differ(one: pl.DataFrame, other: pl.DataFrame) -> list[datetime]:
    changed = pl.any_horizontal(
        pl.col(name).ne_missing(pl.Series(other[name])) for name in one.columns if name != "ts"
    )
    found: list[datetime] = one.filter(changed)["ts"].to_list()
    return found


@given(TIMEFRAMES, MOMENTS)
def test_no_block_that_begins_after_the_reach_counts_the_bar(timeframe: str, bar: datetime) -> None:
    until = indicators_until(timeframe, bar)
    assert until > bar
    assert frame_start(timeframe, until) > bar or block_start(timeframe, until) != until
    assert regimes_until(timeframe, bar, WARM_UP) >= until


@given(TIMEFRAMES, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=900)))
def test_pieces_are_the_window_each_within_a_block(
    timeframe: str, start: datetime, length: timedelta
) -> None:
    pieces = by_block(timeframe, (start, start + length))
    assert merged(pieces) == merged([(start, start + length)])
    for first, end in pieces:
        assert block_start(timeframe, first) == block_start(timeframe, end - MICROSECOND)


def test_windows_that_touch_are_one_and_empty_ones_none() -> None:
    a, b, c, d = (datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4))
    assert merged([(c, d), (a, b), (b, c), (d, d)]) == [(a, d)]
    assert merged([(c, d), (a, b)]) == [(a, b), (c, d)]


def test_the_version_of_regimes_is_bumped_with_the_indicators_they_read() -> None:
    # regimes are kept by their own version alone: whoever changes one of these bumps rules.LOGIC_VERSION too
    formulas = {name: INDICATORS[name].formula_version for name in INDICATOR_INPUTS}
    assert (LOGIC_VERSION, formulas) == (1, dict.fromkeys(INDICATOR_INPUTS, 1))
