"""Answers of the API over a socket: candles by the thousand, and what is asked most; a year of many symbols.

The API is a process of its own, its cache is off; the client keeps one connection and asks one thing after
the other. Figures are the median and the 99th percentile by the client's clock, and the API's processor.
"""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final
from urllib.parse import quote

import psutil
import uvicorn

from alphapulse_api.app import make_app
from alphapulse_cli.processes import free_port
from alphapulse_resources.database.client import Database
from bench import stored_year
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError
from bench.servers import Server
from tests.databases import fresh_database

ROUNDS: Final = 200
PORT: Final = 23_160
HOST: Final = "127.0.0.1"
SYMBOL: Final = quote(stored_year.SYMBOL, safe="")
OF_BTC: Final = f"symbol={SYMBOL}&venue=binance"
CHART: Final = "ts,open,high,low,close,volume"
"""What a chart draws."""
CANDLES: Final = {
    "1,000 candles of 1m": (f"candles?{OF_BTC}&timeframe=1m&limit=1000", 10, 40),
    "1,000 candles of 1h": (f"candles?{OF_BTC}&timeframe=1h&limit=1000", 10, 40),
    "20,000 candles of 1m": (f"candles?{OF_BTC}&timeframe=1m&limit=20000&unit=ms&fields={CHART}", 120, None),
    "20,000 candles of 1m, all columns": (f"candles?{OF_BTC}&timeframe=1m&limit=20000", None, None),
}
MOST_USED: Final = (
    f"candles?{OF_BTC}&timeframe=1m&limit=500",
    f"candles?{OF_BTC}&timeframe=5m&limit=500",
    f"candles?{OF_BTC}&timeframe=4h&limit=500",
    f"candles?{OF_BTC}&timeframe=1d&limit=300",
    "candles/latest?timeframe=1d",
    "candles/forming?closed=false",
    f"indicators?{OF_BTC}&timeframe=1h&limit=500",
    f"regimes?{OF_BTC}&timeframe=1h&limit=500",
    f"patterns?{OF_BTC}&timeframe=1h&limit=500",
    f"patterns/chart/open?{OF_BTC}",
    f"signals?{OF_BTC}&timeframe=1h&limit=100",
    "signals/now",
    f"book?{OF_BTC}",
    f"whales?{OF_BTC}&limit=200",
    f"liquidity/zones/now?{OF_BTC}",
    "futures/now",
    "market/metrics/now",
    "sentiment/now",
    "freshness",
    "symbols",
)


def run(server: Server) -> list[Figure]:
    """The figures on one server."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        try:
            stored_year.fill(database)
            stored_year.derive(database)
        finally:
            database.close()
        return measured(server.name, dsn)


def measured(name: str, dsn: str) -> list[Figure]:
    """The figures of a database that is filled."""
    with _served(dsn) as (api, connection):
        figures = []
        for what, (path, usual, rare) in CANDLES.items():
            figures += _asked(f"{what}, {name}", api, connection, path, usual, rare)
        slowest: list[float] = []
        for path in MOST_USED:
            times, _ = _times(api, connection, path, 50)
            slowest.append(_percentile(times))
            figures.append(Figure(f"{path.partition('&limit')[0]}, {name}", "ms", tuple(times)))
        bar = Bar(Demand.OURS_AT_MOST, 50)
        figures.append(Figure(f"slowest p99 of {len(MOST_USED)}, {name}", "ms", (max(slowest),), bar=bar))
        return figures


def _asked(
    name: str,
    api: psutil.Process,
    connection: http.client.HTTPConnection,
    path: str,
    usual: float | None,
    rare: float | None,
) -> list[Figure]:
    times, processor = _times(api, connection, path, ROUNDS if rare else ROUNDS // 4)
    return [
        Figure(f"{name}: p50", "ms", (median(times),), bar=_bar(usual)),
        Figure(f"{name}: p99", "ms", (_percentile(times),), bar=_bar(rare)),
        Figure(f"{name}: processor of the API", "ms", (processor,)),
    ]


def _bar(most: float | None) -> Bar | None:
    return None if most is None else Bar(Demand.OURS_AT_MOST, most)


def _times(
    api: psutil.Process, connection: http.client.HTTPConnection, path: str, rounds: int
) -> tuple[list[float], float]:
    """Milliseconds of each answer, and of the API's processor for one; some before do not count."""
    for _ in range(5):
        _ask(connection, path)
    before, times = _processor(api), []
    for _ in range(rounds):
        began = time.perf_counter()
        _ask(connection, path)
        times.append(1000 * (time.perf_counter() - began))
    return times, 1000 * (_processor(api) - before) / rounds


def _ask(connection: http.client.HTTPConnection, path: str) -> None:
    connection.request("GET", f"/api/v1/{path}")
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.client.OK:
        raise BenchmarkError(f"{path}: {answer.status} {body[:300]!r}")


def _percentile(times: list[float]) -> float:
    return sorted(times)[int(0.99 * (len(times) - 1))]


def _processor(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system


@contextmanager
def _served(dsn: str) -> Iterator[tuple[psutil.Process, http.client.HTTPConnection]]:
    port = free_port(HOST, PORT)
    command = [sys.executable, "-m", "bench.api", str(port)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(dsn + "\n")
    process.stdin.close()
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        until = datetime.now(UTC) + timedelta(seconds=60)
        while True:
            try:
                _ask(connection, "health")
                break
            except OSError:
                connection.close()
                if process.poll() is not None or datetime.now(UTC) > until:
                    raise BenchmarkError("the API did not come up") from None
                time.sleep(0.1)
        yield psutil.Process(process.pid), connection
    finally:
        connection.close()
        process.terminate()
        process.wait(timeout=30)


def _serve(dsn: str, port: int) -> None:
    uvicorn.run(make_app(Database(dsn), cache_bytes=0), host=HOST, port=port, log_level="warning")


if __name__ == "__main__":
    _serve(sys.stdin.readline().strip(), int(sys.argv[1]))
