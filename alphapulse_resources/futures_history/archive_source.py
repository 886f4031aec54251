"""The past of Binance's futures from its bulk archives: verified files, in pages of a day or a month.

A day's file of metrics tells the moments from 00:05 to 00:00 of the next day, whatever its labels mean
(`labels`): midnight is in the file of the day before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_resources.frames import floor_time
from alphapulse_resources.futures_history.archives import HOST, funding_path, metrics_path, read_archive
from alphapulse_resources.futures_history.files.options import FUNDING, Kind
from alphapulse_resources.futures_history.rows import Told
from alphapulse_resources.venues.archive import unzip
from alphapulse_resources.venues.archive_cache import Archive, ArchiveCache
from alphapulse_resources.venues.gateway import Request
from alphapulse_resources.venues.model import ErrorKind, Fetch, Instrument, Page, VenueError
from alphapulse_resources.venues.plan import ARCHIVE, DAY, next_month
from alphapulse_resources.venues.registry import VENUES

PUBLISHED_AFTER: Final = timedelta(days=3)
"""A file that is not there so long after its time is over will not come: Binance leaves days out (its issues
258, 287); before that it may be late (ours)."""

File = tuple[Told | None, list[Fetch]]
"""What a file told; None: it does not exist."""


@dataclass(frozen=True, slots=True)
class ArchivePast:
    """Pages of one kind out of the archives below `prefix` (data/futures/um).

    `kind` says in which files it is; `read`, if given, makes its rows of one of them, of a symbol.
    """

    kind: Kind
    prefix: str
    cache: ArchiveCache
    read: Callable[[bytes, str], Told] | None = None

    def pages(
        self, instrument: Instrument, start: datetime, end: datetime, now: datetime
    ) -> Iterator[Page[pl.DataFrame]]:
        """Pages over `[start, end)`; a file that never was published is a page without rows.

        Rows may lie around the page's window. Raises `VenueError` NOT_PUBLISHED for what may still come.
        """
        return (
            self._months(instrument, start, end, now)
            if self.kind == FUNDING
            else self._days(instrument, start, end, now)
        )

    def _months(
        self, instrument: Instrument, start: datetime, end: datetime, now: datetime
    ) -> Iterator[Page[pl.DataFrame]]:
        cursor = start
        while cursor < end:
            month = floor_time(cursor, "1d").replace(day=1)
            told, fetches = self._file(instrument, month, next_month(month), funding_path, now)
            last = min(next_month(month), end)
            yield _page(cursor, last, [told], fetches)
            cursor = last

    def _days(
        self, instrument: Instrument, start: datetime, end: datetime, now: datetime
    ) -> Iterator[Page[pl.DataFrame]]:
        cursor, before = start, None
        while cursor < end:
            day = floor_time(cursor, "1d")
            fetches: list[Fetch] = []
            if before is None and cursor == day:
                before, fetches = self._file(instrument, day - DAY, day, metrics_path, now)
            told, more = self._file(instrument, day, day + DAY, metrics_path, now)
            last = min(day + DAY, end)
            yield _page(cursor, last, [before, told], [*fetches, *more])
            cursor, before = last, told

    def _file(
        self,
        instrument: Instrument,
        start: datetime,
        end: datetime,
        path: Callable[[str, datetime, str], str],
        now: datetime,
    ) -> File:
        """What the file of a time told. Raises `VenueError`."""
        if end > now:
            raise VenueError(ErrorKind.NOT_PUBLISHED, f"{start:%Y-%m-%d} to {end:%Y-%m-%d} is not over yet")
        question = self._question(instrument, start, end, path(self.prefix, start, instrument.venue_symbol))
        checksum = replace(question, path=question.path + ".CHECKSUM")
        try:
            archive = self.cache.get(question, checksum)
        except VenueError as error:
            if error.kind is ErrorKind.NOT_PUBLISHED and now - end >= PUBLISHED_AFTER:
                return None, error.fetches
            raise
        return self._read(instrument, question, start, archive)

    def _read(self, instrument: Instrument, question: Request, start: datetime, archive: Archive) -> File:
        try:
            content, symbol = unzip(archive.content), instrument.venue_symbol
            if self.read is not None:
                told = self.read(content, symbol)
            else:
                told = read_archive(content, self.kind, instrument.venue, symbol, start)
        except VenueError as error:
            self.cache.forget(question)
            message = f"{question}: {question.path}: {error}. Another source is used, where there is one."
            raise VenueError(error.kind, message, fetches=archive.fetches) from error
        fetches = [replace(each, rows=told.rows.height) for each in archive.fetches[-1:]]
        return told, [*archive.fetches[:-1], *fetches]

    def _question(self, instrument: Instrument, start: datetime, end: datetime, path: str) -> Request:
        return Request(
            source=ARCHIVE,
            provider=instrument.venue,
            subject=f"{instrument} {self.kind}",
            host=HOST,
            path=path,
            start=start,
            end=end,
            buckets=(VENUES[instrument.venue].rest.buckets[ARCHIVE],),
            weight=1,
        )


def _page(
    start: datetime, end: datetime, told: list[Told | None], fetches: list[Fetch]
) -> Page[pl.DataFrame]:
    there = [each for each in told if each is not None]
    rows = pl.concat(each.rows for each in there) if there else pl.DataFrame(schema=_EMPTY)
    rejects = [
        reject for each in there for reject in each.rejects if reject.ts is None or start <= reject.ts < end
    ]
    return Page(ARCHIVE, start, end, rows, rejects, fetches)


_EMPTY: Final = {"ts": pl.Datetime("us", "UTC")}
