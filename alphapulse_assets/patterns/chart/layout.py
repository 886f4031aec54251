"""Where each number lives: the places in the arrays that the compiled modules share.

All that is remembered of an instrument and timeframe is one bounded array `m` of floats, so that the same
machine code runs over a year or over one bar, without slices, which would each be counted up and down. The
places of points, tails and patterns count from where each begins.

The bar and the scales have names too: the records below, of which `scan` makes two arrays over the same
memory once a call. `pivots` is written with them, at no price: found by the whole scan, 300,000 bars of a
random walk took 67 ns of processor time a bar and scale, and 73 ns by offsets; with views made anew for each
bar it was 121 ns. The other modules may follow.

`x` is a bar's place in time: bar lengths since the Monday that weeks are counted from, a whole number for
aligned bars. "Oriented" prices are multiplied by +1 for patterns about tops and by -1 for those about
bottoms, so that every shape is written once, as a top, and its mirror follows.
"""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled_with

Floats = NDArray[np.float64]
_P = ParamSpec("_P")
_R = TypeVar("_R")

# the bar and what is measured with it
NOW_X: Final = 0
HIGH: Final = 1
LOW: Final = 2
CLOSE: Final = 3
VOLUME: Final = 4
GIVEN: Final = 5  # how many come from outside
NOW_ATR: Final = 5
NOW_VOLUMES: Final = 6  # sums and count since the state began
NOW_CLOSES: Final = 7
NOW_BARS: Final = 8
FIRST_CLOSE: Final = 9
OPEN_PATTERNS: Final = 10  # how many are followed
ADMITTED: Final = 11  # patterns admitted so far
STEP: Final = 12  # microseconds of a bar
LAST_CLOSE: Final = 13  # the bar's before
SCALES: Final = 14  # how many
NOW: Final = 20

# limits: the numbers of ChartRules by their names there, from NOW on
MIN_HEIGHT: Final = 20
MAX_LENGTH: Final = 21
MIN_LENGTH: Final = 22
CONFIRM: Final = 23
CONFIRM_RATIO: Final = 24
CONFIRM_CLOSES: Final = 25
BETTER: Final = 26
SHOULDER_TOLERANCE: Final = 27
NECK_TOLERANCE: Final = 28
SHOULDER_HEIGHT: Final = 29
HEAD_ABOVE: Final = 30
TIME_RATIO: Final = 31
PRIOR_LEG: Final = 32
DOUBLE_TOLERANCE: Final = 33
DOUBLE_BARS: Final = 34
DOUBLE_PRIOR: Final = 35
DOUBLE_TIME_RATIO: Final = 36
TRIPLE_TOLERANCE: Final = 37
TRIPLE_VALLEYS: Final = 38
TOUCH_TOLERANCE: Final = 39
FLAT: Final = 40
RISING: Final = 41
BALANCE: Final = 42
PARALLEL: Final = 43
SLOPED: Final = 44
POLE_ATR: Final = 45
POLE_BARS: Final = 46
POLE_SPEED: Final = 47
BODY_MIN: Final = 48
BODY_SHARE: Final = 49
BODY_LENGTH: Final = 50
BODY_PARALLEL: Final = 51
BODY_DRIFT: Final = 52
PENNANT_SLOPE: Final = 53
CUP_BARS: Final = 54
RIM_TOLERANCE: Final = 55
CUP_BALANCE: Final = 56
CUP_ROUND: Final = 57
HANDLE_BARS: Final = 58
HANDLE_LEAST: Final = 59
HANDLE_MOST: Final = 60
HANDLE_LENGTH: Final = 61
CUP_HEIGHT: Final = 62
BODY_SPEED: Final = 63
LEG_BARS: Final = 64
WEDGE_SLOPE: Final = 65
WEDGE_NARROWS: Final = 66
APEX_ROOM: Final = 67
APEX_SHARE: Final = 68
LIMITS_END: Final = 69


