"""Windows of confidence, confluence and signals: a stretch has the rows that one pass has there."""

import json
from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.signals import scoring
from alphapulse_assets.patterns.signals.scoring import earlier_windows, first_known, scored
from tests.unit.pattern_support import START, context_frame, context_row, event, event_frame, scenes

MINUTE = timedelta(minutes=1)
ALWAYS = START - timedelta(days=400)
NEVER = START + timedelta(days=400)


def needed(events: pl.DataFrame, start: datetime) -> pl.DataFrame:
    """Only those events that a window from `start` on asks for."""
    near = pl.concat(
        events.filter(pl.col("timeframe") == name, pl.col("known_at") >= first_known(name, start))
        for name in PATTERN_TIMEFRAMES
    )
    far = [
        events.filter(pl.col("timeframe") == name, pl.col("known_at").is_between(*window, closed="left"))
        for name, windows in earlier_windows(near, start).items()
        for window in windows
    ]
    return pl.concat([near, *far])


@pytest.mark.slow
@pytest.mark.parametrize("between", [0, 1_000])
@given(scene=scenes(), minutes=st.integers(0, 14 * 60))
@settings(max_examples=60, deadline=None)
def test_a_window_has_the_rows_of_one_pass(
    between: int, scene: tuple[pl.DataFrame, pl.DataFrame], minutes: int
) -> None:
    events, contexts = scene
    start = START + minutes * MINUTE
    end = start + timedelta(hours=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "BARS_BETWEEN", between)
        window = scored(needed(events, start), contexts, None, start, end)
    for whole, part in zip(scored(events, contexts, None, ALWAYS, NEVER), window, strict=True):
        within = pl.col("known_at").is_between(start, end, closed="left")
        assert part.equals(whole.filter(within))


def test_a_living_pattern_is_as_sure_as_it_was_when_it_became_known() -> None:
    """The quarter's pattern is long gone, but the hour's owes it some of its confidence."""
    quarter = event("15m", 15)
    first = event("1h", 3, nature="continuation", family="chart", pattern="triangle", reference="a")
    second = event("1h", 8, nature="continuation")
    assert quarter["known_at"] == first["known_at"]
    known = {"volume_ratio": 3.0, "trend": 0.8, "higher_trend": 0.8, "volatility_percentile": 0.5}
    contexts = context_frame(*(context_row("1h", bar, **known) for bar in (3, 8)))
    events = event_frame(quarter, first, second)
    start, end = second["known_at"], second["known_at"] + MINUTE

    def confidences(of: pl.DataFrame) -> list[float]:
        (signal,) = scored(of, contexts, None, start, end).signals["reasons"]
        return [reason["confidence"] for reason in json.loads(signal)["counted"]]

    near = event_frame(first, second)
    assert quarter["known_at"] < first_known("15m", start)
    assert confidences(needed(events, start)) == confidences(events)
    assert confidences(near) != confidences(events)


def test_windows_that_are_close_are_read_as_one() -> None:
    days = [event("1d", bar) for bar in range(4)]
    windows = earlier_windows(event_frame(*days), START + timedelta(days=5))
    assert [len(windows[name]) for name in PATTERN_TIMEFRAMES] == [4, 1, 1, 1, 1, 1, 1]
