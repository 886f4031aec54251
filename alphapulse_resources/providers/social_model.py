"""What a social network tells of posts. Pure vocabulary, no I/O.

`author` and the texts are as they came: they stay in memory until `news.social` has taken the names out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from alphapulse_resources.venues.model import Reject

Reason = Literal["deleted", "removed", "unavailable", "author"]
"""Why a post is not to be kept: see table `social_removals`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post. Its texts are None where it has none; `gone` is why they are not to be kept."""

    post_id: str
    source: str
    url: str
    published: datetime | None
    title: str | None = field(repr=False)
    body: str | None = field(repr=False)
    author: str | None = field(repr=False)
    likes: int | None = None
    replies: int | None = None
    gone: Reason | None = None


@dataclass(frozen=True, slots=True)
class Posts:
    """One answer: its posts, the newest first, what could not be read, and the word for what comes next."""

    posts: Sequence[Post]
    rejects: Sequence[Reject] = ()
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of posts that were asked for again: those that are there, and why others are not."""

    there: frozenset[str]
    gone: Mapping[str, Reason]
    unreadable: int = 0


def moment(value: Any) -> datetime | None:
    """A time out of seconds since 1970 or ISO text; None where it is neither."""
    try:
        if isinstance(value, str):
            told = datetime.fromisoformat(value)
            return told.replace(tzinfo=told.tzinfo or UTC)
        return datetime.fromtimestamp(float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def count(value: Any) -> int | None:
    """A whole number that is told; None where it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def unreadable(post_id: object, error: Exception) -> Reject:
    """A post that cannot be read, without what is in it: nobody could honour its deletion in quarantine."""
    what = f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else type(error).__name__
    return Reject("unreadable_value", {"post_id": str(post_id)[:40], "error": what[:100]})
