"""What the same code would have made of random prices: patterns, confidence, signals, outcomes.

Pure. What a walk cannot have is unknown in its confidences, and lowers their coverage: history (no success
rates of walks are kept), the market's trend and sentiment. All else is the batch's own, with its figures.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.core.timeframes import aggregate, bar_length
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import batch as chart
from alphapulse_assets.patterns.evaluation.random_walk import SEED, matched_walk
from alphapulse_assets.patterns.events.adapters import candlestick_events, chart_events, volume_events
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.scoring.context import context
from alphapulse_assets.patterns.signal_outcomes.batch import outcomes
from alphapulse_assets.patterns.signal_outcomes.model import OUTCOME_SCHEMA
from alphapulse_assets.patterns.signals.scoring import scored
from alphapulse_assets.regime import batch as regimes
from alphapulse_assets.regime.inputs import INDICATOR_INPUTS
from alphapulse_assets.volume import batch as volume
from alphapulse_resources.frames import CANDLE_SCHEMA

_MICROSECOND: Final = timedelta(microseconds=1)


def signals_followed(
    candles: pl.DataFrame,
    instrument_id: int,
    start: datetime,
    *,
    finest: str = "1m",
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """OUTCOME_SCHEMA of the signals that candles give, on all timeframes from `finest` up.

    Args:
        candles: CANDLE_SCHEMA of `finest`, sorted, closed, one instrument; longer bars are made of them.
        instrument_id: whose they are.
        start: signals known before are left out: what they rest on begins with the candles.
        finest: timeframe of the candles.
        configuration: every weight and threshold, and the costs.

    Raises:
        ValueError: an unknown timeframe, times that do not rise, or an impossible candle.
    """
    if candles.is_empty():
        return OUTCOME_SCHEMA.to_frame()
    end = candles["ts"][-1] + bar_length(finest)
    names = PATTERN_TIMEFRAMES[PATTERN_TIMEFRAMES.index(finest) :]
    bars = {name: _closed(candles, name, finest, end) for name in names}
    values = {name: indicators.compute(each, name, names=[*INDICATOR_INPUTS]) for name, each in bars.items()}
    trends = {name: regimes.compute(each, values[name], name) for name, each in bars.items()}
    events = pl.concat([_events(bars[name], values[name], name, instrument_id) for name in names])
    contexts = pl.concat([context(name, bars[name], trends, configuration=configuration) for name in names])
    told = scored(events, contexts, None, start, end + _MICROSECOND, configuration=configuration).signals
    return pl.concat([_followed(told, bars, trends, name, finest, configuration) for name in names])


def walked(
    candles: pl.DataFrame,
    instrument_id: int,
    start: datetime,
    *,
    finest: str = "1m",
    seed: int = SEED,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """`signals_followed` on a random walk beside the candles (`random_walk.matched_walk`)."""
    walk = matched_walk(candles, seed).cast(CANDLE_SCHEMA)
    return signals_followed(walk, instrument_id, start, finest=finest, configuration=configuration)


def _closed(candles: pl.DataFrame, name: str, finest: str, end: datetime) -> pl.DataFrame:
    if name == finest:
        return candles
    made = aggregate(candles, name).select(CANDLE_SCHEMA.names())
    return made.filter(pl.col("ts") + bar_length(name) <= end)


def _events(candles: pl.DataFrame, values: pl.DataFrame, name: str, instrument_id: int) -> pl.DataFrame:
    beside = (candles, values, name, instrument_id)
    return pl.concat(
        [
            candlestick_events(candlestick.detect(candles, name), *beside),
            chart_events(chart.detect(candles, name), *beside),
            volume_events(volume.detect(candles, name), *beside),
        ]
    )


def _followed(
    told: pl.DataFrame,
    bars: Mapping[str, pl.DataFrame],
    trends: Mapping[str, pl.DataFrame],
    name: str,
    finest: str,
    configuration: PatternConfiguration,
) -> pl.DataFrame:
    minutes = bars["1m"] if finest == "1m" else None

    def within(start: datetime, end: datetime) -> pl.DataFrame:
        assert minutes is not None  # asked only where there are any
        first, last = minutes["ts"].search_sorted(start, "left"), minutes["ts"].search_sorted(end, "left")
        return minutes[first:last]

    return outcomes(
        told.filter(pl.col("timeframe") == name),
        bars[name],
        name,
        regimes=trends[name].select("ts", "trend"),
        minutes=within if minutes is not None else None,
        costs=configuration.costs,
    )
