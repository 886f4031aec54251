"""What the kernels read and write: columns of a decision, what is read of an event, the rules' numbers."""

from typing import Final, NamedTuple

import numpy as np

from alphapulse_assets.patterns.events.arrays import micros_of
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.kernels import Floats, Integers
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES

# columns of a decision
TRIGGER: Final = 0  # number of the event
PLACE: Final = 1
GRADE: Final = 2  # -3 strong sell .. 3 strong buy
NET: Final = 3
SCORE: Final = 4
CONFIDENCE: Final = 5
NAMES: Final = 6  # different winning patterns
EVIDENCE: Final = 7  # different shapes among the pieces of evidence that win
RUN: Final = 8
OVERRIDDEN: Final = 9  # place, or NOBODY
AGAINST: Final = 10  # place, or NOBODY
ENTRY: Final = 11
ATR: Final = 12
STOP: Final = 13  # this and what follows up to EXPIRES NaN where there is no plan
TARGET: Final = 14
RISK_ATR: Final = 15
REWARD: Final = 16
SIZE: Final = 17
NOTIONAL: Final = 18
RISK: Final = 19
CAPPED: Final = 20
STOP_FROM: Final = 21  # number of an event, or BY_RULE
TARGET_FROM: Final = 22  # number of an event, BY_RULE or BY_REACH
LIMITED: Final = 23  # place in LIMITS
REMARKS: Final = 24  # sum of remarks
EXPIRES: Final = 25  # microseconds since 1970; NaN of neutral decisions
FIRST_REASON: Final = 26
END_REASON: Final = 27
DECISIONS: Final = 28

BY_RULE: Final = -1
BY_REACH: Final = -2

ALIKE: Final = 1 << 40
"""Added to the number of a reason that is the same piece of evidence as a surer one."""

# remarks on a plan, powers of two
SET_BACK: Final = 1
NONE_FIT: Final = 2
AT_REACH: Final = 4
POOR: Final = 8
NO_PLAN: Final = 16
AGAINST_HIGHER: Final = 32

LIMITS: Final = (None, "position_cap", "symbol_budget", "lot_size", "minimum", "weak")
"""Why a signal risks less than `risk_fraction` of the equity: the cap of a position, what other signals of
the symbol leave of its budget, the step of sizes, a size below the smallest, or that it is weak: those are
not sized."""
BY_CAP: Final = 1
BY_BUDGET: Final = 2
BY_LOT: Final = 3
BY_MINIMUM: Final = 4
BY_WEAKNESS: Final = 5


class Scored(NamedTuple):
    """What a decision reads of each event beside its place in time; NaN where not known."""

    confidence: Floats  # NaN where it is too low, or too little is known, for the event to count
    price: Floats
    atr: Floats
    target: Floats
    stop: Floats  # the pattern's own
    shape: Integers  # a number per shape


class Rules(NamedTuple):
    """The configuration as the kernel reads it."""

    multipliers: Floats
    lengths: Floats  # of bars, in microseconds, by place
    weak: float
    normal: float
    strong: float
    confirming: int
    strong_run: int
    stop_atr: float
    nearest_stop: float
    farthest_stop: float
    reward: float
    least_reward: float
    reach: float
    equity: float
    risk_fraction: float
    cap_fraction: float
    symbol_risk: float  # quote currency
    symbol_cap: float  # quote currency


def rules_of(configuration: PatternConfiguration) -> Rules:
    """The numbers of a configuration."""
    signals, sizing = configuration.signals, configuration.sizing
    return Rules(
        np.array(configuration.confluence.multipliers),
        np.array([float(micros_of(name)) for name in PATTERN_TIMEFRAMES]),
        signals.weak,
        signals.normal,
        signals.strong,
        signals.confirming,
        signals.strong_timeframes,
        signals.stop_atr,
        signals.nearest_stop_atr,
        signals.farthest_stop_atr,
        signals.reward,
        signals.least_reward,
        signals.reach,
        sizing.equity,
        sizing.risk_fraction,
        sizing.cap_fraction,
        sizing.equity * sizing.symbol_risk_fraction,
        sizing.equity * sizing.symbol_cap_fraction,
    )
