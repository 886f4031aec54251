"""What is wrong with news on command, and questions in words: pure functions on texts."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from alphapulse_sim.faults import parse_fault
from alphapulse_sim.feed_xml import feed_text
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.intervals import HOUR
from alphapulse_sim.news_lies import LIES, emptied, news_lied
from alphapulse_sim.news_query import QueryError, parse, searched
from alphapulse_sim.outlets import BY_DOMAIN, Outlet
from alphapulse_sim.stories import stories

NOW = epoch_ms("2024-01-10T12:00")
FEED = "application/rss+xml"
ATOM = "application/atom+xml"
GDELT = '{"articles":[{"title":"A","seendate":"20240110T114500Z"}]}'
NEWSAPI = '{"status":"ok","articles":[{"title":"A","publishedAt":"2024-01-10T11:45:00Z"}]}'


def feed(domain: str = "cointelegraph.com") -> str:
    outlet: Outlet = BY_DOMAIN[domain]
    own = [story for story in stories(7, NOW - 6 * HOUR, NOW) if story.language == "en"]
    return feed_text(outlet, own[-8:], NOW)


def lied(what: str, text: str, kind: str = FEED, time: int = 1) -> tuple[bytes, dict[str, str]]:
    headers = {"ETag": "x", "Last-Modified": "y", "Content-Type": f"{kind}; charset=utf-8"}
    parameters: dict[str, Any] = {"what": what, "megabytes": 1}
    return news_lied(text.encode(), kind, headers, parameters, time), headers


def dates(body: bytes) -> list[str]:
    return re.findall(r"<pubDate>(.*?)</pubDate>", body.decode())


def test_every_lie_changes_a_feed_and_takes_its_validators_away() -> None:
    for what in LIES:
        for text, kind in ((feed(), FEED), (feed("bitcoinops.org"), ATOM)):
            body, headers = lied(what, text, kind)
            assert body != text.encode() or what in ("gzip_header", "bad_escape")
            assert headers.keys() <= {"Content-Type", "Content-Encoding"}


def test_dates_lie_as_they_are_told_to() -> None:
    true = [parsedate_to_datetime(told) for told in dates(feed().encode())]
    ahead = [parsedate_to_datetime(told) for told in dates(lied("future", feed())[0])]
    assert [late - right for late, right in zip(ahead, true, strict=True)] == [timedelta(days=400)] * len(
        true
    )
    assert {parsedate_to_datetime(told) for told in dates(lied("epoch", feed())[0])} == {
        datetime.fromtimestamp(0, UTC)
    }
    assert dates(lied("missing", feed())[0]) == []
    assert set(dates(lied("unreadable", feed())[0])) == {"yesterday, about noon"}
    assert all(
        re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d", t) for t in dates(lied("no_zone", feed())[0])
    )


def test_zones_with_names_tell_the_true_moment() -> None:
    hours = {"EST": -5, "PST": -8, "CET": 1, "MSK": 3, "JST": 9}
    true = [parsedate_to_datetime(told) for told in dates(feed().encode())]
    told = dates(lied("zone_names", feed())[0])
    for text, right in zip(told, true, strict=True):
        clock, _, zone = text.rpartition(" ")
        moment = datetime.strptime(clock, "%a, %d %b %Y %H:%M:%S").replace(tzinfo=UTC)
        assert moment - timedelta(hours=hours[zone]) == right


def test_repeats_are_old_items_with_other_ids_and_a_new_date() -> None:
    items = [
        re.findall(r"<item>.*?</item>", text, re.DOTALL)
        for text in (feed(), lied("repeats", feed())[0].decode())
    ]
    assert len(items[1]) == len(items[0]) + 5
    guid, title = re.compile(r"<guid[^>]*>(.*?)</guid>"), re.compile(r"<title>(.*?)</title>")
    for again, old in zip(items[1][:5], items[0][-5:], strict=True):
        assert guid.findall(again)[0] == f"{guid.findall(old)[0]}-again1"
        assert title.findall(again) == title.findall(old)
        assert dates(again.encode()) == dates(items[0][0].encode())
    once, twice = (lied("new_guids", feed(), time=time)[0] for time in (1, 2))
    assert once != twice


def test_bytes_are_not_what_they_are_called() -> None:
    with pytest.raises(UnicodeDecodeError):
        lied("latin1", feed())[0].decode()
    body, headers = lied("declared_latin1", feed())
    assert "\xe9" in body.decode()
    assert b'encoding="ISO-8859-1"' in body
    assert "ISO-8859-1" in headers["Content-Type"]
    assert lied("gzip_header", feed())[1]["Content-Encoding"] == "gzip"
    body, headers = lied("gzip_body", feed())
    assert gzip.decompress(body).decode() == feed()
    assert "Content-Encoding" not in headers
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(lied("control_characters", feed())[0])


def test_bombs_are_as_large_as_asked() -> None:
    for text, kind in ((feed(), FEED), (feed("bitcoinops.org"), ATOM)):
        assert len(lied("huge", text, kind)[0]) > 1 << 20
        small, headers = lied("gzip_bomb", text, kind)
        assert len(small) < 50_000
        assert len(gzip.decompress(small)) > 1 << 20
        assert headers["Content-Encoding"] == "gzip"
        bomb = lied("bomb", text, kind)[0].decode()
        assert bomb.count("<!ENTITY") == 10
        assert re.search(r"<title[^>]*>[^<]*&lol9;</title>", bomb)
        assert 'SYSTEM "file:///etc/hostname"' in lied("external", text, kind)[0].decode()


def test_items_lose_titles_or_links_and_the_feed_keeps_its_own() -> None:
    untitled = ElementTree.fromstring(lied("no_titles", feed())[0])
    assert untitled.findtext("channel/title") == "Cointelegraph"
    assert untitled.findall("channel/item/title") == []
    assert ElementTree.fromstring(lied("no_links", feed())[0]).findall("channel/item/link") == []


@pytest.mark.parametrize(
    ("what", "gdelt", "newsapi"),
    [
        ("future", "20250213T114500Z", "2025-02-13T11:45:00Z"),
        ("epoch", "19700101T000000Z", "1970-01-01T00:00:00Z"),
        ("missing", None, None),
        ("unreadable", "yesterday, about noon", "yesterday, about noon"),
    ],
)
def test_answers_in_json_lie_about_dates_too(what: str, gdelt: str | None, newsapi: str | None) -> None:
    told = json.loads(lied(what, GDELT, "application/json")[0])["articles"][0]["seendate"]
    assert told == gdelt
    assert json.loads(lied(what, NEWSAPI, "application/json")[0])["articles"][0]["publishedAt"] == newsapi


def test_a_bad_escape_is_no_json() -> None:
    with pytest.raises(json.JSONDecodeError, match="escape"):
        json.loads(lied("bad_escape", GDELT, "application/json")[0])


def test_nothing_is_what_each_host_says_when_it_has_nothing() -> None:
    assert emptied(b"", "application/json", "api.gdeltproject.org") == "{}"
    assert json.loads(emptied(b"", "application/json", "newsapi.org") or "")["totalResults"] == 0
    assert (
        ElementTree.fromstring(emptied(feed().encode(), FEED, "cointelegraph.com") or "").findall(".//item")
        == []
    )
    assert emptied(b"\xff", "application/zip", "data.binance.vision") is None


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"kind": "news", "what": "truth"}, "what= one of"),
        ({"kind": "news", "what": "huge", "megabytes": 1000}, "megabytes"),
        ({"kind": "frozen", "at": "noon"}, "noon"),
    ],
)
def test_a_lie_that_cannot_be_is_refused_with_the_reason(spec: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_fault(spec)


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("bitcoin", True),
        ("bit", False),
        ("bitcoin solana", False),
        ("bitcoin AND funds", True),
        ("solana OR funds", True),
        ('"bitcoin funds"', True),
        ('"funds bitcoin"', False),
        ("bitcoin -funds", False),
        ("bitcoin NOT solana", True),
        ("bitcoin NOT (solana OR funds)", False),
        ("(solana OR bitcoin) (gain OR lose)", True),
        ("BTC", True),
    ],
)
def test_a_question_in_words_finds_what_it_says(query: str, finds: bool) -> None:
    assert parse(query)(searched("Bitcoin funds lose $5 million", "BTC fell.")) is finds


@pytest.mark.parametrize("query", ["(bitcoin", "bitcoin)", 'an "open phrase', "bitcoin OR", "", "NOT"])
def test_a_question_that_cannot_be_read_is_refused(query: str) -> None:
    with pytest.raises(QueryError):
        parse(query)
