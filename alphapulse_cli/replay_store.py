"""`alphapulse replay --store`: what a recording gives is written as a live stream would write it."""

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from alphapulse_assets.order_book.book.events import SnapshotRequest
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.session.market_session import MarketSession
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.order_book.whales.usd import UsdRates
from alphapulse_assets.streaming.whale_settings import chosen
from alphapulse_cli.database import CommandError, open_database
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import statement
from alphapulse_resources.settings import get_settings
from alphapulse_resources.streams.messages import StreamAdapter
from alphapulse_resources.streams.tables import Row, StreamTable
from alphapulse_resources.streams.writer import StreamWriter, WriterOptions

WAITING: Final = 20_000
"""Rows after which a recording waits for the writer: it has no hurry, and nothing may be dropped (ours)."""

PATIENCE: Final = 120.0
"""Seconds to wait for the database before giving up (ours)."""


class Storing:
    """A session, a writer, and the instruments of the recording's symbols.

    What currencies are worth in USD is what is given and what the platform knows by itself, never what is
    stored: a recording gives the same rows whenever it is replayed.

    Raises:
        CommandError: there is no database with a schema, or thresholds are set that make no sense; while
            storing: it takes no rows.
    """

    def __init__(
        self, adapter: StreamAdapter, measures: Measures, given: Mapping[str, float] = MappingProxyType({})
    ) -> None:
        try:
            thresholds, rates = chosen(get_settings())
            rates = UsdRates(given={**rates.given, **given})
        except ValueError as error:
            raise CommandError(str(error)) from error
        run_id = f"replay-{uuid.uuid4()}"
        self._adapter = adapter
        self._venue = adapter.venue
        self._database = open_database(demo=False)
        self._store = CandleStore(self._database)
        options = WriterOptions(live=False)
        self._writer = StreamWriter(self._database, run_id=run_id, shard="replay", options=options)
        self._writer.start()
        self._rows = 0
        self._instruments: dict[str, int | None] = {}
        self.session: Final = MarketSession(
            adapter,
            put=self._put,
            request=self._ask,
            run_id=run_id,
            shard="replay",
            alert=lambda _: None,
            options=SessionOptions(live=False, thresholds=thresholds, rates=rates),
            register=self._register,
            measures=measures,
        )

    def finish(self) -> dict[str, Any]:
        """Write what waits; rows by table (new ones and those that were there), and what became of the rest.

        Raises:
            CommandError: rows could not be written.
        """
        written = self._writer.close(PATIENCE)
        counts = self._writer.counts
        self._database.close()
        if not written or counts.dropped:
            lost = counts.pending + sum(counts.dropped.values())
            raise CommandError(f"{lost} rows could not be written: {counts.last_error or 'see the log'}")
        return {
            "rows": dict(sorted(counts.written.items())),
            "quarantined": dict(counts.quarantined),
            "instruments": {name: key for name, key in sorted(self._instruments.items()) if key is not None},
            "without_instrument": sorted(name for name, key in self._instruments.items() if key is None),
        }

    def _put(self, table: StreamTable, row: Row) -> None:
        self._writer.put(table, row)
        self._rows += 1
        if self._rows % WAITING == 0 and not self._writer.flushed(PATIENCE):
            raise CommandError(f"the database takes no rows: {self._writer.counts.last_error}")

    def _ask(self, request: SnapshotRequest) -> None:
        self.session.requested(request.symbol, request.at)

    def _register(self, venue_symbol: str) -> int | None:
        """The instrument that the venue itself called so, else one by what the name tells."""
        found = self._database.rows(
            statement("instruments/by_venue_symbol"), {"venue": self._venue, "venue_symbol": venue_symbol}
        )
        symbol = self._adapter.unified(venue_symbol)
        if found:
            key: int | None = found[0]["instrument_id"]
        else:
            key = None if symbol is None else self._store.register(self._venue, symbol)
        self._instruments[venue_symbol] = key
        return key
