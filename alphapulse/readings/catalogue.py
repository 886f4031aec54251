"""All readings, by name."""

from typing import Final

from alphapulse.readings.reading import SYMBOL, TIMEFRAME, VENUE, Reading

CANDLES: Final = Reading(
    name="candles",
    path="candles",
    relation="ohlcv",
    summary="Closed bars of any timeframe.",
    filters=(SYMBOL, VENUE, TIMEFRAME),
    order=("ts", "venue", "symbol", "timeframe"),
    hidden=("instrument_id", "logic_version"),
    tags=("candles",),
)
INDICATORS: Final = Reading(
    name="indicators",
    path="indicators",
    relation="indicators",
    summary="Closed bars with their technical indicators.",
    filters=(SYMBOL, VENUE, TIMEFRAME),
    order=("ts", "venue", "symbol", "timeframe"),
    hidden=("instrument_id", "logic_version", "created_at"),
    tags=("candles",),
)
SIGNALS_NOW: Final = Reading(
    name="signals_now",
    path="signals/now",
    relation="signals_now",
    summary="Signals that stand now, with their reasons.",
    filters=(SYMBOL, VENUE, TIMEFRAME),
    order=("ts", "venue", "symbol", "timeframe"),
    hidden=("instrument_id",),
    tags=("signals",),
)
READINGS: Final = (CANDLES, INDICATORS, SIGNALS_NOW)
"""Every question that can be asked; one more is one more here."""
