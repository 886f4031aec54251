"""Snapshots made again, of readings alone, held against those that are stored."""

from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.derived_checks import WARN, alike, none_but_zero
from alphapulse_assets.datasets.expectations import guard_frame
from alphapulse_assets.futures.leverage.model import LOGIC_VERSION, MOMENT, READ_BEFORE, SNAPSHOTS
from alphapulse_assets.futures.leverage.snapshots import snapshots
from alphapulse_assets.futures.leverage.stored import as_rows, perpetuals, read_hours
from alphapulse_resources.frames import floor_time

SAMPLE: Final = 3
"""Perpetuals that are made again, more where a coin has more (ours)."""


def made_again(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """Half a day as if its last hour were the newest: were a later reading in a row, it would be another.

    Of today the hours that are over. Rows also differ where readings of their past came in since they were
    made: then the day is to be filled again, and it is a warning.
    """
    database, (start, end) = scope.store.database, scope.last_day
    middle = min(start + (end - start) / 2, floor_time(datetime.now(UTC), "1h"))
    compared: list[dict[str, Any]] = []
    for ids in perpetuals(database, (start, middle), SAMPLE) if start < middle else ():
        hours = read_hours(database, ids, (start - READ_BEFORE, start, middle), anew=True)
        again = as_rows(snapshots(hours, start))
        stored = database.read(
            f"SELECT * FROM {SNAPSHOTS.name}"
            " WHERE instrument_id = ANY ($1) AND ts >= $2 AND ts < $3 AND logic_version = $4",
            (ids, start, middle, LOGIC_VERSION),
        ).with_columns(pl.col("ts").cast(MOMENT))
        compared += [
            {"instrument_id": each, "different": differences(of(again, each), of(stored, each))}
            for each in ids
        ]
        break
    schema = pl.Schema({"instrument_id": pl.Int64(), "different": pl.Int64()})
    frame = pl.DataFrame(compared, schema=schema)
    if scope.lightweight:
        return guard_frame("recomputed", frame, {"different": pl.col("different") > 0}, severity=WARN)
    return none_but_zero("recomputed", frame, ["different"], severity=WARN)


def of(rows: pl.DataFrame, instrument_id: int) -> pl.DataFrame:
    """The rows of one perpetual, by hour."""
    return rows.filter(pl.col("instrument_id") == instrument_id).sort("ts")


def differences(again: pl.DataFrame, stored: pl.DataFrame) -> int:
    """Columns that differ by more than rounding; all of them where there are more or fewer rows."""
    if again["ts"].to_list() != stored["ts"].to_list():
        return len(SNAPSHOTS.values)
    return sum(not alike(again[name], stored[name]) for name in SNAPSHOTS.values)
