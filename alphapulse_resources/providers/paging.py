"""Pages of a provider's series, each taken for as much as it answers. Pure: `ask` is given.

A provider may send less than it was asked for: a limit of rows, a lowered one, a fault. What it leaves out is
not what it does not have. So a page ends where its answer ends (`Page.end`), and the next request goes on
there. One that brings nothing further is an error, never the end.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from alphapulse_resources.venues.model import ErrorKind, Fetch, Page, VenueError

P = TypeVar("P", bound=Page[Any])


class Turn(NamedTuple):
    """What one request is to answer for: `[start, end)`.

    With a cursor it goes on with the question that was asked from `asked_from` on, to the same end.
    """

    start: datetime
    end: datetime
    asked_from: datetime
    cursor: str | None = None


Ask = Callable[[Turn], P]
"""Sends one request; gives its page, or raises `VenueError`."""


def pages(ask: Ask[P], start: datetime, end: datetime, size: timedelta, about: object) -> Iterator[P]:
    """Pages in time order that together are `[start, end)`; `size` is how much one question asks for.

    Raises `VenueError` BAD_BODY, with the requests it took, where an answer does not get any further; the
    pages before it stay valid.
    """
    reached = start
    while reached < end:
        last = min(reached + size, end)
        turn = Turn(reached, last, asked_from=reached)
        while reached < last:
            page = ask(turn)
            if page.start != reached or not reached < page.end <= last:
                raise _cut_short(page, turn, about)
            yield page
            reached = page.end
            asked_from = reached if page.cursor is None else turn.asked_from
            turn = Turn(reached, last, asked_from, page.cursor)


def _cut_short(page: Page[Any], turn: Turn, about: object) -> VenueError:
    fetches: list[Fetch] = list(page.fetches)
    return VenueError(
        ErrorKind.BAD_BODY,
        f"{about} [{turn.start:%Y-%m-%d %H:%M}, {turn.end:%Y-%m-%d %H:%M}) from {page.source}: the answer "
        f"was cut short at {page.end:%Y-%m-%d %H:%M} and nothing further came. What came before is kept; run "
        "the window again; if it stays so, report it.",
        fetches=fetches,
    )
