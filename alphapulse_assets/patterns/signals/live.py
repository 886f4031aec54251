"""All patterns of one instrument at the moment its candles close: from bars to signals, as batch, live. Pure.

The states are those of the batch's modules, so the rows are too: candlestick and chart patterns of every
timeframe, and over all timeframes their confidence, confluence and signals. Volume patterns, ATR and regimes
come from outside, where they are computed for their own tables.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, Self

import polars as pl

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.candlestick.live import CandlestickPattern, CandlestickState
from alphapulse_assets.patterns.chart.live import ChartState
from alphapulse_assets.patterns.events.adapters import BarEvents
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES, PatternEvent, is_flag
from alphapulse_assets.patterns.events.own_levels import MOST_CANDLES
from alphapulse_assets.patterns.scoring.context_live import ContextState, Knowledge, Regime
from alphapulse_assets.patterns.signals.state import Moment, SignalState
from alphapulse_assets.patterns.signals.steps import NO_STEPS, Steps
from alphapulse_assets.volume.events import VolumePattern

_NOTHING: Final = Moment([], [], [], [])


class Closed(NamedTuple):
    """A bar and what is known of it at its close."""

    bar: Bar
    atr: float | None  # indicator atr_14
    regime: Regime | None  # row of REGIME_SCHEMA
    volume_patterns: Sequence[VolumePattern] = ()


class Past(NamedTuple):
    """What was before the next bar of a timeframe.

    `candles` (CANDLE_SCHEMA, sorted, each once) go back to `chart.batch.frame_start` of the next bar, or to
    the instrument's first bar; `regime` is the last row of REGIME_SCHEMA.
    """

    candles: pl.DataFrame
    regime: Regime | None


class PatternRows(NamedTuple):
    """What became known at one moment."""

    known_at: datetime
    candlesticks: dict[str, list[CandlestickPattern]]  # CANDLESTICK_SCHEMA by timeframe
    charts: dict[str, list[dict[str, Any]]]  # CHART_EVENT_SCHEMA by timeframe
    events: list[PatternEvent]  # of all families
    emitted: Moment  # confidences, confluence, relationships, signals


class PatternState:
    """The patterns of one instrument, on all its timeframes.

    Begin empty at the instrument's first bars, or with `warm`. It cannot be pickled: TA-Lib's handles cannot.
    """

    def __init__(
        self,
        instrument_id: int,
        knowledge: Knowledge | None = None,
        configuration: PatternConfiguration = DEFAULT,
        timeframes: Sequence[str] = PATTERN_TIMEFRAMES,
        steps: Steps = NO_STEPS,
    ) -> None:
        """`knowledge`: of days as a whole; give a newer one by `learn`. `steps`: of prices and sizes."""
        self._instrument_id = instrument_id
        self._candlesticks = {name: CandlestickState(name) for name in timeframes}
        self._charts = {name: ChartState(name) for name in timeframes}
        self._context = ContextState(configuration)
        self._knowledge = knowledge or Knowledge()
        self._signals = SignalState(configuration=configuration, steps=steps)
        self._now: datetime | None = None

    @classmethod
    def warm(
        cls,
        instrument_id: int,
        past: Mapping[str, Past],
        events: pl.DataFrame,
        confidences: pl.DataFrame,
        knowledge: Knowledge | None = None,
        configuration: PatternConfiguration = DEFAULT,
        *,
        steps: Steps = NO_STEPS,
        standing: pl.DataFrame | None = None,
    ) -> Self:
        """The state after these bars, one past for each timeframe.

        Args:
            instrument_id: whose bars they are.
            past: what was before, by timeframe.
            events: PATTERN_EVENT_SCHEMA of all families and timeframes, as far back as
                `confluence.frame_start` of the next moment.
            confidences: CONFIDENCE_SCHEMA of these events.
            knowledge: of days as a whole.
            configuration: weights and thresholds.
            steps: of the instrument's prices and sizes.
            standing: STANDING_SCHEMA, as far back; None where there were none.

        Raises:
            ValueError: bars out of order or impossible, or events as `events.ordered` refuses them.
        """
        state = cls(instrument_id, knowledge, configuration, tuple(past))
        for timeframe, (candles, regime) in past.items():
            state._candlesticks[timeframe] = CandlestickState.warm(candles, timeframe)
            state._charts[timeframe] = ChartState.warm(candles, timeframe)
            state._context.seed(timeframe, candles, regime)
        state._signals = SignalState.warm(events, confidences, None, configuration, steps, standing)
        return state

    def learn(self, knowledge: Knowledge) -> None:
        """Use this knowledge from the next moment on."""
        self._knowledge = knowledge

    def update(self, closed: Mapping[str, Closed]) -> PatternRows:
        """Take all bars that closed at one moment, after the last one; what became known by them.

        Args:
            closed: by timeframe; at least one.

        Raises:
            ValueError: bars of several moments, not after the last ones, or impossible. Only in the first two
                cases is the state as before; otherwise warm a new one.
        """
        known_at = self._moment(closed)
        events: list[PatternEvent] = []
        candlesticks, charts = {}, {}
        for timeframe, (bar, atr, _, volume_patterns) in closed.items():
            candlesticks[timeframe] = self._candlesticks[timeframe].update(bar)
            charts[timeframe] = self._charts[timeframe].update(bar)
            before = self._candlesticks[timeframe].extremes(MOST_CANDLES)
            of = BarEvents(self._instrument_id, timeframe, bar.close, atr, before)
            told = [
                *map(of.candlestick, candlesticks[timeframe]),
                *map(of.chart, charts[timeframe]),
                *map(of.volume, volume_patterns),
            ]
            events += (event for event in told if not is_flag(event.family, event.direction))
        beside = {name: (each.bar, each.regime) for name, each in closed.items()}
        market = self._knowledge.market_at(known_at)
        sentiment = self._knowledge.sentiment_at(self._instrument_id, known_at)
        contexts = self._context.update(beside, market=market, sentiment=sentiment)
        self._signals.learn(self._knowledge.success_at(known_at))
        emitted = self._signals.update(events, contexts) if events else _NOTHING
        self._now = known_at
        return PatternRows(known_at, candlesticks, charts, events, emitted)

    def _moment(self, closed: Mapping[str, Closed]) -> datetime:
        moments = {each.bar.ts + bar_length(name) for name, each in closed.items()}
        if len(moments) != 1:
            raise ValueError(
                f"instrument {self._instrument_id}: bars that closed at {len(moments)} moments; take those "
                "of one moment at a time"
            )
        (known_at,) = moments
        if self._now is not None and known_at <= self._now:
            raise ValueError(
                f"instrument {self._instrument_id}: bars that closed at {known_at} do not come after those "
                f"of {self._now}; for a corrected bar, warm a new state"
            )
        return known_at
