"""Posts that a search at X finds, within a day's budget, and whether known ones are still there.

X is paid for each post that it answers with. So a search asks only for what is newer than the newest that is
stored, as much as the budget has by the time of day, and never for the same post again.
"""

from datetime import datetime, timedelta
from typing import Final

from alphapulse_assets.datasets.collecting import Collected, Rows, Sources
from alphapulse_assets.datasets.round_clock import RoundClock
from alphapulse_assets.news.social.bringing import Brought, removed
from alphapulse_assets.news.social.budget import Purpose, Purse, share_of
from alphapulse_assets.news.social.stored import due, newest_id
from alphapulse_resources.providers.x import NAME
from alphapulse_resources.providers.x.client import LEAST, MOST, XClient
from alphapulse_resources.venues.model import ErrorKind, VenueError

REACH: Final = timedelta(days=6, hours=12)
"""How old the newest stored post may be for a search to begin there (documented: 7 days)."""
FIRST: Final = timedelta(hours=1)
"""How far back the first search goes (ours)."""
MOST_PAGES: Final = 5
"""Pages of one round (ours)."""
NOT_WITHIN: Final = timedelta(hours=24)
"""How soon a post is not asked for again (ours)."""
_MAYBE_PAID: Final = frozenset({ErrorKind.TIMEOUT, ErrorKind.BAD_BODY})
"""Failures after which posts may have been charged: what was set aside stays spent."""


def collect(sources: Sources, now: datetime) -> Collected:
    """What the search finds that is newer than what is stored, the newest first."""
    clock, client, query = (
        RoundClock(now),
        XClient(sources.settings, sources.gateway),
        sources.settings.news.x_query,
    )
    purse = _purse(sources, "search", now)
    since = newest_id(sources.database, NAME, query, now - REACH)
    start = None if since else now - FIRST
    found, cursor = Brought(NAME), None
    for _ in range(MOST_PAGES):
        wanted = purse.take(MOST, LEAST)
        if not wanted:
            found.missing["search"] = purse.empty(LEAST)
            break
        try:
            page = client.search(query, now, wanted, since_id=since, start_time=start, next_token=cursor)
        except VenueError as error:
            client.fetches += error.fetches
            purse.give_back(0 if error.kind in _MAYBE_PAID else wanted)
            if not found.posts:
                raise VenueError(
                    error.kind, str(error), retry_after=error.retry_after, fetches=client.fetches
                ) from error
            found.missing["search"] = str(error)
            break
        purse.give_back(wanted - min(wanted, len(page.posts) + len(page.rejects)))
        found.posts += page.posts
        found.rejects += page.rejects
        cursor = page.cursor
        if cursor is None or since is None:  # the first search takes the newest alone
            break
    else:
        found.missing["search"] = "there were more new posts than one round asks for: the older are missing"
    return found.collected(sources.database, clock(), client.fetches)


def look_again(sources: Sources, now: datetime) -> Collected:
    """Whether posts whose texts are kept are still there, as far as the budget for that goes."""
    clock, client = RoundClock(now), XClient(sources.settings, sources.gateway)
    wanted = due(sources.database, NAME, now, NOT_WITHIN, MOST)
    if not wanted:
        return Collected()
    purse = _purse(sources, "lookup", now)
    ids = wanted[: purse.take(len(wanted), 1)]
    if not ids:
        return Collected((), (), {"posts": purse.empty(1)})
    try:
        fate = client.fate(ids, now)
    except VenueError as error:
        purse.give_back(0 if error.kind in _MAYBE_PAID else len(ids))
        raise
    purse.give_back(len(ids) - len(fate.there))
    rows: list[Rows] = [removed(sources.database, NAME, fate, ids, clock())]
    return Collected(rows, client.fetches)


def _purse(sources: Sources, purpose: Purpose, now: datetime) -> Purse:
    budget = share_of(sources.settings.news.x_posts_a_day, purpose)
    return Purse(sources.database, NAME, purpose, budget, now)
