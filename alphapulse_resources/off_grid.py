"""Open times that lie off the minute, all by the same: a venue's clock, not damage. Pure: no I/O.

After some halts Binance opened its minutes at :14.789 for hours or days (archives of 2017 and 2018). The bars
are true and one minute long, so their times are floored. Nothing is known to be right with a row that is off
the grid by itself: it stays what it was.
"""

from typing import Final

import polars as pl

MINUTE_US: Final = 60_000_000
STRETCH: Final = 30
"""Rows in a row that make an offset one of the clock (ours): far more than damage would repeat."""

OFF_GRID_SCHEMA: Final = pl.Schema({"ts": pl.Datetime("us", "UTC"), "offset_us": pl.Int64()})
"""Floored open times, and how many microseconds the source had them past the minute."""


def find_offsets(micros: pl.Series) -> pl.Series:
    """How many microseconds to take off each time (microseconds since 1970) to have it on the minute.

    0 where a time is on the minute already, is null, or is not one of `STRETCH` different times that follow
    each other with one offset; also where the minute has a row of its own, which then is the candle.
    """
    times = micros.drop_nulls().unique().sort()
    stretches = (
        pl.DataFrame({"time": times, "offset": times % MINUTE_US})
        .with_columns(pl.len().over(pl.col("offset").rle_id()).alias("rows"))
        .filter((pl.col("offset") > 0) & (pl.col("rows") >= STRETCH))
    )
    if stretches.is_empty():
        return pl.zeros(micros.len(), pl.Int64, eager=True).alias(micros.name)
    on_grid = times.filter(times % MINUTE_US == 0)
    floor = stretches["time"] - stretches["offset"]
    kept = stretches.filter(~floor.is_in(on_grid.implode()) & floor.is_first_distinct())
    found = micros.to_frame("time").join(
        kept.select("time", "offset"), on="time", how="left", maintain_order="left"
    )
    return found["offset"].fill_null(0).alias(micros.name)


def floor_times(candles: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Candles with the open times of such stretches floored, and those times (OFF_GRID_SCHEMA)."""
    opened = candles["ts"].to_physical()
    offsets = find_offsets(opened)
    ts = (opened - offsets).cast(candles.schema["ts"])
    return candles.with_columns(ts.alias("ts")), off_grid_frame(ts.to_physical(), offsets)


def off_grid_frame(floored: pl.Series, offsets: pl.Series) -> pl.DataFrame:
    """The times (microseconds since 1970) from which something was taken off, with what it was."""
    times = pl.from_epoch(floored, "us").cast(OFF_GRID_SCHEMA["ts"])
    frame = pl.DataFrame({"ts": times, "offset_us": offsets}, schema=OFF_GRID_SCHEMA)
    return frame.filter(pl.col("offset_us") > 0)
