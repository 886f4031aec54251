"""What runs behind `/ws` in one process: listening, reading for snapshots, saying what is watched.

The first client starts it; it ends with the process. Nothing of it holds up a client: the tables are read in
threads, and while the database or the bus is away clients stay, are told so, and get a fresh snapshot after.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any, Final

import psycopg

from alphapulse_api.broadcasting.hub import Hub, Topic
from alphapulse_api.broadcasting.outbox import Outbox
from alphapulse_api.broadcasting.snapshots import Snapshots
from alphapulse_resources.broadcast.bus import CHANNEL, Bus, BusError
from alphapulse_resources.broadcast.choosing import bus_of
from alphapulse_resources.broadcast.wire import UnreadableError, unpack
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.pools import PoolLimits
from alphapulse_resources.settings.sections import Broadcast
from alphapulse_resources.venues.pacing import back_off

log = logging.getLogger(__name__)

READERS: Final = 2
"""Topics whose tables are read at once (ours): an analyst's sessions are few, and others want some."""
INTEREST_SECONDS: Final = 2.0
INTEREST_LASTS: Final = 10
"""Seconds for which a book counts as watched after that was last said (ours)."""
NAMES_SECONDS: Final = 10.0
"""How often instruments are looked up (ours): a symbol that was just tracked can be asked for by then."""
REFRESH_SECONDS: Final[dict[str, float]] = {"alerts": 2.0, "status": 5.0, "metrics": 15.0, "sentiment": 15.0}
"""How often a followed channel is read although nobody told of news (ours): not all that fills it tells."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


class Live:
    """One process' live data.

    `database` is read for snapshots. `owner` may write what is watched, and is listened to; without it nobody
    is told which books are watched, and they are told as long as other processes say so.
    """

    def __init__(
        self, database: Database, settings: Broadcast, owner: Database | None = None, bus: Bus | None = None
    ) -> None:
        self.settings = settings
        self.hub = Hub(self._want)
        self.away: str | None = None
        """Why nothing is heard now; None while all is well."""
        self._database, self._owner = Database(database.dsn, PoolLimits(most=READERS)), owner
        self._snapshots = Snapshots(self._database)
        self._bus: tuple[Bus, str] | None = None if bus is None else (bus, CHANNEL)
        self._symbols: dict[str, frozenset[str]] = {}
        self._ids: dict[tuple[str, str], int] = {}
        self._named_at = float("-inf")
        self._wanted: dict[Topic, None] = {}
        self._wake = asyncio.Event()
        self._tried = asyncio.Event()  # to listen: what is read before that would have to be read again
        self._clients: set[Outbox] = set()
        self._tasks: list[asyncio.Task[None]] = []

    # clients --------------------------------------------------------------------------------------------

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._clients)

    def join(self, outbox: Outbox) -> None:
        """A client has come."""
        self._start()
        self._clients.add(outbox)
        if self.away is not None:
            outbox.tell(self._status())

    def leave(self, outbox: Outbox) -> None:
        """It has gone."""
        self._clients.discard(outbox)
        self.hub.leave_all(outbox)

    async def instruments(self) -> dict[str, frozenset[str]]:
        """Tracked symbols by venue, as known lately; the database may be away at first."""
        if not self._symbols:
            await self._look_up_names()
        return self._symbols

    async def look_again(self) -> dict[str, frozenset[str]]:
        """As `instruments`, read anew if that was not done within a second: a symbol may be new."""
        if monotonic() - self._named_at > 1.0:
            await self._look_up_names()
        return self._symbols

    # the parts ------------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._tasks:
            return
        parts: list[tuple[str, Callable[[], Coroutine[Any, Any, None]]]] = [
            ("listening", self._listen),
            *((f"reader {number}", self._read) for number in range(READERS)),
            ("interest", self._tell_interest),
            ("names", self._follow_names),
            *((f"refresh {name}", lambda name=name: self._refresh(name)) for name in REFRESH_SECONDS),
        ]
        self._tasks = [asyncio.create_task(_kept(name, part), name=f"live {name}") for name, part in parts]

    async def stop(self) -> None:
        """End everything; clients are the server's to close."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._database.close)

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                if self._bus is None:
                    # as the owner where there is one: this session is there for good
                    source = self._owner or self._database
                    self._bus = await asyncio.to_thread(bus_of, self.settings, source)
                bus, topic = self._bus
                async for payload in bus.listen(topic):
                    if payload is None:
                        failures = 0
                        self._connected()
                    else:
                        self._hear(payload)
            except (BusError, psycopg.Error) as error:
                failures += 1
                self._lost(str(error))
            await asyncio.sleep(back_off(failures, FIRST_PAUSE, LONGEST_PAUSE, random.Random()))

    def _hear(self, payload: bytes) -> None:
        try:
            self.hub.hear(unpack(payload))
        except UnreadableError as error:
            log.warning("left out: %s", error)
            self.hub.lost("something could not be read")

    def _connected(self) -> None:
        self._tried.set()
        told, self.away = self.away is not None, None
        self.hub.connected()
        if told:
            for outbox in self._clients:
                outbox.tell(self._status())

    def _lost(self, why: str) -> None:
        self._tried.set()
        if self.away != why:
            log.warning("live data: %s", why)
        told, self.away = self.away is not None, why
        if not told:
            for outbox in self._clients:
                outbox.tell(self._status())

    def _status(self) -> dict[str, Any]:
        if self.away is None:
            return {"type": "status", "source": "live"}
        # what the server says of itself is not the client's business
        return {"type": "status", "source": "away", "reason": "the data's source is away; waiting for it"}

    # reading --------------------------------------------------------------------------------------------

    def _want(self, topic: Topic) -> None:
        self._wanted[topic] = None
        self._wake.set()

    async def _read(self) -> None:
        """Read for one topic after the other; what fails is tried again."""
        failures = 0
        await self._tried.wait()
        while True:
            if not self._wanted:
                self._wake.clear()
                await self._wake.wait()
                continue
            topic = next(iter(self._wanted))
            del self._wanted[topic]
            if not self.hub.alive(topic):
                continue
            generation, key = topic.generation, topic.key
            try:
                instrument_id = self._ids.get((key.venue, key.symbol))
                seen, image = await asyncio.to_thread(self._snapshots.read, key, instrument_id)
            except Exception as error:  # whatever it is: its followers wait for it
                failures += 1
                log.warning("%s could not be read: %s", topic.name, str(error).split("\n")[0])
                self._want(topic)
                await asyncio.sleep(back_off(failures, FIRST_PAUSE, LONGEST_PAUSE, random.Random()))
            else:
                failures = 0
                self.hub.loaded(topic, generation, seen, image)

    async def _refresh(self, channel: str) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS[channel])
            if self.away is None:
                self.hub.refresh([channel])

    async def _follow_names(self) -> None:
        while True:
            await asyncio.sleep(1.0 if self.hub.unknown else NAMES_SECONDS)
            unknown = bool(self.hub.unknown)
            await self._look_up_names()
            if unknown and not self.hub.unknown - set(self.hub.names):
                self.hub.unknown.clear()
                self.hub.lost("an instrument is new")

    async def _look_up_names(self) -> None:
        self._named_at = monotonic()
        try:
            rows = await asyncio.to_thread(self._snapshots.instruments)
        except psycopg.Error as error:
            log.debug("instruments could not be read: %s", error)
            return
        self.hub.names = {row["instrument_id"]: (row["venue"], row["symbol"]) for row in rows}
        self._ids = {name: number for number, name in self.hub.names.items()}
        by_venue: dict[str, set[str]] = {}
        for row in rows:
            if row["tracked"]:
                by_venue.setdefault(row["venue"], set()).add(row["symbol"])
        self._symbols = {venue: frozenset(symbols) for venue, symbols in by_venue.items()}

    # interest -------------------------------------------------------------------------------------------

    async def _tell_interest(self) -> None:
        """Say which books are watched: at once when there is a new one, then again before it is forgotten."""
        told: frozenset[str] = frozenset()
        due = 0.0
        while self._owner is not None:
            watched = self._watched()
            if watched - told or (watched and monotonic() >= due):
                try:
                    given = {"topics": sorted(watched), "seconds": INTEREST_LASTS}
                    await asyncio.to_thread(self._owner.execute, statement("live/watch"), given)
                except psycopg.Error as error:
                    log.debug("what is watched could not be told: %s", error)
                    await asyncio.sleep(INTEREST_SECONDS)
                else:
                    told, due = watched, monotonic() + INTEREST_SECONDS
            await asyncio.sleep(0.1)

    def _watched(self) -> frozenset[str]:
        books = [topic.key for topic in self.hub.topics if topic.key.channel == "book"]
        found = [self._ids.get((key.venue, key.symbol)) for key in books]
        return frozenset(f"book:{number}" for number in found if number is not None)


async def _kept(name: str, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a part whatever ends it: a fault of ours must not silence a process for good."""
    while True:
        try:
            await part()
            return
        except Exception:
            log.exception("live %s ended, begun again", name)
            await asyncio.sleep(1.0)
