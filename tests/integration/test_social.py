"""Posts from the simulated sockets of Reddit and X, through their own libraries, to the tables."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from social_support import (
    CLIENT,
    COLLECTORS,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    POSTS,
    POSTS_X,
    RULES,
    SECRET,
    Social,
    social,
)

from alphapulse_assets.datasets.collector_run import run_collector
from alphapulse_assets.news.model import text_id
from alphapulse_resources.database.client import Database
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


def test_a_post_that_lies_about_its_time_is_stored_without_it(both: Social) -> None:
    both.simulator.set_clock(NOW + HOUR)
    done = run_collector(COLLECTORS[POSTS], both.sources, RULES, now=NOW)  # our clock is an hour behind
    assert (done.error, done.quarantined) == (None, 0)
    notes = {row["published_note"] for row in both.rows() if row["published"] is None}
    assert notes
    assert all(note.startswith("after it was seen: 2024-03-20 12:") for note in notes)


def test_what_is_copied_belongs_to_one_story_with_its_language(both: Social) -> None:
    both.round(POSTS)
    rows, truth = both.posts(), both.truth("reddit", NOW - 2 * DAY, NOW)
    copies: dict[str, list[str]] = {}
    for post_id in rows:
        if len(truth[post_id]["title"].split()) > 8:
            copies.setdefault(truth[post_id]["title"] + truth[post_id]["text"], []).append(post_id)
    repeated = [ids for ids in copies.values() if len(ids) > 1]
    assert repeated
    for ids in repeated:
        assert len({rows[post_id]["cluster_id"] for post_id in ids}) == 1
        assert {rows[post_id]["similarity"] for post_id in ids} - {None}
    firsts = {row["cluster_id"] for row in rows.values()}
    assert len(firsts) < len(rows)
    assert firsts <= {row["text_id"] for row in rows.values()}
    assert {row["language"] for row in rows.values()} >= {"en"}
