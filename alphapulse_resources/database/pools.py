"""Pools of connections of one process: for transactions by psycopg, for whole frames by ADBC.

Both are empty until they are first used, bounded, and safe to share between threads; a forked child makes
its own. Whoever wants more connections than there may be waits, and is told so in the end.
Polars and ADBC (it brings pyarrow and pandas) are imported where a frame is first read: they take a second.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast
from weakref import WeakSet

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout
from pydantic import SecretStr

if TYPE_CHECKING:
    import polars as pl

Connection: TypeAlias = psycopg.Connection[Any]

CONNECT_SECONDS: Final = 10
"""How long a server may take to answer a new connection (ours)."""
CANCELLED: Final = "57014"
"""SQLSTATE of a statement that the server gave up, as for its time limit."""
_INTERVAL: Final = "month_day_nano_interval"
_FIRST_LOOK_SECONDS: Final = 0.05
_LONGEST_LOOK_SECONDS: Final = 1.0
"""How often one that waits looks whether the server has refused a connection (ours)."""
# a server that is gone without a word is noticed within some 20 s (ours): idle connections outlive it
_KEEPALIVE: Final = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
}

# what it warns of reaches whoever asked, as an error
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Bounds of each of a process's two pools; the figures are ours.

    most: connections at once. A step or a command asks one thing after the other and has one; fetching has
    four threads. Twenty processes at both bounds stay below the embedded server's 200 connections.
    wait_seconds: for a connection when all are in use, before that is an error.
    idle_seconds: a connection that was not needed for as long is given back.
    """

    most: int = 4
    wait_seconds: float = 60.0
    idle_seconds: float = 60.0


class UnreadableColumnError(ValueError):
    """A column has a type that no frame has; the message says what to ask for instead."""


class PoolBusyError(PoolTimeout):
    """All connections that there may be were in use for too long; the message is for people."""


class Sessions:
    """Sessions for transactions. Each borrower finds one as if it had just connected."""

    def __init__(self, dsn: SecretStr, limits: PoolLimits) -> None:
        self._dsn, self._limits = dsn, limits
        self._here = threading.local()
        self._refused: tuple[float, Exception] | None = None
        self._start_empty()
        _everywhere.add(self)

    def _start_empty(self) -> None:
        self._lock = threading.Lock()
        self._pool: ConnectionPool[Connection] | None = None

    @contextmanager
    def borrowed(self) -> Iterator[Connection]:
        """A session whose transaction commits at the end and rolls back on an exception.

        Raises: psycopg.OperationalError, of the server or, when all are in use for too long, of the pool.
        """
        if getattr(self._here, "has_one", False):
            # a thread that waited for a second one could wait for itself: this one is outside the pool
            with psycopg.connect(self._dsn.get_secret_value(), connect_timeout=CONNECT_SECONDS) as own:
                yield own
            return
        pool, connection = self._take()
        self._here.has_one = True
        try:
            with connection:
                yield connection
        finally:
            self._here.has_one = False
            try:
                _make_as_new(connection)
            finally:
                pool.putconn(connection)

    def close(self) -> None:
        """Close what nobody uses now; the rest as it is given back. The next borrower begins a new pool."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            with suppress(RuntimeError):  # collected as garbage in a thread of the pool's own
                pool.close(timeout=1.0)

    def forget(self) -> None:
        """In a forked child: the connections and threads are the parent's."""
        _of_the_parent.append(self._pool)
        self._here = threading.local()
        self._start_empty()

    def _take(self) -> tuple[ConnectionPool[Connection], Connection]:
        began, look = monotonic(), _FIRST_LOOK_SECONDS
        until = began + self._limits.wait_seconds
        while (left := until - monotonic()) > 0:
            pool = self._open()
            try:
                return pool, pool.getconn(timeout=min(look, left))
            except PoolTimeout:
                # the pool connects in a thread of its own, and would not tell what came of it
                if self._refused is not None and self._refused[0] >= began:
                    raise self._refused[1].with_traceback(None) from None
            except PoolClosed:  # by another thread, just now
                continue
            look = min(2 * look, _LONGEST_LOOK_SECONDS)
        raise PoolBusyError(_too_long(self._limits))

    def _open(self) -> ConnectionPool[Connection]:
        with self._lock:
            if self._pool is None:
                dsn = self._dsn.get_secret_value()
                given = conninfo_to_dict(dsn)
                parameters = {name: value for name, value in _KEEPALIVE.items() if name not in given}
                self._pool = ConnectionPool(
                    dsn,
                    # all that the pool asks of the class is to connect
                    connection_class=cast(type[Connection], _Connector(self)),
                    kwargs={"connect_timeout": CONNECT_SECONDS, **parameters},
                    min_size=0,
                    max_size=self._limits.most,
                    open=True,
                    check=ConnectionPool.check_connection,
                    max_idle=self._limits.idle_seconds,
                    reconnect_timeout=0,  # whoever waits is told at once
                    num_workers=1,
                    name="alphapulse",
                )
            return self._pool

    def refused(self, error: Exception) -> None:
        """A connection could not be made: those that wait for one will see why."""
        self._refused = (monotonic(), error)


