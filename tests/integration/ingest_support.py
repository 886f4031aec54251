"""What the ingest tests share: tracked instruments, and the ledgers as dictionaries."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl

from alphapulse_assets.candles.ingest import Ingest
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.venues.model import Instrument
from alphapulse_sim.process import SimulatorProcess

MakeIngest = Callable[..., Ingest]


def at(day: int, hour: int = 0, minute: int = 0, *, month: int = 3, second: int = 0) -> datetime:
    """A moment of 2024."""
    return datetime(2024, month, day, hour, minute, second, tzinfo=UTC)


def track(database: Database, instrument: Instrument) -> Instrument:
    """The instrument as a tracked row of this database."""
    database.execute(
        "SELECT track_symbol(%(venue)s, %(symbol)s)",
        {"venue": instrument.venue, "symbol": instrument.symbol},
    )
    values = {
        "venue": instrument.venue,
        "symbol": instrument.symbol,
        "venue_symbol": instrument.venue_symbol,
        "listed_at": instrument.listed_at,
        "delisted_at": instrument.delisted_at,
    }
    database.execute(
        "UPDATE instruments SET venue_symbol = %(venue_symbol)s, listed_at = %(listed_at)s,"
        " delisted_at = %(delisted_at)s, resolved_at = now() WHERE venue = %(venue)s AND symbol = %(symbol)s",
        values,
    )
    (row,) = CandleStore(database).tracked(instrument.venue, [instrument.symbol])
    assert row == replace(instrument, instrument_id=row.instrument_id)
    return row


def ledger(database: Database, instrument: Instrument) -> list[dict[str, Any]]:
    """The instrument's rows of `ingest_ledger`, by day."""
    query = "SELECT * FROM ingest_ledger WHERE instrument_id = %(id)s ORDER BY day"
    return database.rows(query, {"id": instrument.instrument_id})


def gaps(database: Database, instrument: Instrument) -> list[dict[str, Any]]:
    """The instrument's rows of `gap_ledger`, by time."""
    query = "SELECT * FROM gap_ledger WHERE instrument_id = %(id)s ORDER BY gap_start"
    return database.rows(query, {"id": instrument.instrument_id})


def minutes_in(rows: list[dict[str, Any]]) -> pl.Series:
    """Open times of all minutes of gaps."""
    stretches = [
        pl.datetime_range(row["gap_start"], row["gap_end"], "1m", closed="left", eager=True) for row in rows
    ]
    return pl.concat([pl.Series("ts", [], pl.Datetime("us", "UTC")), *(s.alias("ts") for s in stretches)])


def requests_for_candles(simulator: SimulatorProcess) -> list[dict[str, Any]]:
    """The requests for candles in the simulator's log."""
    return [entry for entry in simulator.log() if "kline" in entry["path"] or "candles" in entry["path"]]
