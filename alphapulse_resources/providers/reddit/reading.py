"""What Reddit's answers mean. Pure; a body that is not as documented raises KeyError, TypeError, ValueError.

Documented: github.com/reddit-archive/reddit/wiki/JSON (Listing, t3). praw's objects are not used: they ask
again by themselves, past the gateway, for whatever an answer lacks.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from alphapulse_resources.providers.social_model import Fate, Post, Posts, Reason, count, moment, unreadable
from alphapulse_resources.venues.model import Reject

DELETED: Final = "[deleted]"
REMOVED: Final = "[removed]"
KIND: Final = "t3"
"""What Reddit calls a post."""
MOST_OMITTED: Final = 0.5
"""Share of posts that an answer may leave out before it is the answer that is doubted (ours)."""


def read_listing(body: Any) -> Posts:
    """The posts of a listing, as it has them: the newest first."""
    data = _listing(body)
    posts: list[Post] = []
    rejects: list[Reject] = []
    for thing in data["children"]:
        told = thing.get("data", {}) if isinstance(thing, dict) else {}
        try:
            if thing["kind"] != KIND:
                raise ValueError("something else than a post")
            posts.append(_post(told))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            rejects.append(unreadable(told.get("id"), error))
    after = data.get("after")
    return Posts(posts, rejects, None if after is None else str(after))


def read_fate(body: Any, asked: Sequence[str]) -> Fate:
    """What became of posts. One that Reddit does not mention any more is not to be had.

    Raises ValueError where so many are left out that it is no answer: what is emptied here is gone for good.
    """
    found = read_listing(body)
    told = {each.post_id: each.gone for each in found.posts if each.post_id in asked}
    unread = len(found.rejects)
    omitted = [each for each in asked if each not in told]
    if len(omitted) - unread > max(1, MOST_OMITTED * len(asked)):
        raise ValueError(f"{len(omitted)} of {len(asked)} posts were left out")
    gone: dict[str, Reason] = {each: why for each, why in told.items() if why is not None}
    if not unread:
        gone |= dict.fromkeys(omitted, "unavailable")
    return Fate(frozenset(told) - frozenset(gone), gone, unread)


def _listing(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict) or body.get("kind") != "Listing":
        raise ValueError("no listing")
    data = body["data"]
    if not isinstance(data["children"], list):
        raise TypeError("no list of posts")
    return dict(data)


def _post(told: Mapping[str, Any]) -> Post:
    post_id, subreddit = told["id"], told["subreddit"]
    if not post_id or not isinstance(post_id, str) or not isinstance(subreddit, str):
        raise ValueError("a post without id or subreddit")
    author = told.get("author")
    return Post(
        post_id=post_id,
        source=subreddit,
        # without the words of the title that Reddit puts behind the id
        url=f"https://www.reddit.com/r/{subreddit}/comments/{post_id}/",
        published=moment(told.get("created_utc")),
        title=_text(told["title"]),
        body=_text(told.get("selftext")),
        author=author if isinstance(author, str) and author not in ("", DELETED) else None,
        likes=count(told.get("score")),
        replies=count(told.get("num_comments")),
        gone=_gone(told),
    )


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("a text that is none")
    return value or None


def _gone(told: Mapping[str, Any]) -> Reason | None:
    """Whether its author or somebody else took it down; posts of a closed account stay, without a name."""
    by, body = told.get("removed_by_category"), told.get("selftext")
    if by in ("deleted", "author") or body == DELETED or told["title"] == "[deleted by user]":
        return "deleted"
    if by or body == REMOVED or told["title"] == "[ Removed by Reddit ]":
        return "removed"
    return "author" if told.get("author") in (None, DELETED) else None
