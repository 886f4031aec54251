"""Writing what streams make: a thread that brings waiting rows into the database, some twenty times a second.

Rows are forgotten only after their transaction has committed. While the database is away they wait in bounded
memory; what has to be let go is counted at once and stored in `stream_gaps` when the database is back. A slow
database delays nobody but this thread.
"""

import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import Final

import psycopg

from alphapulse_resources.database.client import Database
from alphapulse_resources.streams.announcing import LaneAnnouncer
from alphapulse_resources.streams.batches import AWAY, FULL, REFUSED, Batch, Entry, RowQueue
from alphapulse_resources.streams.latency import STREAM_LATENCY, LatencyMeter
from alphapulse_resources.streams.losses import STREAM_GAPS, Loss
from alphapulse_resources.streams.storing import BadRow, Stored, StreamStore
from alphapulse_resources.streams.tables import CANDLE_ARRIVALS, CANDLES, Conflict, Row, StreamTable
from alphapulse_resources.venues.pacing import back_off

_log = logging.getLogger(__name__)

_FIRST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 5.0
_CLOSING_PAUSE_SECONDS: Final = 0.2
_GRACE_SECONDS: Final = 3.0  # for a statement to end after it was cancelled


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """How a writer works; the figures are ours.

    flush_seconds: from the start of one transaction to the next, so the longest a row waits for its turn.
    most_rows, most_bytes: what may wait in memory, in bytes by estimate. most_rows_at_once: a transaction.
    latency_seconds: how often `stream_latency` is written. live: rows come as they happen, so how long they
    take says something; a replay of old captures writes neither latencies nor arrivals of candles.
    """

    flush_seconds: float = 0.05
    most_rows: int = 200_000
    most_bytes: int = 256 * 2**20
    most_rows_at_once: int = 20_000
    latency_seconds: float = 10.0
    live: bool = True


@dataclass(frozen=True, slots=True)
class WriterCounts:
    """How a writer stands.

    pending: rows put and neither stored nor lost. written: rows by table that are stored, or were before.
    quarantined: bad rows by table. dropped: lost rows by table and instrument (0: unknown).
    failing_since: since when nothing can be written; None when all is well.
    """

    pending: int
    written: Mapping[str, int]
    quarantined: Mapping[str, int]
    dropped: Mapping[tuple[str, int], int]
    failing_since: datetime | None
    last_error: str | None


