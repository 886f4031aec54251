"""A plain schema becomes TimescaleDB's: nothing lost, no difference to one that was so from the start."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from candle_frames import MINUTE, candles, changed, register, without, write
from psycopg import sql

from alphapulse_resources.database.client import Database
from alphapulse_resources.database.conversion import check_not_converting, convert
from alphapulse_resources.database.migrations import migrate
from alphapulse_resources.database.timescale import SchemaError, Use
from alphapulse_resources.frames import AGGREGATED
from tests.databases import fresh_database
from tests.servers import documented_user, own_server, programs

STATES = {
    "hypertables": """
        SELECT hypertable_name, num_dimensions, compression_enabled
        FROM timescaledb_information.hypertables WHERE hypertable_schema = 'public'
    """,
    "dimensions": """
        SELECT hypertable_name, column_name, time_interval
        FROM timescaledb_information.dimensions WHERE hypertable_schema = 'public'
    """,
    "columns packed": """
        SELECT hypertable::text, segmentby, orderby
        FROM timescaledb_information.hypertable_columnstore_settings
    """,
    "policies": """
        SELECT proc_name, hypertable_name, schedule_interval, scheduled,
            config - 'hypertable_id' - 'mat_hypertable_id'
        FROM timescaledb_information.jobs WHERE hypertable_schema = 'public'
    """,
    "aggregates": """
        SELECT view_name, materialized_only, compression_enabled, view_definition
        FROM timescaledb_information.continuous_aggregates
    """,
    "columns": """
        SELECT c.relname, c.relkind::text, c.reloptions::text, a.attname,
            format_type(a.atttypid, a.atttypmod), a.attnotnull,
            a.attidentity::text, a.attgenerated::text, pg_get_expr(d.adbin, d.adrelid),
            col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'S')
            AND c.relname NOT LIKE '%yoyo%'
    """,
    "views": """
        SELECT c.relname, pg_get_viewdef(c.oid) FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v'
            AND c.relname NOT IN (SELECT view_name FROM timescaledb_information.continuous_aggregates)
    """,
    "routines": """
        SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc')
        FROM pg_proc AS p
        WHERE p.pronamespace IN ('public'::regnamespace, 'platform'::regnamespace)
            AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
    """,
    "indexes": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname IN ('public', 'platform')",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    """,
    "triggers": """
        SELECT t.tgrelid::regclass::text, pg_get_triggerdef(t.oid) FROM pg_trigger AS t
        JOIN pg_class AS c ON c.oid = t.tgrelid AND c.relnamespace = 'public'::regnamespace
        WHERE NOT t.tgisinternal
    """,
    "rights": """
        SELECT c.relname, pg_get_userbyid(a.grantee), a.privilege_type FROM pg_class AS c
        CROSS JOIN LATERAL aclexplode(c.relacl) AS a
        WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
            AND c.relname NOT LIKE '%yoyo%'
    """,
}


@pytest.fixture(scope="module")
def timescale_server() -> Iterator[str]:
    with own_server(programs(timescaledb=True), shared_preload_libraries="timescaledb") as dsn:
        yield dsn


@pytest.fixture
def plain(timescale_server: str) -> Iterator[Database]:
    """A plain schema with data, of a user who has the documented rights."""
    with documented_user(timescale_server, f"ap_{uuid.uuid4().hex[:8]}") as dsn:
        migrate(dsn, use=Use.OFF)
        database = Database(dsn)
        fill(database)
        yield database
        database.close()


