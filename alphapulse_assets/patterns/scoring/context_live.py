"""What is known beside a pattern, bar by bar: one instrument's state, equal to `context.context`. Pure."""

from bisect import bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.evaluation.success import SuccessTable
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES, place
from alphapulse_assets.patterns.scoring.context import (
    LEVEL_SCHEMA,
    MARKET_AGE,
    SENTIMENT_AGE,
    VOLUME_BARS,
    signed_trend,
    volume_ratios,
)

Regime = Mapping[str, Any]
"""A row with REGIME_SCHEMA's names."""


class _Trend(NamedTuple):
    known_at: datetime
    value: float | None


class Levels:
    """Figures by the time since when they are known (LEVEL_SCHEMA), those without a value left out."""

    def __init__(self, levels: pl.DataFrame, age: timedelta | None = None) -> None:
        """`age`: how old one may be; None: as old as it is."""
        known = levels.drop_nulls().sort("known_at")
        self._times: list[datetime] = known["known_at"].to_list()
        self._values: list[float] = known["value"].to_list()
        self._age = age

    def at(self, moment: datetime) -> float | None:
        """The last one known at a moment."""
        place = bisect_right(self._times, moment) - 1
        if place < 0 or (self._age is not None and moment - self._times[place] > self._age):
            return None
        return self._values[place]


class Knowledge:
    """What is told beside bars: success rates, the market's trend, and of each instrument its sentiment.

    Figures may be given before they are taken as known; a moment gets those that are known by then.
    """

    def __init__(
        self,
        success: Sequence[SuccessTable] = (),
        market: pl.DataFrame | None = None,
        sentiment: Mapping[int, pl.DataFrame] | None = None,
    ) -> None:
        """`success`: in order of time; `market`: LEVEL_SCHEMA (`context.market_levels`).

        `sentiment`: LEVEL_SCHEMA (`context.sentiment_levels`) by instrument.
        """
        self._success = [(each.known_at, each) for each in success if each.known_at is not None]
        self._market = Levels(LEVEL_SCHEMA.to_frame() if market is None else market, MARKET_AGE)

        self._sentiment = {
            instrument: Levels(levels, SENTIMENT_AGE) for instrument, levels in (sentiment or {}).items()
        }

    def success_at(self, moment: datetime) -> SuccessTable | None:
        """The newest success rates known at a moment."""
        known = [table for known_at, table in self._success if known_at <= moment]
        return known[-1] if known else None

    def market_at(self, moment: datetime) -> float | None:
        """The market's trend known at a moment."""
        return self._market.at(moment)

    def sentiment_at(self, instrument_id: int, moment: datetime) -> float | None:
        """What is said of an instrument's coin, as known at a moment."""
        levels = self._sentiment.get(instrument_id)
        return None if levels is None else levels.at(moment)


class ContextState:
    """The volumes, closes and trends that the next bars of one instrument are held against.

    Begin empty at the instrument's first bars, or with `seed`.
    """

    def __init__(self, configuration: PatternConfiguration = DEFAULT) -> None:
        self._full: Final = configuration.confidence.slope_full
        self._volumes: dict[str, deque[float]] = {
            name: deque(maxlen=VOLUME_BARS + 1) for name in PATTERN_TIMEFRAMES
        }
        self._closes: dict[str, float] = {}
        self._trends: dict[str, _Trend] = {}

    def seed(self, timeframe: str, candles: pl.DataFrame, regime: Regime | None) -> None:
        """Be after these bars (CANDLE_SCHEMA, sorted; the last 20 matter) and the last known regime.

        Raises:
            ValueError: a timeframe outside the hierarchy.
        """
        place(timeframe)
        volumes = self._volumes[timeframe] = deque(maxlen=VOLUME_BARS + 1)
        volumes.extend(candles["volume"].tail(VOLUME_BARS).to_list())
        if candles.height:
            self._closes[timeframe] = candles["close"][-1]
        if regime is not None:
            self._learn(timeframe, regime)

    def update(
        self,
        closed: Mapping[str, tuple[Bar, Regime | None]],
        *,
        market: float | None = None,
        sentiment: float | None = None,
    ) -> dict[str, dict[str, Any]]:
        """The rows (CONTEXT_SCHEMA) of bars that closed at one moment, by timeframe.

        Args:
            closed: each bar with its row of REGIME_SCHEMA, where that is known.
            market: its trend, the last one known (`Levels`), within -1..1.
            sentiment: the last one known, within -1..1.
        """
        for timeframe, (_, regime) in closed.items():
            if regime is not None:
                self._learn(timeframe, regime)
        return {
            timeframe: {
                "timeframe": timeframe,
                "ts": bar.ts,
                **self._moves(timeframe, bar),
                "trend": None if regime is None else self._trends[timeframe].value,
                "higher_trend": self._higher(timeframe, bar.ts + bar_length(timeframe)),
                "volatility_percentile": None if regime is None else regime["volatility_percentile"],
                "liquidity_percentile": None if regime is None else regime["liquidity_percentile"],
                "market_trend": market,
                "sentiment": sentiment,
                "regime": None if regime is None else regime["trend"],
            }
            for timeframe, (bar, regime) in closed.items()
        }

    def _learn(self, timeframe: str, regime: Regime) -> None:
        value = signed_trend(regime["trend"], regime["trend_slope"], self._full)
        self._trends[timeframe] = _Trend(regime["ts"] + bar_length(timeframe), value)

    def _moves(self, timeframe: str, bar: Bar) -> dict[str, float | None]:
        """Volume ratio and change of a bar, which is the last one from then on."""
        volumes, before = self._volumes[timeframe], self._closes.get(timeframe)
        volumes.append(bar.volume)
        self._closes[timeframe] = bar.close
        ratio = float(volume_ratios(np.array(volumes))[-1])
        return {
            "volume_ratio": None if np.isnan(ratio) else ratio,
            "change": None if before is None else bar.close - before,
        }

    def _higher(self, timeframe: str, now: datetime) -> float | None:
        """The trend of the next higher timeframe, if its last bar closed within 2 of its lengths."""
        number = place(timeframe) + 1
        if (
            number == len(PATTERN_TIMEFRAMES)
            or (trend := self._trends.get(PATTERN_TIMEFRAMES[number])) is None
        ):
            return None
        return trend.value if now - trend.known_at <= 2 * bar_length(PATTERN_TIMEFRAMES[number]) else None
