"""What a stream run tells while it stores: rows of its batches, states of watched books, and that it lives.

A writer takes its payloads along in the transaction that stores the rows. Nothing here may fail or hold up
that: what cannot be told is left out, and the numbers jump, by which readers know that they have to read.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Final
from uuid import uuid4

import orjson
import psycopg

from alphapulse_resources.broadcast.bus import Bus, BusError
from alphapulse_resources.broadcast.choosing import bus_of
from alphapulse_resources.broadcast.wire import item, large_item, most_of_item, pack
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.settings.sections import Broadcast
from alphapulse_resources.streams.feeds import BOOKS, BY_TABLE, LIVE_BOOKS, Feed
from alphapulse_resources.streams.storing import Announcement, Stored
from alphapulse_resources.streams.tables import Row, StreamTable

log = logging.getLogger(__name__)

Items = list[bytes]

BEAT_SECONDS: Final = 2.0
"""A writer with nothing to tell says so: readers know then that they missed nothing (ours)."""
LOOK_SECONDS: Final = 1.0
"""How often it is looked up what is watched, and how full the server's queue of notifications is."""
FULL, ROOM_AGAIN = 0.5, 0.25
"""Shares of that queue at which telling stops and goes on (ours): when it is full, commits fail."""
REST_SECONDS: Final = 5.0
"""How long nothing is told after the bus has failed (ours)."""


class LaneAnnouncer:
    """The payloads of one writer; used by its thread only."""

    def __init__(self, announcer: "Announcer", lane: str, tells_books: bool) -> None:
        self.announcer = announcer
        self._publisher = f"{announcer.name}/{lane}"
        self._number = 1
        self._most = most_of_item(self._publisher)
        self._books = tells_books
        self._told_at = 0.0
        self._under_way = 0

    @property
    def due(self) -> bool:
        """Whether there is something to tell although no row waits."""
        return (self._books and self.announcer.books_wait) or monotonic() - self._told_at >= BEAT_SECONDS

    def payloads(self, tables: Iterable[tuple[StreamTable, Sequence[Row]]]) -> list[bytes]:
        """What to tell with these rows; then call `told` or `untold`. Never raises."""
        if self.announcer.silent:
            self.untold()
            return []
        try:
            items = [told for table, rows in tables for told in self._items(table, rows)]
            if self._books:
                items += self.announcer.take_books(self._most)
            payloads = pack(self._publisher, self._number, items)
        except Exception as error:  # whatever it is: the rows have to be stored
            log.exception("broadcast: rows could not be told: %s", error)
            self.untold()
            return []
        self._under_way = len(payloads)
        return payloads

    def announcement(self, payloads: Sequence[bytes]) -> Announcement | None:
        """What the transaction that stores the rows has to do about them."""
        if not payloads:
            return None
        return Announcement(self.announcer.topic, payloads if self.announcer.bus.in_transaction else ())

    def settle(self, stored: Stored, payloads: Sequence[bytes]) -> None:
        """The rows are stored; where the transaction did not tell of them itself, they are told now."""
        if not stored.announced:
            self.announcer.dropped += 1
            self.untold()
        elif self.announcer.bus.in_transaction or self.announcer.publish(stored.transaction or 0, payloads):
            self.told()
        else:
            self.untold()

    def told(self) -> None:
        """The payloads were sent, or will have been once the transaction is through."""
        self._number += self._under_way
        self._under_way = 0
        self._told_at = monotonic()

    def untold(self) -> None:
        """They were not sent, or nobody knows: the number jumps, so that no reader thinks it had all."""
        self._number += self._under_way + 1
        self._under_way = 0
        self._told_at = monotonic()

    def _items(self, table: StreamTable, rows: Sequence[Row]) -> Items:
        feed = BY_TABLE.get(table.name)
        if feed is None:
            return []
        encode = _encoder(table, feed, self._most)
        return [encode(row) for row in rows]


