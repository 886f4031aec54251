"""A year of hourly open interest and of funding for 300 symbols, from files to queryable rows.

Two commands as a user types them, each in a process of its own, on a folder with a CSV a symbol: read,
judged, held against what is stored, written with intervals and gaps, ready to be undone. Then the same
folders once more, when nothing may be written.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from alphapulse_resources.database.client import Database
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError
from bench.servers import Server
from tests.databases import fresh_database

SYMBOLS: Final = 300
HOURS: Final = 365 * 24
SETTLEMENTS: Final = 365 * 3
BAR: Final = Bar(Demand.OURS_AT_MOST, 60)
_START: Final = datetime(2025, 1, 1, tzinfo=UTC)
_ALPHAPULSE: Final = (sys.executable, "-c", "from alphapulse_cli.main import app; app()")


def run(server: Server, symbols: int = SYMBOLS) -> list[Figure]:
    """The figures on one server."""
    with fresh_database(server.dsn) as dsn, tempfile.TemporaryDirectory() as folder:
        database = Database(dsn)
        try:
            names = [f"C{number:03}USDT" for number in range(symbols)]
            _track(database, names)
            files = _files(Path(folder), names)
            first = sum(_import(dsn, kind, files[kind], symbols * rows, new=True) for kind, rows in _ROWS)
            again = sum(_import(dsn, kind, files[kind], symbols * rows, new=False) for kind, rows in _ROWS)
        finally:
            database.close()
    name = f"import {symbols} symbols x a year of futures, {server.name}"
    return [Figure(name, "s", (first,), bar=BAR), Figure(f"{name}, again", "s", (again,))]


_ROWS: Final = (("open-interest", HOURS), ("funding", SETTLEMENTS))


def _track(database: Database, names: list[str]) -> None:
    for name in names:
        symbol = f"{name.removesuffix('USDT')}/USDT:USDT"
        database.rows("SELECT register_instrument('binanceusdm', %(symbol)s)", {"symbol": symbol})


def _files(folder: Path, names: list[str]) -> dict[str, Path]:
    """A folder of CSV files of each kind."""
    random = np.random.default_rng(7)
    hours = pl.datetime_range(_START, _START + timedelta(hours=HOURS - 1), "1h", eager=True)
    settled = pl.datetime_range(_START, _START + timedelta(hours=8 * (SETTLEMENTS - 1)), "8h", eager=True)
    made = {kind: folder / kind for kind, _ in _ROWS}
    for path in made.values():
        path.mkdir()
    for name in names:
        contracts = 1e5 * np.exp(np.cumsum(random.normal(0, 0.005, HOURS)))
        pl.DataFrame({"timestamp": hours, "symbol": name, "open_interest": contracts.round(3)}).write_csv(
            made["open-interest"] / f"{name}.csv"
        )
        pl.DataFrame(
            {
                "fundingTime": settled.dt.epoch("ms") + random.integers(0, 20, SETTLEMENTS),
                "fundingRate": random.normal(1e-4, 5e-5, SETTLEMENTS).round(8),
                "symbol": name,
            }
        ).write_csv(made["funding"] / f"{name}.csv")
    return made


def _import(dsn: str, kind: str, folder: Path, rows: int, *, new: bool) -> float:
    """Seconds of one command; it has to find exactly these rows."""
    command = (*_ALPHAPULSE, "import", kind, str(folder), "--venue", "binanceusdm", "--json")
    began = time.perf_counter()
    done = subprocess.run(
        command, env={**os.environ, "ALPHAPULSE_DSN": dsn}, capture_output=True, text=True, check=False
    )
    took = time.perf_counter() - began
    if done.returncode:
        raise BenchmarkError(f"import {kind} ended with {done.returncode}: {done.stderr[-500:]}")
    found = sum(file["new" if new else "unchanged"] for file in json.loads(done.stdout)["files"])
    if found != rows:
        raise BenchmarkError(f"import {kind}: {found:,} rows, not {rows:,}")
    return took
