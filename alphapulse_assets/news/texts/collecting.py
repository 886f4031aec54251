"""Asking for news: each feed by itself, GDELT and NewsAPI by windows of time.

An article is stored when it is first seen, and stays as it was then; who tells it later, or with another
headline, is a sighting. A source that was away for a day brings what it has: that is first seen now, with the
time of its publication beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, Collector, Rows, Sources
from alphapulse_assets.news.model import NEWS_EVENTS
from alphapulse_assets.news.texts.memory import memory_of
from alphapulse_assets.news.texts.model import FEED_SCHEMA, NEWS_FEEDS, NEWS_SIGHTINGS
from alphapulse_assets.news.texts.rows import Told, told, with_languages, with_stories
from alphapulse_resources.database.client import Database, statement
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

DATASET: Final = "news_events"
EVERY: Final = timedelta(minutes=5)
NEWSAPI_EVERY: Final = timedelta(minutes=25)
"""58 of the free plan's 100 requests a day, so that there is room for retries within the 70 that are used."""
STANDS_STILL: Final = timedelta(hours=24)
"""How long a source that answers may bring nothing new before it is told of (ours)."""
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

State = Mapping[str, Any]


def collect_feed(feed: Feed, sources: Sources, now: datetime) -> Collected:
    """What a feed tells now."""
    state = _state(sources.database, feed.name)
    answer = ask_feed(sources.provider(provider_of(feed)), feed, now, _unless(state, now))
    if answer.value is None:
        return Collected((), answer.fetches, _still(feed.name, state, now, feed.quiet))
    news, known_by = answer.value
    about = {"url": feed.url, "etag": known_by.etag, "last_modified": known_by.last_modified}
    return _collected(sources, (RSS, feed.name), [news], answer.fetches, now, state, about, quiet=feed.quiet)


def collect_gdelt(sources: Sources, now: datetime) -> Collected:
    """What GDELT saw since it was last asked."""
    state, client = _state(sources.database, GDELT.name), sources.provider(GDELT)
    answers, fetches, reached = _pages(client, _since(state, now), now)
    return _windows(sources, GDELT.name, answers, fetches, now, state, reached)


def collect_newsapi(sources: Sources, now: datetime) -> Collected:
    """What NewsAPI has of the time since it was last asked, and of the day before on the free plan."""
    state, client = _state(sources.database, NEWSAPI.name), sources.provider(NEWSAPI)
    start = _since(state, now) - NEWSAPI_LATE
    answer = ask_everything(client, start, now)
    news = answer.value or NewsAnswer(())
    oldest = min((each.published for each in news.items if each.published), default="")
    if oldest < f"{start:%Y-%m-%dT%H:%M}":  # what it has more of was brought before
        news = replace(news, note=None)
    return _windows(sources, NEWSAPI.name, [news], answer.fetches, now, state, now)


def _pages(
    client: ProviderClient, start: datetime, end: datetime
) -> tuple[list[NewsAnswer], list[Fetch], datetime]:
    """The articles of a window, the newest first; a full answer is gone on with before its oldest."""
    answers: list[NewsAnswer] = []
    fetches: list[Fetch] = []
    until = end
    for _ in range(MOST_PAGES):
        answer = ask_articles(client, start, until)
        fetches += answer.fetches
        if answer.value is None:
            break
        answers.append(answer.value)
        seen = [at for at in map(seen_at, answer.value.items) if at is not None]
        if len(answer.value.items) < MOST or not seen or min(seen) >= until:
            return answers, fetches, end
        until = min(seen)
    note = f"more articles than {MOST_PAGES * MOST}: those seen before {until:%Y-%m-%d %H:%M} UTC are missing"
    answers.append(NewsAnswer((), (), note))
    return answers, fetches, end


def _windows(
    sources: Sources,
    name: str,
    answers: Sequence[NewsAnswer],
    fetches: Sequence[Fetch],
    now: datetime,
    state: State | None,
    reached: datetime,
) -> Collected:
    host = {GDELT.name: GDELT, NEWSAPI.name: NEWSAPI}[name].host
    return _collected(sources, (name, name), answers, fetches, now, state, {"url": host, "reached": reached})


def _collected(
    sources: Sources,
    who: tuple[str, str],
    answers: Sequence[NewsAnswer],
    fetches: Sequence[Fetch],
    now: datetime,
    state: State | None,
    about: Mapping[str, Any],
    *,
    quiet: timedelta = STANDS_STILL,
) -> Collected:
    """Rows of answers of a source (`who`: provider, feed), and how far it was read."""
    provider, feed = who
    made = told([item for each in answers for item in each.items], provider, feed, now)
    new = _new(sources.database, made.articles, now)
    notes = "; ".join(each.note for each in answers if each.note) or None
    seen = {"feed": feed, "ts": now, "known_at": now, "note": notes, **about}
    row = _feed_row(seen, made, new, state, now)
    rejects = [*(reject for each in answers for reject in each.rejects), *made.rejects]
    missing = {feed: notes} if notes else _still(feed, row, now, quiet)
    return Collected(
        [
            Rows(DATASET, NEWS_EVENTS, new, rejects),
            Rows(NEWS_SIGHTINGS.name, NEWS_SIGHTINGS, made.sightings),
            Rows(NEWS_FEEDS.name, NEWS_FEEDS, pl.DataFrame([row], FEED_SCHEMA)),
        ],
        fetches,
        missing,
    )


def _new(database: Database, articles: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Rows of the articles that are not stored, with language and story."""
    ids = articles["text_id"].to_list()
    known = [row["text_id"] for row in database.rows(statement("news/news_known"), {"ids": ids})]
    new = with_languages(articles.filter(~pl.col("text_id").is_in(known)))
    return with_stories(new, memory_of(database).place(database, new, now))


def _feed_row(
    seen: Mapping[str, Any], made: Told, new: pl.DataFrame, state: State | None, now: datetime
) -> dict[str, Any]:
    published = made.articles["published"].max()
    if state is None:  # what came before we looked is as new as it says
        newest = published or now
    else:
        newest = now if new.height else state["newest_at"]
    figures = {"items": made.articles.height, "newest_published": published, "newest_at": newest}
    return {name: {**seen, **figures}.get(name) for name in FEED_SCHEMA}


def _still(feed: str, state: State | None, now: datetime, quiet: timedelta) -> dict[str, str]:
    """What is told of a source that answers, and whose newest article has been the same for long."""
    if state is None or now - state["newest_at"] <= quiet:
        return {}
    hours = (now - state["newest_at"]) / timedelta(hours=1)
    since = f"{state['newest_at']:%Y-%m-%d %H:%M} UTC"
    return {feed: f"it answers, and has brought nothing new for {hours:.0f} h (since {since})"}


def _state(database: Database, feed: str) -> State | None:
    rows = database.rows(statement("news/feed"), {"feed": feed})
    return rows[0] if rows else None


def _unless(state: State | None, now: datetime) -> Unless | None:
    if state is None or now - state["ts"] > ASKED_IN_FULL:
        return None
    return Unless(state["etag"], state["last_modified"])


def _since(state: State | None, now: datetime) -> datetime:
    """From when on a source of windows is asked."""
    reached = state["reached"] if state is not None and state["reached"] is not None else now
    return max(now - CATCHES_UP, reached - LOOKS_BACK)


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
        switched_off=switched_off(feed.name),
    )


def own_collectors(settings: Settings) -> list[Collector]:
    """Collectors of the feeds that the settings add."""
    return [feed_collector(feed) for feed in own_feeds(settings.news.feeds)]
