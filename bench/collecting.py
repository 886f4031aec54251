"""The poller with all collectors beside 300 tracked perpetuals: its share of two cores, over minutes.

The job that runs in production, in a process of its own, with Dagster's storage in the same server as the
rows; venues and providers are the simulator, in another process, whose work is not counted. Ours are the
poller's processor seconds and those of the whole database server. They are divided by what two cores have in
the time, whatever else the machine does: how long a round takes then is no figure of this benchmark, but that
rounds were as many as their cadence asks for is.

`BENCH_COLLECTING_MINUTES` tells for how long; the promise is about ten.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil
import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from alphapulse_assets.futures.dataset import OPEN_INTEREST_DATASET
from alphapulse_cli.database import create_dagster_database
from alphapulse_cli.private import make_dagster_home
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.connection import dagster_environment
from alphapulse_sim.process import SimulatorProcess
from bench.figures import Bar, Demand, Figure
from bench.futures_round import track
from bench.measure import BenchmarkError, Meter
from bench.servers import Server, open_home
from tests.databases import fresh_database

MINUTES: Final = "BENCH_COLLECTING_MINUTES"
DEFAULT_MINUTES: Final = 10.0
SYMBOLS: Final = 300
VENUE: Final = "binanceusdm"
"""The venue that asks for most: a request a symbol for open interest."""
CORES: Final = 2
BAR: Final = Bar(Demand.OURS_AT_MOST, 15)
_START_SECONDS: Final = 240.0
_KEYS: Final = {
    "ALPHAPULSE_PROVIDERS__COINMARKETCAP_KEY": "bench",
    "ALPHAPULSE_PROVIDERS__COINGLASS_KEY": "bench",
}
"""Every collector takes part, those that need a key too."""


def run(server: Server) -> list[Figure]:
    """The share on one server. Raises `BenchmarkError` where the poller did not do its rounds."""
    seconds = 60.0 * float(os.environ.get(MINUTES, DEFAULT_MINUTES))
    with (
        SimulatorProcess(extra=SYMBOLS) as simulator,
        open_home() as home,
        fresh_database(server.dsn) as dsn,
        _dagster_database(dsn) as dagster,
    ):
        database = Database(dsn)
        track(database, VENUE)
        with _poller(home, dsn, dagster, simulator.url) as poller:
            _wait_for_rounds(database, poller)
            figures = _measure(server, dsn, database, poller, seconds)
        database.close()
    return figures


def _measure(
    server: Server, dsn: str, database: Database, poller: subprocess.Popen[bytes], seconds: float
) -> list[Figure]:
    before, since = _spent(poller.pid), datetime.now(UTC)
    cost = Meter(dsn).cost(lambda: time.sleep(seconds))
    ours, until = _spent(poller.pid) - before, datetime.now(UTC)
    if cost.server is None:
        raise BenchmarkError("the server's processor time is not known: it is on another machine")
    rounds = _rounds(database, since, until)
    due = (until - since) / OPEN_INTEREST_DATASET.collectors[0].every
    if rounds < due - 2:
        raise BenchmarkError(f"{rounds:.1f} rounds of open interest in the time of {due:.1f}")
    whole = CORES * cost.wall
    name = f"all collectors beside {SYMBOLS} perpetuals, {cost.wall / 60:.0f} minutes, {server.name}"
    return [
        Figure(name, "% of 2 cores", (100 * (ours + cost.server) / whole,), bar=BAR),
        Figure(f"{name}: the poller alone", "% of 2 cores", (100 * ours / whole,)),
        Figure(f"{name}: the server alone", "% of 2 cores", (100 * cost.server / whole,)),
        Figure(f"{name}: rounds of open interest", "rounds", (rounds,)),
        Figure(f"{name}: memory of the poller", "MB", (psutil.Process(poller.pid).memory_info().rss / 1e6,)),
    ]


@contextmanager
def _poller(home: Path, dsn: str, dagster: str, venues: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The job as its supervisor has it run, until the end of the block."""
    environment = {
        **os.environ,
        **_KEYS,
        "ALPHAPULSE_HOME": str(home),
        "ALPHAPULSE_DSN": dsn,
        "ALPHAPULSE_VENUE_URL": venues,
        "DAGSTER_HOME": str(make_dagster_home(home)),
        **dagster_environment(dsn, dagster),
    }
    command = ["job", "execute", "-m", "alphapulse_assets.definitions", "-j", "collect_market_data"]
    with (home / "poller.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster", *command], env=environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if os.environ.get("BENCH_COLLECTING_LOG"):
                Path(os.environ["BENCH_COLLECTING_LOG"]).write_bytes((home / "poller.log").read_bytes())


def _wait_for_rounds(database: Database, poller: "subprocess.Popen[bytes]") -> None:
    """Until open interest of all symbols is there, and the burst of the first rounds is over."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if poller.poll() is not None:
            raise BenchmarkError(f"the poller ended with {poller.returncode}")
        (row,) = database.rows("SELECT count(DISTINCT instrument_id) AS symbols FROM open_interest_readings")
        if row["symbols"] >= SYMBOLS:
            time.sleep(60)
            return
        time.sleep(1)
    raise BenchmarkError(f"no round of open interest within {_START_SECONDS:.0f} s")


def _rounds(database: Database, since: datetime, until: datetime) -> float:
    """How often open interest of a symbol was told in a time, on average."""
    query = (
        "SELECT count(*) / %(symbols)s::double precision AS rounds FROM open_interest_readings"
        " WHERE received_at >= %(since)s AND received_at < %(until)s"
    )
    (row,) = database.rows(query, {"symbols": SYMBOLS, "since": since, "until": until})
    return float(row["rounds"])


def _spent(pid: int) -> float:
    """Processor seconds of a process and of those below it, the ended ones too."""
    process = psutil.Process(pid)
    found = 0.0
    for each in (process, *process.children(recursive=True)):
        times = each.cpu_times()
        found += times.user + times.system
    ended = process.cpu_times()
    return found + ended.children_user + ended.children_system


@contextmanager
def _dagster_database(dsn: str) -> Iterator[str]:
    """A database for Dagster's storage beside ours; dropped afterwards."""
    name = f"{make_url(dsn).database}_dagster"
    create_dagster_database(dsn, name)
    try:
        yield name
    finally:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
