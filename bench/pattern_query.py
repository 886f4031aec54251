"""A month of one symbol's patterns out of the database, as analysts ask for them: by the views.

The tables hold two months of two symbols on all seven timeframes, as a backfill derived them, and have been
vacuumed. Every question has been asked once before. All patterns of the 1m bars, which are most of them, are
some hundred thousand rows: that is told, and no bar is set on it.

The bars are a random walk's, on which a quarter of all 1m bars are engulfings; real ones have them on 5 to
10 %. So engulfings of all timeframes are 13,800 rows here, and most of what that takes is spent as well
where the same rows come out of the bare table: that is told beside it. The bar on it stays, met or not.
Nearer to what is asked of real bars: engulfings of one timeframe; of all from 5m on; and, of all
timeframes, a pattern that is on 8 % of the bars here (belt_hold).
"""

from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any, Final

import psycopg

from alphapulse_assets.deriving import Deriving
from alphapulse_assets.patterns.assets import CANDLESTICKS, CHARTS
from alphapulse_assets.patterns.stored_definitions import (
    store_candlestick_definitions,
    store_chart_definitions,
)
from alphapulse_assets.volume.assets import PATTERNS as VOLUME_PATTERNS
from alphapulse_resources.candle_store import CandleStore
from alphapulse_resources.database import Database
from alphapulse_resources.derived_store import DerivedStore
from bench.data import YEAR_START, candles
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError
from bench.servers import Server
from tests.databases import fresh_database

ROUNDS: Final = 11
DAYS: Final = 62
SYMBOLS: Final = ("BTC/USDT", "ETH/USDT")
MONTH: Final = (YEAR_START + timedelta(days=20), YEAR_START + timedelta(days=50))
_NOW: Final = datetime(YEAR_START.year + 1, 6, 1, tzinfo=UTC)
_TABLES: Final = ("candlestick_pattern_events", "chart_pattern_events", "volume_pattern_events")
_FIFTY_MILLISECONDS: Final = Bar(Demand.OURS_AT_MOST, 50)
_OF: Final = "venue = 'binance' AND symbol = 'BTC/USDT' AND ts >= $1 AND ts < $2"
_QUESTIONS: Final[dict[str, tuple[str, Bar | None]]] = {
    "all patterns of 1h": (
        f"SELECT * FROM patterns WHERE {_OF} AND timeframe = '1h' ORDER BY ts",
        _FIFTY_MILLISECONDS,
    ),
    "engulfings of all timeframes": (
        f"SELECT * FROM candlestick_patterns WHERE {_OF} AND pattern = 'engulfing' ORDER BY ts",
        _FIFTY_MILLISECONDS,
    ),
    "engulfings of 5m": (
        f"SELECT * FROM candlestick_patterns WHERE {_OF} AND pattern = 'engulfing'"
        " AND timeframe = '5m' ORDER BY ts",
        _FIFTY_MILLISECONDS,
    ),
    "engulfings of 5m and longer": (
        f"SELECT * FROM candlestick_patterns WHERE {_OF} AND pattern = 'engulfing'"
        " AND timeframe IN ('5m', '15m', '1h', '4h', '1d', '1w') ORDER BY ts",
        _FIFTY_MILLISECONDS,
    ),
    "belt holds of all timeframes": (
        f"SELECT * FROM candlestick_patterns WHERE {_OF} AND pattern = 'belt_hold' ORDER BY ts",
        _FIFTY_MILLISECONDS,
    ),
    "engulfings of all timeframes, bare table": (
        "SELECT 'binance' AS venue, 'BTC/USDT' AS symbol, '1m' AS timeframe, ts, pattern, direction,"
        " 'reversal' AS nature, strength, candles, began_at, unbroken, known_at, logic_version, created_at,"
        " instrument_id FROM candlestick_pattern_events"
        " WHERE instrument_id = 1 AND ts >= $1 AND ts < $2 AND pattern = 'engulfing' ORDER BY ts",
        None,
    ),
    "chart patterns of all timeframes": (
        f"SELECT * FROM chart_patterns WHERE {_OF} ORDER BY ts",
        _FIFTY_MILLISECONDS,
    ),
    "all candlestick patterns of 1m": (
        f"SELECT * FROM candlestick_patterns WHERE {_OF} AND timeframe = '1m' ORDER BY ts",
        None,
    ),
}


def run(server: Server) -> list[Figure]:
    """Milliseconds of each question on one server, and how many rows it has."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        try:
            _fill(database)
            return [
                figure
                for question, (query, bar) in _QUESTIONS.items()
                for figure in _asked(database, f"{question}, a month, {server.name}", query, bar)
            ]
        finally:
            database.close()


def _fill(database: Database) -> None:
    store = CandleStore(database)
    for symbol in SYMBOLS:
        key = store.register("binance", symbol)
        with database.transaction() as connection:
            store.write(connection, key, candles(DAYS * 1440), source="archive", received_at=_NOW)
    database.execute("UPDATE instruments SET tracked = true, venue_symbol = replace(symbol, '/', '')")
    database.refresh_timeframes()
    dates: dict[str, list[date]] = {
        "binance": [(YEAR_START + timedelta(days=day)).date() for day in (0, DAYS - 1)]
    }
    store_candlestick_definitions(database, CANDLESTICKS.version)
    store_chart_definitions(database, CHARTS.version)
    for derivation in (CANDLESTICKS, CHARTS, VOLUME_PATTERNS):
        found = Deriving(DerivedStore(database), derivation, _NOW).days(dates)
        if found.failures or not found.total.inserted:
            raise BenchmarkError(f"{derivation.dataset} wrote {found.total}, failures {found.failures}")
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        for table in _TABLES:
            connection.execute(psycopg.sql.SQL("VACUUM (ANALYZE) {}").format(psycopg.sql.Identifier(table)))


def _asked(database: Database, name: str, query: str, bar: Bar | None) -> list[Figure]:
    parameters: tuple[Any, ...] = MONTH
    rows = database.read(query, parameters).height
    if not rows:
        raise BenchmarkError(f"{name}: no rows, the time means nothing")
    times = []
    for _ in range(ROUNDS):
        started = perf_counter()
        found = database.read(query, parameters).height
        times.append((perf_counter() - started) * 1_000)
        if found != rows:
            raise BenchmarkError(f"{name}: {found} rows, before {rows}")
    return [Figure(name, "ms", tuple(times), bar=bar), Figure(f"{name}: rows", "rows", (rows,))]
