"""Indicators, regimes, patterns and signals in a stream run: the rows of a closed candle, at once.

States are warmed from the database by a thread, one instrument after another, and made anew where the past
changed under them: a corrected candle, a history that is still being filled. Until then the batch, which
computes everything again anyway, has the word.

Candles wait in a queue and are taken one by one, between which the event loop goes on: however many symbols
close at once, order books wait for a single candle at most.
"""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

import polars as pl
import psycopg
from adbc_driver_manager import Error as ReadError

from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.candles.closing import ClosedCandle
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.timeframes import aggregate
from alphapulse_assets.datasets.live import BarSource, LiveStep, StartLive
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.configuration_store import record
from alphapulse_assets.patterns.signal_outcomes.live import OutcomeState
from alphapulse_assets.patterns.signal_outcomes.rows import undecided
from alphapulse_assets.registry import live
from alphapulse_assets.streaming.bars_from_minutes import MINUTE, BarBuilder, OutOfOrderError
from alphapulse_assets.streaming.derived_rows import DerivedState
from alphapulse_assets.streaming.pattern_rows import LivePatterns, derive
from alphapulse_assets.streaming.pattern_warm import PatternWarmer
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import COMPUTED, BarReader, DerivedStore, Subject
from alphapulse_resources.frames import CANDLE_SCHEMA, TIMEFRAMES, floor_time
from alphapulse_resources.streams.tables import Put

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 5.0
KNOWLEDGE_SECONDS: Final = 3600.0
REST_SECONDS: Final = 60.0
"""How long an instrument whose past changed is left to the batch before it is warmed again (ours)."""
_OVERLAP: Final = timedelta(days=8)
"""At least so much is aggregated here from minutes: longer bars may not have caught up yet (ours)."""


@dataclass(slots=True)
class _Followed:
    """One instrument: without a builder it is not warm, and its candles are kept for when it is."""

    builder: BarBuilder | None = None
    states: dict[str, DerivedState] = field(default_factory=dict)
    steps: dict[str, list[LiveStep]] = field(default_factory=dict)  # by timeframe, of `Dataset.live`
    patterns: LivePatterns | None = None  # there wherever a builder is
    kept: deque[tuple[ClosedCandle, float]] = field(default_factory=deque)
    due: float = 0.0  # when it may be warmed

    def cool(self, due: float) -> None:
        """Forget the states."""
        self.builder = self.patterns = None
        self.states.clear()
        self.steps.clear()
        self.kept.clear()
        self.due = due


