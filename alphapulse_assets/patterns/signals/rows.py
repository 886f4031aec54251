"""Decisions as rows: the same numbers, the same text, whether one signal is told or a year. Pure."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from alphapulse_assets.core.calendar_blocks import moment_of
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.evidence import shape_of
from alphapulse_assets.patterns.events.kernels import NOBODY
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.signals.decision import (
    AGAINST,
    ALIKE,
    ATR,
    BY_RULE,
    CAPPED,
    CONFIDENCE,
    ENTRY,
    EVIDENCE,
    EXPIRES,
    GRADE,
    LIMITED,
    LIMITS,
    NAMES,
    NET,
    NOTIONAL,
    OVERRIDDEN,
    REMARKS,
    REWARD,
    RISK,
    RISK_ATR,
    RUN,
    SCORE,
    SIZE,
    STOP,
    STOP_FROM,
    TARGET,
    TARGET_FROM,
)
from alphapulse_assets.patterns.signals.plans import remark_of
from alphapulse_assets.patterns.signals.steps import Steps

GRADES: Final = {
    -3: "strong_sell",
    -2: "sell",
    -1: "weak_sell",
    0: "neutral",
    1: "weak_buy",
    2: "buy",
    3: "strong_buy",
}

NUMBERS: Final = {
    "score": SCORE,
    "net": NET,
    "confidence": CONFIDENCE,
    "entry": ENTRY,
    "atr": ATR,
    "stop": STOP,
    "target": TARGET,
    "risk_atr": RISK_ATR,
    "reward_risk": REWARD,
    "size": SIZE,
    "notional": NOTIONAL,
    "risk": RISK,
}
"""Columns that are a decision's numbers as they are."""

BY_ATR: Final = "atr"
BY_REWARD: Final = "reward"
BY_REACHING: Final = "reach"
"""Stops and targets that are no pattern's: ATR behind the entry, a multiple of the risk, what the signal can
reach while it lives."""

_json: Final = msgspec.json.Encoder(order="sorted")


def fragment(row: dict[str, Any], confidence: float, configuration: PatternConfiguration) -> str:
    """The JSON of one pattern among the reasons: what it is, how sure, and its vote."""
    multiplier = configuration.confluence.multipliers[PATTERN_TIMEFRAMES.index(row["timeframe"])]
    shown = {name: row[name] for name in ("timeframe", "family", "pattern", "direction", "reference")}
    shown["known_at"] = row["known_at"].isoformat()
    shown["shape"] = shape_of(row["family"], row["pattern"])
    shown["confidence"], shown["weight"] = confidence, confidence * multiplier / 100.0
    return _json.encode(shown).decode()


def signal_row(
    decision: list[float],
    event: dict[str, Any],
    reasons: str,
    name_of: Callable[[int], str],
    configuration: PatternConfiguration,
    steps: Steps,
    logic_version: int,
) -> dict[str, Any]:
    """One decision as a row of SIGNAL_SCHEMA; `event` is its trigger, `name_of` names an event."""
    grade = int(decision[GRADE])
    stop_from = _source(decision[STOP_FROM], name_of, BY_ATR)
    known: dict[str, float | None] = {
        name: None if math.isnan(decision[at]) else decision[at] for name, at in NUMBERS.items()
    }
    return {
        **{name: event[name] for name in ("instrument_id", "timeframe", "ts", "known_at")},
        "signal": GRADES[grade],
        **known,
        "patterns": int(decision[NAMES]),
        "evidence": int(decision[EVIDENCE]),
        "run": int(decision[RUN]),
        "overridden_by": _timeframe(decision[OVERRIDDEN]),
        "against": _timeframe(decision[AGAINST]),
        "trigger": event["pattern"],
        "capped": None if math.isnan(decision[CAPPED]) else decision[CAPPED] > 0,
        "stop_from": stop_from,
        "target_from": _source(
            decision[TARGET_FROM], name_of, BY_REWARD if decision[TARGET_FROM] == BY_RULE else BY_REACHING
        ),
        "risk_limited_by": None if math.isnan(decision[LIMITED]) else LIMITS[int(decision[LIMITED])],
        "plan_remark": remark_of(int(decision[REMARKS]), stop_from),
        "tick_size": steps.tick or None,
        "lot_size": steps.lot or None,
        "expires_at": moment_of(int(decision[EXPIRES])) if grade else None,
        "reasons": reasons,
        "configuration_version": configuration.version,
        "logic_version": logic_version,
    }


def _timeframe(place: float) -> str | None:
    return None if place == NOBODY else PATTERN_TIMEFRAMES[int(place)]


def _source(number: float, name_of: Callable[[int], str], rule: str) -> str | None:
    """What a level is from: the name of a pattern, or a rule; None where there is no level."""
    if math.isnan(number):
        return None
    return name_of(int(number)) if number >= 0 else rule


def split(numbers: list[int], fragments: Mapping[int, str]) -> str:
    """The reasons' JSON from the kernel's numbers.

    `counted`: the pieces of evidence that vote, each by its surest pattern; `alike`: the other patterns of
    the same timeframe, bar, direction and shape, which do not vote; `overridden`: those that were dropped.
    """
    counted = ",".join(fragments[i] for i in numbers if 0 <= i < ALIKE)
    alike = ",".join(fragments[i - ALIKE] for i in numbers if i >= ALIKE)
    overridden = ",".join(fragments[~i] for i in numbers if i < 0)
    return f'{{"counted":[{counted}],"alike":[{alike}],"overridden":[{overridden}]}}'
