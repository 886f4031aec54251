"""Which kind of schema a database has or is to have: TimescaleDB's, or plain tables of the same names.

Decided before the first table is made, by trying: what a user may do on somebody's server, and what that
server's edition can, is known best by the server. Whatever is decided against TimescaleDB is told with the
reason and with what would change it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from alphapulse_resources.settings import PROJECT_ROOT

_STATE: Final = PROJECT_ROOT / "sql" / "schema" / "timescaledb.sql"
_CONVERT: Final = "`alphapulse migrate --to-timescaledb` converts it, with its data"
_NEEDED: Final = ("by_range", "add_columnstore_policy")
"""Functions that the migrations call; the newer of them came with TimescaleDB 2.18."""


class Use(StrEnum):
    """What is wanted of TimescaleDB (ALPHAPULSE_DATABASE__TIMESCALEDB)."""

    AUTO = "auto"  # wherever it can be used
    OFF = "off"
    REQUIRE = "require"  # or else no schema is made


class SchemaError(RuntimeError):
    """The schema cannot be made or used as it is; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Schema:
    """What kind a schema is, and why it is not TimescaleDB's."""

    version: str | None = None
    reason: str = ""
    remedy: str = ""

    @property
    def kind(self) -> str:
        """In a word or two, for people."""
        return f"TimescaleDB {self.version}" if self.version else "plain tables"

    @property
    def note(self) -> str:
        """Why it is plain although it need not be, and what to do; empty where nothing is to be said."""
        return f"plain tables, not TimescaleDB: {self.reason}. {self.remedy}" if self.remedy else ""


@dataclass(frozen=True, slots=True)
class _State:
    installed: str | None
    available: str | None
    has_schema: bool
    database: str
    role: str


def choose(dsn: str, use: Use = Use.AUTO, *, pending: bool = True) -> Schema:
    """The kind of the schema there is; without one the kind it is to be, for which TimescaleDB is created.

    Raises SchemaError where it cannot be as `use` says, or where TimescaleDB and a plain schema are in one
    database and migrations are pending: they would make a mixture of both.
    """
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        state = _state(connection)
        if state.has_schema:
            return _present(connection, state, use, pending=pending)
        schema = _future(connection, state, use)
    if use is Use.REQUIRE and schema.version is None:
        raise SchemaError(
            f"TimescaleDB is required (ALPHAPULSE_DATABASE__TIMESCALEDB), but {schema.reason}; nothing was "
            f"made. {schema.remedy}"
        )
    return schema


def create_extension(connection: psycopg.Connection[Any]) -> Schema:
    """Create TimescaleDB if it can be used in full; else leave nothing of it and tell why."""
    state = _state(connection)
    try:
        with connection.transaction():
            connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
            if (lacking := _lacking(connection)) is not None:
                raise psycopg.Rollback
    except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateObject):
        return Schema(_state(connection).installed)  # another process was faster
    except psycopg.Error as error:
        return _refused(error, state)
    if lacking is not None:
        return Schema(None, lacking, "An edition under the Timescale licence would be used in full.")
    return Schema(_state(connection).installed)


def _state(connection: psycopg.Connection[Any]) -> _State:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_STATE.read_bytes()).fetchone()
    assert row is not None
    return _State(**row)


def is_hypertable(connection: psycopg.Connection[Any], table: str) -> bool:
    """Whether a table of ours is TimescaleDB's; the extension alone says nothing of the schema."""
    found = connection.execute(
        "SELECT to_regclass('timescaledb_information.hypertables') IS NOT NULL"
    ).fetchone()
    if found != (True,):
        return False
    query = (
        "SELECT FROM timescaledb_information.hypertables"
        " WHERE hypertable_schema = 'public' AND hypertable_name = %s"
    )
    return connection.execute(query, [table]).fetchone() is not None


def _present(connection: psycopg.Connection[Any], state: _State, use: Use, *, pending: bool) -> Schema:
    if is_hypertable(connection, "ohlcv_1m"):
        return Schema(state.installed)
    if use is Use.REQUIRE:
        raise SchemaError(
            f"TimescaleDB is required (ALPHAPULSE_DATABASE__TIMESCALEDB), but the schema is plain: {_CONVERT}"
        )
    if state.installed is not None:
        reason = f"TimescaleDB {state.installed} is in this database, but the schema was made without it"
        remedy = f"{_CONVERT}; or take it away, with DROP EXTENSION timescaledb"
        if pending:
            raise SchemaError(f"{reason}; what is to be migrated would be a mixture of both: {remedy}")
        return Schema(None, reason, remedy[0].upper() + remedy[1:] if remedy[0].isalpha() else remedy)
    if state.available is None or use is Use.OFF:
        return Schema()
    reason = f"this server has TimescaleDB {state.available}, but the schema was made without it"
    return Schema(None, reason, f"{_CONVERT}; ALPHAPULSE_DATABASE__TIMESCALEDB=off says that it stays")


def _future(connection: psycopg.Connection[Any], state: _State, use: Use) -> Schema:
    if state.installed is not None:
        drop = f"run DROP EXTENSION timescaledb in the database {state.database!r}, then migrate again"
        if use is Use.OFF:
            raise SchemaError(
                f"ALPHAPULSE_DATABASE__TIMESCALEDB is off, but this database has TimescaleDB: {drop}"
            )
        if (lacking := _lacking(connection)) is not None:
            raise SchemaError(f"{lacking}; nothing was made. For plain tables {drop}")
        return Schema(state.installed)
    if use is Use.OFF:
        return Schema(None, "ALPHAPULSE_DATABASE__TIMESCALEDB is off")
    if state.available is None:
        return Schema(None, "this server does not have it installed")
    return create_extension(connection)


def _lacking(connection: psycopg.Connection[Any]) -> str | None:
    """What keeps this TimescaleDB from being used."""
    row = connection.execute(
        "SELECT current_setting('timescaledb.license', true),"
        " (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'),"
        " ARRAY(SELECT f FROM unnest(%s::text[]) AS f"
        " WHERE NOT EXISTS (SELECT FROM pg_proc WHERE proname = f))",
        [list(_NEEDED)],
    ).fetchone()
    assert row is not None
    licence, version, missing = row
    if licence == "apache":
        return (
            f"this server's TimescaleDB {version} is its Apache edition, which has neither continuous "
            "aggregates nor compression"
        )
    if missing:
        return f"this server's TimescaleDB {version} is too old: it has no {missing[0]}() (2.18 or newer has)"
    return None


def _refused(error: psycopg.Error, state: _State) -> Schema:
    said = error.diag.message_primary or str(error).strip().splitlines()[0]
    reason = f"the server has TimescaleDB {state.available}, but creating it failed: {said}"
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        remedy = (
            f"Let an administrator run, in the database {state.database!r}: CREATE EXTENSION timescaledb; "
            f"or GRANT CREATE ON DATABASE {state.database} TO {state.role}"
        )
    elif "preloaded" in said:
        remedy = "Set shared_preload_libraries = 'timescaledb' in its postgresql.conf and restart the server"
    else:
        remedy = "Let an administrator run CREATE EXTENSION timescaledb in this database"
    return Schema(None, reason, f"{remedy}, then {_CONVERT}.")
