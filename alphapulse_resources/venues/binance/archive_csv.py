"""Reading an archive of 1m klines: header and unit of time are found by looking, per file. Pure: no I/O."""

from datetime import datetime
from typing import Final

import polars as pl

from alphapulse_resources.frames import CANDLE_SCHEMA
from alphapulse_resources.off_grid import find_offsets, off_grid_frame
from alphapulse_resources.venues.model import Reject
from alphapulse_resources.venues.rows import MISALIGNED, OUTSIDE, ReadRows, find_moment

COLUMNS: Final = (
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "close_time",
    "quote_volume",
    "count",
    "taker_buy_volume",
    "taker_buy_quote_volume",
    "ignore",
)
"""The documented columns in order (github.com/binance/binance-public-data); headers vary in their names."""

MICROSECONDS_FROM: Final = 100_000_000_000_000
"""Open times from here on are microseconds (spot from 2025 on), below milliseconds: 5138 or 1973."""

_NUMBERS: Final = ("open", "high", "low", "close", "volume", "quote_volume", "taker_buy_volume")
_UNREADABLE: Final = "a field is missing or not a finite number"


def read_csv(content: bytes, start: datetime, end: datetime) -> ReadRows:
    """Candles of a file that is to hold `[start, end)`, sorted, and the rows that are none."""
    text = _read_text(content)
    open_time = pl.col("open_time").cast(pl.Int64, strict=False)
    micros = pl.when(open_time >= MICROSECONDS_FROM).then(open_time).otherwise(open_time * 1000)
    numbers = [pl.col(name).cast(pl.Float64, strict=False).alias(f"_{name}") for name in _NUMBERS]
    trades = pl.col("count").cast(pl.Int64, strict=False).alias("_trades")
    read = text.with_columns(micros.alias("_opened"), trades, *numbers)
    offsets = find_offsets(read["_opened"])
    read = read.with_columns((read["_opened"] - offsets).alias("_ts"), offsets.alias("_offset"))
    judged = read.with_columns(_reason(start, end).alias("_reason"))
    good = judged.filter(pl.col("_reason").is_null())
    candles = good.select(
        pl.from_epoch("_ts", "us").cast(CANDLE_SCHEMA["ts"]).alias("ts"),
        *(pl.col(f"_{name}").alias(name) for name in CANDLE_SCHEMA.names()[1:]),
    )
    bad = judged.filter(pl.col("_reason").is_not_null())
    off_grid = off_grid_frame(good["_ts"], good["_offset"])
    return ReadRows(candles.sort("ts", maintain_order=True), _rejects(bad), off_grid)


def _read_text(content: bytes) -> pl.DataFrame:
    """All fields as text; a first line that does not start with a digit is a header."""
    if not content.strip():
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    return pl.read_csv(
        content,
        has_header=False,
        skip_rows=0 if content[:1].isdigit() else 1,
        schema=dict.fromkeys(COLUMNS, pl.String),
        truncate_ragged_lines=True,
        quote_char=None,
        encoding="utf8-lossy",
        raise_if_empty=False,
    )


def _reason(start: datetime, end: datetime) -> pl.Expr:
    """Why a row is no candle; null for one that is."""
    readable = pl.col("_ts").is_not_null() & pl.col("_trades").is_not_null()
    for name in _NUMBERS:
        readable &= pl.col(f"_{name}").is_finite().fill_null(False)
    first, last = (round(moment.timestamp()) * 1_000_000 for moment in (start, end))
    return (
        pl.when(~readable)
        .then(pl.lit(_UNREADABLE))
        .when(pl.col("_ts") % 60_000_000 != 0)
        .then(pl.lit(MISALIGNED))
        .when(~pl.col("_ts").is_between(first, last, closed="left"))
        .then(pl.lit(OUTSIDE))
    )


def _rejects(rows: pl.DataFrame) -> list[Reject]:
    texts = rows.select(COLUMNS).iter_rows(named=True)
    return [
        Reject(reason, text, None if micros is None else find_moment(micros / 1000))
        for reason, micros, text in zip(rows["_reason"], rows["_opened"], texts, strict=True)
    ]
