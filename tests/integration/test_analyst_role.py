"""The analysts' role: reads everything, changes nothing, and does not run for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from candle_frames import RECEIVED, candles, register, write
from postgres_places import eventually

from alphapulse_assets.orchestration.analysts import GRACE, end_overtime
from alphapulse_resources.database.analyst import (
    AnalystError,
    analyst_connection,
    analyst_dsn,
    own_role,
    prepare_analyst,
)
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Analysts, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        home=tmp_path,
        analysts=Analysts(timeout_seconds=1, connections=3, temp_megabytes=1),
    )


@pytest.fixture
def analyst(database: Database, settings: Settings) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection as the analyst, who may take a second for a statement."""
    (instrument_id,) = register(database, ["BTC/USDT"])
    write(database, instrument_id, candles(RECEIVED, 100))
    database.refresh_timeframes()
    assert prepare_analyst(settings, database.dsn) == []
    with psycopg.connect(analyst_dsn(settings, database.dsn), autocommit=True) as connection:
        yield connection


def relations(database: Database) -> list[str]:
    rows = database.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'v', 'm', 'p') AND relname NOT LIKE '%%yoyo%%' ORDER BY relname"
    )
    return [row["relname"] for row in rows]


def test_the_analyst_reads_every_table_and_view(
    database: Database, analyst: psycopg.Connection[tuple[object, ...]]
) -> None:
    names = relations(database)
    assert {"ohlcv", "ohlcv_1m", "ohlcv_1w", "candle_coverage", "quality_scores"} <= set(names)
    assert {"order_book", "order_book_trust", "walls", "stream_status", "ohlcv_live"} <= set(names)
    for name in names:
        analyst.execute(f'SELECT * FROM "{name}" LIMIT 1')
    analyst.execute("SELECT * FROM trusted_snapshots('binance', 'BTC/USDT', now(), now())")
    assert analyst.execute("SELECT count(*) FROM ohlcv WHERE timeframe = '1m'").fetchone() == (100,)
    assert analyst.execute("SELECT sum(bars) FROM ohlcv WHERE timeframe = '1h'").fetchone() == (100,)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO venues (venue) VALUES ('mine')",
        "UPDATE ohlcv_1m SET close = 0",
        "DELETE FROM ohlcv_1m",
        "TRUNCATE ohlcv_1m",
        "CREATE TABLE mine (a integer)",
        "CREATE VIEW mine AS SELECT 1 AS a",
        "DROP VIEW ohlcv",
        "ALTER TABLE ohlcv_1m ADD COLUMN mine integer",
        "SELECT track_symbol('binance', 'BTC/USDT')",
        "SELECT mark_ohlcv_dirty(ARRAY[1], ARRAY[DATE '2024-01-01'])",
        "CALL refresh_ohlcv('1h', '2024-01-01', '2025-01-01')",
    ],
)
def test_the_analyst_changes_nothing(
    database: Database, analyst: psycopg.Connection[tuple[object, ...]], statement: str
) -> None:
    # without the session's own read-only setting, which anybody can switch off, rights alone must do
    for read_only in ("on", "off"):
        analyst.execute("SELECT set_config('default_transaction_read_only', %s, false)", [read_only])
        with pytest.raises(psycopg.Error) as refused:
            analyst.execute(statement.encode())
        assert refused.value.sqlstate in ("25006", "42501")  # read-only transaction, insufficient privilege
    assert database.rows("SELECT count(*) AS n FROM ohlcv_1m WHERE close > 0") == [{"n": 100}]


def test_a_statement_that_takes_too_long_is_ended(analyst: psycopg.Connection[tuple[object, ...]]) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout"):
        analyst.execute("SELECT pg_sleep(20)")


def test_tables_made_later_are_readable_too(
    database: Database, analyst: psycopg.Connection[tuple[object, ...]]
) -> None:
    database.execute("CREATE TABLE made_later AS SELECT 1 AS a")
    assert analyst.execute("SELECT a FROM made_later").fetchone() == (1,)


def test_the_password_is_made_once_and_kept_where_only_its_owner_reads_it(
    database: Database, settings: Settings, analyst: psycopg.Connection[tuple[object, ...]]
) -> None:
    (file,) = (settings.home / "analyst").iterdir()
    before = file.read_text()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert prepare_analyst(settings, database.dsn) == []
    assert file.read_text() == before


def test_a_home_that_does_not_know_the_password_makes_a_new_one(
    database: Database, settings: Settings, analyst: psycopg.Connection[tuple[object, ...]], tmp_path: Path
) -> None:
    other = settings.model_copy(update={"home": tmp_path / "other machine"})
    with pytest.raises(AnalystError, match="alphapulse migrate"), analyst_connection(other, database.dsn):
        pass
    prepare_analyst(other, database.dsn)
    with analyst_connection(other, database.dsn) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(AnalystError, match="let"), analyst_connection(settings, database.dsn):
        pass
    prepare_analyst(settings, database.dsn)
    with analyst_connection(settings, database.dsn):
        pass


