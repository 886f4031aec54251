"""The volume patterns: their exact, causal definitions, their thresholds and the shape of their rows.

A bar's pattern is decided at its close from that bar and bars before it. Bars are taken one after another as
they are: over missing bars the windows go on, and the confidence says so (part `continuity`). In the text
below, of a bar: *volume ratio* is its volume over the mean volume of the 20 bars **before** it (undefined
where those traded nothing); *true range* is Wilder's (1978), with the close before; *usual range* the mean
true range of the 20 bars before; *ATR* the plain mean of the last 14 true ranges, not Wilder's smoothing,
which would remember the whole past; *close position* Chaikin's money flow multiplier,
((close - low) - (high - close)) / (high - low), 0 where high = low: 1 at the high, -1 at the low; *extreme*
the highest high or lowest low of the 20 bars before; *move* the close minus the close 20 bars ago, in ATR.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.volume import kernels

LOGIC_VERSION: Final = 1
"""Bumped whenever the same candles would give other patterns; the thresholds below are part of it."""

VOLUME_PATTERN_SCHEMA: Final = pl.Schema(
    {
        "ts": pl.Datetime("us", "UTC"),  # open time of the bar at which the pattern was seen
        "pattern": pl.String(),
        "direction": pl.String(),
        "strength": pl.String(),
        "confidence": pl.Float64(),  # 0..1
        "volume_ratio": pl.Float64(),  # null where the 20 bars before traded nothing
        "price_change": pl.Float64(),  # fraction, from the close of the bar before to this one's
        "detail": pl.String(),  # JSON
        "known_at": pl.Datetime("us", "UTC"),  # the bar's close
    }
)
"""One row per bar and pattern, sorted by both; (ts, pattern) is unique."""

DIRECTIONS: Final = ("bearish", "neutral", "bullish")
STRENGTHS: Final = ("weak", "medium", "strong", "extreme")

VOLUME_CATALOGUE: Final[dict[str, str]] = {
    "accumulation": (
        "Chaikin money flow over 20 bars (sum of close position x volume over sum of volume) >= 0.25 while "
        "|move| < 2 ATR: buying that does not move the price. A row where this begins, not for every bar it "
        "lasts. Bullish. Chaikin's money flow and his 0.25 for strong pressure (companyrich.com, "
        "forexrealm.com); the flat price and the row at the beginning are ours."
    ),
    "breakout": (
        "Close beyond the extreme, volume ratio >= 1.5, close position > 0.2 towards the break, out of a "
        "consolidation: the 20 bars before span at most 4 usual ranges, and their last close is at most half "
        "of that span from the close 20 bars ago (bars that never moved are none). Bullish up, bearish down. "
        "Donchian's 20-bar channel; a random walk spans sqrt(20) = 4.5 mean bar ranges (Feller 1951), so 4 "
        "is narrower than chance; the thresholds are ours."
    ),
    "climax": (
        "Volume ratio >= 3 and true range >= 2 usual ranges at a new extreme in the direction of the trend "
        "(the close before against the close 20 bars ago, >= 1 ATR), with the close off it (close position "
        "towards the trend < 0.33). A buying climax is bearish, a selling climax bullish. Wyckoff and volume "
        "spread analysis; the thresholds are ours."
    ),
    "distribution": "The mirror of accumulation: money flow <= -0.25 while |move| < 2 ATR begins. Bearish.",
    "divergence": (
        "A new extreme that on-balance volume (Granville 1963) does not confirm within 20 bars: bearish at a "
        "higher high while on-balance volume stays below its highest of the 20 bars before by at least 20 % "
        "of the volume traded in the window; bullish mirrored. On-balance volume is counted from the "
        "window's first bar: only differences within it matter. A bar with both is neither. Gap ours."
    ),
    "dry_up": (
        "Mean volume of the last 5 bars at most half of the mean of the 50 bars before this one, and at most "
        "20 % of those 50 bars traded less than this bar. A row where this begins. Neutral. The term is "
        "O'Neil's and Minervini's; the thresholds are ours. Needs 50 bars, the others 21."
    ),
    "exhaustion": (
        "Effort without result after a move: volume ratio >= 2, true range <= 0.8 usual ranges, |move| >= 3 "
        "ATR. Bearish after a rise (kind up), bullish after a fall (kind down). Wyckoff's law of effort and "
        "result; the thresholds are ours."
    ),
    "fake_out": (
        "A breakout 1 to 3 bars ago whose level is lost: this is the first close back beyond it. Known only "
        "now and dated now, never at the breakout, whose time is in the detail. Bearish where an upward "
        "breakout failed (kind up). If several are lost by the same close, the latest is told and the rest "
        "counted. Practitioners' term; 3 bars are ours."
    ),
    "spike": (
        "Volume ratio >= 2; kind tells the highest of 2x, 3x and 5x that was reached. Bullish or bearish by "
        "the close against the close before. A lone spike is no reversal (volume spread analysis)."
    ),
}
"""Every pattern with its definition under the default rules, in the order of the kernel's numbers.

