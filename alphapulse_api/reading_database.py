"""Queries in threads, whose askers may leave: then the query ends, and its thread is free."""

import asyncio
import functools
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import polars as pl

from alphapulse_resources.database.client import Database

log = logging.getLogger(__name__)
Result = TypeVar("Result")


class ReadingDatabase:
    """A database that is only read, by so many threads."""

    def __init__(self, database: Database, threads: int) -> None:
        self.database = database
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="read")

    async def run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Work that asks the database, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, functools.partial(work, *arguments)
        )

    async def read(self, query: str, parameters: Sequence[Any]) -> pl.DataFrame:
        """The rows of a query; it is ended where this is cancelled."""
        running = _Running()
        work = functools.partial(self.database.read, query, parameters, running.started)
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await future
        except asyncio.CancelledError:
            # in a thread of its own: a server that is gone may take its time, and all of ours may be in use
            await asyncio.shield(asyncio.to_thread(running.end))
            raise

    def close(self) -> None:
        """Let the threads go, and the connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.database.close()


class _Running:
    """A query that may be ended."""

    def __init__(self) -> None:
        self._cancel: Callable[[], None] | None = None
        self._over = False

    def started(self, cancel: Callable[[], None]) -> None:
        if self._over:
            raise asyncio.CancelledError
        self._cancel = cancel

    def end(self) -> None:
        self._over = True
        if self._cancel is not None:
            with suppress(Exception):  # it was over already
                self._cancel()
