"""A month of one symbol's patterns out of the database, as analysts ask for them: by the views.

The tables hold two months of ten symbols on all seven timeframes: one as a backfill derived it, the others
copies of its rows. They have been vacuumed, as autovacuum does within minutes. Every question has been asked
once before. On TimescaleDB it is asked once more of the same months in columns, as all are after thirty days.
All patterns of the 1m bars, which are most of them, are some hundred thousand rows: that is told, and no bar
is set on it.

The bars are a random walk's, on which a quarter of all 1m bars are engulfings; real ones have them on 5 to
10 %. So engulfings of all timeframes are 13,800 rows here, and most of what that takes is spent as well
where the same rows come out of the bare table: that is told beside it.
Nearer to what is asked of real bars: engulfings of one timeframe; of all from 5m on; and, of all
timeframes, a pattern that is on 8 % of the bars here (belt_hold).
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg import sql

from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_assets.patterns.dataset import CANDLESTICKS, CHARTS
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.configuration_store import record
from alphapulse_assets.patterns.events.stored_definitions import (
    store_candlestick_definitions,
    store_chart_definitions,
)
from alphapulse_assets.patterns.signals.scoring_runs import Scoring
from alphapulse_assets.regime.dataset import DERIVATION as REGIMES
from alphapulse_assets.volume.dataset import VOLUME_DERIVATION
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from bench.asking import asked
from bench.data import YEAR_START, candles
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError
from bench.servers import Server
from tests.databases import fresh_database

DAYS: Final = 62
SYMBOL: Final = "BTC/USDT"
COPIES: Final = 9
MONTH: Final = (YEAR_START + timedelta(days=20), YEAR_START + timedelta(days=50))
_NOW: Final = datetime(YEAR_START.year + 1, 6, 1, tzinfo=UTC)
_EVENTS: Final = (
    *("candlestick_pattern_events", "chart_pattern_events", "volume_pattern_events"),
    *("pattern_confidences", "signal_events"),
)
_WINDOWS: Final = ("derived_windows", "signal_windows")
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
    "sure patterns of all timeframes": (
        f"SELECT * FROM pattern_confidence WHERE {_OF} AND level IN ('high', 'extreme') ORDER BY ts",
        _FIFTY_MILLISECONDS,
    ),
    "confidence of all patterns of 1h": (
        f"SELECT * FROM pattern_confidence WHERE {_OF} AND timeframe = '1h' ORDER BY ts",
        _FIFTY_MILLISECONDS,
    ),
    "signals of 5m and longer": (
        f"SELECT * FROM signals WHERE {_OF} AND timeframe <> '1m' ORDER BY ts",
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
            _copy(database)
            asked = [
                figure
                for question, (query, bar) in _QUESTIONS.items()
                for figure in asked(database, f"{question}, a month, {server.name}", query, bar, MONTH)
            ]
            if server.name != "hypertable":
                return asked
            _put_in_columns(database)
            return asked + [
                asked(database, f"{question}, a month, in columns", query, bar, MONTH)[0]
                for question, (query, bar) in _QUESTIONS.items()
            ]
        finally:
            database.close()


def _fill(database: Database) -> None:
    """All that is derived of one symbol."""
    store = CandleStore(database)
    key = store.register("binance", SYMBOL)
    with database.transaction() as connection:
        store.write(connection, key, candles(DAYS * 1440), source="archive", received_at=_NOW)
    database.execute("UPDATE instruments SET tracked = true, venue_symbol = replace(symbol, '/', '')")
    database.refresh_timeframes()
    dates: dict[str, list[date]] = {
        "binance": [(YEAR_START + timedelta(days=day)).date() for day in (0, DAYS - 1)]
    }
    store_candlestick_definitions(database, CANDLESTICKS.version)
    store_chart_definitions(database, CHARTS.version)
    for derivation in (INDICATORS, REGIMES, VOLUME_DERIVATION, CANDLESTICKS, CHARTS):
        found = DerivationRunner(DerivedStore(database), derivation, _NOW).days(dates)
        if found.failures or not found.total.inserted:
            raise BenchmarkError(f"{derivation.dataset} wrote {found.total}, failures {found.failures}")
    record(database, DEFAULT)
    scored = Scoring(DerivedStore(database), DEFAULT, _NOW).days(dates)
    if any(derived.failures for derived in scored.outputs.values()):
        raise BenchmarkError("signals were not computed")


def _copy(database: Database) -> None:
    """The rows of the symbol as those of others, and what autovacuum does with them."""
    store = CandleStore(database)
    others = [store.register("binance", f"COPY{number}/USDT") for number in range(COPIES)]
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        for table in (*_EVENTS, *_WINDOWS):
            columns = [
                column.name for column in database.describe(table)[1] if column.name != "instrument_id"
            ]
            query = sql.SQL(
                "INSERT INTO {table} (instrument_id, {columns}) SELECT o.id, {columns}"
                " FROM {table} CROSS JOIN unnest(%s) AS o (id)"
            ).format(table=sql.Identifier(table), columns=sql.SQL(", ").join(map(sql.Identifier, columns)))
            connection.execute(query, [others])
        _vacuum(connection, "instruments", *_WINDOWS, *_EVENTS)


def _put_in_columns(database: Database) -> None:
    """Do what TimescaleDB does with chunks of thirty days."""
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        for table in _EVENTS:
            connection.execute("SELECT compress_chunk(c) FROM show_chunks(%s::regclass) AS c", [table])
        _vacuum(connection, *_EVENTS)


def _vacuum(connection: psycopg.Connection[Any], *tables: str) -> None:
    for table in tables:
        connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
