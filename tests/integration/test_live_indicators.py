"""What a stream run derives of each closed candle is what the batch computes of the same candles."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.candles.closing import ClosedCandle
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.indicators.dataset import indicator_rows
from alphapulse_assets.patterns.dataset import candlestick_rows
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.regime.dataset import regime_rows
from alphapulse_assets.streaming import derived
from alphapulse_assets.streaming.derived import LiveDerivations
from alphapulse_assets.streaming.derived_rows import INDICATOR_ROWS, PATTERN_ROWS, REGIME_ROWS
from alphapulse_assets.streaming.pattern_rows import CANDLESTICK_ROWS, CONFIDENCE_ROWS
from alphapulse_assets.volume.dataset import pattern_rows
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore
from alphapulse_resources.frames import CANDLE_SCHEMA, floor_time
from alphapulse_resources.streams.tables import Put, Row, StreamTable

MINUTE = timedelta(minutes=1)
HISTORY, LIVE = 3 * 1440, 400
"""Minutes that are stored before, and that come live."""
ABSENT = (100, 101, 250)
"""Live minutes in which nothing traded."""


def _candles(end: datetime) -> pl.DataFrame:
    """A random walk with jumps of volume, up to `end`."""
    count = HISTORY + LIVE
    random = np.random.default_rng(3)
    close = np.round(100 * np.exp(np.cumsum(random.normal(0, 0.002, count))), 2)
    opened = np.concatenate(([100.0], close[:-1]))
    spread = 1 + random.random(count) * 0.002
    volume = np.round(random.lognormal(2, 1.2, count), 5)
    return pl.DataFrame(
        {
            "ts": [end - (count - n) * MINUTE for n in range(count)],
            "open": opened,
            "high": np.round(np.maximum(opened, close) * spread, 2),
            "low": np.round(np.minimum(opened, close) / spread, 2),
            "close": close,
            "volume": volume,
            "quote_volume": volume * close,
            "trades": random.integers(1, 50, count),
            "taker_buy_volume": volume / 2,
        },
        schema=CANDLE_SCHEMA,
    )


class Clock:
    """Our clock, as the test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture
def market(database: Database, monkeypatch: pytest.MonkeyPatch) -> "Iterator[Market]":
    monkeypatch.setattr(derived, "LOOK_SECONDS", 0.05)
    with asyncio.Runner() as runner:
        yield Market(database, runner)


class Seen:
    """A live step that keeps the open times of the bars that it was given."""

    def __init__(self) -> None:
        self.bars: list[datetime] = []

    def update(self, bar: Bar, put: Put) -> None:
        self.bars.append(bar.ts)


class Market:
    """One instrument with a stored past and candles still to come."""

    def __init__(self, database: Database, runner: asyncio.Runner) -> None:
        self.database = database
        self.loop = runner
        self.store = CandleStore(database)
        self.id = self.store.register("binance", "BTC/USDT")
        candles = _candles(floor_time(datetime.now(UTC), "1m"))
        self.past, self.coming = candles.head(HISTORY), candles.tail(LIVE)
        self.coming = self.coming.filter(~pl.int_range(pl.len()).is_in(ABSENT))
        self.write(self.past)
        self.rows: defaultdict[StreamTable, list[dict[str, Any]]] = defaultdict(list)
        self.alerts: list[Alert] = []
        self.clock = Clock()
        self.seen: defaultdict[str, Seen] = defaultdict(Seen)
        self.live = LiveDerivations(
            database,
            self._put,
            DEFAULT,
            self.alerts.append,
            self.clock,
            starts=[lambda instrument_id, timeframe, bars, next_open: self.seen[timeframe]],
        )
        self.ids = [self.id]
        self.live.follow(self.ids)

    def write(self, candles: pl.DataFrame, key: int | None = None) -> None:
        with self.database.transaction() as connection:
            self.store.write(
                connection, key or self.id, candles, source="rest", received_at=datetime.now(UTC)
            )
        self.database.refresh_timeframes()
        self.database.execute("DELETE FROM derived_dirty")

    def add(self, symbol: str) -> int:
        """Another instrument with the same past, followed too."""
        key = self.store.register("binance", symbol)
        self.write(self.past, key)
        self.ids.append(key)
        self.live.follow(self.ids)
        return key

    async def warmed(self, count: int) -> None:
        """Wait until so many instruments are warm."""
        for _ in range(1200):
            if self.live.warm == count:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.live.warm} of {count} instruments are warm")

    def _put(self, table: StreamTable, row: Row) -> None:
        assert len(row) == len(table.columns)
        self.rows[table].append(dict(zip(table.columns, row, strict=True)))

    def run(self, candles: pl.DataFrame) -> None:
        """Warm it, let the candles come, and time pass."""

        async def main() -> None:
            task = asyncio.create_task(self.live.run())
            await self.warmed(1)
            for row in candles.iter_rows(named=True):
                self.clock.now += 60.0
                self.live.on_candle(self.id, ClosedCandle(**row, venue_ms=None, received_at=self.clock.now))
            while self.live.waiting:
                await asyncio.sleep(0.01)
            self.clock.now += 60.0
            await asyncio.sleep(0.3)
            await ended(task)

        self.loop.run(main())

    def told(self, table: StreamTable, timeframe: str) -> dict[Any, dict[str, Any]]:
        """Rows of a timeframe by open time and, of patterns, name; none twice."""
        rows = [row for row in self.rows[table] if row["timeframe_id"] == TIMEFRAME_IDS[timeframe]]
        found = {(row["ts"], row.get("pattern")): row for row in rows}
        assert len(found) == len(rows)
        return found

    def batch(self, compute: Any, timeframe: str) -> dict[Any, dict[str, Any]]:
        """What the batch computes of the bars that came live."""
        subject = DerivedStore(self.database).subjects([self.id])[0]
        bars = DerivedStore(self.database).bars(subject, timeframe, datetime.now(UTC))
        start = floor_time(self.coming["ts"][0], timeframe)
        rows = compute(bars, start, datetime.now(UTC)).to_dicts()
        return {(row["ts"], row.get("pattern")): row for row in rows}


