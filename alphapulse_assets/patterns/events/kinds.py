"""Numbers of patterns, directions and stages: what tables of many rows hold in the place of names. Pure.

A family and a pattern by name cost some 25 bytes in a row and as much again in its key; a number costs two.
The table `pattern_kinds` has the same numbers, and every view shows names. A number means the same for ever:
new patterns go to the end of their family's list, and none is ever moved or taken out.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from alphapulse_assets.patterns.events.model import STAGES

_CANDLESTICKS: Final = (
    *("abandoned_baby", "advance_block", "belt_hold", "breakaway", "closing_marubozu"),
    *("concealing_baby_swallow", "counterattack", "dark_cloud_cover", "doji", "doji_star", "dragonfly_doji"),
    *("engulfing", "evening_doji_star", "evening_star", "gap_side_by_side_white", "gap_three_methods"),
    *("gravestone_doji", "hammer", "hanging_man", "harami", "harami_cross", "high_wave", "hikkake"),
    *("hikkake_modified", "homing_pigeon", "identical_three_crows", "in_neck", "inverted_hammer", "kicking"),
    *("kicking_by_length", "ladder_bottom", "long_legged_doji", "long_line", "marubozu", "mat_hold"),
    *("matching_low", "morning_doji_star", "morning_star", "on_neck", "piercing", "rickshaw_man"),
    *("rising_falling_three_methods", "separating_lines", "shooting_star", "short_line", "spinning_top"),
    *("stalled_pattern", "stick_sandwich", "takuri", "tasuki_gap", "three_black_crows", "three_inside"),
    *("three_line_strike", "three_outside", "three_stars_in_the_south", "three_white_soldiers", "thrusting"),
    *("tristar", "two_crows", "unique_three_river", "upside_gap_two_crows"),
)
_CHARTS: Final = (
    *("head_and_shoulders", "inverse_head_and_shoulders", "double_top", "double_bottom", "triple_top"),
    *("triple_bottom", "ascending_triangle", "descending_triangle", "symmetrical_triangle", "rectangle"),
    *("ascending_channel", "descending_channel", "bull_flag", "bear_flag", "bull_pennant", "bear_pennant"),
    *("cup_and_handle", "inverse_cup_and_handle", "rising_wedge", "falling_wedge"),
)
_VOLUMES: Final = (
    *("accumulation", "breakout", "climax", "distribution", "divergence", "dry_up", "exhaustion"),
    *("fake_out", "spike"),
)
_FIRST: Final = {"candlestick": (1, _CANDLESTICKS), "chart": (201, _CHARTS), "volume": (301, _VOLUMES)}

KINDS: Final[Mapping[tuple[str, str], int]] = {
    (family, pattern): first + place
    for family, (first, patterns) in _FIRST.items()
    for place, pattern in enumerate(patterns)
}
"""The number of each pattern by family and name: `kind_id` of tables."""

SIGNS: Final[Mapping[str, int]] = {"bearish": -1, "neutral": 0, "bullish": 1}
"""The number of each direction: `sign` of tables."""

STAGE_IDS: Final[Mapping[str, int]] = {name: number for number, name in enumerate(STAGES)}
"""The number of each stage: `stage_id` of tables."""

_BY_NAME: Final = {f"{family}/{pattern}": number for (family, pattern), number in KINDS.items()}


def kind_column(prefix: str = "") -> pl.Expr:
    """`kind_id` of a frame's rows with `family` and `pattern`, all of these with the prefix.

    A pattern without a number is refused when the frame is made: an InvalidOperationError names it.
    """
    name = pl.col(f"{prefix}family") + "/" + pl.col(f"{prefix}pattern")
    return name.replace_strict(_BY_NAME, return_dtype=pl.Int16()).alias(f"{prefix}kind_id")


def sign_column(prefix: str = "") -> pl.Expr:
    """`sign` of the rows of a frame with `direction`."""
    number = pl.col(f"{prefix}direction").replace_strict(SIGNS, return_dtype=pl.Int16())
    return number.alias(f"{prefix}sign")
