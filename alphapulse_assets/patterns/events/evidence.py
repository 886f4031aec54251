"""What is one piece of evidence, whatever it is called: patterns of one bar and one shape. Pure.

TA-Lib's functions overlap by definition: a long body that closes at its high is a long line, a closing
marubozu, often a belt hold and a marubozu, mostly engulfs the bar before, and comes with a volume spike. On
real 1m bars every marubozu, 95 of 100 long lines and 84 of 100 closing marubozus come with another of
them. Counting names counts one bar several times. So patterns are grouped by *shape*: events of one
timeframe, bar, direction and shape are one piece of evidence. The names stay what they are.

The shapes are ours, from the definitions of the patterns (Nison, Japanese Candlestick Charting Techniques,
1991; Morris, Candlestick Charting Explained, 2006) and from which of them fire together.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

_CANDLESTICK_SHAPES: Final[Mapping[str, tuple[str, ...]]] = {
    "big_bar": (
        *("belt_hold", "closing_marubozu", "counterattack", "dark_cloud_cover", "engulfing", "kicking"),
        *("kicking_by_length", "long_line", "marubozu", "piercing", "separating_lines"),
    ),
    "shadow": ("hammer", "hanging_man", "inverted_hammer", "shooting_star", "takuri"),
    "indecision": (
        *("doji", "dragonfly_doji", "gravestone_doji", "high_wave", "long_legged_doji", "rickshaw_man"),
        *("short_line", "spinning_top"),
    ),
    "inside": ("harami", "harami_cross", "hikkake", "hikkake_modified", "homing_pigeon", "three_inside"),
    "outside": ("three_outside",),
    "star": (
        *("abandoned_baby", "doji_star", "evening_doji_star", "evening_star", "morning_doji_star"),
        *("morning_star", "tristar", "two_crows", "unique_three_river", "upside_gap_two_crows"),
    ),
    "row_of_bars": (
        *("advance_block", "identical_three_crows", "ladder_bottom", "stalled_pattern", "three_black_crows"),
        *("three_line_strike", "three_stars_in_the_south", "three_white_soldiers"),
    ),
    "rest_in_a_trend": (
        *("breakaway", "gap_side_by_side_white", "gap_three_methods", "in_neck", "mat_hold", "on_neck"),
        *("rising_falling_three_methods", "tasuki_gap", "thrusting"),
    ),
    "double_low": ("concealing_baby_swallow", "matching_low", "stick_sandwich"),
}
_VOLUME_SHAPES: Final[Mapping[str, tuple[str, ...]]] = {
    "big_bar": ("spike",),
    "volume_breakout": ("breakout", "fake_out"),
    "volume_effort": ("climax", "exhaustion"),
    "volume_flow": ("accumulation", "distribution", "divergence"),
    "volume_quiet": ("dry_up",),
}
CHART: Final = "chart"
"""The shape of all chart patterns: those that break out at one bar draw the same swings."""

SHAPES: Final[Mapping[tuple[str, str], str]] = {
    (family, pattern): shape
    for family, shapes in (("candlestick", _CANDLESTICK_SHAPES), ("volume", _VOLUME_SHAPES))
    for shape, patterns in shapes.items()
    for pattern in patterns
}
"""The shape of each candlestick and volume pattern, by family and name."""

EVIDENCE: Final = ("instrument_id", "timeframe", "ts", "direction", "shape")
"""What events of one piece of evidence share."""


def shape_of(family: str, pattern: str) -> str:
    """The shape of a pattern.

    Raises:
        ValueError: a candlestick or volume pattern that has none.
    """
    if family == CHART:
        return CHART
    if (family, pattern) not in SHAPES:
        raise ValueError(f"{family} pattern {pattern!r} has no shape: add it to events/evidence.py")
    return SHAPES[family, pattern]


def shape_column() -> pl.Expr:
    """`shape` of the rows of a frame with `family` and `pattern`; null of patterns that have none."""
    names = [f"{family}/{pattern}" for family, pattern in SHAPES]
    known = (pl.col("family") + "/" + pl.col("pattern")).replace_strict(
        names, list(SHAPES.values()), default=None, return_dtype=pl.String
    )
    return pl.when(pl.col("family") == CHART).then(pl.lit(CHART)).otherwise(known).alias("shape")


def numbered_shapes() -> dict[str, int]:
    """A number for each shape, always the same while the shapes are."""
    return {shape: number for number, shape in enumerate(sorted({CHART, *SHAPES.values()}))}