def _same(live: dict[str, Any], batch: dict[str, Any]) -> None:
    for name, value in batch.items():
        if isinstance(value, float):
            assert math.isclose(live[name], value, rel_tol=1e-9, abs_tol=1e-12), (name, live, batch)
        elif name != "detail":
            assert live[name] == value, (name, live, batch)


def test_each_closed_candle_gives_the_rows_of_the_batch(market: Market) -> None:
    market.run(market.coming)
    market.write(market.coming)
    for timeframe in ("1m", "5m", "15m", "1h"):
        for table, compute in (
            (INDICATOR_ROWS, indicator_rows),
            (REGIME_ROWS, regime_rows),
            (PATTERN_ROWS, pattern_rows),
            (CANDLESTICK_ROWS, candlestick_rows),
        ):
            told, computed = market.told(table, timeframe), market.batch(compute, timeframe)
            assert told.keys() == computed.keys(), (table.name, timeframe)
            for key, row in told.items():
                _same(row, computed[key])
        assert market.seen[timeframe].bars == [ts for ts, _ in market.told(INDICATOR_ROWS, timeframe)]
    assert len(market.told(INDICATOR_ROWS, "1m")) == LIVE - len(ABSENT)
    assert market.rows[PATTERN_ROWS]
    assert market.rows[CONFIDENCE_ROWS]


def test_a_corrected_candle_leaves_the_word_to_the_batch_until_it_is_warm_again(market: Market) -> None:
    market.run(market.coming.head(10))
    assert market.live.warm == 1
    before = len(market.rows[INDICATOR_ROWS])
    again = market.coming.row(5, named=True)

    async def correct() -> None:
        task = asyncio.create_task(market.live.run())
        market.live.on_candle(market.id, ClosedCandle(**again, venue_ms=None, received_at=market.clock.now))
        while market.live.waiting:
            await asyncio.sleep(0.01)
        assert market.live.warm == 0
        await ended(task)

    market.loop.run(correct())
    market.write(market.coming.head(10))
    market.clock.now += derived.REST_SECONDS
    market.run(market.coming.slice(10, 5))
    assert len(market.rows[INDICATOR_ROWS]) > before
    newest = market.coming["ts"][14]
    assert (newest, None) in market.told(INDICATOR_ROWS, "1m")


def test_a_history_that_is_being_filled_is_waited_for(market: Market) -> None:
    market.database.execute(
        "INSERT INTO derived_dirty (dataset, instrument_id, day) VALUES ('indicators', %(id)s, %(day)s)",
        {"id": market.id, "day": (datetime.now(UTC) - timedelta(days=2)).date()},
    )

    async def main() -> None:
        task = asyncio.create_task(market.live.run())
        await asyncio.sleep(0.5)
        assert market.live.warm == 0
        await ended(task)

    market.loop.run(main())


def test_symbols_that_close_at_once_leave_the_event_loop_free_in_between(market: Market) -> None:
    others = [market.add(symbol) for symbol in ("ETH/USDT", "SOL/USDT")]
    candle = market.coming.row(0, named=True)

    async def main() -> list[int]:
        task = asyncio.create_task(market.live.run())
        await market.warmed(3)
        market.clock.now += 60.0
        for key in (market.id, *others):
            market.live.on_candle(key, ClosedCandle(**candle, venue_ms=None, received_at=market.clock.now))
        turns: list[int] = []  # how many of them had their rows each time the loop came round to us
        while market.live.waiting or not turns:
            await asyncio.sleep(0)
            turns.append(len({row["instrument_id"] for row in market.rows[INDICATOR_ROWS]}))
        await ended(task)
        return turns

    assert sorted(set(market.loop.run(main()))) == [1, 2, 3]


def test_candles_that_come_while_states_are_made_are_taken_in_order(market: Market) -> None:
    async def main() -> None:
        task = asyncio.create_task(market.live.run())
        for row in market.coming.head(20).iter_rows(named=True):
            market.clock.now += 60.0
            market.live.on_candle(market.id, ClosedCandle(**row, venue_ms=None, received_at=market.clock.now))
        await market.warmed(1)
        for row in market.coming.slice(20, 20).iter_rows(named=True):
            market.clock.now += 60.0
            market.live.on_candle(market.id, ClosedCandle(**row, venue_ms=None, received_at=market.clock.now))
        while market.live.waiting:
            await asyncio.sleep(0.01)
        await ended(task)

    market.loop.run(main())
    assert market.live.warm == 1
    times = [row["ts"] for row in market.rows[INDICATOR_ROWS] if row["timeframe_id"] == 1]
    assert times == market.coming["ts"].head(40).to_list()
