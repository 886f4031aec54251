"""Candlestick patterns of one and two candles, in plain language: entries of `catalogue`.

Descriptions are those of TA-Lib's C code (the comment above each calculation), told anew. The words are
TA-Lib's candle settings, by default: a long body is longer than the mean of the 10 bodies before, a short one
is not; a doji's body is at most a tenth of the mean range of the 10 bars before. A long shadow is longer than
its own bar's body, a very long one twice as long; a short one is below the mean shadow of the 10 bars before,
a very short one below a tenth of their mean range. Near and equal mean within 0.2 and 0.05 of the mean range
of the 5 bars before, far is 0.6 of it and more. White closes at or above its open, black below it. None of
the functions looks at the trend before.
"""

from typing import Final

from alphapulse_assets.patterns.candlestick.kinds import MORRIS, NISON, TA_LIB, Direction, Entry, Nature

_REVERSAL, _CONTINUATION = Nature.REVERSAL, Nature.CONTINUATION
_BREAKOUT, _INDECISION = Nature.BREAKOUT, Nature.INDECISION
_UP, _DOWN, _NEUTRAL, _SIGN = Direction.BULLISH, Direction.BEARISH, Direction.NEUTRAL, Direction.BY_SIGN

SINGLE: Final[dict[str, Entry]] = {
    "belt_hold": Entry(
        "CDLBELTHOLD",
        1,
        _REVERSAL,
        _SIGN,
        NISON,
        "A long candle that opens at its extreme: white without lower shadow (bullish), black without "
        "upper shadow (bearish).",
    ),
    "closing_marubozu": Entry(
        "CDLCLOSINGMARUBOZU",
        1,
        _BREAKOUT,
        _SIGN,
        MORRIS,
        "A long candle that closes at its extreme: white without upper shadow (bullish), black without "
        "lower shadow (bearish).",
    ),
    "doji": Entry(
        "CDLDOJI",
        1,
        _INDECISION,
        _NEUTRAL,
        NISON,
        "Open and close are almost the same: neither side won.",
    ),
    "dragonfly_doji": Entry(
        "CDLDRAGONFLYDOJI",
        1,
        _REVERSAL,
        _NEUTRAL,
        NISON,
        "A doji that opens and closes at its high, with a lower shadow: a fall within the bar was bought "
        "back. What it means depends on the trend before.",
    ),
    "gravestone_doji": Entry(
        "CDLGRAVESTONEDOJI",
        1,
        _REVERSAL,
        _NEUTRAL,
        NISON,
        "A doji that opens and closes at its low, with an upper shadow: a rise within the bar was sold "
        "off. What it means depends on the trend before.",
    ),
    "hammer": Entry(
        "CDLHAMMER",
        1,
        _REVERSAL,
        _UP,
        NISON,
        "Short body near or below the low of the candle before, long lower shadow, hardly an upper one: a "
        "fall was bought back.",
    ),
    "hanging_man": Entry(
        "CDLHANGINGMAN",
        1,
        _REVERSAL,
        _DOWN,
        NISON,
        "The shape of a hammer, near or above the high of the candle before: selling showed itself at the "
        "top.",
    ),
    "high_wave": Entry(
        "CDLHIGHWAVE",
        1,
        _INDECISION,
        _NEUTRAL,
        NISON,
        "Short body between very long shadows: both sides moved price far and neither kept it. TA-Lib's "
        "sign is the candle's colour only.",
    ),
    "inverted_hammer": Entry(
        "CDLINVERTEDHAMMER",
        1,
        _REVERSAL,
        _UP,
        NISON,
        "Short body with a long upper shadow and hardly a lower one, its body below the body before: "
        "buyers first show themselves after a fall.",
    ),
    "long_legged_doji": Entry(
        "CDLLONGLEGGEDDOJI",
        1,
        _INDECISION,
        _NEUTRAL,
        NISON,
        "A doji with one or two long shadows: much movement, no result.",
    ),
    "long_line": Entry(
        "CDLLONGLINE",
        1,
        _BREAKOUT,
        _SIGN,
        MORRIS,
        "Long body, short shadows: one side carried the bar from open to close.",
    ),
    "marubozu": Entry(
        "CDLMARUBOZU",
        1,
        _BREAKOUT,
        _SIGN,
        MORRIS,
        "Long body, hardly any shadow: one side carried the whole bar.",
    ),
    "rickshaw_man": Entry(
        "CDLRICKSHAWMAN",
        1,
        _INDECISION,
        _NEUTRAL,
        NISON,
        "A long-legged doji whose body is near the middle of its range.",
    ),
    "shooting_star": Entry(
        "CDLSHOOTINGSTAR",
        1,
        _REVERSAL,
        _DOWN,
        NISON,
        "Short body with a long upper shadow and hardly a lower one, its body above the body before: a "
        "rise was sold off.",
    ),
    "short_line": Entry(
        "CDLSHORTLINE",
        1,
        _INDECISION,
        _NEUTRAL,
        MORRIS,
        "Short body, short shadows: little happened. TA-Lib's sign is the candle's colour only.",
    ),
    "spinning_top": Entry(
        "CDLSPINNINGTOP",
        1,
        _INDECISION,
        _NEUTRAL,
        NISON,
        "Short body, both shadows longer than it. TA-Lib's sign is the candle's colour only.",
    ),
    "takuri": Entry(
        "CDLTAKURI",
        1,
        _REVERSAL,
        _NEUTRAL,
        MORRIS,
        "A dragonfly doji with a very long lower shadow. What it means depends on the trend before.",
    ),
}

