"""The rate limit in the database: one budget for all processes, kept by the server's clock."""

import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from venue_support import NOW, SPOT, MakeClient

from alphapulse_resources.venues.model import ErrorKind, VenueError
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter, UntilStopped
from alphapulse_resources.venues.registry import BUCKETS
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)

ROOT = Path(__file__).resolve().parents[2]

WORKER = """
import sys
from datetime import datetime, timedelta
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import Instrument

url, dsn, home, start = sys.argv[1:]
client = VenueClient(Settings.model_validate({"venue_url": url, "home": home}), DatabaseRateLimiter(dsn))
first = datetime.fromisoformat(start)
coin = Instrument(1, "coinbase", "BTC/USD", "BTC-USD", "spot")
print(sum(page.candles.height for page in client.candles(coin, first, first + timedelta(hours=75))))
"""


def test_two_processes_together_stay_within_one_venues_limit(
    simulator: SimulatorProcess, limiter: DatabaseRateLimiter, rate_limit_dsn: str, tmp_path: Path
) -> None:
    start = (NOW - timedelta(days=5)).isoformat()
    simulator.set_clock(None)  # the log then has real times
    command = [sys.executable, "-c", WORKER, simulator.url, rate_limit_dsn, str(tmp_path), start]
    workers = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for worker in workers:
        output, errors = worker.communicate(timeout=60)
        assert worker.returncode == 0, errors
        assert int(output) > 4000
    times = [datetime.fromisoformat(entry["at"]).timestamp() for entry in simulator.log()]
    assert 30 <= len(times) <= 36  # 15 pages each, and edges of pages whose minutes are absent in truth
    assert {entry["status"] for entry in simulator.log()} == {200}
    # 10 are allowed in any second; we send 8 at most, but not all travel equally fast
    most = max(sum(first <= time < first + 1 for time in times) for first in times)
    assert most <= BUCKETS["coinbase"].limit


def test_concurrent_takers_share_one_row_and_none_is_lost(
    limiter: DatabaseRateLimiter, rate_limit_dsn: str
) -> None:
    bucket = BUCKETS["binance"]
    takers = [DatabaseRateLimiter(rate_limit_dsn, max_wait=0.0) for _ in range(4)]

    def take(taker: DatabaseRateLimiter) -> int:
        taken = 0
        for _ in range(100):
            try:
                taker.acquire("binance", 10)
            except VenueError:
                return taken
            taken += 1
        return taken

    began = datetime.now(UTC)
    with ThreadPoolExecutor(4) as pool:
        granted = sum(pool.map(take, takers)) * 10
    took = (datetime.now(UTC) - began).total_seconds()
    for taker in takers:
        taker.close()
    assert granted <= bucket.burst + bucket.rate * took
    assert granted >= bucket.burst - 10


def test_what_would_wait_too_long_is_refused_with_the_time_and_takes_nothing(
    limiter: DatabaseRateLimiter,
) -> None:
    asked = BUCKETS["bybit"].burst + 100 * BUCKETS["bybit"].rate
    for _ in range(2):
        with pytest.raises(VenueError, match="its request budget is used up") as caught:
            limiter.acquire("bybit", asked)
        assert caught.value.kind is ErrorKind.BANNED
        assert caught.value.retry_after == pytest.approx(100, abs=1)
    assert limiter.acquire("bybit", 1) == 0.0


def test_a_penalty_holds_for_other_connections_and_only_grows(
    limiter: DatabaseRateLimiter, rate_limit_dsn: str
) -> None:
    now = datetime.now(UTC)
    limiter.penalize("coinbase", now + timedelta(seconds=300), "HTTP 429")
    limiter.penalize("coinbase", now + timedelta(seconds=2), "shorter")
    other = DatabaseRateLimiter(rate_limit_dsn, max_wait=5.0)
    with pytest.raises(VenueError, match="HTTP 429") as caught:
        other.acquire("coinbase", 1)
    other.close()
    assert caught.value.retry_after == pytest.approx(300, abs=5)


def test_a_ban_that_comes_while_a_taker_waits_holds_it_back(
    limiter: DatabaseRateLimiter, rate_limit_dsn: str
) -> None:
    limiter.acquire("yahoo", BUCKETS["yahoo"].burst)
    other = DatabaseRateLimiter(rate_limit_dsn)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(limiter.acquire, "yahoo", 1)
        other.penalize("yahoo", datetime.now(UTC) + timedelta(seconds=900), "HTTP 429")
        with pytest.raises(VenueError, match="HTTP 429"):
            waiting.result(30)
    other.close()


def test_a_lost_connection_is_made_anew(limiter: DatabaseRateLimiter, rate_limit_dsn: str) -> None:
    assert limiter.acquire("binance", 1) == 0.0
    with psycopg.connect(rate_limit_dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'alphapulse rate limit'"
        )
    assert limiter.acquire("binance", 1) == 0.0


def test_everything_in_the_migration_is_described(rate_limit_dsn: str) -> None:
    with psycopg.connect(rate_limit_dsn) as connection:
        bare = connection.execute(
            """
            SELECT attname FROM pg_attribute
            WHERE attrelid = 'rate_limits'::regclass AND attnum >= 0 AND NOT attisdropped
              AND col_description(attrelid, attnum) IS NULL
            UNION ALL
            SELECT proname FROM pg_proc
            WHERE proname LIKE 'rate_limit%' AND obj_description(oid, 'pg_proc') IS NULL
            """
        ).fetchall()
        table = connection.execute("SELECT obj_description('rate_limits'::regclass)").fetchone()
    assert bare == []
    assert table is not None
    assert table[0]


def test_threads_of_one_client_do_not_mix_up_their_answers(make_client: MakeClient) -> None:
    client = make_client()
    starts = [NOW - timedelta(days=days) for days in range(2, 10)]

    def fetch(start: datetime) -> Counter[datetime]:
        pages = client.candles(SPOT, start, start + timedelta(hours=1), sources=["rest"], now=NOW)
        return Counter(ts for page in pages for ts in page.candles["ts"])

    with ThreadPoolExecutor(4) as pool:
        for start, found in zip(starts, pool.map(fetch, starts), strict=True):
            assert found
            assert set(found.values()) == {1}
            assert all(start <= ts < start + timedelta(hours=1) for ts in found)


def test_who_is_being_stopped_asks_nothing_more() -> None:
    class Free:
        asked = 0

        def acquire(self, bucket: str, weight: float) -> float:
            self.asked += 1
            return 0.0

        def penalize(self, bucket: str, until: datetime, reason: str) -> None:
            raise AssertionError("nobody was banned")

    free, stop = Free(), threading.Event()
    limiter = UntilStopped(free, stop)
    assert limiter.acquire("bybit", 1.0) == 0.0
    stop.set()
    with pytest.raises(VenueError, match="being stopped"):
        limiter.acquire("bybit", 1.0)
    assert free.asked == 1
