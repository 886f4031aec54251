"""Articles that GDELT has seen in a window of time.

It tells when it saw an article (`seendate`), not when that was published; its index is made anew every 15
minutes, so that what it saw at a time can be asked for some time later.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from alphapulse_resources.providers.bodies import Body
from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.gdelt import NAME
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.news_model import NewsAnswer, NewsItem
from alphapulse_resources.venues.gateway import Response
from alphapulse_resources.venues.model import ErrorKind, Reject, VenueError

MOST: Final = 250
"""Articles of one answer (documented)."""
QUERY: Final = '(bitcoin OR ethereum OR cryptocurrency OR "crypto market" OR stablecoin) sourcelang:english'
"""What is asked for: articles in English, as scores are for English (ours)."""
_PATH: Final = "/api/v2/doc/doc"
_TIME: Final = "%Y%m%d%H%M%S"
_LONGEST: Final = 200
_ESCAPE: Final = re.compile(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4})?')


def ask_articles(
    client: ProviderClient, start: datetime, end: datetime, query: str = QUERY
) -> Response[NewsAnswer | None]:
    """Articles that it saw in [start, end], the newest first, at most `MOST`. Raises `VenueError`."""
    asked: Mapping[str, str | int] = {
        "query": query,
        "mode": "ArtList",
        "format": "json",
        "maxrecords": MOST,
        "sort": "DateDesc",
        "startdatetime": f"{start.astimezone(UTC):{_TIME}}",
        "enddatetime": f"{end.astimezone(UTC):{_TIME}}",
    }
    series = Series(NAME, "articles")
    return client.get_body(_PATH, asked, series, (start, end), read_articles, accept="application/json")


def read_articles(body: Body) -> NewsAnswer:
    """The articles of an answer; `{}` is one without any.

    Raises:
        VenueError: BANNED where it says that it was asked too often, BAD_REQUEST for its other words.
        ValueError: neither articles nor words.
    """
    text = body.content.decode("utf-8", "replace").strip()
    if not text.startswith(("{", "[")):
        raise _said(text)
    told = json.loads(_ESCAPE.sub(lambda found: found[0] if found[1] else "", text), strict=False)
    rows = told.get("articles", [])
    if not isinstance(rows, list):
        raise TypeError(f"{type(rows).__name__} where a list of articles belongs")
    read = [_article(row) for row in rows]
    return NewsAnswer(
        [each for each in read if isinstance(each, NewsItem)],
        [each for each in read if isinstance(each, Reject)],
    )


def seen_at(item: NewsItem) -> datetime | None:
    """When GDELT saw an article."""
    try:
        return datetime.strptime(item.seen or "", "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _article(row: Any) -> NewsItem | Reject:
    if not isinstance(row, dict) or not row.get("url") or not str(row.get("title") or "").strip():
        return Reject("url_or_title_missing", row if isinstance(row, dict) else {"row": row})
    seen = row.get("seendate")
    return NewsItem(str(row["url"]), _joined(str(row["title"])), seen=None if seen is None else str(seen))


def _joined(title: str) -> str:
    """A headline as it was: GDELT puts spaces round each sign of punctuation."""
    title = re.sub(r"\s+([,.;:!?%)\]\u201d\u2019])", r"\1", title)
    title = re.sub(r"([(\[$\u201c\u2018#])\s+", r"\1", title)
    title = re.sub(r"(\w) ' (s|t|re|ve|ll|d|m)\b", r"\1'\2", title)
    return re.sub(r"(\d)([.,]) (?=\d{1,3}\b)", r"\1\2", title)


def _said(text: str) -> Exception:
    words = " ".join(text.split())[:_LONGEST]
    if not words:
        return ValueError("the body is empty")
    if words.startswith("<"):
        return ValueError(f"HTML where JSON belongs: {words[:60]!r}")
    if "limit requests" in words.lower() or "too many" in words.lower():
        return VenueError(ErrorKind.BANNED, f"it was asked too often: {words!r}")
    return VenueError(ErrorKind.BAD_REQUEST, f"it says: {words!r}")
