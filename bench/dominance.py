"""Dominance against 300 symbols over a year of hours, and the newest state of 1,000 coins by the views.

The correlations are the whole way: closes and dominances in, a frame out with both windows, all seven lags,
intervals and best lags at every bar. Each is held once against numpy's own correlation of the same pairs.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
import psycopg

from alphapulse_assets.market_metrics.correlation import LAGS, WARM_UP_BARS, correlations
from alphapulse_assets.market_metrics.model import (
    COIN_METRICS,
    COIN_METRICS_SCHEMA,
    COINS_LATEST,
    LIVE,
    MARKET_METRICS,
    MARKET_SCHEMA,
)
from alphapulse_resources.database.client import Database
from bench.asking import asked
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError
from bench.servers import Server
from tests.databases import fresh_database

ROUNDS: Final = 7
SYMBOLS: Final = 300
BARS: Final = 8_760
COINS: Final = 1_000
HOUR: Final = timedelta(hours=1)
_START: Final = datetime(2024, 1, 1, tzinfo=UTC)
_TWO_SECONDS: Final = Bar(Demand.OURS_AT_MOST, 2.0)
_TWENTY_MILLISECONDS: Final = Bar(Demand.OURS_AT_MOST, 20.0)


def run() -> list[Figure]:
    """Seconds for a year of 300 symbols."""
    dominance, closes = _market()
    end = _START + BARS * HOUR
    found = correlations(dominance, closes, "1h", _START, end)  # compiles, or loads what was compiled
    _hold(found, dominance, closes)
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        correlations(dominance, closes, "1h", _START, end)
        seconds.append(time.perf_counter() - began)
    name = f"dominance against {SYMBOLS} symbols, a year of hours"
    return [
        Figure(name, "s", tuple(seconds), bar=_TWO_SECONDS),
        Figure(f"{name}: rows", "rows", (found.height,)),
    ]


def _market() -> tuple[pl.DataFrame, pl.DataFrame]:
    random, count = np.random.default_rng(7), BARS + WARM_UP_BARS + 1
    first = round((_START - (count - BARS) * HOUR).timestamp() * 1_000_000)
    ts = pl.Series("ts", first + np.arange(count, dtype=np.int64) * 3_600_000_000)
    ts = ts.cast(pl.Datetime("us", "UTC"))
    dominance = pl.DataFrame({"ts": ts, "dominance": 50 + np.cumsum(random.normal(0, 0.05, count))})
    closes = [
        pl.DataFrame(
            {"ts": ts, "close": 100 * np.exp(np.cumsum(random.normal(0, 0.01, count)))}
        ).with_columns(instrument_id=pl.lit(symbol, pl.Int32))
        for symbol in range(SYMBOLS)
    ]
    return dominance, pl.concat(closes)


def _hold(found: pl.DataFrame, dominance: pl.DataFrame, closes: pl.DataFrame) -> None:
    """Against numpy, at a bar of one symbol and each lag."""
    row = found.filter((pl.col("instrument_id") == 7) & (pl.col("bars") == 90)).row(1_000, named=True)
    moves = np.diff(dominance.filter(pl.col("ts") <= row["ts"])["dominance"].to_numpy())
    mine = closes.filter((pl.col("instrument_id") == 7) & (pl.col("ts") <= row["ts"]))
    gains = np.diff(np.log(mine["close"].to_numpy()))
    for lag, value in zip(LAGS, row["lags"], strict=True):
        x, y = (series[len(series) - back - 90 : len(series) - back] for series, back in
                ((moves, max(lag, 0)), (gains, max(-lag, 0))))  # fmt: skip
        if abs(np.corrcoef(x, y)[0, 1] - value) > 1e-5:
            raise BenchmarkError(f"lag {lag}: {value}, numpy has {np.corrcoef(x, y)[0, 1]}")


def run_on(server: Server) -> list[Figure]:
    """Milliseconds of the views of the newest state, with a day of rows of each coin behind them."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        try:
            _fill(database)
            coins = "SELECT * FROM coin_metrics_now WHERE provider = 'coingecko' ORDER BY rank"
            told = "SELECT * FROM market_metrics_now"
            return [
                *asked(database, f"newest of {COINS:,} coins, {server.name}", coins, _TWENTY_MILLISECONDS),
                *asked(database, f"newest market, {server.name}", told, _TWENTY_MILLISECONDS),
            ]
        finally:
            database.close()


def _fill(database: Database) -> None:
    """A thousand coins every five minutes of a day, and a month of the market every half hour."""
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    times = [end - n * timedelta(minutes=5) for n in range(288)]
    coins = pl.DataFrame({"rank": pl.Series(range(1, COINS + 1), dtype=pl.Int64)})
    rows = coins.join(pl.DataFrame({"ts": times}), how="cross").with_columns(
        provider=pl.lit("coingecko"),
        coin=pl.format("coin-{}", "rank"),
        symbol=pl.format("C{}", "rank"),
        vintage=pl.lit(LIVE),
        ts=pl.col("ts").cast(pl.Datetime("us", "UTC")),
        known_at=pl.col("ts").cast(pl.Datetime("us", "UTC")),
        logic_version=pl.lit(1, pl.Int32),
        **{name: pl.lit(1.0) for name in ("price", "market_cap", "volume_24h", "confidence")},
    )
    full = rows.match_to_schema(COIN_METRICS_SCHEMA, missing_columns="insert").sort(COIN_METRICS.key)
    newest = full.filter(pl.col("ts") == end).with_columns(name="coin").drop("vintage")
    at = pl.DataFrame({"ts": [end - n * timedelta(minutes=30) for n in range(30 * 48)]}).with_columns(
        pl.col("ts").cast(pl.Datetime("us", "UTC")),
        known_at=pl.col("ts").cast(pl.Datetime("us", "UTC")),
        logic_version=pl.lit(1, pl.Int32),
        **{
            name: pl.lit(1.0)
            for name in ("total_market_cap", "btc_dominance", "age_seconds", "completeness", "confidence")
        },
    )
    market = at.join(pl.DataFrame({"provider": ["coingecko", "coinmarketcap"]}), how="cross")
    market = market.match_to_schema(MARKET_SCHEMA, missing_columns="insert")
    with database.transaction() as connection:
        database.upsert(connection, COIN_METRICS, full)
        database.upsert(connection, COINS_LATEST, newest.sort(COINS_LATEST.key))
        database.upsert(connection, MARKET_METRICS, market.sort(MARKET_METRICS.key))
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