class LiveDerivations:
    """All instruments of a worker. Everything but reading is in the loop."""

    def __init__(
        self,
        database: Database,
        put: Put,
        configuration: PatternConfiguration,
        alert: Callable[[Alert], None],
        now: Callable[[], float] = time.time,
        starts: Sequence[StartLive] | None = None,
        closed: Callable[[int, Mapping[str, Bar]], None] | None = None,
    ) -> None:
        """`put` and `alert` are where rows and alerts of strong signals go; `now` is our clock.

        `closed` is told of an instrument's bars, by timeframe, once all rows of their close were put.

        `starts`: of the data sets with a live step of their own; without it those of the registry.
        """
        self._starts = live() if starts is None else starts
        self._store = DerivedStore(database)
        self._put = put
        self._told_closed = closed
        self._configuration = configuration
        self._alert = alert
        self._warmer: PatternWarmer | None = None  # read in a thread, before the first instrument is warm
        self._read_at = -math.inf
        self._now = now
        self._followed: dict[int, _Followed] = {}
        self._closed: asyncio.Queue[tuple[int, ClosedCandle, float]] = asyncio.Queue()

    @property
    def warm(self) -> int:
        """Instruments whose rows come at once."""
        return sum(each.builder is not None for each in self._followed.values())

    @property
    def waiting(self) -> int:
        """Closed candles that were not taken yet, but for those that wait for a state."""
        warm = (each for each in self._followed.values() if each.builder is not None)
        return self._closed.qsize() + sum(len(each.kept) for each in warm)

    def follow(self, instrument_ids: Iterable[int]) -> None:
        """These and no others."""
        wanted = set(instrument_ids)
        for gone in self._followed.keys() - wanted:
            del self._followed[gone]
        for new in wanted - self._followed.keys():
            self._followed[new] = _Followed()

    def on_candle(self, instrument_id: int, candle: ClosedCandle) -> None:
        """A closed candle of an instrument; its rows are put by `run`, soon."""
        self._closed.put_nowait((instrument_id, candle, self._now()))

    async def run(self) -> None:
        """Derive what has closed, and warm what is cold, until cancelled."""
        async with asyncio.TaskGroup() as parts:
            parts.create_task(self._take_closed(), name="closed candles")
            parts.create_task(self._look_after(), name="states of indicators")

    async def _take_closed(self) -> None:
        while True:
            instrument_id, candle, at = await self._closed.get()
            followed = self._followed.get(instrument_id)
            if followed is None:
                continue
            if followed.builder is None or followed.kept:
                followed.kept.append((candle, at))
            else:
                self._take(instrument_id, followed, candle, at)
            await asyncio.sleep(0)

    async def _look_after(self) -> None:
        """Warm what is cold, and let the clock close bars that no candle closes."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                unsettled = await asyncio.to_thread(self._unsettled)
                await self._read_anew()
            except (psycopg.Error, ReadError) as error:
                log.warning("what changed could not be read: %s", error)
                continue
            except ValueError as error:  # a configuration under a number that another one has
                log.error("live indicators and patterns have to wait: %s", error)
                await asyncio.sleep(REST_SECONDS)
                continue
            for instrument_id, followed in list(self._followed.items()):
                if instrument_id in unsettled:
                    followed.cool(self._now() + LOOK_SECONDS)
                elif followed.builder is None and self._now() >= followed.due:
                    await self._warm(instrument_id, followed)
                elif followed.builder is not None:
                    self._derive(instrument_id, followed, followed.builder.due(self._now()))
                    await asyncio.sleep(0)

    async def _read_anew(self) -> None:
        """Read what is known of whole days, hourly: it is given hours before it is taken as known."""
        if self._now() < self._read_at + KNOWLEDGE_SECONDS:
            return
        now = datetime.now(UTC)
        if self._warmer is None:
            await asyncio.to_thread(record, self._store.database, self._configuration)
            self._warmer = await asyncio.to_thread(PatternWarmer, self._store, self._configuration, now)
        else:
            knowledge = await asyncio.to_thread(self._warmer.read_anew, now)
            for followed in self._followed.values():
                if followed.patterns is not None:
                    followed.patterns.learn(knowledge, self._warmer.models, self._warmer.rates)
        self._read_at = self._now()

    def _unsettled(self) -> set[int]:
        """Instruments whose past is still being fetched, or changed and was not computed anew yet."""
        return {row["instrument_id"] for row in self._store.database.rows(statement("derived/unsettled"))}

    async def _warm(self, instrument_id: int, followed: _Followed) -> None:
        try:
            builder, states, steps, patterns = await asyncio.to_thread(self._states, instrument_id)
        except (psycopg.Error, ReadError, ValueError, LookupError) as error:
            log.warning("instrument %d: live indicators have to wait: %s", instrument_id, error)
            followed.cool(self._now() + REST_SECONDS)
            return
        known = builder.last
        followed.builder, followed.patterns = builder, patterns
        followed.states, followed.steps = states, steps
        while followed.builder is builder and followed.kept:
            candle, at = followed.kept[0]
            if known is None or candle.ts > known:
                self._take(instrument_id, followed, candle, at)
            if followed.kept:
                followed.kept.popleft()  # only now: those that come in between have to wait behind it
            await asyncio.sleep(0)

    def _states(
        self, instrument_id: int
    ) -> tuple[BarBuilder, dict[str, DerivedState], dict[str, list[LiveStep]], LivePatterns]:
        """Blocking: everything that is known of an instrument until now."""
        assert self._warmer is not None  # read before
        subject = self._store.subjects([instrument_id])[0]
        now = datetime.now(UTC)
        since = floor_time(now - _OVERLAP, "1w")
        minutes = self._store.bars(subject, "1m", now).between(since, now)
        newest = minutes["ts"][-1] + MINUTE if minutes.height else floor_time(now, "1m")
        readers = {
            name: _Joined(self._store.bars(subject, name, newest), minutes, since, newest)
            for name in COMPUTED
        }
        states = {
            name: DerivedState(instrument_id, name, reader, floor_time(newest, name))
            for name, reader in readers.items()
        }
        steps = {
            name: [start(instrument_id, name, reader, floor_time(newest, name)) for start in self._starts]
            for name, reader in readers.items()
        }
        patterns = LivePatterns(
            self._warmer.state(subject, readers, newest),
            instrument_id=instrument_id,
            symbol=subject.symbol,
            venue=subject.venue,
            configuration=self._configuration,
            put=self._put,
            alert=self._alert,
            now=self._now,
            outcomes=self._open_signals(subject, readers, newest),
            probabilities=self._warmer.probabilities(readers, newest),
        )
        return BarBuilder(COMPUTED, minutes), states, steps, patterns

    def _open_signals(
        self, subject: Subject, readers: Mapping[str, BarSource], newest: datetime
    ) -> OutcomeState:
        """The stored signals that are open after the newest minute."""
        told = {
            name: undecided(self._store.bars(subject, name, newest), self._configuration) for name in COMPUTED
        }
        return OutcomeState.warm(told, readers, newest, self._configuration.costs)

    def _take(self, instrument_id: int, followed: _Followed, candle: ClosedCandle, at: float) -> None:
        assert followed.builder is not None  # the callers have looked
        try:
            closed = followed.builder.add(candle, at)
        except OutOfOrderError:
            followed.cool(self._now() + REST_SECONDS)
            return
        self._derive(instrument_id, followed, closed)

    def _derive(self, instrument_id: int, followed: _Followed, closed: list[tuple[str, Bar]]) -> None:
        assert followed.patterns is not None  # the callers have looked
        try:
            for _, group in groupby(closed, key=_closes_at):
                bars = dict(group)
                beside = {name: derive(followed.states[name], bar, self._put) for name, bar in bars.items()}
                followed.patterns.update(beside)
                for name, bar in bars.items():
                    for step in followed.steps[name]:
                        step.update(bar, self._put)
                if self._told_closed is not None:
                    self._told_closed(instrument_id, bars)
        except ValueError as error:
            log.warning("instrument %d: %s; warmed anew", instrument_id, error)
            followed.cool(self._now() + REST_SECONDS)


def _closes_at(closed: tuple[str, Bar]) -> datetime:
    timeframe, bar = closed
    return bar.ts + TIMEFRAMES[timeframe]


class _Joined:
    """Bars of a timeframe: stored ones, and from `since` on those that the minutes make."""

    def __init__(self, stored: BarReader, minutes: pl.DataFrame, since: datetime, until: datetime) -> None:
        self._stored, self._since = stored, since
        name = stored.timeframe
        made = minutes if name == "1m" else aggregate(minutes, name).select(CANDLE_SCHEMA.names())
        self._made = made.filter(pl.col("ts") + TIMEFRAMES[name] <= until)

    def between(self, start: datetime, end: datetime) -> pl.DataFrame:
        """See `derived_rows.BarSource`."""
        made = self._made.filter((pl.col("ts") >= start) & (pl.col("ts") < end))
        return pl.concat([self._stored.between(start, min(end, self._since)), made])

    def before(self, moment: datetime, count: int) -> pl.DataFrame:
        """See `derived_rows.BarSource`."""
        made = self._made.filter(pl.col("ts") < moment).tail(count)
        return pl.concat([self._stored.before(min(moment, self._since), count - made.height), made])