def test_what_an_analyst_changes_of_its_role_is_undone(
    database: Database, settings: Settings, analyst: psycopg.Connection[tuple[object, ...]]
) -> None:
    for change in (
        "SET statement_timeout = 0",
        "IN DATABASE {} SET statement_timeout = 0",
        "PASSWORD 'mine'",
    ):
        analyst.execute("SET default_transaction_read_only = off")
        text = f"ALTER ROLE CURRENT_USER {change.format(analyst.info.dbname)}"
        analyst.execute(text.encode())
    prepare_analyst(settings, database.dsn)
    with analyst_connection(settings, database.dsn) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("1s",)


def test_the_role_has_few_sessions_and_small_temporary_files(
    database: Database, settings: Settings, analyst: psycopg.Connection[tuple[object, ...]]
) -> None:
    url = analyst_dsn(settings, database.dsn)
    (file,) = (settings.home / "analyst").iterdir()
    before = file.read_text()
    with ExitStack() as sessions:
        for _ in range(2):
            sessions.enter_context(psycopg.connect(url))
        with pytest.raises(psycopg.OperationalError, match="too many connections"):
            psycopg.connect(url)
        prepare_analyst(settings, database.dsn)
    assert file.read_text() == before, "a full house is no reason for a new password"
    analyst.execute("SET work_mem = '64kB'")
    with pytest.raises(psycopg.errors.ConfigurationLimitExceeded):  # refused: the test's user is a superuser
        analyst.execute(
            "SELECT count(*) FROM (SELECT * FROM generate_series(1, 300000) AS g ORDER BY g DESC) AS s"
        )
    for raised in ("SET temp_file_limit = -1", "ALTER ROLE CURRENT_USER SET temp_file_limit = -1"):
        analyst.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            analyst.execute(raised.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TEMPORARY TABLE t AS SELECT g FROM generate_series(1, 10) AS g",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT add_job('refresh_all_ohlcv', '1 hour')",
        "SELECT platform.try_lock('refresh_ohlcv')",
        "SELECT platform.take_lease('stream/1-of-1')",
        "LOCK TABLE platform.write_locks IN ACCESS SHARE MODE",
        "LOCK TABLE ohlcv_1m IN ROW EXCLUSIVE MODE",
        "SELECT * FROM platform.write_locks FOR UPDATE",
    ],
)
def test_nothing_is_left_behind_or_held_by_an_analyst_who_may_write(
    analyst: psycopg.Connection[tuple[object, ...]], statement: str
) -> None:
    analyst.execute("SET default_transaction_read_only = off")
    denied = (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction)
    with pytest.raises(denied) as refused, analyst.transaction():
        analyst.execute(statement.encode())
    assert "add_job" in statement or not isinstance(refused.value, psycopg.errors.UndefinedFunction)


def test_who_switches_the_time_limit_off_is_ended_from_outside(
    database: Database, settings: Settings, analyst: psycopg.Connection[tuple[object, ...]]
) -> None:
    """A statement is cancelled, an open transaction ended; others' sessions, and what is in time, go on."""
    role = own_role(analyst.info.dbname)
    analyst.execute("SET statement_timeout = 0")
    with (
        psycopg.connect(analyst_dsn(settings, database.dsn)) as idle,
        psycopg.connect(database.dsn) as owner,
        ThreadPoolExecutor(1) as pool,
    ):
        idle.execute("SET idle_in_transaction_session_timeout = 0")
        owner.execute("SELECT 1")
        slow = pool.submit(analyst.execute, "SELECT pg_sleep(100)")
        assert end_overtime(database, timedelta(hours=1)) == []
        ended: list[str] = []

        def both_are_ended() -> bool:
            ended.extend(end_overtime(database, -GRACE))
            return sum(line.startswith(role) for line in ended) >= 2 and slow.done()

        assert eventually(both_are_ended)
        assert isinstance(slow.exception(), psycopg.errors.QueryCanceled)
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")
        owner.execute("SELECT 1")
    assert analyst.execute("SELECT 1").fetchone() == (1,)


def test_a_name_that_is_too_long_for_a_role_is_cut_and_stays_its_own() -> None:
    names = [own_role("a" * 60), own_role("a" * 61), own_role("ä" * 40)]
    assert len(set(names)) == 3
    assert all(len(name.encode()) <= 63 for name in names)
    assert own_role("prices") == "alphapulse_analyst_prices"