DOUBLE: Final[dict[str, Entry]] = {
    "counterattack": Entry(
        "CDLCOUNTERATTACK",
        2,
        _REVERSAL,
        _SIGN,
        NISON,
        "Two long candles of opposite colour with the same close: the second side won back what it had "
        "lost at the open. The second colour decides.",
    ),
    "dark_cloud_cover": Entry(
        "CDLDARKCLOUDCOVER",
        2,
        _REVERSAL,
        _DOWN,
        NISON,
        "A long white candle, then a black one that opens above its high and closes within its body, below "
        "the middle.",
    ),
    "doji_star": Entry(
        "CDLDOJISTAR",
        2,
        _REVERSAL,
        _SIGN,
        NISON,
        "A long candle, then a doji that gaps away in its direction: up after white (bearish), down after "
        "black (bullish).",
    ),
    "engulfing": Entry(
        "CDLENGULFING",
        2,
        _REVERSAL,
        _SIGN,
        NISON,
        "A body that covers the opposite body before it; the second colour decides. Strength 80 where one "
        "end of the two bodies is the same, 100 otherwise.",
    ),
    "harami": Entry(
        "CDLHARAMI",
        2,
        _REVERSAL,
        _SIGN,
        NISON,
        "A long body, then a short one inside it: the move has lost its breath; against the first colour. "
        "Strength 80 where one end of the two bodies is the same, 100 otherwise.",
    ),
    "harami_cross": Entry(
        "CDLHARAMICROSS",
        2,
        _REVERSAL,
        _SIGN,
        NISON,
        "A harami whose second candle is a doji. Strength 80 where one end of the two bodies is the same, "
        "100 otherwise.",
    ),
    "homing_pigeon": Entry(
        "CDLHOMINGPIGEON",
        2,
        _REVERSAL,
        _UP,
        MORRIS,
        "A long black candle, then a short black body inside its body: the selling fades.",
    ),
    "in_neck": Entry(
        "CDLINNECK",
        2,
        _CONTINUATION,
        _DOWN,
        NISON,
        "A long black candle, then a white one that opens below its low and closes barely into its body.",
    ),
    "kicking": Entry(
        "CDLKICKING",
        2,
        _REVERSAL,
        _SIGN,
        MORRIS,
        "Two marubozus of opposite colour with a gap between them in the second one's direction.",
    ),
    "kicking_by_length": Entry(
        "CDLKICKINGBYLENGTH",
        2,
        _REVERSAL,
        _SIGN,
        TA_LIB,
        "Kicking, but the longer of the two marubozus decides the direction.",
    ),
    "matching_low": Entry(
        "CDLMATCHINGLOW",
        2,
        _REVERSAL,
        _UP,
        MORRIS,
        "Two black candles with the same close: a floor held.",
    ),
    "on_neck": Entry(
        "CDLONNECK",
        2,
        _CONTINUATION,
        _DOWN,
        NISON,
        "A long black candle, then a white one that opens below its low and closes at that low.",
    ),
    "piercing": Entry(
        "CDLPIERCING",
        2,
        _REVERSAL,
        _UP,
        NISON,
        "A long black candle, then a long white one that opens below its low and closes within its body, "
        "above the middle.",
    ),
    "separating_lines": Entry(
        "CDLSEPARATINGLINES",
        2,
        _CONTINUATION,
        _SIGN,
        NISON,
        "A candle against the trend, then a belt hold of the other colour from the same open; the second "
        "colour decides.",
    ),
    "thrusting": Entry(
        "CDLTHRUSTING",
        2,
        _CONTINUATION,
        _DOWN,
        NISON,
        "A long black candle, then a white one that opens below its low and closes within its body, but "
        "below the middle.",
    ),
}
