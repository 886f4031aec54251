"""A plain schema becomes TimescaleDB's, with its data: `alphapulse migrate --to-timescaledb`.

The new schema is made by the migrations, as in an empty database, so it is the same as there. The old tables
wait in the schema `alphapulse_plain` meanwhile: that it exists is what says that a conversion is under way.
Making the schema and bringing over all small tables is one transaction; hypertables are then filled a stretch
of time at a time, so that neither locks nor the log grow with the history. Killed at any point, it goes on
where it was when it is started again; until it is through nothing else runs on the database.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.locks import only_one
from alphapulse_resources.database.migrations import MIGRATIONS
from alphapulse_resources.database.objects import apply_objects, read_objects
from alphapulse_resources.database.timescale import SchemaError, create_extension, is_hypertable
from alphapulse_resources.frames import AGGREGATED

OLD: Final = "alphapulse_plain"
CHUNKS_AT_ONCE: Final = 8
"""Chunks of a hypertable that one transaction fills (ours): each takes places in the server's lock table."""
REFRESH_AT_ONCE: Final = timedelta(days=366)
LEAVING_SECONDS: Final = 3.0
"""How long a session that its client closed may still be seen (ours)."""
HEARTBEAT_SECONDS: Final = 90
"""A daemon of Dagster that was heard of since is alive (ours): it is heard of every 30 s."""

Connection = psycopg.Connection[Any]
Say = Callable[[str], None]


def check_not_converting(dsn: str) -> None:
    """Raise SchemaError while tables wait to be converted."""
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        if _is_under_way(connection):
            raise SchemaError(
                "this database is being converted to TimescaleDB, or was when that was interrupted: "
                "`alphapulse migrate --to-timescaledb` goes on with it; nothing else can use it until then"
            )


def convert(dsn: str, *, dagster_database: str, prepare: Callable[[], object], force: bool, say: Say) -> None:
    """Convert the schema, or go on where that was interrupted; `prepare` brings it up to date first.

    Raises SchemaError, with nothing changed, where TimescaleDB cannot be used, where others use the database
    (unless `force`), or where somebody's own views hold on to tables that would be moved.
    """
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        under_way = _is_under_way(connection)
        converted = not under_way and is_hypertable(connection, "ohlcv_1m")
    if converted:
        return
    if not under_way:
        prepare()
        if not force:
            _check_unused(dsn, dagster_database)
    with only_one(dsn, "conversion", wait=False) as ours:
        if not ours:
            raise SchemaError("another process is converting this database: wait for it")
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10, row_factory=dict_row) as connection:
            connection.execute("SET idle_in_transaction_session_timeout = 0")
            connection.execute("SET statement_timeout = 0")
            if not under_way:
                _begin(dsn, connection, say)
            _fill(connection, say)
            _aggregate(connection, say)
            _finish(connection)
    say("converted: the schema is TimescaleDB's")


def _is_under_way(connection: Connection) -> bool:
    found = connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", [OLD]).fetchone()
    return found is not None


def _begin(dsn: str, connection: Connection, say: Say) -> None:
    with psycopg.connect(dsn, connect_timeout=10) as extending:
        schema = create_extension(extending)
    if schema.version is None:
        raise SchemaError(f"it stays as it is: {schema.reason}. {schema.remedy}")
    say("bringing every timeframe up to date")
    with closing(Database(dsn)) as database:
        database.refresh_timeframes()
    say("making TimescaleDB's schema")
    try:
        with connection.transaction():
            _restructure(connection)
    except psycopg.errors.LockNotAvailable as error:
        raise SchemaError("somebody uses a table and does not let go of it; nothing was changed") from error
    except psycopg.errors.DependentObjectsStillExist as error:
        raise SchemaError(
            f"{error.diag.message_primary} ({error.diag.message_detail}); nothing was changed"
        ) from error


def _check_unused(dsn: str, dagster: str) -> None:
    """Refuse while a stack runs: by the sessions there are, and by what Dagster's daemon last said."""
    until = time.monotonic() + LEAVING_SECONDS
    while names := _users(dsn, dagster):
        if time.monotonic() > until:
            raise SchemaError(
                f"others use this database: {', '.join(names[:5])}. Stop the platform first (Ctrl-C of "
                "`alphapulse up`, or its services); --force converts anyway, and what they write then is lost"
            )
        time.sleep(0.2)


