"""When a symbol is said to trend, to be volatile or liquid: the thresholds, each with its source or "ours".

Trend, per bar: strength is ADX 14, direction is which directional indicator is larger, where EMA 20 lies to
EMA 50 and the slope of EMA 50 in ATR 14 per bar. All must agree for a trend to begin; it ends when ADX
falls below a lower threshold or the slope of EMA 50 turns. Without a trend it is a range.

Volatility: the percentile of realised_volatility_20 among its own last `window` values. Liquidity: the mean
of two percentiles, of the quote volume averaged over 20 bars, and of Amihud's illiquidity (mean of |log
return| per quote volume over the bars of the 20 that traded; Amihud 2002), turned round. Twenty bars
without any trade are of low liquidity. Percentiles are mid-ranks: the share of values below, and half of
those equal. Low and high begin at the outer thresholds and end at the inner ones (hysteresis).

What is low or high is thus relative to the symbol's own recent past, on its own timeframe. All of it is
causal. A regime describes, it does not predict: on a random walk, too, nearly half of the bars are in a
trend.

Hysteresis remembers, so the calendar rule of `indicators.warm_up` holds here too: in each block (a UTC
month, a UTC year from 1h up) the rules begin anew WARM_UP bar lengths before it, without a state; the first
state is by the outer thresholds alone. A row is a function of the bars and indicator rows since then. At
the start of a block a state may therefore end for no other reason than that it began more than WARM_UP bars
ago.

Not hidden Markov models: hmmlearn has been in limited maintenance for years, its states have no names,
change meaning with every fit, and their smoothed probabilities look ahead. Not change points: ruptures
segments a whole series at once, so past states change as bars arrive. Neither fits rows that are known at
the close and stay.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from alphapulse_assets.core import calendar_blocks as warm_up
from alphapulse_assets.core.timeframes import bar_length

LOGIC_VERSION: Final = 1
"""Bumped whenever the same candles and indicators would give other regimes."""

WARM_UP: Final = 1_000
"""Bar lengths before a block from which on rows count: percentile window and as much again (ours)."""


@dataclass(frozen=True, slots=True)
class RegimeRules:
    """The thresholds; percentiles and shares are between 0 and 1."""

    adx_enter: float = 25.0  # Wilder 1978: a trend worth following
    adx_leave: float = 20.0  # Wilder 1978: none below
    slope_bars: int = 10  # ours; bars over which the slope of EMA 50 is taken
    slope_enter: float = 0.06  # ours; ATR per bar
    window: int = 500  # ours; values a percentile is among, the newest included
    least_values: int = 100  # ours; with fewer there is no percentile
    mean_bars: int = 20  # ours; bars over which quote volume and illiquidity are averaged
    low_enter: float = 0.2  # ours
    low_leave: float = 0.35  # ours
    high_leave: float = 0.65  # ours
    high_enter: float = 0.8  # ours

    def __post_init__(self) -> None:
        levels = (0.0, self.low_enter, self.low_leave, self.high_leave, self.high_enter, 1.0)
        if not all(lower < upper for lower, upper in pairwise(levels)):
            raise ValueError(f"wanted 0 < low_enter < low_leave < high_leave < high_enter < 1: {self}")
        if not 0 <= self.adx_leave < self.adx_enter or self.slope_enter < 0:
            raise ValueError(f"wanted 0 <= adx_leave < adx_enter and slope_enter of 0 or more: {self}")
        if min(self.slope_bars, self.mean_bars, self.least_values) < 1 or self.least_values > self.window:
            raise ValueError(f"wanted counts of 1+ and least_values <= window: {self}")
        if self.window + self.mean_bars > WARM_UP or self.slope_bars > WARM_UP:
            raise ValueError(f"wanted windows within the {WARM_UP} bars that count before a block: {self}")


def frame_start(timeframe: str, start: datetime) -> datetime:
    """The open time from which on candles and indicator rows are needed for regimes from `start` on.

    An instrument whose first bar is later simply has no earlier ones. Indicators computed for this purpose
    need candles from `indicators.warm_up.frame_start(timeframe, <this time>)` on.

    Raises:
        ValueError: unknown timeframe or a naive time.
    """
    warm_up.micros(start)
    return warm_up.block_start(timeframe, start) - WARM_UP * bar_length(timeframe)
