"""Buy and sell signals from confirmed patterns, with their reasons, stop, target and size. Pure.

Patterns that *count* at a moment: those that are live as in `confluence`, and whose confidence is at least
`least_confidence` with enough coverage. Those of one timeframe, bar, direction and shape are one piece of
evidence (`events.evidence`): the surest of them votes. A signal is decided for each timeframe with a new
pattern that counts.

1. Each piece votes for its direction with confidence / 100 x the multiplier of its timeframe.
2. A timeframe whose votes go against those of a higher one is overridden: its patterns are dropped. Decided
   from the highest timeframe down; one that is dropped overrides no other. If it is the signal's own
   timeframe, the signal is neutral and says by which.
3. net = (votes for - votes against) / all votes left; confidence = mean confidence of the winning pieces by
   multiplier; score = net x confidence, -100..100. Conflict within a timeframe so lowers the score.
4. |score| below 40 is neutral; weak from there; plain from 60 with two different shapes among the winning
   pieces: the same shape again, at another bar or on another timeframe, confirms nothing new; strong from 75
   if also two consecutive timeframes go that way. Where no new pattern of the timeframe goes the winning way
   it is neutral. Without a stop, with a reward/risk below 1, or against a signal of a higher timeframe that
   lives it is at most weak.
5. It lives as long as the votes of its own timeframe that it rests on: `life`.
6. Entry is the close. Stop, target and size: `plans`.
"""

import math
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.calendar_blocks import micros
from alphapulse_assets.patterns.events.arrays import arrays
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.evidence import numbered_shapes, shape_column, shape_of
from alphapulse_assets.patterns.events.kernels import EventArrays, Floats
from alphapulse_assets.patterns.events.model import IDENTITY, ordered
from alphapulse_assets.patterns.signals.decision import (
    DECISIONS,
    END_REASON,
    FIRST_REASON,
    TRIGGER,
    Scored,
    rules_of,
)
from alphapulse_assets.patterns.signals.kernels import decide_all
from alphapulse_assets.patterns.signals.life import empty_ledger, ledger_of
from alphapulse_assets.patterns.signals.plans import own_stop_column
from alphapulse_assets.patterns.signals.rows import GRADES, fragment, signal_row, split
from alphapulse_assets.patterns.signals.steps import NO_STEPS, Steps

LOGIC_VERSION: Final = 2
"""Bumped whenever the same scored events and configuration would give other signals."""

SIGNALS: Final = GRADES
"""What a signal says, by its grade."""

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
        "patterns": pl.Int64(),  # different winning patterns, by name
        "evidence": pl.Int64(),  # different shapes among the winning pieces of evidence
        "run": pl.Int64(),  # consecutive timeframes that go its way; 0 of a signal that does not stand
        "overridden_by": pl.String(),  # higher timeframe that goes the other way and counts
        "against": pl.String(),  # highest timeframe above with a live signal the other way
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
        "stop_from": pl.String(),  # the pattern whose stop it is, or BY_ATR
        "target_from": pl.String(),  # the pattern whose target it is, BY_REWARD or BY_REACHING
        "risk_limited_by": pl.String(),  # one of LIMITS: why less than risk_fraction is at risk
        "plan_remark": pl.String(),  # what is to be said of the plan
        "tick_size": pl.Float64(),  # price step that stop and target are on; null without
        "lot_size": pl.Float64(),  # step that the size is on; null without
        "expires_at": pl.Datetime("us", "UTC"),  # null of neutral signals
        "reasons": pl.String(),  # JSON: patterns counted and those overridden, each with its weight
        "configuration_version": pl.Int64(),
        "logic_version": pl.Int64(),
    }
)
"""One row per timeframe and close with a new pattern that counts, by which it is unique."""

ROWS_AT_ONCE: Final = 4_096
REASONS_AT_ONCE: Final = 262_144


def signals(
    events: pl.DataFrame,
    confidences: pl.DataFrame,
    *,
    start: datetime | None = None,
    standing: pl.DataFrame | None = None,
    steps: Steps = NO_STEPS,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """SIGNAL_SCHEMA of one instrument, sorted by known_at and timeframe.

    Args:
        events: PATTERN_EVENT_SCHEMA of all timeframes, from `confluence.frame_start` on.
        confidences: CONFIDENCE_SCHEMA of the same events; an event without a row does not count.
        start: rows known before are left out.
        standing: STANDING_SCHEMA, known before `start`, a life of each timeframe back: those that live
            then take their part of the symbol's budget. None: those that these events give.
        steps: of the instrument's prices and sizes.
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
    rows = rows.with_columns(own_stop_column(), shape_column())
    if (unknown := rows.filter(pl.col("shape").is_null())).height:
        shape_of(unknown["family"][0], unknown["pattern"][0])
    names = ("counted", "price", "atr", "target", "own_stop")
    numbers = rows["shape"].replace_strict(numbered_shapes(), return_dtype=pl.Int64)
    sure, price, atr, target, stop = (
        rows[name].cast(pl.Float64).fill_null(math.nan).to_numpy() for name in names
    )
    scored = Scored(sure, price, atr, target, stop, numbers.to_numpy())
    decisions, reasons = _decisions(found, scored, rows, configuration, start, standing, steps)
    return _frame(decisions, reasons, rows, configuration, steps)


def _decisions(
    events: EventArrays,
    scored: Scored,
    rows: pl.DataFrame,
    configuration: PatternConfiguration,
    start: datetime | None,
    standing: pl.DataFrame | None,
    steps: Steps,
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
    ledger = empty_ledger(configuration)
    split_at, after = int(np.searchsorted(events.known, first)), len(events.known)
    begin = count = 0
    while begin < after:
        if begin == split_at and standing is not None:
            ledger = ledger_of(standing, configuration)
        stop = split_at if begin < split_at else after
        begin, count, told, _ = decide_all(
            events, scored, begin, stop, live, count, rules, steps, ledger, room, used
        )
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
    decisions: Floats,
    texts: list[str],
    rows: pl.DataFrame,
    configuration: PatternConfiguration,
    steps: Steps,
) -> pl.DataFrame:
    """`signal_row` of all decisions."""
    name_of = rows["pattern"].__getitem__
    shown = rows.select("instrument_id", "timeframe", "ts", "known_at", "pattern")
    triggers = shown[decisions[:, TRIGGER].astype(np.int64)].iter_rows(named=True)
    told = [
        signal_row(decision, trigger, text, name_of, configuration, steps, LOGIC_VERSION)
        for decision, trigger, text in zip(decisions.tolist(), triggers, texts, strict=True)
    ]
    return pl.DataFrame(told, schema=SIGNAL_SCHEMA)
