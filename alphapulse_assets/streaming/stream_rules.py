"""Alert rules in a stream run: asked as soon as what they read is made, stored once, then told.

Asking is done in the loop, one piece of news after another, between which the loop goes on; what reads or
writes is done by a thread. While the database is away, steps wait and are stored and told when it is back.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import psycopg

from alphapulse_assets.alerting.evaluating import Fired, Named, RuleBook
from alphapulse_assets.alerting.readings import standing
from alphapulse_assets.alerts.expressions.fields import Change, Evaluator
from alphapulse_assets.alerts.rules import State
from alphapulse_assets.alerts.watching import Key, Move, News
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.streaming.rule_news import RuleNews
from alphapulse_resources.database.client import Database
from alphapulse_resources.streams.tables import Row, StreamTable

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""How often it is asked whether rules have changed (ours): one row is read for that."""
SLOW_SECONDS: Final = 10.0
"""How often what collectors bring is read, where a rule of the stream reads it too (ours)."""
MOST_WAITING: Final = 50_000
"""Steps that may wait for the database (ours); beyond it the oldest are lost, and that is logged."""


class StreamRules:
    """The rules of one worker. `tell` gets each alert once it is stored, in the loop."""

    def __init__(
        self,
        database: Database,
        name: str,
        tell: Callable[[Fired], None],
        now: Callable[[], float] = time.time,
        tell_again: Callable[[Fired], None] | None = None,
    ) -> None:
        """`name` is what `alert_rule_looks` calls this evaluator, as `stream 1-of-2`; `now` is our clock.

        `tell_again` gets what a worker before this one stored and did not come to tell.
        """
        self._tell_again, self._started = tell_again, datetime.now(UTC)
        self._database, self._tell = database, tell
        self.book: Final = RuleBook(database, Evaluator.STREAM, name)
        self.news: Final = RuleNews(self._heard, now)
        self._prices: dict[int, News] = {}  # the newest of each that was not asked about yet
        self._waiting: deque[News] = deque()
        self._arrived, self._moved = asyncio.Event(), asyncio.Event()
        self._moves: deque[Move] = deque()
        self._fresh: set[int] = set()  # followed, and nothing is known of it yet
        self._slow_at = 0.0

    def follow(self, instruments: Sequence[Named]) -> None:
        """Ask of these and no others."""
        now = {each.instrument_id: each for each in instruments}
        for gone in self.book.instruments.keys() - now.keys():
            self.book.watch.forget(gone)
        self._fresh |= now.keys() - self.book.instruments.keys()
        self._fresh &= now.keys()
        self.book.instruments = now

    def put(self, table: StreamTable, row: Row) -> None:
        """A row that the stream has made; never blocks."""
        self.news.put(table, row)

    def closed(self, instrument_id: int, bars: Mapping[str, Bar]) -> None:
        """All rows of a close were put."""
        self.news.closed(instrument_id, bars)

    async def run(self) -> None:
        """Until cancelled; what waits then is stored by `finish`."""
        async with asyncio.TaskGroup() as parts:
            parts.create_task(self._look_after(), name="alert rules")
            parts.create_task(self._ask(), name="news for alert rules")
            parts.create_task(self._store(), name="steps of alert rules")

    def finish(self) -> None:
        """Ask about what has come, and store what waits: the run ends. Blocking; nobody is told any more."""
        self._ask_all()
        if self._moves:
            self.book.store(list(self._moves))

    # asking ----------------------------------------------------------------------------------------------

    def _heard(self, news: News) -> None:
        if news.record is None and news.values.keys() == {"price"}:
            self._prices[news.instrument_id] = news  # of seconds that wait the newest is asked about
        else:
            self._waiting.append(news)
        self._arrived.set()

    async def _ask(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while (news := self._next()) is not None:
                for moves in self._taking(news):
                    self._keep(moves)
                    await asyncio.sleep(0)

    def _ask_all(self) -> None:
        while (news := self._next()) is not None:
            for moves in self._taking(news):
                self._keep(moves)

    def _next(self) -> News | None:
        if self._waiting:
            return self._waiting.popleft()
        return self._prices.pop(next(iter(self._prices))) if self._prices else None

    def _taking(self, news: News) -> Iterable[list[Move]]:
        return self.book.watch.taking(news) if news.instrument_id in self.book.instruments else ()

    def _keep(self, moves: Sequence[Move]) -> None:
        if not moves:
            return
        if len(self._moves) + len(moves) > MOST_WAITING:
            log.error(
                "%s: %d steps of alert rules are lost: the database is away", self.book.name, len(moves)
            )
            return
        self._moves.extend(moves)
        self._moved.set()

    # storing ---------------------------------------------------------------------------------------------

    async def _store(self) -> None:
        while True:
            await self._moved.wait()
            self._moved.clear()
            batch = list(self._moves)
            try:
                stored = await asyncio.to_thread(self.book.store, batch)
            except psycopg.Error as error:
                log.warning("%s: %d steps of alert rules wait: %s", self.book.name, len(batch), error)
                await asyncio.sleep(LOOK_SECONDS)
                self._moved.set()
                continue
            for _ in batch:
                self._moves.popleft()
            self.book.settle(stored)
            for fired in stored.fired:
                self._tell(fired)

    # looking after ---------------------------------------------------------------------------------------

    async def _look_after(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                await self._refresh()
                if loop.time() - self._slow_at >= SLOW_SECONDS:
                    self._slow_at = loop.time()
                    await self._read_slow()
                    await asyncio.to_thread(self.book.note_looks)
            except psycopg.Error as error:
                log.warning("%s: alert rules could not be read: %s", self.book.name, error)
            await asyncio.sleep(LOOK_SECONDS)

    async def _refresh(self) -> None:
        """Read rules that changed, and how things stand for symbols and fields that are new."""
        before = set(self.book.watch.reads)
        loaded = await asyncio.to_thread(self.book.load)
        if loaded is not None:
            self.book.apply(loaded)
            self.news.want(self.book.watch.reads.values())
        fresh = set(self.book.instruments) if self.book.watch.reads.keys() - before else set(self._fresh)
        if fresh:
            found, states = await asyncio.to_thread(self._stands, sorted(fresh))
            for key, state in states.items():
                self.book.watch.states.setdefault(key, state)
            for news in found:
                self.book.watch.know(news)
            self._fresh -= fresh
            await self._tell_untold(fresh)

    async def _tell_untold(self, instruments: set[int]) -> None:
        """Tell what the worker before this one stored in its last moment."""
        if self._tell_again is not None and self.book.watch.rules:
            untold = await asyncio.to_thread(self.book.untold, instruments, self._started)
            for fired in untold:
                self._tell_again(fired)

    def _stands(self, instruments: Sequence[int]) -> tuple[list[News], dict[Key, State]]:
        """Blocking: what is stored of instruments, by the fields that rules read."""
        reads = list(self.book.watch.reads.values())
        found = standing(self._database, reads, instruments, datetime.now(UTC))
        return found, self.book.recall(self.book.watch.rules, instruments)

    async def _read_slow(self) -> None:
        """What collectors bring, for rules that read it beside what streams make."""
        reads = [
            read for read in self.book.watch.reads.values() if read.field.source.change is Change.COLLECTED
        ]
        if not reads:
            return
        now = datetime.now(UTC)
        instruments = list(self.book.instruments)
        for news in await asyncio.to_thread(standing, self._database, reads, instruments, now):
            self.book.watch.know(news)
            self._heard(News(news.instrument_id, now.timestamp(), now.timestamp(), news.values, until={}))
