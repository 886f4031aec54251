"""Calibration in a database: scores read beside their outcomes, walks beside their bars, rows written."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.patterns.calibration.calibration import calibration
from alphapulse_assets.patterns.calibration.model import (
    CALIBRATION_SCHEMA,
    CALIBRATION_STATS,
    LOGIC_VERSION,
)
from alphapulse_assets.patterns.calibration.pieces import Condensed, condensed
from alphapulse_assets.patterns.calibration.scores import SCORES
from alphapulse_assets.patterns.calibration.walks import Found
from alphapulse_assets.patterns.chart.batch import WARM_UP
from alphapulse_assets.patterns.evaluation.performance_stats import MOST_BARS, WALKS
from alphapulse_assets.patterns.evaluation.random_walk import SEED, matched_walk
from alphapulse_assets.patterns.evaluation.stored_outcomes import read_outcomes
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.scoring import confidence
from alphapulse_assets.patterns.signals.scoring_inputs import History
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore, Subject
from alphapulse_resources.database.upsert import Written

SAMPLE_BARS: Final = 20_000
"""Newest bars of each symbol and timeframe that are looked at, as in `pattern_performance`."""

_MOMENT: Final = timedelta(microseconds=1)
_SOURCES: Final = tuple(dict.fromkeys(score.source for score in SCORES))
_BY: Final = ["instrument_id", "ts", "family", "pattern", "direction"]


def write_calibration(
    store: DerivedStore,
    subjects: Sequence[Subject] | Mapping[str, Sequence[Subject]],
    as_of: datetime,
    timeframes: Sequence[str],
    bars: int = SAMPLE_BARS,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> tuple[pl.DataFrame, Written]:
    """Hold scores of these instruments against what came: CALIBRATION_SCHEMA, and what was written.

    `subjects` may be others by timeframe (`performance_stats.subjects_judged`).
    """
    by_timeframe = subjects if isinstance(subjects, Mapping) else dict.fromkeys(timeframes, subjects)
    history = History(store.database, configuration)
    found, written = [CALIBRATION_SCHEMA.to_frame()], Written()
    for timeframe in timeframes:
        judged = by_timeframe.get(timeframe, ())
        most = max(min(bars, MOST_BARS // max(len(judged), 1)), 1)
        sampled = [_sample(store, each, timeframe, as_of, most, history, configuration) for each in judged]
        real, walk = (_joined([pair[side] for pair in sampled]) for side in (0, 1))
        if real is None or walk is None:
            continue
        told = calibration(real, walk, as_of, configuration=configuration)
        found.append(told)
        written += _replace(store, told, timeframe, as_of, configuration)
    return pl.concat(found), written


def _sample(
    store: DerivedStore,
    subject: Subject,
    timeframe: str,
    as_of: datetime,
    bars: int,
    history: History,
    configuration: PatternConfiguration,
) -> tuple[list[Condensed], list[Condensed]]:
    """What is stored of a symbol's newest bars, and the same of random walks beside them."""
    candles = store.bars(subject, timeframe, as_of).before(as_of, bars + WARM_UP)
    if candles.is_empty():
        return [], []
    start = candles["ts"][max(candles.height - bars, 0)]
    real = condensed(
        read_scores(store, [subject.instrument_id], timeframe, start, as_of, configuration),
        read_outcomes(store, [subject.instrument_id], timeframe, start, as_of),
    )
    walks = []
    for number in range(WALKS):
        walked = matched_walk(candles, SEED + number)
        found = Found(walked, timeframe, subject.instrument_id, configuration=configuration)
        # scored by what was known of real patterns then, as those are
        walks.append(condensed(*found.scored(history.of(found.moments), start), number))
    return [real], walks


def read_scores(
    store: DerivedStore,
    instrument_ids: Sequence[int],
    timeframe: str,
    start: datetime,
    as_of: datetime,
    configuration: PatternConfiguration,
) -> pl.DataFrame:
    """Confirmed directional events at bars from `start` on with their scores, as known at `as_of`."""
    versions = confidence.LOGIC_VERSION, configuration.version
    given = list(instrument_ids), TIMEFRAME_IDS[timeframe], *versions, start, as_of
    frames = [store.database.read(statement(f"calibration/{source}"), given) for source in _SOURCES]
    found = frames[0]
    for more in frames[1:]:
        found = found.join(more, on=_BY, how="left")
    return found.with_columns(
        pl.col("ts").cast(pl.Datetime("us", "UTC")),
        pl.col("instrument_id").cast(pl.Int32),
        pl.lit(timeframe).alias("timeframe"),
    )


def _joined(sampled: Sequence[Sequence[Condensed]]) -> Condensed | None:
    every = [pair for pairs in sampled for pair in pairs]
    if not every:
        return None
    return pl.concat([pair[0] for pair in every]), pl.concat([pair[1] for pair in every])


def _replace(
    store: DerivedStore,
    told: pl.DataFrame,
    timeframe: str,
    as_of: datetime,
    configuration: PatternConfiguration,
) -> Written:
    scope: dict[str, int | str] = {
        "timeframe_id": TIMEFRAME_IDS[timeframe],
        "logic_version": LOGIC_VERSION,
        "configuration_version": configuration.version,
    }
    rows = told.drop("timeframe", "logic_version", "configuration_version").with_columns(
        pl.col("as_of").alias("ts"), pl.col("horizon", "place").cast(pl.Int16)
    )
    with store.database.transaction() as connection:
        store.lock(connection, CALIBRATION_STATS, 0)
        return store.replace(connection, CALIBRATION_STATS, rows, scope, (as_of, as_of + _MOMENT))
