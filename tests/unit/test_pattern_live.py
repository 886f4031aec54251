"""Live patterns: on real bars the rows of batch in every table, warmed in the middle, over a gap, and cut."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.events.configuration import PatternConfiguration, SignalRules
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.scoring.confluence import frame_start
from alphapulse_assets.patterns.scoring.context_live import Knowledge
from alphapulse_assets.patterns.signals.live import Past, PatternState
from tests.unit.candlestick_support import BLOCK_WITHIN, real_candles
from tests.unit.pattern_live_support import (
    INSTRUMENT,
    SCHEMAS,
    Bars,
    Tables,
    bars_of,
    batch,
    gathered,
    knowledge,
    live,
    market,
    moments,
    rates,
    since,
    sorted_alike,
)

EASY = PatternConfiguration(
    version=2, signals=SignalRules(least_confidence=35.0, weak=15.0, normal=30.0, strong=50.0)
)
"""Rules under which real patterns give signals of all kinds."""

LOWEST = {
    "UNITTEST_BTC-1m.feather": "1m",
    "ETH_BTC-5m.feather": "5m",
    "Coinbase_BTCUSD_1h.csv": "1h",
}
COUNT = {"1m": 3_000, "5m": 2_500, "1h": 6_000}


@cache
def scene(shared_data: Path, name: str) -> tuple[dict[str, Bars], Tables, pl.DataFrame]:
    """Bars, what batch says of them, and success rates."""
    candles = real_candles(shared_data, name, BLOCK_WITHIN.get(name, timedelta(0)))
    bars = bars_of(candles.tail(COUNT[LOWEST[name]]), LOWEST[name])
    known = rates(batch(bars, None, EASY)["events"])
    return bars, sorted_alike(batch(bars, known, EASY)), known


def assert_same(found: Tables, expected: Tables) -> None:
    for name in SCHEMAS:
        assert_frame_equal(found[name], expected[name], check_exact=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", LOWEST)
def test_real_bars_give_live_the_rows_of_batch_in_every_table(shared_data: Path, name: str) -> None:
    bars, expected, known = scene(shared_data, name)
    state = PatternState(INSTRUMENT, knowledge(bars, known), EASY, tuple(bars))
    assert_same(gathered(live(state, moments(bars))), expected)
    for table in SCHEMAS:
        assert expected[table].height, table


@pytest.mark.slow
@pytest.mark.parametrize("name", LOWEST)
@pytest.mark.parametrize("share", [0.2, 0.83])
def test_a_state_warmed_in_the_middle_goes_on_as_if_it_had_run(
    shared_data: Path, name: str, share: float
) -> None:
    bars, expected, known = scene(shared_data, name)
    lowest = bars[LOWEST[name]].candles["ts"]
    start = lowest[int(share * len(lowest))] + bar_length(LOWEST[name])
    state = warmed(bars, expected, known, start)
    assert_same(gathered(live(state, moments(bars, start))), since(expected, start))


def warmed(bars: dict[str, Bars], expected: Tables, known: pl.DataFrame, start: datetime) -> PatternState:
    """The state after all that closed by `start`, of what was known then and no more."""
    reach = {name: frame_start(name, start, EASY) for name in PATTERN_TIMEFRAMES}
    needed = (pl.col("ts") >= pl.col("timeframe").replace_strict(reach)) & (pl.col("known_at") <= start)
    return PatternState.warm(
        INSTRUMENT,
        {name: past(closed_by(name, each, start)) for name, each in bars.items()},
        expected["events"].filter(needed),
        expected["confidences"].filter(needed),
        knowledge(bars, known),
        EASY,
        standing=expected["signals"].filter(needed, pl.col("signal") != "neutral"),
    )


def past(bars: Bars) -> Past:
    return Past(bars.candles, bars.regimes.row(-1, named=True) if bars.regimes.height else None)


def closed_by(name: str, bars: Bars, now: datetime) -> Bars:
    """What there was of a timeframe then: rows of causal assets, whose own tests prove that they are."""
    return Bars(*(frame.filter(pl.col("ts") + bar_length(name) <= now) for frame in bars))


def test_missing_hours_are_stepped_over_as_in_batch(shared_data: Path) -> None:
    whole = real_candles(shared_data, "UNITTEST_BTC-1m.feather", timedelta(days=22)).tail(2_500)
    gap = whole["ts"][1_234], whole["ts"][1_234] + timedelta(hours=7, minutes=38)
    bars = bars_of(whole.filter(~pl.col("ts").is_between(*gap)), "1m")
    expected = sorted_alike(batch(bars, None, EASY))
    state = PatternState(INSTRUMENT, Knowledge(market=market(bars)), EASY)
    assert_same(gathered(live(state, moments(bars))), expected)
    assert since(expected, gap[1])["signals"].height


@pytest.mark.slow
def test_what_comes_later_changes_no_row_at_200_random_times(shared_data: Path) -> None:
    bars = bars_of(real_candles(shared_data, "Coinbase_BTCUSD_1h.csv").tail(350), "1h")
    beside = Knowledge(market=market(bars))
    told = live(PatternState(INSTRUMENT, beside, EASY, tuple(bars)), moments(bars))
    assert all(frame.height for frame in gathered(told).values())
    for end in map(int, np.random.default_rng(5).choice(len(told), 200, replace=False)):
        cut = {name: closed_by(name, each, told[end].known_at) for name, each in bars.items()}
        assert_same(gathered(told[: end + 1]), sorted_alike(batch(cut, None, EASY)))


def test_bars_that_cannot_follow_are_refused_and_change_nothing(shared_data: Path) -> None:
    bars, *_ = scene(shared_data, "Coinbase_BTCUSD_1h.csv")
    closing = list(moments(bars))[:200]
    state, other = (PatternState(INSTRUMENT, None, EASY, tuple(bars)) for _ in range(2))
    live(state, closing[:100])
    with pytest.raises(ValueError, match=r"instrument 7.*do not come after"):
        state.update(closing[99])
    with pytest.raises(ValueError, match=r"instrument 7.*2 moments"):
        state.update({"1h": closing[100]["1h"], "4h": next(each["4h"] for each in closing if "4h" in each)})
    assert_same(gathered(live(state, closing[100:])), gathered(live(other, closing)[100:]))
