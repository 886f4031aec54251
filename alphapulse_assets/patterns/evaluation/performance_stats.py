"""How patterns did, as rows: rates of success of all that is stored, performance of the newest bars.

Both are of all instruments together: what a pattern is worth is not known symbol by symbol from so few of
each, and symbols that move together are taken as one observation anyway (`volume.intervals`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.patterns.chart.batch import WARM_UP
from alphapulse_assets.patterns.evaluation import performance as performances
from alphapulse_assets.patterns.evaluation import success
from alphapulse_assets.patterns.evaluation.outcomes import PATTERN_OUTCOME_SCHEMA
from alphapulse_assets.patterns.evaluation.random_walk import SEED
from alphapulse_assets.patterns.evaluation.rescoring import RescoredBy, stored_times
from alphapulse_assets.patterns.evaluation.stored_outcomes import (
    PERFORMANCE_STATS,
    RATE_USED,
    SUCCESS_RATES,
    judged_markets,
    rate_rows,
    read_counts,
    read_outcomes,
    read_rates,
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
    only_news: bool = False,
    configuration: PatternConfiguration = DEFAULT,
) -> Written:
    """Make the rates of success as of these times (which rise) what the stored outcomes say.

    What was reckoned at other moments between the first and the last of them goes. With `only_news` those
    times are left out at which no outcome was new and of which there are no rates yet: they would say what
    the time before says. Instruments with scores that were made with other rates than these are due to be
    scored anew (`derived_dirty`).
    """
    counted, window = judged_markets(store), (times[0], times[-1] + _MOMENT)
    counts = {
        timeframe: read_counts(
            store,
            timeframe,
            times,
            instrument_ids=counted.get(timeframe, []),
            configuration=configuration,
        )
        for timeframe in timeframes
    }
    stored = stored_times(store, configuration)
    if only_news:
        told = [place for place, time in enumerate(times) if time in stored]
        times, counts = _news(times, counts, {*told, len(times) - 1})
    rates = {
        timeframe: success.success_history(found, times, configuration=configuration)
        for timeframe, found in counts.items()
    }
    rescored = RescoredBy.before(stored, pl.concat(rates.values())["as_of"], window)
    written = Written()
    for timeframe, found in rates.items():
        written += _replace_rates(store, found, timeframe, window, rescored, configuration)
    return written


def _news(
    times: Sequence[datetime], counts: Mapping[str, pl.DataFrame], kept: set[int]
) -> tuple[list[datetime], dict[str, pl.DataFrame]]:
    """The times at which an outcome was new, and those to be kept, with the counts placed among them."""
    places = sorted(kept.union(*(found["place"].unique().to_list() for found in counts.values())))
    among = {place: number for number, place in enumerate(places)}
    placed = {
        timeframe: found.with_columns(pl.col("place").replace_strict(among, return_dtype=pl.Int64))
        for timeframe, found in counts.items()
    }
    return [times[place] for place in places], placed


def _replace_rates(
    store: DerivedStore,
    rates: pl.DataFrame,
    timeframe: str,
    window: tuple[datetime, datetime],
    rescored: RescoredBy,
    configuration: PatternConfiguration,
) -> Written:
    """Write a timeframe's rates; what was scored with others is due from then on, in the same transaction."""
    scope, rows = _scope(timeframe, success.LOGIC_VERSION, configuration), rate_rows(rates)
    with store.database.transaction() as connection:
        store.lock(connection, SUCCESS_RATES, 0)
        before = read_rates(store, scope, window)
        written = store.replace(connection, SUCCESS_RATES, rows, scope, window)
        stretch = rescored.stretch(before, rows.select(RATE_USED.names()).cast(RATE_USED))
        if stretch is not None:
            store.mark_scored(connection, *stretch, timeframe=None if rescored.moved else timeframe)
    return written


def write_performance(
    store: DerivedStore,
    subjects: Sequence[Subject] | Mapping[str, Sequence[Subject]],
    as_of: datetime,
    timeframes: Sequence[str],
    bars: int = SAMPLE_BARS,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> tuple[pl.DataFrame, Written]:
    """Judge the patterns of these instruments as of a moment: PERFORMANCE_SCHEMA, and what was written.

    `subjects` may be others by timeframe (`subjects_judged`).
    """
    by_timeframe = subjects if isinstance(subjects, Mapping) else dict.fromkeys(timeframes, subjects)
    rows = [
        row
        for timeframe in timeframes
        for row in _measure(store, by_timeframe.get(timeframe, ()), timeframe, as_of, bars, configuration)
    ]
    told = performances.judged(rows, as_of, configuration=configuration)
    written = Written()
    for timeframe in timeframes:
        scope = _scope(timeframe, performances.LOGIC_VERSION, configuration)
        mine = told.filter(pl.col("timeframe") == timeframe)
        written += _replace(store, PERFORMANCE_STATS, mine, scope, (as_of, as_of + _MOMENT))
    return told, written


def subjects_judged(store: DerivedStore) -> Mapping[str, list[Subject]]:
    """By timeframe, the instruments that are judged: tracked or imported, no market twice (`markets`)."""
    counted = judged_markets(store)
    known = {
        subject.instrument_id: subject
        for subject in store.subjects(sorted({key for keys in counted.values() for key in keys}))
    }
    return {timeframe: [known[key] for key in keys] for timeframe, keys in counted.items()}


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
    most = max(min(bars, MOST_BARS // max(len(subjects), 1)), 1)
    sampled = [sample(store, subject, timeframe, as_of, most) for subject in subjects]
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
