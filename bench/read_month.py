"""Thirty days of one symbol's minutes out of the database, beside pandas and plain psycopg.

Ours is `Database.read` into polars. The table holds the whole year. Everybody has a connection that is open
already and has read once (warm), and everybody gets the same 43,200 rows of nine columns, in order.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Final

import pandas as pd
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import make_url

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
_INSTRUMENT: Final = 1
_QUERY: Final = (
    f"SELECT {', '.join(CANDLE_SCHEMA)} FROM ohlcv_1m"
    " WHERE instrument_id = {0} AND ts >= {1} AND ts < {2} ORDER BY ts"
)
Read = Callable[[], int]
"""Reads the month and says how many rows it got."""


def run(server: Server, rounds: int = ROUNDS) -> list[Figure]:
    """The figures on one server; who comes first alternates."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        _fill(database)
        engine = sa.create_engine(make_url(dsn).set(drivername="postgresql+psycopg"))
        try:
            with psycopg.connect(dsn) as plain, engine.connect() as connection:
                times = _measure(_ways(database, plain, connection), rounds)
        finally:
            engine.dispose()
            database.close()
    name = f"30 days of 1m, {server.name}"
    ours = tuple(times.pop("Database.read"))
    return [
        Figure(name, "ms", ours, versus, tuple(theirs), SIXTY_MILLISECONDS)
        for versus, theirs in times.items()
    ]


def _fill(database: Database) -> None:
    """The year, stored and in the state that autovacuum brings a table to after a load."""
    with database.transaction() as connection:
        CandleStore(database).write(
            connection, _INSTRUMENT, candles(), source="archive", received_at=datetime(2024, 6, 1, tzinfo=UTC)
        )
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) ohlcv_1m")


def _ways(
    database: Database, plain: psycopg.Connection[tuple[object, ...]], connection: sa.Connection
) -> dict[str, Read]:
    window = (_INSTRUMENT, _START, _START + MONTH)
    ours = _QUERY.format("$1", "$2", "$3")
    theirs = _QUERY.format("%s", "%s", "%s")
    named = sa.text(_QUERY.format(":i", ":start", ":end"))
    parameters: dict[str, int | datetime] = {"i": _INSTRUMENT, "start": _START, "end": _START + MONTH}
    return {
        "Database.read": lambda: database.read(ours, window).height,
        "pandas.read_sql": lambda: len(pd.read_sql(named, connection, params=parameters)),
        "psycopg fetchall": lambda: len(plain.execute(theirs, window).fetchall()),
    }


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
