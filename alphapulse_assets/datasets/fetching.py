"""From a source to the table, of any data set: pages are judged and stored one by one, each with its ledger.

What belongs here is the order of things. A source knows how to ask (`alphapulse_resources`), the rules of
the data set what is right and how it is written, the store how the books are kept. A page is one transaction,
so a killed fetch loses the page in flight and nothing else, and one that is repeated goes on or changes
nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Generic, Protocol, TypeVar

import polars as pl

from alphapulse_resources.database.fetch_store import Batch, Connection, FetchStore, LedgerKey, days_of
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Fetch, Instrument, Page, VenueError

DAY: Final = timedelta(days=1)

S = TypeVar("S", bound=Instrument | Series)
P = TypeVar("P", bound=Page[Any])
S_contra = TypeVar("S_contra", bound=Instrument | Series, contravariant=True)
P_contra = TypeVar("P_contra", bound=Page[Any], contravariant=True)

Progress = Callable[[S, datetime, datetime, int], None]
"""Called after each page with what is fetched, the time reached, the end, and the rows so far."""


@dataclass(slots=True)
class Outcome(Generic[S]):
    """What fetching one instrument or series did; `error` tells why it stopped before its end."""

    subject: S
    written: Written = field(default_factory=Written)
    quarantined: int = 0
    duplicates: int = 0
    pages: int = 0
    fetches: list[Fetch] = field(default_factory=list)
    error: VenueError | None = None

    @property
    def rows(self) -> int:
        """Valid rows that came, written or known before."""
        return self.written.inserted + self.written.changed + self.written.unchanged


@dataclass(frozen=True, slots=True)
class Accepted:
    """The verdict on a page."""

    rows: pl.DataFrame  # to be stored; with `ts`
    bad: Sequence[Mapping[str, Any]]  # for the quarantine: `ts`, `reasons`, `payload`
    settled: datetime  # up to here the page can be taken as the source's last word
    duplicates: int = 0


class PageRules(Protocol[S_contra, P_contra]):
    """What a data set has to say about its pages."""

    def accept(self, subject: S_contra, page: P_contra, /) -> Accepted:
        """Judge a page: what may be stored, and what is wrong with the rest."""
        ...

    def write(
        self,
        connection: Connection,
        subject: S_contra,
        page: P_contra,
        accepted: Accepted,
        received_at: datetime,
        /,
    ) -> Written:
        """Store the accepted rows, and what else is kept of a page, in the page's transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Fetching(Generic[S, P]):
    """Everything a fetch needs besides what to fetch.

    `ask` gives pages in time order over `[start, end)`; `until` is the end of what can be asked for by now.
    """

    store: FetchStore
    rules: PageRules[S, P]
    ask: Callable[[S, datetime, datetime], Iterator[P]]
    batch: Batch
    until: datetime
    progress: Progress[S] | None = None

    def days(self, subject: S, days: Sequence[date], outcome: Outcome[S]) -> None:
        """Fetch whole UTC days, going on where an earlier try of the same batch stopped."""
        done = (
            self.store.done_in_batch(ledger_key(subject), days, self.batch.batch) if self.batch.batch else {}
        )
        for start, end in day_windows(days, done, self.until, *_life(subject)):
            self.window(subject, start, end, outcome, from_start=True)
            if outcome.error is not None:
                return

    def window(
        self, subject: S, start: datetime, end: datetime, outcome: Outcome[S], *, from_start: bool
    ) -> None:
        """Fetch `[start, end)`; `from_start` when it begins where its first day does.

        Where no source can answer, the ledger says so from there on, and `outcome.error` why.
        """
        key = ledger_key(subject)
        self.store.fetch_started(key, days_of(start, end), self.batch, from_start=from_start)
        reached = start
        try:
            for page in self.stored(self.ask(subject, start, end), subject, end, outcome):
                reached = page.end
        except VenueError as error:
            outcome.error = error
            self.keep_failed(subject, error, outcome)
            self.store.failure(key, days_of(reached, end), error.kind, str(error), self.batch)

    def stored(self, pages: Iterator[P], subject: S, end: datetime, outcome: Outcome[S]) -> Iterator[P]:
        """Each page once it is stored; `end` is that of the window they are about."""
        for page in pages:
            self._store(subject, page, outcome)
            if self.progress is not None:
                self.progress(subject, page.end, end, outcome.rows)
            yield page

    def keep_failed(self, subject: S, error: VenueError, outcome: Outcome[S]) -> None:
        """Keep the requests that led to an error: no page brings them."""
        outcome.fetches.extend(error.fetches)
        with self.store.database.transaction() as connection:
            self._log(connection, subject, error.fetches)

    def _store(self, subject: S, page: P, outcome: Outcome[S]) -> None:
        """One transaction: the rows, what was wrong with others, how far it answers, how it was asked."""
        received_at = datetime.now(UTC)
        accepted = self.rules.accept(subject, page)
        bad = [
            *accepted.bad,
            *({"ts": each.ts, "reasons": [each.reason], "payload": each.payload} for each in page.rejects),
        ]
        key = ledger_key(subject)
        with self.store.database.transaction() as connection:
            self.store.lock(connection, key)
            written = self.rules.write(connection, subject, page, accepted, received_at)
            if bad:
                self.store.quarantine(connection, key, bad, source=page.source)
            if page.start < accepted.settled:
                self.store.progress(
                    connection,
                    key,
                    (page.start, accepted.settled),
                    _per_day(accepted.rows["ts"]),
                    Counter(row["ts"].date() for row in bad if row["ts"] is not None),
                    self.batch,
                )
            self._log(connection, subject, page.fetches)
        outcome.written += written
        outcome.quarantined += len(bad)
        outcome.duplicates += accepted.duplicates
        outcome.pages += 1
        outcome.fetches.extend(page.fetches)

    def _log(self, connection: Connection, subject: S, fetches: Sequence[Fetch]) -> None:
        self.store.log_fetches(
            connection,
            fetches,
            venue=_asked(subject),
            instrument_id=None if isinstance(subject, Series) else subject.instrument_id,
            run_id=self.batch.run_id,
        )


