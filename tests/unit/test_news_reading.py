"""What bodies of feeds, GDELT and NewsAPI say, and which are not believed."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alphapulse_assets.news.texts.plain import LONGEST_BODY, LONGEST_TITLE, description, plain
from alphapulse_assets.news.texts.rows import told
from alphapulse_resources.providers.bodies import Body
from alphapulse_resources.providers.gdelt.articles import read_articles, seen_at
from alphapulse_resources.providers.news_model import NewsItem
from alphapulse_resources.providers.newsapi.articles import read_everything
from alphapulse_resources.providers.rss.feeds import FEEDS, own_feeds
from alphapulse_resources.providers.rss.reading import read_feed
from alphapulse_resources.settings import News
from alphapulse_resources.venues.model import ErrorKind, VenueError

RSS = '<?xml version="1.0" encoding="{}"?><rss version="2.0"><channel><title>t</title>{}</channel></rss>'
ITEM = "<item><title>{}</title><link>https://a.com/{}</link></item>"
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry>
<title type="html">A &amp;amp; B</title>
<link rel="alternate" href="https://a.com/1"/><id>urn:1</id><updated>2025-03-12T14:00:00Z</updated>
<summary type="html">&lt;p&gt;Text&lt;/p&gt;</summary></entry></feed>"""
NOW = datetime(2025, 3, 12, 15, tzinfo=UTC)


def body(content: str | bytes, kind: str = "application/rss+xml") -> Body:
    return Body(content.encode() if isinstance(content, str) else content, kind, None, None)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (RSS.format("utf-8", ITEM.format("Zürich, 東京", 1)).encode(), "application/rss+xml"),
        (RSS.format("utf-8", ITEM.format("Zürich, 東京", 1)).encode(), "text/xml; charset=iso-8859-1"),
        (RSS.format("utf-16", ITEM.format("Zürich, 東京", 1)).encode("utf-16"), "text/xml"),
        (b"\xef\xbb\xbf" + RSS.format("utf-8", ITEM.format("Zürich, 東京", 1)).encode(), "text/plain"),
        (RSS.format("latin-1", ITEM.format("Zürich, 東京", 1)).encode(), "application/rss+xml"),
    ],
)
def test_wrong_words_about_the_encoding_spoil_no_letter(content: bytes, kind: str) -> None:
    (item,) = read_feed(body(content, kind)).items
    assert item.title == "Zürich, 東京"


def test_a_feed_in_an_old_encoding_that_says_so_is_read() -> None:
    content = RSS.format("windows-1251", ITEM.format("Биткоин", 1)).encode("cp1251")
    assert read_feed(body(content)).items[0].title == "Биткоин"


def test_atom_and_rss_say_the_same_things() -> None:
    (item,) = read_feed(body(ATOM)).items
    assert (item.url, item.published) == ("https://a.com/1", "2025-03-12T14:00:00Z")
    assert plain(item.title, LONGEST_TITLE) == "A & B"
    assert description(item.description, "A & B") == "Text"


def test_a_feed_that_is_not_well_formed_is_read_and_told_of() -> None:
    answer = read_feed(body(RSS.format("utf-8", ITEM.format("AT&T & Bitcoin", 1))))
    assert [item.url for item in answer.items] == ["https://a.com/1"]
    assert (answer.note or "").startswith("not well-formed")


def test_of_a_body_that_was_cut_only_whole_items_are_kept_wherever_it_was_cut() -> None:
    whole = RSS.format("utf-8", "".join(ITEM.format(f"Headline {n}", n) for n in range(4)))
    for end in range(whole.index("<item>"), len(whole) - len("</rss>")):
        kept = whole[:end].count("</item>")
        if not kept:
            with pytest.raises(ValueError, match="cut short before the end of its first item"):
                read_feed(body(whole[:end]))
            continue
        answer = read_feed(body(whole[:end]))
        assert [item.title for item in answer.items] == [f"Headline {n}" for n in range(kept)]
        assert "cut short" in (answer.missing or "")


BOMB = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + RSS.format(
    "utf-8", ITEM.format("&b;", 1)
)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<!DOCTYPE html><html><body>maintenance</body></html>", "HTML"),
        (b"\xef\xbb\xbf  <!-- hi --> <HTML><head></head></HTML>", "HTML"),
        (b'{"status": "error"}', "no feed"),
        (BOMB.encode(), "declares entities"),
        (BOMB.encode("utf-16"), "declares entities"),
        (BOMB.encode("utf-16-le"), "declares entities"),
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>', "declares entities"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "first item"),
        (b"<catalogue></catalogue></rss>", "no feed"),
    ],
)
def test_what_is_no_feed_is_refused_and_why_is_said(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_feed(body(content))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A &amp;amp; B&nbsp;<b>bo</b>ld<br>x", "A & B bold x"),
        ("&lt;p&gt;Price &lt; 5&lt;/p&gt;", "Price < 5"),
        ("safe\u202etxet\u202c \u200bzero\x00\x07 width\ufeff", "safetxet zero width"),
        ("<script>alert('x')</script>Text<style>p {}</style>", "Text"),
        ("1 < 2 and BTC<ETH", "1 < 2 and BTC<ETH"),
        ('cut <a href="https://x.com', "cut"),
        ("e\u0301", "é"),
        ("👨\u200d👩\u200d👧 family", "👨\u200d👩\u200d👧 family"),
        ("", None),
        ("<img src=x>", None),
    ],
)
def test_texts_are_plain(text: str, expected: str | None) -> None:
    assert plain(text, 100) == expected