# a window: the last values of something, in a room of its own along which it moves
FIRST: Final = 0  # where the room begins
STOP: Final = 1  # after the newest value
ROOM_END: Final = 2
VALUES: Final = 3  # how many
WINDOW: Final = 4
ROOMY: Final = 8  # windows in a room: so often less is copied

# patterns, by number; a top's mirror is the next number
HEAD_AND_SHOULDERS: Final = 0
DOUBLE_TOP: Final = 2
TRIPLE_TOP: Final = 4
ASCENDING_TRIANGLE: Final = 6
DESCENDING_TRIANGLE: Final = 7
SYMMETRICAL_TRIANGLE: Final = 8
RECTANGLE: Final = 9
ASCENDING_CHANNEL: Final = 10
DESCENDING_CHANNEL: Final = 11
RISING_WEDGE: Final = 12
FALLING_WEDGE: Final = 13
BULL_FLAG: Final = 14
BULL_PENNANT: Final = 16
CUP_AND_HANDLE: Final = 18

# a point: where a pivot or a running extreme is, and what had been counted up to it
X: Final = 0
PRICE: Final = 1
KIND: Final = 2  # 1 a high, -1 a low
CONFIRMED: Final = 3  # x of the bar that made it known
ATR: Final = 4  # at the extreme
VOLUMES: Final = 5  # sum of volume since the state began
CLOSES: Final = 6  # sum of closes above the first close
BARS: Final = 7  # bars since the state began
POINT: Final = 8
PIVOTS: Final = 6  # pivots kept per scale, the newest last

# a leg: the swing that is under way at a scale
DIRECTION: Final = 0  # 1 up, -1 down, 0 not known yet
SINCE: Final = 1  # oriented lowest price since the running extreme
COUNT: Final = 2  # pivots so far
LEG: Final = 3

# what became of a leg at a bar
NOTHING: Final = 0
NEW_EXTREME: Final = 1
NEW_PIVOT: Final = 2

# a tail: the bars after the last extreme of one direction, where flags and handles are
END: Final = 0  # the extreme: a point
START: Final = 8  # where the leg to it began
RIM: Final = 16  # the extreme before that
BODY: Final = 24  # bars since the end
LOWEST: Final = 25  # oriented
LOWEST_X: Final = 26
FLAG: Final = 27  # NO_POLE and so on
CUP: Final = 28  # 1 the legs make a cup, 2 a handle was found
FLAG_ID: Final = 29  # of the newest reading
MISREAD: Final = 30  # readings of the body that came to nothing before a breakout
BODY_ROOM: Final = 64  # most bars of a body or handle
BODY_X: Final = 31
TOPS: Final = BODY_X + BODY_ROOM  # oriented highs of its bars
BOTTOMS: Final = TOPS + BODY_ROOM
TAIL: Final = BOTTOMS + BODY_ROOM

# what is known of a tail's body
NO_POLE: Final = 0  # or the body is over
POLE: Final = 1  # the leg is a pole
READ: Final = 2  # a flag or pennant is forming

# a pattern that is followed: a row of `patterns`
STAGE: Final = 0
ID: Final = 1
PATTERN: Final = 2
SCALE: Final = 3
SIDE: Final = 4  # 1 bullish, -1 bearish, 0 whichever line breaks
COMPLETION: Final = 5  # per cent
POINTS: Final = 6  # pivots of the pattern
POINT_X: Final = 7  # 6 of them
POINT_PRICE: Final = 13
UPPER: Final = 19  # a line: x0, p0, x1, p1
LOWER: Final = 23
HEIGHT: Final = 27  # what the measured move is made of
BASE: Final = 28  # where the move is measured from; nan: the level that broke
LEVEL: Final = 29  # that broke, or would
TARGET: Final = 30
INVALIDATION: Final = 31
EXPIRES: Final = 32  # x after which it is over
LENGTH: Final = 33  # bars from the first pivot to the last
QUALITY: Final = 34  # 0..1
VOLUME_TREND: Final = 35  # mean volume of the second part over that of the first
BREAKS: Final = 36  # closes beyond the level in a row, signed
FALSE_BREAKS: Final = 37  # breaks that were not confirmed
TOLERANCE: Final = 38  # distance at which a pivot still touches the lines
BEFORE: Final = 39  # readings of the same body that came to nothing before this one
BEYOND: Final = 40  # price that a close has to be beyond too to break the line; nan: the line will do
FOLLOWED: Final = 41
PATTERN_ROOM: Final = 64
REMEMBERED: Final = 64  # ids of the patterns admitted last

