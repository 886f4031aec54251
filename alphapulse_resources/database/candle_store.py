"""Candles in the database, beside their ledger, gaps and quarantine: every statement, and no decisions.

Methods that take a connection work in the caller's transaction, so that candles, ledger and gaps of one
page are stored together or not at all.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import polars as pl
from psycopg import sql

from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.fetch_store import SOURCE_IDS, Connection, FetchStore, LedgerKey
from alphapulse_resources.database.locks import lock_writers
from alphapulse_resources.database.readback import read_back
from alphapulse_resources.database.upsert import OHLCV_1M, OHLCV_NATIVE, Written
from alphapulse_resources.frames import CANDLE_SCHEMA
from alphapulse_resources.venues.model import Instrument

CANDLES: Final = OHLCV_1M.name
"""The data set whose ledger and gaps are the candles'."""


class CandleStore(FetchStore):
    """The candle tables of one database."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, CANDLES)

    # instruments -----------------------------------------------------------------------------------------

    def tracked(self, venue: str, symbols: Sequence[str] | None = None) -> list[Instrument]:
        """Tracked instruments of a venue that can be fetched, all or some of them."""
        rows = self.database.rows(
            statement("instruments/tracked"), {"venue": venue, "symbols": list(symbols) if symbols else None}
        )
        return [Instrument(**row) for row in rows]

    def register(self, venue: str, symbol: str) -> int:
        """Make an instrument known without tracking it; returns its key."""
        rows = self.database.rows(
            "SELECT register_instrument(%(venue)s, %(symbol)s) AS id", {"venue": venue, "symbol": symbol}
        )
        return int(rows[0]["id"])

    # candles ---------------------------------------------------------------------------------------------

    def lock(self, connection: Connection, key: LedgerKey) -> None:
        """One writer an instrument at a time, of bars of any timeframe, until the transaction ends."""
        assert isinstance(key, int)  # candles are of instruments
        lock_writers(connection, "candles", [key])

    def write(
        self,
        connection: Connection,
        instrument_id: int,
        candles: pl.DataFrame,
        *,
        source: str,
        received_at: datetime,
        timeframe_id: int = 1,
    ) -> Written:
        """Write validated candles (CANDLE_SCHEMA, sorted, unique) of one instrument and timeframe."""
        frame = candles.with_columns(
            pl.lit(instrument_id, pl.Int32).alias("instrument_id"),
            pl.lit(timeframe_id, pl.Int16).alias("timeframe_id"),
            pl.lit(SOURCE_IDS[source], pl.Int16).alias("source_id"),
            pl.lit(received_at, pl.Datetime("us", "UTC")).alias("received_at"),
        )
        return self.database.upsert(connection, OHLCV_1M if timeframe_id == 1 else OHLCV_NATIVE, frame)

    def bounds(
        self, instrument_id: int, connection: Connection | None = None
    ) -> tuple[datetime | None, datetime | None]:
        """Open times of the first and the newest 1m candle."""
        if connection is None:
            with self.database.transaction() as own:
                return self.bounds(instrument_id, own)
        row = connection.execute(statement("candles/bounds"), {"instrument_id": instrument_id}).fetchone()
        assert row is not None  # the statement always returns one row
        return row[0], row[1]

    def present_minutes(
        self, connection: Connection, instrument_id: int, start: datetime, end: datetime
    ) -> pl.Series:
        """Open times of the 1m candles in a window, in order."""
        stored = read_back(
            connection,
            OHLCV_1M.name,
            pl.Schema({"ts": CANDLE_SCHEMA["ts"]}),
            condition=sql.SQL("o.instrument_id = {} AND o.ts >= {} AND o.ts < {}").format(
                instrument_id, start, end
            ),
            limit=-(-(end - start) // timedelta(minutes=1)),
        )
        return stored["ts"].sort()
