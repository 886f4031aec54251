"""What is taken down or old is emptied for good, no name is kept, and checks see where that is not so."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg.errors import InsufficientPrivilege, UndefinedTable
from social_support import (
    AGAIN,
    DAY,
    FORGET,
    HOUR,
    MINUTE,
    NOW,
    POSTS,
    POSTS_X,
    REDDIT,
    Social,
    social,
)

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.news.social.dataset import DATASETS
from alphapulse_assets.news.social.stored import author_salt
from alphapulse_resources.database.analyst import analyst_connection, prepare_analyst
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
    both.database.execute(
        "INSERT INTO market_alerts"
        " (kind, subject, ts, reference, severity, title, detail, known_at, logic_version)"
        " VALUES ('story_cluster', 'BTC', %(at)s, %(id)s, 'warning', '4 sources tell of BTC: its words: all',"
        """ '{"url": "https://its.address", "story": 1}', %(at)s, 1)""",
        {"id": str(ids[0]), "at": NOW},
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
    (alert,) = both.rows("SELECT title, detail FROM market_alerts")
    assert alert["title"] == "4 sources tell of BTC: a story whose text is no longer kept"
    assert alert["detail"] == {"url": "", "story": 1}
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


def test_an_answer_that_leaves_posts_out_empties_nothing_and_holds_up_no_other(
    both: Social, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alphapulse_resources.venues.gateway.FIRST_BACK_OFF", 0.01)
    both.round(POSTS)
    nothing = {"kind": "Listing", "data": {"children": [], "after": None}}
    fault = {"host": REDDIT, "path": "api/info", "code": 200, "body": nothing}
    both.simulator.fault("status", **fault)
    done = both.round(AGAIN, NOW + 2 * HOUR)
    assert done.error is not None
    assert "100 of 100 posts were left out" in done.error
    assert not both.rows("SELECT * FROM social_removals")
    both.simulator.clear()
    both.database.execute("UPDATE social_posts SET checked_at = NULL")
    both.simulator.fault("status", times=4, **fault)  # one question, as often as it is asked
    done = both.round(AGAIN, NOW + DAY)
    assert done.error is None
    (why,) = done.missing.values()
    assert "100 of 100 posts were left out" in why
    assert (
        len(both.rows("SELECT * FROM social_posts WHERE checked_at IS NOT NULL OR deleted_at IS NOT NULL"))
        == 200
    )
    assert both.rows("SELECT * FROM social_removals")


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


def test_the_key_of_authors_is_one_for_a_database_and_analysts_cannot_read_it(
    database: Database, tmp_path: Path
) -> None:
    salt = author_salt(database)
    assert len(salt) == 32
    assert author_salt(database) == salt
    settings = Settings(_env_file=None, home=tmp_path)
    prepare_analyst(settings, database.dsn)
    with analyst_connection(settings, database.dsn) as analyst:
        assert analyst.execute("SELECT count(*) FROM social_posts").fetchone() == (0,)
        for table in ("platform.author_salt", "author_salt"):
            with pytest.raises((InsufficientPrivilege, UndefinedTable)), analyst.transaction():
                analyst.execute(f"SELECT salt FROM {table}".encode())


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