class _Connector:
    """Connects for the pool, and tells the sessions when it cannot."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def connect(self, conninfo: str, **parameters: Any) -> Connection:
        try:
            return psycopg.connect(conninfo, **parameters)
        except Exception as error:
            self._sessions.refused(error)
            raise


def _make_as_new(connection: Connection) -> None:
    """Undo all that a borrower may have left: settings, locks, temporary tables, prepared statements."""
    if connection.closed:
        return
    try:
        connection.autocommit = True
        # prepared: only then psycopg is sure to forget its list of prepared statements too
        connection.execute("DISCARD ALL", prepare=True)
        connection.autocommit = False
    except BaseException as error:
        connection.close()
        if not isinstance(error, psycopg.Error):
            raise


class Readers:
    """Connections that read frames, each one query at a time, in transactions of one statement.

    undo: roll each transaction back, so that what anybody's statement changed of its session ends with it.
    """

    def __init__(self, dsn: SecretStr, limits: PoolLimits, *, undo: bool = False) -> None:
        self._dsn, self._limits, self._undo = dsn, limits, undo
        self._start_empty()
        _everywhere.add(self)

    def _start_empty(self) -> None:
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(self._limits.most)
        self._idle: list[tuple[Any, float]] = []  # with when each was last used; the newest one last

    def read(self, query: str, started: Callable[[Callable[[], None]], None] | None = None) -> "pl.DataFrame":
        """The rows of a query. Raises: adbc_driver_manager.Error, PoolBusyError.

        `started` is given what ends the query, to be called by another thread.
        """
        from adbc_driver_postgresql import dbapi

        if not self._places.acquire(timeout=self._limits.wait_seconds):
            raise PoolBusyError(_too_long(self._limits))
        try:
            try:
                return self._read(query, started)
            except dbapi.OperationalError as error:
                if getattr(error, "sqlstate", None) == CANCELLED:  # or it took too long
                    raise
                # the server may have been restarted since the last read: once more on a new connection
                self.close()
                return self._read(query, started)
        finally:
            self._places.release()

    def close(self) -> None:
        """Give the connections back that nobody uses now."""
        with self._lock:
            readers, self._idle = self._idle, []
        for reader, _ in readers:
            _close(reader)

    def forget(self) -> None:
        """In a forked child: the connections are the parent's."""
        _of_the_parent.append(self._idle)
        self._start_empty()

    def _read(self, query: str, started: Callable[[Callable[[], None]], None] | None) -> "pl.DataFrame":

        reader = self._take()
        try:
            with reader.cursor() as cursor:
                if started is not None:
                    started(cursor.adbc_cancel)
                cursor.execute(query)
                frame = _frame(cursor.fetch_arrow_table())
            if self._undo:
                reader.rollback()
        except BaseException:
            _close(reader)
            raise
        self._give_back(reader)
        return frame

    def _take(self) -> Any:
        with self._lock:
            if self._idle:
                return self._idle.pop()[0]
        from adbc_driver_postgresql import dbapi

        return dbapi.connect(self._dsn.get_secret_value(), autocommit=not self._undo)

    def _give_back(self, reader: Any) -> None:
        now = monotonic()
        with self._lock:
            self._idle.append((reader, now))
            old = [each for each in self._idle if now - each[1] > self._limits.idle_seconds]
            self._idle = [each for each in self._idle if now - each[1] <= self._limits.idle_seconds]
        for unneeded, _ in old:
            _close(unneeded)


def _frame(table: Any) -> "pl.DataFrame":
    import polars as pl

    for column in table.schema:
        if str(column.type) == _INTERVAL:  # polars would panic where there are no rows
            raise UnreadableColumnError(
                f"column {column.name!r} is an interval, which frames do not have: ask for its seconds, "
                f"extract(epoch FROM {column.name})::float8"
            )
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _close(reader: Any) -> None:
    from adbc_driver_postgresql import dbapi

    with suppress(dbapi.Error):
        reader.close()


def _too_long(limits: PoolLimits) -> str:
    return (
        f"all {limits.most} connections to the database that this process may have were in use for "
        f"{limits.wait_seconds:g} s: what runs on them takes too long, or waits for a lock"
    )


_everywhere: Final[WeakSet[Sessions | Readers]] = WeakSet()
_of_the_parent: Final[list[object]] = []
"""Kept for ever: to close such a connection would end the parent's session."""


def _forget_all() -> None:
    for each in list(_everywhere):
        each.forget()


os.register_at_fork(after_in_child=_forget_all)
