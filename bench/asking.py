"""Asking a database the same thing again and again: milliseconds of each time."""

from time import perf_counter
from typing import Any, Final

from alphapulse_resources.database.client import Database
from bench.figures import Bar, Figure
from bench.measure import BenchmarkError

ROUNDS: Final = 11


def asked(
    database: Database, name: str, query: str, bar: Bar | None, parameters: tuple[Any, ...] = ()
) -> list[Figure]:
    """Milliseconds of a question that has been asked once before, and how many rows it has."""
    rows = database.read(query, parameters).height
    if not rows:
        raise BenchmarkError(f"{name}: no rows, the time means nothing")
    times = []
    for _ in range(ROUNDS):
        started = perf_counter()
        found = database.read(query, parameters).height
        times.append((perf_counter() - started) * 1_000)
        if found != rows:
            raise BenchmarkError(f"{name}: {found} rows, before {rows}")
    return [Figure(name, "ms", tuple(times), bar=bar), Figure(f"{name}: rows", "rows", (rows,))]
