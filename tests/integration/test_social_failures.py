"""Reddit and X that refuse, misbehave, are slow or used up: clear words, no rows, and nobody sleeps."""

import logging
import time
from collections.abc import Iterator

import pytest
from social_support import (
    CLIENT,
    COLLECTORS,
    DAY,
    FORGET,
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
