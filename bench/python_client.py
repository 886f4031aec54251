"""Thirty days of one symbol's minutes by `ap.candles`, beside what polars reads by itself.

Ours is the client on the database and on the API of this machine: names checked, holes looked for, all 19
columns of the reading. Beside it the nine columns of the bars themselves by `pl.read_database_uri`, which
connects each time, and by `Database.read`, which has a connection. The table holds the whole year; everybody
has read once (warm).
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Final

import polars as pl
import psycopg
import uvicorn

import alphapulse as ap
from alphapulse_api.app import make_app
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.frames import CANDLE_SCHEMA
from bench.data import YEAR_START, candles
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError
from bench.servers import Server
from tests.databases import fresh_database

ROUNDS: Final = 11
MONTH: Final = timedelta(days=30)
ROWS: Final = 43_200
SIXTY_MILLISECONDS: Final = Bar(Demand.OURS_AT_MOST, 60)
_START: Final = YEAR_START + timedelta(days=150)
_QUERY: Final = (
    f"SELECT {', '.join(CANDLE_SCHEMA)} FROM ohlcv_1m WHERE instrument_id = {{0}}"
    f" AND ts >= '{_START.isoformat()}' AND ts < '{(_START + MONTH).isoformat()}' ORDER BY ts"
)
_RECEIVED: Final = datetime(2024, 6, 1, tzinfo=UTC)
Read = Callable[[], int]
"""Reads the month and says how many rows it got."""


def run(server: Server, rounds: int = ROUNDS) -> list[Figure]:
    """The figures on one server; who comes first alternates."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        query = _QUERY.format(_fill(database))
        with _api(dsn) as address, ap.connect(dsn) as ours, ap.connect(address) as over_api:
            times = _measure(
                {
                    "ap.candles": lambda: _candles(ours),
                    "ap.candles over the API": lambda: _candles(over_api),
                    "pl.read_database_uri": lambda: pl.read_database_uri(query, dsn, engine="adbc").height,
                    "Database.read": lambda: database.read(query).height,
                },
                rounds,
            )
        database.close()
    beside = {name: tuple(times[name]) for name in ("pl.read_database_uri", "Database.read")}
    direct = [
        Figure(
            f"ap.candles, {ROWS:,} rows, {server.name}", "ms", tuple(times["ap.candles"]), name, values, bar
        )
        for (name, values), bar in zip(beside.items(), (SIXTY_MILLISECONDS, None), strict=True)
    ]
    name = f"ap.candles over the API, {server.name}"
    by_api = tuple(times["ap.candles over the API"])
    return [*direct, Figure(name, "ms", by_api, "pl.read_database_uri", beside["pl.read_database_uri"])]


def _candles(client: ap.Client) -> int:
    return client.candles("BTC/USDT", "1m", venue="binance", start=_START, end=_START + MONTH).height


def _fill(database: Database) -> int:
    """The year, stored and in the state that autovacuum brings a table to after a load; the instrument."""
    store = CandleStore(database)
    key = store.register("binance", "BTC/USDT")
    with database.transaction() as connection:
        store.write(
            connection, key, candles(), source="archive", received_at=datetime(2024, 6, 1, tzinfo=UTC)
        )
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) ohlcv_1m")
    return key


@contextmanager
def _api(dsn: str) -> Iterator[str]:
    """The API over a database, in this process; its address."""
    database = Database(dsn)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(make_app(database), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)
    database.close()


def _measure(ways: dict[str, Read], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each way in each round, after a round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name in sorted(ways, reverse=number % 2 == 1):
            started = perf_counter()
            rows = ways[name]()
            elapsed = (perf_counter() - started) * 1000
            if rows != ROWS:
                raise BenchmarkError(f"{name} read {rows} rows, not {ROWS}")
            if number:
                times[name].append(elapsed)
    return times
