"""Feeds of outlets from the simulated sockets to the table, and every way in which one fails."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from news_support import declare, look, news, sources_of, truth, utc
from provider_support import soon

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.news.model import text_id
from alphapulse_assets.news.texts.urls import canonical
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.rss.feeds import FEEDS
from alphapulse_resources.venues import gateway
from alphapulse_sim.process import SimulatorProcess

HOUR = timedelta(hours=1)
NOW = utc("2025-03-12T15:00")
FEED = "coindesk.com"


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as process:
        yield process


@pytest.fixture
def sim(running: SimulatorProcess) -> Iterator[SimulatorProcess]:
    yield running
    running.clear()


@pytest.fixture
def sources(database: Database, sim: SimulatorProcess, monkeypatch: pytest.MonkeyPatch) -> Sources:
    monkeypatch.setattr(gateway, "FIRST_BACK_OFF", 0.01)
    sources = sources_of(database, sim)
    declare(sources)
    return sources


def test_every_feed_brings_what_its_outlet_published_and_asked_again_brings_nothing(
    sources: Sources, sim: SimulatorProcess
) -> None:
    for feed in FEEDS:
        done = look(sources, feed.name, NOW, sim)
        assert (done.error, done.quarantined) == (None, 0), feed
    stored = {row["url"]: row for row in news(sources.database)}
    told = {canonical(each["url"]): each for each in truth(sim, NOW - 120 * HOUR, NOW)}
    assert len(stored) > 150
    assert set(stored) <= set(told)
    for url, row in stored.items():
        story = told[url]
        title = (
            story["later_title"]
            if (story["retitled_at"] or 1e15) <= NOW.timestamp() * 1000
            else story["title"]
        )
        assert row["title"] == " ".join(title.split())
        assert row["description"] == story["summary"]
        assert round(row["published"].timestamp()) == story["at"] // 1000
        assert soon(row["ts"], NOW)
        assert (row["known_at"], row["provider"], row["language"]) == (row["ts"], "rss", "en")
        assert row["text_id"] == text_id("news", url)
        assert row["source"] == story["outlet"]
    before = news(sources.database)
    for minutes in (5, 10, 15):  # told in full each time, as by a server that knows no conditions
        sources.database.execute("UPDATE news_feeds SET etag = NULL, last_modified = NULL")
        again = look(sources, FEED, NOW + timedelta(minutes=minutes))
        assert (again.written["news_events"].inserted, again.written["news_sightings"].inserted) == (0, 0)
        assert again.written["news_sightings"].unchanged == 25
    assert news(sources.database) == before


def test_a_feed_that_has_not_changed_is_not_sent_again_and_one_that_has_is(
    sources: Sources, sim: SimulatorProcess
) -> None:
    look(sources, FEED, NOW, sim)
    again = look(sources, FEED, NOW, sim)
    assert (again.error, again.rows, dict(again.missing)) == (None, 0, {})
    asked = sources.database.rows(
        "SELECT http_status FROM fetch_log WHERE venue = 'coindesk.com' ORDER BY fetch_id"
    )
    assert [row["http_status"] for row in asked] == [200, 304]
    count = len(news(sources.database))
    look(sources, FEED, NOW + 6 * HOUR, sim)
    assert len(news(sources.database)) > count


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("status", {"code": 401}, "wants a key"),
        ("status", {"code": 402}, "wants money"),
        ("status", {"code": 403}, "refuses this address"),
        ("status", {"code": 451}, "refuses this address"),
        ("status", {"code": 404}, "not at this address any more"),
        ("status", {"code": 429, "headers": {"Retry-After": "0"}}, "Wait for the time"),
        ("status", {"code": 503}, "HTTP 503"),
        ("html", {}, "HTML where a feed belongs"),
        ("status", {"code": 200, "body": " "}, "the body is empty"),
        ("reset", {}, "is down"),
        ("status", {"code": 200, "body": "[1, 2]"}, "no feed"),
        (
            "status",
            {"code": 200, "body": '<!DOCTYPE r [<!ENTITY a "aaaa">]><rss>&a;</rss>'},
            "declares entities",
        ),
    ],
)
def test_a_feed_that_fails_says_why_and_stops_no_other(
    sources: Sources, sim: SimulatorProcess, kind: str, given: dict[str, Any], words: str
) -> None:
    sim.fault(kind, host="www.coindesk.com", **given)
    done = look(sources, FEED, NOW, sim)
    assert done.error is not None
    assert words in done.error
    assert FEED in done.error
    assert look(sources, "decrypt.co", NOW, sim).new > 20
    (told,) = sources.database.rows("SELECT state, why FROM data_sources WHERE source = 'coindesk.com'")
    assert (told["state"], words in told["why"]) == ("fails", True)
    assert {row["source"] for row in news(sources.database)} == {"decrypt.co"}


def test_a_feed_that_is_too_slow_says_so(sources: Sources, sim: SimulatorProcess) -> None:
    sources.settings.venues.http_timeout_seconds = 0.1
    sim.fault("delay", host="www.coindesk.com", seconds=1.0)
    done = look(sources, FEED, NOW, sim)
    assert "was too slow" in (done.error or "")
    (told,) = sources.database.rows("SELECT error_kind FROM collectors WHERE source = 'coindesk.com'")
    assert told["error_kind"] == "timeout"


def test_of_a_feed_that_was_cut_short_whole_items_are_kept_and_it_is_said_so(
    sources: Sources, sim: SimulatorProcess
) -> None:
    sim.fault("truncated", host="www.coindesk.com", keep=0.5)
    done = look(sources, FEED, NOW, sim)
    assert done.error is None
    assert "cut short" in done.missing[FEED]
    kept = {row["text_id"]: row for row in news(sources.database)}
    assert 5 < len(kept) < 25
    sim.clear()
    whole = look(sources, FEED, NOW + timedelta(minutes=5), sim)
    assert dict(whole.missing) == {}
    after = {row["text_id"]: row for row in news(sources.database)}
    assert len(after) >= 25
    assert {key: after[key] for key in kept} == kept  # no item was kept in part


def test_a_source_that_comes_back_after_a_day_brings_what_is_first_seen_then(
    sources: Sources, sim: SimulatorProcess
) -> None:
    look(sources, "bitcoinmagazine.com", NOW, sim)
    sim.fault("status", host="bitcoinmagazine.com", code=503)
    assert look(sources, "bitcoinmagazine.com", NOW + 12 * HOUR, sim).error is not None
    sim.clear()
    back = NOW + 24 * HOUR
    assert look(sources, "bitcoinmagazine.com", back, sim).error is None
    rows = news(sources.database, "ts > '2025-03-12T16:00Z'")
    assert rows
    assert all(soon(row["ts"], back) for row in rows)
    assert all(NOW < row["published"] <= back for row in rows)
    assert min(row["published"] for row in rows) < back - 6 * HOUR


def test_a_feed_that_answers_and_stands_still_is_told_of(sources: Sources, sim: SimulatorProcess) -> None:
    look(sources, FEED, NOW, sim)
    assert sim.set_clock(NOW) is None
    later = look(sources, FEED, NOW + 23 * HOUR)  # the simulator's clock stands: the feed does not change
    assert (later.error, dict(later.missing)) == (None, {})
    for hours in (25, 49):  # not changed, then asked in full and the same
        still = look(sources, FEED, NOW + hours * HOUR)
        assert still.error is None
        assert "has brought nothing new for" in still.missing[FEED]


def feed(*items: str) -> str:
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{"".join(items)}</channel></rss>'
    )


def item(url: str, title: str, published: str = "Wed, 12 Mar 2025 14:00:00 GMT", text: str = "") -> str:
    date = f"<pubDate>{published}</pubDate>"
    return f"<item><link>{url}</link><title>{title}</title><description>{text}</description>{date}</item>"


def serve(sim: SimulatorProcess, host: str, body: str) -> None:
    sim.clear()
    sim.fault("status", host=host, code=200, body=body)


def test_times_that_lie_are_not_believed_and_items_without_an_address_are_kept_as_they_came(
    sources: Sources, sim: SimulatorProcess
) -> None:
    lies = {
        "Wed, 12 Mar 2025 15:05:00 GMT": None,  # clocks differ: it is taken for now
        "Wed, 12 Mar 2025 18:00:00 GMT": "after it was seen",
        "Thu, 01 Jan 1970 00:00:00 GMT": "before there was anything",
        "2025-03-12T14:00:00": "told without a time zone",
        "yesterday": "no time can be read",
        "Wed, 12 Mar 2025 09:00:00 EST": None,
    }
    items = [item(f"https://x.com/{n}", f"Headline number {n}", told) for n, told in enumerate(lies)]
    broken = ["<item><title>no address</title></item>", item("javascript:alert(1)", "no page")]
    serve(sim, "www.coindesk.com", feed(*items, *broken, "<item><link>https://x.com/no-title</link></item>"))
    done = look(sources, FEED, NOW, sim)
    assert (done.error, done.quarantined) == (None, 3)
    rows = sorted(news(sources.database), key=lambda row: row["url"])
    assert len(rows) == len(lies)
    for row, why in zip(rows, lies.values(), strict=True):
        assert (row["published"] is None) == (why is not None)
        assert (row["published_note"] or "").startswith(why or "")
    assert rows[0]["published"] == rows[0]["ts"]
    assert soon(rows[0]["ts"], NOW)
    assert rows[5]["published"] == utc("2025-03-12T14:00")
    assert look(sources, FEED, NOW + HOUR, sim).quarantined == 3
    assert sources.database.rows("SELECT count(*) AS n FROM quarantine") == [
        {"n": 3}
    ]  # told again, kept once


def test_an_article_is_one_row_whoever_tells_it_and_later_headlines_are_sightings(
    sources: Sources, sim: SimulatorProcess
) -> None:
    url = "https://www.coindesk.com/markets/a-story/"
    serve(sim, "www.coindesk.com", feed(item(f"{url}?utm_source=rss#top", "Bitcoin &amp;amp; Ether rise")))
    look(sources, FEED, NOW, sim)
    first = news(sources.database)
    serve(sim, "decrypt.co", feed(item("http://coindesk.com/markets/a-story?ref=decrypt", "Bitcoin rises")))
    look(sources, "decrypt.co", NOW + HOUR, sim)
    serve(sim, "www.coindesk.com", feed(item(url, "CORRECTED: Bitcoin and Ether rise")))
    for hours in (2, 3, 4):
        look(sources, FEED, NOW + hours * HOUR, sim)
    assert news(sources.database) == first
    assert (first[0]["title"], first[0]["url"]) == (
        "Bitcoin & Ether rise",
        "https://coindesk.com/markets/a-story",
    )
    seen = sources.database.rows("SELECT feed, title, ts FROM news_sightings ORDER BY ts")
    assert [(row["feed"], row["title"]) for row in seen] == [
        (FEED, "Bitcoin & Ether rise"),
        ("decrypt.co", "Bitcoin rises"),
        (FEED, "CORRECTED: Bitcoin and Ether rise"),
    ]
    assert all(soon(row["ts"], NOW + hours * HOUR) for hours, row in enumerate(seen))


def test_copies_of_a_story_share_it_and_later_texts_change_nothing(
    sources: Sources, sim: SimulatorProcess
) -> None:
    words = "Exchange halts withdrawals of all tokens after an attack on its hot wallet"
    texts = {0: words, 1: f"BREAKING: {words}", 71: f"{words}, it says", 74: words}
    seen = []
    for hours, title in texts.items():
        serve(sim, "decrypt.co", feed(item(f"https://decrypt.co/{hours}", title)))
        look(sources, "decrypt.co", NOW + hours * HOUR, sim)
        seen.append(news(sources.database))
    rows = seen[-1]
    assert [row["cluster_id"] for row in rows[:3]] == [rows[0]["text_id"]] * 3
    assert rows[3]["cluster_id"] == rows[3]["text_id"]  # the first of the story is longer ago than 72 hours
    assert [row["similarity"] is None for row in rows] == [True, False, False, True]
    for before in seen:
        assert rows[: len(before)] == before


def test_feeds_of_ones_own_are_sources_of_their_own_and_listed_ones_can_be_left_out(
    database: Database, sim: SimulatorProcess
) -> None:
    sources = sources_of(database, sim, feeds="https://forklog.com/feed, https://coinpost.jp/?feed=rss2")
    sources.settings.news.feeds_off = "decrypt.co"
    declare(sources)
    for source, language in (("forklog.com/feed", "ru"), ("coinpost.jp/?feed=rss2", "ja")):
        assert look(sources, source, NOW, sim).error is None
        rows = news(database, f"source = '{source.partition('/')[0]}'")
        assert len(rows) > 5
        assert {row["language"] for row in rows} == {language}
    (off,) = database.rows("SELECT state, why FROM data_sources WHERE source = 'decrypt.co'")
    assert off == {"state": "off", "why": "left out by ALPHAPULSE_NEWS__FEEDS_OFF"}
