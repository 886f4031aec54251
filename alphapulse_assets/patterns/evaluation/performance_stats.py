"""How patterns did, as rows: rates of success of all that is stored, performance of the newest bars.

Both are of all instruments together: what a pattern is worth is not known symbol by symbol from so few of
each, and symbols that move together are taken as one observation anyway (`volume.intervals`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.patterns.chart.batch import WARM_UP
from alphapulse_assets.patterns.evaluation import performance as performances
from alphapulse_assets.patterns.evaluation import success
from alphapulse_assets.patterns.evaluation.outcomes import PATTERN_OUTCOME_SCHEMA
from alphapulse_assets.patterns.evaluation.random_walk import SEED
from alphapulse_assets.patterns.evaluation.stored_outcomes import (
    PERFORMANCE_STATS,
    SUCCESS_RATES,
    rate_rows,
    read_counts,
    read_outcomes,
)
from alphapulse_assets.patterns.evaluation.walk_outcomes import walk_outcomes
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore, Subject
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written

SAMPLE_BARS: Final = 20_000
"""Newest bars of each symbol and timeframe that are judged: two weeks of 1m, two years of 1h (ours)."""

MOST_BARS: Final = 200_000
"""Bars of one timeframe that are judged at most, all symbols together (ours).

It bounds memory, at some six outcomes of 200 bytes a bar; with more than ten symbols each has fewer.
"""

WALKS: Final = 3
"""Random walks beside each symbol's bars (ours): a single one may happen to go up all the way.

What they do at the same time is one observation, so that more of them make no interval narrower.
"""

_MOMENT: Final = timedelta(microseconds=1)


def write_success(
    store: DerivedStore,
    times: Sequence[datetime],
    timeframes: Sequence[str],
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> Written:
    """Make the rates of success as of these times (which rise) what the stored outcomes say.

    What was reckoned at other moments between the first and the last of them goes.
    """
    written = Written()
    for timeframe in timeframes:
        counts = read_counts(store, timeframe, times, configuration=configuration)
        rates = success.success_history(counts, times, configuration=configuration)
        window = times[0], times[-1] + _MOMENT
        scope = _scope(timeframe, success.LOGIC_VERSION, configuration)
        written += _replace(store, SUCCESS_RATES, rates, scope, window)
    return written


def write_performance(
    store: DerivedStore,
    subjects: Sequence[Subject],
    as_of: datetime,
    timeframes: Sequence[str],
    bars: int = SAMPLE_BARS,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> tuple[pl.DataFrame, Written]:
    """Judge the patterns of these instruments as of a moment: PERFORMANCE_SCHEMA, and what was written."""
    most = max(min(bars, MOST_BARS // max(len(subjects), 1)), 1)
    rows = [
        row
        for timeframe in timeframes
        for row in _measure(store, subjects, timeframe, as_of, most, configuration)
    ]
    told = performances.judged(rows, as_of, configuration=configuration)
    written = Written()
    for timeframe in timeframes:
        scope = _scope(timeframe, performances.LOGIC_VERSION, configuration)
        mine = told.filter(pl.col("timeframe") == timeframe)
        written += _replace(store, PERFORMANCE_STATS, mine, scope, (as_of, as_of + _MOMENT))
    return told, written


def sample(
    store: DerivedStore, subject: Subject, timeframe: str, as_of: datetime, bars: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Outcomes of a symbol's newest bars at a moment, and those of random walks beside the same bars."""
    candles = store.bars(subject, timeframe, as_of).before(as_of, bars + WARM_UP)
    if candles.is_empty():
        return PATTERN_OUTCOME_SCHEMA.to_frame(), PATTERN_OUTCOME_SCHEMA.to_frame()
    start = candles["ts"][max(candles.height - bars, 0)]
    real = read_outcomes(store, [subject.instrument_id], timeframe, start, as_of)
    beside = (candles, timeframe, subject.instrument_id, start)
    return real, pl.concat([walk_outcomes(*beside, seed=SEED + number) for number in range(WALKS)])


def _measure(
    store: DerivedStore,
    subjects: Sequence[Subject],
    timeframe: str,
    as_of: datetime,
    bars: int,
    configuration: PatternConfiguration,
) -> list[dict[str, Any]]:
    sampled = [sample(store, subject, timeframe, as_of, bars) for subject in subjects]
    empty = PATTERN_OUTCOME_SCHEMA.to_frame()
    real, walk = (pl.concat([empty, *(pair[side] for pair in sampled)]) for side in (0, 1))
    return performances.measured(real, walk, as_of, configuration=configuration)


def _scope(timeframe: str, version: int, configuration: PatternConfiguration) -> dict[str, int | str]:
    return {
        "timeframe_id": TIMEFRAME_IDS[timeframe],
        "logic_version": version,
        "configuration_version": configuration.version,
    }


def _replace(
    store: DerivedStore,
    table: Table,
    frame: pl.DataFrame,
    scope: dict[str, int | str],
    window: tuple[datetime, datetime],
) -> Written:
    with store.database.transaction() as connection:
        store.lock(connection, table, 0)
        return store.replace(connection, table, rate_rows(frame), scope, window)
