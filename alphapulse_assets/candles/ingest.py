"""From a venue to the table: pages are validated and stored one by one, each with its ledger and gaps.

What belongs here is the order of things; the venue client knows how to ask, `validation` what is right, the
store how to write. A page is one transaction, so a killed fetch loses the page in flight and nothing else.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Protocol

import polars as pl

from alphapulse_assets.candles.gaps import Gap, GapState, Stretch, Verification, missing, reconcile
from alphapulse_assets.candles.off_grid_flags import flag_off_grid
from alphapulse_assets.candles.validation import validate
from alphapulse_resources.database.candle_store import Batch, CandleStore, Connection, days_of
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.frames import floor_time
from alphapulse_resources.venues.coverage import SETTLING
from alphapulse_resources.venues.model import ErrorKind, Fetch, Instrument, Page, VenueError
from alphapulse_resources.venues.plan import ARCHIVE

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
OVERLAP: Final = timedelta(minutes=2)
"""Newest candles that a refresh asks for again: venues correct a bar shortly after its close (ours). They are
two candles and the newest, however far apart (candles/overlap.sql)."""
FIRST_RETRY: Final = timedelta(minutes=5)
"""When a new gap is looked at again; the second answer counts from then on (gaps.REPEAT_AFTER)."""
CLUSTER: Final = timedelta(minutes=298)
"""Gaps this close are asked for in one request, with a neighbour at each end: the smallest page of any venue
(venues/registry.py)."""

Progress = Callable[[Instrument, datetime, datetime, int], None]
"""Called after each page with the instrument, the time reached, the end, and the rows so far."""


class Client(Protocol):
    """What ingestion needs of a venue client."""

    def sources(self, instrument: Instrument) -> tuple[str, ...]:
        """Names of the instrument's sources in the order in which they are tried."""
        ...

    def candles(
        self,
        instrument: Instrument,
        start: datetime,
        end: datetime,
        *,
        sources: Sequence[str] | None = None,
        now: datetime | None = None,
    ) -> Iterator[Page]:
        """Pages that together cover the closed minutes of the window."""
        ...


@dataclass(slots=True)
class Outcome:
    """What fetching one instrument did; `error` tells why it stopped before its end."""

    instrument: Instrument
    written: Written = field(default_factory=Written)
    quarantined: int = 0
    duplicates: int = 0
    pages: int = 0
    fetches: list[Fetch] = field(default_factory=list)
    error: VenueError | None = None

    @property
    def rows(self) -> int:
        """Valid candles that came, written or known before."""
        return self.written.inserted + self.written.changed + self.written.unchanged


