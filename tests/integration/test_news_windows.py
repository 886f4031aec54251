"""GDELT and NewsAPI, which are asked for windows of time, and what lies do to all sources of news."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from news_support import KEY, collectors, declare, look, news, sources_of, truth, utc
from provider_support import soon

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.news.texts import collecting
from alphapulse_assets.news.texts.urls import canonical
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.gdelt import articles as gdelt
from alphapulse_resources.providers.newsapi import NEWSAPI
from alphapulse_resources.providers.provider import all_budgets
from alphapulse_resources.providers.registry import PROVIDERS
from alphapulse_resources.venues import gateway
from alphapulse_resources.venues.limits import SHARE
from alphapulse_sim.newsapi import DISABLED_KEY, EXHAUSTED_KEY, PAID_KEY, WRONG_KEY
from alphapulse_sim.process import SimulatorProcess

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NOW = utc("2025-03-12T15:00")
FEED = "coindesk.com"


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as process:
        yield process


@pytest.fixture
def sim(running: SimulatorProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatorProcess]:
    monkeypatch.setattr(gateway, "FIRST_BACK_OFF", 0.01)
    yield running
    running.clear()


@pytest.fixture
def sources(database: Database, sim: SimulatorProcess) -> Sources:
    sources = sources_of(database, sim, key=KEY)
    declare(sources)
    return sources


def test_gdelt_brings_what_it_saw_since_and_no_round_loses_an_article(
    sources: Sources, sim: SimulatorProcess
) -> None:
    rounds = [look(sources, "gdelt", NOW + n * 10 * MINUTE, sim) for n in range(13)]
    assert [each.error for each in rounds] == [None] * 13
    assert all(not each.missing for each in rounds)
    rows = news(sources.database)
    assert {(row["provider"], row["language"], row["published"]) for row in rows} == {("gdelt", "en", None)}
    assert all("gdelt saw it at 2025" in row["published_note"] for row in rows)
    whole = gdelt.ask_articles(
        sources.provider(gdelt_provider()), NOW, NOW + 90 * MINUTE
    )  # the same window in one question, asked when all of it is there
    assert whole.value is not None
    told = {canonical(each.url) for each in whole.value.items}
    assert len(told) > 30
    assert told <= {row["url"] for row in rows}
    known = {canonical(each["url"]): each for each in truth(sim, NOW - 3 * HOUR, NOW + 3 * HOUR)}
    assert {row["url"] for row in rows} <= set(known)
    assert rows == news(sources.database, f"ts <= '{(NOW + 120 * MINUTE).isoformat()}'")


def gdelt_provider() -> Any:
    return next(each for each in PROVIDERS if each.name == "gdelt")


def test_more_articles_than_an_answer_holds_are_asked_for_in_turn(
    sources: Sources, sim: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(sources, "gdelt", NOW, sim)
    monkeypatch.setattr(gdelt, "MOST", 60)
    monkeypatch.setattr(collecting, "MOST", 60)
    monkeypatch.setattr(collecting, "MOST_PAGES", 20)
    assert not look(sources, "gdelt", NOW + HOUR, sim).missing
    asked = [each for each in sim.log() if each["host"] == "api.gdeltproject.org"]
    assert len(asked) > 2
    whole = {row["url"] for row in news(sources.database)}
    monkeypatch.setattr(collecting, "MOST_PAGES", 2)
    short = look(sources, "gdelt", NOW + 8 * HOUR, sim)
    assert "are missing" in short.missing["gdelt"]
    assert len(news(sources.database)) > len(whole)


def test_gdelts_words_with_status_200_are_told_and_its_limit_is_no_defect(
    sources: Sources, sim: SimulatorProcess
) -> None:
    limit = "Please limit requests to one every 5 seconds or contact us for larger queries."
    sim.fault("status", host="api.gdeltproject.org", code=200, body=limit)
    done = look(sources, "gdelt", NOW, sim)
    assert done.error is not None
    assert "asked too often" in done.error
    (told,) = sources.database.rows("SELECT error_kind FROM collectors WHERE source = 'gdelt'")
    assert told["error_kind"] == "banned"
    sim.clear()
    sim.fault("status", host="api.gdeltproject.org", code=200, body="Timespan is too short.\n")
    assert "it says: 'Timespan is too short.'" in (look(sources, "gdelt", NOW, sim).error or "")
    sim.clear()
    sim.fault("news", host="api.gdeltproject.org", what="bad_escape")
    assert look(sources, "gdelt", NOW, sim).error is None
    assert news(sources.database)


def test_newsapi_has_yesterdays_articles_on_the_free_plan_and_todays_on_others(
    sources: Sources, sim: SimulatorProcess
) -> None:
    for n in range(3):
        done = look(sources, "newsapi", NOW + n * 25 * MINUTE, sim)
        assert (done.error, dict(done.missing)) == (None, {})
    rows = news(sources.database)
    told = {canonical(each["url"]): each for each in truth(sim, NOW - 30 * HOUR, NOW + 2 * HOUR)}
    assert len(rows) > 20
    for row in rows:
        assert round(row["published"].timestamp()) == told[row["url"]]["at"] // 1000
        assert row["ts"] - row["published"] >= 24 * HOUR
    paid = sources_of(sources.database, sim, key=PAID_KEY)
    assert look(paid, "newsapi", NOW + 75 * MINUTE, sim).error is None
    assert max(row["published"] for row in news(sources.database)) > NOW


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (WRONG_KEY, "Look at the key"),
        (DISABLED_KEY, "Look at the key"),
        (EXHAUSTED_KEY, "Wait for the time"),
    ],
)
def test_a_key_that_is_wrong_or_used_up_is_told_of_and_never_repeated(
    database: Database, sim: SimulatorProcess, key: str, words: str
) -> None:
    sources = sources_of(database, sim, key=key)
    declare(sources)
    done = look(sources, "newsapi", NOW, sim)
    assert words in (done.error or "")
    kept = database.rows("SELECT error FROM fetch_log WHERE venue = 'newsapi'")
    assert kept
    assert key not in str(kept) + str(done.error)
    assert look(sources, FEED, NOW, sim).error is None


@pytest.mark.parametrize("code", [402, 426])
def test_a_plan_that_does_not_include_it_is_told_of(
    sources: Sources, sim: SimulatorProcess, code: int
) -> None:
    sim.fault("status", host="newsapi.org", code=code, body={"status": "error", "code": "parameterInvalid"})
    assert "The plan of the key does not include this" in (look(sources, "newsapi", NOW, sim).error or "")


def test_without_a_key_newsapi_is_off_and_says_what_it_needs(
    database: Database, sim: SimulatorProcess
) -> None:
    sources = sources_of(database, sim)
    declare(sources)
    (off,) = database.rows("SELECT state, why FROM news_sources WHERE feed = 'newsapi'")
    assert off == {"state": "off", "why": "needs a key: set ALPHAPULSE_PROVIDERS__NEWSAPI_KEY"}


def test_cadences_fit_into_what_each_source_allows(sources: Sources) -> None:
    budgets = all_budgets(PROVIDERS)
    for name, collector in collectors(sources).items():
        if (day := budgets.get(f"{name}-day")) is not None:
            assert timedelta(days=1) / collector.every < day.rate * 86_400
        assert timedelta(minutes=1) / collector.every < budgets[f"{name}-minute"].rate * 60
    gdelt_bucket = budgets["gdelt-minute"]
    assert (2 - gdelt_bucket.burst) / gdelt_bucket.rate >= 5  # no two requests within five seconds
    assert timedelta(days=1) / collecting.NEWSAPI_EVERY <= SHARE * NEWSAPI.limits.a_day


@pytest.mark.parametrize("host", ["www.coindesk.com", "newsapi.org", "api.gdeltproject.org"])
@pytest.mark.parametrize("what", ["future", "epoch", "missing", "unreadable"])
def test_no_lie_about_time_is_believed_anywhere(
    sources: Sources, sim: SimulatorProcess, host: str, what: str
) -> None:
    sim.fault("news", host=host, what=what)
    source = {"www.coindesk.com": FEED, "newsapi.org": "newsapi"}.get(host, "gdelt")
    assert look(sources, source, NOW, sim).error is None
    rows = news(sources.database)
    assert rows
    lies = [row for row in rows if row["published"] is None]
    assert lies
    assert all(row["published_note"] for row in lies)
    assert all(soon(row["ts"], NOW) and (row["published"] or NOW) <= row["ts"] for row in rows)


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("repeats", None), ("new_guids", None), ("control_characters", None), ("declared_latin1", None),
        ("latin1", None), ("zone_names", None), ("no_zone", None), ("no_titles", None), ("no_links", None),
        ("bomb", "declares entities"), ("external", "declares entities"),
        ("huge", "nothing of it was looked at"),
        ("gzip_bomb", "nothing of it was looked at"), ("gzip_header", "coindesk.com"),
        ("gzip_body", "coindesk.com"),
    ],
)  # fmt: skip
def test_feeds_that_lie_bring_the_same_articles_or_an_error(
    sources: Sources, sim: SimulatorProcess, what: str, error: str | None
) -> None:
    look(sources, FEED, NOW, sim)
    before = news(sources.database)
    sim.fault("news", host="www.coindesk.com", what=what)
    done = look(sources, FEED, NOW)
    assert (done.error is None) == (error is None), done.error
    assert (error or "") in (done.error or "")
    after = {row["text_id"]: row for row in news(sources.database)}
    assert {row["text_id"]: after[row["text_id"]] for row in before} == {
        row["text_id"]: row for row in before
    }
    older = [row for row in after.values() if row not in before]
    assert all(row["published"] is None or row["published"] <= NOW for row in older)
    assert len(older) <= 5  # `repeats` tells of older ones than the feed had


def test_a_story_that_many_tell_is_one_row_of_the_view(sources: Sources, sim: SimulatorProcess) -> None:
    for source in collectors(sources):
        if source != "newsapi":
            assert look(sources, source, NOW, sim).error is None
    (made,) = sources.database.rows(
        "SELECT count(*) AS stories, sum(texts) AS texts, max(outlets) AS outlets,"
        " max(told_by) AS told_by FROM news_stories"
    )
    rows = news(sources.database)
    assert (made["stories"], made["texts"]) == (len({row["cluster_id"] for row in rows}), len(rows))
    assert made["stories"] < made["texts"]
    assert min(made["outlets"], made["told_by"]) > 1
    truths = {canonical(each["url"]): each for each in truth(sim, NOW - 120 * HOUR, NOW)}
    copies = [row for row in rows if row["cluster_id"] != row["text_id"]]
    first = {row["text_id"]: row["url"] for row in rows}
    right = [
        row for row in copies
        if (truths[row["url"]]["copy_of"] or truths[row["url"]]["key"])
        == (truths[first[row["cluster_id"]]]["copy_of"] or truths[first[row["cluster_id"]]]["key"])
    ]  # fmt: skip
    assert len(right) / len(copies) > 0.9
    assert sources.database.rows("SELECT count(*) AS n FROM news_sources WHERE state <> 'off'")[0]["n"] >= 10
