"""Rows of posts and of removals out of what a network told. Pure: what is stored already is given."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from alphapulse_assets.news.model import TEXTS_VERSION, text_id
from alphapulse_assets.news.social.model import POST_SCHEMA, REMOVAL_SCHEMA
from alphapulse_assets.news.social.privacy import author_hash, without_names
from alphapulse_resources.providers.social_model import Post

FIRST: Final = datetime(2009, 1, 3, tzinfo=UTC)
"""Nothing was written of crypto before the first block: older times are defaults, such as 1970."""
TAKEN_DOWN: Final = ("deleted", "removed", "unavailable")
"""Reasons for which nothing of a post is kept."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of a post, as far as a later sighting needs it."""

    ts: datetime
    source: str
    cluster_id: int
    logic_version: int
    known_at: datetime
    has_author: bool
    is_deleted: bool


def new_rows(
    provider: str, posts: Iterable[Post], stored: Mapping[int, Stored], at: datetime, salt: bytes
) -> pl.DataFrame:
    """Rows (POST_SCHEMA) of posts that are not stored, without language and story.

    Names are taken out here. A post that was taken down before it was first seen brings no row. One that an
    answer holds twice counts as it came first.
    """
    found: dict[int, dict[str, Any]] = {}
    for post in posts:
        number = text_id(provider, post.post_id)
        if number in stored or number in found or post.gone in TAKEN_DOWN:
            continue
        published, note = believed(post.published, at)
        found[number] = {
            "text_id": number,
            "provider": provider,
            "source": post.source,
            "post_id": post.post_id,
            "ts": at,
            "url": post.url,
            "title": without_names(post.title),
            "body": without_names(post.body),
            "published": published,
            "published_note": note,
            "author_hash": author_hash(salt, provider, post.author) if post.author else None,
            "likes": post.likes,
            "replies": post.replies,
            "cluster_id": number,
            "logic_version": TEXTS_VERSION,
            "known_at": at,
        }
    rows = sorted(found.values(), key=lambda row: (row["published"] or at, row["text_id"]))
    return pl.DataFrame(rows, schema=POST_SCHEMA, orient="row")


def seen_again(provider: str, posts: Iterable[Post], stored: Mapping[int, Stored]) -> pl.DataFrame:
    """Rows (POST_SCHEMA) of posts that are stored: with what is counted now, and nothing else that is new.

    The first text stays, whoever edits it: that is what was linked and scored, and what was known then.
    """
    found: dict[int, dict[str, Any]] = {}
    for post in posts:
        number = text_id(provider, post.post_id)
        known = stored.get(number)
        if known is None or known.is_deleted or number in found:
            continue
        found[number] = {
            "text_id": number,
            "provider": provider,
            "source": known.source,
            "post_id": post.post_id,
            "ts": known.ts,
            "likes": post.likes,
            "replies": post.replies,
            "cluster_id": known.cluster_id,
            "logic_version": known.logic_version,
            "known_at": known.known_at,
        }
    return pl.DataFrame(list(found.values()), schema=POST_SCHEMA, orient="row")


def removal_rows(
    provider: str, gone: Mapping[str, str], stored: Mapping[int, Stored], at: datetime
) -> pl.DataFrame:
    """Rows (REMOVAL_SCHEMA) of posts that are stored and were taken down; `gone` is why, by the post's id."""
    found = []
    for post_id, reason in gone.items():
        number = text_id(provider, post_id)
        known = stored.get(number)
        if known is None or known.is_deleted or (reason == "author" and not known.has_author):
            continue
        found.append((number, reason, provider, at, at))
    return pl.DataFrame(found, schema=REMOVAL_SCHEMA, orient="row")


def gone_of(posts: Sequence[Post]) -> dict[str, str]:
    """Why posts of an answer are not to be kept, by their ids."""
    return {post.post_id: post.gone for post in posts if post.gone is not None}


def believed(told: datetime | None, at: datetime) -> tuple[datetime | None, str | None]:
    """When a post was written, or None and why that is not believed."""
    if told is None:
        return None, "not told"
    if told > at:
        return None, f"after it was seen: {told:%Y-%m-%d %H:%M:%S}"
    if told < FIRST:
        return None, f"before there was anything to tell of: {told:%Y-%m-%d}"
    return told, None
