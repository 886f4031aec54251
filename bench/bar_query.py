"""Newest bars, a window and a day of one symbol out of the database, as analysts ask: by venue and symbol.

The tables hold a year of minutes of ten symbols, up to the newest minute, and all timeframes made from them;
they have been vacuumed, as autovacuum does within minutes. By names the newest ten of a fine timeframe are
found by reading and sorting all its bars (see `sql/migrations/0027_newest_bars.sql`): that is told without a
bar, beside `newest_bars`, which has one.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg

from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from bench.asking import asked
from bench.data import YEAR_MINUTES, candles
from bench.figures import Bar, Demand, Figure
from bench.servers import Server
from tests.databases import fresh_database

SYMBOL: Final = "BTC/USDT"
COPIES: Final = 9
TIMEFRAMES: Final = ("1m", "5m", "15m", "1h", "4h", "1d", "1w")
BY_NAME: Final = ("1h", "4h", "1d", "1w")
"""Timeframes whose bars of a year are few enough to be sorted (ours)."""
_TEN_MILLISECONDS: Final = Bar(Demand.OURS_AT_MOST, 10)
_SELECT: Final = (
    "SELECT ts, open, high, low, close, volume FROM ohlcv"
    f" WHERE venue = 'binance' AND symbol = '{SYMBOL}' AND timeframe = '{{timeframe}}'"
)
_WINDOW: Final = (
    f"{_SELECT} AND ts >= now() - INTERVAL '2404 hours' AND ts < now() - INTERVAL '2400 hours' ORDER BY ts"
)
_DAY: Final = (
    f"{_SELECT} AND ts >= date_trunc('week', now()) - INTERVAL '{{hours}} hours' - INTERVAL '4032 hours'"
    " AND ts < date_trunc('week', now()) - INTERVAL '4032 hours' ORDER BY ts"
)


def run(server: Server) -> list[Figure]:
    """Milliseconds of each question on one server, and how many rows it has."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        try:
            fill(database)
            return [figure for timeframe in TIMEFRAMES for figure in _of(database, server, timeframe)]
        finally:
            database.close()


def fill(database: Database) -> None:
    """A year of ten symbols, up to now."""
    store = CandleStore(database)
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    start = end - timedelta(minutes=YEAR_MINUTES)
    key = store.register("binance", SYMBOL)
    with database.transaction() as connection:
        store.write(connection, key, candles(start=start), source="archive", received_at=end)
    others = [store.register("binance", f"COPY{number}/USDT") for number in range(COPIES)]
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO ohlcv_1m SELECT o.id, ts, open, high, low, close, volume, quote_volume, trades,"
            " taker_buy_volume, source_id, received_at FROM ohlcv_1m CROSS JOIN unnest(%s) AS o (id)",
            [others],
        )
        connection.execute("CALL refresh_all_ohlcv(%s, %s)", [start, end])
        connection.execute("VACUUM (ANALYZE)")


def _of(database: Database, server: Server, timeframe: str) -> list[Figure]:
    by_name = _TEN_MILLISECONDS if timeframe in BY_NAME else None
    newest = f"SELECT ts, close FROM newest_bars('binance', '{SYMBOL}', '{timeframe}', 10)"
    questions = {
        "newest ten by name": (f"{_SELECT} ORDER BY ts DESC LIMIT 10", by_name),
        "newest ten by newest_bars": (newest, _TEN_MILLISECONDS),
        "a day": (_DAY, _TEN_MILLISECONDS),
    }
    if timeframe in ("1m", "5m", "15m", "1h"):
        questions["a window of four hours"] = (_WINDOW, _TEN_MILLISECONDS)
    hours = 168 if timeframe == "1w" else 24
    return [
        figure
        for question, (query, bar) in questions.items()
        for figure in asked(
            database,
            f"{question}, {timeframe}, {server.name}",
            query.format(timeframe=timeframe, hours=hours),
            bar,
        )
    ]
