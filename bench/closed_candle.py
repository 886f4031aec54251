"""Everything that a closed candle triggers: for one symbol, and for 1000 at once, computed and stored.

One symbol: the last hour before a Monday begins, up to the minute that closes all seven timeframes, again
and again; bars in, rows out. "patterns and signals" is what the bar is about: 61 candlestick patterns and the
chart patterns of every timeframe that closes, events, confidence, confluence, signals, the probability of
each piece of evidence by a model of trees, and their rows. Told
apart is what comes before them in a stream run: indicators, regimes, volume patterns.

1000 symbols: all of that for each of them, in two stream runs that share them (two processes, as with
`ALPHAPULSE_STREAMS__SHARDS=2`), one after another in each, put into the writer of the run, from the moment
both begin until the later one has committed everything: once for a minute that closes the 1m bars alone, once
for the Monday. The server works on the same two cores.

Bars are random walks that open with a trade, which fire more often than real ones; each timeframe has a walk
of its own.
"""

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Final, NamedTuple, TypeVar

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Bar as Candle
from alphapulse_assets.models.features import CLOSES
from alphapulse_assets.models.live import ProbabilityState
from alphapulse_assets.models.scoring import Models
from alphapulse_assets.patterns.candlestick.rates import random_walk
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.model import PATTERN_EVENT_SCHEMA, PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.scoring.confidence import CONFIDENCE_SCHEMA
from alphapulse_assets.patterns.signals.live import Closed, Past, PatternState
from alphapulse_assets.streaming.derived_rows import DerivedState
from alphapulse_assets.streaming.pattern_rows import LivePatterns, derive
from alphapulse_resources.database.client import Database
from alphapulse_resources.frames import TIMEFRAMES as LENGTHS
from alphapulse_resources.frames import floor_time
from alphapulse_resources.streams.sinks import DERIVED
from alphapulse_resources.streams.tables import Put, Row, StreamTable
from alphapulse_resources.streams.writer import StreamWriter
from bench.data import candles
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError
from bench.servers import Server
from tests.databases import fresh_database
from tests.models import some_model

MONDAY: Final = datetime(2024, 1, 22, tzinfo=UTC)
"""The moment at which all timeframes close; no block of the calendar rule begins there."""
HOURS: Final = 12
"""Hours before a Monday that one symbol is followed for; each is another walk."""
MINUTES: Final = 60
SYMBOLS: Final = 1_000
SHARDS: Final = 2
BEFORE: Final = 5
"""Minutes that close before the two that are measured, so that patterns live."""
HISTORY: Final = 400
"""Bars of each timeframe before those that close."""

_WALK: Final = 200_000
_MEDIAN: Final = Bar(Demand.OURS_AT_MOST, 2.0)
_P99: Final = Bar(Demand.OURS_AT_MOST, 10.0)
_STORED: Final = Bar(Demand.OURS_AT_MOST, 5.0)
_FLUSH_SECONDS: Final = 300.0
_SLOWEST_SECONDS: Final = 600.0  # for the other shards to be ready
_WHOLE: Final = "... with indicators, regimes and volume patterns"
_PAUSE_SECONDS: Final = 0.005
_Found = TypeVar("_Found")

Moment = Mapping[str, Candle]
"""The bars (CANDLE_SCHEMA) that close at one moment, by timeframe."""


