"""Features and labels of what is stored: read, joined, and left to the pure functions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.models.features import CLOSES, features
from alphapulse_assets.models.labels import labels
from alphapulse_assets.models.model import FEATURE_SCHEMA, LABEL_SCHEMA
from alphapulse_assets.patterns.evaluation.stored_outcomes import read_outcomes
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.model import CONFIRMED
from alphapulse_assets.patterns.events.stored import read_events
from alphapulse_assets.patterns.scoring.confidence import CONFIDENCE_SCHEMA
from alphapulse_assets.patterns.scoring.confidence import LOGIC_VERSION as CONFIDENCE_VERSION
from alphapulse_assets.regime.inputs import REGIME_SCHEMA
from alphapulse_assets.regime.rules import LOGIC_VERSION as REGIME_VERSION
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, BarReader, DerivedStore, Subject

_COLUMNS: Final = (
    *("known_at", "family", "pattern", "direction", "stage", "reference", "confidence", "reliability"),
    *("boosted", "coverage", "volume", "trend", "context", "history", "convergence", "volume_coverage"),
    *("trend_coverage", "context_coverage", "history_coverage", "convergence_coverage", "history_as_of"),
)
_REGIME: Final = ("ts", "trend", "trend_slope", "volatility_percentile", "liquidity_percentile")


def read_features(
    bars: BarReader, start: datetime, end: datetime, configuration: PatternConfiguration
) -> pl.DataFrame:
    """FEATURE_SCHEMA of the closed bars of one instrument and timeframe that open in [start, end)."""
    timeframe, length = bars.timeframe, bar_length(bars.timeframe)
    end = min(end, bars.closed_until)
    key = bars.subject.instrument_id, TIMEFRAME_IDS[timeframe]
    versions = CONFIDENCE_VERSION, configuration.version
    found = bars.database.read(statement("models/confidences"), (*key, *versions, start, end))
    if end <= start or found.is_empty():
        return FEATURE_SCHEMA.to_frame()
    sure = found.select(
        *(pl.col(name).cast(CONFIDENCE_SCHEMA[name]) for name in _COLUMNS),
        pl.lit(timeframe).alias("timeframe"),
    )
    events = read_events(
        DerivedStore(bars.database), bars.subject, start + length, end + length, timeframes=[timeframe]
    ).filter(pl.col("stage") == CONFIRMED)
    regimes = bars.database.read(statement("patterns/regimes"), (*key, REGIME_VERSION, start, end))
    closes = pl.concat([bars.before(start, CLOSES - 1), bars.between(start, end)])
    return features(
        events,
        sure,
        regimes.select(pl.col(name).cast(REGIME_SCHEMA[name]) for name in _REGIME),
        closes.select("ts", "close"),
        configuration=configuration,
    )


def read_labelled(
    store: DerivedStore,
    subjects: Sequence[Subject],
    timeframes: Sequence[str],
    start: datetime,
    as_of: datetime,
    configuration: PatternConfiguration,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """FEATURE_SCHEMA of bars from `start` on, and LABEL_SCHEMA as far as it was known at `as_of`."""
    told, came = [FEATURE_SCHEMA.to_frame()], [LABEL_SCHEMA.to_frame()]
    for timeframe in timeframes:
        for subject in subjects:
            bars = store.bars(subject, timeframe, as_of)
            told.append(read_features(bars, start, as_of, configuration))
        keys = [subject.instrument_id for subject in subjects]
        came.append(labels(read_outcomes(store, keys, timeframe, start, as_of), configuration=configuration))
    return pl.concat(told), pl.concat(came)
