"""Which candlestick patterns never fire where markets never close, and the real bars that say so.

Most textbook patterns want a gap or a body strictly inside another one. Where trading goes on without a pause
and the venue's bars open exactly at the close before, there is neither. Other venues open a bar with its
first trade: about half of their bars open a tick or more away, and nearly everything fires.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Silence:
    """Bars, and which of the 61 never fired on them. `joined`: share that open at the close before."""

    source: str
    timeframe: str
    bars: int
    joined: float
    silent: frozenset[str]


SILENT_ON_24_7: Final = frozenset(
    {
        "abandoned_baby",
        "breakaway",
        "concealing_baby_swallow",
        "counterattack",
        "dark_cloud_cover",
        "doji_star",
        "evening_doji_star",
        "evening_star",
        "gap_side_by_side_white",
        "gap_three_methods",
        "homing_pigeon",
        "in_neck",
        "inverted_hammer",
        "kicking",
        "kicking_by_length",
        "ladder_bottom",
        "mat_hold",
        "morning_doji_star",
        "morning_star",
        "on_neck",
        "piercing",
        "rising_falling_three_methods",
        "shooting_star",
        "stick_sandwich",
        "tasuki_gap",
        "three_black_crows",
        "three_inside",
        "three_line_strike",
        "three_outside",
        "three_stars_in_the_south",
        "thrusting",
        "tristar",
        "two_crows",
        "unique_three_river",
        "upside_gap_two_crows",
    }
)
"""The 35 that cannot fire where every bar opens at the close before.

Found on a million bars of such a random walk, and true of every bar of `OBSERVED`: none of these ever fired
without an open that differs from the close before, at one of its own candles.
"""

OBSERVED: Final = (
    Silence(
        "Coinbase BTC-USD, 2017-07-01 to 2019-10-17",
        "1h",
        20_111,
        0.9995,
        SILENT_ON_24_7 - {"inverted_hammer", "shooting_star"},  # at the 10 bars that open elsewhere
    ),
    Silence(
        "Binance ADA/BTC, 2018-01-10 to 2018-01-30",
        "5m",
        5_720,
        0.5146,
        frozenset(
            {
                "abandoned_baby",
                "breakaway",
                "concealing_baby_swallow",
                "kicking",
                "kicking_by_length",
                "mat_hold",
                "rising_falling_three_methods",
                "three_stars_in_the_south",
                "two_crows",
                "upside_gap_two_crows",
            }
        ),
    ),
    Silence(
        "Binance ETH/BTC, 2018-01-10 to 2018-01-30",
        "5m",
        5_760,
        0.4336,
        frozenset(
            {
                "abandoned_baby",
                "breakaway",
                "concealing_baby_swallow",
                "dark_cloud_cover",
                "kicking",
                "kicking_by_length",
                "mat_hold",
                "three_stars_in_the_south",
                "upside_gap_two_crows",
            }
        ),
    ),
    Silence(
        "UNITTEST/BTC (freqtrade), 2017-11-04 to 2017-11-14",
        "1m",
        13_681,
        0.4507,
        frozenset(
            {
                "concealing_baby_swallow",
                "mat_hold",
                "rising_falling_three_methods",
                "three_stars_in_the_south",
                "two_crows",
            }
        ),
    ),
    Silence(
        "Binance XRP/USDT perpetual, 2021-11-15 to 2021-11-21",
        "5m",
        1_999,
        0.4900,
        frozenset(
            {
                "abandoned_baby",
                "breakaway",
                "concealing_baby_swallow",
                "counterattack",
                "dark_cloud_cover",
                "homing_pigeon",
                "in_neck",
                "kicking",
                "kicking_by_length",
                "ladder_bottom",
                "mat_hold",
                "morning_doji_star",
                "on_neck",
                "piercing",
                "rising_falling_three_methods",
                "stick_sandwich",
                "tasuki_gap",
                "three_black_crows",
                "three_stars_in_the_south",
                "three_white_soldiers",
                "thrusting",
                "tristar",
                "two_crows",
                "unique_three_river",
                "upside_gap_two_crows",
            }
        ),
    ),
)
"""What was seen on real bars, 47,271 in all. Few bars are silent for being few, too: see the number."""

NEVER_FIRED: Final = frozenset.intersection(*(seen.silent for seen in OBSERVED))
"""The patterns that fired on none of them: concealing baby swallow, mat hold, three stars in the south."""