class _FrameBars:
    """Bars of a frame, as states read them."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def between(self, start: datetime, end: datetime) -> pl.DataFrame:
        """See `derived_rows.BarSource`."""
        return self.frame.filter((pl.col("ts") >= start) & (pl.col("ts") < end))

    def before(self, moment: datetime, count: int) -> pl.DataFrame:
        """See `derived_rows.BarSource`."""
        return self.frame.filter(pl.col("ts") < moment).tail(count)


class _Symbol:
    """One instrument with the states of a stream run, warmed at `start`."""

    def __init__(self, number: int, walk: pl.DataFrame, start: datetime, put: Put) -> None:
        self._put = put
        self._bars = {
            name: _bars(walk, 9_973 * number + 24_989 * i, name) for i, name in enumerate(PATTERN_TIMEFRAMES)
        }
        past = {
            name: _FrameBars(frame.filter(pl.col("ts") < floor_time(start, name)))
            for name, frame in self._bars.items()
        }
        self._states = {
            name: DerivedState(number, name, bars, floor_time(start, name)) for name, bars in past.items()
        }
        state = PatternState.warm(
            number,
            {name: Past(bars.frame, None) for name, bars in past.items()},
            PATTERN_EVENT_SCHEMA.to_frame(),
            CONFIDENCE_SCHEMA.to_frame(),
        )
        self._patterns = LivePatterns(
            state,
            instrument_id=number,
            symbol=f"S{number}/USDT",
            venue="binance",
            configuration=DEFAULT,
            put=put,
            alert=lambda alert: None,
            probabilities=_probabilities(past),
        )

    def moments(self, start: datetime, end: datetime) -> Iterator[Moment]:
        """What closes at each minute after `start`, `end` included."""
        rows = {
            name: {
                row["ts"] + LENGTHS[name]: Candle.of(row)
                for row in frame.tail(MINUTES + 1).iter_rows(named=True)
            }
            for name, frame in self._bars.items()
        }
        for minute in range(1, (end - start) // LENGTHS["1m"] + 1):
            moment = start + minute * LENGTHS["1m"]
            yield {name: rows[name][moment] for name in PATTERN_TIMEFRAMES if moment in rows[name]}

    def derive(self, moment: Moment) -> dict[str, Closed]:
        """Indicators, regimes and volume patterns of bars, put; what patterns need of them."""
        return {name: derive(self._states[name], bar, self._put) for name, bar in moment.items()}

    def patterns(self, closed: Mapping[str, Closed]) -> None:
        """Patterns, confidence, confluence and signals of the same bars, put."""
        self._patterns.update(closed)


def _probabilities(past: Mapping[str, _FrameBars]) -> ProbabilityState:
    """A model of 60 trees, as the ladder's largest has."""
    closes = {name: bars.frame["close"].tail(CLOSES - 1).to_list() for name, bars in past.items()}
    model = some_model(datetime(2000, 1, 1, tzinfo=UTC), DEFAULT, "boosting")
    return ProbabilityState(closes, Models([model]))


def _bars(walk: pl.DataFrame, place: int, timeframe: str) -> pl.DataFrame:
    """Bars of a timeframe that close up to MONDAY: so many of the walk as HISTORY and MINUTES ask for."""
    count, length = HISTORY + MINUTES, LENGTHS[timeframe]
    chosen = walk.slice(place % (walk.height - count), count)
    opens = [MONDAY - (count - i) * length for i in range(count)]
    return chosen.with_columns(pl.Series("ts", opens, dtype=pl.Datetime("us", "UTC")))


def run(server: Server) -> list[Figure]:
    """Milliseconds of one symbol's minutes, and seconds until those of 1000 are stored on one server."""
    walk = random_walk(_WALK, seed=7).with_columns(candles(_WALK)["volume"])
    return [*_one(walk), *_many(server, walk)]


def _one(walk: pl.DataFrame) -> list[Figure]:
    """Processor milliseconds of this thread: other work on the machine does not show."""
    before: list[float] = []
    patterns: list[float] = []
    all_seven: list[float] = []
    start = MONDAY - timedelta(minutes=MINUTES)
    for number in range(HOURS + 1):
        rows: list[Row] = []
        symbol = _Symbol(number, walk, start, partial(_keep, rows))
        gc.collect()
        for moment in symbol.moments(start, MONDAY):
            derived, closed = _timed(partial(symbol.derive, moment))
            told, _ = _timed(partial(symbol.patterns, closed))
            if not number:
                continue  # compiles, or loads what was compiled
            before.append(derived)
            patterns.append(told)
            if len(moment) == len(PATTERN_TIMEFRAMES):
                all_seven.append(told)
        if not rows:
            raise BenchmarkError("nothing was told: the times mean nothing")
    name = "a closed candle, one symbol, patterns and signals"
    p50, p99 = np.percentile(patterns, [50, 99]).tolist()
    whole = [sum(both) for both in zip(before, patterns, strict=True)]
    return [
        Figure(f"{name}, median", "CPU ms", (p50,), bar=_MEDIAN),
        Figure(f"{name}, p99", "CPU ms", (p99,), bar=_P99),
        Figure(f"{name}, all seven timeframes close", "CPU ms", tuple(all_seven), bar=_P99),
        Figure(f"{_WHOLE}, median", "CPU ms", (float(np.median(whole)),)),
        Figure(f"{_WHOLE}, p99", "CPU ms", (float(np.percentile(whole, 99)),)),
    ]


