"""Posts of subreddits: the newest ones every few minutes, and whether known ones are still there."""

from datetime import datetime, timedelta
from typing import Final

from alphapulse_assets.datasets.collecting import Collected, Rows, Sources
from alphapulse_assets.datasets.round_clock import RoundClock
from alphapulse_assets.news.social.bringing import Brought, removed
from alphapulse_assets.news.social.stored import due, is_known_source, note_checked, stored_posts
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.reddit import NAME
from alphapulse_resources.providers.reddit.client import PAGE, RedditClient
from alphapulse_resources.providers.social_model import Posts
from alphapulse_resources.venues.model import ErrorKind, VenueError

MOST_PAGES: Final = 10
"""Pages of a subreddit in one round: as far back as Reddit lists posts (documented: 1,000)."""
LOOK_BACK: Final = timedelta(hours=24)
"""How far back a subreddit is read that was not read for a while (ours)."""
LOOKUPS: Final = 20
"""Lookups of a round, of 100 posts each (ours): a fifth of what Reddit lets through in a minute."""
NOT_WITHIN: Final = timedelta(hours=1)
"""How soon a post is not asked for again (ours)."""
_OF_ALL: Final = frozenset({ErrorKind.BAD_KEY, ErrorKind.GEO_BLOCKED, ErrorKind.BANNED})
"""Errors that are not about one subreddit: the others would say the same."""


def subreddits(told: str) -> list[str]:
    """Names of subreddits out of the setting, each once, with or without `r/`."""
    names = (each.strip().strip("/").removeprefix("r/") for each in told.split(","))
    return list(dict.fromkeys(name for name in names if name))


def collect(sources: Sources, now: datetime) -> Collected:
    """The newest posts of all subreddits; one that fails stops no other."""
    clock, client = RoundClock(now), RedditClient(sources.settings, sources.gateway)
    found, failed = Brought(NAME), None
    for name in subreddits(sources.settings.news.subreddits):
        try:
            _newest(client, sources.database, name, now, found)
        except VenueError as error:
            client.fetches += error.fetches
            found.missing[f"r/{name}"], failed = str(error), error
            if error.kind in _OF_ALL:
                break
    if failed is not None and not found.posts:
        raise VenueError(failed.kind, str(failed), retry_after=failed.retry_after, fetches=client.fetches)
    return found.collected(sources.database, clock(), client.fetches)


def look_again(sources: Sources, now: datetime) -> Collected:
    """Whether posts whose texts are kept are still there; those that are not are emptied."""
    clock, client = RoundClock(now), RedditClient(sources.settings, sources.gateway)
    wanted = due(sources.database, NAME, now, NOT_WITHIN, LOOKUPS * PAGE)
    rows: list[Rows] = []
    missing: dict[str, str] = {}
    failed: VenueError | None = None
    for start in range(0, len(wanted), PAGE):
        ids = wanted[start : start + PAGE]
        try:
            fate = client.fate(ids, now)
        except VenueError as error:
            client.fetches += error.fetches
            missing[f"posts {ids[0]} to {ids[-1]}"], failed = str(error), error
            if error.kind is not ErrorKind.BAD_BODY:
                break
            note_checked(sources.database, NAME, ids, clock())  # so that they stand in nobody's way
        else:
            rows.append(removed(sources.database, NAME, fate, ids, clock()))
    if failed is not None and not rows:
        raise VenueError(failed.kind, str(failed), retry_after=failed.retry_after, fetches=client.fetches)
    return Collected(rows, client.fetches, missing)


def _newest(client: RedditClient, database: Database, name: str, now: datetime, found: Brought) -> None:
    """Pages back to a post that is known; of a subreddit that never was read, the first page."""
    is_known, cursor = is_known_source(database, NAME, name), None
    for _ in range(MOST_PAGES):
        page = client.newest(name, now, cursor)
        found.posts += page.posts
        found.rejects += page.rejects
        cursor = page.cursor
        if cursor is None or not is_known or _is_enough(database, page, now):
            return
    found.missing[f"r/{name}"] = "there were more new posts than Reddit lists: those before them are missing"


def _is_enough(database: Database, page: Posts, now: datetime) -> bool:
    """Whether a page reaches back to what is stored, or as far as is read at all."""
    is_old = any(post.published is not None and post.published < now - LOOK_BACK for post in page.posts)
    return is_old or bool(stored_posts(database, NAME, [post.post_id for post in page.posts]))
