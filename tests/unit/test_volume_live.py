"""Volume patterns bar by bar, day by day and in one pass: the same rows, to the last bit."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.volume.batch import detect
from alphapulse_assets.volume.definitions import DEFAULT_RULES, WARM_UP, VolumeRules
from alphapulse_assets.volume.live import VolumePatternState
from tests.unit.candlestick_support import REAL, real_candles
from tests.unit.indicator_support import awkward_candles
from tests.unit.volume_support import framed, live, quiet, tick_bars

TIMEFRAMES = ["1m", "15m", "4h", "1d", "1w"]


def assert_same(found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    assert_frame_equal(found, wanted, check_exact=True)


@pytest.mark.parametrize("name", REAL)
def test_real_bars_one_by_one_have_the_rows_of_one_pass(shared_data: Path, name: str) -> None:
    candles, timeframe = real_candles(shared_data, name), REAL[name]
    whole = detect(candles, timeframe)
    assert whole["pattern"].n_unique() >= 8
    assert_same(live(VolumePatternState(timeframe), candles), whole)


@pytest.mark.parametrize("name", REAL)
def test_real_bars_day_by_day_have_the_rows_of_one_pass(shared_data: Path, name: str) -> None:
    candles, timeframe = real_candles(shared_data, name).tail(4_000), REAL[name]
    numbered = candles.with_row_index().with_columns(pl.col("ts").dt.truncate("1d").alias("day"))
    parts = []
    for (day,), rows in numbered.group_by("day", maintain_order=True):
        first, last = rows["index"][0], rows["index"][-1]
        begin = max(first - WARM_UP, 0)
        parts.append(detect(candles.slice(begin, last + 1 - begin), timeframe, start=day))
    assert len(parts) > 2
    assert_same(pl.concat(parts), detect(candles, timeframe))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TIMEFRAMES), st.data())
def test_awkward_bars_one_by_one_have_the_rows_of_one_pass(timeframe: str, data: st.DataObject) -> None:
    candles = data.draw(awkward_candles(timeframe))
    known = data.draw(st.integers(0, candles.height))
    state = VolumePatternState.warm(candles.head(known), timeframe)
    whole = detect(candles, timeframe)
    last = candles["ts"][known - 1] if known else candles["ts"][0] - timedelta(1)
    assert_same(live(state, candles.slice(known)), whole.filter(pl.col("ts") > last))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_window_with_its_warm_up_has_the_rows_of_one_pass(data: st.DataObject) -> None:
    candles = data.draw(awkward_candles("5m"))
    first = data.draw(st.integers(0, candles.height - 1))
    last = data.draw(st.integers(first, candles.height))
    start = candles["ts"][first]
    begin = max(first - WARM_UP, 0)
    part = detect(candles.slice(begin, last - begin), "5m", start=start)
    rows = detect(candles, "5m").filter(pl.col("ts") >= start)
    end = candles["ts"][last] if last < candles.height else None
    assert_same(part, rows if end is None else rows.filter(pl.col("ts") < end))


@pytest.mark.parametrize("cut", [60, 333, 1_000, 1_499])
def test_what_is_known_at_a_bar_does_not_change_with_later_ones(cut: int) -> None:
    candles = framed(tick_bars(3, 1_500))
    cut_off = detect(candles.head(cut), "1m")
    assert cut_off.height
    assert_same(cut_off, detect(candles, "1m").filter(pl.col("ts") <= candles["ts"][cut - 1]))


def test_more_bars_than_the_kernel_takes_at_once_have_the_rows_of_pieces() -> None:
    candles = framed(tick_bars(5, 9_000))
    pieces = [
        detect(candles.slice(max(first - WARM_UP, 0), 700 + min(first, WARM_UP)), "1m", start=first_ts)
        for first, first_ts in ((n, candles["ts"][n]) for n in range(0, 9_000, 700))
    ]
    assert all(piece.height for piece in pieces)
    assert_same(pl.concat(pieces), detect(candles, "1m"))


def test_other_windows_say_how_much_warm_up_they_need() -> None:
    rules = VolumeRules(logic_version=2, baseline_bars=30, long_bars=30, dry_bars=3, fake_out_bars=10)
    assert (DEFAULT_RULES.warm_up, rules.warm_up) == (51, 41)
    candles = framed(tick_bars(11, 1_200))
    whole = detect(candles, "1m", rules=rules)
    state = VolumePatternState.warm(candles.head(600), "1m", rules)
    assert_same(live(state, candles.slice(600)), whole.filter(pl.col("ts") >= candles["ts"][600]))


def test_a_bar_that_is_refused_leaves_the_state_as_it_was() -> None:
    candles = framed(tick_bars(7, 400))
    state = VolumePatternState.warm(candles.head(300), "1m")
    bar = candles.row(300, named=True)
    with pytest.raises(ValueError, match="does not come after"):
        state.update(Bar.of(candles.row(299, named=True)))
    for wrong in (float("nan"), float("inf"), -1.0):
        with pytest.raises(ValueError, match="is impossible"):
            state.update(Bar.of({**bar, "volume": wrong}))
    assert_same(
        live(state, candles.slice(300)), detect(candles, "1m").filter(pl.col("ts") >= candles["ts"][300])
    )


def test_a_state_can_be_warmed_with_nothing() -> None:
    candles = framed([*quiet(30), (102.0, 98.0, 100.7, 900.0)])
    whole = detect(candles, "1m")
    assert whole.height
    assert_same(live(VolumePatternState.warm(candles.head(0), "1m"), candles), whole)
