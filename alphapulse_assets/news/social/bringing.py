"""What answers about posts become: new rows, counts of known ones, and removals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from alphapulse_assets.datasets.collecting import Collected, Rows
from alphapulse_assets.news.model import SOCIAL_POSTS
from alphapulse_assets.news.social import rows as made
from alphapulse_assets.news.social.model import SOCIAL_REMOVALS
from alphapulse_assets.news.social.placing import placed
from alphapulse_assets.news.social.stored import author_salt, note_checked, stored_posts
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.social_model import Fate, Post
from alphapulse_resources.venues.model import Fetch, Reject

POSTS: Final = SOCIAL_POSTS.name
REMOVALS: Final = SOCIAL_REMOVALS.name


@dataclass(slots=True)
class Brought:
    """What the answers of one round held, and what is missing, with the reason."""

    provider: str
    posts: list[Post] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)

    def collected(self, database: Database, at: datetime, fetches: Sequence[Fetch]) -> Collected:
        """As the engine stores it; `at` is when the last answer was there."""
        if not self.posts and not self.rejects:
            return Collected((), fetches, self.missing)
        stored = stored_posts(database, self.provider, [post.post_id for post in self.posts])
        new = made.new_rows(self.provider, self.posts, stored, at, author_salt(database))
        again = made.seen_again(self.provider, self.posts, stored)
        gone = made.removal_rows(self.provider, made.gone_of(self.posts), stored, at)
        rows = [
            Rows(REMOVALS, SOCIAL_REMOVALS, gone),  # first, as all writers of both lock them in this order
            Rows(POSTS, SOCIAL_POSTS, placed(database, new, at), self.rejects),
            Rows(POSTS, SOCIAL_POSTS, again),
        ]
        return Collected(rows, fetches, self.missing)


def removed(database: Database, provider: str, fate: Fate, asked: Sequence[str], at: datetime) -> Rows:
    """Removals of posts that were asked for again; those that are there are noted as such."""
    stored = stored_posts(database, provider, asked)
    gone = made.removal_rows(provider, fate.gone, stored, at)
    there = [*fate.there, *(post_id for post_id, why in fate.gone.items() if why == "author")]
    note_checked(database, provider, there, at)
    return Rows(REMOVALS, SOCIAL_REMOVALS, gone)