class Announcer:
    """What all writers of a run share: the books that are watched, the health of the bus."""

    def __init__(self, database: Database, bus: Bus, topic: str, name: str) -> None:
        self.name = f"{name}-{uuid4().hex[:8]}"
        self.bus, self.topic = bus, topic
        self.dropped = 0  # batches that were stored and not told
        self._database = database
        self._watched: frozenset[int] = frozenset()
        self._books: dict[int, Row] = {}
        self._lock = Lock()
        self._quiet_until = 0.0
        self._why = ""
        self._full = False
        self._told = ""  # why it is silent, as last logged
        self._closing = Event()
        self._thread = Thread(target=self._look, name="broadcast", daemon=True)

    def lane(self, lane: str, *, tells_books: bool = False) -> LaneAnnouncer:
        """For one writer."""
        return LaneAnnouncer(self, lane, tells_books)

    # books: put by the loop, taken by a writer ----------------------------------------------------------

    def watched(self, instrument_id: int) -> bool:
        """Whether somebody watches this book."""
        return instrument_id in self._watched

    def put_book(self, row: Row) -> None:
        """The newest state of a book (LIVE_BOOKS): only the newest waits."""
        with self._lock:
            self._books[row[0]] = row

    @property
    def books_wait(self) -> bool:
        """Whether a book has a state that was not taken yet."""
        return bool(self._books)

    def take_books(self, most: int) -> Items:
        """The states that wait."""
        with self._lock:
            books, self._books = self._books, {}
        encode = _encoder(LIVE_BOOKS, BOOKS, most)
        return [encode(row) for row in books.values()]

    # the bus --------------------------------------------------------------------------------------------

    @property
    def silent(self) -> bool:
        """Whether nothing is told for now, as the bus has failed or is full."""
        return self._full or monotonic() < self._quiet_until

    def failed(self, error: Exception) -> None:
        """The bus did not take something: leave it alone for a while."""
        self.dropped += 1
        self._quiet_until = monotonic() + REST_SECONDS
        self._say(f"the bus failed ({str(error).strip()[:200]})")

    def publish(self, transaction: int, payloads: Sequence[bytes]) -> bool:
        """Send what a transaction stored, where it does not carry it itself; whether that worked."""
        try:
            self.bus.publish(self.topic, [b"%d %s" % (transaction, payload) for payload in payloads])
        except BusError as error:
            self.failed(error)
            return False
        return True

    def start(self) -> None:
        """Begin to look after what is watched."""
        self._thread.start()

    def close(self) -> None:
        """End that."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5)
        self.bus.close()

    def _look(self) -> None:
        while not self._closing.wait(LOOK_SECONDS):
            try:
                row = self._database.rows(statement("streams/watched"))[0]
            except psycopg.Error as error:
                log.debug("broadcast: what is watched could not be read: %s", error)
                continue
            except Exception:  # the thread has to live, whatever it is
                log.exception("broadcast: what is watched could not be read")
                continue
            self.note(row["watched"], row["usage"])

    def note(self, watched: Iterable[int], usage: float) -> None:
        """What is watched, and what share of the server's queue of notifications is in use."""
        self._watched = frozenset(watched)
        if self.bus.in_transaction:
            self._full = usage >= (ROOM_AGAIN if self._full else FULL)
            if self._full:
                self._say(
                    f"the server's queue of notifications is {usage:.0%} full: some session listens and does "
                    "not read (pg_stat_activity: wait_event NotifyQueue or an old transaction)"
                )
        if not self.silent and self._told:
            log.warning("broadcast: told again")
            self._told = ""

    def _say(self, why: str) -> None:
        kind = why[:20]
        if kind != self._told:
            self._told = kind
            log.warning("broadcast: %s; rows are stored, and not told for now", why)


def announcer_of(settings: Broadcast, database: Database, name: str) -> Announcer | None:
    """Who tells what a run stores; None where that is switched off, or cannot be, which is logged."""
    if not settings.enabled:
        return None
    try:
        bus, topic = bus_of(settings, database)
    except (BusError, psycopg.Error) as error:
        log.error("nothing is broadcast by this run: %s", error)
        return None
    return Announcer(database, bus, topic, name)


@lru_cache
def _encoder(table: StreamTable, feed: Feed, most: int) -> Callable[[Row], bytes]:
    """From a row of the table to its item; a row that is too large becomes its key."""
    pick = itemgetter(*map(table.column, feed.told))
    key = [table.column(name) for name in feed.key]
    json = [feed.told.index(name) for name in feed.json]

    def encode(row: Row) -> bytes:
        values: Any = pick(row)
        if json:
            values = list(values)
            for place in json:
                if values[place] is not None:
                    values[place] = orjson.Fragment(values[place])
        told = item(feed.code, row[0], values)
        return told if len(told) <= most else large_item(feed.code, row[0], [row[place] for place in key])

    return encode
