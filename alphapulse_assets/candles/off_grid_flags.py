"""What is kept and told of candles whose open times were floored to the minute (`off_grid`)."""

from typing import Final

import polars as pl

from alphapulse_resources.database.client import statement
from alphapulse_resources.database.fetch_store import Connection

LOGIC_VERSION: Final = 1
"""Bumped whenever the same rows would be floored differently."""


def flag_off_grid(
    connection: Connection, instrument_id: int, candles: pl.DataFrame, off_grid: pl.DataFrame
) -> None:
    """Flag the candles whose times were floored (`off_grid`, OFF_GRID_SCHEMA), with what was taken off."""
    flagged = off_grid.join(candles, on="ts", how="semi").unique("ts")
    if flagged.is_empty():
        return
    connection.execute(
        statement("quality/flag_off_grid"),
        {
            "instrument_id": instrument_id,
            "ts": flagged["ts"].to_list(),
            "offsets": flagged["offset_us"].to_list(),
            "logic_version": LOGIC_VERSION,
        },
    )


def told_off_grid(off_grid: pl.DataFrame) -> list[str]:
    """A line for each offset: how many minutes were floored, and by what."""
    counts = off_grid.group_by("offset_us").len().sort("offset_us")
    return [
        f"{count:,} open times are all {offset / 1e6:g} s past the minute: floored, with the flag off_grid"
        for offset, count in counts.iter_rows()
    ]
