"""Every number of the chart patterns' definitions, typed, in one place; each sourced or ours."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from alphapulse_assets.patterns.chart.layout import Floats


@dataclass(frozen=True, slots=True)
class ChartRules:
    """The rules. Heights, distances and slopes are shares of a pattern's height, so one set fits 1m and 1w.

    Lo, Mamaysky & Wang (2000; "LMW") allow prices that should be equal 1.5 % of price on either side of their
    average, on daily stocks: the tolerances here say the same in shares of height and are ours, as is
    whatever names no source. They were set by hand-made shapes and by how often patterns occur in random
    walks and in real bars, never by what prices did afterwards.
    """

    # pivots
    scales: tuple[float, ...] = (1.5, 3.0, 6.0)
    """A swing is over when price has come back from its extreme by so many ATR."""
    atr_bars: int = 14
    """ATR: plain mean of so many true ranges (Wilder 1978 for range and 14), the bar's own included."""
    volume_bars: int = 20
    """Volume ratio: volume over the mean of so many bars before."""

    # any pattern
    min_height: float = 4.0
    """Least height in ATR."""
    min_length: float = 12.0
    """Fewest bars from first to last pivot."""
    max_length: float = 400.0
    """Most bars from first to last pivot; it waits for a breakout (but see `body_length`, `handle_length`),
    then for its target, as long again."""
    confirm: float = 0.1
    """A close counts as beyond a line at so many ATR."""
    confirm_ratio: float = 1.5
    """Volume ratio with which one close beyond the level is a breakout: Bulkowski wants volume above average,
    O'Neil half as much again."""
    confirm_closes: float = 2.0
    """Without that volume: so many closes beyond the level in a row."""
    better: float = 0.1
    """Another try at the same pattern replaces it when its quality is higher by so much."""

    # head and shoulders
    shoulder_tolerance: float = 0.2
    """Shoulders differ by at most so much."""
    neck_tolerance: float = 0.2
    """The two points of the neckline differ by at most so much."""
    shoulder_height: float = 0.3
    """Shoulders stand at least so high above the neckline."""
    head_above: float = 0.25
    """The head stands at least so much above both shoulders."""
    time_ratio: float = 2.5
    """The longer half lasts at most so many times the shorter one; legs between two lines likewise."""
    leg_bars: float = 3.0
    """Every leg of it, and of a triple top, lasts at least so many bars: one bar is no shoulder."""
    prior_leg: float = 0.4
    """The leg to the left shoulder, or first top, begins at least so far below the neckline."""

    # double and triple tops
    double_tolerance: float = 0.1
    """The tops of a double top differ by at most so much."""
    double_bars: float = 15.0
    """Fewest bars between them (LMW: 22 days; Bulkowski: two to seven weeks; ours: three weeks of days)."""
    double_prior: float = 0.5
    """The leg to the first top begins at least so far below the valley."""
    double_time_ratio: float = 3.0
    """The slower side of the valley lasts at most so many times the faster one."""
    triple_tolerance: float = 0.15
    """The tops of a triple top lie within so much."""
    triple_valleys: float = 0.35
    """Its valleys lie within so much."""

    # patterns between two lines
    touch_tolerance: float = 0.12
    """Every pivot lies so near its line, in shares of the first width."""
    flat: float = 0.15
    """A line is flat if it moves at most so many first widths over the pattern (LMW's rectangle: 0.75 % of
    price)."""
    rising: float = 0.35
    """The sloped line of an ascending triangle moves at least so much."""
    balance: float = 0.4
    """The slopes of a symmetrical triangle: the gentler one is at least so much of the steeper."""
    parallel: float = 0.2
    """The lines of a channel converge or diverge by at most so much."""
    sloped: float = 0.5
    """The lines of a channel move at least so much."""

    wedge_slope: float = 0.25
    """The gentler line of a wedge moves at least so much, ..."""
    wedge_narrows: float = 0.3
    """... and the lines come together by at least so much (Bulkowski: both slope one way and converge)."""
    apex_room: float = 1.0
    """A triangle or wedge is over where its lines are nearer than so many ATR: a single bar of the usual
    range then reaches from one to the other, and a breakout has its own invalidation beside it; ..."""
    apex_share: float = 0.2
    """... or nearer than so much of the first width (Edwards & Magee 1948: breakouts much beyond three
    quarters of the way to the apex have no power)."""

    # flags and pennants
    pole_atr: float = 7.0
    """A pole is at least so many ATR, as ATR was where it began."""
    pole_bars: float = 15.0
    """It takes at most so many bars, ..."""
    pole_speed: float = 0.7
    """... and at least so many ATR per bar: a nearly straight run (Bulkowski)."""
    body_min: float = 6.0
    """Fewest bars of the body."""
    body_share: float = 0.4
    """The body is at most so high, and gives back at most so much, in poles (practice: less than half)."""
    body_length: float = 4.0
    """The body lasts at most so many times the pole, from the pole's end (and 60 bars; Bulkowski: three weeks
    of days); it waits for a breakout no longer than that."""
    body_parallel: float = 0.25
    """The lines of a flag converge or diverge by at most so much of the body's height."""
    body_drift: float = 0.1
    """A flag leans with the pole by at most so much of the body's height; against it, freely (Bulkowski)."""
    body_speed: float = 0.25
    """The body drifts at most so many times as fast as the pole ran."""
    pennant_slope: float = 0.2
    """Each line of a pennant moves inwards by at least so much of the body's height."""

    # cup and handle
    cup_bars: float = 30.0
    """Fewest bars from rim to rim (O'Neil: seven weeks of days)."""
    rim_tolerance: float = 0.12
    """The rims differ by at most so much of the cup's depth."""
    cup_balance: float = 3.0
    """The longer side of the cup lasts at most so many times the shorter one."""
    cup_round: float = 0.55
    """Mean depth of closes in shares of the depth: 0.5 is a V, 0.67 a parabola (O'Neil, Bulkowski: not V)."""
    handle_bars: float = 5.0
    """Fewest bars of the handle (O'Neil: a week)."""
    handle_least: float = 0.1
    """The handle is at least so deep, in depths of the cup, ..."""
    handle_most: float = 0.5
    """... and at most so deep: it stays in the cup's upper half (Bulkowski)."""
    handle_length: float = 0.5
    """It lasts at most so many times the cup (and 60 bars)."""
    cup_height: float = 6.0
    """Least depth of the cup in ATR."""

    def __post_init__(self) -> None:
        if not self.scales or any(scale <= 0 for scale in self.scales):
            raise ValueError(f"scales {self.scales}: at least one, each above 0")
        if self.atr_bars < 1 or self.volume_bars < 1:
            raise ValueError(f"atr_bars {self.atr_bars} and volume_bars {self.volume_bars} are at least 1")

    def limits(self) -> Floats:
        """The numbers by their places in `layout`."""
        return np.array([getattr(self, name) for name in _NAMES])


_NAMES: Final = (
    "min_height",
    "max_length",
    "min_length",
    "confirm",
    "confirm_ratio",
    "confirm_closes",
    "better",
    "shoulder_tolerance",
    "neck_tolerance",
    "shoulder_height",
    "head_above",
    "time_ratio",
    "prior_leg",
    "double_tolerance",
    "double_bars",
    "double_prior",
    "double_time_ratio",
    "triple_tolerance",
    "triple_valleys",
    "touch_tolerance",
    "flat",
    "rising",
    "balance",
    "parallel",
    "sloped",
    "pole_atr",
    "pole_bars",
    "pole_speed",
    "body_min",
    "body_share",
    "body_length",
    "body_parallel",
    "body_drift",
    "pennant_slope",
    "cup_bars",
    "rim_tolerance",
    "cup_balance",
    "cup_round",
    "handle_bars",
    "handle_least",
    "handle_most",
    "handle_length",
    "cup_height",
    "body_speed",
    "leg_bars",
    "wedge_slope",
    "wedge_narrows",
    "apex_room",
    "apex_share",
)
"""In the order of their places in `layout`, where each is named in capitals: a test holds them together."""

DEFAULT_RULES: Final = ChartRules()
