"""Events of one timeframe with scores and outcomes, from candles alone: of a file, or of a random walk. Pure.

Scores rest on what the longer timeframes say, so these are made from the candles too. The shorter ones, the
market and sentiment are not there: their parts are unknown and lower the coverage, on a walk and in a file
alike.
"""

from datetime import datetime

import polars as pl

from alphapulse_assets.core.timeframes import aggregate, bar_length
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import batch as chart
from alphapulse_assets.patterns.evaluation.outcomes import outcomes
from alphapulse_assets.patterns.events.adapters import ATR, candlestick_events, chart_events, volume_events
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.model import CONFIRMED, PATTERN_EVENT_SCHEMA, PATTERN_TIMEFRAMES, place
from alphapulse_assets.patterns.scoring.confidence import confidence
from alphapulse_assets.patterns.scoring.context import context
from alphapulse_assets.regime import batch as regimes
from alphapulse_assets.regime.inputs import INDICATOR_INPUTS
from alphapulse_assets.volume import batch as volume
from alphapulse_resources.frames import CANDLE_SCHEMA

Scored = tuple[pl.DataFrame, pl.DataFrame]
"""Confirmed directional events with their scores (CONFIDENCE_SCHEMA), and their PATTERN_OUTCOME_SCHEMA."""


class Found:
    """Patterns of one instrument's candles from a timeframe upwards, with what is known beside them."""

    def __init__(
        self,
        candles: pl.DataFrame,
        timeframe: str,
        instrument_id: int,
        *,
        configuration: PatternConfiguration = DEFAULT,
    ) -> None:
        """`candles`: CANDLE_SCHEMA of the timeframe, sorted, closed; they begin where its memory begins.

        Raises:
            ValueError: unknown timeframe, times that do not rise, or an impossible candle.
        """
        self._timeframe, self._configuration = timeframe, configuration
        self._candles = candles
        closed = candles["ts"][-1] + bar_length(timeframe)
        told: dict[str, pl.DataFrame] = {}
        events = [PATTERN_EVENT_SCHEMA.to_frame()]
        for name in PATTERN_TIMEFRAMES[place(timeframe) :]:
            bars = candles if name == timeframe else aggregate(candles, name).select(CANDLE_SCHEMA.names())
            bars = bars.filter(pl.col("ts") + bar_length(name) <= closed)
            if bars.is_empty():
                break
            values = indicators.compute(bars, name, names=INDICATOR_INPUTS)
            told[name] = regimes.compute(bars, values, name)
            events += _events(bars, values.select("ts", ATR), name, instrument_id)
        self._regimes = told
        own = pl.col("timeframe") == timeframe
        self._events = pl.concat(events)
        trends = told[timeframe].select("ts", pl.col("trend").alias("regime"))
        confirmed = self._events.filter(own).join(trends, on="ts", how="left", maintain_order="left")
        self.outcomes = outcomes(confirmed, candles, timeframe, configuration=configuration)

    @property
    def moments(self) -> pl.Series:
        """When the events became known."""
        return self._events["known_at"]

    def scored(self, history: pl.DataFrame | None, start: datetime) -> Scored:
        """Confirmed directional events at bars from `start` on, with scores and outcomes.

        `history`: SUCCESS_SCHEMA, as of any number of times: an event is given what was known when it was.
        """
        beside = context(self._timeframe, self._candles, self._regimes, configuration=self._configuration)
        sure = confidence(self._events, beside, history, configuration=self._configuration)
        wanted = (pl.col("timeframe") == self._timeframe) & (pl.col("ts") >= start)
        counted = (pl.col("stage") == CONFIRMED) & (pl.col("direction") != "neutral")
        return sure.filter(wanted & counted), self.outcomes.filter(pl.col("ts") >= start)


def _events(bars: pl.DataFrame, atr: pl.DataFrame, name: str, instrument_id: int) -> list[pl.DataFrame]:
    beside = (bars, atr, name, instrument_id)
    return [
        candlestick_events(candlestick.detect(bars, name), *beside),
        chart_events(chart.detect(bars, name), *beside),
        volume_events(volume.detect(bars, name), *beside),
    ]
