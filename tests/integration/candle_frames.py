"""Made-up candles for the database tests: pure functions of their arguments, with gaps where asked for."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.fetch_store import SOURCE_IDS
from alphapulse_resources.database.upsert import OHLCV_1M, Written
from alphapulse_resources.frames import CANDLE_SCHEMA

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
RECEIVED = datetime(2024, 6, 1, tzinfo=UTC)


def candles(start: datetime, count: int, *, seed: int = 1, price: float = 100.0) -> pl.DataFrame:
    """`count` sound minutes from `start` on (CANDLE_SCHEMA): a random walk around `price`."""
    random = np.random.default_rng(seed)
    close = price * np.exp(np.cumsum(random.normal(0, 0.001, count)))
    opened = np.concatenate(([price], close))[:count]
    volume = random.lognormal(1.0, 1.0, count)
    frame = pl.DataFrame(
        {
            "ts": [start + n * MINUTE for n in range(count)],
            "open": opened,
            "high": np.maximum(opened, close) * (1 + random.random(count) * 0.001),
            "low": np.minimum(opened, close) * (1 - random.random(count) * 0.001),
            "close": close,
            "volume": volume,
            "quote_volume": volume * (opened + close) / 2,
            "trades": random.integers(1, 500, count),
            "taker_buy_volume": volume * random.random(count),
        },
        schema=CANDLE_SCHEMA,
    )
    return frame


def without(frame: pl.DataFrame, *stretches: tuple[datetime, datetime]) -> pl.DataFrame:
    """The frame without the minutes of the half-open stretches."""
    for start, end in stretches:
        frame = frame.filter(~pl.col("ts").is_between(start, end, closed="left"))
    return frame


def changed(frame: pl.DataFrame, ts: datetime, **values: float | int | None) -> pl.DataFrame:
    """The frame with other values in one minute."""
    return frame.with_columns(
        pl.when(pl.col("ts") == ts).then(pl.lit(value)).otherwise(name).cast(CANDLE_SCHEMA[name]).alias(name)
        for name, value in values.items()
    )


def rows_of(
    frame: pl.DataFrame, instrument_id: int, *, source: str = "rest", received_at: datetime = RECEIVED
) -> pl.DataFrame:
    """The frame as rows of `ohlcv_1m`."""
    return frame.with_columns(
        pl.lit(instrument_id, pl.Int32).alias("instrument_id"),
        pl.lit(SOURCE_IDS[source], pl.Int16).alias("source_id"),
        pl.lit(received_at, pl.Datetime("us", "UTC")).alias("received_at"),
    )


def write(
    database: Database,
    instrument_id: int,
    frame: pl.DataFrame,
    *,
    source: str = "rest",
    received_at: datetime = RECEIVED,
) -> Written:
    """Write minutes of one instrument in a transaction of their own."""
    with database.transaction() as connection:
        rows = rows_of(frame, instrument_id, source=source, received_at=received_at)
        return database.upsert(connection, OHLCV_1M, rows)


def stored(database: Database, instrument_id: int, relation: str = "ohlcv_1m") -> pl.DataFrame:
    """The bars of one instrument in a table, as a candle frame sorted by time (with `bars` if it has it)."""
    names = [*CANDLE_SCHEMA, *(["bars"] if relation not in ("ohlcv_1m", "ohlcv_native") else [])]
    query = f"SELECT {', '.join(names)} FROM {relation} WHERE instrument_id = $1 ORDER BY ts"
    return database.read(query, [instrument_id])


def count(database: Database, relation: str) -> int:
    """How many rows a relation has."""
    rows = database.rows(f"SELECT count(*) AS n FROM {relation}")
    return int(rows[0]["n"])


def register(database: Database, symbols: Iterable[str], venue: str = "binance") -> list[int]:
    """Instruments by symbol, made known."""
    store = CandleStore(database)
    return [store.register(venue, symbol) for symbol in symbols]
