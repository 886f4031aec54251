"""Bars that look like others: the search over 100,000 bars, and the matrix profile behind motifs.

The search is all of it: distances, matches, what followed, 2,000 random sets; then the same with the bars
read from the database. Beside the distances stand stumpy's (`stumpy.mass`, by FFT) on the same arrays, beside
the profile stumpy's `stump`, both compiled beforehand; what that takes is reported. The numbers must be the
same.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from pydantic import SecretStr

from alphapulse.backends.database import DatabaseBackend
from alphapulse.client.client import Client
from alphapulse.lookalike.similar import similar
from alphapulse.lookalike.windows import Series, distances
from alphapulse_assets.patterns.motifs.profile import profile
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from bench.data import candles
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError
from bench.servers import Server
from tests.databases import fresh_database

ROWS: Final = 100_000
BARS: Final = 32
ROUNDS: Final = 7
PROFILE_ROWS: Final = 10_000
_BAR: Final = Bar(Demand.OURS_AT_MOST, 0.2)
_MINUTE: Final = timedelta(minutes=1)


def run(server: Server) -> list[Figure]:
    """Seconds of a question, in memory and on a server; of distances and the profile beside stumpy's."""
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    made = candles(ROWS + 1, start=end - (ROWS + 1) * _MINUTE)
    series = Series.of("binance", "BTC/USDT", _MINUTE, made)

    def in_memory() -> object:
        return similar([series], "1m", end)

    figures = [
        Figure(
            "similar, 100,000 bars in memory", "s", _times(lambda: similar([series], "1m", end)), bar=_BAR
        ),
        _stored(server, made, end),
    ]
    return [*figures, *_beside_stumpy(series)] if server.name == "plain" else figures


def _stored(server: Server, made: pl.DataFrame, end: datetime) -> Figure:
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        store = CandleStore(database)
        key = store.register("binance", "BTC/USDT")
        with database.transaction() as connection:
            store.write(connection, key, made, source="archive", received_at=end)
        database.execute("ANALYZE")
        with Client(DatabaseBackend(SecretStr(dsn), "bench", database=database)) as client:
            costs = _times(lambda: client.similar("BTC/USDT", "1m", venue="binance", at=end))
    return Figure(f"similar, 100,000 bars from the database, {server.name}", "s", costs, bar=_BAR)


def _beside_stumpy(series: Series) -> list[Figure]:
    began = time.perf_counter()
    import stumpy

    query, closes = series.close[-BARS:], series.close[:PROFILE_ROWS]
    stumpy.mass(query, series.close)
    theirs = stumpy.stump(closes, BARS)
    compiled = time.perf_counter() - began
    fit = np.ones(PROFILE_ROWS - BARS + 1, dtype=bool)
    near, _ = profile(closes, BARS, fit)
    _same("distances", distances(query, series.close), stumpy.mass(query, series.close))
    _same("profile", near, theirs[:, 0].astype(np.float64))
    return [
        Figure(
            "distances of 100,000 windows",
            "s",
            _times(lambda: distances(query, series.close)),
            "stumpy.mass",
            _times(lambda: stumpy.mass(query, series.close)),
        ),
        Figure(
            "matrix profile of 10,000 windows",
            "s",
            _times(lambda: profile(closes, BARS, fit)),
            "stumpy.stump",
            _times(lambda: stumpy.stump(closes, BARS)),
        ),
        Figure("stumpy: import and compilation", "s", (compiled,)),
    ]


def _same(name: str, ours: np.ndarray, theirs: np.ndarray) -> None:  # type: ignore[type-arg]
    # of squares, as what is nearly the same differs by the root of a rounding
    apart = float(np.abs(ours**2 - theirs**2).max())
    if apart > 1e-5:
        raise BenchmarkError(f"{name}: squares up to {apart} apart from stumpy's: the times mean nothing")


def _times(work: Callable[[], object]) -> tuple[float, ...]:
    work()
    costs = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        costs.append(time.perf_counter() - began)
    return tuple(costs)
