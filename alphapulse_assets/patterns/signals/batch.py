"""Buy and sell signals from confirmed patterns, with their reasons, stop, target and size. Pure.

Patterns that *count* at a moment: those that are live as in `confluence`, and whose confidence is at least
`least_confidence` with enough coverage. A signal is decided for each timeframe with a new one among them.

1. Each pattern votes for its direction with confidence / 100 x the multiplier of its timeframe.
2. A timeframe whose votes go against those of a higher one is overridden: its patterns are dropped. Decided
   from the highest timeframe down; one that is dropped overrides no other. If it is the signal's own
   timeframe, the signal is neutral and says by which.
3. net = (votes for - votes against) / all votes left; confidence = mean confidence of the winning patterns by
   multiplier; score = net x confidence, -100..100. Conflict within a timeframe so lowers the score.
4. |score| below 40 is neutral; weak from there; plain from 60 with two different winning patterns; strong
   from 75 if also two consecutive timeframes go that way. Where no new pattern of the timeframe goes the
   winning way it is neutral. Without a stop, or with a reward/risk below 1, it is at most weak.
5. Entry is the close. Stop and target are those of the surest winning pattern of the timeframe whose
   invalidation lies 0.5 to 4 ATR behind the entry; else 2 ATR, and twice the risk. Size: `sizing`.
6. It expires after 5 bars of its timeframe.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np
import polars as pl

from alphapulse_assets.core.calendar_blocks import micros
from alphapulse_assets.patterns.events.arrays import arrays
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.kernels import NOBODY, EventArrays, Floats
from alphapulse_assets.patterns.events.model import IDENTITY, PATTERN_TIMEFRAMES, ordered
from alphapulse_assets.patterns.signals.kernels import (
    ATR,
    CAPPED,
    CONFIDENCE,
    CONFIRMING_PATTERNS,
    DECISIONS,
    END_REASON,
    ENTRY,
    FIRST_REASON,
    GRADE,
    NET,
    NOTIONAL,
    OVERRIDDEN,
    REWARD,
    RISK,
    RISK_ATR,
    RUN,
    SCORE,
    SIZE,
    STOP,
    TARGET,
    TRIGGER,
    Scored,
    decide_all,
    rules_of,
)
from alphapulse_resources.frames import TIMEFRAMES as LENGTHS

LOGIC_VERSION: Final = 2
"""Bumped whenever the same scored events and configuration would give other signals."""

SIGNALS: Final = {
    -3: "strong_sell",
    -2: "sell",
    -1: "weak_sell",
    0: "neutral",
    1: "weak_buy",
    2: "buy",
    3: "strong_buy",
}

SIGNAL_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),
        "ts": pl.Datetime("us", "UTC"),  # open time of the bar whose close told
        "known_at": pl.Datetime("us", "UTC"),
        "signal": pl.String(),  # one of SIGNALS
        "score": pl.Float64(),  # -100..100
        "net": pl.Float64(),  # -1..1
        "confidence": pl.Float64(),  # 0..100, of the winning patterns; null where no side wins
        "patterns": pl.Int64(),  # different winning patterns
        "run": pl.Int64(),  # consecutive timeframes that go its way; 0 of a signal that does not stand
        "overridden_by": pl.String(),  # higher timeframe that goes the other way and counts
        "trigger": pl.String(),  # the surest new pattern
        "entry": pl.Float64(),
        "atr": pl.Float64(),
        "stop": pl.Float64(),  # this and the following null of neutral signals, and without an ATR
        "target": pl.Float64(),
        "risk_atr": pl.Float64(),  # entry to stop
        "reward_risk": pl.Float64(),
        "size": pl.Float64(),  # base units
        "notional": pl.Float64(),  # quote currency
        "risk": pl.Float64(),  # quote currency lost at the stop
        "capped": pl.Boolean(),
        "expires_at": pl.Datetime("us", "UTC"),  # null of neutral signals
        "reasons": pl.String(),  # JSON: patterns counted and those overridden, each with its weight
        "configuration_version": pl.Int64(),
        "logic_version": pl.Int64(),
    }
)
"""One row per timeframe and close with a new pattern that counts, by which it is unique."""

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

ROWS_AT_ONCE: Final = 4_096
REASONS_AT_ONCE: Final = 262_144

_json: Final = msgspec.json.Encoder(order="sorted")


def signals(
    events: pl.DataFrame,
    confidences: pl.DataFrame,
    *,
    start: datetime | None = None,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """SIGNAL_SCHEMA of one instrument, sorted by known_at and timeframe.

    Args:
        events: PATTERN_EVENT_SCHEMA of all timeframes, from `confluence.frame_start` on.
        confidences: CONFIDENCE_SCHEMA of the same events; an event without a row does not count.
        start: rows known before are left out.
        configuration: the rules.

    Raises:
        ValueError: as `events.ordered`, or two confidences of one event.
    """
    told = confidences.select(*IDENTITY, "confidence", "level")
    rows = ordered(events).join(told, on=IDENTITY, how="left", nulls_equal=True, maintain_order="left")
    if rows.height != events.height:
        raise ValueError("two confidences of one event; read those of one configuration and logic version")
    found = arrays(rows, configuration.confluence)
    least = configuration.signals.least_confidence
    counts = pl.col("level").is_not_null() & (pl.col("confidence") >= least)
    rows = rows.with_columns(pl.when(counts).then(pl.col("confidence")).alias("counted"))
    names = ("counted", "price", "atr", "target", "invalidation")
    scored = Scored(*(rows[name].cast(pl.Float64).fill_null(math.nan).to_numpy() for name in names))
    decisions, reasons = _decisions(found, scored, rows, configuration, start)
    return _frame(decisions, reasons, rows, configuration)


def fragment(row: dict[str, Any], confidence: float, configuration: PatternConfiguration) -> str:
    """The JSON of one pattern among the reasons: what it is, how sure, and its vote."""
    multiplier = configuration.confluence.multipliers[PATTERN_TIMEFRAMES.index(row["timeframe"])]
    shown = {name: row[name] for name in ("timeframe", "family", "pattern", "direction", "reference")}
    shown["known_at"] = row["known_at"].isoformat()
    shown["confidence"], shown["weight"] = confidence, confidence * multiplier / 100.0
    return _json.encode(shown).decode()


def signal_row(
    decision: list[float], event: dict[str, Any], reasons: str, configuration: PatternConfiguration
) -> dict[str, Any]:
    """One decision as a row of SIGNAL_SCHEMA; `event` is its trigger."""
    grade = int(decision[GRADE])
    by = int(decision[OVERRIDDEN])
    life = configuration.signals.life * LENGTHS[event["timeframe"]]
    known: dict[str, float | None] = {
        name: None if math.isnan(decision[at]) else decision[at] for name, at in NUMBERS.items()
    }
    return {
        **{name: event[name] for name in ("instrument_id", "timeframe", "ts", "known_at")},
        "signal": SIGNALS[grade],
        **known,
        "patterns": int(decision[CONFIRMING_PATTERNS]),
        "run": int(decision[RUN]),
        "overridden_by": None if by == NOBODY else PATTERN_TIMEFRAMES[by],
        "trigger": event["pattern"],
        "capped": None if math.isnan(decision[CAPPED]) else decision[CAPPED] > 0,
        "expires_at": event["known_at"] + life if grade else None,
        "reasons": reasons,
        "configuration_version": configuration.version,
        "logic_version": LOGIC_VERSION,
    }


def split(numbers: list[int], fragments: Mapping[int, str]) -> str:
    """The reasons' JSON from the kernel's numbers: those of overridden patterns are turned below 0."""
    counted = ",".join(fragments[i] for i in numbers if i >= 0)
    overridden = ",".join(fragments[~i] for i in numbers if i < 0)
    return f'{{"counted":[{counted}],"overridden":[{overridden}]}}'


def _decisions(
    events: EventArrays,
    scored: Scored,
    rows: pl.DataFrame,
    configuration: PatternConfiguration,
    start: datetime | None,
) -> tuple[Floats, list[str]]:
    """All decisions known from `start` on, each with the text of its reasons."""
    live = np.empty(len(events.known), dtype=np.int64)
    most = max(REASONS_AT_ONCE, len(events.known))  # as many as can live at once
    room, used = np.empty((ROWS_AT_ONCE, DECISIONS)), np.empty(most, dtype=np.int64)
    rules = rules_of(configuration)
    first = -(2**62) if start is None else micros(start)
    fragments = _Fragments(rows, configuration)
    kept: list[Floats] = [room[:0].copy()]
    texts: list[str] = []
    begin = count = 0
    while begin < len(events.known):
        begin, count, told, _ = decide_all(events, scored, begin, live, count, rules, room, used)
        found = room[:told]
        found = found[events.known[found[:, TRIGGER].astype(np.int64)] >= first].copy()
        kept.append(found)
        for one, end in found[:, (FIRST_REASON, END_REASON)].astype(np.int64).tolist():
            texts.append(split(used[one:end].tolist(), fragments))
    return np.concatenate(kept), texts


class _Fragments(dict[int, str]):
    """The JSON of each event, made when it is first a reason."""

    def __init__(self, rows: pl.DataFrame, configuration: PatternConfiguration) -> None:
        super().__init__()
        self._rows, self._configuration = rows.select(*IDENTITY, "confidence"), configuration

    def __missing__(self, number: int) -> str:
        row = self._rows.row(number, named=True)
        self[number] = fragment(row, row["confidence"], self._configuration)
        return self[number]


def _frame(
    decisions: Floats, texts: list[str], rows: pl.DataFrame, configuration: PatternConfiguration
) -> pl.DataFrame:
    """`signal_row` of all decisions."""
    shown = rows.select("instrument_id", "timeframe", "ts", "known_at", "pattern")
    triggers = shown[decisions[:, TRIGGER].astype(np.int64)].iter_rows(named=True)
    told = [
        signal_row(decision, trigger, text, configuration)
        for decision, trigger, text in zip(decisions.tolist(), triggers, texts, strict=True)
    ]
    return pl.DataFrame(told, schema=SIGNAL_SCHEMA)