def fill(database: Database) -> None:
    """Candles of twelve days with a hole, corrections, and rows of tables of every other sort."""
    minutes = 12 * 1440
    start = datetime.now(UTC).replace(second=0, microsecond=0) - minutes * MINUTE
    for number, instrument_id in enumerate(register(database, ["BTC/USDT", "ETH/USDT"])):
        frame = without(candles(start, minutes, seed=number), (start + 700 * MINUTE, start + 710 * MINUTE))
        write(database, instrument_id, frame)
        write(database, instrument_id, changed(frame, start + 100 * MINUTE, close=frame["close"][100]))
        write(database, instrument_id, changed(frame, start + 200 * MINUTE, volume=12345.0))
    database.execute(
        "INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at)"
        " SELECT instrument_id, %(start)s, %(end)s, 'detected', now() FROM instruments",
        {"start": start + 700 * MINUTE, "end": start + 710 * MINUTE},
    )
    database.execute("INSERT INTO quarantine (dataset, reasons, payload) VALUES ('ohlcv_1m', '{x}', '{}')")
    database.execute(
        "INSERT INTO trades_1s"
        " SELECT instrument_id, now() - n * interval '1 day', 1, 1, 1, 1, 1, 1, 1, 1, 1, 'a', 'b', 0, true,"
        " now(), now() FROM instruments, generate_series(1, 40) AS n"
    )
    database.execute(
        "INSERT INTO fetch_log (started_at, venue, dataset, source, url, latency_ms)"
        " SELECT now() - n * interval '2 days', 'binance', 'd', 's', 'u', 1 FROM generate_series(1, 30) AS n"
    )


def contents(database: Database) -> dict[str, tuple[int, str]]:
    """Every stored row of every table, however it is stored."""
    tables = database.rows(
        "SELECT relname AS name, relnamespace::regnamespace::text AS schema FROM pg_class"
        " WHERE relkind = 'r' AND relname NOT LIKE '%%yoyo%%'"
        " AND relnamespace IN ('public'::regnamespace, 'platform'::regnamespace)"
    )
    schemas = {row["name"]: row["schema"] for row in tables}
    names = set(schemas) - {f"ohlcv_{timeframe}" for timeframe in AGGREGATED}
    query = sql.SQL(
        "SELECT count(*) AS n, coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS all"
        " FROM {} AS t"
    )
    told = {}
    counted_on = {"alert_rules_version"}  # tells that rules may have changed: copying them does
    for name in names - {"write_locks", "ohlcv_dirty", "derived_dirty", "schema_objects"} - counted_on:
        (row,) = database.rows(query.format(sql.Identifier(schemas[name], name)))
        told[name] = (row["n"], row["all"])
    return told


def bars(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    return {
        timeframe: database.read(
            "SELECT instrument_id, ts, open, high, low, close, round(volume::numeric, 6)::float8 AS volume,"
            f" trades, bars, received_at FROM ohlcv_{timeframe} ORDER BY instrument_id, ts"
        ).rows()
        for timeframe in AGGREGATED
    }


def to_timescaledb(database: Database, **options: Any) -> list[str]:
    said: list[str] = []

    def prepare() -> None:
        migrate(database.dsn, mixed=True)

    given = {"dagster_database": "nobody_has_this", "prepare": prepare, "force": False, "say": said.append}
    database.close()
    convert(database.dsn, **(given | options))
    return said


def state(database: Database, name: str) -> list[Any]:
    rows = database.rows(STATES[name].replace("%", "%%"), {})
    return sorted(tuple(map(str, row.values())) for row in rows)


def test_nothing_is_lost_and_the_schema_is_as_one_from_the_start(
    timescale_server: str, plain: Database
) -> None:
    plain.execute("CREATE TABLE of_somebody_else (a integer)")
    plain.execute("INSERT INTO of_somebody_else VALUES (7)")
    plain.execute(
        "CREATE FUNCTION of_somebody_else_too(d of_somebody_else) RETURNS integer"
        " LANGUAGE sql AS 'SELECT d.a'"
    )
    plain.refresh_timeframes()
    before, bars_before = contents(plain), bars(plain)
    to_timescaledb(plain)
    assert contents(plain) == before
    assert bars(plain) == bars_before
    assert plain.rows("SELECT * FROM of_somebody_else") == [{"a": 7}]
    assert plain.rows("SELECT of_somebody_else_too(o) AS a FROM of_somebody_else AS o") == [{"a": 7}]
    plain.execute("DROP FUNCTION of_somebody_else_too")
    plain.execute("DROP TABLE of_somebody_else")
    with documented_user(timescale_server, f"ap_{uuid.uuid4().hex[:8]}") as fresh_dsn:
        migrate(fresh_dsn)
        fresh = Database(fresh_dsn)
        for name in STATES:
            assert state(plain, name) == state(fresh, name), name
    assert plain.rows("SELECT nspname FROM pg_namespace WHERE nspname = 'alphapulse_plain'") == []
    (row,) = plain.rows(
        "INSERT INTO fetch_log (started_at, venue, dataset, source, url, latency_ms)"
        " VALUES (now(), 'binance', 'd', 's', 'u', 1) RETURNING fetch_id"
    )
    assert row["fetch_id"] == 31, "numbers go on where they were"


def test_what_comes_after_is_aggregated_and_corrected_as_ever(plain: Database) -> None:
    to_timescaledb(plain)
    (instrument_id,) = register(plain, ["BTC/USDT"])
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)
    write(plain, instrument_id, changed(candles(start, 60, seed=9), start, high=10_000.0))
    plain.refresh_timeframes()
    (row,) = plain.rows(
        "SELECT high FROM ohlcv_1h WHERE instrument_id = %(i)s AND ts = %(t)s",
        {"i": instrument_id, "t": start},
    )
    assert row["high"] == 10_000.0
    assert plain.rows("SELECT count(*) AS n FROM timescaledb_information.chunks")[0]["n"] > 2
    assert to_timescaledb(plain) == [], "there is nothing to convert any more"


