"""A symbol's year of minutes in all timeframes: what is derived from it, database to database.

The year and its timeframes are stored beforehand. Each data set is computed as a backfill of 365 days does it
(month by month and year by year with their warm-ups), into tables without rows, and once more where all is
there and nothing may be written.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final

from alphapulse_assets.deriving import Derivation, Derived, Deriving
from alphapulse_assets.indicators.assets import DERIVATION as INDICATORS
from alphapulse_assets.regime.assets import DERIVATION as REGIMES
from alphapulse_assets.regime.assets import write_overall
from alphapulse_assets.volume.assets import DAILY_PROFILES, PATTERNS
from alphapulse_resources.candle_store import CandleStore
from alphapulse_resources.database import Database
from alphapulse_resources.derived_store import DerivedStore
from bench.data import YEAR, candles
from bench.figures import Figure
from bench.measure import BenchmarkError, Cost, Meter
from bench.servers import Server
from tests.databases import fresh_database

_START: Final = datetime(YEAR, 1, 1, tzinfo=UTC)
_DAYS: Final = 365
_NOW: Final = datetime(YEAR + 1, 6, 1, tzinfo=UTC)
_ALL: Final = (INDICATORS, REGIMES, PATTERNS, DAILY_PROFILES)
_DATES: Final[dict[str, list[date]]] = {
    "binance": [(_START + timedelta(days=number)).date() for number in (0, _DAYS - 1)]
}


def run(server: Server) -> list[Figure]:
    """Seconds of each data set on one server, and of all together; a single round, since it takes long."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        try:
            _store_year(database)
            meter = Meter(dsn)
            first = {each.dataset: _cost(meter, database, each, new=True) for each in _ALL}
            again = {each.dataset: _cost(meter, database, each, new=False) for each in _ALL}
        finally:
            database.close()
    name = f"symbol-year, all timeframes, {server.name}"
    figures = [Figure(f"{dataset}: {name}", "s", (cost.wall,)) for dataset, cost in first.items()]
    return [
        *figures,
        Figure(f"all four: {name}", "s", (sum(cost.wall for cost in first.values()),)),
        Figure(f"all four once more: {name}", "s", (sum(cost.wall for cost in again.values()),)),
    ]


def _store_year(database: Database) -> None:
    store = CandleStore(database)
    key = store.register("binance", "BTC/USDT")
    database.execute("UPDATE instruments SET tracked = true, venue_symbol = 'BTCUSDT'")
    with database.transaction() as connection:
        store.write(connection, key, candles(_DAYS * 1440), source="archive", received_at=_NOW)
    database.refresh_timeframes()


def _cost(meter: Meter, database: Database, derivation: Derivation, *, new: bool) -> Cost:
    meter.checkpoint()
    found: list[Derived] = []
    cost = meter.cost(partial(_work, database, derivation, found.append))
    total = found[0].total
    if bool(total.inserted) is not new or total.changed or total.removed or found[0].failures:
        raise BenchmarkError(f"{derivation.dataset} wrote {total}, failures {found[0].failures}")
    return cost


def _work(database: Database, derivation: Derivation, told: Callable[[Derived], None]) -> None:
    store = DerivedStore(database)
    derived = Deriving(store, derivation, _NOW).days(_DATES)
    if derivation is REGIMES:
        write_overall(store, derived)
    told(derived)
