"""What is wrong with news as they come (the `news` fault): dates, ids, characters, sizes. Pure.

Feeds are changed as text, so that what is told stays as it was but for the lie; answers of GDELT and NewsAPI
know those about dates and `bad_escape`.
"""

import gzip
import json
import re
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Final

_ZONES: Final = (("EST", -5), ("PST", -8), ("CET", 1), ("MSK", 3), ("JST", 9))
DATES: Final = ("future", "epoch", "missing", "unreadable", "zone_names", "no_zone")
LIES: Final = (
    *DATES, "repeats", "new_guids", "no_titles", "no_links", "control_characters", "latin1",
    "declared_latin1", "gzip_header", "gzip_body", "bomb", "external", "huge", "gzip_bomb", "bad_escape",
)  # fmt: skip
"""future: 400 days ahead; epoch: 1970; missing, unreadable: no date, or words; zone_names: the true moment
on the clock of a zone that is named (EST, PST, CET, MSK, JST); no_zone: without any; repeats: the five oldest
items on top again, as if they were new, with other ids and the newest item's date; new_guids: other ids of
all items at each answer; no_titles, no_links: items without; control_characters: in titles, which XML
forbids; latin1: Windows-1252 that calls itself UTF-8; declared_latin1: UTF-8 that calls itself ISO-8859-1;
gzip_header: plain text that calls itself gzip; gzip_body: gzip that does not say so; bomb: entities that
unfold to 3 GB; external: an entity that is a file of the reader's; huge: so many megabytes; gzip_bomb: so
many out of little; bad_escape: JSON with an escaped apostrophe."""

_FEED_DATE: Final = re.compile(r"<(pubDate|published|updated)>([^<]*)</\1>")
_JSON_DATE: Final = re.compile(r'"(seendate|publishedAt)":"([^"]*)"')
_GUID: Final = re.compile(r"(<guid[^>]*>|<id>)([^<]*)(</guid>|</id>)")
_ITEM: Final = re.compile(r"<item>.*?</item>|<entry>.*?</entry>", re.DOTALL)
_TITLE: Final = re.compile(r"<title[^>]*>.*?</title>", re.DOTALL)
_LINK: Final = re.compile(r"<link>.*?</link>|<link [^>]*/>", re.DOTALL)
_START: Final = re.compile(r"<channel>|<feed [^>]*>")
_REPEATED: Final = 5


def news_lied(
    body: bytes, kind: str, headers: MutableMapping[str, str], parameters: dict[str, Any], time: int
) -> bytes:
    """The body with the lie in it, and the headers that go with it; `time`: how often it was told already."""
    what = parameters["what"]
    text = body.decode()
    for name in ("ETag", "Last-Modified"):
        headers.pop(name, None)
    if "json" in kind:
        return _json(text, what).encode()
    if what in _IN_TEXT:
        return _IN_TEXT[what](text, time).encode()
    if what in DATES:
        return _FEED_DATE.sub(lambda found: _dated(found, what), text).encode()
    return _packed(text, what, headers, parameters["megabytes"])


def emptied(body: bytes, kind: str, host: str) -> str | None:
    """An answer of this host without any articles; None: it is no host of news."""
    if host == "newsapi.org":
        return json.dumps({"status": "ok", "totalResults": 0, "articles": []})
    if host == "api.gdeltproject.org":
        return "{}"
    return _ITEM.sub("", body.decode()) if "xml" in kind else None


def _dated(found: re.Match[str], what: str) -> str:
    tag, told = found.groups()
    if what == "missing":
        return ""
    return f"<{tag}>{_date(told, what, iso=tag != 'pubDate')}</{tag}>"


def _date(told: str, what: str, *, iso: bool) -> str:
    if what == "unreadable":
        return "yesterday, about noon"
    moment = datetime.fromisoformat(told) if iso else parsedate_to_datetime(told)
    if what == "future":
        moment += timedelta(days=400)
    elif what == "epoch":
        moment = datetime.fromtimestamp(0, UTC)
    elif what == "no_zone":
        return f"{moment:%Y-%m-%dT%H:%M:%S}" if iso else f"{moment:%a, %d %b %Y %H:%M:%S}"
    elif what == "zone_names":
        name, hours = _ZONES[moment.minute % len(_ZONES)]
        return f"{moment.astimezone(timezone(timedelta(hours=hours))):%a, %d %b %Y %H:%M:%S} {name}"
    return moment.isoformat() if iso else format_datetime(moment)


