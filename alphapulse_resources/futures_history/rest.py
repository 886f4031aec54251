"""The past of a venue's futures over REST, in pages that are answered whole.

A venue may send less than it was asked for: its limit of rows, a lowered one, a fault. What it leaves out is
not what it does not have. So a window is asked for until an answer is empty or its last row is so near to the
end that none can follow; only then what was not told counts as not there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_resources.venues.futures_api import Question
from alphapulse_resources.venues.futures_past import Asked, PastAnswer, PastSeries
from alphapulse_resources.venues.gateway import Response
from alphapulse_resources.venues.model import ErrorKind, Fetch, Instrument, Page, Reject, VenueError

REST: Final = "rest"
INSTANT: Final = timedelta(milliseconds=1)
"""Venues' times and bounds are whole milliseconds."""
MOST_REQUESTS: Final = 500
"""Requests for one window: more are a venue that gives a row at a time (ours)."""

Send = Callable[[Question[PastAnswer], tuple[datetime, datetime]], Response[PastAnswer]]
"""Asks a question; the window is for the request log. Raises `VenueError`."""


@dataclass(slots=True)
class _Gathered:
    """What the answers for a window have brought so far."""

    frames: list[pl.DataFrame] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RestPast:
    """Pages of one series of one venue. `beside`: so much around a window is asked for too.

    The rows around a window come with its page: what a settlement's interval is its neighbours tell.
    """

    series: PastSeries
    send: Send
    contract: Callable[[Instrument], str]
    beside: timedelta = timedelta(0)

    @property
    def reach(self) -> timedelta | None:
        """How far back the venue keeps it; None: to the beginning."""
        return self.series.reach

    def pages(
        self, instrument: Instrument, start: datetime, end: datetime, now: datetime
    ) -> Iterator[Page[pl.DataFrame]]:
        """Pages over `[start, end)`, in time order; rows are sorted and may lie around the page's window.

        Raises `VenueError`, NOT_PUBLISHED for what is older than the venue keeps.
        """
        cursor = start
        while cursor < end:
            oldest = now - self.series.reach if self.series.reach else None
            if oldest is not None and cursor < oldest:
                raise VenueError(
                    ErrorKind.NOT_PUBLISHED,
                    f"{instrument} [{cursor:%Y-%m-%d %H:%M}, {end:%Y-%m-%d %H:%M}): over REST the venue "
                    f"keeps it from {oldest:%Y-%m-%d %H:%M} on",
                )
            last = min(cursor + self.series.window, end)
            first = cursor - self.beside if oldest is None else max(cursor - self.beside, oldest)
            found = self._gather(instrument, first, min(last + self.beside, now))
            rows = pl.concat(found.frames).sort("ts") if found.frames else pl.DataFrame()
            yield Page(REST, cursor, last, rows, found.rejects, found.fetches)
            cursor = last

    def _gather(self, instrument: Instrument, start: datetime, end: datetime) -> _Gathered:
        """All that the venue has in `[start, end)`."""
        found = _Gathered()
        asked = Asked(instrument.venue_symbol, self.contract(instrument), start, end - INSTANT)
        try:
            for _ in range(MOST_REQUESTS):
                response = self.send(self.series.ask(asked), (asked.first, asked.last + INSTANT))
                answer = response.value
                found.frames.append(answer.rows)
                found.rejects.extend(answer.rejects)
                found.fetches.extend(response.fetches)
                following = self._following(instrument, asked, answer)
                if following is None:
                    return found
                asked = following
        except VenueError as error:
            error.fetches = [*found.fetches, *error.fetches]
            raise
        raise VenueError(
            ErrorKind.BAD_BODY,
            f"{instrument} [{start:%Y-%m-%d %H:%M}, {end:%Y-%m-%d %H:%M}): more than "
            f"{MOST_REQUESTS} answers and no end",
            fetches=found.fetches,
        )

    def _following(self, instrument: Instrument, asked: Asked, answer: PastAnswer) -> Asked | None:
        """What is to be asked next; None: everything was answered."""
        times = answer.rows["ts"].drop_nulls()
        if times.is_empty():
            if answer.rejects:
                raise _cut_short(instrument, asked, "holds no row that can be read")
            return None
        low, high = times.min(), times.max()
        assert isinstance(low, datetime)
        assert isinstance(high, datetime)
        if self.series.newest_first:
            if answer.cursor is not None and answer.cursor != asked.cursor:
                return asked._replace(cursor=answer.cursor)
            last = low - INSTANT - _HALF_MINUTE
            if low - self.series.step < asked.first:
                return None
            following = asked._replace(last=last, cursor=None)
            if last >= asked.last:
                raise _cut_short(instrument, asked, "is of another time than was asked for")
            return following
        if high + self.series.step > asked.last:
            return None
        first = high + INSTANT + _HALF_MINUTE
        if first <= asked.first:
            raise _cut_short(instrument, asked, "is of another time than was asked for")
        return asked._replace(first=first)


@dataclass(frozen=True, slots=True)
class RestParts:
    """Pages of several series of one venue that are one data set: a page has the rows of all of them.

    Their windows are of one length. Where one series fails the page does, and is asked for again.
    """

    parts: Sequence[RestPast]

    @property
    def reach(self) -> timedelta | None:
        """How far back all of them are kept; None: to the beginning."""
        return min((each.reach for each in self.parts if each.reach is not None), default=None)

    def pages(
        self, instrument: Instrument, start: datetime, end: datetime, now: datetime
    ) -> Iterator[Page[pl.DataFrame]]:
        """Pages over `[start, end)`, in time order. Raises `VenueError`, as a single series does."""
        each = (part.pages(instrument, start, end, now) for part in self.parts)
        for pages in zip(*each, strict=True):
            yield Page(
                REST,
                pages[0].start,
                pages[0].end,
                pl.concat(page.rows for page in pages).sort("ts"),
                [reject for page in pages for reject in page.rejects],
                [fetch for page in pages for fetch in page.fetches],
            )


_HALF_MINUTE: Final = timedelta(seconds=30)
"""Settlements are rounded to the minute: the venue's own time of one lies within half of it."""


def _cut_short(instrument: Instrument, asked: Asked, what: str) -> VenueError:
    return VenueError(
        ErrorKind.BAD_BODY,
        f"{instrument} [{asked.first:%Y-%m-%d %H:%M}, {asked.last:%Y-%m-%d %H:%M}]: an answer {what}. What "
        "came before is kept; run the window again; if it stays so, report it.",
    )
