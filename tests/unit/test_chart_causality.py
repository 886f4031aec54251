"""Chart patterns never look ahead, and a mirror, a shift, a scale, a day or the stream change nothing."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.patterns.chart.bars import arrays
from alphapulse_assets.patterns.chart.batch import detect, frame_start, passed, pivots
from alphapulse_assets.patterns.chart.definitions import CHART_CATALOGUE, CHART_EVENT_SCHEMA, STAGES
from alphapulse_assets.patterns.chart.events import frame
from alphapulse_assets.patterns.chart.live import ChartState
from alphapulse_assets.patterns.chart.rules import DEFAULT_RULES
from alphapulse_assets.patterns.chart.scan import memory
from alphapulse_resources.frames import CANDLE_SCHEMA, TIMEFRAMES
from tests.unit.chart_support import PRICES, mirrored, rounded, walked
from tests.unit.indicator_support import REAL, awkward_candles, real_candles

MANY = settings(max_examples=25, deadline=None)
NAMES = list(CHART_CATALOGUE)
SWAPPED = {
    name: NAMES[number + 1 if number % 2 == 0 else number - 1]
    for number, name in enumerate(NAMES)
    if name not in ("symmetrical_triangle", "rectangle")
} | {"symmetrical_triangle": "symmetrical_triangle", "rectangle": "rectangle"}
FACTS = ("ts", "stage", "scale", "pivot_ts", "completion", "quality", "height", "atr")


def live_rows(candles: pl.DataFrame, timeframe: str, warm: int = 0) -> pl.DataFrame:
    """What a state tells bar by bar after so many bars of warm-up."""
    state = ChartState.warm(candles.head(warm), timeframe)
    found = [row for bar in candles[warm:].iter_rows(named=True) for row in state.update(Bar.of(bar))]
    return pl.DataFrame(found, schema=CHART_EVENT_SCHEMA, orient="row")


def atr(candles: pl.DataFrame, until: datetime) -> float:
    """Mean true range of the last 14 bars, by hand."""
    before = candles["close"].shift()
    ranges = pl.max_horizontal("high", before) - pl.min_horizontal("low", before)
    found = candles.with_columns(range=ranges).filter(pl.col("ts") <= until)["range"].tail(14).mean()
    assert isinstance(found, float)
    return found


@pytest.mark.parametrize("name", REAL)
def test_two_hundred_cuts_of_real_bars_change_no_row_of_the_past(shared_data: Path, name: str) -> None:
    timeframe = REAL[name]
    candles = real_candles(shared_data, name)
    whole = detect(candles, timeframe)
    assert whole.height > 10
    for cut in np.random.default_rng(5).integers(1, candles.height, 200):
        until = candles["ts"][int(cut) - 1]
        assert detect(candles.head(int(cut)), timeframe).equals(whole.filter(pl.col("ts") <= until))


@pytest.mark.parametrize("name", REAL)
def test_days_apart_and_the_stream_give_the_rows_of_one_pass(shared_data: Path, name: str) -> None:
    timeframe = REAL[name]
    candles = real_candles(shared_data, name)
    whole = detect(candles, timeframe)
    assert_frame_equal(live_rows(candles, timeframe), whole)
    part = timedelta(days=1) if timeframe != "1h" else timedelta(days=61)
    start, apart = candles["ts"][0], []
    while start <= candles["ts"][-1]:
        reach = frame_start(timeframe, start)
        given = candles.filter(pl.col("ts").is_between(reach, start + part, closed="left"))
        apart.append(detect(given, timeframe, start=start))
        start += part
    assert_frame_equal(pl.concat(apart), whole)


def test_a_state_warmed_in_the_middle_goes_on_as_if_it_had_seen_all(shared_data: Path) -> None:
    candles = real_candles(shared_data, "5m")
    for warm in (1, 700, 4_000):
        whole = detect(candles, "5m").filter(pl.col("ts") >= candles["ts"][warm])
        assert_frame_equal(live_rows(candles, "5m", warm), whole)


@MANY
@given(awkward_candles(), st.data())
def test_awkward_bars_are_the_same_live_and_cut(candles: pl.DataFrame, data: st.DataObject) -> None:
    whole = detect(candles, "1m")
    assert_frame_equal(live_rows(candles, "1m"), whole)
    cut = data.draw(st.integers(1, candles.height))
    until = candles["ts"][cut - 1]
    assert detect(candles.head(cut), "1m").equals(whole.filter(pl.col("ts") <= until))
    assert whole.select(pl.col("breakout_level", "height", "atr").is_finite().all()).row(0) in (
        (True,) * 3,
        (),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_mirror_swaps_tops_and_bottoms(seed: int) -> None:
    candles = walked(seed)
    rows, image = detect(candles, "1m"), detect(mirrored(candles, 1024), "1m")
    assert rows.height > 20
    expected = rows.with_columns(
        pl.col("pattern").replace_strict(SWAPPED),
        pl.col("direction").replace({"bullish": "bearish", "bearish": "bullish"}),
        pivot_prices=pl.col("pivot_prices").list.eval(1024 - pl.element()),
        target=1024 - pl.col("target"),
        invalidation=1024 - pl.col("invalidation"),
        breakout_level=1024 - pl.col("breakout_level"),
    )
    names = [*FACTS, "pattern", "direction", "pivot_prices", "target", "invalidation", "breakout_level"]
    order = ["ts", "pattern", "pivot_ts", "stage"]
    assert_frame_equal(image.select(names).sort(order), expected.select(names).sort(order), rel_tol=1e-9)


@pytest.mark.parametrize("seed", [4, 5])
def test_scale_and_shift_of_price_change_no_pattern(seed: int) -> None:
    candles = walked(seed)
    rows = detect(candles, "1m")
    for scale, shift in ((2.0**-7, 0.0), (2.0**9, 0.0), (1.0, 512.0)):
        moved = detect(candles.with_columns(pl.col(*PRICES) * scale + shift), "1m")
        expected = rows.with_columns(pl.col("height", "atr") * scale, target=pl.col("target") * scale + shift)
        names = [*FACTS, "pattern_id", "pattern", "direction", "target"]
        assert_frame_equal(moved.select(names), expected.select(names), rel_tol=1e-9)


def test_real_bars_upside_down_have_the_mirrored_patterns(shared_data: Path) -> None:
    candles = rounded(real_candles(shared_data, "1h of two years"), 2.0**-6)
    rows, image = detect(candles, "1h"), detect(mirrored(candles, 2.0**15), "1h")
    for name, twin in SWAPPED.items():
        told = rows.filter(pl.col("pattern") == name).select("ts", "stage", "pivot_ts")
        assert_frame_equal(told, image.filter(pl.col("pattern") == twin).select("ts", "stage", "pivot_ts"))


@pytest.mark.parametrize("name", REAL)
def test_a_life_is_told_in_order_and_ends_once(shared_data: Path, name: str) -> None:
    rows = detect(real_candles(shared_data, name), REAL[name])
    assert (rows["known_at"] - rows["ts"]).unique().to_list() == [TIMEFRAMES[REAL[name]]]
    assert rows["ts"].is_sorted()
    assert rows.select("pattern_id", "stage").is_duplicated().sum() == 0
    assert set(rows["stage"]) <= set(STAGES)
    for _, life in rows.group_by("pattern_id", maintain_order=True):
        stages = life["stage"].to_list()
        assert stages[0] == "forming"
        assert len(stages) <= 3
        assert all(stage in ("forming", "complete") for stage in stages[:-1])
        pivots = life["pivot_ts"][0].to_list()
        assert pivots == sorted(set(pivots))
        assert pivots[-1] <= life["ts"][0]


def test_what_is_open_is_shown_and_not_stored(shared_data: Path) -> None:
    candles = real_candles(shared_data, "1h of two years")
    whole = detect(candles, "1h")
    found = whole.filter(pl.col("stage") == "forming")["ts"][10]
    state = ChartState.warm(candles.filter(pl.col("ts") <= found), "1h")
    shown = {row["pattern_id"]: row for row in state.open_patterns()}
    assert shown
    assert {row["stage"] for row in shown.values()} <= {"forming", "complete"}
    assert all(0 <= row["completion"] <= 100 for row in shown.values())
    assert state.open_patterns() == list(shown.values())
    rest = whole.filter(pl.col("ts") > found)
    told_later = rest.filter(pl.col("stage") != "forming")["pattern_id"]
    fresh = rest.filter(pl.col("stage") == "forming")["pattern_id"]
    assert set(told_later) - set(fresh) <= set(shown)


def test_pivots_alternate_and_are_known_only_after_a_move_back(shared_data: Path) -> None:
    candles = real_candles(shared_data, "1h of two years").head(3_000)
    told = pivots(candles, "1h")
    assert told["known_at"].is_sorted()
    prices = {bar["ts"]: bar for bar in candles.iter_rows(named=True)}
    for (scale,), of_scale in told.group_by("scale", maintain_order=True):
        assert of_scale.height > 20
        assert (of_scale["kind"] != of_scale["kind"].shift()).drop_nulls().all()
        for row in of_scale.iter_rows(named=True):
            known = row["known_at"] - timedelta(hours=1)
            between = candles.filter(pl.col("ts").is_between(row["ts"], known))
            assert known > row["ts"]
            assert prices[row["ts"]][row["kind"]] == row["price"]
            extreme = between["high"].max() if row["kind"] == "high" else between["low"].min()
            assert extreme == row["price"]
            back = between["high"].max() - between["low"].min()
            assert back >= scale * atr(candles, known) * (1 - 1e-12)


@pytest.mark.parametrize("seed", [6, 7])
def test_where_a_block_begins_leaves_no_trace(seed: int) -> None:
    candles = walked(seed, 60_000)
    assert candles["ts"].dt.month().n_unique() > 1
    step = TIMEFRAMES["1m"] // timedelta(microseconds=1)
    _, bars = arrays(candles, step)
    at_once = frame(passed(memory(DEFAULT_RULES, step), bars, 0, candles.height), step)
    assert_frame_equal(detect(candles, "1m"), at_once, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"high": 1.0}, "impossible"),
        ({"volume": float("nan")}, "impossible"),
        ({"close": None}, "impossible"),
    ],
)
def test_an_impossible_candle_is_refused(change: dict[str, float | None], message: str) -> None:
    candles = walked(1, 100)
    name, value = next(iter(change.items()))
    broken = candles.with_columns(
        pl.when(pl.int_range(pl.len()) == 50).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
    )
    with pytest.raises(ValueError, match=message):
        detect(broken, "1m")


def test_candles_out_of_order_are_refused() -> None:
    candles = walked(1, 100)
    with pytest.raises(ValueError, match="does not come after"):
        detect(candles.reverse(), "1m")
    state = ChartState.warm(candles, "1m")
    with pytest.raises(ValueError, match="warm a new state"):
        state.update(Bar.of(candles.row(99, named=True)))


def test_no_candles_have_no_patterns() -> None:
    assert detect(pl.DataFrame(schema=CANDLE_SCHEMA), "1m").schema == CHART_EVENT_SCHEMA
