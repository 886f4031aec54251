"""From candles alone to labelled features: all in between by the batch's own code, without a database.

Patterns, outcomes, success rates, context, confidence, features, labels. It is what the leakage test
runs on random walks, and what the figures of docs/models.md come from. What needs other symbols or other
sources (the market's trend, sentiment) is unknown, as in a database without them. Pure.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.models.features import features
from alphapulse_assets.models.labels import labels
from alphapulse_assets.models.model import FEATURE_SCHEMA, LABEL_SCHEMA
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import batch as chart
from alphapulse_assets.patterns.evaluation.outcomes import PATTERN_OUTCOME_SCHEMA, outcomes
from alphapulse_assets.patterns.evaluation.success import COUNT_SCHEMA, success_history
from alphapulse_assets.patterns.events.adapters import candlestick_events, chart_events, volume_events
from alphapulse_assets.patterns.events.arrays import micros_of
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.scoring.confidence import confidence
from alphapulse_assets.patterns.scoring.context import context
from alphapulse_assets.regime import batch as regimes
from alphapulse_assets.volume import batch as volume

RATES_EVERY: Final = timedelta(days=7)
"""How often success rates are told here; the platform tells them daily (ours: a year of days is slow)."""


class Learnable(NamedTuple):
    """What models learn from."""

    features: pl.DataFrame  # FEATURE_SCHEMA
    labels: pl.DataFrame  # LABEL_SCHEMA


class _Told(NamedTuple):
    """What is told of one timeframe."""

    candles: pl.DataFrame
    regimes: pl.DataFrame
    events: pl.DataFrame
    outcomes: pl.DataFrame


def learnable(
    candles: Mapping[str, pl.DataFrame],
    instrument_id: int = 1,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> Learnable:
    """Features and labels of one instrument.

    Args:
        candles: CANDLE_SCHEMA, sorted, closed, by timeframe (of the hierarchy).
        instrument_id: whose candles they are.
        configuration: weights, thresholds and costs.

    Raises:
        ValueError: impossible candles, or a timeframe outside the hierarchy.
    """
    ordered = [name for name in PATTERN_TIMEFRAMES if name in candles]
    told = {name: _told(candles[name], name, instrument_id, configuration) for name in ordered}
    trends = {name: each.regimes for name, each in told.items()}
    happened = pl.concat([PATTERN_OUTCOME_SCHEMA.to_frame(), *(each.outcomes for each in told.values())])
    contexts = []
    for place, name in enumerate(ordered):
        near = {each: trends[each] for each in ordered[place : place + 2]}
        contexts.append(context(name, told[name].candles, near, configuration=configuration))
    events = pl.concat([each.events for each in told.values()])
    sure = confidence(
        events, pl.concat(contexts), _rates(happened, configuration), configuration=configuration
    )
    found = [
        features(
            each.events,
            sure.filter(pl.col("timeframe") == name),
            each.regimes,
            each.candles.select("ts", "close"),
            configuration=configuration,
        )
        for name, each in told.items()
    ]
    return Learnable(
        pl.concat([FEATURE_SCHEMA.to_frame(), *found]),
        pl.concat([LABEL_SCHEMA.to_frame(), labels(happened, configuration=configuration)]),
    )


def _told(
    candles: pl.DataFrame, timeframe: str, instrument_id: int, configuration: PatternConfiguration
) -> _Told:
    values = indicators.compute(candles, timeframe)
    regime = regimes.compute(candles, values, timeframe)
    beside = (candles, values, timeframe, instrument_id)
    events = pl.concat(
        [
            candlestick_events(candlestick.detect(candles, timeframe), *beside),
            chart_events(chart.detect(candles, timeframe), *beside),
            volume_events(volume.detect(candles, timeframe), *beside),
        ]
    )
    trend = regime.select("ts", pl.col("trend").alias("regime"))
    happened = outcomes(
        events.join(trend, on="ts", how="left", maintain_order="left"),
        candles,
        timeframe,
        configuration=configuration,
    )
    return _Told(candles, regime, events, happened)


def _rates(happened: pl.DataFrame, configuration: PatternConfiguration) -> pl.DataFrame | None:
    """Success rates as of the end of each week, each of what was known by then."""
    horizon = configuration.outcomes.history_horizon
    mine = happened.filter((pl.col("horizon") == horizon) & pl.col("directed_pct").is_not_null())
    if mine.is_empty():
        return None
    times = _weeks(mine["known_at"].min(), mine["known_at"].max())  # type: ignore[arg-type]
    moments = np.array([int(time.timestamp() * 1_000_000) for time in times])
    lengths = {name: micros_of(name) * horizon for name in PATTERN_TIMEFRAMES}
    length = pl.col("timeframe").replace_strict(lengths, return_dtype=pl.Int64)
    counted = mine.with_columns(
        (pl.col("confirmed_at").dt.epoch("us") // length).alias("stretch"),
        pl.Series("place", np.searchsorted(moments, mine["known_at"].dt.epoch("us").to_numpy(), "left")),
        pl.lit(1, dtype=pl.Int64).alias("n"),
        (pl.col("directed_pct") > 0).cast(pl.Int64).alias("right"),
    ).filter(pl.col("place") < len(times))
    counts = counted.select(COUNT_SCHEMA.names()).cast(COUNT_SCHEMA)
    return success_history(counts, times, configuration=configuration)


def _weeks(first: datetime, last: datetime) -> Sequence[datetime]:
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    return [midnight + n * RATES_EVERY for n in range(1, max(1, (last - midnight) // RATES_EVERY) + 1)]
