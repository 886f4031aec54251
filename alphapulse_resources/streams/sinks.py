"""Where the rows of a stream run go: into the database, and to whoever else wants them as they are made."""

import logging
from collections import deque
from collections.abc import Sequence
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final, Protocol

from alphapulse_resources.database.client import Database
from alphapulse_resources.streams.announcing import Announcer
from alphapulse_resources.streams.feeds import LIVE_BOOKS
from alphapulse_resources.streams.tables import Lane, Put, Row, StreamTable
from alphapulse_resources.streams.writer import StreamWriter, WriterOptions

_log = logging.getLogger(__name__)

DERIVED: Final = WriterOptions(flush_seconds=0.25)
"""What follows from candles comes in bursts: fewer, larger transactions store one in half the time (ours)."""
MOST_ROWS_BESIDE: Final = 50_000
"""Rows that may wait for a sink beside the database: some seconds of a thousand symbols (ours)."""


class RowSink(Protocol):
    """Takes rows in the order in which they are made; they are others' too: not to be changed."""

    @property
    def name(self) -> str:
        """What logs call it."""

    def put(self, table: StreamTable, row: Row) -> None:
        """Take a row; it may take its time, and may raise."""


class DatabaseSink:
    """Three writers, so that a lock on candles holds up no order books, and a burst of patterns neither."""

    name: Final = "database"

    def __init__(
        self, database: Database, *, run_id: str, shard: str, announcer: Announcer | None = None
    ) -> None:
        """`announcer`: who tells what is stored; without it nobody is told."""
        self._announcer = announcer
        self.writers = tuple(
            StreamWriter(
                database,
                run_id=run_id,
                shard=shard,
                lane=lane,
                options=DERIVED if lane is Lane.DERIVED else None,
                announcer=announcer.lane(lane, tells_books=lane is Lane.BOOKS) if announcer else None,
            )
            for lane in Lane
        )
        self._puts: Final[dict[Lane, Put]] = dict(
            zip(Lane, (writer.put for writer in self.writers), strict=True)
        )

    def put(self, table: StreamTable, row: Row) -> None:
        """Hand a row to its table's writer: never blocks, never raises."""
        if table is LIVE_BOOKS:
            if self._announcer is not None:
                self._announcer.put_book(row)
            return
        self._puts[table.lane](table, row)

    @property
    def dropped(self) -> int:
        """Rows lost so far."""
        return sum(sum(writer.counts.dropped.values()) for writer in self.writers)

    def start(self) -> None:
        """Begin to write."""
        for writer in self.writers:
            writer.start()
        if self._announcer is not None:
            self._announcer.start()

    def close(self, timeout: float) -> bool:
        """Write what waits, each writer in at most `timeout` seconds; whether all is written."""
        closed = [writer.close(timeout) for writer in self.writers]  # every one, whatever another says
        if self._announcer is not None:
            self._announcer.close()
        return all(closed)


class SinkBeside:
    """Another sink, in a thread of its own: slow or broken, it holds up nobody. What it misses is counted."""

    def __init__(self, sink: RowSink, most_rows: int = MOST_ROWS_BESIDE) -> None:
        self.name = sink.name
        self._sink, self._most = sink, most_rows
        self._waiting: deque[tuple[StreamTable, Row]] = deque()
        self._counting = Lock()
        self._missed = 0
        self._wake, self._closing, self._abandoned = Event(), Event(), Event()
        self._thread = Thread(target=self._run, name=f"sink {sink.name}", daemon=True)

    def put(self, table: StreamTable, row: Row) -> None:
        """Let a row wait for the sink: never blocks, never raises."""
        if len(self._waiting) >= self._most:
            self._miss("it is too slow")
            return
        self._waiting.append((table, row))
        if not self._wake.is_set():
            self._wake.set()

    @property
    def missed(self) -> int:
        """Rows that the sink did not get, or failed to take."""
        return self._missed

    def start(self) -> None:
        """Begin to hand rows over."""
        self._thread.start()

    def close(self, timeout: float) -> bool:
        """Hand over what waits, in at most `timeout` seconds; whether the sink got every row."""
        self._closing.set()
        self._wake.set()
        until = monotonic() + timeout
        if self._thread.ident is not None:
            self._thread.join(max(0.0, until - monotonic()))
        self._abandoned.set()
        with self._counting:
            self._missed += len(self._waiting)
        if self._missed:
            _log.warning("sink %s missed %d rows", self.name, self._missed)
        return not self._missed

    def _run(self) -> None:
        while not self._abandoned.is_set():
            self._wake.wait()
            self._wake.clear()  # before looking: what is put from now on wakes again
            while self._waiting and not self._abandoned.is_set():
                table, row = self._waiting.popleft()
                try:
                    self._sink.put(table, row)
                except Exception as error:  # whatever it is: the next row may be better
                    self._miss(f"{type(error).__name__}: {error}")
            if self._closing.is_set() and not self._waiting:
                return

    def _miss(self, why: str) -> None:
        with self._counting:
            self._missed += 1
            first = self._missed == 1
        if first:
            _log.warning("sink %s misses rows: %s (told once)", self.name, why)


def put_everywhere(puts: Sequence[Put]) -> Put:
    """One function that hands a row to all of these, in their order."""
    if len(puts) == 1:
        return puts[0]

    def put(table: StreamTable, row: Row) -> None:
        for each in puts:
            each(table, row)

    return put
