"""Bars for the tests of indicators and regimes: real ones, made-up ones, and awkward ones."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from hypothesis import strategies as st

from alphapulse_resources.frames import CANDLE_SCHEMA, TIMEFRAMES


def candle_frame(
    start: datetime,
    timeframe: str,
    columns: dict[str, Any],
    rows: Any = None,
) -> pl.DataFrame:
    """Candles (CANDLE_SCHEMA) of these columns; `rows` numbers the bars, to leave some out."""
    numbers = np.arange(len(columns["close"])) if rows is None else np.asarray(rows)
    step = TIMEFRAMES[timeframe] // timedelta(microseconds=1)
    micros = round(start.timestamp() * 1_000_000) + numbers.astype(np.int64) * step
    ts = pl.Series(micros).cast(CANDLE_SCHEMA["ts"])
    rest = {name: [None] * len(numbers) for name in ("quote_volume", "trades", "taker_buy_volume")}
    return pl.DataFrame({"ts": ts, **rest, **columns}).select(CANDLE_SCHEMA.names()).cast(dict(CANDLE_SCHEMA))


def feather(path: Path, moved: timedelta) -> pl.DataFrame:
    """Real candles, moved in time so that a block begins somewhere among them."""
    found = pl.read_ipc(path).rename({"date": "ts"})
    return (
        found.with_columns(pl.col("ts").cast(CANDLE_SCHEMA["ts"]) + moved)
        .with_columns(pl.lit(None).alias(name) for name in ("quote_volume", "trades", "taker_buy_volume"))
        .select(CANDLE_SCHEMA.names())
        .cast(dict(CANDLE_SCHEMA))
    )


def coinbase(path: Path) -> pl.DataFrame:
    """Real hourly candles of two years and more."""
    found = pl.read_csv(path, skip_rows=1)
    clock = pl.col("date").str.replace("-([AP]M)$", ":00 ${1}")  # "2019-10-17 09-AM"
    time = clock.str.strptime(pl.Datetime("us"), "%Y-%m-%d %I:%M %p").dt.replace_time_zone("UTC")
    return (
        found.select(
            time.alias("ts"),
            *(pl.col(name).cast(pl.Float64) for name in ("open", "high", "low", "close")),
            pl.col("volume_btc").cast(pl.Float64).alias("volume"),
            pl.col("volume").cast(pl.Float64).alias("quote_volume"),
            pl.lit(None, pl.Int64).alias("trades"),
            pl.lit(None, pl.Float64).alias("taker_buy_volume"),
        )
        .sort("ts")
        .match_to_schema(CANDLE_SCHEMA)
    )


REAL = {
    "1m with gaps and flat bars": "1m",
    "5m": "5m",
    "1h of two years": "1h",
}
"""Names of real candles, and their timeframes."""


def real_candles(shared_data: Path, name: str) -> pl.DataFrame:
    """Real candles by name; blocks begin among each of them."""
    folder = shared_data / "candles"
    if name == "1h of two years":
        return coinbase(folder / "Coinbase_BTCUSD_1h.csv")
    if name == "5m":
        return feather(folder / "ETH_BTC-5m.feather", timedelta(days=12))
    return feather(folder / "UNITTEST_BTC-1m.feather", timedelta(days=22))


def walk(seed: int, count: int, price: float = 100.0, size: float = 10.0) -> dict[str, np.ndarray]:
    """Columns of a random walk with flat bars, still stretches, bars without volume, and volume spikes."""
    random = np.random.default_rng(seed)
    moves = random.normal(0, 0.01, count) * (random.random(count) < 0.8)
    still = random.integers(0, count)
    moves[still : still + int(random.integers(0, 80))] = 0
    close = price * np.exp(np.cumsum(moves))
    opened = np.concatenate(([price], close[:-1]))
    spread = 1 + random.random(count) * 0.01 * (random.random(count) < 0.8)
    volume = size * random.lognormal(0, 2, count) * (random.random(count) < 0.8)
    silent = random.integers(0, count)
    volume[silent : silent + int(random.integers(0, 60))] = 0
    return {
        "open": opened,
        "high": np.maximum(opened, close) * spread,
        "low": np.minimum(opened, close) / spread,
        "close": close,
        "volume": volume,
    }


@st.composite
def awkward_candles(draw: st.DrawFn, timeframe: str = "1m", most: int = 500) -> pl.DataFrame:
    """Bars around the start of 2024, a block of every timeframe: any price, gaps, stillness, silence."""
    count = draw(st.integers(1, most))
    price, size = 10.0 ** draw(st.floats(-9, 9)), 10.0 ** draw(st.floats(-9, 9))
    columns = walk(draw(st.integers(0, 2**32 - 1)), count, price, size)
    gaps = np.zeros(count, dtype=np.int64)
    for _ in range(draw(st.integers(0, 3))):
        gaps[draw(st.integers(0, count - 1))] += draw(st.sampled_from([1, 7, 100, 2_600]))
    rows = np.arange(count) + np.cumsum(gaps)
    before = draw(st.integers(0, int(rows[-1])))
    start = datetime(2024, 1, 1, tzinfo=UTC) - before * TIMEFRAMES[timeframe]
    return candle_frame(start, timeframe, columns, rows)
