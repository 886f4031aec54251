"""Confidence, confluence and signals of one instrument in a window of time, of all timeframes together. Pure.

What is told at a moment rests on the patterns that live then, whichever timeframe they are of, and on how
sure each of them was when it became known, which rests on the patterns that lived at that earlier moment. So
a window needs the events of a life before it (`first_known`) and those of a life before each moment at which
one of these became known (`earlier_windows`). With them the rows are those of one pass over everything.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.core.windows import Window
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.model import CONFIRMED, PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.scoring.confidence import confidence
from alphapulse_assets.patterns.scoring.confluence import confluence, frame_start
from alphapulse_assets.patterns.signals.batch import signals
from alphapulse_assets.patterns.signals.steps import NO_STEPS, Steps

BARS_BETWEEN: Final = 1_000
"""Bars between two windows up to which they are read as one: cheaper than another statement (ours)."""

_MICROSECOND: Final = timedelta(microseconds=1)


class Scores(NamedTuple):
    """What became known in a window."""

    confidences: pl.DataFrame  # CONFIDENCE_SCHEMA
    confluences: pl.DataFrame  # CONFLUENCE_SCHEMA
    relationships: pl.DataFrame  # RELATIONSHIP_SCHEMA
    signals: pl.DataFrame  # SIGNAL_SCHEMA


def scored(
    events: pl.DataFrame,
    contexts: pl.DataFrame,
    success: pl.DataFrame | None,
    start: datetime,
    end: datetime,
    *,
    standing: pl.DataFrame | None = None,
    steps: Steps = NO_STEPS,
    configuration: PatternConfiguration = DEFAULT,
) -> Scores:
    """All rows of one instrument with `known_at` in [start, end).

    Args:
        events: PATTERN_EVENT_SCHEMA, any order: of each timeframe those known from `first_known` on, and
            those of `earlier_windows`; more do not matter, later ones are not looked at.
        contexts: CONTEXT_SCHEMA of the bars that close from `first_known` on.
        success: SUCCESS_SCHEMA: for every event the newest `as_of` at or before its `known_at`.
        start: first moment.
        end: moment after the last one.
        standing: STANDING_SCHEMA, known before `start`, of each timeframe from `first_known` on.
        steps: of the instrument's prices and sizes.
        configuration: weights and thresholds.

    Raises:
        ValueError: as `events.ordered`, or a bar with two rows of context.
    """
    known = events.filter(pl.col("known_at") < end)
    sure = confidence(known, contexts, success, configuration=configuration)
    leaning, relationships = confluence(known, start=start, configuration=configuration)
    decided = signals(known, sure, start=start, standing=standing, steps=steps, configuration=configuration)
    return Scores(sure.filter(pl.col("known_at") >= start), leaning, relationships, decided)


def first_known(timeframe: str, moment: datetime, configuration: PatternConfiguration = DEFAULT) -> datetime:
    """The `known_at` from which on events of a timeframe may live at a moment or after it.

    Raises:
        ValueError: a timeframe outside the hierarchy.
    """
    return frame_start(timeframe, moment, configuration) + bar_length(timeframe)


def earlier_windows(
    events: pl.DataFrame, start: datetime, configuration: PatternConfiguration = DEFAULT
) -> dict[str, list[Window]]:
    """By timeframe, the windows of `known_at` before `first_known` whose events are needed too.

    `events`: those known from `first_known` on. Windows that are close to each other are one.
    """
    moments = (
        events.filter(
            (pl.col("stage") == CONFIRMED) & (pl.col("direction") != "neutral") & (pl.col("known_at") < start)
        )["known_at"]
        .unique()
        .sort()
        .to_list()
    )
    found = {}
    for timeframe in PATTERN_TIMEFRAMES:
        first = first_known(timeframe, start, configuration)
        needed = [
            (first_known(timeframe, moment, configuration), min(moment + _MICROSECOND, first))
            for moment in moments
        ]
        found[timeframe] = _joined(needed, BARS_BETWEEN * bar_length(timeframe))
    return found


def _joined(windows: list[Window], gap: timedelta) -> list[Window]:
    """Windows that rise, as one where not more than a gap lies between them; empty ones are left out."""
    joined: list[Window] = []
    for start, end in windows:
        if start >= end:
            continue
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
