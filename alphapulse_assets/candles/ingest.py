"""Candles from a venue to the table: which windows are asked for, and what is said of their pages.

The order of things is that of any data set (`datasets.fetching`): a page is one transaction. What is candles'
own is here: the overlap of a refresh, gaps and who has to be asked for them, the rules of `validation`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

import polars as pl

from alphapulse_assets.candles.gap_rows import gap_of, row_of
from alphapulse_assets.candles.gaps import Gap, Stretch, Verification, missing, reconcile
from alphapulse_assets.candles.off_grid_flags import flag_off_grid
from alphapulse_assets.candles.validation import validate
from alphapulse_assets.datasets.fetching import (
    DAY,
    Accepted,
    Fetching,
    Outcome,
    Progress,
    fetch_each,
    midnight,
)
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.fetch_store import Batch, Connection
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.frames import floor_time
from alphapulse_resources.venues.coverage import SETTLING
from alphapulse_resources.venues.model import CandlePage, ErrorKind, Instrument, VenueError
from alphapulse_resources.venues.plan import ARCHIVE

MINUTE: Final = timedelta(minutes=1)
OVERLAP: Final = timedelta(minutes=2)
"""Newest candles that a refresh asks for again: venues correct a bar shortly after its close (ours). They are
two candles and the newest, however far apart (candles/overlap.sql)."""
CLUSTER: Final = timedelta(minutes=298)
"""Gaps this close are asked for in one request, with a neighbour at each end: the smallest page of any venue
(venues/registry.py)."""


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
    ) -> Iterator[CandlePage]:
        """Pages that together cover the closed minutes of the window."""
        ...


@dataclass(frozen=True, slots=True)
class Ingest:
    """Everything a fetch needs besides what to fetch. `now` is fixed for the whole of it."""

    client: Client
    store: CandleStore
    batch: Batch
    now: datetime
    progress: Progress[Instrument] | None = None
    workers: int = 4

    # what to fetch ---------------------------------------------------------------------------------------

    def days(self, instruments: Sequence[Instrument], days: Sequence[date]) -> list[Outcome[Instrument]]:
        """Fetch whole UTC days, going on where an earlier try of the same batch stopped."""
        fetching = self._fetching()
        return self._each(instruments, lambda instrument, outcome: fetching.days(instrument, days, outcome))

    def newest(self, instruments: Sequence[Instrument]) -> list[Outcome[Instrument]]:
        """Fetch what sources have not answered for yet, a small overlap included; at most since yesterday.

        What a stream has written meanwhile is asked for too, and so verified.
        """
        return self._each(instruments, self._newest)

    def gaps(self, instruments: Sequence[Instrument], days: Sequence[date]) -> list[Outcome[Instrument]]:
        """Ask every independent source for the open gaps of these days that are due."""
        return self._each(instruments, lambda instrument, outcome: self._gaps(instrument, days, outcome))

    def _each(
        self, instruments: Sequence[Instrument], fetch: Callable[[Instrument, Outcome[Instrument]], None]
    ) -> list[Outcome[Instrument]]:
        return fetch_each(instruments, fetch, workers=self.workers)

    def _fetching(self) -> Fetching[Instrument, CandlePage]:
        def ask(instrument: Instrument, start: datetime, end: datetime) -> Iterator[CandlePage]:
            return self.client.candles(instrument, start, end, now=self.now)

        rules = CandleRules(self.client, self.store, self.now)
        until = floor_time(self.now, "1m")
        return Fetching(self.store, rules, ask, self.batch, until, self.progress)

    def _newest(self, instrument: Instrument, outcome: Outcome[Instrument]) -> None:
        today = midnight(self.now.date())
        _, newest = self.store.bounds(instrument.instrument_id)
        known = [each for each in (newest, self.store.answered_until(instrument.instrument_id)) if each]
        start = max(self._overlapping(instrument, min(known)), today - DAY) if known else today
        end = min(floor_time(self.now, "1m"), instrument.delisted_at or self.now)
        if start < end:
            self._fetching().window(instrument, start, end, outcome, from_start=False)

    def _overlapping(self, instrument: Instrument, until: datetime) -> datetime:
        values = {"instrument_id": instrument.instrument_id, "until": until}
        (row,) = self.store.database.rows(statement("candles/overlap"), values)
        return row["start"] or until - OVERLAP

    def _gaps(self, instrument: Instrument, days: Sequence[date], outcome: Outcome[Instrument]) -> None:
        for start, end in _spans(days):
            due = self.store.due_gaps(instrument.instrument_id, start, end)
            for first, last in _clusters([(gap["gap_start"], gap["gap_end"]) for gap in due]):
                self._repair(instrument, first, last, outcome)

    def _repair(
        self, instrument: Instrument, start: datetime, end: datetime, outcome: Outcome[Instrument]
    ) -> None:
        """Ask each independent source; one that cannot answer (not published yet) says nothing."""
        fetching = self._fetching()
        for source in independent(self.client.sources(instrument)):
            # an answer over the wire tells of the time between its rows: the neighbours of a gap are there
            beside = timedelta(0) if source == ARCHIVE else MINUTE
            first, last = start - beside, end + beside
            try:
                pages = self.client.candles(instrument, first, last, sources=(source,), now=self.now)
                for _ in fetching.stored(pages, instrument, last, outcome):
                    pass
            except VenueError as error:
                fetching.keep_failed(instrument, error, outcome)
                if error.kind not in (ErrorKind.NOT_PUBLISHED, ErrorKind.BAD_REQUEST):
                    outcome.error = error
        self.store.postpone_gaps(instrument.instrument_id, start, end)


@dataclass(frozen=True, slots=True)
class CandleRules:
    """What candles have to say about a page: `validation`, flags and gaps."""

    client: Client
    store: CandleStore
    now: datetime

    def accept(self, _instrument: Instrument, page: CandlePage) -> Accepted:
        """Judge the candles of a page."""
        valid = validate(page.candles, "1m", now=self.now, window=(page.start, page.end))
        bad = list(valid.quarantined.iter_rows(named=True))
        return Accepted(valid.candles, bad, _settled(page, valid.candles, self.now), valid.duplicates)

    def write(
        self,
        connection: Connection,
        instrument: Instrument,
        page: CandlePage,
        accepted: Accepted,
        received_at: datetime,
    ) -> Written:
        """Store candles, flag those that were off the minute, bring the gaps up to date."""
        key = instrument.instrument_id
        written = self.store.write(
            connection, key, accepted.rows, source=page.source, received_at=received_at
        )
        flag_off_grid(connection, key, accepted.rows, page.off_grid)
        self._reconcile(connection, instrument, page, accepted.settled)
        return written

    def _reconcile(
        self, connection: Connection, instrument: Instrument, page: CandlePage, settled: datetime
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
        [gap_of(row) for row in known],
        absent,
        Stretch(start, end),
        now=now,
        repaired_from=source,
        answered_by=answers,
        sources_available=sources_available,
    )
    store.replace_gaps(connection, instrument_id, start, end, [row_of(gap, known, now) for gap in gaps])
    return gaps


def independent(sources: Iterable[str]) -> tuple[str, ...]:
    """Sources whose answers count as different witnesses: a mirror and the tape of trades repeat REST.

    Yahoo is another market.
    """
    return tuple(source for source in sources if source not in ("mirror", "trades", "yahoo"))


def _settled(page: CandlePage, candles: pl.DataFrame, now: datetime) -> datetime:
    """End of the part of a page that can be taken as the venue's last word."""
    newest: Any = candles["ts"].max() if candles.height else None
    seen = page.start if newest is None else newest + MINUTE
    return max(seen, min(page.end, floor_time(now - SETTLING, "1m")))


def _spans(days: Sequence[date]) -> list[tuple[datetime, datetime]]:
    """Days as windows, neighbours merged."""
    spans: list[tuple[datetime, datetime]] = []
    for day in sorted(days):
        start = midnight(day)
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
