"""Pages of a provider's series, each taken for as much as it answers. Pure: `ask` is given.

A provider may send less than it was asked for: a limit of rows, a lowered one, a fault. What it leaves out is
not what it does not have. So a page ends where its answer ends (`Page.end`), and the next request goes on
there. One that brings nothing further is an error, never the end.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

from alphapulse_resources.venues.model import ErrorKind, Fetch, Page, VenueError

P = TypeVar("P", bound=Page[Any])

Ask = Callable[[datetime, datetime, str | None], P]
"""Sends one request for `[start, end)`, with the provider's cursor where the page before gave one."""


def pages(ask: Ask[P], start: datetime, end: datetime, size: timedelta, about: object) -> Iterator[P]:
    """Pages in time order that together are `[start, end)`; `size` is what a request is to ask for.

    Raises `VenueError` BAD_BODY, with the requests it took, where an answer does not get any further; the
    pages before it stay valid.
    """
    reached, cursor = start, None
    while reached < end:
        last = min(reached + size, end)
        page = ask(reached, last, cursor)
        if page.start != reached or not reached < page.end <= last:
            raise _cut_short(page, (reached, last), about)
        if page.cursor is not None and page.cursor == cursor:
            raise _cut_short(page, (page.end, last), about)
        yield page
        # a cursor goes on within what was asked for; beyond it a new question begins
        reached, cursor = page.end, page.cursor if page.end < last else None


def _cut_short(page: Page[Any], window: tuple[datetime, datetime], about: object) -> VenueError:
    first, last = window
    fetches: list[Fetch] = list(page.fetches)
    return VenueError(
        ErrorKind.BAD_BODY,
        f"{about} [{first:%Y-%m-%d %H:%M}, {last:%Y-%m-%d %H:%M}) from {page.source}: the answer was cut "
        f"short at {page.end:%Y-%m-%d %H:%M} and nothing further came. What came before is kept; run the "
        "window again; if it stays so, report it.",
        fetches=fetches,
    )
