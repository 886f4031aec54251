"""Leverage snapshots of a database: what is read for them, piece by piece, and how they are written."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Final

import polars as pl

from alphapulse_assets.core.windows import Window
from alphapulse_assets.futures.leverage.model import (
    FUNDING_AGE,
    HOURS_SCHEMA,
    LOGIC_VERSION,
    MARKET_CAP_AGE,
    MOMENT,
    OPEN_INTEREST_AGE,
    PROVIDERS,
    READ_BEFORE,
    SNAPSHOT_SCHEMA,
    SNAPSHOTS,
)
from alphapulse_assets.futures.leverage.snapshots import snapshots
from alphapulse_assets.regime.dataset import DOLLARS
from alphapulse_resources.database.client import Database, statement

AT_ONCE: Final = 100
"""Perpetuals whose hours are held at a time, more where a coin has more (ours): 30 MB with their past."""


def snapshot_rows(database: Database, window: Window, *, anew: bool = False) -> pl.DataFrame:
    """The rows of SNAPSHOTS of all perpetuals in [start, end), sorted by key; hours to come have none.

    Their past is read from stored snapshots where there are some; `anew`: from what those are made of.
    """
    start, end = window
    found = [SNAPSHOT_SCHEMA.to_frame()]
    for ids in perpetuals(database, window):
        hours = read_hours(database, ids, (start - READ_BEFORE, start, end), anew=anew)
        found.append(snapshots(hours, start))
    return as_rows(pl.concat(found))


def as_rows(found: pl.DataFrame) -> pl.DataFrame:
    """Snapshots with what their table has besides."""
    return found.with_columns(
        pl.lit(LOGIC_VERSION, pl.Int32).alias("logic_version"),
        pl.col("ts").alias("known_at"),
        pl.lit(datetime.now(UTC), MOMENT).alias("created_at"),
    ).sort(SNAPSHOTS.key)


def perpetuals(database: Database, window: Window, at_once: int = AT_ONCE) -> Iterator[list[int]]:
    """Those that something is stored of, in lots; all of a coin are in one: they are added up."""
    told = {"start": window[0] - FUNDING_AGE, "end": window[1]}
    rows = database.rows(statement("leverage/perpetuals"), told)
    lot: list[int] = []
    for _, coin in groupby(rows, key=itemgetter("base")):
        ids = [row["instrument_id"] for row in coin]
        if lot and len(lot) + len(ids) > at_once:
            yield lot
            lot = []
        lot += ids
    if lot:
        yield lot


def read_hours(
    database: Database, ids: Sequence[int], moments: tuple[datetime, datetime, datetime], *, anew: bool
) -> pl.DataFrame:
    """HOURS_SCHEMA of these perpetuals: the past from the first moment, snapshots' hours from the second."""
    past, start, end = moments
    version = None if anew else LOGIC_VERSION
    found = database.read(
        statement("leverage/hours"),
        (list(ids), past, start, end, version, list(DOLLARS), OPEN_INTEREST_AGE, FUNDING_AGE),
    )
    caps = market_caps(database, found["base"].unique().to_list(), (start, end))
    both = found.with_columns(pl.col("ts").cast(MOMENT)).join(
        caps, on=["base", "ts"], how="left", maintain_order="left"
    )
    return both.select(HOURS_SCHEMA.names()).cast(HOURS_SCHEMA)


def market_caps(database: Database, bases: Sequence[str], window: Window) -> pl.DataFrame:
    """base, ts, market_cap, market_cap_provider: what was known of coins at the hours of a window."""
    found = database.read(
        statement("leverage/market_caps"), (list(bases), *window, MARKET_CAP_AGE, list(PROVIDERS))
    )
    return found.with_columns(pl.col("ts").cast(MOMENT))
