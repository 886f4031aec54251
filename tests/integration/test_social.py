"""Posts from the simulated sockets of Reddit and X, through their own libraries, to the tables."""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from social_support import (
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
    Unlimited,
    X,
    social,
)

from alphapulse_assets.collecting.poller import Poller
from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.datasets.collector_run import run_collector
from alphapulse_assets.news.model import text_id
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.registry import PROVIDERS
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway
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


@pytest.mark.parametrize("name", [POSTS, POSTS_X])
def test_an_answer_that_does_not_come_is_not_waited_for(
    database: Database, running: SimulatorProcess, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alphapulse_resources.venues.gateway.FIRST_BACK_OFF", 0.01)
    # the time limit is that of the session, whatever the libraries have in mind
    with social(database, running, {"reddit_client_id": "slow"}, seconds=0.3) as both:
        both.simulator.fault("delay", host=REDDIT, seconds=2.0)
        both.simulator.fault("delay", host=X, seconds=2.0)
        began = time.monotonic()
        done = both.round(name)
        assert time.monotonic() - began < 10
        assert done.error is not None
        kinds = {
            row["error_kind"]
            for row in both.rows("SELECT error_kind FROM fetch_log WHERE http_status IS NULL")
        }
        assert kinds == {"timeout"}
        spent = both.rows("SELECT posts FROM social_spending")
        assert [row["posts"] for row in spent] == ([] if name == POSTS else [100])  # it may have been charged


def test_a_quota_that_is_used_up_holds_up_everybody_and_puts_nobody_to_sleep(both: Social) -> None:
    both.simulator.fault(
        "status",
        host=REDDIT,
        code=200,
        body={"kind": "Listing", "data": {"children": [], "after": None}},
        headers={"x-ratelimit-used": "1000", "x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "590"},
    )
    began = time.monotonic()
    assert both.round(POSTS).error is None  # two requests: by itself praw sleeps 590 s before the second
    assert time.monotonic() - began < 20
    assert {bucket for bucket, _, _ in both.limiter.pauses} == {"reddit-minute"}
    assert "reddit counts 100 of 100 used" in both.limiter.pauses[0][2]


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


def test_without_keys_it_is_off_and_says_which_are_needed(database: Database) -> None:
    def why(**keys: str) -> dict[str, tuple[str, str | None]]:
        settings = Settings.model_validate({"providers": keys})
        sources = Sources(database, settings, Gateway(Unlimited(), PROVIDERS))
        asked = Poller(sources, list(COLLECTORS.values()), RULES, "run", 1, lambda _: None).declare()
        rows = database.rows("SELECT DISTINCT collector, state, why FROM data_sources")
        assert {row["collector"] for row in rows if row["state"] != "off"} == set(asked)
        return {row["collector"]: (row["state"], row["why"]) for row in rows}

    told = why()
    key, secret = "ALPHAPULSE_PROVIDERS__REDDIT_CLIENT_ID", "ALPHAPULSE_PROVIDERS__REDDIT_CLIENT_SECRET"
    assert told[POSTS] == ("off", f"needs a key: set {key} and {secret}")
    assert told[POSTS_X] == ("off", "needs a key: set ALPHAPULSE_PROVIDERS__X_BEARER_TOKEN")
    assert told[FORGET][0] == "waiting"
    assert why(reddit_client_id=CLIENT)[POSTS] == ("off", f"needs a key: set {secret}")
    assert why(x_bearer_token=TOKEN)[POSTS_X][0] == "waiting"


def test_no_secret_is_in_what_is_kept_or_logged(both: Social, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    both.simulator.fault("status", host=X, code=401, body={"detail": f"token {TOKEN} is wrong"}, times=1)
    both.round(POSTS_X)
    both.round(POSTS_X)
    both.round(POSTS)
    kept = str(both.rows("SELECT * FROM fetch_log")) + str(both.rows("SELECT * FROM collectors"))
    for secret in (TOKEN, SECRET):
        assert secret not in kept
        assert secret not in caplog.text


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
