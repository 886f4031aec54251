"""What X's answers mean. Pure; a body that is not as documented raises KeyError, TypeError, ValueError.

Documented: docs.x.com/x-api/posts/recent-search and docs.x.com/x-api/posts/lookup-by-ids (`errors` names
posts that are not to be had, with status 200).
"""

import html
from collections.abc import Mapping
from typing import Any, Final

from alphapulse_resources.providers.social_model import Fate, Post, Posts, Reason, count, moment, unreadable
from alphapulse_resources.venues.model import Reject

FIELDS: Final = ("author_id", "created_at", "note_tweet", "public_metrics")
"""Fields that are asked for beside id and text."""
NOT_FOUND: Final = "resource-not-found"
NOT_ALLOWED: Final = "not-authorized-for-resource"


def read_search(body: Any, query: str) -> Posts:
    """The posts that a search found, the newest first."""
    meta = body["meta"]
    data = body.get("data", [])
    if not isinstance(data, list) or (not data and meta.get("result_count", 0)):
        raise ValueError("no list of posts")
    posts: list[Post] = []
    rejects: list[Reject] = []
    for told in data:
        try:
            posts.append(_post(told, query))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            rejects.append(unreadable(told.get("id") if isinstance(told, dict) else None, error))
    return Posts(posts, rejects, meta.get("next_token"))


def read_fate(body: Any) -> Fate:
    """What became of posts: those with data are there, those with an error are gone. Others: no word.

    Raises ValueError for an answer without either.
    """
    if not isinstance(body.get("data", []), list) or not ("data" in body or "errors" in body):
        raise ValueError("neither posts nor errors")
    there = frozenset(str(each["id"]) for each in body.get("data", []))
    gone: dict[str, Reason] = {}
    for error in body.get("errors", []):
        kind = str(error.get("type", ""))
        if error.get("resource_id") and kind.endswith(NOT_FOUND):
            gone[str(error["resource_id"])] = "deleted"
        elif error.get("resource_id") and kind.endswith(NOT_ALLOWED):
            gone[str(error["resource_id"])] = "unavailable"
    return Fate(there, gone)


def _post(told: Mapping[str, Any], query: str) -> Post:
    post_id = told["id"]
    if not isinstance(post_id, str) or not post_id.isdecimal():
        raise ValueError("a post without id")
    text = (told.get("note_tweet") or {}).get("text") or told["text"]
    if not isinstance(text, str):
        raise TypeError("a text that is none")
    metrics = told.get("public_metrics") or {}
    author = told.get("author_id")
    return Post(
        post_id=post_id,
        source=query,
        url=f"https://x.com/i/web/status/{post_id}",  # the address without its author's name
        published=moment(told.get("created_at")) if isinstance(told.get("created_at"), str) else None,
        title=None,
        body=html.unescape(text) or None,
        author=str(author) if author else None,
        likes=count(metrics.get("like_count")),
        replies=count(metrics.get("reply_count")),
    )
