"""A database as a desk has it: a year of minutes of many symbols, and what is derived from the coarse bars.

One symbol's year is made and derived; the others are copies of its rows: a hundred symbols take some minutes,
not hours. Of derived rows there are those of 1h and coarser timeframes.
"""

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import psycopg
from psycopg import sql

from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_assets.patterns.dataset import CANDLESTICKS, CHARTS
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.stored_definitions import (
    store_candlestick_definitions,
    store_chart_definitions,
)
from alphapulse_assets.patterns.signals.scoring_runs import OUTPUTS, Scoring
from alphapulse_assets.regime.dataset import DERIVATION as REGIMES
from alphapulse_assets.volume.dataset import VOLUME_DERIVATION
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from bench.data import YEAR_MINUTES, candles
from bench.measure import BenchmarkError

SYMBOL: Final = "BTC/USDT"
SYMBOLS: Final = int(os.environ.get("BENCH_SYMBOLS", "10"))
"""How many symbols are stored; a hundred take 20 GB of disk and some ten minutes."""
TIMEFRAMES: Final = ("1h", "4h", "1d", "1w")
_DERIVATIONS: Final = (INDICATORS, REGIMES, VOLUME_DERIVATION, CANDLESTICKS, CHARTS)


def fill(database: Database, symbols: int = SYMBOLS) -> None:
    """A year of minutes of so many symbols, up to now, and all timeframes of them."""
    store = CandleStore(database)
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    start = end - timedelta(minutes=YEAR_MINUTES)
    key = store.register("binance", SYMBOL)
    with database.transaction() as connection:
        store.write(connection, key, candles(start=start), source="archive", received_at=end)
    others = [store.register("binance", f"COPY{number}/USDT") for number in range(symbols - 1)]
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        _copy(connection, "ohlcv_1m", key, others)
        connection.execute("CALL refresh_all_ohlcv(%s, %s)", [start, end])
        connection.execute("VACUUM (ANALYZE)")


def derive(database: Database) -> None:
    """What follows from the coarse bars of the first symbol, computed, and copied to the others."""
    database.execute("UPDATE instruments SET tracked = true, venue_symbol = replace(symbol, '/', '')")
    store, now = DerivedStore(database), datetime.now(UTC)
    (subject,) = store.tracked(["binance"], [SYMBOL])
    year: dict[str, Sequence[date]] = {"binance": [(now - timedelta(days=364)).date(), now.date()]}
    store_candlestick_definitions(database, CANDLESTICKS.version)
    store_chart_definitions(database, CHARTS.version)
    for derivation in _DERIVATIONS:
        found = DerivationRunner(store, derivation, now, TIMEFRAMES).days(year, [SYMBOL])
        if found.failures:
            raise BenchmarkError(f"{derivation.dataset}: {found.failures}")
    Scoring(store, DEFAULT, now).days(year, [SYMBOL])
    tables = [each.table.name for each in _DERIVATIONS]
    tables += [table.name for _, frames in OUTPUTS.values() for table in frames.values()]
    others = [each.instrument_id for each in store.tracked(["binance"]) if each != subject]
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        for table in tables:
            _copy(connection, table, subject.instrument_id, others)
        connection.execute("VACUUM (ANALYZE)")


def _copy(
    connection: psycopg.Connection[tuple[object, ...]], table: str, key: int, others: Sequence[int]
) -> None:
    """Give instruments the rows that one has, instrument by instrument."""
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        [table],
    ).fetchall()
    names = [str(name) for (name,) in found]
    values = [sql.SQL("%s") if name == "instrument_id" else sql.Identifier(name) for name in names]
    query = sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE instrument_id = %s"
    ).format(
        table=sql.Identifier(table),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
        values=sql.SQL(", ").join(values),
    )
    for other in others:
        connection.execute(query, [other, key])
