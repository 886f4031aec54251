"""Closed candles that no stream brought: asked of REST, validated as the batch does, put beside the stream's.

`ask`, `forget` and the callbacks belong to the thread of the loop that runs `run`.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.candles.closing import ClosedCandle
from alphapulse_assets.candles.ingest import MINUTE, Client
from alphapulse_assets.candles.validation import Validated, validate
from alphapulse_resources.database.fetch_store import SOURCE_IDS
from alphapulse_resources.frames import floor_time
from alphapulse_resources.streams.tables import CANDLES, Put
from alphapulse_resources.venues.model import CandlePage, Instrument, VenueError
from alphapulse_resources.venues.pacing import back_off

log = logging.getLogger(__name__)

LIVE_SOURCES: Final = ("rest", "mirror")
"""Sources that have a minute seconds after its end."""


@dataclass(frozen=True, slots=True)
class FillInOptions:
    """How REST is asked. All ours."""

    at_once: int = 2  # requests under way
    first_back_off: float = 2.0
    longest_back_off: float = 60.0
    give_up: timedelta = timedelta(minutes=10)  # asked for so long in vain, a minute is the batch's to repair
    longest: timedelta = timedelta(hours=4)  # of one request; Coinbase's page is five hours


@dataclass(slots=True)
class FillInCounts:
    """What became of the minutes that were asked for."""

    filled: int = 0
    absent: int = 0  # the venue answered and had none
    refused: int = 0  # came, but broke a rule of `validation`: left to the batch, which quarantines them
    given_up: int = 0
    failures: int = 0  # requests


@dataclass(slots=True, eq=False)
class _Job:
    """One symbol's minutes that are wanted."""

    instrument: Instrument
    minutes: dict[datetime, datetime]  # and when each was asked for
    failures: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one request said of the minutes of `[start, end)`."""

    start: datetime
    end: datetime
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    refused: set[datetime] = field(default_factory=set)


class CandleFillIn:
    """Brings overdue minutes: one request at a time for each symbol, some symbols at once.

    A minute that the venue answers without is done with: who wants it again asks again. Failed requests are
    repeated with back-off for `give_up`; then the batch's gap repair has the minute.

    Args:
        client: of the venues; its limiter should refuse long waits rather than sleep.
        put: where CANDLES rows go.
        filled: told the instrument and the candle of each row that was put.
        now: our clock (aware UTC).
    """

    def __init__(
        self,
        client: Client,
        put: Put,
        *,
        filled: Callable[[Instrument, ClosedCandle], None] | None = None,
        options: FillInOptions | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: random.Random | None = None,
    ) -> None:
        self.counts: Final = FillInCounts()
        self._client = client
        self._put = put
        self._filled = filled
        self._options = options or FillInOptions()
        self._now = now
        self._chance = chance or random.Random()
        self._jobs: dict[int, _Job] = {}
        self._new: asyncio.Queue[_Job] = asyncio.Queue()
        self._places = asyncio.Semaphore(self._options.at_once)

    @property
    def waiting(self) -> int:
        """Minutes that are wanted and neither filled nor given up."""
        return sum(len(job.minutes) for job in self._jobs.values())

    def ask(self, instrument: Instrument, minutes: Iterable[datetime]) -> None:
        """Want these closed minutes (open times, aware); those wanted already change nothing."""
        wanted = dict.fromkeys((floor_time(minute, "1m") for minute in minutes), self._now())
        job = self._jobs.get(instrument.instrument_id)
        if job is not None:
            job.minutes = wanted | job.minutes
        elif wanted:
            job = self._jobs[instrument.instrument_id] = _Job(instrument, wanted)
            self._new.put_nowait(job)

    def forget(self, instrument_id: int) -> None:
        """The symbol is not tracked any more; what is under way is not put."""
        if (job := self._jobs.pop(instrument_id, None)) is not None:
            job.minutes.clear()

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                job = await self._new.get()
                group.create_task(self._serve(job))

    async def _serve(self, job: _Job) -> None:
        """Ask until nothing is wanted any more."""
        try:
            while self._give_up_old(job):
                async with self._places:
                    wait = await self._ask_once(job)
                await asyncio.sleep(wait)
        finally:
            if self._jobs.get(job.instrument.instrument_id) is job:
                del self._jobs[job.instrument.instrument_id]

    async def _ask_once(self, job: _Job) -> float:
        """One request for the first minutes that fit into one; seconds to wait until the next."""
        if not job.minutes:
            return 0.0  # forgotten while it waited for its place
        start = min(job.minutes)
        end = max(minute for minute in job.minutes if minute - start < self._options.longest) + MINUTE
        try:
            answers = await asyncio.to_thread(self._fetch, job.instrument, start, end)
        except Exception as error:  # a lost database or a defect must not end it for all symbols
            return self._failed(job, error, start, end)
        for answer in answers:
            self._take(job, answer)
        if answers and answers[-1].end >= end:
            job.failures = 0
            return 0.0
        return self._postpone(job)  # the venue's clock says that the last minutes are not over

    def _fetch(self, instrument: Instrument, start: datetime, end: datetime) -> list[_Answer]:
        """In a thread: what REST says of `[start, end)`. Raises `VenueError`."""
        sources = [source for source in self._client.sources(instrument) if source in LIVE_SOURCES]
        now = self._now()
        pages = self._client.candles(instrument, start, end, sources=sources, now=now)
        return [_read(instrument, page, validate(page.candles, "1m", now=now), self._now()) for page in pages]

    def _take(self, job: _Job, answer: _Answer) -> None:
        """Put the rows that are still wanted; what was asked for and is not there is done with."""
        told = {minute for minute in job.minutes if answer.start <= minute < answer.end}
        job.minutes = {minute: asked for minute, asked in job.minutes.items() if minute not in told}
        for row in answer.rows:
            if row[1] not in told:
                continue
            told.discard(row[1])
            self._put(CANDLES, row)
            self.counts.filled += 1
            if self._filled is not None:
                self._filled(job.instrument, _candle(row))
        self.counts.refused += len(told & answer.refused)
        self.counts.absent += len(told - answer.refused)

    def _failed(self, job: _Job, error: Exception, start: datetime, end: datetime) -> float:
        self.counts.failures += 1
        wait = self._postpone(job)
        if isinstance(error, VenueError) and error.retry_after:
            wait = max(wait, min(error.retry_after, self._options.longest_back_off))
        log.warning(
            "%s candles [%s, %s): %s Trying again in %.1f s.",
            job.instrument,
            f"{start:%Y-%m-%d %H:%M}",
            f"{end:%Y-%m-%d %H:%M}",
            error,
            wait,
        )
        return wait

    def _postpone(self, job: _Job) -> float:
        job.failures += 1
        return back_off(
            job.failures, self._options.first_back_off, self._options.longest_back_off, self._chance
        )

    def _give_up_old(self, job: _Job) -> bool:
        """Leave minutes to the batch that failed for too long; whether any are left."""
        if job.failures:
            oldest = self._now() - self._options.give_up
            old = [minute for minute, asked in job.minutes.items() if asked < oldest]
            for minute in old:
                del job.minutes[minute]
            if old:
                self.counts.given_up += len(old)
                log.warning("%s: %d minutes are left to the gap repair", job.instrument, len(old))
        return bool(job.minutes)


def _candle(row: tuple[Any, ...]) -> ClosedCandle:
    """A row of CANDLES as a candle; REST does not say when the venue told."""
    _, ts, opened, high, low, close, volume, quote_volume, trades, taker, _, received_at = row
    values = (ts, opened, high, low, close, volume, quote_volume, trades, taker)
    return ClosedCandle(*values, venue_ms=None, received_at=received_at.timestamp())


def _read(instrument: Instrument, page: CandlePage, valid: Validated, received_at: datetime) -> _Answer:
    """A page as rows of CANDLES, and the minutes whose rows may not be stored."""
    bad = [ts for ts in (*valid.quarantined["ts"], *(reject.ts for reject in page.rejects)) if ts is not None]
    if valid.quarantined.height or page.rejects:
        reasons = {reason for row in valid.quarantined["reasons"] for reason in row}
        reasons |= {reject.reason for reject in page.rejects}
        told = f"{valid.quarantined.height + len(page.rejects)} rows ({', '.join(sorted(reasons))})"
        log.warning("%s: %s are no candles; the next batch fetch quarantines them", instrument, told)
    rows = valid.candles.select(
        pl.lit(instrument.instrument_id).alias("instrument_id"),
        pl.col(valid.candles.columns),
        pl.lit(SOURCE_IDS[page.source]).alias("source_id"),
        pl.lit(received_at).alias("received_at"),
    )
    return _Answer(page.start, page.end, rows.select(list(CANDLES.columns)).rows(), set(bad))