def test_texts_have_bounds_and_no_outlets_trailers() -> None:
    assert len(plain("word " * 1000, LONGEST_TITLE) or "") <= LONGEST_TITLE
    assert len(description("word " * 1000, "x") or "") <= LONGEST_BODY
    assert description("Same headline", "Same Headline") is None
    trailer = "<p>It fell.</p><p>The post <a href='x'>T</a> appeared first on <a href='y'>Site</a>.</p>"
    assert description(trailer, "T") == "It fell."
    assert description("It fell. [&#8230;]", "T") == "It fell."


@pytest.mark.parametrize(
    "part", ["...", "<", "<!--", "<script", "<a b=c ", "The post x appeared first on ", "a<b"]
)
def test_no_text_takes_long_to_read(part: str) -> None:
    began = time.process_time()
    description(part * (50_000 // len(part)), "x")
    assert time.process_time() - began < 0.5  # some hundredths of a second each; a square would be minutes


def test_gdelt_tells_when_it_saw_an_article_and_that_is_no_publication() -> None:
    row = {
        "url": "https://www.a.com/x", "url_mobile": "", "title": "Bitcoin falls below $ 90 , 000 , again",
        "seendate": "20250312T141500Z", "socialimage": "", "domain": "a.com", "language": "English",
        "sourcecountry": "United States",
    }  # fmt: skip
    answer = read_articles(body(json.dumps({"articles": [row, {"title": "no url"}, 3]})))
    (item,) = answer.items
    assert (item.title, len(answer.rejects)) == ("Bitcoin falls below $90,000, again", 2)
    assert seen_at(item) == datetime(2025, 3, 12, 14, 15, tzinfo=UTC)
    made = told(answer.items, "gdelt", "gdelt", NOW).articles.row(0, named=True)
    assert (made["published"], made["source"]) == (None, "a.com")
    assert made["published_note"] == "not told; gdelt saw it at 20250312T141500Z"
    assert read_articles(body("{}")).items == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (
            "Please limit requests to one every 5 seconds or contact kalev.leetaru5@gmail.com",
            ErrorKind.BANNED,
        ),
        ("Your query was too short or too long.\n", ErrorKind.BAD_REQUEST),
        ("Invalid mode.", ErrorKind.BAD_REQUEST),
    ],
)
def test_gdelts_words_with_status_200_are_errors(content: str, kind: ErrorKind) -> None:
    with pytest.raises(VenueError) as raised:
        read_articles(body(content))
    assert raised.value.kind is kind
    assert content.strip()[:30] in str(raised.value)


def test_gdelts_wrong_escapes_lose_no_article() -> None:
    (item,) = read_articles(body(r'{"articles": [{"url": "https://a.com/x", "title": "It\'s \up"}]}')).items
    assert item.title.startswith("It")


@pytest.mark.parametrize("content", ["", "<html></html>", '{"articles": {}}', '{"articles": [', "[1]"])
def test_other_answers_of_gdelt_are_no_articles(content: str) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError)):
        read_articles(body(content))


def test_a_real_answer_of_newsapi_becomes_rows(shared_data: Path) -> None:
    content = (shared_data / "text" / "everything_bitcoin_2020-08-09.json").read_bytes()
    answer = read_everything(body(content, "application/json"))
    assert (len(answer.items), answer.rejects) == (20, [])
    assert "7,724" in (answer.missing or "")
    made = told(answer.items, "newsapi", "newsapi", NOW)
    assert made.articles.height == 20
    assert made.articles["published"].null_count() == 0
    assert made.rejects == []
    assert not made.articles["title"].str.contains("<|&amp;").any()


def test_what_an_outlet_has_taken_back_is_left_out() -> None:
    rows = [{"url": "https://removed.com", "title": "[Removed]"}, {"url": "https://a.com/x", "title": "T"}]
    answer = read_everything(body(json.dumps({"status": "ok", "totalResults": 2, "articles": rows})))
    assert answer.items == [NewsItem("https://a.com/x", "T")]
    with pytest.raises(ValueError, match="apiKeyInvalid"):
        read_everything(body('{"status": "error", "code": "apiKeyInvalid", "message": "wrong"}'))


def test_feeds_of_ones_own_have_names_of_their_own() -> None:
    own = own_feeds(
        "https://www.coindesk.com/arc/outboundfeeds/rss/, https://a.org/?feed=rss2,https://a.org/b"
    )
    assert [each.name for each in own] == [
        "coindesk.com/arc/outboundfeeds/rss/",
        "a.org/?feed=rss2",
        "a.org/b",
    ]
    assert own[1].parameters == {"feed": "rss2"}
    assert not {each.name for each in own} & {each.name for each in FEEDS}
    assert own_feeds(None) == own_feeds(" , ") == []
    for wrong in ("ftp://a.org/x", "a.org/feed", "https://user:secret@a.org/x", "https://"):
        with pytest.raises(ValueError, match="begins with https://") as raised:
            News(feeds=wrong)
        assert "secret" not in str(raised.value)
