"""The chart patterns by name, and the shape of the rows that tell of their lives.

Every row is an event of one bar: `ts` is that bar's open time and `known_at` its close. Rows are never
rewritten: a pattern's life is its rows in order. How patterns are defined is said where they are found:
`reversals`, `channels`, `flags` and `tails`; how they live, in `life`; the numbers are in `rules`.
"""

from typing import Final

import polars as pl

LOGIC_VERSION: Final = 2
"""Bumped whenever the same candles would give other rows; the numbers in `rules` are part of it."""

CHART_EVENT_SCHEMA: Final = pl.Schema(
    {
        "pattern_id": pl.Int64(),  # 53 bits (`candidates.identity`): the same wherever and whenever computed
        "ts": pl.Datetime("us", "UTC"),  # open time of the bar at which it happened
        "known_at": pl.Datetime("us", "UTC"),  # the bar's close
        "pattern": pl.String(),
        "direction": pl.String(),  # bullish, bearish; neutral while either line may break
        "scale": pl.Float64(),  # ATR multiple of the pivots by which it was found first
        "stage": pl.String(),  # of STAGES
        "completion": pl.Float64(),  # per cent, 100 from the breakout on; as `life.show` defines it
        "pivot_ts": pl.List(pl.Datetime("us", "UTC")),  # open times of the pivots' bars
        "pivot_prices": pl.List(pl.Float64()),
        "lines": pl.String(),  # JSON: {"lower": [t0, p0, t1, p1], "upper": ..., perhaps "neckline"}
        "breakout_level": pl.Float64(),  # at this bar, later that broken; neutral: nearer
        "target": pl.Float64(),  # measured move; null while neutral
        "invalidation": pl.Float64(),  # null while neutral
        "height": pl.Float64(),  # what the measured move adds, in price
        "atr": pl.Float64(),  # at this bar
        "quality": pl.Float64(),  # 0..1: how little of the definition's tolerances is used
        "volume_ratio": pl.Float64(),  # this bar's over the mean of the 20 before; null where not known
        "volume_trend": pl.Float64(),  # mean volume of the second part over the first; null where not known
        "detail": pl.String(),  # JSON, keys in order
    }
)
"""One row per pattern and stage, in order of time; (pattern_id, stage, ts) is unique.

Lines go on straight in clock time: at t the level is p0 + (p1 - p0) x (t - t0) / (t1 - t0). `detail` has
`reason` (of REASONS), `close`, `length` (bars from first to last pivot), `expires` (open time of the last
bar that it waits for), `false_breaks` (breaks that were not confirmed), and by kind and stage `became`,
`came_from` (pattern ids), `half_target` (double tops and bottoms), `level_rule` (head and shoulders).
"""

STAGES: Final = ("", "forming", "complete", "target_met", "failed", "expired", "evolved")
REASONS: Final = (
    "pivots known",
    "close beyond the level with volume",
    "closes beyond the level in a row",
    "target touched",
    "close beyond the other line before a breakout",
    "close beyond the invalidation after the breakout",
    "no breakout in time",
    "no outcome in time",
    "became another pattern",
    "too many patterns at once",
    "open after this bar",
)
DIRECTIONS: Final = ("bearish", "neutral", "bullish")

CHART_CATALOGUE: Final[dict[str, str]] = {
    "head_and_shoulders": "Three highs, the middle one the highest; breaks down through the neckline.",
    "inverse_head_and_shoulders": "Three lows, the middle one the lowest; breaks up through the neckline.",
    "double_top": "Two equal highs after a rise; breaks down through the valley between them.",
    "double_bottom": "Two equal lows after a fall; breaks up through the peak between them.",
    "triple_top": "Three equal highs after a rise; breaks down through the lower valley.",
    "triple_bottom": "Three equal lows after a fall; breaks up through the higher peak.",
    "ascending_triangle": "Highs at one level, rising lows; expected to break up.",
    "descending_triangle": "Lows at one level, falling highs; expected to break down.",
    "symmetrical_triangle": "Falling highs and rising lows; breaks either way before the apex.",
    "rectangle": "Highs at one level and lows at another; breaks either way.",
    "ascending_channel": "Highs and lows rise in parallel; breaks either way.",
    "descending_channel": "Highs and lows fall in parallel; breaks either way.",
    "rising_wedge": "Highs and lows rise and come together; expected to break down.",
    "falling_wedge": "Highs and lows fall and come together; expected to break up.",
    "bull_flag": "A fast rise, then a small pause between parallel lines; expected to break up.",
    "bear_flag": "A fast fall, then a small pause between parallel lines; expected to break down.",
    "bull_pennant": "A fast rise, then a small pause that narrows; expected to break up.",
    "bear_pennant": "A fast fall, then a small pause that narrows; expected to break down.",
    "cup_and_handle": "A round bottom between two equal highs, then a small pause; expected to break up.",
    "inverse_cup_and_handle": "A round top between equal lows, then a small pause; expected to break down.",
}
"""Every pattern in plain words, in the order of its number in `layout`."""