def _users(dsn: str, dagster: str) -> list[str]:
    with psycopg.connect(dsn, connect_timeout=10, row_factory=dict_row) as connection:
        rows = connection.execute(statement("conversion/users"), {"dagster": dagster}).fetchall()
    names = sorted({f"{row['role']} ({row['application']}) in {row['database']}" for row in rows})
    return [*names, "Dagster's daemon"] if _daemon_lives(dsn, dagster) else names


def _daemon_lives(dsn: str, dagster: str) -> bool:
    try:
        with psycopg.connect(make_conninfo(dsn, dbname=dagster), connect_timeout=10) as connection:
            found = connection.execute(
                "SELECT FROM daemon_heartbeats WHERE timestamp > (now() AT TIME ZONE 'UTC') - %s",
                [timedelta(seconds=HEARTBEAT_SECONDS)],
            ).fetchone()
    except psycopg.Error:
        return False  # no such database or table: no daemon has ever been
    return found is not None


def _restructure(connection: Connection) -> None:
    """Move what is there to `OLD`, make the schema anew, bring over all that is no hypertable."""
    connection.execute("SET LOCAL lock_timeout = '10s'")
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(OLD)))
    connection.execute(
        sql.SQL("COMMENT ON SCHEMA {} IS 'Plain tables that wait to be converted to TimescaleDB.'").format(
            sql.Identifier(OLD)
        )
    )
    _move(connection, "conversion/movable", OLD)
    for file in sorted(MIGRATIONS.glob("*.sql")):
        connection.execute(file.read_bytes())
    apply_objects(connection, read_objects(timescale=True), everything=True)
    strangers = connection.execute(statement("conversion/strangers").encode()).fetchall()
    if strangers:
        names = ", ".join(row["name"].replace(f"{OLD}.", "") for row in strangers)
        raise SchemaError(
            f"{names}: not ours, and it holds on to tables that are made anew. Keep its definition, drop "
            "it, convert, and make it again; nothing was changed"
        )
    _move(connection, "conversion/leftovers", "public")
    for row in connection.execute(statement("conversion/grants").encode()).fetchall():
        _grant(connection, row)
    _copy_small(connection)
    connection.execute(statement("conversion/switch_jobs"), [False])
    for row in connection.execute(
        "SELECT relname AS name FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'v'", [OLD]
    ).fetchall():
        connection.execute(sql.SQL("DROP VIEW IF EXISTS {} CASCADE").format(sql.Identifier(OLD, row["name"])))


def _move(connection: Connection, what: str, there: str) -> None:
    for row in connection.execute(statement(what).encode()).fetchall():
        # its name as it is now: a routine's has the types of its arguments, which may just have been moved
        kind = "regprocedure" if row["kind"] == "ROUTINE" else "regclass"
        named = connection.execute(f"SELECT %s::oid::{kind}::text AS name", [row["oid"]]).fetchall()[0][
            "name"
        ]
        connection.execute(
            sql.SQL("ALTER {} {} SET SCHEMA {}").format(
                sql.SQL(row["kind"]), sql.SQL(named), sql.Identifier(there)
            )
        )


def _grant(connection: Connection, row: dict[str, Any]) -> None:
    to = sql.SQL("PUBLIC") if row["role"] is None else sql.Identifier(row["role"])
    option = sql.SQL(" WITH GRANT OPTION") if row["is_grantable"] else sql.SQL("")
    connection.execute(
        sql.SQL("GRANT {} ON {} TO {}{}").format(
            sql.SQL(row["privilege"]), sql.Identifier("public", row["name"]), to, option
        )
    )


def _tables(connection: Connection, *, hyper: bool) -> list[dict[str, Any]]:
    rows = connection.execute(statement("conversion/tables").encode()).fetchall()
    return [row for row in rows if (row["time_column"] is not None) is hyper]


