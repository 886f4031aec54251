"""What came of stored signals, read from the database and computed: for refresh, checks and stream."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.derivation import Derivation
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_assets.patterns.signal_outcomes.batch import outcomes
from alphapulse_assets.patterns.signal_outcomes.model import LOGIC_VERSION, OUTCOME_SCHEMA, SIGNAL_COLUMNS
from alphapulse_assets.patterns.signal_outcomes.tables import SIGNAL_OUTCOMES
from alphapulse_assets.patterns.signals.batch import LOGIC_VERSION as SIGNAL_VERSION
from alphapulse_assets.patterns.signals.scoring_runs import UPSTREAM
from alphapulse_assets.regime import rules
from alphapulse_assets.regime.dataset import DERIVATION as REGIMES
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, BarReader
from alphapulse_resources.settings import get_settings

REACH: Final = 200
"""Bars before one within which a signal whose time reaches into it was told (ours: a life is a tenth)."""


def outcomes_of(
    bars: BarReader, start: datetime, end: datetime, configuration: PatternConfiguration
) -> pl.DataFrame:
    """OUTCOME_SCHEMA of the signals at the bars that open in [start, end), as known at the last close."""
    end = min(end, bars.closed_until)
    signals = _signals(bars, start, end, configuration)
    if signals.is_empty():
        return OUTCOME_SCHEMA.to_frame()
    over: datetime = signals["expires_at"].max()  # type: ignore[assignment]  # a column of times has one
    later = _signals(bars, end, min(over, bars.closed_until), configuration)
    length = bar_length(bars.timeframe)
    # over missing bars the first one that there is decides
    candles = bars.between(signals["ts"][0], max(bars.opens_after(over, 1), over) + length)
    found = outcomes(
        pl.concat([signals, later]),
        candles,
        bars.timeframe,
        regimes=_trends(bars, start, end),
        minutes=bars.of("1m").between,
        costs=configuration.costs,
    )
    return found.filter(pl.col("ts") < end)


def undecided(bars: BarReader, configuration: PatternConfiguration) -> pl.DataFrame:
    """SIGNAL_COLUMNS and `regime` of the signals that may be open when the last bar here has closed.

    They begin with the first that is; of those after it some are decided already.
    """
    start = _first(bars, bars.closed_until, configuration)
    signals = _signals(bars, start, bars.closed_until, configuration)
    trends = _trends(bars, start, bars.closed_until).rename({"trend": "regime"})
    return signals.join(trends, on="ts", how="left", maintain_order="left")


def _trends(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    key = bars.subject.instrument_id, TIMEFRAME_IDS[bars.timeframe], rules.LOGIC_VERSION
    found = bars.database.read(statement("derived/trends"), (*key, start, end))
    return found.with_columns(pl.col("ts").cast(OUTCOME_SCHEMA["ts"]), pl.col("trend").cast(pl.String))


def _signals(
    bars: BarReader, start: datetime, end: datetime, configuration: PatternConfiguration
) -> pl.DataFrame:
    key = bars.subject.instrument_id, TIMEFRAME_IDS[bars.timeframe], SIGNAL_VERSION, configuration.version
    found = bars.database.read(statement("patterns/signals_to_follow"), (*key, start, end))
    # a signal told by a bar that is not closed here was told later
    told = found.select(SIGNAL_COLUMNS.names()).cast(SIGNAL_COLUMNS)
    return told.filter(pl.col("known_at") <= bars.closed_until)


def _first(bars: BarReader, bar: datetime, configuration: PatternConfiguration) -> datetime:
    key = bars.subject.instrument_id, TIMEFRAME_IDS[bars.timeframe], SIGNAL_VERSION, configuration.version
    reach = bar - REACH * bar_length(bars.timeframe)
    found = bars.database.read(statement("patterns/first_undecided"), (*key, bar, reach))
    first = found["ts"].cast(OUTCOME_SCHEMA["ts"])[0]
    return bar if first is None else min(first, bar)


def _until(bars: BarReader, bar: datetime) -> datetime:
    """A bar shows in signals before it, and after it in their regimes; changed signals say so themselves."""
    return max(bar + bar_length(bars.timeframe), REGIMES.until(bars, bar))


def derivation(configuration: Callable[[], PatternConfiguration]) -> Derivation:
    """How outcomes follow from bars and stored signals of the configuration that is in force at a run."""

    def compute(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
        found = outcomes_of(bars, start, end, configuration())
        return found.drop("instrument_id", "timeframe", "logic_version", "configuration_version")

    return Derivation(
        "signal_outcomes",
        SIGNAL_OUTCOMES,
        LOGIC_VERSION,
        compute,
        _until,
        since=lambda bars, bar: _first(bars, bar, configuration()),
        scope=lambda: {"configuration_version": configuration().version},
        waits_for=("signals", *UPSTREAM),
    )


DERIVATION: Final = derivation(lambda: configured(get_settings()))
