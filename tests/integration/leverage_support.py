"""Perpetuals, spot and what is stored of them, made up for the tests of leverage."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from candle_frames import write

from alphapulse_assets.futures.tables import (
    FUNDING_RATES,
    FUNDING_SCHEMA,
    MARK_PRICE_SCHEMA,
    MARK_PRICES,
    OPEN_INTEREST,
    OPEN_INTEREST_SCHEMA,
    whole_rows,
)
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.tables import Table
from alphapulse_resources.frames import CANDLE_SCHEMA

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
TODAY: Final = datetime(2024, 5, 20, tzinfo=UTC)
DAYS: Final = 40
FIRST: Final = TODAY - DAYS * DAY
SHORTS: Final = 12
"""Hours at the end in which Ether falls while its open interest rises."""
LATE: Final = timedelta(seconds=40)
"""From the time that a reading is about until it is known."""

PERPETUALS: Final = (
    ("binanceusdm", "BTC/USDT:USDT", "BTC", 8),
    ("bybit", "BTC/USDT:USDT", "BTC", 8),
    ("binanceusdm", "ETH/USDT:USDT", "ETH", 4),
)
SPOT: Final = (("binance", "BTC/USDT", "BTC"), ("binance", "ETH/USDT", "ETH"))


@dataclass(slots=True)
class LeverageMarket:
    """Keys by venue and symbol, and the frames that were stored, by key."""

    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    open_interest: dict[int, pl.DataFrame] = field(default_factory=dict)
    funding: dict[int, pl.DataFrame] = field(default_factory=dict)
    bars: dict[int, pl.DataFrame] = field(default_factory=dict)  # of an hour

    def known(self, kind: str, key: int, at: datetime, age: timedelta) -> dict[str, Any] | None:
        """The newest reading of an instrument that was known at a moment and no older than `age`."""
        frame: pl.DataFrame = getattr(self, kind)[key]
        fits = (pl.col("ts") <= at) & (pl.col("ts") > at - age) & (pl.col("known_at") <= at)
        found = frame.filter(fits).tail(1)
        return found.row(0, named=True) if found.height else None


def leverage_market(database: Database) -> LeverageMarket:
    """Forty days of three perpetuals and two spot symbols: hourly open interest, funding, bars."""
    market = LeverageMarket()
    for number, (venue, symbol, base, interval) in enumerate(PERPETUALS, start=1):
        key = market.ids[venue, symbol] = instrument(database, venue, symbol, base, "perpetual")
        market.open_interest[key] = open_interest(key, number)
        market.funding[key] = funding(key, number, interval)
        store(database, OPEN_INTEREST, OPEN_INTEREST_SCHEMA, market.open_interest[key])
        store(database, FUNDING_RATES, FUNDING_SCHEMA, market.funding[key])
    for venue, symbol, base in SPOT:
        market.ids[venue, symbol] = instrument(database, venue, symbol, base, "spot")
    for (_, symbol), key in market.ids.items():
        price = 60_000.0 if symbol.startswith("BTC") else 3_000.0
        market.bars[key] = hours(key, price)
        write(database, key, market.bars[key])
    database.refresh_timeframes()
    return market


def instrument(database: Database, venue: str, symbol: str, base: str, kind: str) -> int:
    """A tracked instrument; its key."""
    settle = "USDT" if kind == "perpetual" else None
    rows = database.rows(
        "INSERT INTO instruments (venue, symbol, kind, base, quote, settle, active, tracked)"
        " VALUES (%(venue)s, %(symbol)s, %(kind)s, %(base)s, 'USDT', %(settle)s, true, true)"
        " RETURNING instrument_id",
        {"venue": venue, "symbol": symbol, "kind": kind, "base": base, "settle": settle},
    )
    return int(rows[0]["instrument_id"])


def open_interest(key: int, seed: int) -> pl.DataFrame:
    """Hourly, half past: what is known at an hour is half an hour old."""
    random, count = np.random.default_rng(seed), DAYS * 24
    ts = [FIRST + HOUR / 2 + HOUR * i for i in range(count)]
    coins = 5_000 * np.exp(random.normal(0, 0.01, count).cumsum())
    coins[-SHORTS:] *= np.linspace(1.005, 1.15, SHORTS) if seed == len(PERPETUALS) else 1.0
    return _readings(key, ts, OPEN_INTEREST_SCHEMA, contracts=coins, base_amount=coins)


def funding(key: int, seed: int, interval: int) -> pl.DataFrame:
    """Settled every `interval` hours."""
    random, count = np.random.default_rng(seed + 50), DAYS * 24 // interval
    ts = [FIRST + HOUR * interval * i for i in range(count)]
    rates = random.normal(1e-4, 2e-4, count)
    return _readings(key, ts, FUNDING_SCHEMA, rate=rates, interval_hours=[float(interval)] * count)


def marks(database: Database, key: int, ts: list[datetime], prices: list[float]) -> None:
    """Mark prices, as if told at these moments."""
    store(database, MARK_PRICES, MARK_PRICE_SCHEMA, _readings(key, ts, MARK_PRICE_SCHEMA, mark_price=prices))


def hours(key: int, price: float) -> pl.DataFrame:
    """A candle for the last minute of each hour: the hour's bar has its close and volume."""
    random, count = np.random.default_rng(key + 100), DAYS * 24
    close = price * np.exp(random.normal(0, 0.004, count).cumsum())
    close[-SHORTS:] *= np.linspace(0.995, 0.9, SHORTS) if price < 10_000 else 1.0
    volume = random.uniform(50, 150, count)
    return pl.DataFrame(
        {
            "ts": [FIRST + HOUR * i + timedelta(minutes=59) for i in range(count)],
            **dict.fromkeys(("open", "high", "low", "close"), close),
            "volume": volume,
            "quote_volume": volume * close,
        }
    ).match_to_schema(CANDLE_SCHEMA, missing_columns="insert", integer_cast="upcast")


def _readings(key: int, ts: list[datetime], schema: pl.Schema, **values: Any) -> pl.DataFrame:
    frame = pl.DataFrame({"ts": ts, **values}).with_columns(
        pl.lit(key).alias("instrument_id"),
        (pl.col("ts") + LATE).alias("known_at"),
        (pl.col("ts") + LATE).alias("received_at"),
        pl.lit("rest").alias("source"),
    )
    return whole_rows(frame, schema)


def store(database: Database, table: Table, schema: pl.Schema, frame: pl.DataFrame) -> None:
    """Write readings in a transaction of their own."""
    with database.transaction() as connection:
        rows = whole_rows(frame, schema).with_columns(
            pl.lit(TODAY, pl.Datetime("us", "UTC")).alias("created_at")
        )
        database.upsert(connection, table, rows.sort(table.key))
