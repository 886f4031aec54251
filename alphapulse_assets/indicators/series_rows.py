"""The rows of series: of a window in one go, and of each closed bar of a stream. Pure.

A row holds the values of one series at one bar, in the order of its definitions.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.live import BarSource
from alphapulse_assets.indicators.batch import compute_definitions
from alphapulse_assets.indicators.influence import series_from
from alphapulse_assets.indicators.live import IndicatorState
from alphapulse_assets.indicators.series import Series
from alphapulse_assets.indicators.tables import INDICATOR_SERIES_VALUES
from alphapulse_resources.streams.tables import Put, stream_table

SERIES_ROWS: Final = stream_table(INDICATOR_SERIES_VALUES, {"outputs": pl.List(pl.Float64)})
_MINUTE: Final = timedelta(minutes=1)


def series_rows(
    series: Series, bars: BarSource, timeframe: str, start: datetime, end: datetime
) -> pl.DataFrame:
    """Values of the closed bars that open in [start, end): `ts`, `outputs`, `known_at`."""
    candles = bars.between(series_from(series.definitions, timeframe, start), end)
    found = compute_definitions(candles, timeframe, series.definitions, start=start)
    return found.select(
        "ts",
        pl.concat_list(each.name for each in series.definitions).alias("outputs"),
        (pl.col("ts") + bar_length(timeframe)).alias("known_at"),
    )


class LiveSeries:
    """All series of one instrument and timeframe between two bars; `next_open` is when the next bar opens.

    Blocking: reads bars. Raises `ValueError` for bars that cannot be.
    """

    def __init__(
        self,
        series: Sequence[Series],
        instrument_id: int,
        timeframe: str,
        bars: BarSource,
        next_open: datetime,
    ) -> None:
        self._series = series
        self._length = bar_length(timeframe)
        self._key = (instrument_id, self._length // _MINUTE)
        definitions = [each for one in series for each in one.definitions]
        self._state: IndicatorState | None = None
        if definitions:
            candles = bars.between(series_from(definitions, timeframe, next_open), next_open)
            self._state = IndicatorState.warm(candles, timeframe, definitions)

    def update(self, bar: Bar, put: Put) -> None:
        """Take the next closed bar and put a row of each series.

        Raises:
            ValueError: a bar that does not come after the last one, or that cannot be.
        """
        if self._state is None:
            return
        values: dict[str, Any] = self._state.update(bar)
        for each in self._series:
            outputs = [values[definition.name] for definition in each.definitions]
            put(SERIES_ROWS, (*self._key, bar.ts, each.number, bar.ts + self._length, outputs))