def _keep(rows: list[Row], table: StreamTable, row: Row) -> None:
    rows.append(row)


def _many(server: Server, walk: pl.DataFrame) -> list[Figure]:
    context = get_context("spawn")
    start_together = context.Barrier(SHARDS)
    with (
        fresh_database(server.dsn) as dsn,
        ProcessPoolExecutor(SHARDS, context, initializer=_join, initargs=(start_together,)) as shards,
    ):
        told = [shards.submit(_shard, dsn, walk, n) for n in range(SHARDS)]
        usual, monday = ([*each] for each in zip(*(each.result() for each in told), strict=True))
    name = f"{SYMBOLS} symbols close at once, {SHARDS} shards, {server.name}"
    return [
        figure
        for what, found in (("1m bars", usual), ("all seven timeframes", monday))
        for figure in (
            Figure(f"{name}, {what}: computed", "s", (max(each.computed for each in found),)),
            Figure(f"{name}, {what}: stored", "s", (max(each.stored for each in found),), bar=_STORED),
            Figure(f"{name}, {what}: these processes", "CPU s", (sum(each.processor for each in found),)),
            Figure(f"{name}, {what}: rows", "rows", (sum(each.rows for each in found),)),
        )
    ]


class _Stored(NamedTuple):
    """Seconds until all is computed and until all is committed, processor seconds of both, and rows."""

    computed: float
    stored: float
    processor: float
    rows: int


_together: Barrier


def _join(barrier: Barrier) -> None:
    global _together
    _together = barrier


def _shard(dsn: str, walk: pl.DataFrame, shard: int) -> tuple[_Stored, _Stored]:
    """One stream run's share of the symbols: its minute that closes 1m bars alone, and its Monday."""
    start = MONDAY - timedelta(minutes=BEFORE + 2)
    database = Database(dsn)
    name = f"{shard + 1}-of-{SHARDS}"
    writer = StreamWriter(database, run_id=f"bench {name}", shard=name, options=DERIVED)
    writer.start()
    try:
        symbols = [_Symbol(number, walk, start, writer.put) for number in range(shard, SYMBOLS, SHARDS)]
        minutes = list(zip(*(symbol.moments(start, MONDAY) for symbol in symbols), strict=True))
        for moments in minutes[:-2]:
            _stored(writer, symbols, moments)
        usual, monday = (_stored(writer, symbols, moments) for moments in minutes[-2:])
        lost = sum(writer.counts.dropped.values()) + sum(writer.counts.quarantined.values())
    finally:
        writer.close(_FLUSH_SECONDS)
        database.close()
    if lost:
        raise BenchmarkError(f"{lost} rows were dropped or refused: the times mean nothing")
    return usual, monday


def _stored(writer: StreamWriter, symbols: Sequence[_Symbol], moments: Sequence[Moment]) -> _Stored:
    """Let a bar of each symbol close, at the same moment as in the other shards."""
    gc.collect()
    _together.wait(_SLOWEST_SECONDS)
    before, spent, began = sum(writer.counts.written.values()), time.process_time(), time.perf_counter()
    for symbol, moment in zip(symbols, moments, strict=True):
        symbol.patterns(symbol.derive(moment))
    computed = time.perf_counter() - began
    while writer.counts.pending:
        if time.perf_counter() - began > _FLUSH_SECONDS:
            raise BenchmarkError(f"{writer.counts.pending} rows wait: {writer.counts.last_error}")
        time.sleep(_PAUSE_SECONDS)
    stored, spent = time.perf_counter() - began, time.process_time() - spent
    return _Stored(computed, stored, spent, sum(writer.counts.written.values()) - before)


def _timed(work: Callable[[], _Found]) -> tuple[float, _Found]:
    started = time.thread_time_ns()
    found = work()
    return (time.thread_time_ns() - started) / 1e6, found