class StreamWriter:
    """Writes the rows of one stream run's lane. `put` may be called from any thread."""

    def __init__(
        self,
        database: Database,
        *,
        run_id: str,
        shard: str,
        options: WriterOptions | None = None,
        lane: str = "rows",
        announcer: LaneAnnouncer | None = None,
    ) -> None:
        self._announcer = announcer
        self._run_id, self._shard, self.lane = run_id, shard, lane
        self._options = options or WriterOptions()
        self._queue = RowQueue(most_rows=self._options.most_rows, most_bytes=self._options.most_bytes)
        self._store = StreamStore(database, f"alphapulse {lane} {shard}")
        self._latency = LatencyMeter()
        self._latency_due = time.monotonic() + self._options.latency_seconds
        self._counting = Lock()
        self._written: dict[str, int] = {}
        self._quarantined: dict[str, int] = {}
        self._told: set[tuple[str, str]] = set()
        self._failing_since: datetime | None = None
        self._last_error: str | None = None
        self._failures = 0
        self._chance = random.Random()
        self._wake, self._closing, self._abandoned = Event(), Event(), Event()
        self._thread = Thread(target=self._run, name=f"stream writer {lane}", daemon=True)

    def put(self, table: StreamTable, row: Row) -> None:
        """Hand a row over: never blocks, never raises.

        A row of CANDLES may carry one value more, the venue's own time of the candle (`venue_at`). Rows put
        after `close` are not written; they count as pending.
        """
        try:
            if not isinstance(row, tuple):
                raise TypeError(f"a row is a tuple, not {type(row).__name__}")
            self._queue.put(table, row, time.time())
        except Exception as error:
            self._queue.lose(table, (), REFUSED)
            self._tell_once(table, str(error))

    def start(self) -> None:
        """Begin to write; rows may have been put before."""
        self._thread.start()

    def close(self, timeout: float) -> bool:
        """Write what waits and end; False if `timeout` seconds were not enough: see `counts.pending`."""
        self._closing.set()
        self._wake.set()
        if self._thread.ident is None:
            self.start()
        self._thread.join(timeout)
        if self._thread.is_alive():
            self._abandoned.set()
            try:
                self._store.cancel()
            except psycopg.Error as error:
                _log.warning("%s writer: the last statement could not be cancelled: %s", self.lane, error)
            self._thread.join(_GRACE_SECONDS)
        if self._queue.idle:
            return True
        _log.error("%s writer closed with %d rows not written", self.lane, self._queue.pending)
        return False

    def flushed(self, timeout: float = 10.0) -> bool:
        """Wait until nothing waits any more, losses included; False when it took longer."""
        deadline = time.monotonic() + timeout
        while not self._queue.idle and time.monotonic() < deadline:
            self._wake.set()
            time.sleep(0.005)
        return self._queue.idle

    @property
    def counts(self) -> WriterCounts:
        """How it stands now."""
        with self._counting:
            return WriterCounts(
                self._queue.pending,
                dict(self._written),
                dict(self._quarantined),
                self._queue.dropped,
                self._failing_since,
                self._last_error,
            )

    # the thread

    def _run(self) -> None:
        pause = self._options.flush_seconds
        while not self._abandoned.is_set():
            self._wait(pause)
            began = time.monotonic()
            self._report_latency(began)
            try:
                more = self._flush()
            except Exception as error:  # the thread has to live, whatever it is
                pause = self._failed(error)
                continue
            if self._closing.is_set() and self._queue.idle:
                break
            pause = 0.0 if more else max(0.0, self._options.flush_seconds - (time.monotonic() - began))
        self._store.close()

    def _wait(self, pause: float) -> None:
        """Until the next transaction is due; while closing only after a failure, and not long."""
        if self._closing.is_set():
            self._abandoned.wait(min(pause, _CLOSING_PAUSE_SECONDS) if self._failures else 0)
        elif self._failures:
            self._closing.wait(pause)
        else:
            self._wake.wait(pause)
            self._wake.clear()

    def _flush(self) -> bool:
        """Store what waits in one transaction; True when more waits already."""
        if self._queue.idle and not self._announcement_due:
            return False
        self._store.open()  # before rows are taken: the queue can let go only of what it has
        losses = self._queue.losses_due()
        batch = self._queue.take(self._options.most_rows_at_once)
        work = [(table, [entry.row for entry in entries]) for table, entries in batch.tables]
        if losses:
            work.append((STREAM_GAPS, [self._gap(loss) for loss in losses]))
        announcer = self._announcer
        payloads = announcer.payloads(work) if announcer else []
        try:
            stored = self._store.write(work, announcer.announcement(payloads) if announcer else None)
        except BaseException:
            self._queue.give_back(batch)
            if announcer:
                announcer.untold()
            raise
        committed_at = time.time()
        if announcer and payloads:
            announcer.settle(stored, payloads)
        self._recovered()
        self._queue.losses_told(losses)
        try:
            self._account(stored, batch, committed_at)
        finally:
            self._queue.settle(batch)
        return batch.rows >= self._options.most_rows_at_once

    @property
    def _announcement_due(self) -> bool:
        return self._announcer is not None and not self._closing.is_set() and self._announcer.due

    def _gap(self, loss: Loss) -> Row:
        return (self._run_id, loss.dataset, loss.instrument_id, loss.first, loss.last, loss.rows, loss.reason)

    def _account(self, stored: Stored, batch: Batch, committed_at: float) -> None:
        """Count what was stored, tell of bad rows, note latencies and when candles could be queried."""
        bad = {id(found.row): found for found in stored.bad}
        for found in stored.bad:
            self._tell_of(found)
        for table, entries in batch.tables:
            good = [entry for entry in entries if id(entry.row) not in bad] if bad else entries
            with self._counting:
                self._written[table.name] = self._written.get(table.name, 0) + len(good)
            if self._options.live and good:
                self._latency.observe(table, stored.batches[table], good, committed_at)
                if table.conflict is Conflict.REVISE:
                    self._note_arrivals(good, committed_at)

    def _note_arrivals(self, candles: list[Entry], committed_at: float) -> None:
        """Let it be stored when candles came: venue, here, in the table."""
        instrument, ts, source, received = map(
            CANDLES.column, ("instrument_id", "ts", "source_id", "received_at")
        )
        queryable_at = datetime.fromtimestamp(committed_at, UTC)
        for entry in candles:
            row = entry.row
            venue_at = row[len(CANDLES.columns)] if len(row) > len(CANDLES.columns) else None
            self.put(
                CANDLE_ARRIVALS,
                (row[instrument], row[ts], venue_at, row[received], queryable_at, row[source]),
            )

    def _tell_of(self, found: BadRow) -> None:
        if found.kept:
            with self._counting:
                count = self._quarantined.get(found.table.name, 0)
                self._quarantined[found.table.name] = count + 1
        else:
            self._queue.lose(found.table, found.row, REFUSED)
        self._tell_once(found.table, found.reason)

    def _tell_once(self, table: StreamTable, reason: str) -> None:
        """Log what is wrong with rows of a table: they may come a thousand times a second."""
        kind = (table.name, reason[:40])
        if kind not in self._told and len(self._told) < 1000:
            self._told.add(kind)
            _log.error("%s writer: bad row for %s: %s (told once)", self.lane, table.name, reason)

    def _report_latency(self, now: float) -> None:
        if not self._options.live or now < self._latency_due:
            return
        self._latency_due = now + self._options.latency_seconds
        for row in self._latency.report(self._run_id, self._shard, time.time(), self._queue.dropped):
            self.put(STREAM_LATENCY, row)

    def _failed(self, error: Exception) -> float:
        """Note that the database could not be written to; returns how long to wait, in seconds."""
        self._store.close()
        self._queue.why_full = AWAY
        self._failures += 1
        message = (str(error).strip() or type(error).__name__).split("\n")[0]
        with self._counting:
            self._failing_since = self._failing_since or datetime.now(UTC)
            first = message != self._last_error
            self._last_error = message
        if not isinstance(error, psycopg.Error | OSError):
            _log.exception("%s writer: unexpected error, rows are kept", self.lane)
        elif first or self._failures == 1:
            _log.warning("%s writer: rows wait, the database fails: %s", self.lane, message)
        return back_off(self._failures, _FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS, self._chance)

    def _recovered(self) -> None:
        if not self._failures:
            return
        _log.info("%s writer: writing again after %d failures", self.lane, self._failures)
        self._failures = 0
        self._queue.why_full = FULL
        with self._counting:
            self._failing_since = self._last_error = None
