"""Feeds, GDELT and NewsAPI of the simulator on a real socket: shapes, conditions, refusals, faults, truth."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import requests

from alphapulse_sim.newsapi import DISABLED_KEY, EXHAUSTED_KEY, PAID_KEY, WRONG_KEY
from alphapulse_sim.outlets import BY_DOMAIN, OUTLETS
from alphapulse_sim.process import SimulatorProcess

NOW = "2024-01-10T12:00:00Z"
FEEDS = [outlet.feed for outlet in OUTLETS if outlet.feed]
COINTELEGRAPH = "cointelegraph.com/rss"
ATOM = {"": "http://www.w3.org/2005/Atom"}
QUESTION = {"mode": "ArtList", "format": "json", "query": "(bitcoin OR ethereum) sourcelang:english"}


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as sim:
        yield sim


@pytest.fixture
def sim(running: SimulatorProcess) -> SimulatorProcess:
    running.clear()
    running.set_clock(NOW)
    return running


def get(
    sim: SimulatorProcess, path: str, headers: dict[str, str] | None = None, **query: Any
) -> requests.Response:
    return requests.get(f"{sim.url}/{path}", params=query, headers=headers, timeout=20)


def truth(sim: SimulatorProcess, start: str, end: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(sim, "_sim/stories", start=start, end=end).json()
    return found


def items(answer: requests.Response) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(answer.content)
    return root.findall("channel/item") or root.findall("entry", ATOM)


def told_at(item: ElementTree.Element) -> datetime:
    text = item.findtext("pubDate")
    return (
        parsedate_to_datetime(text) if text else datetime.fromisoformat(item.findtext("published", "", ATOM))
    )


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_has_the_newest_stories_of_its_outlet(sim: SimulatorProcess, feed: str) -> None:
    answer = get(sim, feed)
    assert answer.status_code == 200
    assert re.fullmatch(r"application/(rss|atom)\+xml; charset=utf-8", answer.headers["Content-Type"])
    outlet = next(each for each in OUTLETS if each.feed == feed)
    found = items(answer)
    times = [told_at(item) for item in found]
    assert 5 <= len(found) <= outlet.items
    assert times == sorted(times, reverse=True)
    assert max(times) <= datetime(2024, 1, 10, 12, tzinfo=UTC)
    since = times[-1].astimezone(UTC).isoformat()
    known = [each for each in truth(sim, since, "2024-01-10T12:00:01Z") if each["outlet"] == outlet.domain]
    assert [_address(item) for item in found] == [urlsplit(each["url"])[:3] for each in reversed(known)]


def _address(item: ElementTree.Element) -> tuple[str, ...]:
    link = item.findtext("link") or item.find("link", ATOM).get("href", "")  # type: ignore[union-attr]
    parts = urlsplit(link)
    return parts[:3]


def test_items_have_the_fields_that_the_real_feeds_have(sim: SimulatorProcess) -> None:
    both = {"title", "link", "guid", "pubDate", "description", "{http://purl.org/dc/elements/1.1/}creator"}
    media = "{http://search.yahoo.com/mrss/}"
    for feed, more in (
        ("www.coindesk.com/arc/outboundfeeds/rss/", {"category", f"{media}content"}),
        (COINTELEGRAPH, {"category", "enclosure", f"{media}content"}),
        ("decrypt.co/feed", {"category"}),
        ("www.theblock.co/rss.xml", {f"{media}thumbnail"}),
    ):
        for item in items(get(sim, feed)):
            assert {child.tag for child in item} == both | more
    fields = {"title", "link", "published", "updated", "id", "author", "category", "summary"}
    for entry in items(get(sim, "bitcoinops.org/feed.xml")):
        assert {child.tag.partition("}")[2] for child in entry} == fields


def test_links_carry_tracking_and_the_same_article_comes_with_others(sim: SimulatorProcess) -> None:
    whole = {_address(item): item for item in items(get(sim, COINTELEGRAPH))}
    tagged = {_address(item): item for item in items(get(sim, "cointelegraph.com/rss/tag/bitcoin"))}
    shared = whole.keys() & tagged.keys()
    assert shared
    for address in shared:
        links = {each[address].findtext("link") for each in (whole, tagged)}
        assert len(links) == 2
        assert all("utm_source=rss_feed" in (link or "") for link in links)
        assert whole[address].findtext("guid") == tagged[address].findtext("guid")


def test_who_has_a_feed_gets_304_until_it_changes(sim: SimulatorProcess) -> None:
    first = get(sim, COINTELEGRAPH)
    validators = (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    )
    for headers in validators:
        again = get(sim, COINTELEGRAPH, headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    stale = {**validators[1], "If-None-Match": '"another"'}
    assert get(sim, COINTELEGRAPH, stale).status_code == 200  # the tag goes before the time
    assert get(sim, COINTELEGRAPH, {"If-Modified-Since": "not a date"}).status_code == 200
    sim.set_clock("2024-01-10T13:30:00Z")
    for headers in validators:
        assert get(sim, COINTELEGRAPH, headers).status_code == 200


def test_a_title_that_changes_keeps_its_address_and_id(sim: SimulatorProcess) -> None:
    day = truth(sim, "2024-01-10T06:00:00Z", "2024-01-10T12:00:00Z")
    story = next(each for each in day if each["retitled_at"] and each["outlet"] == "cointelegraph.com")
    seen = []
    for at in (story["at"], story["retitled_at"]):
        sim.set_clock(datetime.fromtimestamp(at / 1000, UTC))
        item = next(each for each in items(get(sim, COINTELEGRAPH)) if each.findtext("guid") == story["url"])
        seen.append((item.findtext("title"), item.findtext("pubDate")))
    assert [title for title, _ in seen] == [story["title"], story["later_title"]]
    assert seen[0][1] == seen[1][1]


def test_gdelt_has_the_documented_fields_and_nothing_from_ahead(sim: SimulatorProcess) -> None:
    answer = get(
        sim, "api.gdeltproject.org/api/v2/doc/doc", **QUESTION, maxrecords=250, timespan="6h", sort="DateDesc"
    )
    rows = answer.json()["articles"]
    assert len(rows) > 50
    seen = [datetime.strptime(row["seendate"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for row in rows]
    assert seen == sorted(seen, reverse=True)
    assert datetime(2024, 1, 10, 5, 55, tzinfo=UTC) <= min(seen)
    assert max(seen) <= datetime(2024, 1, 10, 11, 55, tzinfo=UTC)
    known = {each["url"]: each for each in truth(sim, "2024-01-10T05:30:00Z", NOW)}
    for row, at in zip(rows, seen, strict=True):
        assert list(row) == [
            "url", "url_mobile", "title", "seendate", "socialimage", "domain", "language", "sourcecountry"
        ]  # fmt: skip
        assert all(isinstance(value, str) for value in row.values())
        assert (row["language"], row["domain"]) == ("English", known[row["url"]]["outlet"])
        assert 0 <= at.timestamp() * 1000 - known[row["url"]]["at"] < 15 * 60_000
        assert at.minute % 15 == 0


def test_gdelt_knows_other_languages_by_their_names(sim: SimulatorProcess) -> None:
    question = {**QUESTION, "query": "cryptocurrency sourcelang:spanish", "timespan": "1d"}
    rows = get(sim, "api.gdeltproject.org/api/v2/doc/doc", **question).json()["articles"]
    assert {(row["language"], row["sourcecountry"]) for row in rows} == {("Spanish", "Venezuela")}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("bitcoin OR ethereum", "Queries containing OR'd terms must be surrounded by ()."),
        ("(bitcoin ethereum)", "Parentheses may only be used around OR'd statements."),
        ('"BTC"', "The specified phrase is too short."),
        ("b", "Your query was too short or too long."),
        ("(bitcoin OR", "One or more of your parenthetical clauses had an error in it."),
        ("f-16 bitcoin", "One or more of your keywords contained an illegal character."),
        ("bitcoin sourcelang:klingon", "Invalid/Unsupported Language."),
    ],
)
def test_gdelt_says_what_is_wrong_in_plain_words_with_status_200(
    sim: SimulatorProcess, query: str, says: str
) -> None:
    answer = get(sim, "api.gdeltproject.org/api/v2/doc/doc", **{**QUESTION, "query": query})
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, "text/html")
    assert answer.text.startswith(says)


def test_gdelt_answers_one_request_in_five_seconds(sim: SimulatorProcess) -> None:
    asked = {**QUESTION, "query": "xyzzy", "timespan": "15min"}
    answers = [get(sim, "api.gdeltproject.org/api/v2/doc/doc", **asked) for _ in range(3)]
    assert answers[0].json() == {}
    refused = [each for each in answers if each.status_code == 429]  # three never fall into three windows
    assert refused
    assert refused[0].text.startswith("Please limit requests to one every 5 seconds")


def newsapi(sim: SimulatorProcess, key: str | None = "a-key", **query: Any) -> requests.Response:
    return get(sim, "newsapi.org/v2/everything", {"X-Api-Key": key} if key else None, **query)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return type(value).__name__


def test_newsapi_has_the_fields_and_types_of_a_real_body(sim: SimulatorProcess, shared_data: Path) -> None:
    real = json.loads((shared_data / "text" / "everything_bitcoin_2020-08-09.json").read_text())
    ours = newsapi(sim, q="bitcoin").json()
    assert list(ours) == list(real)
    assert (ours["status"], type(ours["totalResults"])) == (real["status"], int)
    optional = {"author", "urlToImage", "content"}
    for article in ours["articles"]:
        assert list(article) == list(real["articles"][0])
        for field, value in article.items():
            seen = {json.dumps(shape(each[field])) for each in real["articles"]}
            assert json.dumps(shape(value)) in seen or (value is None and field in optional)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", article["publishedAt"])
        content = article["content"]
        assert content in (None, "[Removed]") or re.search(r"… \[\+\d+ chars\]$", content)
    assert any(re.search(r"… \[\+\d+ chars\]$", each["content"] or "") for each in real["articles"])
    assert {shape(each["author"]) for each in ours["articles"]} == {"str", "NoneType"}


def test_newsapi_free_plan_is_a_day_late_and_a_paid_one_is_not(sim: SimulatorProcess) -> None:
    free, paid = (
        newsapi(sim, key, q="bitcoin", pageSize=5).json()["articles"] for key in ("a-key", PAID_KEY)
    )
    assert "2024-01-09T11:00" < free[0]["publishedAt"] <= "2024-01-09T12:00:00Z"
    assert "2024-01-10T11:00" < paid[0]["publishedAt"] <= "2024-01-10T12:00:00Z"
    window = {"from": "2024-01-09T09:00:00", "to": "2024-01-09T10:00:00"}
    body = newsapi(sim, domains="decrypt.co,coindesk.com", searchIn="title", **window).json()
    known = [
        each
        for each in truth(sim, "2024-01-09T09:00:00Z", "2024-01-09T10:00:00.001Z")
        if each["outlet"] in ("decrypt.co", "coindesk.com")
    ]
    assert body["totalResults"] == len(known) == len(body["articles"])
    names = {BY_DOMAIN["decrypt.co"].name, BY_DOMAIN["coindesk.com"].name, "[Removed]"}
    assert {each["source"]["name"] for each in body["articles"]} <= names


@pytest.mark.parametrize(
    ("key", "query", "status", "code"),
    [
        (None, {"q": "bitcoin"}, 401, "apiKeyMissing"),
        (WRONG_KEY, {"q": "bitcoin"}, 401, "apiKeyInvalid"),
        (DISABLED_KEY, {"q": "bitcoin"}, 401, "apiKeyDisabled"),
        (EXHAUSTED_KEY, {"q": "bitcoin"}, 429, "apiKeyExhausted"),
        ("a-key", {}, 400, "parametersMissing"),
        ("a-key", {"q": "bitcoin", "pageSize": 101}, 400, "parameterInvalid"),
        ("a-key", {"q": "bitcoin", "language": "xx"}, 400, "parameterInvalid"),
        ("a-key", {"q": "bitcoin", "page": 2}, 426, "maximumResultsReached"),
        ("a-key", {"q": "bitcoin", "from": "2023-10-01"}, 426, "parameterInvalid"),
    ],
)
def test_newsapi_refuses_with_its_codes(
    sim: SimulatorProcess, key: str | None, query: dict[str, Any], status: int, code: str
) -> None:
    answer = newsapi(sim, key, **query)
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, "error", code)
    assert answer.json()["message"]


def test_newsapi_counts_requests(sim: SimulatorProcess) -> None:
    sim.spend("newsapi.org", 50)
    answer = newsapi(sim, q="bitcoin")
    assert (answer.status_code, answer.json()["code"]) == (429, "rateLimited")


def test_a_lying_feed_is_sent_whole_to_who_has_it(sim: SimulatorProcess) -> None:
    validators = {"If-None-Match": get(sim, COINTELEGRAPH).headers["ETag"]}
    sim.fault("news", what="future", host="cointelegraph.com", times=1)
    answer = get(sim, COINTELEGRAPH, validators)
    assert answer.status_code == 200
    assert min(told_at(item) for item in items(answer)).year == 2025
    assert "ETag" not in answer.headers
    assert get(sim, COINTELEGRAPH, validators).status_code == 304


def test_a_frozen_feed_stands_still_and_an_empty_one_has_no_items(sim: SimulatorProcess) -> None:
    sim.fault("frozen", at="2024-01-10T09:00:00Z", host="decrypt.co")
    before = get(sim, "decrypt.co/feed").content
    sim.set_clock("2024-01-10T20:00:00Z")
    assert get(sim, "decrypt.co/feed").content == before
    sim.fault("empty", host="www.theblock.co")
    assert items(get(sim, "www.theblock.co/rss.xml")) == []


def test_usual_faults_hit_feeds_too(sim: SimulatorProcess) -> None:
    sim.fault("status", code=429, headers={"Retry-After": "120"}, host="cointelegraph.com", times=1)
    refused = get(sim, COINTELEGRAPH)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "120")
    sim.fault("html", host="cointelegraph.com", times=1)
    assert get(sim, COINTELEGRAPH).headers["Content-Type"].startswith("text/html")
    sim.fault("truncated", host="cointelegraph.com", times=1)
    with pytest.raises(ElementTree.ParseError):
        items(get(sim, COINTELEGRAPH))
    sim.fault("news", what="gzip_header", host="cointelegraph.com", times=1)
    with pytest.raises(requests.exceptions.ContentDecodingError):
        get(sim, COINTELEGRAPH)
    sim.fault("news", what="huge", megabytes=2, host="cointelegraph.com", times=1)
    assert len(get(sim, COINTELEGRAPH).content) > 2 << 20
    sim.fault("news", what="missing", host="newsapi.org", times=1)
    dates = {each["publishedAt"] for each in newsapi(sim, q="bitcoin", pageSize=3).json()["articles"]}
    assert dates == {None}


def test_the_truth_wants_a_window(sim: SimulatorProcess) -> None:
    answer = get(sim, "_sim/stories", start="2024-01-10")
    assert (answer.status_code, "end" in answer.text) == (400, True)
