"""What the body of a feed says: RSS 0.9x, 1.0 and 2.0, Atom. Pure; feedparser does the reading.

Nothing is parsed that could do harm by being parsed: a body that declares entities is refused as a whole
(no feed needs them; a few of them unpack to gigabytes), one that is HTML is none. Of a body that was cut
short the items are kept that are whole, and it is said so. Documented:
rssboard.org/rss-specification, RFC 4287.
"""

import io
import re
from typing import Any, Final

from alphapulse_resources.providers.bodies import Body
from alphapulse_resources.providers.news_model import NewsAnswer, NewsItem
from alphapulse_resources.venues.model import Reject

MOST_ITEMS: Final = 500
"""Items of one answer that are looked at (ours): a feed that sends its whole archive sends it once."""
_BEGINNING: Final = 4096
_HTML: Final = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_ENTITY: Final = re.compile(r"<!ENTITY", re.IGNORECASE)
_ITEM_END: Final = re.compile(rb"</(?:item|entry)\s*>", re.IGNORECASE)
_FEED_END: Final = re.compile(rb"</(?:rss|feed|rdf:RDF)\s*>\s*(?:<!--.*?-->\s*)*$", re.IGNORECASE | re.DOTALL)
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")


def read_feed(body: Body) -> NewsAnswer:
    """The items of a feed, as it tells them.

    Raises:
        ValueError: the body is no feed, or one that must not be parsed.
    """
    content = _as_utf8(body.content)
    _refuse(content)
    cut = _FEED_END.search(content[-_BEGINNING:]) is None
    if cut:
        content = _whole_items(content)
    import feedparser  # a tenth of a second that every command would pay, as all read the registry

    told = feedparser.parse(
        io.BytesIO(content),
        response_headers={"content-type": _type(body, content)},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not told.version and not told.entries:
        raise ValueError(f"no feed: it begins with {content[:60]!r}")
    read = [_item(entry) for entry in told.entries[:MOST_ITEMS]]
    items = [each for each in read if isinstance(each, NewsItem)]
    rejects = [each for each in read if isinstance(each, Reject)]
    return NewsAnswer(items, rejects, _note(told), _missing(told, cut=cut))


def _as_utf8(content: bytes) -> bytes:
    """UTF-16 would hide from every look at the bytes: it is turned into UTF-8 first."""
    if not content.startswith(_WIDE):
        return content
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else _plain_wide(content))
    except UnicodeDecodeError as error:
        raise ValueError(f"its characters cannot be read ({error.reason})") from None
    return re.sub(r"(<\?xml[^>]*?)\s+encoding\s*=\s*(\"[^\"]*\"|'[^']*')", r"\1", text, count=1).encode()


def _plain_wide(content: bytes) -> str:
    return "utf-16-be" if content[:1] == b"\x00" else "utf-16-le"


def _refuse(content: bytes) -> None:
    if not content.strip():
        raise ValueError("the body is empty")
    if _HTML.match(content[:_BEGINNING].removeprefix(b"\xef\xbb\xbf")):
        raise ValueError("HTML where a feed belongs: the outlet shows a page, such as one of maintenance")
    if not content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        raise ValueError(f"no feed: it begins with {content[:60]!r}")
    if _ENTITY.search(content.decode("latin-1")):
        raise ValueError("it declares entities of its own, which no feed needs: it is not parsed")


def _whole_items(content: bytes) -> bytes:
    """What comes before the cut: nothing after the last item that is at its end."""
    ends = [found.end() for found in _ITEM_END.finditer(content)]
    if not ends:
        raise ValueError("the body was cut short before the end of its first item")
    return content[: ends[-1]]


def _type(body: Body, content: bytes) -> str:
    """The type that the body is read as.

    A charset of the header counts (RFC 7303) unless the body is plainly something else; `text/xml` without
    one would be ASCII, which nobody means.
    """
    told = re.search(r"charset\s*=\s*\"?([\w-]+)", body.content_type, re.IGNORECASE)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return f"application/xml; charset={told[1]}" if told else "application/xml"
    return "application/xml; charset=utf-8"


def _item(entry: Any) -> NewsItem | Reject:
    url = entry.get("feedburner_origlink") or entry.get("link") or ""
    if not url and str(entry.get("id", "")).startswith(("http://", "https://")):
        url = str(entry["id"])
    title = entry.get("title") or ""
    missing = [name for name, value in (("link", url), ("title", title)) if not value.strip()]
    if missing:
        told = {name: str(entry.get(name))[:500] for name in ("title", "link", "id", "published")}
        return Reject("_and_".join(missing) + "_missing", told)
    published = entry.get("published") or entry.get("updated") or None
    return NewsItem(url, title, _description(entry), published)


def _description(entry: Any) -> str | None:
    if summary := entry.get("summary"):
        return str(summary)
    contents = entry.get("content") or []
    return str(contents[0].get("value") or "") or None if contents else None


def _missing(told: Any, *, cut: bool) -> str | None:
    if cut:
        return f"the body was cut short: {len(told.entries)} items before the cut were kept"
    if not told.entries:
        return "the feed holds no items"
    if len(told.entries) > MOST_ITEMS:
        return f"{len(told.entries)} items: the first {MOST_ITEMS} were kept"
    return None


def _note(told: Any) -> str | None:
    error = told.get("bozo_exception")
    if error is None or type(error).__name__ == "CharacterEncodingOverride":
        return None
    return f"not well-formed: {type(error).__name__}: {error}"[:200]
