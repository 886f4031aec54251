"""The database: one read path, one write path, and the refresh of the timeframes.

Reading goes SQL -> ADBC -> polars, writing goes through `upsert`. Statements live in `sql/`; a name given
to `statement()` is a file there.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from weakref import finalize

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from pydantic import SecretStr

from alphapulse_resources.database.locks import only_one
from alphapulse_resources.database.pools import PoolLimits, Readers, Sessions
from alphapulse_resources.database.statements import SQL_DIRECTORY as SQL_DIRECTORY
from alphapulse_resources.database.statements import statement as statement
from alphapulse_resources.database.tables import Table
from alphapulse_resources.timeframes import AGGREGATED, TIMEFRAMES

if TYPE_CHECKING:
    import polars as pl

    from alphapulse_resources.database.upsert import Written

log = logging.getLogger(__name__)

_PARAMETER: Final = re.compile(r"\$(\d+)")
_COMMENT_LINE: Final = re.compile(r"^\s*--.*$", re.MULTILINE)
REFRESH_LOCK: Final = "refresh_ohlcv"
COARSE_IDS: Final = tuple(TIMEFRAMES[name] // timedelta(minutes=1) for name in AGGREGATED)
"""Timeframes whose native bars are computed with: rows of table `timeframes`."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the database describes it."""

    name: str
    type: str
    description: str