The issue counts eight: accumulation and distribution are one of them.
"""

KINDS: Final[dict[str, tuple[str, str, str]]] = {
    "accumulation": ("", "", "money flow"),
    "breakout": ("down", "", "up"),
    "climax": ("selling", "", "buying"),
    "distribution": ("money flow", "", ""),
    "divergence": ("bearish", "", "bullish"),
    "dry_up": ("", "volume", ""),
    "exhaustion": ("down", "", "up"),
    "fake_out": ("down", "", "up"),
}
"""The kind in the detail, by the kernel's -1, 0 and 1; that of a spike is its level."""

MEASURES: Final[dict[str, tuple[str, ...]]] = {
    "accumulation": ("money_flow", "move_atr"),
    "breakout": ("level", "far_side", "width_ranges", "excess_atr", "close_position"),
    "climax": ("level", "close_position", "range_ratio", "trend_atr"),
    "distribution": ("money_flow", "move_atr"),
    "divergence": ("level", "obv_gap", "reach_atr"),
    "dry_up": ("volume_5_to_50", "share_below"),
    "exhaustion": ("move_atr", "range_ratio"),
    "fake_out": ("level", "bars_since", "depth_atr", "breakouts_lost"),
    "spike": ("volume", "range_ratio"),
}
"""What the detail tells beside `atr` and `kind`."""

PARTS: Final[dict[str, tuple[str, str, str]]] = {
    "accumulation": ("flow", "flatness", "on_balance"),
    "breakout": ("volume", "close", "tightness"),
    "climax": ("volume", "range", "rejection"),
    "distribution": ("flow", "flatness", "on_balance"),
    "divergence": ("gap", "reach", "money_flow"),
    "dry_up": ("dryness", "rank", "quiet_range"),
    "exhaustion": ("volume", "narrowness", "move"),
    "fake_out": ("depth", "speed", "volume"),
    "spike": ("volume", "rank", "range"),
}
"""The parts of the confidence, each 0..1: 0 where a condition is just met, 1 from its `full` value on.

Confidence = continuity x mean of the three parts, where continuity is 20 bar lengths over the time that the
last 20 bars really span: 1 without missing bars. It says how clearly the definition is met. It is no
probability of anything; what came after is measured in `reactions`.
"""


def _check(right: bool, wanted: str) -> None:
    if not right:
        raise ValueError(f"volume rules: wanted {wanted}")


