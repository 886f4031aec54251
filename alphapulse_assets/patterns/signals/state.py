"""Confidence, confluence and signals of one symbol at the moment its candles close: as batch, live. Pure.

The same kernels run over a small buffer that holds the patterns still alive. A moment costs as much as there
are events at it and patterns alive, however long the state has been running.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Self

import numpy as np
import polars as pl

from alphapulse_assets.core.calendar_blocks import micros, moment_of
from alphapulse_assets.patterns.evaluation.success import SuccessTable
from alphapulse_assets.patterns.events.arrays import Key, expires_of, key_of, lives
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.evidence import numbered_shapes, shape_of
from alphapulse_assets.patterns.events.kernels import NOBODY, PLACES, EventArrays, advance, lean
from alphapulse_assets.patterns.events.kinds import SIGNS
from alphapulse_assets.patterns.events.model import (
    CONFIRMED,
    ENDED,
    IDENTITY,
    PatternEvent,
    order_of,
    ordered,
    place,
)
from alphapulse_assets.patterns.scoring.confidence import NATURES, confidence_row
from alphapulse_assets.patterns.scoring.confluence import confluence_rows
from alphapulse_assets.patterns.scoring.context import NUMBERS
from alphapulse_assets.patterns.scoring.kernels import CONTEXTS, SCORES, Subjects, limits, score
from alphapulse_assets.patterns.signals.batch import LOGIC_VERSION
from alphapulse_assets.patterns.signals.decision import (
    DECISIONS,
    END_REASON,
    FIRST_REASON,
    TRIGGER,
    Scored,
    rules_of,
)
from alphapulse_assets.patterns.signals.kernels import decide_group
from alphapulse_assets.patterns.signals.life import empty_ledger, ledger_of
from alphapulse_assets.patterns.signals.plans import own_stop
from alphapulse_assets.patterns.signals.rows import fragment, signal_row, split
from alphapulse_assets.patterns.signals.steps import NO_STEPS, Steps

_ROOM: Final = 1_024
"""Events the buffer holds before those that count no more are let go."""

_NEVER: Final = -(2**62)
_SHAPES: Final = numbered_shapes()


class Moment(NamedTuple):
    """What became known at one moment, as rows by name, in the order of the batch."""

    confidences: list[dict[str, Any]]  # CONFIDENCE_SCHEMA
    confluence: list[dict[str, Any]]  # CONFLUENCE_SCHEMA
    relationships: list[dict[str, Any]]  # RELATIONSHIP_SCHEMA
    signals: list[dict[str, Any]]  # SIGNAL_SCHEMA


class SignalState:
    """The patterns of one symbol that are alive, on all its timeframes."""

    def __init__(
        self,
        success: SuccessTable | None = None,
        configuration: PatternConfiguration = DEFAULT,
        steps: Steps = NO_STEPS,
    ) -> None:
        """`success`: what history knows; give a newer one by `learn`. `steps`: of prices and sizes."""
        self._configuration = configuration
        self._life = lives(configuration.confluence)
        self._limits, self._rules = limits(configuration), rules_of(configuration)
        self._success = success
        self._steps, self._ledger = steps, empty_ledger(configuration)
        self._kinds: dict[tuple[str, str], int] = {}
        self._last = _NEVER
        self._clear(_ROOM)

    @classmethod
    def warm(
        cls,
        events: pl.DataFrame,
        confidences: pl.DataFrame,
        success: SuccessTable | None = None,
        configuration: PatternConfiguration = DEFAULT,
        steps: Steps = NO_STEPS,
        standing: pl.DataFrame | None = None,
    ) -> Self:
        """The state after these events (PATTERN_EVENT_SCHEMA) with their CONFIDENCE_SCHEMA rows.

        They go back to `confluence.frame_start` of the next moment, or further; so do the signals that were
        given (`standing`, STANDING_SCHEMA), of which those that live take their part of the budget.

        Raises:
            ValueError: as `events.ordered`.
        """
        state = cls(success, configuration, steps)
        if standing is not None:
            state._ledger = ledger_of(standing, configuration)
        told = confidences.select(*IDENTITY, "confidence", "level")
        rows = ordered(events).join(told, on=IDENTITY, how="left", nulls_equal=True, maintain_order="left")
        for group in rows.partition_by("known_at", maintain_order=True):
            scores = [(row["confidence"], row["level"]) for row in group.iter_rows(named=True)]
            begin = state._take([PatternEvent.of(row) for row in group.iter_rows(named=True)])
            for i, (sure, level) in enumerate(scores):
                state._set_counted(begin + i, sure, level)
        return state

    def learn(self, success: SuccessTable | None) -> None:
        """Use newer success rates from the next moment on."""
        self._success = success

    def update(self, events: Sequence[PatternEvent], contexts: Mapping[str, Mapping[str, Any]]) -> Moment:
        """Take all events of one `known_at`, of all timeframes that closed then; what they amount to.

        Args:
            events: at least one, any order; the next moment after the last one.
            contexts: the row of CONTEXT_SCHEMA of each timeframe's bar; where there is none nothing of it is
                known.

        Raises:
            ValueError: events of several moments, or not after the last ones; history from the future.
        """
        if not events:
            raise ValueError("no events; a moment without any needs no update")
        group = sorted(events, key=order_of)
        now = group[0].known_at
        if self._success is not None and self._success.known_at is not None and self._success.known_at > now:
            raise ValueError(f"success rates as of {self._success.as_of} are not known at {now}")
        begin = self._take(group)
        found = self._arrays()
        stances, leaders = np.empty((1, PLACES), dtype=np.int64), np.empty(PLACES, dtype=np.int64)
        margin = self._configuration.confluence.margin
        lean(found, self._live, self._alive, margin, stances[0], leaders)
        confidences = self._score(group, begin, contexts, stances)
        met = confluence_rows(
            group, stances[0].tolist(), self._leaders(leaders.tolist()), self._configuration
        )
        return Moment(confidences, *met, self._decide(begin))

    def _clear(self, size: int) -> None:
        """An empty buffer for so many events."""
        # known, expires, place, sign, ends, kind, shape; strength, confidence, price, ATR, target, own stop
        self._whole, self._parts = np.zeros((7, size), dtype=np.int64), np.full((6, size), math.nan)
        self._live = np.zeros(size, dtype=np.int64)
        self._events: list[PatternEvent] = []
        self._fragments: dict[int, str] = {}
        self._confirmed: dict[Key, int] = {}
        self._count = self._alive = 0

    def _make_room(self, size: int) -> None:
        """Begin again with the events that are alive at the front of a buffer for so many."""
        alive = self._live[: self._alive].tolist()
        whole, parts, events, fragments = self._whole, self._parts, self._events, self._fragments
        self._clear(size)
        self._count = self._alive = len(alive)
        self._whole[:, : len(alive)], self._parts[:, : len(alive)] = whole[:, alive], parts[:, alive]
        self._whole[4, : len(alive)] = NOBODY
        self._live[: len(alive)] = np.arange(len(alive))
        for new, i in enumerate(alive):
            self._events.append(events[i])
            if i in fragments:
                self._fragments[new] = fragments[i]
            if (key := key_of(events[i])) is not None:
                self._confirmed[key] = new

    def _take(self, group: Sequence[PatternEvent]) -> int:
        """Put the events of one moment behind the others and let the past go; where they begin."""
        if any(event.known_at != group[0].known_at for event in group):
            raise ValueError("events of several moments; take them moment by moment")
        for event in group:
            if (event.timeframe, event.family) not in self._life or event.direction not in SIGNS:
                raise ValueError(f"{event} is of an unknown family or direction")
        owner = self._events[-1] if self._events else group[0]
        if any(event.instrument_id != owner.instrument_id for event in group):
            raise ValueError(
                f"events of other instruments than {owner.instrument_id}; each has a state of its own"
            )
        now = micros(group[0].known_at)
        if now <= self._last:
            raise ValueError(
                f"the events of {group[0].known_at} do not come after {moment_of(self._last)}, the last "
                "ones: take all timeframes of a moment at once; for a corrected bar, warm a new state"
            )
        if self._count + len(group) > self._whole.shape[1]:
            self._make_room(max(_ROOM, 2 * (self._alive + len(group))))
        begin = self._count
        for event in group:
            self._put(event, now)
        self._last = now
        self._alive = advance(self._arrays(), begin, self._count, self._live, self._alive)
        return begin

    def _put(self, event: PatternEvent, now: int) -> None:
        i, key, ends = self._count, key_of(event), NOBODY
        if key is not None and event.stage == CONFIRMED:
            self._confirmed[key] = i
        elif key is not None and event.stage in ENDED:
            ends = self._confirmed.get(key, NOBODY)
        kind = self._kinds.setdefault((event.family, event.pattern), len(self._kinds))
        expires = expires_of(event, self._life)
        shape = _SHAPES[shape_of(event.family, event.pattern)]
        self._whole[:, i] = (now, expires, place(event.timeframe), SIGNS[event.direction], ends, kind, shape)
        known = (event.strength, None, event.price, event.atr, event.target, own_stop(event))
        self._parts[:, i] = [math.nan if value is None else value for value in known]
        self._events.append(event)
        self._count += 1

    def _arrays(self) -> EventArrays:
        known, expires, places, signs, ends, kinds = self._whole[:6, : self._count]
        return EventArrays(known, expires, places, signs, self._parts[0, : self._count], ends, kinds)

    def _score(
        self,
        group: Sequence[PatternEvent],
        begin: int,
        contexts: Mapping[str, Mapping[str, Any]],
        stances: np.ndarray[Any, np.dtype[np.int64]],
    ) -> list[dict[str, Any]]:
        """The confidences of the new events, which are counted from now on where they are enough."""
        known: list[list[float | None]] = []
        for event in group:
            row = contexts.get(event.timeframe)
            known.append([None] * (CONTEXTS + 1) if row is None else [row[name] for name in NUMBERS])
            regime = None if row is None else row["regime"]
            excess = None if self._success is None else self._success.excess(event, regime)
            known[-1][CONTEXTS:] = [excess]
        values = np.array([[math.nan if v is None else v for v in row] for row in known])
        scores = np.empty((len(group), SCORES))
        subjects = Subjects(
            place=self._whole[2, begin : self._count],
            sign=self._whole[3, begin : self._count],
            nature=np.array([NATURES[event.nature] for event in group]),
            strength=self._parts[0, begin : self._count],
            atr=self._parts[3, begin : self._count],
            context=np.ascontiguousarray(values[:, :CONTEXTS]),
            excess=np.ascontiguousarray(values[:, CONTEXTS]),
            group=np.zeros(len(group), dtype=np.int64),
            stances=stances,
        )
        score(subjects, self._limits, scores)
        as_of = None if self._success is None else self._success.as_of
        told = [
            confidence_row(event, numbers, as_of, self._configuration)
            for event, numbers in zip(group, scores.tolist(), strict=True)
        ]
        for i, row_ in enumerate(told):
            self._set_counted(begin + i, row_["confidence"], row_["level"])
        return told

    def _set_counted(self, i: int, sure: float | None, level: str | None) -> None:
        """Let a pattern count if it is sure enough."""
        least = self._configuration.signals.least_confidence
        if sure is not None and level is not None and sure >= least:
            self._parts[1, i] = sure
            self._fragments[i] = fragment(self._events[i]._asdict(), sure, self._configuration)

    def _leaders(self, numbers: Sequence[int]) -> list[PatternEvent | None]:
        return [None if i == NOBODY else self._events[i] for i in numbers]

    def _name_of(self, number: int) -> str:
        return self._events[number].pattern

    def _decide(self, begin: int) -> list[dict[str, Any]]:
        sure, price, atr, target, stop = self._parts[1:, : self._count]
        scored = Scored(sure, price, atr, target, stop, self._whole[6, : self._count])
        decisions, reasons = np.empty((PLACES, DECISIONS)), np.empty(self._alive, dtype=np.int64)
        rows, _ = decide_group(
            self._arrays(),
            scored,
            begin,
            self._count,
            self._live,
            self._alive,
            self._rules,
            self._steps,
            self._ledger,
            decisions,
            0,
            reasons,
            0,
        )
        told = []
        for decision in decisions[:rows].tolist():
            numbers = reasons[int(decision[FIRST_REASON]) : int(decision[END_REASON])].tolist()
            event = self._events[int(decision[TRIGGER])]._asdict()
            text = split(numbers, self._fragments)
            told.append(
                signal_row(
                    decision, event, text, self._name_of, self._configuration, self._steps, LOGIC_VERSION
                )
            )
        return told
