"""What the database holds of posts: sightings, the key of authors, and what is due to be asked again."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from alphapulse_assets.news.model import SOCIAL_POSTS, text_id
from alphapulse_assets.news.social.rows import Stored
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.locks import lock_writers

SALT_BYTES: Final = 32


def stored_posts(database: Database, provider: str, post_ids: Iterable[str]) -> dict[int, Stored]:
    """What is stored of posts, by text id."""
    wanted = [text_id(provider, each) for each in post_ids]
    found = database.rows(statement("social/stored"), {"ids": wanted})
    return {row.pop("text_id"): Stored(**row) for row in found}


def author_salt(database: Database) -> bytes:
    """The key by which authors are hashed: one for a database, made at first need."""
    rows = database.rows(statement("social/salt"))
    if not rows:
        database.execute(statement("social/make_salt"), {"salt": secrets.token_bytes(SALT_BYTES)})
        rows = database.rows(statement("social/salt"))
    return bytes(rows[0]["salt"])


def newest_id(database: Database, provider: str, source: str, since: datetime) -> str | None:
    """The newest post's id of a source whose ids rise with time, of those first seen since a time."""
    rows = database.rows(
        statement("social/newest_id"), {"provider": provider, "source": source, "since": since}
    )
    return rows[0]["post_id"] if rows else None


def is_known_source(database: Database, provider: str, source: str) -> bool:
    """Whether posts of a source were ever stored."""
    wanted = {"provider": provider, "source": source}
    return bool(database.rows(statement("social/any_of_source"), wanted))


def due(database: Database, provider: str, now: datetime, not_within: timedelta, most: int) -> list[str]:
    """Ids of posts whose texts are kept and that were not asked for since a while, the longest first."""
    rows = database.rows(
        statement("social/due"), {"provider": provider, "before": now - not_within, "most": most}
    )
    return [row["post_id"] for row in rows]


def note_checked(database: Database, provider: str, post_ids: Iterable[str], at: datetime) -> None:
    """Posts were asked for again, and are still there."""
    ids = [text_id(provider, each) for each in post_ids]
    with database.transaction() as connection:
        lock_writers(connection, SOCIAL_POSTS.name, [0])
        connection.execute(statement("social/checked"), {"ids": ids, "at": at})
