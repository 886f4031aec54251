"""The write path beside a raw COPY: a year of one instrument's minutes into the keyed table.

Ours: the frame in memory is validated, locked, written, counted and its days marked, in one transaction on a
new connection. The baseline sends the same rows, encoded beforehand, by one binary COPY into the same table,
also on a new connection. Both find the table empty, with its key and, on TimescaleDB, without chunks.
"""

from datetime import UTC, datetime
from typing import Final

import polars as pl
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import sql

from alphapulse_assets.candles.validation import validate
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.upsert import OHLCV_1M, Written
from bench.data import candles, revised
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError, Cost, Meter
from bench.servers import Server
from tests.databases import fresh_database

ROUNDS: Final = 5
BARS: Final = {
    "fresh": Bar(Demand.RATIO_AT_LEAST, 0.60),
    "replay": Bar(Demand.RATIO_AT_LEAST, 0.90),
    "10 % changed": None,
}
_INSTRUMENT: Final = 1
_NOW: Final = datetime(2024, 6, 1, tzinfo=UTC)


def run(server: Server, rounds: int = ROUNDS) -> list[Figure]:
    """The figures on one server; the order of ours and the baseline alternates."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        bench, meter = _Upsert(database, candles()), Meter(dsn)
        try:
            costs = [_round(bench, meter, copy_first=number % 2 == 0) for number in range(rounds)]
        finally:
            database.close()
    return [figure for case, bar in BARS.items() for figure in _figures(server, case, bar, costs)]


class _Upsert:
    """A year of candles, and the ways to bring it into the table."""

    def __init__(self, database: Database, frame: pl.DataFrame) -> None:
        self.store = CandleStore(database)
        self.frame = frame
        self.revised = revised(frame)
        self._encoded = _encode(frame)

    def clear(self) -> None:
        """Empty the tables as if they were new."""
        self.store.database.execute("TRUNCATE ohlcv_1m, ohlcv_revisions, ohlcv_dirty")

    def copy(self) -> None:
        """The baseline."""
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
            sql.Identifier(OHLCV_1M.name), sql.SQL(", ").join(map(sql.Identifier, OHLCV_1M.columns))
        )
        with (
            self.store.database.transaction() as connection,
            connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            for part in self._encoded:
                copy.write(part)

    def write(self, frame: pl.DataFrame, *, inserted: int, changed: int) -> None:
        """Ours. It has to find exactly these differences."""
        valid = validate(frame, "1m", now=_NOW)
        with self.store.database.transaction() as connection:
            self.store.lock(connection, _INSTRUMENT)
            written = self.store.write(
                connection, _INSTRUMENT, valid.candles, source="archive", received_at=_NOW
            )
        _expect(written, Written(inserted, changed, frame.height - inserted - changed))


def _round(bench: _Upsert, meter: Meter, *, copy_first: bool) -> dict[str, Cost]:
    """Each way once: the baseline, and ours into the empty table, again, and with a tenth of it revised."""
    rows = bench.frame.height
    costs = {}
    for way in ("copy", "ours") if copy_first else ("ours", "copy"):
        bench.clear()
        meter.checkpoint()
        if way == "copy":
            costs["copy"] = meter.cost(bench.copy)
            continue
        costs["fresh"] = meter.cost(lambda: bench.write(bench.frame, inserted=rows, changed=0))
        costs["replay"] = meter.cost(lambda: bench.write(bench.frame, inserted=0, changed=0))
        costs["10 % changed"] = meter.cost(
            lambda: bench.write(bench.revised, inserted=0, changed=-(-rows // 10))
        )
    return costs


def _figures(server: Server, case: str, bar: Bar | None, costs: list[dict[str, Cost]]) -> list[Figure]:
    """Wall seconds with the bar and, where they are known, processor seconds."""
    name = f"upsert {case}, {server.name}"
    versus = "raw binary COPY"
    walls = Figure(
        name,
        "s",
        tuple(cost[case].wall for cost in costs),
        versus,
        tuple(cost["copy"].wall for cost in costs),
        bar,
    )
    ours = [cost[case].processor for cost in costs]
    baseline = [cost["copy"].processor for cost in costs]
    if None in ours or None in baseline:
        return [walls]
    spent = tuple(value for value in ours if value is not None)
    copied = tuple(value for value in baseline if value is not None)
    return [walls, Figure(name, "CPU s", spent, versus, copied)]


def _encode(frame: pl.DataFrame) -> list[bytes]:
    """The rows as a binary COPY wants them."""
    rows = frame.with_columns(
        pl.lit(_INSTRUMENT, pl.Int32).alias("instrument_id"),
        pl.lit(1, pl.Int16).alias("source_id"),
        pl.lit(_NOW, pl.Datetime("us", "UTC")).alias("received_at"),
    ).select(OHLCV_1M.columns)
    batches = rows.to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches(65_536)
    encoder = ArrowToPostgresBinaryEncoder(batches[0].schema)
    return [encoder.write_header(), *(encoder.write_batch(batch) for batch in batches), encoder.finish()]


def _expect(written: Written, expected: Written) -> None:
    found = (written.inserted, written.changed, written.unchanged)
    wanted = (expected.inserted, expected.changed, expected.unchanged)
    if found != wanted:
        raise BenchmarkError(f"inserted, changed, unchanged are {found}, not {wanted}")