# an event: what was so at the bar, then the pattern's row
EVENT_X: Final = 0
REASON: Final = 1
EVENT_CLOSE: Final = 2
EVENT_ATR: Final = 3
EVENT_RATIO: Final = 4
OTHER: Final = 5  # id of the pattern it became, or came from; 0 none
EVENT_PATTERN: Final = 6
EVENT: Final = EVENT_PATTERN + FOLLOWED
ROOM_FOR_A_BAR: Final = 4 * PATTERN_ROOM

# stages
FORMING: Final = 1
COMPLETE: Final = 2
TARGET_MET: Final = 3
FAILED: Final = 4
EXPIRED: Final = 5
EVOLVED: Final = 6

# reasons
PIVOTS_KNOWN: Final = 0
BY_VOLUME: Final = 1
BY_TIME: Final = 2
TARGET_REACHED: Final = 3
BEFORE_BREAKOUT: Final = 4
AFTER_BREAKOUT: Final = 5
NO_BREAKOUT: Final = 6
NO_OUTCOME: Final = 7
BECAME: Final = 8
CROWDED_OUT: Final = 9
STILL_OPEN: Final = 10  # no event

# what lies where in the array
RANGES: Final = LIMITS_END  # the window of true ranges
VOLUMES_BEFORE: Final = RANGES + WINDOW  # the window of volumes that a bar's is compared with
CANDIDATE: Final = VOLUMES_BEFORE + WINDOW  # a pattern that is being looked at
ADMITTED_IDS: Final = CANDIDATE + FOLLOWED  # of the patterns admitted last
FIRST_PATTERN: Final = ADMITTED_IDS + REMEMBERED
SCRATCH: Final = FIRST_PATTERN + PATTERN_ROOM * FOLLOWED  # 4 points
FIRST_SCALE: Final = SCRATCH + 4 * POINT
# of a scale
MULTIPLE: Final = 0  # m
LEG_AT: Final = 1
EXTREME: Final = LEG_AT + LEG  # the running extreme
SEEDS: Final = EXTREME + POINT  # highest and lowest until the first pivot
PIVOTS_AT: Final = SEEDS + 2 * POINT
TAILS: Final = PIVOTS_AT + PIVOTS * POINT
SCALE_SIZE: Final = TAILS + 2 * TAIL

# the same memory by names
_POINT_FIELDS: Final = ("x", "price", "kind", "confirmed", "atr", "volumes", "closes", "bars")
_NOW_FIELDS: Final = (
    *("x", "high", "low", "close", "volume", "atr", "volumes", "closes", "bars", "first_close"),
    *("open_patterns", "admitted", "step", "last_close", "scales"),
)
POINT_RECORD: Final = np.dtype([(name, np.float64) for name in _POINT_FIELDS])
NOW_RECORD: Final = np.dtype([(name, np.float64) for name in _NOW_FIELDS])
"""The bar and what is measured with it: `m[:NOW_SIZE]`."""
NOW_SIZE: Final = SCALES + 1
SCALE_RECORD: Final = np.dtype(
    [
        *((name, np.float64) for name in ("multiple", "direction", "since", "count")),
        *((name, POINT_RECORD) for name in ("extreme", "highest", "lowest")),
        # one field each, as numba reads no array of records within a record; the newest is the last
        *((f"pivot_{number}", POINT_RECORD) for number in range(PIVOTS)),
        ("tails", np.float64, (2 * TAIL,)),
    ]
)
"""A scale: SCALE_SIZE numbers from FIRST_SCALE on, one scale after another."""


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Machine code for a part of the scan. Not kept on disk: that is done once for all (see `scan`)."""
    return compiled_with(function, cache=False, error_model="numpy")
