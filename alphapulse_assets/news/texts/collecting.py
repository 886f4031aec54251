"""Asking for news: each feed by itself, GDELT and NewsAPI by windows of time.

An article is stored when it is first seen, and stays as it was then; who tells it later, or with another
headline, is a sighting. A source that was away for a day brings what it has: that is first seen now, with the
time of its publication beside it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from alphapulse_assets.datasets.collecting import Collected, Collector, Sources
from alphapulse_assets.news.texts.looking import DATASET, STANDS_STILL, Look
from alphapulse_resources.providers.bodies import Unless
from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.gdelt import GDELT
from alphapulse_resources.providers.gdelt.articles import MOST, ask_articles, seen_at
from alphapulse_resources.providers.news_model import NewsAnswer
from alphapulse_resources.providers.newsapi import NEWSAPI
from alphapulse_resources.providers.newsapi.articles import ask_everything
from alphapulse_resources.providers.rss import NAME as RSS
from alphapulse_resources.providers.rss import provider_of
from alphapulse_resources.providers.rss.client import ask_feed
from alphapulse_resources.providers.rss.feeds import Feed, listed, own_feeds
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.model import Fetch

EVERY: Final = timedelta(minutes=5)
NEWSAPI_EVERY: Final = timedelta(minutes=25)
"""58 of the free plan's 100 requests a day, so that there is room for retries within the 70 that are used."""
ASKED_IN_FULL: Final = timedelta(hours=24)
"""After so long a feed is asked without conditions: a server may be wrong about what has changed (ours)."""
LOOKS_BACK: Final = timedelta(minutes=45)
"""What GDELT and NewsAPI saw at a time can be asked for later: windows overlap by this (ours)."""
CATCHES_UP: Final = timedelta(hours=24)
"""How far back a source of windows is asked after it, or we, were away (ours)."""
NEWSAPI_LATE: Final = timedelta(hours=24)
"""How late the free plan has articles (documented)."""
MOST_PAGES: Final = 3
"""Questions of one round to GDELT, where one has as many articles as an answer holds (ours)."""


def collect_feed(feed: Feed, sources: Sources, now: datetime) -> Collected:
    """What a feed tells now."""
    look = Look.at(sources, now, RSS, feed.name, feed.url, feed.quiet)
    answer = ask_feed(sources.provider(provider_of(feed)), feed, now, _unless(look))
    if answer.value is None:
        return look.unchanged(answer.fetches)
    news, known_by = answer.value
    return look.collected([news], answer.fetches, known_by=known_by)


def collect_gdelt(sources: Sources, now: datetime) -> Collected:
    """What GDELT saw since it was last asked."""
    look = Look.at(sources, now, GDELT.name, GDELT.name, GDELT.host)
    answers, fetches = _pages(sources.provider(GDELT), _since(look), now)
    return look.collected(answers, fetches, reached=now)


def collect_newsapi(sources: Sources, now: datetime) -> Collected:
    """What NewsAPI has of the time since it was last asked, and of the day before on the free plan."""
    quiet = STANDS_STILL + NEWSAPI_LATE
    look = Look.at(sources, now, NEWSAPI.name, NEWSAPI.name, NEWSAPI.host, quiet)
    start = _since(look) - NEWSAPI_LATE
    answer = ask_everything(sources.provider(NEWSAPI), start, now)
    news = answer.value or NewsAnswer(())
    oldest = min((each.published for each in news.items if each.published), default="")
    if oldest < f"{_since(look):%Y-%m-%dT%H:%M}":  # what there is beyond was brought before
        news = replace(news, missing=None)
    return look.collected([news], answer.fetches, reached=now)


def _pages(client: ProviderClient, start: datetime, end: datetime) -> tuple[list[NewsAnswer], list[Fetch]]:
    """The articles of a window, the newest first; a full answer is gone on with before its oldest."""
    answers: list[NewsAnswer] = []
    fetches: list[Fetch] = []
    until = end
    for _ in range(MOST_PAGES):
        answer = ask_articles(client, start, until)
        fetches += answer.fetches
        news = answer.value or NewsAnswer(())
        answers.append(news)
        seen = [at for at in map(seen_at, news.items) if at is not None]
        if len(news.items) < MOST or not seen:
            return answers, fetches
        if min(seen) >= until:  # more of one moment than an answer holds: there is no way to the rest
            break
        until = min(seen)
    lost = f"more articles than can be asked for: some seen by {until:%Y-%m-%d %H:%M} UTC are missing"
    return [*answers, NewsAnswer((), missing=lost)], fetches


def _unless(look: Look) -> Unless | None:
    if look.state is None or look.now - look.state["ts"] > ASKED_IN_FULL:
        return None
    return Unless(look.state["etag"], look.state["last_modified"])


def _since(look: Look) -> datetime:
    """From when on a source of windows is asked."""
    reached = look.state["reached"] if look.state is not None and look.state["reached"] else look.now
    return max(look.now - CATCHES_UP, reached - LOOKS_BACK)


def switched_off(name: str) -> Callable[[Settings], str | None]:
    """Why the settings leave a source out."""

    def why(settings: Settings) -> str | None:
        off = name in listed(settings.news.feeds_off)
        return "left out by ALPHAPULSE_NEWS__FEEDS_OFF" if off else None

    return why


def feed_collector(feed: Feed) -> Collector:
    """The collector of a feed: each is a source of its own, whose silence is a gap of its own."""
    return Collector(
        name=f"{DATASET} rss {feed.name}",
        source=feed.name,
        datasets=(DATASET,),
        every=EVERY,
        collect=partial(collect_feed, feed),
        hurried=True,
        switched_off=switched_off(feed.name),
    )


def own_collectors(settings: Settings) -> list[Collector]:
    """Collectors of the feeds that the settings add."""
    return [feed_collector(feed) for feed in own_feeds(settings.news.feeds)]