class Database:
    """One PostgreSQL or TimescaleDB database. Safe to share between threads.

    Connections come from two pools of this object (`pools.PoolLimits`): statements and frames.
    undo: whatever a frame's statement changed of its session, as by set_config, is rolled back.
    """

    def __init__(self, dsn: str | SecretStr, limits: PoolLimits | None = None, *, undo: bool = False) -> None:
        self._dsn = dsn if isinstance(dsn, SecretStr) else SecretStr(dsn)
        limits = limits or PoolLimits()
        self._sessions, self._readers = Sessions(self._dsn, limits), Readers(self._dsn, limits, undo=undo)
        # once nobody has this object any more, and at the end of the process
        self._closing = finalize(self, _close, self._sessions, self._readers)

    @property
    def dsn(self) -> str:
        """The connection string, with its password: never log it."""
        return self._dsn.get_secret_value()

    def connect(self, **parameters: Any) -> psycopg.Connection[Any]:
        """A connection of the caller's own, to be closed by it; `parameters` are libpq's."""
        return psycopg.connect(self.dsn, **{"connect_timeout": 10, **parameters})

    def transaction(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """A connection whose transaction commits at the end and rolls back on an exception.

        It comes from a pool and goes back to it as new: settings, temporary tables, locks and prepared
        statements end with the block. A session that is to be kept needs `connect`.
        """
        return self._sessions.borrowed()

    def rows(self, query: Any, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Few rows, as dictionaries."""
        with self.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()

    def execute(self, query: Any, parameters: Mapping[str, Any] | None = None) -> int:
        """Run one statement in its own transaction; returns the number of rows it touched."""
        with self.transaction() as connection:
            return connection.execute(query, parameters).rowcount

    def read(
        self,
        query: str,
        parameters: Sequence[Any] = (),
        started: Callable[[Callable[[], None]], None] | None = None,
    ) -> "pl.DataFrame":
        """Many rows, as a frame. Parameters are `$1`, `$2` ...; times come back in UTC.

        `started` is given what ends the query, which another thread may call.
        """
        return self._readers.read(_with_literals(query, parameters), started)

    def close(self) -> None:
        """Give all connections back that are not in use; what comes later connects anew."""
        self._closing()
        self._closing = finalize(self, _close, self._sessions, self._readers)

    def upsert(self, connection: psycopg.Connection[Any], table: Table, frame: "pl.DataFrame") -> "Written":
        """Write a frame in the caller's transaction.

        Changed minutes mark their timeframes as dirty; of changed native bars the longer ones are built at
        once. Both make due what is derived from them.
        """
        from alphapulse_resources.database.upsert import OHLCV_1M, OHLCV_NATIVE, upsert

        written = upsert(connection, table, frame)
        if table is OHLCV_1M and written.changed_days:
            instruments, days = zip(*sorted(written.changed_days), strict=True)
            connection.execute("SELECT mark_ohlcv_dirty(%s, %s)", [list(instruments), list(days)])
        if table is OHLCV_NATIVE and set(frame["timeframe_id"].unique()) & set(COARSE_IDS):
            for instrument in {key for key, _ in written.changed_days}:
                changed = sorted(day for key, day in written.changed_days if key == instrument)
                connection.execute(
                    "SELECT native_bars_changed(%s::integer, %s::date[])", [instrument, changed]
                )
        return written

    def refresh_timeframes(
        self,
        timeframes: Sequence[str] = AGGREGATED,
        *,
        window: tuple[datetime, datetime] | None = None,
        instrument_ids: Sequence[int] | None = None,
        wait: bool = True,
    ) -> bool:
        """Bring aggregates up to date: the days that changed and, if given, every bar touching `window`.

        One process refreshes at a time; the others wait, so that each leaves with its changes visible, or,
        told not to, return False at once. A day that cannot be built stops no other: it is in
        `refresh_failures`. Candles beyond all bounds that got past the table's own check go to quarantine.
        """
        start, end = window or (None, None)
        with only_one(self.dsn, REFRESH_LOCK, wait=wait) as ours:
            if not ours:
                return False
            arguments = [start, end, None if instrument_ids is None else list(instrument_ids)]
            with psycopg.connect(self.dsn, autocommit=True, connect_timeout=10) as connection:
                if days := _refresh(connection, timeframes, arguments):
                    log.error("candles of %d days were beyond all bounds: they are in quarantine now", days)
                    _refresh(connection, timeframes, arguments)  # their days changed
        return True

    def describe(self, relation: str) -> tuple[str, list[Column]]:
        """Description and columns of a table or view, from its comments."""
        rows = self.rows(statement("describe_relation"), {"relation": relation})
        if not rows:
            raise LookupError(f"there is no table or view {relation!r} in this database")
        return rows[0]["description"] or "", [
            Column(row["name"], row["type"], row["column_description"] or "") for row in rows
        ]


@lru_cache(maxsize=2)
def shared_database(dsn: SecretStr) -> Database:
    """The database that all of this process shares: its pools are then bounds of the process."""
    return Database(dsn)


def _close(sessions: Sessions, readers: Readers) -> None:
    sessions.close()
    readers.close()


def _refresh(connection: psycopg.Connection[Any], timeframes: Sequence[str], arguments: Sequence[Any]) -> int:
    """Refresh timeframes in order; returns of how many days candles had to go to quarantine.

    TimescaleDB adds up all instruments of a stretch together, so that one sum that overflows would stop them
    all: once more then, without the candles that are to blame. Without it the procedure sees to that itself.
    """
    call, began = (
        "CALL refresh_ohlcv(%s, %s, %s, %s)",
        connection.execute("SELECT clock_timestamp()").fetchone(),
    )
    for timeframe in timeframes:
        try:
            connection.execute(call, [timeframe, *arguments])
        except psycopg.DataError:
            found = connection.execute("SELECT quarantine_out_of_bounds()").fetchone()
            if not found or not found[0]:
                raise
            connection.execute(call, [timeframe, *arguments])
    days = connection.execute(
        "SELECT count(*) FROM refresh_failures WHERE timeframe = '1m' AND failed_at >= %s", began
    ).fetchone()
    return int(days[0]) if days else 0


def _with_literals(query: str, parameters: Sequence[Any]) -> str:
    """The query with each `$n` as a quoted literal: ADBC streams by COPY only what has no parameters.

    Quoting is psycopg's. Comment lines go first: in one, a literal with a line break would end the comment.
    """
    if not parameters:
        return query
    query = _COMMENT_LINE.sub("", query)
    return _PARAMETER.sub(lambda found: sql.Literal(parameters[int(found[1]) - 1]).as_string(), query)