def test_an_interrupted_conversion_goes_on_and_nothing_runs_until_then(plain: Database) -> None:
    plain.refresh_timeframes()
    before, bars_before = contents(plain), bars(plain)

    def interrupt(at: str) -> Any:
        def say(line: str) -> None:
            if line.startswith(at):
                raise KeyboardInterrupt

        return say

    for at in ("fetch_log", "trades_1s", "ohlcv_15m"):
        with pytest.raises(KeyboardInterrupt):
            to_timescaledb(plain, say=interrupt(at))
        with pytest.raises(SchemaError, match="--to-timescaledb"):
            check_not_converting(plain.dsn)
    to_timescaledb(plain)
    check_not_converting(plain.dsn)
    assert contents(plain) == before
    assert bars(plain) == bars_before
    assert all(job["scheduled"] for job in plain.rows("SELECT scheduled FROM timescaledb_information.jobs"))


def test_before_anything_is_moved_a_failure_leaves_everything_as_it_was(plain: Database) -> None:
    before = contents(plain)
    plain.execute("CREATE VIEW of_somebody_else AS SELECT * FROM ohlcv_1m")
    with pytest.raises(SchemaError, match="of_somebody_else"):
        to_timescaledb(plain)
    check_not_converting(plain.dsn)
    assert contents(plain) == before
    assert plain.rows("SELECT count(*) > 0 AS some FROM of_somebody_else") == [{"some": True}]


def test_it_is_refused_while_others_use_the_database(plain: Database) -> None:
    with psycopg.connect(plain.dsn, application_name="a worker"):
        with pytest.raises(SchemaError, match="a worker"):
            to_timescaledb(plain)
        check_not_converting(plain.dsn)
        assert "converted" in to_timescaledb(plain, force=True)[-1]


def test_a_server_without_it_says_so_and_stays_as_it_is() -> None:
    settings = {"shared_preload_libraries": "timescaledb", "timescaledb.license": "apache"}
    with (
        own_server(programs(timescaledb=True), **settings) as dsn,
        fresh_database(dsn, migrated=False) as apache,
    ):
        migrate(apache)
        database = Database(apache)
        with pytest.raises(SchemaError, match="Apache"):
            to_timescaledb(database)
        check_not_converting(apache)
        assert migrate(apache).schema.version is None
