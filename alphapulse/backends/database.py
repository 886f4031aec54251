"""Asking a database: SQL -> ADBC -> polars, in read-only sessions."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import Any, Final, TypeAlias

import polars as pl
import psycopg
from adbc_driver_manager import Error as AdbcError
from pydantic import SecretStr

from alphapulse.backends.backend import Description
from alphapulse.backends.shapes import text_of, types_of
from alphapulse.backends.windows import window_of
from alphapulse.errors import ConnectError, NotFoundError, ParameterError, QueryError
from alphapulse.frames import plain
from alphapulse.readings.asking import Asked, file_of, statement_of
from alphapulse.readings.reading import EVERY_ROW, Reading, RefusedError
from alphapulse.sql_text import with_values
from alphapulse_resources.database.client import Column, Database
from alphapulse_resources.database.pools import CANCELLED, PoolBusyError, UnreadableColumnError
from alphapulse_resources.names import did_you_mean

Instrument: TypeAlias = tuple[str, str]
_NO_CONNECTION: Final = "08"
"""Class of SQLSTATE of connections that failed."""
_UNKNOWN_RELATION: Final = "42P01"
_UNKNOWN_FUNCTION: Final = "42883"
_READ_ONLY: Final = "25006"


class DatabaseBackend:
    """A database that is only read. `where` names it in words, without its password.

    database: one that is open already, which is shared then.
    """

    def __init__(
        self, dsn: SecretStr, where: str, live: str | None = None, *, database: Database | None = None
    ) -> None:
        self._database = Database(dsn, undo=True) if database is None else database
        self._where, self._live = where, live
        self._types: dict[str, Mapping[str, str]] = {}
        self._keys: dict[Instrument, int] = {}
        self._source_names: dict[int, str] = {}
        self._lock = Lock()

    @property
    def where(self) -> str:
        """Host, port and database."""
        return self._where

    @property
    def live(self) -> tuple[str | None, str | None]:
        """The WebSocket of the home's API; of a database by hand none is known."""
        return self._live, None

    def ask(self, reading: Reading, asked: Asked) -> pl.DataFrame:
        """The rows of a reading, in one statement whatever their number."""
        asked = self._with_keys(reading, asked)
        if (window := window_of(reading, asked)) is not None:
            rows = self._read(window.statement.text, window.statement.arguments)
            return window.whole(rows, self._sources())
        file = file_of(reading, asked)
        text = None if file is None else text_of(file)
        try:
            statement = statement_of(reading, asked, self._types_of(reading), text, paged=False)
        except RefusedError as error:
            raise ParameterError(error.parameter, str(error)) from None
        frame = self._read(statement.text, statement.arguments)
        if frame.height > (limit := asked.limit or EVERY_ROW):
            if asked.limit is None:
                raise ParameterError(
                    "start", f"{reading.name}: more than {limit:,} rows; ask for a shorter time"
                )
            frame = frame.head(limit)
        return frame

    def instruments(self) -> list[Instrument]:
        """Venue and symbol of every instrument; asks each time."""
        frame = self._read("SELECT instrument_id, venue, symbol FROM instruments ORDER BY venue, symbol", ())
        keys = {(venue, symbol): key for key, venue, symbol in frame.iter_rows()}
        with self._lock:
            self._keys = keys
        return list(keys)

    def query(self, text: str, values: Mapping[str, Any]) -> pl.DataFrame:
        """The rows of a statement of one's own."""
        if not text.strip():
            raise QueryError("the statement is empty: pass a SELECT")
        return self._read(with_values(text, values), ())

    def describe(self, relation: str) -> Description:
        """A relation by its comments in the database."""
        try:
            meaning, columns = self._described(relation)
        except LookupError:
            known = self.relations()["relation"].to_list()
            raise NotFoundError(
                f"there is no table or view {relation!r}{did_you_mean(relation, known)} "
                "relations() lists all of them"
            ) from None
        schema = {"column": pl.String, "type": pl.String, "meaning": pl.String}
        rows = [(each.name, each.type, each.description) for each in columns]
        return Description(relation, meaning, pl.DataFrame(rows, schema=schema, orient="row"))

    def relations(self) -> pl.DataFrame:
        """Tables and views by name."""
        return self._read(
            "SELECT c.relname::text AS relation, coalesce(obj_description(c.oid, 'pg_class'), '') AS meaning "
            "FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace "
            "AND c.relkind IN ('r', 'p', 'v', 'm') "
            "AND has_table_privilege(c.oid, 'SELECT') AND c.relname NOT LIKE '%yoyo%' ORDER BY 1",
            (),
        )

    def close(self) -> None:
        """Give all connections back that are not in use."""
        self._database.close()

    @cached_property
    def _timeout(self) -> str:
        return str(self._database.rows("SHOW statement_timeout")[0]["statement_timeout"])

    def _with_keys(self, reading: Reading, asked: Asked) -> Asked:
        """The question with the keys of its symbols and venues, by which the database finds them."""
        symbols, venues = asked.filters.get("symbol"), asked.filters.get("venue")
        if symbols is None or "instrument_id" not in self._types_of(reading):
            return asked
        with self._lock:
            known = self._keys
        if not known:
            self.instruments()
            known = self._keys
        wanted = [
            key
            for (venue, symbol), key in known.items()
            if symbol in symbols and (venues is None or venue in venues)
        ]
        return replace(asked, instruments=wanted)

    def _sources(self) -> dict[int, str]:
        with self._lock:
            known = self._source_names
        if not known:
            known = dict(self._read("SELECT source_id, source FROM sources", ()).iter_rows())
            with self._lock:
                self._source_names = known
        return known

    def _types_of(self, reading: Reading) -> Mapping[str, str]:
        with self._lock:
            known = self._types.get(reading.name)
        if known is None:
            try:
                known = types_of(self._database, reading)
            except psycopg.OperationalError as error:
                raise ConnectError(f"{self.where} does not answer: {_first_line(error)}") from error
            except (LookupError, psycopg.Error) as error:
                raise QueryError(
                    f"{_first_line(error)}: this database is older than this package: `alphapulse migrate`"
                ) from error
            with self._lock:
                self._types[reading.name] = known
        return known

    def _described(self, relation: str) -> tuple[str, list[Column]]:
        try:
            return self._database.describe(relation)
        except psycopg.OperationalError as error:
            raise ConnectError(f"{self.where} does not answer: {_first_line(error)}") from error

    def _read(self, text: str, arguments: tuple[Any, ...]) -> pl.DataFrame:
        try:
            return plain(self._database.read(text, arguments))
        except PoolBusyError as error:
            raise ConnectError(str(error)) from error
        except UnreadableColumnError as error:
            raise QueryError(str(error)) from error
        except AdbcError as error:
            raise self._told(error) from error

    def _told(self, error: AdbcError) -> Exception:
        code, said = error.sqlstate or "", _first_line(error)
        if code == CANCELLED:
            return QueryError(f"stopped after {self._timeout}, the time limit of this session: ask for less")
        if code == _READ_ONLY:
            return QueryError(f"{said}: this connection only reads")
        if code == _UNKNOWN_FUNCTION and ("candles_" in said or "_as_of" in said):
            return QueryError(f"{said}: this database is older than this package; run `alphapulse migrate`")
        if code == _UNKNOWN_RELATION:
            name = said.split('"')[1] if '"' in said else ""
            return QueryError(f"{said}{did_you_mean(name, self.relations()['relation'].to_list())}")
        if not code or code.startswith(_NO_CONNECTION) or code.startswith("57P"):
            return ConnectError(f"{self.where} does not answer: {said}")
        return QueryError(
            f"the database refused the statement: {said} (it takes what gives rows: SELECT, WITH)"
        )


def _first_line(error: BaseException) -> str:
    """What the server said, without the names of the layers between, and without the statement."""
    text = str(error)
    said = text.split("ERROR:", 1)[1] if "ERROR:" in text else text
    return said.strip().split("\n")[0].strip()
