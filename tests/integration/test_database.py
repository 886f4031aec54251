"""The read path: parameters arrive as they were given, whatever they hold."""

from datetime import UTC, date, datetime, timedelta, timezone

import psycopg
import pytest

from alphapulse_resources.database.client import Database


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        'it\'s "quoted" \\ and $1 -- no comment',
        "two\nlines'; DROP TABLE instruments; --",
        7,
        1.5e-300,
        True,
        None,
        date(2025, 2, 28),
        datetime(2025, 1, 1, 12, 30, 0, 123456, tzinfo=UTC),
        ["a,b", 'c"d', "e\nf"],
        [1, 2, 3],
    ],
)
def test_a_parameter_arrives_as_it_was_given(database: Database, value: object) -> None:
    casts = {str: "text", int: "bigint", float: "float8", bool: "boolean", date: "date", type(None): "text"}
    cast = casts.get(type(value), "timestamptz")
    if isinstance(value, list):
        cast = "text[]" if isinstance(value[0], str) else "bigint[]"
    frame = database.read(f"-- the value ($1)\nSELECT $1::{cast} AS value, 'x' AS other", (value,))
    assert frame["value"].to_list() == [value]
    assert database.rows("SELECT count(*) AS n FROM instruments") == [{"n": 0}]


def test_times_of_any_zone_come_back_in_utc(database: Database) -> None:
    moment = datetime(2025, 6, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    frame = database.read("SELECT $1::timestamptz AS ts", (moment,))
    assert frame["ts"].to_list() == [moment.astimezone(UTC)]
    assert str(frame.schema["ts"]) == "Datetime(time_unit='us', time_zone='UTC')"


@pytest.mark.parametrize("zone", ["America/New_York", "Etc/UTC"])
def test_sessions_are_in_utc_whatever_the_servers_time_zone_is(database: Database, zone: str) -> None:
    database.execute(
        psycopg.sql.SQL("ALTER DATABASE {} SET timezone TO {}").format(
            psycopg.sql.Identifier(psycopg.conninfo.conninfo_to_dict(database.dsn)["dbname"]), zone
        )
    )
    moment = datetime(2025, 6, 1, 23, 30, tzinfo=UTC)
    query = "SELECT current_setting('timezone') AS zone, {0}::timestamptz AS ts, {0}::timestamptz::date::text"
    (row,) = database.rows(query.format("%(ts)s"), {"ts": moment})
    assert (row["zone"], str(row["ts"]), row["text"]) == ("UTC", "2025-06-01 23:30:00+00:00", "2025-06-01")
    frame = database.read(query.format("$1"), (moment,))
    assert frame.row(0) == ("UTC", moment, "2025-06-01")


def test_ten_parameters_are_told_apart(database: Database) -> None:
    query = "SELECT " + ", ".join(f"${n}::bigint AS c{n}" for n in range(1, 12))
    assert database.read(query, tuple(range(1, 12))).row(0) == tuple(range(1, 12))


def test_a_read_survives_the_loss_of_its_connection(database: Database, dsn: str) -> None:
    assert database.read("SELECT 1 AS one")["one"].to_list() == [1]
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert database.read("SELECT 2 AS two")["two"].to_list() == [2]


def test_an_error_of_the_query_is_told_and_the_next_read_works(database: Database) -> None:
    with pytest.raises(Exception, match="no_such_column"):
        database.read("SELECT no_such_column FROM instruments")
    assert database.read("SELECT 3 AS three")["three"].to_list() == [3]