def _json(text: str, what: str) -> str:
    if what == "bad_escape":
        return text.replace('"title":"', '"title":"It\\\'s told: ')
    if what not in DATES:
        return text

    def dated(found: re.Match[str]) -> str:
        field, told = found.groups()
        if what == "missing":
            return f'"{field}":null'
        lie = _date(told, what, iso=True)
        if what in ("future", "epoch"):
            shape = "%Y%m%dT%H%M%SZ" if field == "seendate" else "%Y-%m-%dT%H:%M:%SZ"
            lie = datetime.fromisoformat(lie).strftime(shape)
        return f'"{field}":"{lie}"'

    return _JSON_DATE.sub(dated, text)


def _in_items(text: str, change: Callable[[str], str]) -> str:
    return _ITEM.sub(lambda found: change(found[0]), text)


def _again(item: str, time: int) -> str:
    return _GUID.sub(rf"\g<1>\g<2>-again{time}\g<3>", item)


def _repeats(text: str, time: int) -> str:
    items = _ITEM.findall(text)
    newest = _FEED_DATE.search(items[0]) if items else None
    if newest is None:
        return text
    date = newest[2]
    old = [_FEED_DATE.sub(rf"<\1>{date}</\1>", _again(each, time)) for each in items[-_REPEATED:]]
    return text.replace(items[0], "\n".join([*old, items[0]]), 1)


_IN_TEXT: Final[dict[str, Callable[[str, int], str]]] = {
    "repeats": _repeats,
    "new_guids": lambda text, time: _in_items(text, lambda item: _again(item, time)),
    "no_titles": lambda text, time: _in_items(text, lambda item: _TITLE.sub("", item)),
    "no_links": lambda text, time: _in_items(text, lambda item: _LINK.sub("", item)),
    "control_characters": lambda text, time: text.replace("</title>", "\x0b\x01</title>"),
}


def _packed(text: str, what: str, headers: MutableMapping[str, str], megabytes: int) -> bytes:
    """The lies about the bytes themselves."""
    if what == "latin1":
        curly = _noted(text.replace("'s ", "\u2019s "), "\u2019 \xe9")
        return curly.encode("cp1252", "xmlcharrefreplace")
    if what == "declared_latin1":
        headers["Content-Type"] = headers["Content-Type"].replace("utf-8", "ISO-8859-1")
        declared = re.sub(r'encoding="[^"]*"', 'encoding="ISO-8859-1"', text, count=1)
        return _noted(declared.replace("'s ", "\u2019s "), "\xe9").encode()
    if what in ("gzip_header", "gzip_bomb"):
        headers["Content-Encoding"] = "gzip"
    if what in ("huge", "gzip_bomb"):
        text = _noted(text, " " * (megabytes << 20))
    elif what in ("bomb", "external"):
        text = _with_entities(text, what)
    body = text.encode()
    return gzip.compress(body, mtime=0) if what in ("gzip_body", "gzip_bomb") else body


def _noted(text: str, note: str) -> str:
    """The feed with a note at its beginning that no reader shows."""
    return _START.sub(lambda found: f"{found[0]}<!-- {note} -->", text, count=1)


def _with_entities(text: str, what: str) -> str:
    """A document type with entities in it, and the last of them in the first title."""
    entities = ['<!ENTITY lol "lol">']
    for step in range(1, 10):
        before = "lol" if step == 1 else f"lol{step - 1}"
        entities.append(f'<!ENTITY lol{step} "{f"&{before};" * 10}">')
    if what == "external":
        entities = ['<!ENTITY lol9 SYSTEM "file:///etc/hostname">']
    root = "feed" if "<feed" in text else "rss"
    head, end, rest = text.partition("?>")
    entity_in = _TITLE.sub(lambda found: found[0].replace("</title>", " &lol9;</title>"), rest, count=1)
    return f"{head}{end}\n<!DOCTYPE {root} [{''.join(entities)}]>{entity_in}"
