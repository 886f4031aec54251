"""Ways to the rows of a data set, tried one after the other. Of any data set, and of whoever is asked."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from alphapulse_resources.venues.model import ErrorKind, Fetch, Page, VenueError

log = logging.getLogger(__name__)

S_contra = TypeVar("S_contra", contravariant=True)
P_co = TypeVar("P_co", bound=Page[Any], covariant=True)
S = TypeVar("S")
P = TypeVar("P", bound=Page[Any])


class Source(Protocol[S_contra, P_co]):
    """One way to the rows about a subject: pages in time order, or a `VenueError` at some point."""

    def pages(self, subject: S_contra, start: datetime, end: datetime, now: datetime, /) -> Iterator[P_co]:
        """Pages over `[start, end)` without overlap, from `start` on; ends early where it is not over yet."""
        ...


def pages_in_turn(
    sources: Mapping[str, Source[S, P]],
    order: Sequence[str],
    subject: S,
    window: tuple[datetime, datetime],
    now: datetime,
    what: str,
) -> Iterator[P]:
    """Pages over a window from the first of these sources: where one fails the next one goes on from there.

    Requests that failed before a page came are among its fetches. `what` names the rows in the message of the
    `VenueError` that is raised when all have failed.
    """
    cursor, end = window
    causes: list[tuple[str, VenueError]] = []
    failed: list[Fetch] = []
    for source in order:
        try:
            for page in sources[source].pages(subject, cursor, end, now):
                yield replace(page, fetches=[*failed, *page.fetches])
                cursor, failed = page.end, []
            return
        except VenueError as error:
            log.info("%s: source %s failed: %s", subject, source, error)
            causes.append((source, error))
            failed.extend(error.fetches)
    raise _all_failed(subject, (cursor, end), causes, failed, what)


def _all_failed(
    subject: object,
    window: tuple[datetime, datetime],
    causes: list[tuple[str, VenueError]],
    fetches: list[Fetch],
    what: str,
) -> VenueError:
    """One error for a stretch that no source gave; its kind is the first that is not a missing archive."""
    kinds = [error.kind for _, error in causes]
    kind = next((kind for kind in kinds if kind is not ErrorKind.NOT_PUBLISHED), ErrorKind.NOT_PUBLISHED)
    waits = [error.retry_after for _, error in causes if error.retry_after is not None]
    stretch = f"[{window[0]:%Y-%m-%d %H:%M}, {window[1]:%Y-%m-%d %H:%M})"
    told = "; ".join(f"{source} ({error.kind}): {error}" for source, error in causes)
    message = f"{subject} {stretch}: no source gave {what}. {told}"
    return VenueError(kind, message, retry_after=min(waits, default=None), fetches=fetches)
