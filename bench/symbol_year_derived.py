"""A symbol's year of minutes in all timeframes: what is derived from it, database to database.

The year and its timeframes are stored beforehand. Each data set is computed as a backfill of 365 days does it
(month by month and year by year with their warm-ups; rates of success as of the end of each day), into tables
without rows, and once more where all is there and nothing may be written.

`BENCH_DERIVED_DAYS` measures a shorter stretch. Beside seconds it tells the bytes of what is derived for each
byte of candles: tables with their indexes, as they are before anything is packed into columns.
"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from alphapulse_assets.datasets.derivation import Derivation, DerivationResult, DerivationRunner
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_assets.patterns.dataset import CANDLESTICKS, CHARTS
from alphapulse_assets.patterns.evaluation.assets import ends_of_days
from alphapulse_assets.patterns.evaluation.dataset import OUTCOME_DERIVATION
from alphapulse_assets.patterns.evaluation.performance_stats import write_performance, write_success
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.configuration_store import record
from alphapulse_assets.patterns.events.stored_definitions import (
    store_candlestick_definitions,
    store_chart_definitions,
)
from alphapulse_assets.patterns.signals.scoring_runs import Scoring
from alphapulse_assets.regime.dataset import DERIVATION as REGIMES
from alphapulse_assets.regime.dataset import write_overall
from alphapulse_assets.volume.dataset import DAILY_PROFILES, VOLUME_DERIVATION
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import COMPUTED, DerivedStore
from alphapulse_resources.database.upsert import Written
from bench.data import YEAR, candles
from bench.figures import Figure
from bench.measure import BenchmarkError, Cost, Meter
from bench.servers import Server
from tests.databases import fresh_database

_START: Final = datetime(YEAR, 1, 1, tzinfo=UTC)
_DAYS: Final = int(os.environ.get("BENCH_DERIVED_DAYS", "365"))
_NOW: Final = datetime(YEAR + 1, 6, 1, tzinfo=UTC)
_DATES: Final[dict[str, list[date]]] = {
    "binance": [(_START + timedelta(days=number)).date() for number in (0, _DAYS - 1)]
}
_CANDLES: Final = "ohlcv_1m"
_SIZE: Final = """
SELECT sum(pg_total_relation_size(oid)) AS size FROM (
    SELECT %(name)s::regclass AS oid
    UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = %(name)s::regclass
) AS parts
"""
"""A table and, where it has them, its chunks."""
_TIMES: Final = ends_of_days((_DATES["binance"][0], _DATES["binance"][-1]), _NOW)


def run(server: Server) -> list[Figure]:
    """Seconds of each data set on one server, and of all together; a single round, since it takes long."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        try:
            _store_year(database)
            meter = Meter(dsn)
            store = DerivedStore(database)
            first = {name: _cost(meter, store, name, new=True) for name in _STEPS}
            again = {name: _cost(meter, store, name, new=False) for name in _STEPS}
            sizes = _sizes(database)
        finally:
            database.close()
    of = f"{_DAYS} days of a symbol, all timeframes, {server.name}"
    return [
        *_seconds(first, "", of),
        *_seconds(again, " once more", of),
        *(Figure(f"{name}: {of}", "MB", (size / 1e6,)) for name, size in sizes.items()),
        Figure(f"derived bytes a byte of candles: {of}", "", (_share(sizes),)),
    ]


def _seconds(costs: Mapping[str, Cost], when: str, of: str) -> list[Figure]:
    """Wall clock of each step, and of all of them that and processor time."""
    told = [Figure(f"{name}{when}: {of}", "s", (cost.wall,)) for name, cost in costs.items()]
    processor = [cost.processor for cost in costs.values() if cost.processor is not None]
    return [
        *told,
        Figure(f"all{when}: {of}", "s", (sum(cost.wall for cost in costs.values()),)),
        Figure(f"all{when}, processor: {of}", "CPU s", (sum(processor),)),
    ]


def _sizes(database: Database) -> dict[str, int]:
    """Bytes of each table with its indexes."""
    return {name: _size(database, name) for name in (_CANDLES, *_TABLES)}


def _size(database: Database, name: str) -> int:
    (found,) = database.rows(_SIZE, {"name": name})
    return int(found["size"])


def _share(sizes: Mapping[str, int]) -> float:
    return sum(size for name, size in sizes.items() if name != _CANDLES) / sizes[_CANDLES]


def _store_year(database: Database) -> None:
    store = CandleStore(database)
    key = store.register("binance", "BTC/USDT")
    database.execute("UPDATE instruments SET tracked = true, venue_symbol = 'BTCUSDT'")
    with database.transaction() as connection:
        store.write(connection, key, candles(_DAYS * 1440), source="archive", received_at=_NOW)
    database.refresh_timeframes()
    store_candlestick_definitions(database, CANDLESTICKS.version)
    store_chart_definitions(database, CHARTS.version)
    record(database, DEFAULT)


def _cost(meter: Meter, store: DerivedStore, name: str, *, new: bool) -> Cost:
    meter.checkpoint()
    written: list[Written] = []
    cost = meter.cost(lambda: written.append(_STEPS[name](store)))
    total = written[0]
    if bool(total.inserted) is not new or total.changed or total.removed:
        raise BenchmarkError(f"{name} wrote {total}")
    return cost


def _all_of(found: DerivationResult) -> Written:
    if found.failures:
        raise BenchmarkError(f"failures {found.failures}")
    return found.total


def _rows_of(derivation: Derivation) -> Callable[[DerivedStore], Written]:
    return lambda store: _all_of(DerivationRunner(store, derivation, _NOW).days(_DATES))


def _regimes(store: DerivedStore) -> Written:
    derived = DerivationRunner(store, REGIMES, _NOW).days(_DATES)
    write_overall(store, derived)
    return _all_of(derived)


def _success_rates(store: DerivedStore) -> Written:
    return write_success(store, _TIMES, COMPUTED)


def _signals(store: DerivedStore) -> Written:
    found = Scoring(store, DEFAULT, _NOW).days(_DATES)
    return sum((_all_of(derived) for derived in found.outputs.values()), Written())


def _performance(store: DerivedStore) -> Written:
    _, written = write_performance(store, store.tracked(list(_DATES)), _TIMES[-1], COMPUTED)
    return written


_STEPS: Final[Mapping[str, Callable[[DerivedStore], Written]]] = {
    INDICATORS.dataset: _rows_of(INDICATORS),
    REGIMES.dataset: _regimes,
    VOLUME_DERIVATION.dataset: _rows_of(VOLUME_DERIVATION),
    DAILY_PROFILES.dataset: _rows_of(DAILY_PROFILES),
    CANDLESTICKS.dataset: _rows_of(CANDLESTICKS),
    CHARTS.dataset: _rows_of(CHARTS),
    OUTCOME_DERIVATION.dataset: _rows_of(OUTCOME_DERIVATION),
    "pattern_success_rates": _success_rates,
    "confidence, confluence and signals": _signals,
    "pattern_performance": _performance,
}
"""In the order of the assets: each reads what those before it wrote."""

_TABLES: Final = (
    *("indicator_values", "market_regimes", "volume_pattern_events", "volume_profile_days"),
    *("candlestick_pattern_events", "chart_pattern_events", "pattern_outcome_events"),
    *("pattern_success_rates", "pattern_confidences", "pattern_confluences", "pattern_relationship_events"),
    *("signal_events", "pattern_performance_stats"),
)
"""What is derived is stored there."""
