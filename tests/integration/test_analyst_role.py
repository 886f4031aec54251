"""The analysts' role: reads everything, changes nothing, and does not run for ever."""

from collections.abc import Iterator

import psycopg
import pytest
from candle_frames import RECEIVED, candles, register, write
from sqlalchemy.engine import make_url

from alphapulse_resources.database import Database
from alphapulse_resources.migrations import ANALYST, configure_analyst

PASSWORD = "only-for-this-test"


@pytest.fixture
def analyst(database: Database) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection as the analyst, who may take a second for a statement."""
    (instrument_id,) = register(database, ["BTC/USDT"])
    write(database, instrument_id, candles(RECEIVED, 100))
    database.refresh_timeframes()
    configure_analyst(database.dsn, password=PASSWORD, timeout_seconds=1)
    url = make_url(database.dsn).set(username=ANALYST, password=PASSWORD)
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
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


def test_without_a_password_the_role_keeps_the_one_it_has(
    database: Database, analyst: psycopg.Connection[tuple[object, ...]]
) -> None:
    configure_analyst(database.dsn, password=None, timeout_seconds=2)
    url = make_url(database.dsn).set(username=ANALYST, password=PASSWORD)
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("2s",)