@dataclass(frozen=True, slots=True)
class VolumeRules:
    """All thresholds. Bars are counts, ratios are to the bars before, `_full` is where a part reaches 1.

    Where `VOLUME_CATALOGUE` names no source for a number it is ours, and so are all `_full` values and cuts.
    `logic_version` must be another one wherever anything else is another.
    """

    logic_version: int = LOGIC_VERSION
    baseline_bars: int = 20
    long_bars: int = 50
    dry_bars: int = 5
    atr_bars: int = 14
    fake_out_bars: int = 3
    spike_ratio: float = 2.0
    spike_higher: float = 3.0
    spike_highest: float = 5.0
    spike_full: float = 10.0
    divergence_gap: float = 0.2
    divergence_gap_full: float = 0.5
    divergence_reach_full: float = 1.0
    climax_ratio: float = 3.0
    climax_ratio_full: float = 10.0
    climax_range: float = 2.0
    climax_range_full: float = 4.0
    climax_close: float = 0.33
    climax_trend: float = 1.0
    dry_ratio: float = 0.5
    dry_quantile: float = 0.2
    flow_least: float = 0.25
    flow_full: float = 0.5
    flow_move: float = 2.0
    breakout_ratio: float = 1.5
    breakout_ratio_full: float = 5.0
    breakout_close: float = 0.2
    consolidation_width: float = 4.0
    consolidation_drift: float = 0.5
    fake_out_depth_full: float = 1.0
    fake_out_ratio_full: float = 2.0
    exhaustion_ratio: float = 2.0
    exhaustion_ratio_full: float = 5.0
    exhaustion_range: float = 0.8
    exhaustion_move: float = 3.0
    exhaustion_move_full: float = 8.0
    accumulation_cuts: tuple[float, float, float] = (0.3, 0.4, 0.5)  # money flow
    breakout_cuts: tuple[float, float, float] = (2.0, 3.0, 5.0)  # volume ratio
    climax_cuts: tuple[float, float, float] = (4.0, 6.0, 10.0)  # volume ratio
    distribution_cuts: tuple[float, float, float] = (0.3, 0.4, 0.5)  # minus money flow
    divergence_cuts: tuple[float, float, float] = (0.3, 0.4, 0.5)  # gap over volume traded
    dry_up_cuts: tuple[float, float, float] = (0.65, 0.8, 0.9)  # 1 - volume of 5 over 50
    exhaustion_cuts: tuple[float, float, float] = (4.0, 6.0, 8.0)  # move in ATR
    fake_out_cuts: tuple[float, float, float] = (0.25, 0.5, 1.0)  # depth beyond the level in ATR
    spike_cuts: tuple[float, float, float] = (3.0, 5.0, 10.0)  # volume ratio

    def __post_init__(self) -> None:
        bars = (self.baseline_bars, self.long_bars, self.dry_bars, self.atr_bars, self.fake_out_bars)
        _check(min(bars) >= 1, "windows of at least 1 bar")
        _check(max(self.atr_bars, self.fake_out_bars) <= self.baseline_bars, "no window above baseline_bars")
        _check(self.dry_bars <= self.baseline_bars <= self.long_bars, "dry <= baseline <= long bars")
        _check(0 < self.spike_ratio <= self.spike_higher <= self.spike_highest, "levels of a spike that rise")
        for name in VOLUME_CATALOGUE:
            weak, medium, strong = getattr(self, f"{name}_cuts")
            _check(0 < weak < medium < strong, f"{name}_cuts that rise")
        for item in fields(self):
            full = item.name.endswith("_full")
            _check(not full or getattr(self, item.name) > 0, f"{item.name} above 0")

    @property
    def warm_up(self) -> int:
        """Bars before a window that make its rows independent of where the frame begins."""
        return max(self.long_bars + 1, self.baseline_bars + 1 + self.fake_out_bars)

    def limits(self) -> kernels.Floats:
        """The thresholds as the kernel reads them: each at the place that bears its name there."""
        values = np.empty(kernels.LIMIT_COUNT)
        for item in fields(self):
            if item.name != "logic_version" and not item.name.endswith("_cuts"):
                values[getattr(kernels, item.name.upper())] = getattr(self, item.name)
        return values

    def cuts(self) -> kernels.Floats:
        """Sizes from which a pattern is medium, strong, extreme: shape (patterns, 3)."""
        return np.array([getattr(self, f"{name}_cuts") for name in VOLUME_CATALOGUE], dtype=np.float64)


DEFAULT_RULES: Final = VolumeRules()

WARM_UP: Final = DEFAULT_RULES.warm_up
"""Bars to read before a window: with them, or with all there are, its rows are those of one pass."""
