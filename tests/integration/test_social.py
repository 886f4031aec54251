"""Posts from the simulated sockets of Reddit and X, through their own libraries, to the tables."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from social_support import (
    AGAIN,
    CLIENT,
    COLLECTORS,
    DAY,
    FORGET,
    HOUR,
    MINUTE,
    NOW,
    POSTS,
    POSTS_X,
    REDDIT,
    RULES,
    SECRET,
    TOKEN,
    Social,
    X,
    social,
)

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.collector_run import run_collector
from alphapulse_assets.news.model import text_id
from alphapulse_assets.news.social.dataset import DATASETS
from alphapulse_assets.news.social.stored import author_salt
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.settings import Settings
from alphapulse_sim.process import SimulatorProcess


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess() as simulator:
        yield simulator


@pytest.fixture
def both(database: Database, running: SimulatorProcess) -> Iterator[Social]:
    with social(database, running) as found:
        yield found


def test_posts_of_subreddits_are_stored_once_without_their_authors(both: Social) -> None:
    done = both.round(POSTS)
    assert (done.error, done.quarantined, dict(done.missing)) == (None, 0, {})
    truth = both.truth("reddit", NOW - 2 * DAY, NOW)
    rows = both.posts()
    assert done.new == len(rows) == 200
    assert {row["source"] for row in rows.values()} == {"CryptoCurrency", "Bitcoin"}
    for post_id, row in rows.items():
        told = truth[post_id]
        assert row["published"] == datetime.fromtimestamp(told["at"] / 1000, UTC)
        assert row["text_id"] == text_id("reddit", post_id)
        assert row["published"] <= row["ts"] == row["known_at"]
        assert NOW <= row["ts"] < NOW + MINUTE
        assert row["url"] == f"https://www.reddit.com/r/{told['place']}/comments/{post_id}/"
        assert (row["body"] is None) is (told["form"] != "self")
    authors = {truth[post_id]["author"] for post_id, row in rows.items() if row["author_hash"]}
    hashes = {row["author_hash"] for row in rows.values() if row["author_hash"]}
    assert len(hashes) == len(authors) < len(rows)  # some write more than once
    kept = str([both.rows(f"SELECT * FROM {table}") for table in ("social_posts", "fetch_log", "collectors")])  # type: ignore[misc]
    for name in authors:
        assert name not in kept
    for secret in (SECRET, CLIENT):
        assert secret not in kept
    again = both.round(POSTS, NOW + MINUTE / 60)
    assert (again.error, again.written["social_posts"].inserted) == (None, 0)


def test_later_sightings_move_counts_and_nothing_else(both: Social) -> None:
    both.round(POSTS)
    before = both.posts()
    later = NOW + 2 * HOUR
    both.round(POSTS, later)
    after = both.posts()
    same = [post_id for post_id in before if after[post_id]["deleted_at"] is None]
    moved = [post_id for post_id in same if after[post_id]["likes"] != before[post_id]["likes"]]
    assert len(moved) > 50
    for post_id in same:
        for column in ("ts", "known_at", "title", "body", "published", "author_hash", "cluster_id"):
            assert after[post_id][column] == before[post_id][column]


def test_a_source_that_comes_back_after_a_day_is_read_back_to_what_is_known(both: Social) -> None:
    both.round(POSTS)
    done = both.round(POSTS, NOW + DAY)
    assert (done.error, dict(done.missing)) == (None, {})
    between = both.truth("reddit", NOW, NOW + DAY)
    gone = [
        each
        for each in between.values()
        if min(each["deleted_at"] or 1e15, each["removed_at"] or 1e15) / 1000 < (NOW + DAY).timestamp()
    ]
    there = {
        post_id
        for post_id, each in between.items()
        if each not in gone and each["place"] in ("CryptoCurrency", "Bitcoin")
    }
    assert len(there) > 300
    assert there <= both.posts().keys()


def test_what_was_taken_down_is_emptied_for_good_also_where_a_feed_repeats_it(both: Social) -> None:
    both.round(POSTS)
    later = NOW + 2 * DAY
    truth = both.truth("reddit", NOW - 2 * DAY, NOW)
    before = both.posts()
    limit = later.timestamp() * 1000
    deleted = {post_id for post_id in before if (truth[post_id]["deleted_at"] or 1e15) <= limit}
    removed = {post_id for post_id in before if (truth[post_id]["removed_at"] or 1e15) <= limit} - deleted
    closed = (
        {
            post_id
            for post_id, row in before.items()
            if (truth[post_id]["closed_at"] or 1e15) <= limit and row["author_hash"] is not None
        }
        - deleted
        - removed
    )
    assert min(len(deleted), len(removed), len(closed)) > 0
    ids = [before[post_id]["text_id"] for post_id in deleted]
    both.database.execute(
        "INSERT INTO text_links"
        " SELECT unnest(%(ids)s::bigint[]), 'BTC', 1, now(), 'alias', 1, 'the words', now()",
        {"ids": ids},
    )
    both.database.execute(
        "INSERT INTO quarantine (dataset, reasons, payload) SELECT 'social_posts', '{broken}',"
        " jsonb_build_object('text_id', unnest(%(ids)s::bigint[]), 'body', 'its words')",
        {"ids": ids},
    )
    done = both.round(AGAIN, later)
    assert done.error is None
    rows = both.posts()
    for post_id in deleted | removed:
        row = rows[post_id]
        assert row["deleted_at"] is not None
        assert [row[name] for name in ("title", "body", "url", "author_hash")] == [None] * 4
        assert row["ts"] == before[post_id]["ts"]
    for post_id in closed:
        assert (rows[post_id]["author_hash"], rows[post_id]["title"]) == (None, before[post_id]["title"])
    others = rows.keys() - deleted - removed - closed
    for post_id in others:
        assert rows[post_id]["checked_at"] is not None
        for name in ("title", "body", "author_hash"):
            assert rows[post_id][name] == before[post_id][name]
    reasons = {
        row["reason"]: row["n"]
        for row in both.rows("SELECT reason, count(*) AS n FROM social_removals GROUP BY 1")
    }
    assert reasons == {"deleted": len(deleted), "removed": len(removed), "author": len(closed)}
    assert {row["mention"] for row in both.rows("SELECT mention FROM text_links")} == {"BTC"}
    assert not both.rows("SELECT * FROM quarantine")
    assert both.round(AGAIN, later + MINUTE).new == 0
    # a feed out of a cache tells them again, as they were
    both.simulator.fault("stale", host=REDDIT, seconds=2 * DAY.total_seconds())
    repeated = both.round(POSTS, later + 2 * MINUTE)
    assert repeated.error is None
    assert {name: both.posts()[name] for name in deleted | removed} == {
        name: rows[name] for name in deleted | removed
    }


def test_nothing_brings_back_what_was_emptied_not_even_a_writer_of_its_own(both: Social) -> None:
    both.round(POSTS)
    (row, *_) = both.rows()
    both.database.execute(
        "INSERT INTO social_removals VALUES (%(id)s, 'deleted', now(), 'reddit', now())",
        {"id": row["text_id"]},
    )
    both.database.execute(
        "UPDATE social_posts SET title = 'back', body = 'again', url = 'u', author_hash = 'a',"
        " deleted_at = NULL WHERE text_id = %(id)s",
        {"id": row["text_id"]},
    )
    stored = both.posts()[row["post_id"]]
    assert stored["deleted_at"] is not None
    assert [stored[name] for name in ("title", "body", "url", "author_hash")] == [None] * 4


def test_an_answer_that_leaves_posts_out_empties_nothing(both: Social) -> None:
    both.round(POSTS)
    both.simulator.fault(
        "status",
        host=REDDIT,
        path="api/info",
        code=200,
        body={"kind": "Listing", "data": {"children": [], "after": None}},
    )
    done = both.round(AGAIN, NOW + 2 * HOUR)
    assert done.error is not None
    assert "100 of 100 posts were left out" in done.error
    assert not both.rows("SELECT * FROM social_removals")


def test_texts_are_forgotten_after_their_days_and_rows_stay(
    database: Database, running: SimulatorProcess
) -> None:
    with social(database, running, keep_social_text_days=3) as both:
        both.round(POSTS)
        both.database.execute(
            "INSERT INTO quarantine (dataset, reasons, payload, first_seen)"
            " VALUES ('social_posts', '{x}', '{}', %(at)s)",
            {"at": NOW},
        )
        assert both.round(FORGET, NOW + 2 * DAY).new == 0
        before = both.posts()
        done = both.round(FORGET, NOW + 3 * DAY + MINUTE)
        assert (done.error, done.new) == (None, len(before))
        for post_id, row in both.posts().items():
            assert row["forgotten_at"] is not None
            assert [row[name] for name in ("title", "body", "url")] == [None] * 3
            assert row["author_hash"] == before[post_id]["author_hash"]
            assert (row["ts"], row["likes"]) == (before[post_id]["ts"], before[post_id]["likes"])
        assert not both.rows("SELECT * FROM quarantine")
        assert both.round(FORGET, NOW + 4 * DAY).new == 0
        both.simulator.fault("stale", host=REDDIT, seconds=4 * DAY.total_seconds())
        both.round(POSTS, NOW + 4 * DAY)
        assert {row["title"] for row in both.posts().values() if row["post_id"] in before} == {None}


def test_a_search_at_x_is_paid_for_once_and_within_its_budget(
    database: Database, running: SimulatorProcess
) -> None:
    with social(database, running, x_posts_a_day=200) as both:
        first = both.round(POSTS_X)
        assert (first.error, first.quarantined) == (None, 0)
        rows = both.rows()
        assert 5 < len(rows) == first.new
        truth = both.truth("x", NOW - DAY, NOW)
        for row in rows:
            assert row["published"].replace(microsecond=0) == datetime.fromtimestamp(
                truth[row["post_id"]]["at"] // 1000, UTC
            )
            assert row["source"] == "(bitcoin OR ethereum OR solana OR crypto) -is:retweet"
            assert NOW - HOUR - MINUTE <= row["published"] <= row["ts"]
        queries = [entry["query"] for entry in both.simulator.log()]
        assert "since_id" not in queries[0]
        both.simulator.clear()
        second = both.round(POSTS_X, NOW + 5 * MINUTE)
        assert second.error is None
        (asked,) = [entry["query"] for entry in both.simulator.log()]
        assert asked["since_id"] == max((row["post_id"] for row in rows), key=int)
        (spent,) = both.rows("SELECT * FROM social_spending")
        assert (spent["posts"], spent["requests"]) == (len(both.rows()), 2)
        both.database.execute("UPDATE social_spending SET posts = 85")  # of 160 for searches; half a day: 88
        both.simulator.clear()
        third = both.round(POSTS_X, NOW + 6 * MINUTE)
        assert "spent as far as it goes by now; asked again at 13:10 UTC" in third.missing["search"]
        assert both.simulator.log() == []
        assert both.round(POSTS_X, NOW + DAY).error is None
        assert both.rows("SELECT posts FROM social_spending ORDER BY day DESC")[0]["posts"] > 0


def test_posts_at_x_that_are_gone_are_emptied_whatever_for(both: Social) -> None:
    both.round(POSTS_X)
    before, later = both.posts(), NOW + 3 * DAY
    truth, limit = both.truth("x", NOW - DAY, NOW), later.timestamp() * 1000
    gone = {
        post_id
        for post_id in before
        if any((truth[post_id][name] or 1e15) <= limit for name in ("deleted_at", "removed_at", "closed_at"))
    }
    assert gone
    done = both.round("social_removals x", later)
    assert (done.error, done.new) == (None, len(gone))
    assert {post_id for post_id, row in both.posts().items() if row["deleted_at"] is not None} == gone
    (spent,) = both.rows("SELECT posts FROM social_spending WHERE purpose = 'lookup'")
    assert spent["posts"] == len(before) - len(gone)


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (
            {"x_bearer_token": "revoked"},
            "bad_key",
            "set ALPHAPULSE_PROVIDERS__X_BEARER_TOKEN to that of an app",
        ),
        ({"x_bearer_token": "no-credits"}, "no_credit", "has no credits left: buy some"),
        ({"x_bearer_token": "not-enrolled"}, "bad_key", "in no project"),
        ({"x_bearer_token": "capped"}, "banned", "The posts of the billing period are used up"),
        ({"reddit_client_secret": "wrong"}, "bad_key", "Reddit does not accept the app"),
        ({"reddit_client_id": "taken-back"}, "bad_key", "Reddit does not accept the app"),
    ],
)
def test_who_is_refused_is_told_why_and_what_to_do(
    database: Database, running: SimulatorProcess, given: dict[str, str], kind: str, words: str
) -> None:
    with social(database, running, given) as both:
        name = POSTS_X if "x_bearer_token" in given else POSTS
        done = both.round(name)
        (books,) = both.rows(f"SELECT error_kind, error FROM collectors WHERE collector = '{name}'")
        assert books["error_kind"] == kind
        assert words in books["error"]
        assert not both.rows()
        assert done.error == books["error"]
        assert not both.rows("SELECT * FROM social_spending WHERE posts > 0")


@pytest.mark.parametrize("name", [POSTS, POSTS_X])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "html"}, "bad_body"),
        ({"kind": "truncated"}, "bad_body"),
        ({"kind": "status", "code": 503, "body": "upstream"}, "venue_down"),
        ({"kind": "status", "code": 451, "body": "unavailable for legal reasons"}, "geo_blocked"),
        (
            {
                "kind": "status",
                "code": 429,
                "headers": {"x-ratelimit-reset": "240", "x-rate-limit-reset": "9999999999"},
            },
            "banned",
        ),
        ({"kind": "status", "code": 200, "body": ["not", "an", "object"]}, "bad_body"),
    ],
)
def test_a_network_that_misbehaves_is_an_error_and_no_row_and_nobody_sleeps(
    both: Social, name: str, fault: dict[str, object], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alphapulse_resources.venues.gateway.FIRST_BACK_OFF", 0.01)
    both.simulator.fault(**{"host": REDDIT if name == POSTS else X, **fault})  # type: ignore[arg-type]
    began = time.monotonic()
    done = both.round(name)
    assert time.monotonic() - began < 20
    assert done.error is not None
    (books,) = both.rows(f"SELECT error_kind FROM collectors WHERE collector = '{name}'")
    assert books["error_kind"] == kind
    assert not both.rows()
    assert both.rows("SELECT * FROM fetch_log WHERE error_kind IS NOT NULL")
    if kind == "banned":
        assert both.limiter.pauses
    told = str(both.rows("SELECT error FROM fetch_log")) + str(both.rows("SELECT error FROM collectors"))
    assert "moon" not in told
    assert "selftext" not in told


def test_a_subreddit_that_is_closed_costs_only_itself(database: Database, running: SimulatorProcess) -> None:
    with social(database, running, subreddits="privateclub,bannedplace,nosuchplace,Bitcoin") as both:
        done = both.round(POSTS)
        assert done.error is None
        assert set(done.missing) == {"r/privateclub", "r/bannedplace", "r/nosuchplace"}
        assert all("ALPHAPULSE_NEWS__SUBREDDITS" in why for why in done.missing.values())
        assert {row["source"] for row in both.rows()} == {"Bitcoin"}


def test_a_token_that_ended_is_renewed_in_the_same_round(both: Social) -> None:
    assert both.round(POSTS).error is None
    both.simulator.clear()
    later = NOW + 2 * DAY  # the simulated token ended a day ago, by the simulated clock
    assert both.round(POSTS, later).error is None
    assert "/api/v1/access_token" in [entry["path"] for entry in both.simulator.log()]


def test_a_post_that_lies_about_its_time_is_stored_without_it(both: Social) -> None:
    both.simulator.set_clock(NOW + HOUR)
    done = run_collector(COLLECTORS[POSTS], both.sources, RULES, now=NOW)  # our clock is an hour behind
    assert (done.error, done.quarantined) == (None, 0)
    notes = {row["published_note"] for row in both.rows() if row["published"] is None}
    assert notes
    assert all(note.startswith("after it was seen: 2024-03-20 12:") for note in notes)


def test_without_keys_it_is_off_and_says_which_are_needed() -> None:
    settings = Settings(_env_file=None)
    off = {each.name: each.off_because(settings) for dataset in DATASETS for each in dataset.collectors}
    assert off[POSTS] == (
        "needs a key: set ALPHAPULSE_PROVIDERS__REDDIT_CLIENT_ID and "
        "ALPHAPULSE_PROVIDERS__REDDIT_CLIENT_SECRET"
    )
    assert off[POSTS_X] == "needs a key: set ALPHAPULSE_PROVIDERS__X_BEARER_TOKEN"
    assert off[FORGET] is None
    half = Settings.model_validate({"providers": {"reddit_client_id": CLIENT}})
    (why,) = [each.off_because(half) for each in DATASETS[0].collectors if each.name == POSTS]
    assert why == "needs a key: set ALPHAPULSE_PROVIDERS__REDDIT_CLIENT_SECRET"


def test_the_key_of_authors_is_one_for_a_database_and_analysts_cannot_read_it(database: Database) -> None:
    salt = author_salt(database)
    assert len(salt) == 32
    assert author_salt(database) == salt
    rights = database.rows(
        "SELECT has_schema_privilege(r.rolname, 'platform', 'USAGE') AS schema,"
        " has_table_privilege(r.oid, 'platform.author_salt'::regclass, 'SELECT') AS salt,"
        " has_table_privilege(r.oid, 'public.social_posts'::regclass, 'SELECT') AS posts"
        " FROM pg_roles AS r WHERE r.rolname LIKE 'alphapulse_analyst%%' AND NOT r.rolsuper"
    )
    assert rights
    assert all((each["schema"], each["salt"]) == (False, False) for each in rights)
    assert any(each["posts"] for each in rights)


def test_no_secret_is_in_what_is_kept(both: Social) -> None:
    both.simulator.fault("status", host=X, code=401, body={"detail": f"token {TOKEN} is wrong"})
    both.round(POSTS_X)
    assert TOKEN not in str(both.rows("SELECT * FROM fetch_log")) + str(both.rows("SELECT * FROM collectors"))


def checked(database: Database, day: str, *, lightweight: bool = False) -> dict[str, bool]:
    """Whether each promise of each data set holds of a day."""
    scope = CheckScope(DerivedStore(database), [day], lightweight)
    return {
        f"{each.name} {check.name}": check.run(scope, each).passed
        for each in DATASETS
        for check in each.checks
    }


def test_checks_hold_and_see_names_texts_that_should_be_gone_and_false_times(
    both: Social, environment: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    assert both.round(POSTS, now).error is None
    assert both.round(POSTS_X, now).error is None
    rows = both.rows()
    for number, reason in enumerate(("deleted", "forgotten", "author")):
        both.database.execute(
            "INSERT INTO social_removals VALUES (%(id)s, %(reason)s, %(at)s, 'reddit', %(at)s)",
            {"id": rows[number]["text_id"], "reason": reason, "at": now},
        )
    day = now.date().isoformat()
    assert set(checked(both.database, day).values()) == {True}
    assert set(checked(both.database, day, lightweight=True).values()) == {True}

    def wrong(change: str, number: int) -> set[str]:
        with both.database.transaction() as connection:
            connection.execute("ALTER TABLE social_posts DISABLE TRIGGER USER")
            connection.execute(
                f"UPDATE social_posts SET {change} WHERE text_id = %s",
                (rows[number]["text_id"],),  # type: ignore[arg-type]
            )
            connection.execute("ALTER TABLE social_posts ENABLE TRIGGER USER")
        found = {name for name, passed in checked(both.database, day, lightweight=True).items() if not passed}
        columns = ("title", "body", "url", "author_hash", "published", "ts")
        with both.database.transaction() as connection:
            connection.execute("ALTER TABLE social_posts DISABLE TRIGGER USER")
            connection.execute(
                "UPDATE social_posts SET "
                + ", ".join(f"{name} = %({name})s" for name in columns)  # type: ignore[arg-type]
                + " WHERE text_id = %(text_id)s",
                {**before[number], "text_id": rows[number]["text_id"]},
            )
            connection.execute("ALTER TABLE social_posts ENABLE TRIGGER USER")
        return found

    before = {number: both.posts()[rows[number]["post_id"]] for number in range(6)}
    assert wrong("title = 'back'", 0) == {"social_posts emptied", "social_removals all_emptied"}
    assert wrong("author_hash = 'f'", 0) == {"social_posts no_names", "social_posts emptied"}
    assert wrong("url = 'https://'", 1) == {"social_posts emptied", "social_removals all_emptied"}
    assert wrong("author_hash = repeat('a', 32)", 2) == {"social_removals all_emptied"}
    assert wrong("author_hash = 'hodl_7'", 4) == {"social_posts no_names"}
    for words in ("ask @hodl_7", "ask u/hodl_7", "mail hodl@example.com"):
        assert wrong(f"body = '{words}'", 5) == {"social_posts no_names"}
    assert wrong("published = ts + interval '1 minute'", 5) == {"social_posts rules"}
    assert set(checked(both.database, day).values()) == {True}


def test_a_text_that_is_kept_too_long_is_seen(both: Social) -> None:
    both.round(POSTS)  # of 2024
    assert not checked(both.database, "2024-03-20")["social_posts emptied"]


def test_what_is_copied_belongs_to_one_story_with_its_language(both: Social) -> None:
    both.round(POSTS)
    rows, truth = both.posts(), both.truth("reddit", NOW - 2 * DAY, NOW)
    copies: dict[str, list[str]] = {}
    for post_id in rows:
        if len(truth[post_id]["title"].split()) > 8:
            copies.setdefault(truth[post_id]["title"], []).append(post_id)
    repeated = [ids for ids in copies.values() if len(ids) > 1]
    assert repeated
    for ids in repeated:
        assert len({rows[post_id]["cluster_id"] for post_id in ids}) == 1
        assert {rows[post_id]["similarity"] for post_id in ids} - {None}
    firsts = {row["cluster_id"] for row in rows.values()}
    assert len(firsts) < len(rows)
    assert firsts <= {row["text_id"] for row in rows.values()}
    assert {row["language"] for row in rows.values()} >= {"en"}
