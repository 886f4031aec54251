"""What a closed bar says at once: indicators, regime and volume patterns of one instrument. Pure.

The states are those of the batch's pure modules, so the rows are too; a state is made by `warm` from the same
candles that a batch computation of the next bar would read.
"""

from datetime import datetime
from typing import Final

import polars as pl

from alphapulse_assets.core import calendar_blocks as warm_up
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.datasets.live import BarSource
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.indicators.live import IndicatorState
from alphapulse_assets.indicators.registry import INDICATORS, registry_version
from alphapulse_assets.indicators.tables import INDICATOR_VALUES
from alphapulse_assets.regime import rules
from alphapulse_assets.regime.inputs import INDICATOR_INPUTS, REGIME_SCHEMA
from alphapulse_assets.regime.live import RegimeState
from alphapulse_assets.regime.tables import MARKET_REGIMES
from alphapulse_assets.streaming.bars_from_minutes import MINUTE
from alphapulse_assets.volume import definitions
from alphapulse_assets.volume.live import VolumePatternState
from alphapulse_assets.volume.tables import VOLUME_PATTERN_EVENTS
from alphapulse_resources.frames import TIMEFRAMES
from alphapulse_resources.streams.tables import Put, stream_table

_REGIME: Final = [name for name in REGIME_SCHEMA if name != "ts"]
INDICATOR_ROWS: Final = stream_table(INDICATOR_VALUES, dict.fromkeys(INDICATORS, pl.Float64))
REGIME_ROWS: Final = stream_table(MARKET_REGIMES, REGIME_SCHEMA)
PATTERN_ROWS: Final = stream_table(VOLUME_PATTERN_EVENTS, definitions.VOLUME_PATTERN_SCHEMA)


class DerivedState:
    """One instrument and timeframe between two bars; `next_open` is when the next bar opens.

    Blocking: reads bars. Raises `ValueError` for bars that cannot be.
    """

    def __init__(self, instrument_id: int, timeframe: str, bars: BarSource, next_open: datetime) -> None:
        self._key = (instrument_id, TIMEFRAMES[timeframe] // MINUTE)
        self._length = TIMEFRAMES[timeframe]
        first = rules.frame_start(timeframe, next_open)
        candles = bars.between(warm_up.frame_start(timeframe, first), next_open)
        told = indicators.compute(candles, timeframe, start=first, names=INDICATOR_INPUTS)
        self._indicators = IndicatorState.warm(
            candles.filter(pl.col("ts") >= warm_up.frame_start(timeframe, next_open)), timeframe
        )
        self._regime = RegimeState.warm(candles.filter(pl.col("ts") >= first), told, timeframe)
        self._patterns = VolumePatternState.warm(bars.before(next_open, definitions.WARM_UP), timeframe)

    def update(self, bar: Bar, put: Put) -> None:
        """Take the next closed bar and put its rows.

        Raises:
            ValueError: a bar that does not come after the last one, or that cannot be.
        """
        instrument_id, timeframe_id = self._key
        key = (instrument_id, timeframe_id, bar.ts)
        known_at = bar.ts + self._length
        values = self._indicators.update(bar)
        put(INDICATOR_ROWS, (*key, registry_version(), known_at, *(values[name] for name in INDICATORS)))
        regime = self._regime.update(bar, values)
        put(REGIME_ROWS, (*key, rules.LOGIC_VERSION, known_at, *(regime[name] for name in _REGIME)))
        for found in self._patterns.update(bar):
            head = (*key, found.pattern, definitions.LOGIC_VERSION, found.known_at)
            facts = (found.direction, found.strength, found.confidence, found.volume_ratio)
            put(PATTERN_ROWS, (*head, *facts, found.price_change, found.detail))
