"""Open interest and funding of 300 perpetuals, once around: from the simulator's sockets into the tables.

What the poller does each minute: USD-M tells open interest a symbol a request, prices and funding of all in
one; Bybit tells all in one, OKX in lists of one thing each. Limits are the venues' documented ones, kept by
the limiter in the database and counted by the simulator, which refuses who goes beyond: a refusal is an error
here. Beside it the newest state of a thousand instruments, through the analysts' view.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl
import psycopg

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.datasets.collector_run import run_collector
from alphapulse_assets.futures.dataset import DATASETS
from alphapulse_assets.futures.tables import (
    MARK_PRICE_SCHEMA,
    MARK_PRICES,
    OPEN_INTEREST,
    OPEN_INTEREST_SCHEMA,
    whole_rows,
)
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_sim.process import SimulatorProcess
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError, Cost, Meter
from bench.servers import Server, open_home
from tests.databases import fresh_database

SYMBOLS: Final = 300
ROUNDS: Final = 3
LATEST: Final = 1000
"""Instruments whose newest state is asked for."""
ASKED: Final = 20
IN_TIME: Final = Bar(Demand.OURS_AT_MOST, 15)
AT_ONCE: Final = Bar(Demand.OURS_AT_MOST, 20)
_VENUES: Final = ("binanceusdm", "bybit", "okx")
_KINDS: Final = ("mark_prices", "open_interest")
_HOSTS: Final = {"binanceusdm": "fapi.binance.com", "bybit": "api.bybit.com", "okx": "www.okx.com"}


def run(server: Server) -> list[Figure]:
    """The figures on one server."""
    return [*_rounds(server), _latest(server)]


def _rounds(server: Server) -> list[Figure]:
    costs: dict[str, list[Cost]] = {venue: [] for venue in _VENUES}
    used: dict[str, list[float]] = {venue: [] for venue in _VENUES}
    with (
        SimulatorProcess(extra=SYMBOLS) as simulator,
        open_home() as home,
        fresh_database(server.dsn) as dsn,
    ):
        database = Database(dsn)
        for venue in _VENUES:
            track(database, venue)
        limiter = DatabaseRateLimiter(dsn)
        settings = Settings.model_validate({"venue_url": simulator.url, "home": Path(home)})
        sources, meter = Sources(database, settings, Gateway(limiter)), Meter(dsn)
        for _ in range(ROUNDS):
            for venue in _VENUES:
                simulator.clear()
                costs[venue].append(meter.cost(lambda venue=venue: _once(sources, venue)))
                used[venue].append(_weight(simulator, _HOSTS[venue]))
        limiter.close()
        database.close()
    return [figure for venue in _VENUES for figure in _figures(server, venue, costs[venue], used[venue])]


def _once(sources: Sources, venue: str) -> None:
    for kind in _KINDS:
        (dataset,) = [each for each in DATASETS if each.name == kind]
        (collector,) = [each for each in dataset.collectors if each.source == venue]
        done = run_collector(collector, sources, {kind: dataset.rules})
        if done.error is not None or done.missing or done.rows != SYMBOLS:
            raise BenchmarkError(f"{collector.name}: {done.rows} rows, {done.error}, missing {done.missing}")


def _weight(simulator: SimulatorProcess, host: str) -> float:
    entries = [entry for entry in simulator.log() if entry["host"] == host]
    if refused := [entry for entry in entries if entry["status"] != 200]:
        raise BenchmarkError(f"{host} refused {len(refused)} requests: the limit was not kept")
    return float(sum(entry["weight"] for entry in entries))


def _figures(server: Server, venue: str, costs: Sequence[Cost], used: Sequence[float]) -> list[Figure]:
    name = f"{SYMBOLS} perpetuals' open interest and funding, {venue}, {server.name}"
    client = tuple(cost.client for cost in costs)
    return [
        Figure(name, "s", tuple(cost.wall for cost in costs), bar=IN_TIME),
        Figure(f"{name}: our processor time", "CPU s", client),
        Figure(f"{name}: request weight", "weight", tuple(used)),
    ]


def track(database: Database, venue: str) -> None:
    """Made-up perpetuals of the simulator, as tracked instruments of a venue."""
    with psycopg.connect(database.dsn) as connection:
        for number in range(SYMBOLS):
            base = f"T{number:03d}"
            row = connection.execute("SELECT track_symbol(%s, %s)", (venue, f"{base}/USDT:USDT")).fetchone()
            assert row is not None
            connection.execute(
                "UPDATE instruments SET venue_symbol = %s, contract_kind = 'linear', contract_size = 1"
                " WHERE instrument_id = %s",
                (f"{base}-USDT-SWAP" if venue == "okx" else f"{base}USDT", row[0]),
            )


def _latest(server: Server) -> Figure:
    """The newest state of many instruments, with a week of minutes' rows of some behind it."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        ids = _register(database)
        for back in range(20):
            _write(database, ids, datetime.now(UTC) - timedelta(hours=8) * back)
        times = [_ask(database) for _ in range(ASKED)]
        database.close()
    return Figure(f"newest state of {LATEST} perpetuals, {server.name}", "ms", tuple(times), bar=AT_ONCE)


def _register(database: Database) -> list[int]:
    names = [f"B{number:04d}/USDT:USDT" for number in range(LATEST)]
    rows = database.rows(
        "SELECT register_instrument('binanceusdm', s) AS id FROM unnest(%(names)s::text[]) AS s",
        {"names": names},
    )
    return sorted(row["id"] for row in rows)


def _write(database: Database, ids: Sequence[int], at: datetime) -> None:
    base = pl.DataFrame({"instrument_id": list(ids)}).with_columns(
        ts=pl.lit(at), known_at=pl.lit(at), received_at=pl.lit(at), source=pl.lit("rest")
    )
    interest = base.with_columns(contracts=pl.lit(5.0), quote_value=pl.lit(5e5))
    prices = base.with_columns(
        mark_price=pl.lit(1e5), index_price=pl.lit(1e5), funding_rate=pl.lit(1e-4), interval_hours=pl.lit(8.0)
    )
    with database.transaction() as connection:
        database.upsert(connection, OPEN_INTEREST, whole_rows(interest, OPEN_INTEREST_SCHEMA))
        database.upsert(connection, MARK_PRICES, whole_rows(prices, MARK_PRICE_SCHEMA))


def _ask(database: Database) -> float:
    started = time.perf_counter()
    found = database.read("SELECT * FROM futures_now")
    took = (time.perf_counter() - started) * 1000
    if found.height != LATEST:
        raise BenchmarkError(f"the newest state is of {found.height} instruments, not of {LATEST}")
    return took
