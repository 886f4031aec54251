"""The catalogue against a database: every analysts' view can be asked, in a stable order, in every format."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import psycopg
import pytest
from api_support import SYMBOLS, Api, served

from alphapulse.backends.shapes import text_of
from alphapulse.readings.asking import Asked, file_of, statement_of
from alphapulse.readings.catalogue import NOT_ASKED, READINGS
from alphapulse.readings.reading import Reading
from alphapulse_api.app import make_app
from alphapulse_api.shapes import Shapes
from alphapulse_resources.database.client import Database


@pytest.fixture(scope="module")
def api(filled: Database) -> Iterator[Api]:
    with served(make_app(filled)) as url:
        yield Api(url)


def test_every_view_of_analysts_is_asked_for_or_says_why_not(filled: Database) -> None:
    rows = filled.rows(
        "SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace"
    )
    timeframes = filled.rows("SELECT 'ohlcv_' || timeframe AS relname FROM timeframes")
    views = {row["relname"] for row in rows} - {row["relname"] for row in timeframes}
    asked = {each.relation for each in READINGS}
    assert views - asked == set(NOT_ASKED)
    assert len({each.name for each in READINGS}) == len({each.path for each in READINGS}) == len(READINGS)


def test_order_filters_and_times_are_columns_of_the_rows(filled: Database) -> None:
    shapes = Shapes(filled)
    for reading in READINGS:
        columns = set(shapes.of(reading).types)
        wanted = {*reading.order, *(each.of for each in reading.filters if not each.inside)}
        wanted |= {name for name in (reading.time, reading.known) if name is not None}
        assert wanted <= columns, reading.name
        types = shapes.of(reading).types
        assert reading.by_day == (reading.time is not None and types[reading.time] == "date"), reading.name


def test_rows_are_told_apart_by_their_order(filled: Database) -> None:
    shapes, ids = Shapes(filled), _ids(filled)
    with_rows = 0
    for reading in READINGS:
        for as_of in (None, datetime.now(UTC)):
            if as_of is not None and not reading.honours_as_of:
                continue
            types = shapes.of(reading).types
            frame = _read(filled, reading, types, ids, as_of)
            keys = frame.select(reading.order)
            assert keys.n_unique() == frame.height, reading.name
            nulls = {name for name in reading.order if keys[name].null_count()}
            assert nulls <= set(dict(reading.may_lack)), reading.name
            with_rows += as_of is None and frame.height > 0
    assert with_rows > 80


def _ids(database: Database) -> list[int]:
    return [row["instrument_id"] for row in database.rows("SELECT instrument_id FROM instruments")]


def _read(
    database: Database, reading: Reading, types: dict[str, str], ids: list[int], as_of: datetime | None
) -> pl.DataFrame:
    defaults = {
        each.name: each.default if each.kind == "text" else float(each.default)
        for each in reading.filters
        if each.default is not None
    }
    asked = Asked(filters=defaults, instruments=ids if "instrument_id" in types else None, limit=5_000)
    asked = replace(asked, as_of=as_of)
    name = file_of(reading, asked)
    query = statement_of(reading, asked, types, None if name is None else text_of(name))
    return database.read(query.text, query.arguments)


@pytest.mark.parametrize("kind", ["application/json", "text/csv", "application/vnd.apache.arrow.stream"])
def test_every_reading_answers_in_every_format(api: Api, kind: str) -> None:
    for reading in READINGS:
        given = {"symbol": SYMBOLS[0]} if reading.needs else {}
        answer = api.get(reading.path, {"accept": kind}, limit=5, **given)
        assert answer.status_code == 200, (reading.path, answer.text)
        if kind.endswith("json"):
            assert {len(each) for each in answer.json()["columns"].values()} == {answer.json()["rows"]}
        elif kind.endswith("stream"):
            assert pl.read_ipc_stream(io.BytesIO(answer.content)).width > 0
        else:
            assert "," in answer.text or reading.name


def test_what_cannot_be_asked_as_of_a_time_says_why(api: Api) -> None:
    for reading in READINGS:
        given = {"symbol": SYMBOLS[0]} if reading.needs else {}
        answer = api.get(reading.path, as_of="2026-11-02T00:00:00Z", limit=5, **given)
        assert answer.status_code == (200 if reading.honours_as_of else 422), (reading.path, answer.text)
        if not reading.honours_as_of:
            assert answer.json()["parameter"] == "as_of"


def test_analysts_cannot_read_the_keys(filled: Database) -> None:
    with filled.transaction() as connection:
        connection.execute("CREATE ROLE api_key_reader NOLOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO api_key_reader")
        connection.execute("SET LOCAL ROLE api_key_reader")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("SELECT * FROM platform.api_keys")
        connection.execute("RESET ROLE")
        connection.execute("DROP OWNED BY api_key_reader")
        connection.execute("DROP ROLE api_key_reader")
