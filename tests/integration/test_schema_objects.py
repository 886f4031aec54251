"""Views and functions from their files: applied when they changed, put right when they were changed."""

import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cli_support import environment, run

from alphapulse_resources.database.applied import pending_objects
from alphapulse_resources.database.lock_waits import Patience
from alphapulse_resources.database.migrations import MIGRATIONS, migrate
from alphapulse_resources.database.objects import OBJECTS, SchemaObject, apply_objects, read_objects
from alphapulse_resources.database.timescale import SchemaError
from tests.databases import has_timescaledb

SHORT = Patience(lock_seconds=0.3, pauses=(0.1, 0.1))


@pytest.fixture
def connection(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(dsn, autocommit=True) as opened:
        yield opened


@pytest.fixture
def role(connection: psycopg.Connection[Any]) -> Iterator[str]:
    name = f"reader_{uuid.uuid4().hex[:8]}"
    connection.execute(f"CREATE ROLE {name}".encode())
    yield name
    connection.execute(f"DROP OWNED BY {name}".encode())
    connection.execute(f"DROP ROLE {name}".encode())


def edited(dsn: str, directory: Path, name: str, old: str, new: str) -> list[SchemaObject]:
    """The objects with another text in the file of one."""
    if not (directory / "views").exists():
        shutil.copytree(OBJECTS, directory, dirs_exist_ok=True)
    (file,) = directory.rglob(f"{name}.sql")
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    return read_objects(timescale=has_timescaledb(dsn), directory=directory)


def columns(connection: psycopg.Connection[Any], view: str) -> list[str]:
    cursor = connection.execute(f"SELECT * FROM {view} LIMIT 0".encode())
    return [column.name for column in cursor.description or ()]


def test_a_new_database_has_nothing_left_to_do(dsn: str) -> None:
    assert pending_objects(dsn) == []
    done = migrate(dsn)
    assert (done.applied, done.objects) == ([], [])


def test_what_somebody_changed_is_noticed_and_put_right(
    dsn: str, connection: psycopg.Connection[Any]
) -> None:
    now = connection.execute("SELECT rtrim(pg_get_viewdef('freshness'::regclass), ';')").fetchone()
    assert now is not None
    changes = {
        "freshness": f"CREATE OR REPLACE VIEW freshness AS {now[0]} LIMIT 7",
        "sweeps": "DROP VIEW sweeps",
        "stream_differences stream_verification": "DROP VIEW stream_differences CASCADE",
        "mark_ohlcv_dirty": "DROP FUNCTION mark_ohlcv_dirty",
        "platform.try_lock": "DROP FUNCTION platform.try_lock",
        "ohlcv": "COMMENT ON COLUMN ohlcv.close IS 'mine'",
        "timeframe_caught_up": "ALTER TABLE ohlcv_dirty DISABLE TRIGGER timeframe_caught_up",
        "line_at": "ALTER FUNCTION line_at STRICT",
    }
    for change in changes.values():
        connection.execute(change.encode())
    names = {name for key in changes for name in key.split()}
    assert set(pending_objects(dsn)) == names
    assert set(migrate(dsn).objects) == names
    assert pending_objects(dsn) == []
    connection.execute("DROP TRIGGER timeframe_caught_up ON ohlcv_dirty")
    assert migrate(dsn).objects == ["timeframe_caught_up"]
    told = connection.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = 'timeframe_caught_up'")
    assert told.fetchall() == [("O",)]


def test_a_view_that_gains_a_column_is_replaced_in_place(
    dsn: str, connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    oid = connection.execute("SELECT 'freshness'::regclass::oid").fetchone()
    before = columns(connection, "freshness")
    objects = edited(dsn, tmp_path, "freshness", "\nFROM ", ", 7 AS seven\nFROM ")
    assert apply_objects(connection, objects) == ["freshness"]
    assert columns(connection, "freshness") == [*before, "seven"]
    assert connection.execute("SELECT 'freshness'::regclass::oid").fetchone() == oid
    assert apply_objects(connection, objects) == []


def test_a_view_of_other_columns_is_made_anew_with_what_holds_on_to_it_and_all_rights(
    dsn: str, connection: psycopg.Connection[Any], tmp_path: Path, role: str
) -> None:
    for right in (
        f"GRANT SELECT ON ohlcv TO {role} WITH GRANT OPTION",
        f"GRANT SELECT (ts) ON bars TO {role}",
        "REVOKE EXECUTE ON FUNCTION newest_bars FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION newest_bars TO {role}",
    ):
        connection.execute(right.encode())
    objects = edited(dsn, tmp_path, "ohlcv", "SELECT i.venue, i.symbol,", "SELECT i.symbol, i.venue,")
    with connection.transaction():
        assert apply_objects(connection, objects) == ["ohlcv"]
    assert columns(connection, "ohlcv")[:3] == ["symbol", "venue", "timeframe"]
    assert connection.execute("SELECT count(*) FROM ohlcv").fetchone() == (0,)
    told = connection.execute(
        "SELECT has_table_privilege(%(r)s, 'ohlcv', 'SELECT WITH GRANT OPTION'),"
        " has_column_privilege(%(r)s, 'bars', 'ts', 'SELECT'),"
        " has_table_privilege(%(r)s, 'bars', 'SELECT'),"
        " has_function_privilege(%(r)s, 'newest_bars(text, text, text, integer)', 'EXECUTE'),"
        " has_function_privilege('alphapulse_analyst', 'newest_bars(text, text, text, integer)', 'EXECUTE'),"
        " has_table_privilege('alphapulse_analyst', 'ohlcv', 'SELECT')",
        {"r": role},
    ).fetchone()
    assert told == (True, True, False, True, False, True)
    assert apply_objects(connection, objects) == []
    assert migrate(dsn).objects == ["ohlcv"], "the files of this version are back"
    assert columns(connection, "ohlcv")[:2] == ["venue", "symbol"]


def test_what_is_somebody_elses_is_never_dropped(
    dsn: str, connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    connection.execute("CREATE VIEW of_somebody_else AS SELECT close FROM ohlcv")
    objects = edited(dsn, tmp_path, "ohlcv", "SELECT i.venue, i.symbol,", "SELECT i.symbol, i.venue,")
    with pytest.raises(SchemaError, match="view of_somebody_else"), connection.transaction():
        apply_objects(connection, objects)
    assert columns(connection, "of_somebody_else") == ["close"]
    assert columns(connection, "ohlcv")[:2] == ["venue", "symbol"]
    assert pending_objects(dsn) == []


def test_a_function_of_other_arguments_takes_the_place_of_the_one_before(
    dsn: str, connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    wanted = "p_heartbeat_at timestamptz, p_more integer DEFAULT 0)"
    objects = edited(dsn, tmp_path, "stream_alive", "p_heartbeat_at timestamptz)", wanted)
    objects = edited(dsn, tmp_path, "stream_alive", "z, timestamptz) IS", "z, timestamptz, integer) IS")
    with connection.transaction():
        assert apply_objects(connection, objects) == ["stream_alive"]
    rows = connection.execute("SELECT pronargs FROM pg_proc WHERE proname = 'stream_alive'").fetchall()
    assert rows == [(3,)]
    assert connection.execute("SELECT count(*) FROM stream_health").fetchone() == (0,)
    assert apply_objects(connection, objects) == []


def test_every_file_is_one_object_and_says_what_it_is_for() -> None:
    for timescale in (True, False):
        objects = read_objects(timescale=timescale)
        assert len(objects) > 70
        for place, each in enumerate(objects):
            assert "COMMENT ON" in each.text, each.name
            assert not each.uses & {later.name for later in objects[place + 1 :]}


def test_an_object_file_of_another_name_or_in_a_circle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("CREATE OR REPLACE VIEW b AS SELECT 1;")
    with pytest.raises(SchemaError, match=r"a\.sql: exactly one CREATE OR REPLACE is expected, of a"):
        read_objects(timescale=False, directory=tmp_path)
    (tmp_path / "a.sql").write_text("CREATE OR REPLACE VIEW a AS SELECT * FROM b;")
    (tmp_path / "b.sql").write_text("CREATE OR REPLACE VIEW b AS SELECT * FROM a;")
    with pytest.raises(SchemaError, match="need each other"):
        read_objects(timescale=False, directory=tmp_path)


# waiting ------------------------------------------------------------------------------------------------


def test_who_is_in_the_way_is_named_and_nothing_is_changed(
    dsn: str, connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    shutil.copytree(MIGRATIONS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "0999_next.sql").write_text("ALTER TABLE quarantine ADD COLUMN more integer;")
    connection.execute("COMMENT ON VIEW freshness IS 'mine'")
    with psycopg.connect(dsn, application_name="a long report") as reader:
        reader.execute("SELECT count(*) FROM quarantine")
        with pytest.raises(SchemaError) as said:
            migrate(dsn, directory=tmp_path, patience=SHORT)
        assert "migration 0999_next could not get its locks" in str(said.value)
        assert "a long report), idle in transaction" in str(said.value)
        assert f"process {reader.info.backend_pid} " in str(said.value)
        reader.rollback()
        reader.execute("SELECT count(*) FROM freshness")
        with pytest.raises(
            SchemaError, match="views and functions up to date could not get its locks"
        ) as said:
            migrate(dsn, patience=SHORT)
        assert "a long report" in str(said.value)
        assert pending_objects(dsn) == ["freshness"]
        ending = threading.Timer(0.5, reader.rollback)
        ending.start()
        done = migrate(dsn, directory=tmp_path, patience=Patience(0.3, (0.1,) * 50))
        ending.join()
    assert (done.applied, done.objects) == (["0999_next"], ["freshness"])


def test_others_go_on_while_a_migration_waits(
    dsn: str, connection: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """Who queues behind a migration waits as long as one attempt, not as long as the query it waits for."""
    shutil.copytree(MIGRATIONS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "0999_next.sql").write_text("ALTER TABLE quarantine ADD COLUMN more integer;")
    waited, refused = 0.0, threading.Event()

    def attempt() -> None:
        with pytest.raises(SchemaError):
            migrate(dsn, directory=tmp_path, patience=Patience(0.5, (0.2,) * 8))
        refused.set()

    with psycopg.connect(dsn) as reader:
        reader.execute("SELECT count(*) FROM quarantine")
        migrating = threading.Thread(target=attempt)
        migrating.start()
        looks = 0
        while not refused.is_set():
            began = time.monotonic()
            connection.execute("SELECT count(*) FROM quarantine")
            waited, looks = max(waited, time.monotonic() - began), looks + 1
        migrating.join()
    assert waited > 0.1, "it never had to wait: nothing was tried"
    assert looks > 8


# newer databases ----------------------------------------------------------------------------------------


def test_a_database_that_is_newer_than_the_code_is_refused(
    dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    newer = tmp_path / "newer"
    shutil.copytree(MIGRATIONS, newer)
    (newer / "0999_next.sql").write_text(
        "CREATE VIEW rooms AS SELECT 1 AS a;"
        " INSERT INTO platform.schema_objects (name, checksum, digest) VALUES ('rooms', 'c', 'd');"
    )
    migrate(dsn, directory=newer)
    with environment(monkeypatch, tmp_path / "home", DSN=dsn):
        for command in (["migrate"], ["symbols", "list"], ["import", "list"]):
            said = run(*command)
            assert said.code == 1
            assert "newer than this code: it has migration 0999_next, view rooms" in " ".join(
                said.err.split()
            )
            assert "backup" in said.err