@dataclass(frozen=True, slots=True)
class Ingest:
    """Everything a fetch needs besides what to fetch. `now` is fixed for the whole of it."""

    client: Client
    store: CandleStore
    batch: Batch
    now: datetime
    progress: Progress | None = None
    workers: int = 4

    # what to fetch ---------------------------------------------------------------------------------------

    def days(self, instruments: Sequence[Instrument], days: Sequence[date]) -> list[Outcome]:
        """Fetch whole UTC days, going on where an earlier try of the same batch stopped."""
        return self._each(instruments, lambda instrument, outcome: self._days(instrument, days, outcome))

    def newest(self, instruments: Sequence[Instrument]) -> list[Outcome]:
        """Fetch what sources have not answered for yet, a small overlap included; at most since yesterday.

        What a stream has written meanwhile is asked for too, and so verified.
        """
        return self._each(instruments, self._newest)

    def gaps(self, instruments: Sequence[Instrument], days: Sequence[date]) -> list[Outcome]:
        """Ask every independent source for the open gaps of these days that are due."""
        return self._each(instruments, lambda instrument, outcome: self._gaps(instrument, days, outcome))

    def _each(
        self, instruments: Sequence[Instrument], fetch: Callable[[Instrument, Outcome], None]
    ) -> list[Outcome]:
        """One outcome per instrument; the failure of one does not stop the others."""

        def run(instrument: Instrument) -> Outcome:
            outcome = Outcome(instrument)
            fetch(instrument, outcome)
            return outcome

        with ThreadPoolExecutor(self.workers, thread_name_prefix="fetch") as pool:
            return list(pool.map(run, instruments))

    def _days(self, instrument: Instrument, days: Sequence[date], outcome: Outcome) -> None:
        done = (
            self.store.done_in_batch(instrument.instrument_id, days, self.batch.batch)
            if self.batch.batch
            else {}
        )
        for start, end in _windows(instrument, days, done, self.now):
            self._window(instrument, start, end, outcome, from_start=True)
            if outcome.error is not None:
                return

    def _newest(self, instrument: Instrument, outcome: Outcome) -> None:
        today = _midnight(self.now.date())
        _, newest = self.store.bounds(instrument.instrument_id)
        known = [each for each in (newest, self.store.answered_until(instrument.instrument_id)) if each]
        start = max(self._overlapping(instrument, min(known)), today - DAY) if known else today
        end = min(floor_time(self.now, "1m"), instrument.delisted_at or self.now)
        if start < end:
            self._window(instrument, start, end, outcome, from_start=False)

    def _overlapping(self, instrument: Instrument, until: datetime) -> datetime:
        values = {"instrument_id": instrument.instrument_id, "until": until}
        (row,) = self.store.database.rows(statement("candles/overlap"), values)
        return row["start"] or until - OVERLAP

    def _gaps(self, instrument: Instrument, days: Sequence[date], outcome: Outcome) -> None:
        for start, end in _spans(days):
            due = self.store.due_gaps(instrument.instrument_id, start, end)
            for first, last in _clusters([(gap["gap_start"], gap["gap_end"]) for gap in due]):
                self._repair(instrument, first, last, outcome)

    def _repair(self, instrument: Instrument, start: datetime, end: datetime, outcome: Outcome) -> None:
        """Ask each independent source; one that cannot answer (not published yet) says nothing."""
        for source in independent(self.client.sources(instrument)):
            # an answer over the wire tells of the time between its rows: the neighbours of a gap are there
            beside = timedelta(0) if source == ARCHIVE else MINUTE
            try:
                for _ in self._pages(instrument, start - beside, end + beside, outcome, sources=(source,)):
                    pass
            except VenueError as error:
                self._keep_failed_fetches(instrument, error, outcome)
                if error.kind not in (ErrorKind.NOT_PUBLISHED, ErrorKind.BAD_REQUEST):
                    outcome.error = error
        self.store.postpone_gaps(instrument.instrument_id, start, end)

    def _window(
        self, instrument: Instrument, start: datetime, end: datetime, outcome: Outcome, *, from_start: bool
    ) -> None:
        self.store.fetch_started(
            instrument.instrument_id, days_of(start, end), self.batch, from_start=from_start
        )
        reached = start
        try:
            for page in self._pages(instrument, start, end, outcome):
                reached = page.end
        except VenueError as error:
            outcome.error = error
            self._keep_failed_fetches(instrument, error, outcome)
            self.store.failure(
                instrument.instrument_id, days_of(reached, end), error.kind, str(error), self.batch
            )

    # a page ----------------------------------------------------------------------------------------------

    def _pages(
        self,
        instrument: Instrument,
        start: datetime,
        end: datetime,
        outcome: Outcome,
        sources: Sequence[str] | None = None,
    ) -> Iterator[Page]:
        """Each page once it is stored."""
        for page in self.client.candles(instrument, start, end, sources=sources, now=self.now):
            self._store(instrument, page, outcome)
            if self.progress is not None:
                self.progress(instrument, page.end, end, outcome.rows)
            yield page

    def _store(self, instrument: Instrument, page: Page, outcome: Outcome) -> None:
        received_at = datetime.now(UTC)
        valid = validate(page.candles, "1m", now=self.now, window=(page.start, page.end))
        bad = [
            *valid.quarantined.iter_rows(named=True),
            *({"ts": r.ts, "reasons": [r.reason], "payload": r.payload} for r in page.rejects),
        ]
        with self.store.database.transaction() as connection:
            self.store.lock(connection, instrument.instrument_id)
            written = self.store.write(
                connection,
                instrument.instrument_id,
                valid.candles,
                source=page.source,
                received_at=received_at,
            )
            flag_off_grid(connection, instrument.instrument_id, valid.candles, page.off_grid)
            if bad:
                self.store.quarantine(
                    connection, instrument.instrument_id, bad, dataset="ohlcv_1m", source=page.source
                )
            settled = _settled(page, valid.candles, self.now)
            self._reconcile(connection, instrument, page, settled)
            if page.start < settled:
                self.store.progress(
                    connection,
                    instrument.instrument_id,
                    (page.start, settled),
                    _per_day(valid.candles["ts"]),
                    Counter(row["ts"].date() for row in bad if row["ts"] is not None),
                    self.batch,
                )
            self._log(connection, instrument, page.fetches)
        outcome.written += written
        outcome.quarantined += len(bad)
        outcome.duplicates += valid.duplicates
        outcome.pages += 1
        outcome.fetches.extend(page.fetches)

    def _reconcile(
        self, connection: Connection, instrument: Instrument, page: Page, settled: datetime
    ) -> None:
        """Bring the gaps of the page's window up to date with what is stored now.

        Candles are due from the listing on; where the venue does not tell it, from the first one there is.
        """
        first, _ = self.store.bounds(instrument.instrument_id, connection)
        due_from = instrument.listed_at or first
        if due_from is None:
            return
        start = max(page.start, floor_time(due_from, "1m"))
        end = min(settled, instrument.delisted_at or settled)
        if start >= end:
            return
        update_gaps(
            self.store,
            connection,
            instrument.instrument_id,
            (start, floor_time(end, "1m")),
            source=page.source,
            answered=True,
            sources_available=len(independent(self.client.sources(instrument))),
            now=self.now,
        )

    def _keep_failed_fetches(self, instrument: Instrument, error: VenueError, outcome: Outcome) -> None:
        outcome.fetches.extend(error.fetches)
        with self.store.database.transaction() as connection:
            self._log(connection, instrument, error.fetches)

    def _log(self, connection: Connection, instrument: Instrument, fetches: Sequence[Fetch]) -> None:
        self.store.log_fetches(
            connection,
            fetches,
            venue=instrument.venue,
            instrument_id=instrument.instrument_id,
            dataset="ohlcv_1m",
            run_id=self.batch.run_id,
        )


