"""What is measured with: made-up candles that look like a venue's, and a year of them as archive files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import requests

from alphapulse_resources.frames import CANDLE_SCHEMA
from alphapulse_sim.process import SimulatorProcess

YEAR: Final = 2023
YEAR_START: Final = datetime(YEAR, 1, 1, tzinfo=UTC)
YEAR_MINUTES: Final = 525_600
_SYMBOL: Final = "BTCUSDT"
_ARCHIVE: Final = "/data.binance.vision/data/spot/monthly/klines/{symbol}/1m/{name}"


def candles(minutes: int = YEAR_MINUTES, start: datetime = YEAR_START) -> pl.DataFrame:
    """So many 1m candles without a gap (CANDLE_SCHEMA): always the same random walk in ticks of a cent."""
    random = np.random.default_rng(7)
    close = np.round(30_000 * np.exp(np.cumsum(random.normal(0, 0.0005, minutes))), 2)
    opened = np.concatenate(([30_000.0], close[:-1]))
    volume = np.round(random.lognormal(2, 1, minutes), 5)
    taker = np.round(volume * random.random(minutes), 5)
    return pl.DataFrame(
        {
            "ts": _minutes(start, minutes),
            "open": opened,
            "high": np.round(np.maximum(opened, close) * (1 + random.random(minutes) * 0.0005), 2),
            "low": np.round(np.minimum(opened, close) * (1 - random.random(minutes) * 0.0005), 2),
            "close": close,
            "volume": volume,
            "quote_volume": volume * (opened + close) / 2,
            "trades": random.integers(1, 5_000, minutes),
            "taker_buy_volume": np.minimum(taker, volume),
        },
        schema=CANDLE_SCHEMA,
    )


def revised(frame: pl.DataFrame, every: int = 10) -> pl.DataFrame:
    """The candles as a venue corrects them: in every tenth the close is the high and the volume is larger."""
    chosen = pl.int_range(pl.len()) % every == 0
    return frame.with_columns(
        pl.when(chosen).then(pl.col("high")).otherwise(pl.col("close")).alias("close"),
        pl.when(chosen).then(pl.col("volume") + 1).otherwise(pl.col("volume")).alias("volume"),
    )


def archive_year(directory: Path, year: int = YEAR) -> list[Path]:
    """Twelve monthly archives of BTCUSDT in `directory`, as the venue simulator publishes them."""
    paths = []
    with SimulatorProcess() as simulator:
        for month in range(1, 13):
            name = f"{_SYMBOL}-1m-{year}-{month:02d}.zip"
            url = simulator.url + _ARCHIVE.format(symbol=_SYMBOL, name=name)
            response = requests.get(url, timeout=60)
            response.raise_for_status()
            path = directory / name
            path.write_bytes(response.content)
            paths.append(path)
    return paths


def _minutes(start: datetime, count: int) -> pl.Series:
    first = round(start.timestamp() * 1_000_000)
    micros = np.arange(count, dtype=np.int64) * 60_000_000 + first
    return pl.Series("ts", micros).cast(CANDLE_SCHEMA["ts"])
