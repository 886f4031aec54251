"""The simulated Reddit and X say what the real ones do: the same fields of the same types."""

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alphapulse_resources.providers.reddit.reading import read_fate, read_listing
from alphapulse_resources.providers.x.reading import read_fate as read_fate_x
from alphapulse_resources.providers.x.reading import read_search
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.intervals import DAY, HOUR
from alphapulse_sim.reddit import listing, thing
from alphapulse_sim.social_posts import X, social_posts
from alphapulse_sim.x import found_of, post_number

NOW = epoch_ms("2024-03-20T12:00:00")
NUMBER = (int, float)
DOCUMENTED: dict[str, tuple[type, ...]] = {
    "subreddit": (str,), "selftext": (str,), "title": (str,), "name": (str,), "id": (str,), "author": (str,),
    "author_fullname": (str,), "subreddit_name_prefixed": (str,), "subreddit_type": (str,), "domain": (str,),
    "permalink": (str,), "url": (str,), "score": (int,), "ups": (int,), "downs": (int,),
    "num_comments": (int,),
    "num_crossposts": (int,), "upvote_ratio": (float,), "created": NUMBER, "created_utc": NUMBER,
    "edited": (bool, float), "hidden": (bool,), "quarantine": (bool,), "is_self": (bool,), "over_18": (bool,),
    "spoiler": (bool,), "locked": (bool,), "stickied": (bool,), "is_video": (bool,),
    "removed_by_category": (str, type(None)), "approved_at_utc": (type(None),), "crosspost_parent": (str,),
    "crosspost_parent_list": (list,),
}  # fmt: skip
"""Fields of a post (github.com/reddit-archive/reddit/wiki/JSON, and bodies recorded by praw's own tests)."""


def test_a_listing_of_the_simulator_has_the_documented_fields_and_is_read() -> None:
    posts = social_posts(7, 0).between("CryptoCurrency", NOW - 6 * HOUR, NOW)
    body = listing([thing(post, NOW) for post in posts], True)
    assert set(body["data"]) == {"after", "dist", "modhash", "geo_filter", "children", "before"}
    for child in body["data"]["children"]:
        for name, value in child["data"].items():
            assert type(value) in DOCUMENTED[name], name
    found = read_listing(json.loads(json.dumps(body)))
    assert len(found.posts) == len(posts) > 10
    assert not found.rejects
    assert found.cursor == body["data"]["children"][-1]["data"]["name"]


def real_post(**more: Any) -> dict[str, Any]:
    """A post with the fields that Reddit sends (shortened)."""
    data = {
        "subreddit": "ModernMagic", "selftext": "words", "id": "5dec01", "author": "somebody", "score": 1,
        "title": "What is the best deck", "created_utc": 1479363165.0, "num_comments": 0, "is_self": True,
        "name": "t3_5dec01", "edited": False,
    }  # fmt: skip
    return {"kind": "t3", "data": {**data, **more}}


@pytest.mark.parametrize(
    ("told", "gone"),
    [
        ({}, None),
        ({"author": "[deleted]", "selftext": "[deleted]"}, "deleted"),  # its title stays there
        ({"author": "[deleted]", "removed_by_category": "deleted"}, "deleted"),
        ({"selftext": "[removed]", "removed_by_category": "moderator"}, "removed"),
        ({"removed_by_category": "automod_filtered"}, "removed"),
        ({"title": "[ Removed by Reddit ]", "selftext": ""}, "removed"),
        ({"author": "[deleted]"}, "author"),
        ({"author": None}, "author"),
    ],
)
def test_what_became_of_a_post_is_read_of_what_reddit_shows(told: dict[str, Any], gone: str | None) -> None:
    body = {"kind": "Listing", "data": {"children": [real_post(**told)], "after": None}}
    (post,) = read_listing(body).posts
    assert post.gone == gone
    fate = read_fate(body, ["5dec01"])
    assert dict(fate.gone) == ({} if gone is None else {"5dec01": gone})


def test_a_post_that_cannot_be_read_is_put_aside_without_its_words() -> None:
    odd = [
        real_post(title=7),
        real_post(id=""),
        {"kind": "t1", "data": {"id": "c", "body": "secret"}},
        "text",
    ]
    body = {"kind": "Listing", "data": {"children": [*odd, real_post()], "after": None}}
    found = read_listing(body)
    assert (len(found.posts), len(found.rejects)) == (1, 4)
    kept = str([reject.payload for reject in found.rejects])
    assert "secret" not in kept
    assert "somebody" not in kept
    fate = read_fate(body, ["5dec01", "c"])  # nobody is called gone by an answer that could not be read whole
    assert (fate.gone, fate.unreadable) == ({}, 4)


