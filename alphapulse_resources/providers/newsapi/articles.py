"""Articles that were published in a window of time, as NewsAPI has them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from alphapulse_resources.providers.bodies import Body
from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.news_model import NewsAnswer, NewsItem
from alphapulse_resources.providers.newsapi import NAME
from alphapulse_resources.venues.gateway import Response
from alphapulse_resources.venues.model import Reject

MOST: Final = 100
"""Articles of one answer, and of a question on the free plan (documented)."""
QUERY: Final = 'bitcoin OR ethereum OR cryptocurrency OR "crypto market" OR stablecoin'
_PATH: Final = "/v2/everything"
_REMOVED: Final = "[Removed]"
"""The headline of what an outlet has taken back (documented by what is sent)."""


def ask_everything(
    client: ProviderClient, start: datetime, end: datetime, query: str = QUERY
) -> Response[NewsAnswer | None]:
    """Articles published in [start, end], the newest first, at most `MOST`. Raises `VenueError`."""
    asked: Mapping[str, str | int] = {
        "q": query,
        "searchIn": "title,description",
        "from": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        "to": f"{end.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        "sortBy": "publishedAt",
        "pageSize": MOST,
        "page": 1,
    }
    series = Series(NAME, "everything")
    return client.get_body(_PATH, asked, series, (start, end), read_everything, accept="application/json")


def read_everything(body: Body) -> NewsAnswer:
    """The articles of an answer.

    Raises:
        KeyError, TypeError, ValueError: the body is not as documented.
    """
    told = json.loads(body.content)
    if told["status"] != "ok":
        raise ValueError(f"{told.get('code')}: {told.get('message')}"[:200])
    rows, total = told["articles"], int(told["totalResults"])
    if not isinstance(rows, list):
        raise TypeError(f"{type(rows).__name__} where a list of articles belongs")
    read = [_article(row) for row in rows]
    more = f"{total:,} articles, of which a question brings {len(rows)}" if total > len(rows) else None
    return NewsAnswer(
        [each for each in read if isinstance(each, NewsItem) and each.title != _REMOVED],
        [each for each in read if isinstance(each, Reject)],
        missing=more,
    )


def _article(row: Any) -> NewsItem | Reject:
    if not isinstance(row, dict) or not row.get("url") or not str(row.get("title") or "").strip():
        return Reject("url_or_title_missing", row if isinstance(row, dict) else {"row": row})
    text = row.get("description")
    published = row.get("publishedAt")
    return NewsItem(
        str(row["url"]),
        str(row["title"]),
        None if text is None else str(text),
        None if published is None else str(published),
    )
