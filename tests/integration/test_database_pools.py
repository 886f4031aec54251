"""Many readers at once, within bounds; each borrower of a session finds it as new."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from alphapulse_resources.database.client import Database, shared_database
from alphapulse_resources.database.pools import PoolBusyError, PoolLimits
from alphapulse_resources.postgres.embedded import EmbeddedPostgres
from tests.databases import new_home

SECONDS = 60.0
"""The longest that anything is waited for, on a slow machine."""
SLOW = "SELECT clock_timestamp() AS began, pg_sleep(1)::text AS slept, clock_timestamp() AS ended"
MANY = (
    "SELECT n, n * 0.5::float8 AS half, clock_timestamp() AS at FROM generate_series(1, 100000) AS s (n)"
    " WHERE n <> 50000 OR pg_sleep(1) IS NOT NULL"
)
OTHERS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
Ask = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(params=["read", "rows"])
def ask(request: pytest.FixtureRequest, database: Database) -> Ask:
    """Both ways to read, each from a pool of its own."""
    if request.param == "read":
        return lambda query: database.read(query).to_dicts()
    return database.rows


def _four(work: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(4) as threads:
        return [each.result() for each in [threads.submit(work) for _ in range(4)]]


def test_four_reads_are_under_way_at_once(ask: Ask) -> None:
    spans = [(rows[0]["began"], rows[0]["ended"]) for rows in _four(lambda: ask(SLOW))]
    assert max(began for began, _ in spans) < min(ended for _, ended in spans)


def test_four_large_reads_are_under_way_at_once(ask: Ask) -> None:
    spans: list[tuple[datetime, datetime]] = []
    for rows in _four(lambda: ask(MANY)):
        assert len(rows) == 100_000
        assert sum(row["half"] for row in rows) == 0.25 * 100_000 * 100_001
        spans.append((rows[0]["at"], rows[-1]["at"]))
    assert max(began for began, _ in spans) < min(ended for _, ended in spans)


def test_no_more_connections_than_there_may_be(dsn: str) -> None:
    database = Database(dsn, PoolLimits(most=2))
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(database.rows, "SELECT pg_sleep(0.05)") for _ in range(16)]
        asked += [threads.submit(database.read, "SELECT pg_sleep(0.05)::text AS x") for _ in range(16)]  # type: ignore[arg-type]
        for each in asked:
            each.result()
    with psycopg.connect(dsn) as outside:
        assert len(outside.execute(OTHERS).fetchall()) <= 4
        database.close()
        end = time.monotonic() + SECONDS
        while outside.execute(OTHERS).fetchall():
            assert time.monotonic() < end, "closed connections are still there"
            outside.rollback()
            time.sleep(0.05)


def test_a_pool_that_is_used_up_says_so_in_the_end(dsn: str) -> None:
    database = Database(dsn, PoolLimits(most=1, wait_seconds=0.5))
    held, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction():
            held.set()
            assert leave.wait(SECONDS)

    with ThreadPoolExecutor(2) as threads:
        holder = threads.submit(hold)
        assert held.wait(SECONDS)
        with pytest.raises(PoolBusyError, match=r"all 1 connections .* were in use for 0\.5 s"):
            database.rows("SELECT 1 AS one")
        reading = threads.submit(database.read, "SELECT pg_sleep(3)::text AS x")
        with pytest.raises(PoolBusyError, match="all 1 connections"):
            _read_while(lambda: not reading.done(), database)
        leave.set()
        holder.result()
        reading.result()
    assert database.rows("SELECT 1 AS one") == [{"one": 1}]
    assert database.read("SELECT 1 AS one")["one"].to_list() == [1]
    database.close()


def _read_while(wanted: Callable[[], bool], database: Database) -> None:
    while wanted():
        database.read("SELECT 1 AS one")


def test_a_thread_with_a_transaction_never_waits_for_itself(dsn: str) -> None:
    database = Database(dsn, PoolLimits(most=1, wait_seconds=SECONDS))
    with database.transaction() as outer:
        outer.execute("CREATE TABLE ours (n integer)")
        assert database.rows("SELECT to_regclass('ours') IS NULL AS unseen") == [{"unseen": True}]
    assert database.rows("SELECT count(*) AS n FROM ours") == [{"n": 0}]
    database.close()


def test_nothing_of_a_borrower_meets_the_next(dsn: str) -> None:
    database = Database(dsn, PoolLimits(most=1))
    leftovers = (
        "SELECT pg_backend_pid() AS pid, current_setting('search_path') AS path,"
        " current_setting('statement_timeout') AS timeout, current_setting('application_name') AS name,"
        " (SELECT count(*) FROM pg_prepared_statements) AS prepared,"
        " (SELECT count(*) FROM pg_listening_channels()) AS channels,"
        " to_regclass('pg_temp.mine') AS temporary,"
        " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks"
    )
    (clean,) = database.rows(leftovers)
    for _ in range(8):  # psycopg prepares by itself what it has seen five times
        with database.transaction() as connection:
            connection.execute("SET search_path = pg_catalog")
            connection.execute("SET statement_timeout = '1234s'")
            connection.execute("SET application_name = 'somebody'")
            connection.execute("LISTEN to_me")
            connection.execute("CREATE TEMPORARY TABLE mine (n integer)")
            connection.execute("SELECT pg_advisory_lock(4711)")
            for number in range(9):
                connection.execute("SELECT %s::integer", [number])
        assert database.rows(leftovers) == [clean]
    database.close()


def _make_half(database: Database, then: Callable[[psycopg.Connection[Any]], Any]) -> None:
    with database.transaction() as connection:
        connection.execute("CREATE TABLE half (n integer)")
        then(connection)


def test_a_failed_transaction_leaves_nothing_behind(dsn: str) -> None:
    database = Database(dsn, PoolLimits(most=1))
    (before,) = database.rows("SELECT pg_backend_pid() AS pid")
    with pytest.raises(psycopg.errors.DivisionByZero):
        _make_half(database, lambda connection: connection.execute("SELECT 1 / 0"))
    with pytest.raises(KeyError, match="ours"):
        _make_half(database, lambda connection: {}["ours"])
    assert database.rows("SELECT pg_backend_pid() AS pid, to_regclass('half') AS half") == [
        {"pid": before["pid"], "half": None}
    ]
    database.close()


def test_sessions_that_the_server_ended_are_replaced(ask: Ask, dsn: str) -> None:
    _four(lambda: ask(SLOW))
    with psycopg.connect(dsn, autocommit=True) as outside:
        outside.execute(f"SELECT pg_terminate_backend(pid, 10000) FROM ({OTHERS}) AS others")
    assert [rows[0]["one"] for rows in _four(lambda: ask("SELECT 1 AS one"))] == [1, 1, 1, 1]


@contextmanager
def _server_of_its_own() -> Iterator[EmbeddedPostgres]:
    home = new_home("alphapulse-pools-")
    server = EmbeddedPostgres(home)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def test_a_server_that_goes_and_comes_back_is_told_of_and_found_again() -> None:
    with _server_of_its_own() as server:
        database = Database(server.ensure().dsn)
        asks: list[Callable[[], Any]] = [
            lambda: database.rows("SELECT 1 AS one"),
            lambda: database.read("SELECT 1 AS one"),
        ]
        for ask in asks:
            ask()
        server.stop()
        for ask in asks:
            began = time.monotonic()
            with pytest.raises(Exception, match="Connection refused"):
                ask()
            assert time.monotonic() - began < 20, "told at once, not when the pool's time is over"
        assert server.ensure().dsn == database.dsn
        for ask in asks:
            ask()
        wrong = Database(database.dsn.replace(server.ensure().password, "wrong"))
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            wrong.rows("SELECT 1 AS one")
        database.close()


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_child_has_connections_of_its_own(database: Database) -> None:
    query = "SELECT pg_backend_pid() AS pid"
    ours = (database.rows(query)[0]["pid"], database.read(query)["pid"][0])
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            theirs = (database.rows(query)[0]["pid"], database.read(query)["pid"][0])
            database.close()
            os.write(write_end, repr(theirs).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        theirs = answer.read()
    os.waitpid(child, 0)
    assert theirs
    assert not {str(pid) for pid in ours} & set(theirs.strip("()").split(", "))
    # and the parent's were left alone
    assert (database.rows(query)[0]["pid"], database.read(query)["pid"][0]) == ours


def test_a_process_that_has_read_ends_at_once(dsn: str) -> None:
    program = (
        "import sys, time, threading\n"
        "from alphapulse_resources.database.client import Database\n"
        "database = Database(sys.argv[1])\n"
        "database.rows('SELECT 1 AS one'); database.read('SELECT 1 AS one')\n"
        "print(time.time(), flush=True)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, dsn], capture_output=True, text=True, check=True, timeout=SECONDS
    )
    assert time.time() - float(ended.stdout) < 4, "the pools' threads kept it"  # join of a stuck one takes 5
    assert ended.stderr == ""


def test_threads_and_connections_go_with_the_last_who_has_the_database(dsn: str) -> None:
    before = threading.active_count()
    Database(dsn).rows("SELECT 1 AS one")
    end = time.monotonic() + SECONDS
    while threading.active_count() > before:
        assert time.monotonic() < end, threading.enumerate()
        time.sleep(0.01)


def test_resources_of_one_process_share_their_pools(database: Database) -> None:
    first = shared_database(SecretStr(database.dsn))
    assert shared_database(SecretStr(database.dsn)) is first
    shared_database.cache_clear()
