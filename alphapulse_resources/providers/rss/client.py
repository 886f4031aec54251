"""Asking a feed."""

from datetime import datetime
from typing import Final

from alphapulse_resources.providers.bodies import Body, Unless
from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.news_model import NewsAnswer
from alphapulse_resources.providers.rss.feeds import Feed
from alphapulse_resources.providers.rss.reading import read_feed
from alphapulse_resources.venues.gateway import Response

ACCEPT: Final = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"

Told = tuple[NewsAnswer, Unless]
"""An answer, and what it is known by."""


def ask_feed(
    client: ProviderClient, feed: Feed, now: datetime, unless: Unless | None
) -> Response[Told | None]:
    """The feed now; None where it is what it was (`unless`). Raises `VenueError`."""

    def read(body: Body) -> Told:
        return read_feed(body), Unless(body.etag, body.last_modified)

    return client.get_body(
        feed.path, feed.parameters, Series(feed.name, "feed"), (now, now), read, accept=ACCEPT, unless=unless
    )
