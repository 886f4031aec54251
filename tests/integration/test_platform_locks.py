"""The platform's locks: writers take turns, leases end with their session, an analyst can stop neither."""

import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from candle_frames import RECEIVED, candles, register, write
from postgres_places import eventually

from alphapulse_assets.streaming.lease import Lease, LeaseTakenError, holders
from alphapulse_resources.database.analyst import analyst_dsn, prepare_analyst
from alphapulse_resources.database.client import REFRESH_LOCK, Database
from alphapulse_resources.database.locks import lock_writers, only_one
from alphapulse_resources.settings import Settings


@pytest.fixture
def attacker(database: Database, tmp_path: Path) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A session of the analyst that has switched off what it can."""
    settings = Settings(_env_file=None, home=tmp_path)
    assert prepare_analyst(settings, database.dsn) == []
    with psycopg.connect(analyst_dsn(settings, database.dsn), autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET default_transaction_read_only = off")
        yield connection


def lease(database: Database, run_id: str) -> Lease:
    return Lease(database, shard="1-of-1", run_id=run_id, code_version="x", lost=lambda why: None)


def take_all_that_is_held(attacker: psycopg.Connection[tuple[object, ...]]) -> int:
    """Take every advisory lock that is known or seen, now or once it is free, as both kinds of key."""
    namespace = zlib.crc32(b"alphapulse.stream") & 0x7FFF_FFFF
    shard = zlib.crc32(b"1-of-1") & 0x7FFF_FFFF
    attacker.execute("SELECT pg_try_advisory_lock(hashtext('refresh_ohlcv'))")
    attacker.execute("SELECT pg_try_advisory_lock(%s, %s)", [namespace, shard])
    for name in ("candles", "ohlcv_1m", "indicator_values"):
        attacker.execute(
            "SELECT pg_try_advisory_lock(hashtext(%s), i) FROM generate_series(0, 100) AS i", [name]
        )
    attacker.execute(
        "SELECT pg_try_advisory_lock((classid::bigint << 32) | objid::bigint) FROM pg_locks"
        " WHERE locktype = 'advisory' AND objsubid = 1 AND pid <> pg_backend_pid()"
    )
    row = attacker.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"
    ).fetchone()
    assert row is not None
    return int(str(row[0]))


def test_an_analyst_holds_up_neither_refreshes_nor_writers(
    database: Database, attacker: psycopg.Connection[tuple[object, ...]]
) -> None:
    assert take_all_that_is_held(attacker) > 100
    (instrument_id,) = register(database, ["BTC/USDT"])
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(lambda: write(database, instrument_id, candles(RECEIVED, 100)))
        assert written.result(timeout=60).inserted == 100
        assert pool.submit(database.refresh_timeframes).result(timeout=60)
    assert database.refresh_timeframes(wait=False)


def test_an_analyst_keeps_no_shard_from_its_next_worker(
    database: Database, attacker: psycopg.Connection[tuple[object, ...]]
) -> None:
    """Also one that has read the dead worker's key from pg_locks, and calls itself a stream."""
    attacker.execute("SET application_name = 'alphapulse stream fake'")
    for number in range(3):
        worker = lease(database, f"run-{number}")
        worker.take()
        assert holders(database) == {"1-of-1": f"run-{number}"}
        (pid,) = (row["pid"] for row in database.rows("SELECT pid FROM platform.lease_holders"))
        worker._leaving.set()  # as if killed: nobody beats, nobody takes the lease back
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(
                attacker.execute,
                "SELECT pg_advisory_lock((classid::bigint << 32) | objid::bigint) FROM pg_locks"
                " WHERE locktype = 'advisory' AND objsubid = 1 AND pid = %s",
                [pid],
            )
            database.rows("SELECT pg_terminate_backend(%(pid)s, 10000)", {"pid": pid})
            waiting.result(timeout=30)  # the key was free for a moment, and is the attacker's now
        assert holders(database) == {}
    last = lease(database, "the last")
    last.take()
    last.leave("end of the test")


def test_a_lease_is_one_session_s_and_ends_with_it(database: Database) -> None:
    first, second = lease(database, "first"), lease(database, "second")
    first.take()
    with pytest.raises(LeaseTakenError, match="run first"):
        second.take()
    first.leave("done")
    assert eventually(lambda: holders(database) == {})
    second.take()
    assert holders(database) == {"1-of-1": "second"}
    second.leave("done")


def test_a_pooler_that_resets_a_session_gives_its_lease_back(database: Database) -> None:
    with psycopg.connect(database.dsn, autocommit=True) as pooled:
        assert pooled.execute("SELECT platform.take_lease('stream/1-of-1')").fetchone() == (True,)
        assert pooled.execute("SELECT platform.take_lease('stream/1-of-1')").fetchone() == (False,)
        pooled.execute("DISCARD ALL")  # the session lives on for the next client
        assert holders(database) == {}


def test_writers_of_an_instrument_take_turns_and_others_do_not_wait(database: Database) -> None:
    with database.transaction() as first, ThreadPoolExecutor(2) as pool:

        def lock(ids: list[int]) -> None:
            with database.transaction() as connection:
                lock_writers(connection, "ohlcv_1m", ids)

        lock_writers(first, "ohlcv_1m", [3, 1])
        pool.submit(lock, [2, 4]).result(timeout=30)
        waiting = pool.submit(lock, [2, 3])
        blocked = (
            "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%lock_writers%%'"
        )
        assert eventually(lambda: len(database.rows(blocked)) == 1)
        assert not waiting.done()
        first.commit()
        waiting.result(timeout=30)


def test_many_writers_of_many_instruments_never_lock_each_other_out(database: Database) -> None:
    def lock(number: int) -> None:
        ids = [(number * 7 + step * 3) % 20 for step in range(10)]
        with database.transaction() as connection:
            lock_writers(connection, "trades_1s", ids)
            connection.execute("SELECT pg_sleep(0.01)")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lock, range(64)))  # raises where the server had to end a deadlock


def test_one_at_a_time_is_at_a_piece_of_work(database: Database) -> None:
    with only_one(database.dsn, REFRESH_LOCK, wait=True) as ours:
        assert ours
        with only_one(database.dsn, REFRESH_LOCK, wait=False) as second:
            assert not second
    with only_one(database.dsn, REFRESH_LOCK, wait=False) as again:
        assert again
