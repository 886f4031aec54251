"""All readings, by name."""

from typing import Final

from alphapulse.readings import (
    candles,
    futures,
    market,
    models,
    news,
    operations,
    options,
    order_book,
    overview,
    patterns,
    positions,
    signals,
)
from alphapulse.readings.reading import Reading

READINGS: Final[tuple[Reading, ...]] = (
    *candles.READINGS,
    *overview.READINGS,
    *patterns.READINGS,
    *signals.READINGS,
    *models.READINGS,
    *order_book.READINGS,
    *futures.READINGS,
    *options.READINGS,
    *market.READINGS,
    *news.READINGS,
    *positions.READINGS,
    *operations.READINGS,
)
"""Every question that can be asked; one more is one more in its area's file."""

BY_NAME: Final = {each.name: each for each in READINGS}
CANDLES: Final = BY_NAME["candles"]
INDICATORS: Final = BY_NAME["indicators"]
SIGNALS_NOW: Final = BY_NAME["signals_now"]

NOT_ASKED: Final = {
    "pattern_relationships": "by instrument_id and ts, for joins with pattern_confluence in SQL",
    "pattern_confidence_all_versions": "pattern_confidence in every version, for comparisons in SQL",
    "pattern_weights": "the numbers of pattern_configurations as columns, for joins in SQL",
    "bars": "by instrument_id and timeframe_id, for joins in SQL; candles are the same bars",
    "coarse_bars": "by instrument_id and timeframe_id, for joins in SQL; candles has those that count",
}
"""Analysts' views that are no reading, each with the reason."""