def fetch_each(
    subjects: Sequence[S], fetch: Callable[[S, Outcome[S]], None], *, workers: int
) -> list[Outcome[S]]:
    """One outcome per subject, `workers` at a time; the failure of one does not stop the others."""

    def run(subject: S) -> Outcome[S]:
        outcome = Outcome(subject)
        fetch(subject, outcome)
        return outcome

    with ThreadPoolExecutor(workers, thread_name_prefix="fetch") as pool:
        return list(pool.map(run, subjects))


def ledger_key(subject: Instrument | Series) -> LedgerKey:
    """What the ledger knows it by."""
    return subject if isinstance(subject, Series) else subject.instrument_id


def day_windows(
    days: Sequence[date],
    done: Mapping[date, datetime],
    until: datetime,
    born: datetime | None = None,
    died: datetime | None = None,
) -> list[tuple[datetime, datetime]]:
    """The parts of these days before `until`, within a life and not done yet; neighbours merged."""
    windows: list[tuple[datetime, datetime]] = []
    for day in sorted(days):
        start, end = midnight(day), midnight(day) + DAY
        start = max(start, done.get(day, start), born or start)
        end = min(end, until, died or end)
        if start >= end:
            continue
        if windows and windows[-1][1] == start:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return windows


def midnight(day: date) -> datetime:
    """The beginning of a UTC day."""
    return datetime.combine(day, time(), UTC)


def _life(subject: Instrument | Series) -> tuple[datetime | None, datetime | None]:
    """From when to when there is anything to ask for, as far as known."""
    return (None, None) if isinstance(subject, Series) else (subject.listed_at, subject.delisted_at)


def _asked(subject: Instrument | Series) -> str:
    return subject.provider if isinstance(subject, Series) else subject.venue


def _per_day(ts: pl.Series) -> dict[date, int]:
    counts = pl.DataFrame({"day": ts.dt.date()}).group_by("day").len()
    return dict(counts.iter_rows())
