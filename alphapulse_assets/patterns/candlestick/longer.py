"""Candlestick patterns of three candles and more: entries of `catalogue`. Words as in `candlestick_short`."""

from typing import Final

from alphapulse_assets.patterns.candlestick.kinds import CHESLER, MORRIS, NISON, Direction, Entry, Nature

_REVERSAL, _CONTINUATION = Nature.REVERSAL, Nature.CONTINUATION
_BREAKOUT = Nature.BREAKOUT
_UP, _DOWN, _SIGN = Direction.BULLISH, Direction.BEARISH, Direction.BY_SIGN

LONGER: Final[dict[str, Entry]] = {
    "abandoned_baby": Entry(
        "CDLABANDONEDBABY",
        3,
        _REVERSAL,
        _SIGN,
        NISON,
        "A long candle, a doji that gaps away with its whole range, and a candle of the other colour that "
        "gaps back and moves well into the first body.",
    ),
    "advance_block": Entry(
        "CDLADVANCEBLOCK",
        3,
        _REVERSAL,
        _DOWN,
        NISON,
        "Three white candles with higher closes that weaken: smaller bodies or long upper shadows.",
    ),
    "breakaway": Entry(
        "CDLBREAKAWAY",
        5,
        _REVERSAL,
        _SIGN,
        MORRIS,
        "A long candle, a gap in its direction, two candles further that way, and a fifth of the other "
        "colour that closes inside the gap; the fifth decides.",
    ),
    "concealing_baby_swallow": Entry(
        "CDLCONCEALBABYSWALL",
        4,
        _REVERSAL,
        _UP,
        MORRIS,
        "Two black marubozus, a black candle that gaps down with a shadow up into the body before, and a "
        "black one that covers it, shadows and all.",
    ),
    "evening_doji_star": Entry(
        "CDLEVENINGDOJISTAR",
        3,
        _REVERSAL,
        _DOWN,
        NISON,
        "An evening star whose middle candle is a doji.",
    ),
    "evening_star": Entry(
        "CDLEVENINGSTAR",
        3,
        _REVERSAL,
        _DOWN,
        NISON,
        "A long white candle, a short body that gaps up, and a black candle that moves well into the first "
        "body.",
    ),
    "gap_side_by_side_white": Entry(
        "CDLGAPSIDESIDEWHITE",
        3,
        _CONTINUATION,
        _SIGN,
        NISON,
        "After a gap two white candles of about the same open and size that leave it open; the gap's "
        "direction decides.",
    ),
    "gap_three_methods": Entry(
        "CDLXSIDEGAP3METHODS",
        3,
        _CONTINUATION,
        _SIGN,
        MORRIS,
        "Two candles of one colour with a gap between their bodies, and a third of the other colour that "
        "closes it; the first colour decides.",
    ),
    "hikkake": Entry(
        "CDLHIKKAKE",
        3,
        _BREAKOUT,
        _SIGN,
        CHESLER,
        "A trap: an inside bar, then a bar that leaves it on one side; the other side is meant. Strength "
        "100 at that bar; 200 at a close within three bars that leaves the inside bar on the side meant.",
    ),
    "hikkake_modified": Entry(
        "CDLHIKKAKEMOD",
        4,
        _REVERSAL,
        _SIGN,
        CHESLER,
        "A hikkake whose first bar is narrower than the one before it and closes near its bottom "
        "(bullish) or its top (bearish). Strength 100 at the fourth bar; 200 at a close within three bars "
        "that leaves the inside bar on the side meant.",
    ),
    "identical_three_crows": Entry(
        "CDLIDENTICAL3CROWS",
        3,
        _REVERSAL,
        _DOWN,
        MORRIS,
        "Three black candles that fall, each opening at the close before, hardly a lower shadow.",
    ),
    "ladder_bottom": Entry(
        "CDLLADDERBOTTOM",
        5,
        _REVERSAL,
        _UP,
        MORRIS,
        "Three black candles with lower opens and closes, a black one with an upper shadow, and a white "
        "one that opens above its body and closes above its high.",
    ),
    "mat_hold": Entry(
        "CDLMATHOLD",
        5,
        _CONTINUATION,
        _UP,
        NISON,
        "A long white candle, a gap up, three small candles that drift down within the upper part of its "
        "body, and a white one that closes above them all.",
    ),
    "morning_doji_star": Entry(
        "CDLMORNINGDOJISTAR",
        3,
        _REVERSAL,
        _UP,
        NISON,
        "A morning star whose middle candle is a doji.",
    ),
    "morning_star": Entry(
        "CDLMORNINGSTAR",
        3,
        _REVERSAL,
        _UP,
        NISON,
        "A long black candle, a short body that gaps down, and a white candle that moves well into the "
        "first body.",
    ),
    "rising_falling_three_methods": Entry(
        "CDLRISEFALL3METHODS",
        5,
        _CONTINUATION,
        _SIGN,
        NISON,
        "A long candle, three small ones against it within its range, and a long one of its colour that "
        "closes beyond it; that colour decides.",
    ),
    "stalled_pattern": Entry(
        "CDLSTALLEDPATTERN",
        3,
        _REVERSAL,
        _DOWN,
        NISON,
        "Two long white candles with higher closes, and a small white one at the upper end of the second "
        "or beyond it.",
    ),
    "stick_sandwich": Entry(
        "CDLSTICKSANDWICH",
        3,
        _REVERSAL,
        _UP,
        MORRIS,
        "Two black candles with the same close and between them a white one that trades above it only.",
    ),
    "tasuki_gap": Entry(
        "CDLTASUKIGAP",
        3,
        _CONTINUATION,
        _SIGN,
        NISON,
        "A gap, a candle in its direction, and one of the other colour and about the same size that opens "
        "in that body and closes inside the gap without filling it; the gap's direction decides.",
    ),
    "three_black_crows": Entry(
        "CDL3BLACKCROWS",
        3,
        _REVERSAL,
        _DOWN,
        NISON,
        "After a white candle three black ones that fall, each opening within the body before, hardly a "
        "lower shadow.",
    ),
    "three_inside": Entry(
        "CDL3INSIDE",
        3,
        _REVERSAL,
        _SIGN,
        MORRIS,
        "A harami and a third candle that closes beyond the first one's open; against the first colour.",
    ),
    "three_line_strike": Entry(
        "CDL3LINESTRIKE",
        4,
        _CONTINUATION,
        _SIGN,
        MORRIS,
        "Three candles of one colour that go on, and a fourth of the other that opens beyond them and "
        "closes behind the first one's open; the three decide.",
    ),
    "three_outside": Entry(
        "CDL3OUTSIDE",
        3,
        _REVERSAL,
        _SIGN,
        MORRIS,
        "An engulfing pattern and a third candle that closes further in its direction.",
    ),
    "three_stars_in_the_south": Entry(
        "CDL3STARSINSOUTH",
        3,
        _REVERSAL,
        _UP,
        MORRIS,
        "A long black candle with a long lower shadow, a smaller black one with a higher low, and a small "
        "black marubozu inside its range.",
    ),
    "three_white_soldiers": Entry(
        "CDL3WHITESOLDIERS",
        3,
        _REVERSAL,
        _UP,
        NISON,
        "Three white candles with higher closes, none short, each opening in or near the body before, "
        "hardly an upper shadow.",
    ),
    "tristar": Entry(
        "CDLTRISTAR",
        3,
        _REVERSAL,
        _SIGN,
        NISON,
        "Three dojis, the middle one gapping away: up (bearish) or down (bullish).",
    ),
    "two_crows": Entry(
        "CDL2CROWS",
        3,
        _REVERSAL,
        _DOWN,
        MORRIS,
        "A long white candle, a black body that gaps up, and a black candle that opens in that body and "
        "closes in the first.",
    ),
    "unique_three_river": Entry(
        "CDLUNIQUE3RIVER",
        3,
        _REVERSAL,
        _UP,
        MORRIS,
        "A long black candle, a black body inside its body with a lower low, and a small white candle that "
        "opens no lower than that low.",
    ),
    "upside_gap_two_crows": Entry(
        "CDLUPSIDEGAP2CROWS",
        3,
        _REVERSAL,
        _DOWN,
        NISON,
        "A long white candle, a short black body that gaps up, and a black body that covers it and still "
        "closes above the first.",
    ),
}
