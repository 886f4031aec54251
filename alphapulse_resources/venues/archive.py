"""Candles from bulk archives: a month or a day per file, verified, given out in pages of a day."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from alphapulse_resources.frames import floor_time
from alphapulse_resources.venues.archive_cache import Archive, ArchiveCache
from alphapulse_resources.venues.gateway import Request
from alphapulse_resources.venues.model import CandlePage, ErrorKind, Instrument, Reject, VenueError
from alphapulse_resources.venues.plan import ARCHIVE, DAY, next_month, wants_month
from alphapulse_resources.venues.registry import VENUES
from alphapulse_resources.venues.rows import ReadRows
from alphapulse_resources.venues.venue import Publisher


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One published file and the time `[start, end)` it is about."""

    period: str  # monthly or daily
    start: datetime
    end: datetime


class ArchiveSource:
    """Reads the month's file where that is worth it, else the days'; a missing month is tried by its days."""

    name = ARCHIVE

    def __init__(self, cache: ArchiveCache) -> None:
        self._cache = cache

    def pages(
        self, instrument: Instrument, start: datetime, end: datetime, now: datetime
    ) -> Iterator[CandlePage]:
        """Pages of at most a day over `[start, end)`.

        Raises `VenueError` where a file is missing or no use; the pages before it stay valid.
        """
        cursor, failed = start, []
        if wants_month(start, end, now):
            month_start = floor_time(start, "1d").replace(day=1)
            try:
                yield from self._read(
                    instrument, ArchiveFile("monthly", month_start, next_month(start)), start, end
                )
                return
            except VenueError as error:
                if error.kind is not ErrorKind.NOT_PUBLISHED:
                    raise
                failed = error.fetches
        while cursor < end:
            day = floor_time(cursor, "1d")
            try:
                if day + DAY > now:
                    raise VenueError(ErrorKind.NOT_PUBLISHED, f"{day:%Y-%m-%d} is not over yet")
                for page in self._read(
                    instrument, ArchiveFile("daily", day, day + DAY), cursor, min(day + DAY, end)
                ):
                    yield replace(page, fetches=[*failed, *page.fetches])
            except VenueError as error:
                error.fetches = [*failed, *error.fetches]
                raise
            cursor, failed = day + DAY, []

    def _read(
        self, instrument: Instrument, file: ArchiveFile, start: datetime, end: datetime
    ) -> Iterator[CandlePage]:
        question = self._question(instrument, file, start, end)
        checksum = replace(question, path=question.path + ".CHECKSUM")
        archive = self._cache.get(question, checksum)
        read = self._parse(instrument, question, file, archive)
        fetches = [
            replace(fetch, rows=read.candles.height + len(read.rejects)) for fetch in archive.fetches[-1:]
        ]
        fetches = [*archive.fetches[:-1], *fetches]
        cursor = start
        while cursor < end:
            last = min(floor_time(cursor, "1d") + DAY, end)
            inside = pl.col("ts").is_between(cursor, last, closed="left")
            candles, off_grid = read.candles.filter(inside), read.off_grid.filter(inside)
            mine = [reject for reject in read.rejects if cursor <= _time_in(file, reject, start) < last]
            yield CandlePage(ARCHIVE, cursor, last, candles, mine, fetches, off_grid=off_grid)
            cursor, fetches = last, []

    def _parse(
        self, instrument: Instrument, question: Request, file: ArchiveFile, archive: Archive
    ) -> ReadRows:
        try:
            return _publisher(instrument).read(unzip(archive.content), file.start, file.end)
        except VenueError as error:
            self._cache.forget(question)
            message = f"{question}: {question.path}: {error}. Another source is used."
            broken = [replace(f, error_kind=str(error.kind), error=str(error)) for f in archive.fetches[-1:]]
            raise VenueError(error.kind, message, fetches=[*archive.fetches[:-1], *broken]) from error

    def _question(self, instrument: Instrument, file: ArchiveFile, start: datetime, end: datetime) -> Request:
        venue, publisher = VENUES[instrument.venue].rest, _publisher(instrument)
        return Request(
            source=ARCHIVE,
            provider=instrument.venue,
            subject=str(instrument),
            host=publisher.host,
            path=publisher.path(file.period, file.start, instrument.venue_symbol),
            start=start,
            end=end,
            buckets=(venue.buckets[ARCHIVE],),
            weight=1,
        )


def _time_in(file: ArchiveFile, reject: Reject, start: datetime) -> datetime:
    """The time that says which page a reject goes with; without one of this file it goes with the first."""
    return reject.ts if reject.ts is not None and file.start <= reject.ts < file.end else start


def _publisher(instrument: Instrument) -> Publisher:
    publisher = VENUES[instrument.venue].rest.archive
    if publisher is None:
        raise ValueError(f"{instrument.venue} publishes no archives: leave out the source {ARCHIVE!r}")
    return publisher


def unzip(content: bytes) -> bytes:
    """The CSV in an archive; `VenueError` BAD_BODY when there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".csv"))
            return archive.read(name)
    except StopIteration:
        raise VenueError(ErrorKind.BAD_BODY, "the archive holds no CSV file") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise VenueError(ErrorKind.BAD_BODY, f"the archive cannot be unpacked: {error}") from error
