"""When confidence, confluence and signals are computed, for whom, and how they are written.

An instrument's timeframes go together, and a window is one of moments (`known_at`): the rows of a window are
written to all four tables in one transaction. As with `deriving`, `days` computes the partitions of a run
and `changed` what `derived_dirty` says is due.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

import polars as pl
import psycopg

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.core.windows import Window
from alphapulse_assets.datasets.derivation import DAY, DerivationResult, midnight
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.scoring import confidence, confluence
from alphapulse_assets.patterns.signals import batch as signals
from alphapulse_assets.patterns.signals.scoring import Scores, scored
from alphapulse_assets.patterns.signals.scoring_inputs import ScoringInputs
from alphapulse_assets.patterns.signals.steps import steps_of
from alphapulse_assets.patterns.signals.stored_form import FRAMES
from alphapulse_assets.patterns.signals.tables import (
    PATTERN_CONFIDENCES,
    PATTERN_CONFLUENCES,
    PATTERN_RELATIONSHIPS,
    SIGNAL_EVENTS,
)
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore, Mark, Subject
from alphapulse_resources.database.tables import Table
from alphapulse_resources.frames import floor_time

DATASET: Final = "signals"
"""The name of all of it among the data sets that changed bars make due."""

UPSTREAM: Final = ("market_regime", "volume_patterns", "candlestick_patterns", "chart_patterns")
"""Data sets whose rows are read here."""

OUTPUTS: Final[Mapping[str, tuple[int, Mapping[str, Table]]]] = {
    "pattern_confidence": (confidence.LOGIC_VERSION, {"confidences": PATTERN_CONFIDENCES}),
    "pattern_confluence": (
        confluence.LOGIC_VERSION,
        {"confluences": PATTERN_CONFLUENCES, "relationships": PATTERN_RELATIONSHIPS},
    ),
    "signals": (signals.LOGIC_VERSION, {"signals": SIGNAL_EVENTS}),
}
"""By asset: the version of its rules, and the table of each of its frames in `Scores`."""

AT_ONCE: Final = timedelta(weeks=1)
"""Moments that are computed in one go: some 10,000 events of a symbol (ours)."""

LONG: Final = timedelta(weeks=26)
"""The same of a time without minutes, of which 5m or longer bars are there (ours)."""

_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(slots=True)
class Scored:
    """What a run computed, by asset."""

    outputs: dict[str, DerivationResult] = field(
        default_factory=lambda: {name: DerivationResult(version) for name, (version, _) in OUTPUTS.items()}
    )

    def subject(self, subject: Subject) -> None:
        """An instrument that was looked at."""
        for derived in self.outputs.values():
            derived.subjects.append(subject)

    def reached(self, subject: Subject, day: date) -> None:
        """The day up to which one was computed: what a stream wrote of it is confirmed."""
        for derived in self.outputs.values():
            if subject not in derived.failures:
                derived.reached.add((subject.instrument_id, day))

    def failed(self, subject: Subject, reason: str) -> None:
        """One that could not be computed."""
        for derived in self.outputs.values():
            derived.failures[subject] = reason


class Scoring:
    """Confidence, confluence and signals in one database at one moment, by one configuration."""

    def __init__(self, store: DerivedStore, configuration: PatternConfiguration, now: datetime) -> None:
        self.store = store
        self._configuration = configuration
        self._now = now
        self._inputs = ScoringInputs(store, configuration)

    def days(self, days: Mapping[str, Sequence[date]], symbols: Sequence[str] | None = None) -> Scored:
        """Every moment from the start of the first to the end of the last day of each venue."""
        found = Scored()
        for venue, venue_days in days.items():
            window = midnight(min(venue_days)), min(midnight(max(venue_days)) + DAY, self._now)
            for subject in self.store.tracked([venue], symbols):
                self._subject(found, subject, window)
        return found

    def changed(self) -> Scored:
        """What `derived_dirty` says is due, of instruments whose patterns of past days have caught up.

        A corrected bar shows in everything known from its day on: patterns live, and regimes remember. What
        changed today alone waits for the next bar to close.
        """
        found = Scored()
        waiting = self._waiting()
        marks = groupby(self.store.marks(DATASET), key=lambda mark: mark.instrument_id)
        due = {key: list(group) for key, group in marks if key not in waiting}
        # the newest first: who waits for today waits for nobody's history
        for subject in sorted(
            self.store.subjects(list(due)),
            key=lambda each: min(mark.day for mark in due[each.instrument_id]),
            reverse=True,
        ):
            mine = due[subject.instrument_id]
            window = midnight(min(mark.day for mark in mine)), self._end(subject)
            told = self._is_told(subject, mine)
            if told or self._subject(found, subject, window):
                self.store.forget(DATASET, mine)
            if not told and (known := self._known_until(subject, window)) is not None:
                found.reached(subject, (known - bar_length("1m")).date())
        return found

    def compute(self, subject: Subject, start: datetime, end: datetime) -> Scores:
        """What becomes known of an instrument in [start, end), from nothing that is known later.

        Raises:
            ValueError: candles or events that cannot be; the message says where.
        """
        events = self._inputs.events(subject, start, end)
        contexts = self._inputs.contexts(subject, start, end)
        history = self._inputs.history(events)
        return scored(
            events,
            contexts,
            history,
            start,
            end,
            standing=self._inputs.standing(subject, start),
            steps=steps_of(subject.tick_size, subject.lot_size),
            configuration=self._configuration,
        )

    def scope(self, subject: Subject, version: int) -> dict[str, int | str]:
        """What rows of an instrument share that were made by a version of the rules."""
        return {
            "instrument_id": subject.instrument_id,
            "logic_version": version,
            "configuration_version": self._configuration.version,
        }

    def _subject(self, found: Scored, subject: Subject, window: Window) -> bool:
        """Compute and write a window of one instrument; False where its rows cannot be computed with."""
        found.subject(subject)
        try:
            for piece in self._pieces(subject, window):
                self._piece(found, subject, piece)
        except ValueError as error:  # the pure functions refuse rows that cannot be; others go on
            found.failed(subject, str(error))
            return False
        return True

    def _piece(self, found: Scored, subject: Subject, window: Window) -> None:
        with self.store.database.transaction() as connection:
            # before anything is read: a slower run would put older values in the place of newer ones
            self.store.lock(connection, SIGNAL_EVENTS, subject.instrument_id)
            scores = self.compute(subject, *window)
            known = self._known_until(subject, window)
            for asset, (version, frames) in OUTPUTS.items():
                scope = self.scope(subject, version)
                for name, table in frames.items():
                    self._write(connection, found.outputs[asset], table, getattr(scores, name), scope, window)
                if known is not None:
                    parameters = {"dataset": asset, **scope, "start": window[0], "end": known}
                    connection.execute(statement("patterns/note_scored"), parameters)

    def _write(
        self,
        connection: psycopg.Connection[Any],
        derived: DerivationResult,
        table: Table,
        frame: pl.DataFrame,
        scope: Mapping[str, int | str],
        window: Window,
    ) -> None:
        """Make the rows of a window of moments those of a frame, timeframe by timeframe."""
        stored = FRAMES[table.name](frame)
        for timeframe in PATTERN_TIMEFRAMES:
            length = bar_length(timeframe)
            opened = window[0] - length, window[1] - length
            if floor_time(opened[1] - _MICROSECOND, timeframe) < opened[0]:
                continue  # no bar of it closes then
            exact = {**scope, "timeframe_id": TIMEFRAME_IDS[timeframe]}
            rows = stored.filter(pl.col("timeframe_id") == exact["timeframe_id"])
            written = self.store.replace(connection, table, rows, exact, opened)
            derived.add(timeframe, opened, written)
            if table is SIGNAL_EVENTS and written.changed_days:
                # what came of them is due anew, whatever made them others
                told = {
                    "instrument_id": scope["instrument_id"],
                    "days": [day for _, day in written.changed_days],
                }
                connection.execute(statement("patterns/signals_changed"), told)

    def _pieces(self, subject: Subject, window: Window) -> Iterator[Window]:
        """A window cut so that not too many events are held at a time: those without minutes are few."""
        start, end = window
        minutes = self.store.bars(subject, "1m", self._now)
        while start < end:
            newest = minutes.before(min(start + LONG, end), 1)["ts"]
            sparse = newest.is_empty() or newest[0] < start
            piece = start, min(start + (LONG if sparse else AT_ONCE), end)
            yield piece
            start = piece[1]

    def _last_close(self, subject: Subject) -> datetime | None:
        """The close of an instrument's newest bar: of a minute, or of its own finest timeframe."""
        return self.store.last_close(subject, self._now)

    def _end(self, subject: Subject) -> datetime:
        """When all bars that an instrument has are closed, or now: nothing becomes known later."""
        last = self._last_close(subject)
        if last is None:
            return self._now
        longest = PATTERN_TIMEFRAMES[-1]
        return min(self._now, floor_time(last - _MICROSECOND, longest) + bar_length(longest) + _MICROSECOND)

    def _known_until(self, subject: Subject, window: Window) -> datetime | None:
        """The end of the moments of a window that have been: no bar has closed later."""
        last = self._last_close(subject)
        if last is None:
            return None
        end = min(window[1], last + _MICROSECOND)
        return end if end > window[0] else None

    def _waiting(self) -> set[int]:
        """Instruments of which something that is read here has yet to catch up with a past day."""
        marks = (mark for dataset in UPSTREAM for mark in self.store.marks(dataset))
        return {mark.instrument_id for mark in marks if mark.day < self._now.date()}

    def _is_told(self, subject: Subject, marks: Sequence[Mark]) -> bool:
        """Whether only today changed and no bar has closed since signals were computed."""
        if any(mark.day < self._now.date() for mark in marks):
            return False
        version, _ = OUTPUTS[DATASET]
        rows = self.store.database.rows(statement("patterns/scored_until"), self.scope(subject, version))
        last = self._last_close(subject)
        return bool(rows) and (last is None or last < rows[0]["scored_until"])
