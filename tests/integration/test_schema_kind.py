"""Which kind of schema `migrate` makes, by what the server and the user can, and what it says of it."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cli_support import environment, run

from alphapulse_resources.database.migrations import MIGRATIONS, migrate
from alphapulse_resources.database.objects import object_names
from alphapulse_resources.database.schema_check import made_by
from alphapulse_resources.database.timescale import SchemaError, Use, choose
from tests.databases import fresh_database, has_timescaledb
from tests.servers import documented_user, own_server, programs


@pytest.fixture(scope="module")
def timescale_server() -> Iterator[str]:
    with own_server(programs(timescaledb=True), shared_preload_libraries="timescaledb") as dsn:
        yield dsn


@pytest.fixture
def empty(server_dsn: str) -> Iterator[str]:
    with fresh_database(server_dsn, migrated=False) as dsn:
        yield dsn


def tables(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "SELECT relname FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"
        )
        return {name for (name,) in found}


def named() -> str:
    return f"ap_{uuid.uuid4().hex[:8]}"


def test_exactly_the_documented_rights_are_enough_for_timescaledb(
    timescale_server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = named()
    with (
        documented_user(timescale_server, name) as dsn,
        environment(monkeypatch, tmp_path, DSN=dsn, DAGSTER_DATABASE=f"{name}_dagster"),
    ):
        said = run("migrate")
        assert (said.code, said.err) == (0, "")
        assert "schema: TimescaleDB" in said.out
        assert has_timescaledb(dsn)
        again = run("migrate")
        assert "nothing to do" in again.out
        assert (again.code, again.err) == (0, "")
        assert run("sql", "SELECT session_user AS u", "-f", "csv").out == f"u\nalphapulse_analyst_{name}\n"


def test_a_user_who_may_not_create_it_is_told_what_to_grant(timescale_server: str) -> None:
    name = named()
    with documented_user(timescale_server, name) as dsn:
        with psycopg.connect(timescale_server, autocommit=True) as administrator:
            administrator.execute(f"ALTER DATABASE {name} OWNER TO CURRENT_USER")
            administrator.execute(f"GRANT CONNECT ON DATABASE {name} TO {name}")
        with pytest.raises(SchemaError, match=f"GRANT CREATE ON DATABASE {name} TO {name}"):
            choose(dsn, Use.REQUIRE)
        schema = choose(dsn)
        assert schema.version is None
        assert "CREATE EXTENSION timescaledb" in schema.note


def test_a_server_that_has_not_loaded_it_is_named_with_the_setting() -> None:
    with own_server(programs(timescaledb=True)) as dsn:
        schema = choose(dsn)
        assert schema.version is None
        assert "shared_preload_libraries" in schema.note
        with pytest.raises(SchemaError, match="nothing was made"):
            migrate(dsn, use=Use.REQUIRE)
        assert tables(dsn) == set()


def test_the_apache_edition_gets_plain_tables_or_is_refused_before_the_first() -> None:
    settings = {"shared_preload_libraries": "timescaledb", "timescaledb.license": "apache"}
    with own_server(programs(timescaledb=True), **settings) as dsn:
        with pytest.raises(SchemaError, match="Apache"):
            migrate(dsn, use=Use.REQUIRE)
        assert tables(dsn) == set()
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE EXTENSION timescaledb")
        with pytest.raises(SchemaError, match="DROP EXTENSION timescaledb"):
            migrate(dsn)  # made by an administrator: not ours to take away
        assert tables(dsn) == set()
        with psycopg.connect(dsn) as connection:
            connection.execute("DROP EXTENSION timescaledb")
        made = migrate(dsn)
        assert "Apache" in made.schema.note
        assert not has_timescaledb(dsn)
        assert "ohlcv_1w" in tables(dsn)


def test_switched_off_there_are_plain_tables_and_nothing_is_said(timescale_server: str) -> None:
    with fresh_database(timescale_server, migrated=False) as dsn:
        made = migrate(dsn, use=Use.OFF)
        assert (made.schema.kind, made.schema.note) == ("plain tables", "")
        assert not has_timescaledb(dsn)
        later = migrate(dsn)
        assert later.applied == []
        assert "--to-timescaledb" in later.schema.note
        with pytest.raises(SchemaError, match="--to-timescaledb"):
            migrate(dsn, use=Use.REQUIRE)


def test_plain_tables_beside_the_extension_are_not_migrated_to_a_mixture(timescale_server: str) -> None:
    with fresh_database(timescale_server, migrated=False) as dsn:
        migrate(dsn, use=Use.OFF)
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE EXTENSION timescaledb")
        assert "DROP EXTENSION" in migrate(dsn).schema.note  # nothing is pending: a word is enough
        with psycopg.connect(dsn) as connection:
            connection.execute("DELETE FROM _yoyo_migration WHERE migration_id LIKE '0019%'")
        with pytest.raises(SchemaError, match="mixture"):
            migrate(dsn)


def test_migrations_are_known_to_make_what_they_make(empty: str) -> None:
    """What a half-restored database is held against: all tables and views, nothing that is not there."""
    migrate(empty)
    known = set(made_by(sorted(MIGRATIONS.glob("*.sql")))) | object_names()
    assert {name for name in tables(empty) if "yoyo" not in name} <= known
    migrate(empty)  # misses nothing


@pytest.mark.parametrize(
    ("loss", "named_in_the_error"),
    [
        ("DROP TABLE gap_ledger CASCADE", "gap_ledger"),
        ("DROP TABLE platform.leases CASCADE", "platform.leases"),
        ("DROP INDEX quarantine_row", "quarantine_row"),
        (
            "ALTER TABLE ohlcv_revisions DROP CONSTRAINT ohlcv_revisions_pkey",
            "no primary key on",
        ),
        ("DROP TABLE _yoyo_migration", "no record of the migrations"),
        ("TRUNCATE _yoyo_migration", "no record of the migrations"),
    ],
)
def test_a_half_restored_database_is_named_as_one(
    dsn: str, loss: str, named_in_the_error: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(loss.encode())
    before = tables(dsn)
    with environment(monkeypatch, tmp_path, DSN=dsn):
        said = run("migrate")
    assert said.code == 1
    assert "nothing to do" not in said.out
    assert named_in_the_error in said.err
    assert "restore" in said.err
    assert tables(dsn) - before <= {"_yoyo_migration", "_yoyo_log", "_yoyo_version", "yoyo_lock"}


def test_an_installation_without_migrations_says_so(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no migrations"):
        migrate(dsn, directory=tmp_path)
