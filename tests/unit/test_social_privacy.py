"""What is taken out of posts before they are stored, and what stays."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from alphapulse_assets.news.model import text_id
from alphapulse_assets.news.social.budget import allowed, more_at, share_of
from alphapulse_assets.news.social.privacy import author_hash, without_names
from alphapulse_assets.news.social.reddit import subreddits
from alphapulse_assets.news.social.rows import Stored, believed, new_rows, removal_rows, seen_again
from alphapulse_resources.providers.social_model import Post

SALT = bytes(range(32))
AT = datetime(2024, 3, 20, 12, tzinfo=UTC)


def post(post_id: str = "a1", **more: object) -> Post:
    given = {
        "post_id": post_id, "source": "Bitcoin", "url": "https://www.reddit.com/r/Bitcoin/comments/a1/",
        "published": AT - timedelta(minutes=3), "title": "to the moon", "body": None, "author": "Hodl_7",
    }  # fmt: skip
    return Post(**{**given, **more})  # type: ignore[arg-type]


def stored(**more: object) -> Stored:
    given = {"ts": AT, "source": "Bitcoin", "cluster_id": 5, "logic_version": 1, "known_at": AT,
             "has_author": True, "is_deleted": False}  # fmt: skip
    return Stored(**{**given, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("gm @satoshi_n, thanks", "gm @[user], thanks"),
        (".@elon says", ".@[user] says"),
        ("as u/some-one and /u/Other_1 said", "as u/[user] and u/[user] said"),
        ("write to hodl.7+x@mail.example.co.uk now", "write to [email] now"),
        ("see https://www.reddit.com/user/Some_One/comments/ here", "see [profile] here"),
        ("https://x.com/satoshi/status/1770419389779148801 lol", "[profile] lol"),
        ("join t.me/pump_group!", "join [profile]!"),
        ("call +49 171 234 56 78 today", "call [phone] today"),
        ("call (555) 123-4567", "call [phone]"),
        ("nul\x00byte", "nulbyte"),
        ("   ", None),
        (None, None),
    ],
)
def test_users_mails_profiles_and_phones_are_replaced(told: str | None, kept: str | None) -> None:
    assert without_names(told) == kept


@pytest.mark.parametrize(
    "told",
    [
        "BTC +12.5% to 67,000.50 on 2024-03-20",
        "$BTC $ETH r/Bitcoin and/or BTC/USDT",
        "bought 1000000000 SHIB @ 0.000012",
        "EUR/USD 1.0850, TVL $4.2B, block 840000",
        "https://x.com/i/web/status/1770419389779148801",
        "Vitalik Buterin said so",
        "ETH+BTC 1 234 567 890 total",
        "up 10x - 20x (555) times",
    ],
)
def test_figures_tickers_and_names_in_plain_words_stay(told: str) -> None:
    assert without_names(told) == told


def test_authors_are_told_apart_by_a_keyed_hash_that_knows_no_case() -> None:
    one = author_hash(SALT, "reddit", "Hodl_7")
    assert re.fullmatch("[0-9a-f]{32}", one)
    assert author_hash(SALT, "reddit", "hodl_7") == one
    others = [
        author_hash(SALT, "x", "Hodl_7"),
        author_hash(SALT, "reddit", "Hodl_8"),
        author_hash(bytes(32), "reddit", "Hodl_7"),
    ]
    assert len({one, *others}) == 4


def test_a_row_names_nobody_and_a_post_that_comes_twice_is_one() -> None:
    told = [post(body="ask u/friend"), post(likes=9), post("b2", gone="deleted"), post("c3", author=None)]
    rows = new_rows("reddit", told, {}, AT, SALT).to_dicts()
    assert [row["post_id"] for row in rows] == ["a1", "c3"] or [row["post_id"] for row in rows] == [
        "c3",
        "a1",
    ]
    by_id = {row["post_id"]: row for row in rows}
    assert by_id["a1"]["body"] == "ask u/[user]"
    assert by_id["c3"]["author_hash"] is None
    assert "hodl" not in str(rows).lower()
    assert "hodl" not in repr(told).lower()


def test_an_edited_post_keeps_what_was_said_first() -> None:
    known = {text_id("reddit", "a1"): stored()}
    again = post(title="to the moon", body="EDIT: wrong", likes=3, published=AT)
    (row,) = seen_again("reddit", [again, again], known).to_dicts()
    assert (row["likes"], row["ts"], row["cluster_id"]) == (3, AT, 5)
    assert [row[name] for name in ("title", "body", "published", "author_hash", "url")] == [None] * 5
    assert new_rows("reddit", [again], known, AT + timedelta(hours=1), SALT).is_empty()


def test_what_is_deleted_is_neither_counted_again_nor_removed_again() -> None:
    known = {
        text_id("reddit", "a1"): stored(is_deleted=True),
        text_id("reddit", "b2"): stored(has_author=False),
    }
    assert seen_again("reddit", [post()], known).is_empty()
    assert removal_rows(
        "reddit", {"a1": "removed", "b2": "author", "unknown": "deleted"}, known, AT
    ).is_empty()
    (row,) = removal_rows("reddit", {"b2": "deleted"}, known, AT).to_dicts()
    assert (row["reason"], row["ts"]) == ("deleted", AT)


def test_times_that_cannot_be_are_told_and_not_believed() -> None:
    assert believed(AT - timedelta(days=2), AT) == (AT - timedelta(days=2), None)
    assert believed(AT + timedelta(seconds=1), AT) == (None, "after it was seen: 2024-03-20 12:00:01")
    assert believed(datetime(1970, 1, 1, tzinfo=UTC), AT) == (
        None,
        "before there was anything to tell of: 1970-01-01",
    )
    assert believed(None, AT) == (None, "not told")


def test_a_budget_is_spread_over_its_day() -> None:
    midnight = AT.replace(hour=0)
    assert [allowed(1000, midnight + timedelta(hours=hours)) for hours in (0, 6, 12, 24 - 1e-9)] == [
        100, 325, 550, 999,
    ]  # fmt: skip
    assert more_at(1000, 560, midnight) == pytest.approx(
        midnight + timedelta(days=0.46 / 0.9), abs=timedelta(seconds=1)
    )
    assert more_at(0, 10, midnight) == midnight + timedelta(days=1)
    assert share_of(1000, "search") + share_of(1000, "lookup") == 1000


def test_subreddits_are_read_with_or_without_their_prefix_and_once() -> None:
    assert subreddits(" Bitcoin, r/ethereum,/r/solana/,, Bitcoin ") == ["Bitcoin", "ethereum", "solana"]
