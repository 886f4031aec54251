"""Patterns, confidences and signals of a closed candle as rows of a stream, and the alerts of signals. Pure.

The tables are the batch's own (`tables` of each room), so both write the same columns under the same keys.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

import polars as pl

from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.alerts.rows import alert_row
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.models import model as probability
from alphapulse_assets.models.live import ProbabilityState
from alphapulse_assets.models.scoring import History, Models
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import definitions as chart
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.tables import CANDLESTICK_PATTERN_EVENTS, CHART_PATTERN_EVENTS
from alphapulse_assets.patterns.scoring.context_live import Knowledge
from alphapulse_assets.patterns.signal_outcomes.live import OutcomeState
from alphapulse_assets.patterns.signal_outcomes.model import OUTCOME_SCHEMA
from alphapulse_assets.patterns.signal_outcomes.tables import SIGNAL_OUTCOMES
from alphapulse_assets.patterns.signals import batch as signals
from alphapulse_assets.patterns.signals import stored_form
from alphapulse_assets.patterns.signals.alerts import signal_alert
from alphapulse_assets.patterns.signals.live import Closed, PatternRows, PatternState
from alphapulse_assets.patterns.signals.tables import (
    PATTERN_CONFIDENCES,
    PATTERN_CONFLUENCES,
    PATTERN_RELATIONSHIPS,
    SIGNAL_EVENTS,
)
from alphapulse_assets.streaming.bars_from_minutes import MINUTE
from alphapulse_assets.streaming.derived_rows import INDICATOR_ROWS, PATTERN_ROWS, REGIME_ROWS, DerivedState
from alphapulse_assets.volume.events import VolumePattern
from alphapulse_resources.frames import TIMEFRAMES
from alphapulse_resources.streams.tables import ORDER_BOOK_ALERTS, Put, Row, StreamTable, stream_table

CANDLESTICK_ROWS: Final = stream_table(CANDLESTICK_PATTERN_EVENTS, candlestick.CANDLESTICK_SCHEMA)
CHART_ROWS: Final = stream_table(CHART_PATTERN_EVENTS, chart.CHART_EVENT_SCHEMA)
CONFIDENCE_ROWS: Final = stream_table(PATTERN_CONFIDENCES, stored_form.CONFIDENCE_FORM)
CONFLUENCE_ROWS: Final = stream_table(PATTERN_CONFLUENCES, stored_form.CONFLUENCE_FORM)
RELATIONSHIP_ROWS: Final = stream_table(PATTERN_RELATIONSHIPS, stored_form.RELATIONSHIP_FORM)
SIGNAL_ROWS: Final = stream_table(SIGNAL_EVENTS, {**signals.SIGNAL_SCHEMA, "configuration_version": pl.Int32})
OUTCOME_ROWS: Final = stream_table(SIGNAL_OUTCOMES, {**OUTCOME_SCHEMA, "configuration_version": pl.Int32})
PROBABILITY_ROWS: Final = stream_table(
    probability.EVENT_PROBABILITIES,
    {
        **probability.PROBABILITY_SCHEMA,
        **dict.fromkeys(("horizon", "names"), pl.Int16()),
        "configuration_version": pl.Int32,
    },
)

_ATR: Final = INDICATOR_ROWS.column("atr_14")
_VOLUME_PATTERN: Final = tuple(map(PATTERN_ROWS.column, VolumePattern._fields))


def derive(state: DerivedState, bar: Bar, put: Put) -> Closed:
    """Let a state take a closed bar and put its rows; the bar with what patterns read of them.

    Raises:
        ValueError: as `DerivedState.update`.
    """
    rows: dict[StreamTable, list[Row]] = {PATTERN_ROWS: []}

    def put_and_keep(table: StreamTable, row: Row) -> None:
        rows.setdefault(table, []).append(row)
        put(table, row)

    state.update(bar, put_and_keep)
    (indicators,), (regime,) = rows[INDICATOR_ROWS], rows[REGIME_ROWS]
    seen = [VolumePattern(*(row[place] for place in _VOLUME_PATTERN)) for row in rows[PATTERN_ROWS]]
    return Closed(bar, indicators[_ATR], dict(zip(REGIME_ROWS.columns, regime, strict=True)), seen)


class LivePatterns:
    """The patterns of one instrument in a stream run: what closes goes in, rows and alerts come out."""

    def __init__(
        self,
        state: PatternState,
        *,
        instrument_id: int,
        symbol: str,
        venue: str,
        configuration: PatternConfiguration,
        put: Put,
        alert: Callable[[Alert], None],
        now: Callable[[], float] = time.time,
        outcomes: OutcomeState | None = None,
        probabilities: ProbabilityState | None = None,
    ) -> None:
        """`symbol` is the unified one; `put` and `alert` are where rows and alerts go; `now` is our clock.

        `outcomes`: the signals that are open; without it none are. `probabilities`: tells how probable each
        piece of evidence is; without it nothing does.
        """
        self._state = state
        self._outcomes = outcomes or OutcomeState(configuration.costs)
        self._probabilities = probabilities
        self._instrument_id = instrument_id
        self._name = (symbol, venue)
        self._configuration = configuration
        self._put, self._alert, self._now = put, alert, now

    def learn(self, knowledge: Knowledge, models: Models | None = None, rates: History | None = None) -> None:
        """Use this knowledge of days as a whole, and these models and rates, from the next moment on."""
        self._state.learn(knowledge)
        if self._probabilities is not None:
            self._probabilities.learn(models or Models(), rates or History())

    def update(self, closed: Mapping[str, Closed]) -> PatternRows:
        """Take all bars that closed at one moment, by timeframe, and put what became known.

        Raises:
            ValueError: as `PatternState.update`; then warm a new state.
        """
        rows = self._state.update(closed)
        put_patterns(self._instrument_id, rows, self._put)
        bars = {name: each.bar for name, each in closed.items()}
        trends = {name: each.regime["trend"] if each.regime else None for name, each in closed.items()}
        outcomes = self._outcomes.update(bars, trends, rows.emitted.signals)
        _put(OUTCOME_ROWS, map(stored_form.signal_row, outcomes), self._put)
        if self._probabilities is not None:
            told = self._probabilities.update(closed, rows)
            put_probabilities(told, self._configuration, self._put)
        for row in rows.emitted.signals:
            alert = signal_alert(row, *self._name, self._now(), self._configuration)
            if alert is not None:
                self._put(ORDER_BOOK_ALERTS, alert_row(alert))
                self._alert(alert)
        return rows


def put_patterns(instrument_id: int, rows: PatternRows, put: Put) -> None:
    """Put all rows of a moment."""
    for timeframe, found in rows.candlesticks.items():
        of = _of(instrument_id, timeframe, candlestick.LOGIC_VERSION)
        _put(CANDLESTICK_ROWS, ({**row._asdict(), **of} for row in found), put)
    for timeframe, drawn in rows.charts.items():
        of = _of(instrument_id, timeframe, chart.LOGIC_VERSION)
        _put(CHART_ROWS, ({**row, **of} for row in drawn), put)
    emitted = rows.emitted
    _put(CONFIDENCE_ROWS, map(stored_form.confidence_row, emitted.confidences), put)
    _put(CONFLUENCE_ROWS, map(stored_form.confluence_row, emitted.confluence), put)
    _put(RELATIONSHIP_ROWS, map(stored_form.relationship_row, emitted.relationships), put)
    _put(SIGNAL_ROWS, map(stored_form.signal_row, emitted.signals), put)


def put_probabilities(
    rows: Iterable[Mapping[str, Any]], configuration: PatternConfiguration, put: Put
) -> None:
    """Put the probabilities of a moment."""
    of = {"logic_version": probability.LOGIC_VERSION, "configuration_version": configuration.version}
    _put(
        PROBABILITY_ROWS,
        ({**stored_form.signal_row({**row, **of}), "reference": row["reference"] or ""} for row in rows),
        put,
    )


def _of(instrument_id: int, timeframe: str, version: int) -> dict[str, int]:
    """The scope of rows of one timeframe."""
    timeframe_id = TIMEFRAMES[timeframe] // MINUTE
    return {"instrument_id": instrument_id, "timeframe_id": timeframe_id, "logic_version": version}


def _put(table: StreamTable, rows: Iterable[Mapping[str, Any]], put: Put) -> None:
    ordered = _in_order_of(table)
    for row in rows:
        put(table, ordered(row))


@lru_cache
def _in_order_of(table: StreamTable) -> Callable[[Mapping[str, Any]], Row]:
    """A row's values in the order of the table's columns, of which there are several."""
    return itemgetter(*table.columns)