def _copy_small(connection: Connection) -> None:
    tables = _tables(connection, hyper=False)
    names = sql.SQL(", ").join(sql.Identifier("public", row["name"]) for row in tables)
    connection.execute(
        sql.SQL("TRUNCATE {}").format(names)
    )  # what the migrations put in is in the old ones too
    for row in tables:
        connection.execute(_insert(row, sql.SQL("")))
        _check_count(connection, row["name"])
    connection.execute(statement("conversion/sequences").encode())


def _insert(row: dict[str, Any], condition: sql.Composable) -> sql.Composed:
    return sql.SQL(
        "INSERT INTO {new} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {old} {condition}"
        " ON CONFLICT DO NOTHING"
    ).format(
        new=sql.Identifier("public", row["name"]),
        old=sql.Identifier(OLD, row["name"]),
        columns=sql.SQL(", ").join(map(sql.Identifier, row["columns"])),
        condition=condition,
    )


def _check_count(connection: Connection, name: str, what: str = "count(*)") -> int:
    """Raise SchemaError unless both tables say the same; the number of rows."""
    query = sql.SQL("SELECT row({what})::text AS said, count(*) AS n FROM {table}")
    old, new = (
        connection.execute(query.format(what=sql.SQL(what), table=sql.Identifier(schema, name))).fetchall()[0]
        for schema in (OLD, "public")
    )
    if old != new:
        raise SchemaError(
            f"{name} was {old['said']} and is {new['said']} ({what}): the conversion stops here, the old "
            f"table is {OLD}.{name}. Did anybody write meanwhile?"
        )
    return int(new["n"])


def _fill(connection: Connection, say: Say) -> None:
    """Bring the rows of each hypertable over, oldest first, and drop the old table once all are there."""
    for row in _tables(connection, hyper=True):
        for stretch in _stretches(connection, row):
            connection.execute(_insert(row, stretch))
        count = _check_count(connection, row["name"])
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(OLD, row["name"])))
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier("public", row["name"])))
        say(f"{row['name']}: {count:,} rows")


def _stretches(connection: Connection, row: dict[str, Any]) -> Iterator[sql.Composed]:
    """Conditions that name all rows of the old table, from where the new one ends."""
    old, new, ts = (
        sql.Identifier(OLD, row["name"]),
        sql.Identifier("public", row["name"]),
        sql.Identifier(row["time_column"]),
    )
    ends = sql.SQL("SELECT min({ts}) AS first, max({ts}) AS last FROM {table}")
    bounds = connection.execute(ends.format(ts=ts, table=old)).fetchone()
    reached = connection.execute(ends.format(ts=ts, table=new)).fetchone()
    assert bounds is not None
    assert reached is not None
    if bounds["first"] is None:
        return
    index = sql.Identifier(f"{row['name']}_conversion")
    connection.execute(sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})").format(index, old, ts))
    step = timedelta(seconds=row["chunk_seconds"] * CHUNKS_AT_ONCE)
    start: datetime = reached["last"] or bounds["first"]
    while start <= bounds["last"]:
        yield sql.SQL("WHERE {ts} >= {start} AND {ts} < {end}").format(
            ts=ts, start=sql.Literal(start), end=sql.Literal(start + step)
        )
        start += step


def _aggregate(connection: Connection, say: Say) -> None:
    """Materialise every timeframe from the candles; what it says has to be what the old table said."""
    bounds = connection.execute("SELECT min(ts) AS first, max(ts) AS last FROM ohlcv_1m").fetchone()
    assert bounds is not None
    for timeframe in AGGREGATED:
        name = f"ohlcv_{timeframe}"
        start = bounds["first"]
        while start is not None and start <= bounds["last"]:
            connection.execute("CALL refresh_ohlcv(%s, %s, %s)", [timeframe, start, start + REFRESH_AT_ONCE])
            start += REFRESH_AT_ONCE
        left = connection.execute("SELECT to_regclass(%s) IS NOT NULL AS there", [f"{OLD}.{name}"]).fetchone()
        if left and left["there"]:
            count = _check_count(
                connection, name, "count(*), sum(bars), min(ts), max(ts), max(high), min(low)"
            )
            connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(OLD, name)))
            say(f"{name}: {count:,} bars")


def _finish(connection: Connection) -> None:
    with connection.transaction():
        connection.execute(statement("conversion/switch_jobs"), [True])
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(OLD)))
    connection.execute("ANALYZE")
