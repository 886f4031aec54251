"""What one says of a candlestick pattern: its nature, whom it favours, where it is described."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NISON: Final = "Nison, Japanese Candlestick Charting Techniques (1991)"
MORRIS: Final = "Morris, CandlePower / Candlestick Charting Explained (1992)"
CHESLER: Final = "Chesler, The Hikkake Pattern, Active Trader (2004)"
TA_LIB: Final = "TA-Lib's own"


class Nature(StrEnum):
    """What a pattern is said to announce."""

    REVERSAL = "reversal"
    CONTINUATION = "continuation"
    BREAKOUT = "breakout"  # one side carried the bar, or a range failed to hold
    INDECISION = "indecision"


class Direction(StrEnum):
    """Whom a pattern favours; BY_SIGN: bullish where TA-Lib's number is above 0, bearish below."""

    BULLISH = "bullish"
    BEARISH = "bearish"
    NEUTRAL = "neutral"
    BY_SIGN = "by_sign"


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the 61, as it is told."""

    function: str
    candles: int
    nature: Nature
    direction: Direction
    source: str
    description: str
