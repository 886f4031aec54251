"""A whole worker on real sockets and the real database: what it follows, what it writes, how it ends."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr
from webhook_support import Answer, receiver

from alphapulse_assets.alerting.rule_rows import Draft, create_rule
from alphapulse_assets.streaming.report import StreamReport
from alphapulse_assets.streaming.shards import Shard
from alphapulse_assets.streaming.worker import run_worker
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Alerts, AlertSinkSettings, Settings, Streams
from alphapulse_resources.streams.sinks import RowSink
from alphapulse_resources.streams.tables import Row, StreamTable
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_sim.process import SimulatorProcess

SYMBOLS = (
    ("binance", "BTC/USDT", "BTCUSDT"),
    ("binanceusdm", "BTC/USDT:USDT", "BTCUSDT"),
    ("bybit", "BTC/USDT", "BTCUSDT"),
    ("bybit", "BTC/USDT:USDT", "BTCUSDT"),
    ("coinbase", "BTC/USD", "BTC-USD"),
)
SECONDS = 90.0
"""The longest that anything is waited for, on a slow machine."""


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=5) as simulator:
        yield simulator


@dataclass
class Running:
    """A worker and what is around it."""

    database: Database
    simulator: SimulatorProcess
    shard: Shard = field(default_factory=lambda: Shard(1, 1))
    run_id: str = "test-run"
    reports: list[StreamReport] = field(default_factory=list)
    snapshot_seconds: float = 0.2
    sinks: Sequence[RowSink] = ()
    alerts: Alerts = field(default_factory=Alerts)

    def track(self, venue: str, symbol: str, venue_symbol: str) -> None:
        names = {"venue": venue, "symbol": symbol, "own": venue_symbol}
        self.database.rows("SELECT track_symbol(%(venue)s, %(symbol)s)", names)
        self.database.execute(
            "UPDATE instruments SET venue_symbol = %(own)s, active = true"
            " WHERE venue = %(venue)s AND symbol = %(symbol)s",
            names,
        )

    def untrack(self, venue: str, symbol: str) -> None:
        self.database.rows("SELECT untrack_symbol(%(venue)s, %(symbol)s)", {"venue": venue, "symbol": symbol})

    def run(self, during: Callable[[], Any]) -> None:
        """Run the worker while `during` (in a thread) does; its end is clean."""

        async def main() -> None:
            streams = Streams(snapshot_seconds=self.snapshot_seconds)
            settings = Settings(venue_url=self.simulator.url, streams=streams, alerts=self.alerts)
            limiter = DatabaseRateLimiter(self.database.dsn, max_wait=5.0)
            stop = asyncio.Event()
            worker = asyncio.create_task(
                run_worker(
                    self.shard,
                    settings=settings,
                    database=self.database,
                    venues=VenueClient(settings, limiter),
                    run_id=self.run_id,
                    report=self.reports.append,
                    stop=stop,
                    sinks=self.sinks,
                )
            )
            try:
                await asyncio.to_thread(during)
            finally:
                stop.set()
                await worker
                limiter.close()

        asyncio.run(main())

    def states(self) -> dict[str, str]:
        """State of each book by its latest event."""
        rows = self.database.rows(
            "SELECT DISTINCT ON (i.instrument_id) i.venue || ' ' || i.symbol AS name, e.state_after"
            " FROM order_book_events AS e JOIN instruments AS i USING (instrument_id)"
            " ORDER BY i.instrument_id, e.ts DESC"
        )
        return {row["name"]: row["state_after"] for row in rows}

    def count(self, table: str) -> int:
        return int(self.database.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])

    def wait(self, what: str, ready: Callable[[], bool]) -> float:
        """Seconds until `ready`."""
        started = time.monotonic()
        while time.monotonic() - started < SECONDS:
            if ready():
                return time.monotonic() - started
            time.sleep(0.1)
        raise AssertionError(f"{what} did not come within {SECONDS:.0f} s: {self.states()}")


@dataclass
class Listener:
    """A second sink, as a broadcaster would be one."""

    name: str = "listener"
    heard: Counter[str] = field(default_factory=Counter)

    def put(self, table: StreamTable, row: Row) -> None:
        assert len(row) >= len(table.columns)
        self.heard[table.name] += 1


class Broken(Listener):
    """A sink that takes nothing."""

    def put(self, table: StreamTable, row: Row) -> None:
        raise RuntimeError("nobody is here")


@pytest.fixture
def running(database: Database, simulator: SimulatorProcess) -> Running:
    simulator.clear()
    return Running(database, simulator)


def _all(running: Running, state: str, symbols: tuple[tuple[str, str, str], ...]) -> bool:
    states = running.states()
    return all(states.get(f"{venue} {symbol}") == state for venue, symbol, _ in symbols)


def test_every_market_is_followed_and_written_and_stops_clean(running: Running) -> None:
    listener = Listener()
    running.sinks = (Broken("broken"), listener)
    for symbol in SYMBOLS:
        running.track(*symbol)

    def during() -> None:
        running.wait("a synced book of every market", lambda: _all(running, "synced", SYMBOLS))
        # where trades make the candles, the forming one is known from the first whole minute on
        wanted = {"order_book_snapshots": 5, "trades_1s": 5, "order_book_status": 5, "forming_candles": 4}
        for table, rows in wanted.items():
            running.wait(table, lambda table=table, rows=rows: running.count(table) >= rows)  # type: ignore[misc]

    running.run(during)
    assert _all(running, "stopped", SYMBOLS)
    assert running.count("stream_gaps") == 0
    for table in ("order_book_snapshots", "order_book_events", "trades_1s"):
        assert listener.heard[table] == running.count(table), f"{table}: the other sink has other rows"
    query = "SELECT venue, levels, usd_rate FROM order_book_status JOIN instruments USING (instrument_id)"
    asked = {(row["venue"], row["levels"], row["usd_rate"]) for row in running.database.rows(query)}
    assert asked == {
        ("binance", 5000, 1.0),
        ("binanceusdm", 1000, 1.0),
        ("bybit", 200, 1.0),
        ("coinbase", None, 1.0),
    }
    assert running.count("quarantine") == 0
    last = running.reports[-1]
    assert last.dropped == 0
    assert len(last.symbols) == len(SYMBOLS)
    wrong = running.database.rows(
        "SELECT count(*) AS n FROM order_book_snapshots"
        " WHERE best_bid >= best_ask OR received_at < ts - INTERVAL '1 second'"
        " OR bid_prices[1] <> best_bid OR ask_prices[1] <> best_ask"
    )
    assert wrong[0]["n"] == 0


def test_symbols_come_and_go_while_it_runs(running: Running) -> None:
    first, second = SYMBOLS[0], SYMBOLS[4]
    running.track(*first)

    def during() -> None:
        running.wait("the first book", lambda: _all(running, "synced", (first,)))
        running.track(*second)
        running.wait("the second book", lambda: _all(running, "synced", (second,)))
        running.untrack(*first[:2])
        running.wait("the end of the first", lambda: _all(running, "stopped", (first,)))
        assert _all(running, "synced", (second,))  # nothing happened to it

    running.run(during)
    causes = running.database.rows(
        "SELECT cause FROM order_book_events JOIN instruments USING (instrument_id)"
        " WHERE venue = 'binance' ORDER BY ts DESC LIMIT 1"
    )
    assert causes[0]["cause"] == "untracked"


def test_two_shards_share_the_symbols_between_them(database: Database, simulator: SimulatorProcess) -> None:
    simulator.clear()
    parts = [Running(database, simulator, Shard(n, 2), run_id=f"shard-{n}") for n in (1, 2)]
    for symbol in SYMBOLS:
        parts[0].track(*symbol)
    for part in parts:
        mine = tuple(each for each in SYMBOLS if part.shard.carries(each[0], each[1]))
        part.run(lambda part=part, mine=mine: part.wait("books", lambda: _all(part, "synced", mine)))  # type: ignore[misc]
    rows = database.rows("SELECT DISTINCT instrument_id, run_id FROM order_book_events")
    assert len(rows) == len(SYMBOLS)  # each by one of them, and none left out
    assert {row["run_id"] for row in rows} == {"shard-1", "shard-2"}


@pytest.mark.parametrize(
    ("symbol", "host", "path"),
    [
        (SYMBOLS[0], "stream.binance.com:9443", "depth"),
        (SYMBOLS[2], "stream.bybit.com", "orderbook"),
        (SYMBOLS[4], "advanced-trade-ws.coinbase.com", "level2"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_silent_stream_makes_its_book_stale_and_comes_back(
    running: Running, symbol: tuple[str, str, str], host: str, path: str
) -> None:
    """The venue answers pings and renewals and yet sends nothing of this one stream any more."""
    running.track(*symbol)
    since = {"diffs": 0}

    def told() -> int:
        query = "SELECT count(*) AS n FROM order_book_snapshots WHERE flow_messages > 0 AND flow_complete"
        return int(running.database.rows(query)[0]["n"])

    def noticed() -> bool:
        query = "SELECT count(*) AS n FROM order_book_events WHERE state_before = 'synced'"
        return int(running.database.rows(query)[0]["n"]) > 0

    def during() -> None:
        running.wait("the book", lambda: told() > 2)
        running.simulator.fault("ws_stall", host=host, path=path, symbol=symbol[2], times=1)
        seconds = running.wait("silence", noticed)
        assert seconds < 20.0  # promised: 15 s, and what the wait itself takes on a slow machine
        since["diffs"] = told()
        running.wait("diffs of a proven book again", lambda: told() > since["diffs"] + 2)

    running.run(during)
    assert _all(running, "stopped", (symbol,))


def test_a_rule_on_the_price_is_told_once_over_a_restart_and_a_dead_sink_delays_no_other(
    running: Running,
) -> None:
    running.track(*SYMBOLS[1])
    with receiver() as desk, receiver(lambda _: Answer(500)) as dead:
        places = {"desk": desk.url, "dead": dead.url}
        sinks = {
            name: AlertSinkSettings(kind="webhook", url=SecretStr(url), takes="rules")
            for name, url in places.items()
        }
        running.alerts = Alerts(sinks=sinks)
        draft = Draft(
            "high", "price > 1", "binanceusdm", "BTC/USDT:USDT", mode="level", sinks=("dead", "desk")
        )
        create_rule(running.database, draft, by="test", sinks=tuple(sinks))
        outcomes = "SELECT sink, outcome FROM alert_deliveries WHERE kind = 'rule' ORDER BY sink"
        running.run(lambda: running.wait("a delivery", lambda: bool(desk.bodies)))
        later = {"sink": "dead", "outcome": "failed"}, {"sink": "desk", "outcome": "delivered"}
        assert running.database.rows(outcomes) == list(later)
        seen = running.count("trades_1s")
        running.run(
            lambda: running.wait("trades after a restart", lambda: running.count("trades_1s") > seen + 3)
        )
    (sent,) = desk.bodies
    assert (sent["venue"], sent["symbol"], sent["venue_symbol"]) == (
        "binanceusdm",
        "BTC/USDT:USDT",
        "BTCUSDT",
    )
    assert (sent["kind"], sent["rule"]["name"], sent["version"]) == ("rule", "high", 1)
    assert sent["values"]["price"] > 1
    (row,) = running.database.rows("SELECT detail, known_at, alert_id FROM alerts WHERE kind = 'rule'")
    assert row["detail"]["values"] == sent["values"]
    assert (row["known_at"].isoformat(), row["alert_id"]) == (sent["known_at"], sent["alert_id"])
    assert running.reports[-1].dropped == 0
