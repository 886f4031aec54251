"""What confidence and signals are made of, read from the database: events, contexts, history."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Final

import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.evaluation.success import LOGIC_VERSION as SUCCESS_VERSION
from alphapulse_assets.patterns.evaluation.success import SUCCESS_SCHEMA
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.model import DAILY_DELAY, PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.events.stored import read_events
from alphapulse_assets.patterns.scoring.context import (
    CONTEXT_SCHEMA,
    LEVEL_SCHEMA,
    MARKET_AGE,
    SENTIMENT_AGE,
    SENTIMENT_DELAY,
    VOLUME_BARS,
    context,
    market_levels,
    sentiment_levels,
)
from alphapulse_assets.patterns.signals.batch import LOGIC_VERSION as SIGNALS_VERSION
from alphapulse_assets.patterns.signals.life import STANDING_SCHEMA
from alphapulse_assets.patterns.signals.scoring import earlier_windows, first_known
from alphapulse_assets.regime.rules import LOGIC_VERSION as REGIME_VERSION
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore, Subject

_TIME: Final = pl.Datetime("us", "UTC")
_REGIME: Final = pl.Schema(
    {
        "ts": _TIME,
        "trend": pl.String(),
        "trend_slope": pl.Float64(),
        "volatility_percentile": pl.Float64(),
        "liquidity_percentile": pl.Float64(),
    }
)
_MARKET: Final = pl.Schema({"ts": _TIME, "trend": pl.String(), "trend_share": pl.Float64()})
_MARKET_REACH: Final = MARKET_AGE + timedelta(days=2)
_SENTIMENT_REACH: Final = SENTIMENT_AGE + SENTIMENT_DELAY + timedelta(hours=1)
_HELD: Final = 64
"""Times as of which success rates are held: more than two months of days, some 20 MB (ours)."""


class ScoringInputs:
    """The inputs of one run; what instruments share is read once."""

    def __init__(self, store: DerivedStore, configuration: PatternConfiguration) -> None:
        self._store = store
        self._configuration = configuration
        self._market = lru_cache(maxsize=2)(self._read_market)
        self._sentiment = lru_cache(maxsize=2)(self._read_sentiment)
        self._history = History(store.database, configuration)

    def events(self, subject: Subject, start: datetime, end: datetime) -> pl.DataFrame:
        """PATTERN_EVENT_SCHEMA: what `scored` needs for [start, end), nothing known later."""
        near = [
            read_events(
                self._store,
                subject,
                first_known(timeframe, start, self._configuration),
                end,
                timeframes=[timeframe],
            )
            for timeframe in PATTERN_TIMEFRAMES
        ]
        earlier = earlier_windows(pl.concat(near), start, self._configuration)
        far = [
            read_events(self._store, subject, *window, timeframes=[timeframe])
            for timeframe, windows in earlier.items()
            for window in windows
        ]
        return pl.concat([*near, *far])

    def contexts(self, subject: Subject, start: datetime, end: datetime) -> pl.DataFrame:
        """CONTEXT_SCHEMA of the bars that `scored` needs for [start, end), as known at their closes."""
        found = [CONTEXT_SCHEMA.to_frame()]
        market = self._market(
            first_known(PATTERN_TIMEFRAMES[-1], start, self._configuration) - _MARKET_REACH, end
        )
        sentiment = self._sentiment(
            subject.instrument_id, first_known(PATTERN_TIMEFRAMES[-1], start, self._configuration), end
        )
        for timeframe in PATTERN_TIMEFRAMES:
            length = bar_length(timeframe)
            first = first_known(timeframe, start, self._configuration) - length
            bars = self._store.bars(subject, timeframe, end)
            candles = pl.concat([bars.before(first, VOLUME_BARS), bars.between(first, end)])
            regimes = {
                name: self._regimes(subject, name, first - 3 * bar_length(name), end)
                for name in (timeframe, *PATTERN_TIMEFRAMES[PATTERN_TIMEFRAMES.index(timeframe) + 1 :][:1])
            }
            rows = context(
                timeframe,
                candles,
                regimes,
                market=market,
                sentiment=sentiment,
                configuration=self._configuration,
            )
            found.append(rows.filter(pl.col("ts") >= first))
        return pl.concat(found)

    def history(self, events: pl.DataFrame) -> pl.DataFrame:
        """SUCCESS_SCHEMA: for each event what was known when it was."""
        return self._history.of(events["known_at"])

    def standing(self, subject: Subject, start: datetime) -> pl.DataFrame:
        """SIGNAL_SCHEMA without reasons: the stored signals of a life before `start` that are not neutral."""
        return read_standing(self._store.database, subject, start, self._configuration)

    def _regimes(self, subject: Subject, timeframe: str, start: datetime, end: datetime) -> pl.DataFrame:
        key = subject.instrument_id, TIMEFRAME_IDS[timeframe], REGIME_VERSION
        window = start, end - bar_length(timeframe)
        return self._store.database.read(statement("patterns/regimes"), (*key, *window)).cast(_REGIME)

    def _read_market(self, start: datetime, end: datetime) -> pl.DataFrame:
        return read_market(self._store.database, start, end)

    def _read_sentiment(self, instrument_id: int, start: datetime, end: datetime) -> pl.DataFrame:
        return read_sentiment(self._store.database, [instrument_id], start, end).get(
            instrument_id, LEVEL_SCHEMA.to_frame()
        )


def read_market(database: Database, start: datetime, end: datetime) -> pl.DataFrame:
    """LEVEL_SCHEMA: the market's trend of the days that begin in [start, end)."""
    days = database.read(statement("patterns/market_trends"), (REGIME_VERSION, start, end))
    return market_levels(days.cast(_MARKET))


