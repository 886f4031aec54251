"""Asking X through tweepy, told not to wait: the gateway does that."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from alphapulse_resources.providers.library import WatchedSession, reading
from alphapulse_resources.providers.social_model import Fate, Posts
from alphapulse_resources.providers.x import NAME, X
from alphapulse_resources.providers.x.reading import FIELDS, read_fate, read_search
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway, Request, Seen
from alphapulse_resources.venues.model import ErrorKind, Fetch, VenueError

T = TypeVar("T")

LEAST: Final = 10
"""Fewest posts that a search can be asked for (documented)."""
MOST: Final = 100
"""Most posts of one answer, of searches and of lookups (documented)."""


class XClient:
    """X's answers, and in `fetches` what it took to get them. One thread at a time."""

    def __init__(self, settings: Settings, gateway: Gateway) -> None:
        import tweepy  # a third of a second, which only those pay who ask

        token = settings.providers.x_bearer_token
        if token is None:
            raise VenueError(
                ErrorKind.BAD_KEY, "x: no token is set: set ALPHAPULSE_PROVIDERS__X_BEARER_TOKEN"
            )
        self.fetches: list[Fetch] = []
        self._gateway = gateway
        self._session = WatchedSession(settings, [token])
        self._client = tweepy.Client(token.get_secret_value(), return_type=dict, wait_on_rate_limit=False)
        self._client.session = self._session
        logging.getLogger("tweepy.client").setLevel(logging.INFO)  # below that it logs the token

    def search(
        self,
        query: str,
        now: datetime,
        most: int,
        *,
        since_id: str | None = None,
        start_time: datetime | None = None,
        next_token: str | None = None,
    ) -> Posts:
        """At most `most` (10 to 100) posts that a search finds, newer than `since_id`, the newest first."""
        return self._ask(
            lambda: self._client.search_recent_tweets(
                query,
                max_results=most,
                since_id=since_id,
                start_time=start_time,
                next_token=next_token,
                tweet_fields=list(FIELDS),
            ),
            ("/2/tweets/search/recent", "search", now),
            lambda body: read_search(body, query),
        )

    def fate(self, post_ids: Sequence[str], now: datetime) -> Fate:
        """What became of at most `MOST` posts."""
        return self._ask(
            lambda: self._client.get_tweets(list(post_ids)), ("/2/tweets", "posts", now), read_fate
        )

    def _ask(self, call: Callable[[], Any], where: tuple[str, str, datetime], read: Callable[[Any], T]) -> T:
        path, about, now = where
        question = Request(
            source="rest",
            provider=NAME,
            subject=f"{NAME} {about}",
            host=X.host,
            path=path,
            start=now,
            end=now,
            buckets=tuple(X.budgets),
            weight=1.0,
        )

        def send(seen: Seen) -> T:
            with self._session.shown_to(seen):
                body = call()
            return reading(read, body)

        answer = self._gateway.ask(question, send)
        self.fetches += answer.fetches
        return answer.value
