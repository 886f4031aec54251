"""What a data set does with each closed bar of a stream, and the bars that its state is made from. Pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import polars as pl

from alphapulse_assets.core.bars import Bar
from alphapulse_resources.streams.tables import Put


class BarSource(Protocol):
    """Closed bars of one instrument and timeframe, such as `derived_store.BarReader`."""

    def between(self, start: datetime, end: datetime) -> pl.DataFrame:
        """Bars that open in [start, end): CANDLE_SCHEMA, sorted by ts."""

    def before(self, moment: datetime, count: int) -> pl.DataFrame:
        """The last `count` bars that open before a moment: CANDLE_SCHEMA, sorted by ts."""


class LiveStep(Protocol):
    """The state of one instrument and timeframe between two bars."""

    def update(self, bar: Bar, put: Put) -> None:
        """Take the next closed bar and put its rows, as the batch would write them.

        Raises:
            ValueError: a bar that does not come after the last one, or that cannot be; all states of the
                instrument are then made anew.
        """


StartLive = Callable[[int, str, BarSource, datetime], LiveStep]
"""`start(instrument_id, timeframe, bars, next_open)`: the state before the bar that opens next. Blocking."""