def read_standing(
    database: Database, subject: Subject, start: datetime, configuration: PatternConfiguration
) -> pl.DataFrame:
    """The signals of an instrument known in the life of their timeframe before a moment, as stored.

    They are those of the rules and the configuration as they are now: what `signals` takes as `standing`.
    """
    rules = SIGNALS_VERSION, configuration.version
    found = [
        database.read(
            statement("patterns/signals_standing"),
            (
                *(subject.instrument_id, TIMEFRAME_IDS[timeframe], *rules),
                *(first_known(timeframe, start, configuration), start, bar_length(timeframe)),
            ),
        ).select(
            *(pl.col(name).cast(kind) for name, kind in STANDING_SCHEMA.items() if name != "timeframe"),
            pl.lit(timeframe).alias("timeframe"),
        )
        for timeframe in PATTERN_TIMEFRAMES
    ]
    return pl.concat(found).select(STANDING_SCHEMA.names())


def read_sentiment(
    database: Database, instruments: Sequence[int] | None, start: datetime, end: datetime
) -> dict[int, pl.DataFrame]:
    """LEVEL_SCHEMA by instrument, of all tracked ones or some: what moments in [start, end) may be given.

    Instruments of whose coin nothing is known are left out.
    """
    given = (None if instruments is None else list(instruments), start - _SENTIMENT_REACH, end)
    hours = database.read(statement("patterns/sentiment"), given)
    return {
        int(str(instrument)): sentiment_levels(rows.cast({"known_at": _TIME, "score": pl.Float64}))
        for (instrument,), rows in hours.group_by("instrument_id", maintain_order=True)
    }


class History:
    """The success rates of a configuration, as of each moment for which they were told."""

    def __init__(self, database: Database, configuration: PatternConfiguration) -> None:
        self._database = database
        self._versions = SUCCESS_VERSION, configuration.version
        self._as_of = lru_cache(maxsize=_HELD)(self._read)

    def of(self, moments: pl.Series) -> pl.DataFrame:
        """SUCCESS_SCHEMA: the rates that are the newest at each of these moments."""
        places = {bisect_right(self._times, moment - DAILY_DELAY) for moment in moments.unique().to_list()}
        tables = [self._as_of(self._times[place - 1]) for place in sorted(places) if place]
        return pl.concat([SUCCESS_SCHEMA.to_frame(), *tables])

    @cached_property
    def _times(self) -> list[datetime]:
        found = self._database.read(statement("patterns/success_times"), self._versions)
        times: list[datetime] = found["as_of"].cast(_TIME).to_list()
        return times

    def _read(self, as_of: datetime) -> pl.DataFrame:
        found = self._database.read(statement("patterns/success_as_of"), (*self._versions, as_of))
        return found.select(SUCCESS_SCHEMA.names()).cast(SUCCESS_SCHEMA)
