"""What patterns achieve where there is nothing to achieve: found on random walks by the same code. Pure."""

from datetime import datetime

import polars as pl

from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import batch as chart
from alphapulse_assets.patterns.evaluation.outcomes import outcomes
from alphapulse_assets.patterns.evaluation.random_walk import SEED, matched_walk
from alphapulse_assets.patterns.events.adapters import ATR, candlestick_events, chart_events, volume_events
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.volume import batch as volume


def walk_outcomes(
    candles: pl.DataFrame,
    timeframe: str,
    instrument_id: int,
    start: datetime,
    *,
    seed: int = SEED,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """PATTERN_OUTCOME_SCHEMA of the patterns, of all families, on a random walk beside real candles.

    Args:
        candles: CANDLE_SCHEMA, sorted, closed; they begin some hundred bars before `start`, so that patterns
            under way then are seen.
        timeframe: of the candles.
        instrument_id: whose candles they are.
        start: open time of the first bar whose patterns count.
        seed: of the walk (`random_walk.matched_walk`).
        configuration: for the horizons.

    Raises:
        ValueError: unknown timeframe, a naive `start`, times that do not rise, or an impossible candle.
    """
    walk = matched_walk(candles, seed)
    atr = indicators.compute(walk, timeframe, names=[ATR])
    beside = (walk, atr, timeframe, instrument_id)
    events = pl.concat(
        [
            candlestick_events(candlestick.detect(walk, timeframe, start=start), *beside),
            chart_events(chart.detect(walk, timeframe, start=start), *beside),
            volume_events(volume.detect(walk, timeframe, start=start), *beside),
        ]
    )
    return outcomes(events, walk, timeframe, configuration=configuration)
