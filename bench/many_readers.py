"""Four reads at once, beside four one after the other: what a pool of connections is worth.

Ours is four threads on one `Database`; beside it is the same work in one thread. What waits in the server
(half a second, as a slow query would) should take the time of one, a quarter. A read of 100,000 rows needs
processors too, and rows as Python objects one at a time: that is told without a bar.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any, Final

from alphapulse_resources.database.client import Database
from bench.figures import Bar, Demand, Figure
from bench.measure import BenchmarkError
from bench.servers import Server
from tests.databases import fresh_database

ROUNDS: Final = 5
READERS: Final = 4
ROWS: Final = 100_000
_NEARLY_FOUR: Final = Bar(Demand.RATIO_AT_LEAST, 3.0)
_WAITING: Final = "SELECT pg_sleep(0.5)::text AS slept"
_LARGE: Final = (
    "SELECT n, n * 1.5::float8 AS value, now() + n * INTERVAL '1 minute' AS ts"
    f" FROM generate_series(1, {ROWS}) AS s (n)"
)
_STATEMENT: Final = "SELECT 1 AS one"


def run(server: Server, rounds: int = ROUNDS) -> list[Figure]:
    """Milliseconds of four reads on one server, at once and in turn, and of one small statement."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        ways: dict[str, Callable[[str], int]] = {
            "Database.read": lambda query: database.read(query).height,
            "Database.rows": lambda query: len(database.rows(query)),
        }
        try:
            figures = [
                _four(
                    f"four of {what} by {name}, {server.name}", lambda ask=ask, q=query: ask(q), bar, rounds
                )
                for name, ask in ways.items()
                for what, query, bar in (("0.5 s", _WAITING, _NEARLY_FOUR), (f"{ROWS:,} rows", _LARGE, None))
            ]
            return [*figures, _small(database, server, rounds)]
        finally:
            database.close()


def _four(name: str, ask: Callable[[], int], bar: Bar | None, rounds: int) -> Figure:
    ours, theirs = [], []
    for number in range(rounds + 1):  # the first one connects
        at_once = _milliseconds(lambda: _together(ask))
        in_turn = _milliseconds(lambda: [ask() for _ in range(READERS)])
        if number:
            ours.append(at_once)
            theirs.append(in_turn)
    return Figure(name, "ms", tuple(ours), "in turn", tuple(theirs), bar)


def _together(ask: Callable[[], int]) -> None:
    with ThreadPoolExecutor(READERS) as threads:
        found = {each.result() for each in [threads.submit(ask) for _ in range(READERS)]}
    if found - {1, ROWS}:
        raise BenchmarkError(f"reads found {found} rows")


def _small(database: Database, server: Server, rounds: int) -> Figure:
    """A statement as the platform asks them all the time, beside one that logs in first."""

    def with_log_in() -> Any:
        with database.connect() as connection:
            return connection.execute(_STATEMENT).fetchall()

    ours = tuple(_milliseconds(lambda: database.rows(_STATEMENT)) for _ in range(10 * rounds))
    theirs = tuple(_milliseconds(with_log_in) for _ in range(10 * rounds))
    return Figure(f"a small statement, {server.name}", "ms", ours, "a connection each", theirs)


def _milliseconds(work: Callable[[], Any]) -> float:
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1000