def test_posts_that_an_answer_leaves_out_are_gone_unless_it_is_no_answer() -> None:
    body = {"kind": "Listing", "data": {"children": [real_post(id=name) for name in "abc"], "after": None}}
    assert dict(read_fate(body, list("abcd")).gone) == {"d": "unavailable"}
    with pytest.raises(ValueError, match="4 of 7 posts were left out"):
        read_fate(body, list("abcdefg"))


def exchange(shared_data: Path) -> dict[str, Any]:
    """The recorded body of a recent search; its end is missing from the recording's compression."""
    text = (shared_data / "text" / "test_client_search_recent_tweets.yaml").read_text()
    coded = text.split("!!binary |")[1].split("headers:")[0]
    body: dict[str, Any] = json.loads(
        zlib.decompressobj(31).decompress(base64.b64decode("".join(coded.split())))
    )
    return body


def test_a_search_of_the_simulator_has_the_fields_of_a_recorded_one(shared_data: Path) -> None:
    real = exchange(shared_data)
    page = sorted(social_posts(7, 0).between(X, NOW - HOUR, NOW), key=lambda post: -post_number(post))[:10]
    made = found_of(page, True, "", NOW)
    assert set(made) == set(real) == {"data", "meta"}
    assert set(made["meta"]) == set(real["meta"])
    for name, value in real["meta"].items():
        assert type(made["meta"][name]) is type(value)
    for tweet in (*real["data"], *made["data"]):
        assert set(tweet) == {"edit_history_tweet_ids", "id", "text"}
        assert tweet["edit_history_tweet_ids"] == [tweet["id"]]
    assert re.fullmatch("[0-9a-z]+", made["meta"]["next_token"])
    for body in (real, made):
        found = read_search(body, "q")
        assert [post.post_id for post in found.posts] == [tweet["id"] for tweet in body["data"]]
        assert found.posts[0].post_id == body["meta"]["newest_id"]
        assert found.cursor == body["meta"]["next_token"]
    # ids hold the time, of recorded posts too: their text is when they were written
    assert (
        abs((int(real["data"][0]["id"]) >> 22) + 1_288_834_974_657 - epoch_ms("2022-10-07T22:42:12")) < 5000
    )


def test_a_search_that_finds_nothing_and_texts_with_signs_of_html_are_read() -> None:
    assert read_search({"meta": {"result_count": 0}}, "q").posts == []
    told = {
        "id": "12", "text": "short…", "note_tweet": {"text": "BTC &gt; ETH &amp; all the rest"},
        "created_at": "2024-03-20T11:57:29.000Z", "author_id": "7",
        "public_metrics": {"like_count": 3, "reply_count": 1},
    }  # fmt: skip
    (post,) = read_search({"data": [told], "meta": {"result_count": 1}}, "q").posts
    assert (post.body, post.likes, post.replies, post.url) == (
        "BTC > ETH & all the rest", 3, 1, "https://x.com/i/web/status/12",
    )  # fmt: skip


def test_lookups_at_x_say_who_is_gone_and_nobody_else_is() -> None:
    missing = {"resource_id": "2", "type": "https://api.twitter.com/2/problems/resource-not-found"}
    closed = {"resource_id": "3", "type": "https://api.twitter.com/2/problems/not-authorized-for-resource"}
    other = {"resource_id": "4", "type": "https://api.twitter.com/2/problems/something-new"}
    fate = read_fate_x({"data": [{"id": "1", "text": ""}], "errors": [missing, closed, other]})
    assert (set(fate.there), dict(fate.gone)) == ({"1"}, {"2": "deleted", "3": "unavailable"})
    with pytest.raises(ValueError, match="neither posts nor errors"):
        read_fate_x({"meta": {}})


def test_posts_take_up_stories_in_their_tone_repeat_authors_and_do_not_depend_on_the_window() -> None:
    posts = social_posts(7, 0)
    day = posts.between("CryptoCurrency", NOW - DAY, NOW)
    assert day[100:] == posts.between("CryptoCurrency", day[100].at, NOW)
    told = [post for post in day if post.tone is not None and post.form == "self"]
    assert len(told) > 100
    for post in told:
        assert post.mood == ("up" if post.tone > 0.2 else "down" if post.tone < -0.2 else "flat")  # type: ignore[operator]
    authors = [post.author for post in day]
    assert len(set(authors)) < 0.8 * len(authors)
    spam = [post.title for post in day if post.mood == "spam"]
    assert len(set(spam)) < len(spam)
    ids = np.array([post.number for post in day])
    assert (np.diff(ids) > 0).all()
