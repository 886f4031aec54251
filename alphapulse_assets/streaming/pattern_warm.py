"""The state of live patterns made from the database, after all bars that are closed by a moment.

What is near is computed from the bars themselves, as the batch may not have caught up with the last ones;
only patterns that lived when those still alive became known, perhaps weeks ago, are read as they are stored.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import polars as pl

from alphapulse_assets.core import calendar_blocks as warm_up
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.live import BarSource
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.models.features import CLOSES
from alphapulse_assets.models.live import ProbabilityState
from alphapulse_assets.models.scoring import History as Rates
from alphapulse_assets.models.store import stored
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import batch as chart
from alphapulse_assets.patterns.evaluation.success import SuccessTable
from alphapulse_assets.patterns.events.adapters import candlestick_events, chart_events, volume_events
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.model import DAILY_DELAY, PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.events.stored import read_events
from alphapulse_assets.patterns.scoring.confidence import confidence
from alphapulse_assets.patterns.scoring.context import VOLUME_BARS, context
from alphapulse_assets.patterns.scoring.context_live import Knowledge
from alphapulse_assets.patterns.signals.live import Past, PatternState
from alphapulse_assets.patterns.signals.scoring import earlier_windows, first_known
from alphapulse_assets.patterns.signals.scoring_inputs import (
    History,
    read_market,
    read_sentiment,
    read_standing,
)
from alphapulse_assets.patterns.signals.steps import steps_of
from alphapulse_assets.regime import batch as regimes
from alphapulse_assets.regime import rules
from alphapulse_assets.regime.inputs import INDICATOR_INPUTS
from alphapulse_assets.volume import batch as volume
from alphapulse_assets.volume import definitions
from alphapulse_resources.database.derived_store import DerivedStore, Subject
from alphapulse_resources.frames import floor_time

_SENTIMENT_AHEAD: Final = timedelta(hours=3)
"""How long after a reading moments may be given it (ours): it is read hourly."""
_MICROSECOND: Final = timedelta(microseconds=1)
_MARKET_REACH: Final = timedelta(weeks=26)
"""More than the bars of any timeframe whose patterns live on (ours)."""


class _Near(NamedTuple):
    """The bars of a timeframe whose patterns may live on, and what is told of them."""

    first: datetime  # open time of the earliest of them
    candles: pl.DataFrame  # CANDLE_SCHEMA, as far back as detectors want it
    regimes: pl.DataFrame  # REGIME_SCHEMA
    events: pl.DataFrame  # PATTERN_EVENT_SCHEMA


class PatternWarmer:
    """Makes states of one configuration; what is known of whole days is held until it is read anew.

    Blocking.
    """

    def __init__(self, store: DerivedStore, configuration: PatternConfiguration, now: datetime) -> None:
        self._store: Final = store
        self._configuration: Final = configuration
        self.knowledge = self.read_anew(now)

    def read_anew(self, now: datetime) -> Knowledge:
        """What is known of whole days at a moment and soon after it: for `learn` of states that run."""
        database = self._store.database
        self._history = History(database, self._configuration)
        self._market = read_market(database, now - _MARKET_REACH, now)
        success = self._history.of(pl.Series([now, now + DAILY_DELAY]))
        tables = list(map(SuccessTable, success.partition_by("as_of", maintain_order=True)))
        self.models, self.rates = stored(database), Rates(tables)
        sentiment = read_sentiment(database, None, now, now + _SENTIMENT_AHEAD)
        self.knowledge = Knowledge(tables, self._market, sentiment)
        return self.knowledge

    def state(self, subject: Subject, bars: Mapping[str, BarSource], now: datetime) -> PatternState:
        """The state after all bars that closed by `now`, the close of the newest minute.

        Raises:
            ValueError: bars or stored events that cannot be.
        """
        near = {name: self._near(subject, name, bars[name], now) for name in PATTERN_TIMEFRAMES}
        events = pl.concat([each.events for each in near.values()])
        earlier = earlier_windows(events, now, self._configuration)
        far = [
            read_events(self._store, subject, *window, timeframes=[name])
            for name, windows in earlier.items()
            for window in windows
        ]
        trends = {name: each.regimes for name, each in near.items()}
        begins = min(each.first for each in near.values())
        sentiment = read_sentiment(self._store.database, [subject.instrument_id], begins, now)
        said = sentiment.get(subject.instrument_id)
        beside = pl.concat([self._context(name, each, trends, said) for name, each in near.items()])
        sure = confidence(
            pl.concat([events, *far]),
            beside,
            self._history.of(events["known_at"]),
            configuration=self._configuration,
        )
        past = {
            name: Past(each.candles, each.regimes.row(-1, named=True) if each.regimes.height else None)
            for name, each in near.items()
        }
        return PatternState.warm(
            subject.instrument_id,
            past,
            events,
            sure,
            self.knowledge,
            self._configuration,
            steps=steps_of(subject.tick_size, subject.lot_size),
            standing=read_standing(self._store.database, subject, now + _MICROSECOND, self._configuration),
        )

    def probabilities(self, bars: Mapping[str, BarSource], now: datetime) -> ProbabilityState:
        """What tells probabilities from the next bars on, after all that closed by `now`."""
        closes = {
            name: bars[name].before(floor_time(now, name), CLOSES - 1)["close"].to_list()
            for name in PATTERN_TIMEFRAMES
        }
        return ProbabilityState(closes, self.models, self.rates, self._configuration)

    def _near(self, subject: Subject, timeframe: str, bars: BarSource, now: datetime) -> _Near:
        next_open, known = floor_time(now, timeframe), first_known(timeframe, now, self._configuration)
        first = floor_time(known - bar_length(timeframe), timeframe)
        remembered = rules.frame_start(timeframe, first)
        reach = min(warm_up.frame_start(timeframe, remembered), chart.frame_start(timeframe, first))
        candles = bars.between(reach, next_open)
        told = indicators.compute(candles, timeframe, start=remembered, names=INDICATOR_INPUTS)
        regime = regimes.compute(candles.filter(pl.col("ts") >= remembered), told, timeframe, start=first)
        before = pl.concat([bars.before(first, definitions.WARM_UP), bars.between(first, next_open)])
        events = [
            adapter(rows, candles, told, timeframe, subject.instrument_id)
            for adapter, rows in (
                (candlestick_events, candlestick.detect(candles, timeframe, start=first)),
                (chart_events, chart.detect(candles, timeframe, start=first)),
                (volume_events, volume.detect(before, timeframe, start=first)),
            )
        ]
        return _Near(first, candles, regime, pl.concat(events).filter(pl.col("known_at") >= known))

    def _context(
        self, timeframe: str, near: _Near, trends: Mapping[str, pl.DataFrame], said: pl.DataFrame | None
    ) -> pl.DataFrame:
        recent = near.candles.filter(pl.col("ts") < near.first).tail(VOLUME_BARS)
        candles = pl.concat([recent, near.candles.filter(pl.col("ts") >= near.first)])
        found = context(
            timeframe,
            candles,
            trends,
            market=self._market,
            sentiment=said,
            configuration=self._configuration,
        )
        return found.filter(pl.col("ts") >= near.first)
