"""Rows between whoever makes them and whoever writes them: bounded memory, priorities, counted losses. Pure.

Rows taken for writing keep counting until they are settled, as they are still in memory. When there is no
room, the oldest row of the least important table goes, into the ledger of losses. Of a table that holds one
row an instrument only the newest row waits: the one before it would have been overwritten anyway.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Any, Final, NamedTuple

import polars as pl

from alphapulse_resources.streams.losses import Loss, LossLedger
from alphapulse_resources.streams.tables import Row, StreamTable

AWAY: Final = "database away"
FULL: Final = "memory full"
REFUSED: Final = "refused"

# bytes that CPython takes, roughly: a float or time in a row with its place, and one in a list
_PER_ROW: Final = 400
_PER_VALUE: Final = 40
_PER_LIST: Final = 150
_PER_ELEMENT: Final = 32


class Entry(NamedTuple):
    """A waiting row: its size in memory by estimate, and when it was put, in epoch seconds."""

    row: Row
    size: int
    put_at: float


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes into one transaction: rows of each table in the order in which they were put."""

    tables: tuple[tuple[StreamTable, list[Entry]], ...]

    @property
    def rows(self) -> int:
        return sum(len(entries) for _, entries in self.tables)

    @property
    def size(self) -> int:
        return sum(entry.size for _, entries in self.tables for entry in entries)


class _Waiting:
    """The waiting rows of one table, oldest first."""

    def __init__(self, table: StreamTable) -> None:
        self.table = table
        self.entries: OrderedDict[Any, Entry] = OrderedDict()
        self.size = 0
        self._base = _PER_ROW + _PER_VALUE * len(table.columns)
        self._texts = _places(table, pl.String)
        self._lists = _places(table, pl.List)
        self._newest_only = table.key == ("instrument_id",)
        self._serial = count()

    def estimate(self, row: Row) -> int:
        size = self._base
        try:
            for place in self._lists:
                size += _PER_LIST + _PER_ELEMENT * len(row[place])
            for place in self._texts:
                size += len(row[place] or "")
        except (TypeError, IndexError):
            pass  # a malformed row: storing it will show
        return size

    def _key(self, entry: Entry) -> Any:
        return entry.row[0] if self._newest_only else next(self._serial)

    def add(self, entry: Entry) -> Entry | None:
        """Append; returns the row it takes the place of."""
        key = self._key(entry)
        superseded = self.entries.pop(key, None)
        self.entries[key] = entry
        self.size += entry.size - (superseded.size if superseded else 0)
        return superseded

    def put_back(self, entries: list[Entry]) -> list[Entry]:
        """Before all others; returns those that newer ones have superseded."""
        superseded = []
        for entry in reversed(entries):
            key = self._key(entry)
            if key in self.entries:
                superseded.append(entry)
                continue
            self.entries[key] = entry
            self.entries.move_to_end(key, last=False)
            self.size += entry.size
        return superseded

    def oldest(self) -> Entry:
        _, entry = self.entries.popitem(last=False)
        self.size -= entry.size
        return entry

    def take(self, most: int) -> list[Entry]:
        if most >= len(self.entries):
            entries = list(self.entries.values())
            self.entries.clear()
            self.size = 0
            return entries
        return [self.oldest() for _ in range(most)]


class RowQueue:
    """Rows of any number of tables. Safe between threads; no call waits for anything but short work."""

    def __init__(self, *, most_rows: int, most_bytes: int) -> None:
        self._most_rows, self._most_bytes = most_rows, most_bytes
        self._waiting: dict[str, _Waiting] = {}
        self._lock = Lock()
        self._rows = self._bytes = 0
        self._losses = LossLedger()
        self.why_full = FULL

    def put(self, table: StreamTable, row: Row, at: float) -> None:
        """Append a row at `at` (epoch seconds); what there is no room for is let go and noted."""
        with self._lock:
            waiting = self._of(table)
            entry = Entry(row, waiting.estimate(row), at)
            superseded = waiting.add(entry)
            self._rows += 1
            self._bytes += entry.size
            if superseded:
                self._release([superseded])
            self._make_room()

    def take(self, most: int) -> Batch:
        """At most so many rows, those of the most important tables first. Settle them or give them back."""
        with self._lock:
            tables = []
            for waiting in sorted(self._waiting.values(), key=lambda w: -w.table.priority):
                if entries := waiting.take(most):
                    tables.append((waiting.table, entries))
                    most -= len(entries)
            return Batch(tuple(tables))

    def settle(self, batch: Batch) -> None:
        """A taken batch is where it belongs."""
        with self._lock:
            self._rows -= batch.rows
            self._bytes -= batch.size

    def give_back(self, batch: Batch) -> None:
        """A taken batch could not be written: it comes first again."""
        with self._lock:
            for table, entries in batch.tables:
                self._release(self._of(table).put_back(entries))
            self._make_room()

    def lose(self, table: StreamTable, row: Row, reason: str) -> None:
        """Note the loss of a row that is not in the queue."""
        with self._lock:
            self._losses.add(table, row, reason)

    def losses_due(self) -> list[Loss]:
        """Losses to store; they stay due until they are told."""
        with self._lock:
            return self._losses.due()

    def losses_told(self, losses: list[Loss]) -> None:
        """These losses are stored."""
        with self._lock:
            self._losses.told(losses)

    @property
    def pending(self) -> int:
        """Rows waiting or taken and not settled."""
        return self._rows

    @property
    def idle(self) -> bool:
        """Whether there is nothing to store: no rows, no losses."""
        with self._lock:
            return not self._rows and not self._losses

    @property
    def dropped(self) -> dict[tuple[str, int], int]:
        """Lost rows by table and instrument, ever."""
        with self._lock:
            return dict(self._losses.totals)

    def _of(self, table: StreamTable) -> _Waiting:
        waiting = self._waiting.get(table.name)
        if waiting is None:
            waiting = self._waiting[table.name] = _Waiting(table)
        return waiting

    def _release(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._rows -= 1
            self._bytes -= entry.size

    def _make_room(self) -> None:
        while self._rows > self._most_rows or self._bytes > self._most_bytes:
            filled = [waiting for waiting in self._waiting.values() if waiting.entries]
            if not filled:
                return  # all of it is being written
            least = min(filled, key=lambda w: (w.table.priority, -w.size))
            entry = least.oldest()
            self._release([entry])
            self._losses.add(least.table, entry.row, self.why_full)


def _places(table: StreamTable, kind: type[pl.DataType]) -> tuple[int, ...]:
    return tuple(place for place, dtype in enumerate(table.columns.values()) if dtype == kind)
