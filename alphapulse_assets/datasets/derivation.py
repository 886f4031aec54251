"""How rows are derived from closed bars: which windows are due, one after another, each symbol by itself.

A `Derivation` says what is computed; here is when and for whom. Two ways lead to the same rows: `days`
computes the partitions of a run, `changed` what `derived_dirty` says is due, up to the last bar that a
changed one reaches.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Final

import polars as pl

from alphapulse_assets.core.timeframes import LATE_MINUTE_SECONDS
from alphapulse_assets.core.windows import Window, by_block, merged
from alphapulse_assets.datasets.reporting import days_of_venues
from alphapulse_resources.database.derived_store import (
    COMPUTED,
    TIMEFRAME_IDS,
    BarReader,
    DerivedStore,
    Mark,
    Subject,
)
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.frames import TIMEFRAMES, floor_time

DAY: Final = timedelta(days=1)
SETTLING: Final = timedelta(seconds=LATE_MINUTE_SECONDS)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Derivation:
    """One kind of derived rows.

    `compute(bars, start, end)` gives the rows of the closed bars that open in [start, end), with all columns
    of the table but those of the scope. `until(bars, bar)` tells the open time from which on nothing depends
    on that bar, and `since(bars, bar)` the first open time that does, where that is an earlier one.
    `by_timeframe` is False for tables of one row a day, which have no timeframe in their key. `known(rows,
    as_of)` tells what stored rows said at a moment, where a row is not known as a whole (no `known_at`).
    `scope` gives what else rows of one writing share, such as the configuration they are made by: only such
    are replaced. An instrument that has past days due in one of `waits_for` is left until those have caught
    up. `parts` gives the derivations that it is made of, where settings say which: each has marks, windows
    and a version of its own, so that a new one alone is due, and nothing else of it is asked.
    """

    dataset: str
    table: Table
    version: int
    compute: Callable[[BarReader, datetime, datetime], pl.DataFrame]
    until: Callable[[BarReader, datetime], datetime]
    timeframes: Sequence[str] = COMPUTED
    by_timeframe: bool = True
    since: Callable[[BarReader, datetime], datetime] = lambda bars, bar: bar
    known: Callable[[pl.DataFrame, datetime], pl.DataFrame] | None = None
    scope: Callable[[], Mapping[str, int]] = dict
    waits_for: Sequence[str] = ()
    parts: Callable[[], Sequence["Derivation"]] | None = None

    @property
    def each(self) -> Sequence["Derivation"]:
        """Its parts now, or itself."""
        return (self,) if self.parts is None else self.parts()


@dataclass(slots=True)
class DerivationResult:
    """What a run derived."""

    version: int
    subjects: list[Subject] = field(default_factory=list)
    written: dict[str, Written] = field(default_factory=dict)  # by timeframe
    windows: dict[str, list[Window]] = field(default_factory=dict)  # by timeframe
    failures: dict[Subject, str] = field(default_factory=dict)
    reached: set[tuple[int, date]] = field(default_factory=set)
    """Instrument-days of the bars a refresh got to: what a stream wrote of them it has confirmed."""

    def add(self, timeframe: str, window: Window, written: Written) -> None:
        """Count what one window brought."""
        self.written[timeframe] = self.written.get(timeframe, Written()) + written
        self.windows.setdefault(timeframe, []).append(window)

    def take(self, part: "DerivationResult") -> None:
        """Count what another run brought too."""
        self.subjects += [each for each in part.subjects if each not in self.subjects]
        for name, written in part.written.items():
            self.written[name] = self.written.get(name, Written()) + written
        for name, windows in part.windows.items():
            self.windows.setdefault(name, []).extend(windows)
        self.failures |= part.failures
        self.reached |= part.reached

    @property
    def total(self) -> Written:
        """All timeframes together."""
        return sum(self.written.values(), Written())

    @property
    def venue_days(self) -> set[tuple[str, date]]:
        """The venues and days with a row that was written or removed, and those that were reached."""
        return days_of_venues(self.total.changed_days | self.reached, self.subjects)


def closing_window(timeframe: str, first: datetime, end: datetime) -> Window:
    """The bars of a timeframe that touch [first, end), by open time."""
    return floor_time(first, timeframe), end


def midnight(day: date) -> datetime:
    """The start of a UTC day."""
    return datetime.combine(day, time(), UTC)


@dataclass(frozen=True, slots=True)
class DerivationRunner:
    """One derivation in one database at one moment; `version` below 0 writes beside what there is."""

    store: DerivedStore
    derivation: Derivation
    now: datetime
    timeframes: Sequence[str] | None = None
    version: int | None = None

    def days(
        self, days: Mapping[str, Sequence[date]], symbols: Sequence[str] | None = None
    ) -> DerivationResult:
        """Every bar that touches the days from the first to the last one of each venue."""
        if self.derivation.parts is not None:
            return self._together(lambda part: part.days(days, symbols))
        derived = DerivationResult(self._version)
        for venue, venue_days in days.items():
            window = midnight(min(venue_days)), midnight(max(venue_days)) + DAY
            for subject in self.store.tracked([venue], symbols):
                self._subject(
                    derived, subject, {name: [self._all(subject, name, window)] for name in self._names()}
                )
        return derived

    def changed(self) -> DerivationResult:
        """What `derived_dirty` says is due. A subject's marks go when all of its timeframes are done.

        Longer bars that lack minutes would be computed with as if they were whole: they catch up first, and
        bars that have only just closed wait, and so does the mark of their day.
        """
        if self.derivation.parts is not None:
            return self._together(lambda part: part.changed())
        self.store.database.refresh_timeframes()
        settled = replace(self, now=self.now - SETTLING)
        just_closed = floor_time(settled.now, "1m"), self.now
        derived = DerivationResult(self._version)
        dataset = self.derivation.dataset
        waiting_for = self._waiting()
        grouped = {
            key: list(group)
            for key, group in groupby(self.store.marks(dataset), key=lambda mark: mark.instrument_id)
            if key not in waiting_for
        }
        known = self.store.computed_until(dataset, self._version)
        for subject in self.store.subjects(list(grouped)):
            marks = grouped[subject.instrument_id]
            until = {name: known.get((subject.instrument_id, TIMEFRAME_IDS[name])) for name in self._names()}
            windows = {name: settled._due(subject, name, marks, until[name]) for name in until}
            waiting = self.store.bars(subject, "1m", self.now).between(*just_closed)
            if settled._subject(derived, subject, windows):
                derived.reached |= {
                    (subject.instrument_id, floor_time(end - _MICROSECOND, name).date())
                    for name, due in windows.items()
                    for _, end in due[-1:]
                    if (before := until[name]) is None or end > before
                }
                open_days = set(waiting["ts"].dt.date())
                self.store.forget(dataset, [mark for mark in marks if mark.day not in open_days])
        return derived

    def _together(self, run: Callable[["DerivationRunner"], DerivationResult]) -> DerivationResult:
        """What every part brings.

        Raises:
            ValueError: a version is asked for, and each part has its own.
        """
        if self.version is not None:
            raise ValueError(f"{self.derivation.dataset} has no trials: each part has a version of its own")
        derived = DerivationResult(self.derivation.version)
        for part in self.derivation.each:
            derived.take(run(replace(self, derivation=part)))
        return derived

    def _subject(
        self, derived: DerivationResult, subject: Subject, windows: Mapping[str, Sequence[Window]]
    ) -> bool:
        """Compute and write the windows of one instrument; False where its bars cannot be computed with."""
        derived.subjects.append(subject)
        try:
            for timeframe, due in windows.items():
                for window in due:
                    for piece in by_block(timeframe, window):
                        derived.add(timeframe, piece, self._piece(subject, timeframe, piece))
        except ValueError as error:  # the pure functions refuse bars that cannot be; others go on
            derived.failures[subject] = str(error)
        return subject not in derived.failures

    def _piece(self, subject: Subject, timeframe: str, window: Window) -> Written:
        bars = self.store.bars(subject, timeframe, self.now)
        with self.store.database.transaction() as connection:
            # before the bars are read: a slower run would put older values in the place of newer ones
            self.store.lock(connection, self.derivation.table, subject.instrument_id)
            frame = self.derivation.compute(bars, *window)
            newest = bars.newest()
            written = self.store.replace(
                connection, self.derivation.table, frame, self._scope(subject, timeframe), window
            )
            if newest is not None and newest >= window[0]:
                known = min(window[1], newest + TIMEFRAMES[timeframe])
                self.store.note_window(
                    connection,
                    self.derivation.dataset,
                    self._noted(subject, timeframe),
                    (window[0], known),
                )
        return written

    def _all(self, subject: Subject, timeframe: str, window: Window) -> Window:
        """The window in which the bars that touch another one show; later ones are not looked at."""
        start, end = closing_window(timeframe, *window)
        return self.derivation.since(self.store.bars(subject, timeframe, self.now), start), end

    def _due(
        self, subject: Subject, timeframe: str, marks: Sequence[Mark], known: datetime | None
    ) -> list[Window]:
        """The windows in which changed days show, the bar before them included: it may have closed since.

        A change of today alone waits for the next bar to close, which computes the day anew from its start;
        `known`: the end of what was computed so far.
        """
        bars = self.store.bars(subject, timeframe, self.now)
        if known is None or any(mark.day < self.now.date() for mark in marks):
            known = datetime.min.replace(tzinfo=UTC)
        if known >= bars.closed_until:
            return []
        newest = bars.newest()
        if newest is None or newest < known:
            return []
        end = newest + TIMEFRAMES[timeframe]
        windows = []
        for day in (mark.day for mark in marks):
            start = floor_time(midnight(day), timeframe) - TIMEFRAMES[timeframe]
            last = floor_time(midnight(day) + DAY - _MICROSECOND, timeframe)
            windows.append((self.derivation.since(bars, start), min(self.derivation.until(bars, last), end)))
        return merged(windows)

    def _waiting(self) -> set[int]:
        """Instruments of which something that is read here has yet to catch up with a past day."""
        marks = (mark for dataset in self.derivation.waits_for for mark in self.store.marks(dataset))
        return {mark.instrument_id for mark in marks if mark.day < self.now.date()}

    @property
    def _version(self) -> int:
        return self.derivation.version if self.version is None else self.version

    def _names(self) -> list[str]:
        return [
            name for name in self.derivation.timeframes if self.timeframes is None or name in self.timeframes
        ]

    def _noted(self, subject: Subject, timeframe: str) -> dict[str, int | str]:
        return {
            "instrument_id": subject.instrument_id,
            "timeframe_id": TIMEFRAME_IDS[timeframe],
            "logic_version": self._version,
        }

    def _scope(self, subject: Subject, timeframe: str) -> dict[str, int | str]:
        noted = {**self._noted(subject, timeframe), **self.derivation.scope()}
        return noted if self.derivation.by_timeframe else {k: noted[k] for k in noted if k != "timeframe_id"}