def update_gaps(
    store: CandleStore,
    connection: Connection,
    instrument_id: int,
    window: tuple[datetime, datetime],
    *,
    source: str | None,
    answered: bool,
    sources_available: int,
    now: datetime,
) -> list[Gap]:
    """Bring the gap ledger of a window up to date with the candles that are stored; returns its gaps.

    `source` is what brought new candles, if known; `answered` says that it was asked for the whole window,
    so that what is missing now it does not have.
    """
    start, end = window
    if start >= end:
        return []
    absent = missing(store.present_minutes(connection, instrument_id, start, end), start, end, MINUTE)
    known = store.known_gaps(connection, instrument_id, start, end)
    if not absent and not known:
        return []
    # a mirror or the tape is no second witness, and another market (Yahoo) none at all
    witness = "rest" if source in ("mirror", "trades") else source
    answers = (Verification(witness, now),) if answered and witness and independent([witness]) else ()
    gaps = reconcile(
        [_gap(row) for row in known],
        absent,
        Stretch(start, end),
        now=now,
        repaired_from=source,
        answered_by=answers,
        sources_available=sources_available,
    )
    store.replace_gaps(connection, instrument_id, start, end, [_gap_row(gap, known, now) for gap in gaps])
    return gaps


def independent(sources: Iterable[str]) -> tuple[str, ...]:
    """Sources whose answers count as different witnesses: a mirror and the tape of trades repeat REST.

    Yahoo is another market.
    """
    return tuple(source for source in sources if source not in ("mirror", "trades", "yahoo"))


def _gap(row: Mapping[str, Any]) -> Gap:
    return Gap(
        start=row["gap_start"],
        end=row["gap_end"],
        state=GapState(row["state"]),
        detected_at=row["detected_at"],
        repaired_at=row["repaired_at"],
        repaired_from=row["repaired_from"],
        verifications=tuple(
            Verification(item["source"], datetime.fromisoformat(item["at"])) for item in row["verifications"]
        ),
        verified_at=row["verified_at"],
        reason=row["reason"],
    )


def _gap_row(gap: Gap, known: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """A gap as a row; attempts and the next one are those of the rows it comes from."""
    parents = [row for row in known if row["gap_start"] < gap.end and row["gap_end"] > gap.start]
    planned = [row["next_attempt_at"] for row in parents if row["next_attempt_at"] is not None]
    values = asdict(gap)
    return {
        **{key: values[key] for key in ("state", "detected_at", "repaired_at", "repaired_from")},
        "gap_start": gap.start,
        "gap_end": gap.end,
        "verifications": [{"source": v.source, "at": v.at.isoformat()} for v in gap.verifications],
        "verified_at": gap.verified_at,
        "reason": gap.reason,
        "attempts": max((row["attempts"] for row in parents), default=0),
        "next_attempt_at": min(planned, default=now + FIRST_RETRY)
        if gap.state is GapState.DETECTED
        else None,
    }


def _settled(page: Page, candles: pl.DataFrame, now: datetime) -> datetime:
    """End of the part of a page that can be taken as the venue's last word."""
    newest: Any = candles["ts"].max() if candles.height else None
    seen = page.start if newest is None else newest + MINUTE
    return max(seen, min(page.end, floor_time(now - SETTLING, "1m")))


def _windows(
    instrument: Instrument, days: Sequence[date], done: Mapping[date, datetime], now: datetime
) -> list[tuple[datetime, datetime]]:
    """The parts of these days that are over, in the instrument's life and not done; neighbours merged."""
    windows: list[tuple[datetime, datetime]] = []
    for day in sorted(days):
        start, end = _midnight(day), _midnight(day) + DAY
        start = max(start, done.get(day, start), instrument.listed_at or start)
        end = min(end, floor_time(now, "1m"), instrument.delisted_at or end)
        if start >= end:
            continue
        if windows and windows[-1][1] == start:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return windows


def _spans(days: Sequence[date]) -> list[tuple[datetime, datetime]]:
    """Days as windows, neighbours merged."""
    spans: list[tuple[datetime, datetime]] = []
    for day in sorted(days):
        start = _midnight(day)
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], start + DAY)
        else:
            spans.append((start, start + DAY))
    return spans


def _clusters(stretches: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Ordered stretches as fewer windows: neighbours that fit into one request are asked for together."""
    windows: list[tuple[datetime, datetime]] = []
    for start, end in stretches:
        if windows and end - windows[-1][0] <= CLUSTER:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return windows


def _per_day(ts: pl.Series) -> dict[date, int]:
    counts = pl.DataFrame({"day": ts.dt.date()}).group_by("day").len()
    return dict(counts.iter_rows())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
