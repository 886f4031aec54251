"""What is said: news, posts, stories, their scores, and sentiment by coin."""

from dataclasses import replace
from typing import Final

from alphapulse.readings.filters import COIN, SYMBOL, VENUE, Filter, any_of, flag, one_of
from alphapulse.readings.reading import Reading

HOURS: Final = Filter(name="hours", meaning="Hours that are added up.", kind="integer", example="24")
MODEL: Final = any_of("model", "Model that scored", "lexicon")
SOURCE: Final = any_of("source", "Outlet, subreddit or account")
TEXT_KIND: Final = one_of("kind", "Kind of text.", "news", "social")

READINGS: Final = (
    Reading(
        name="sentiment",
        path="sentiment",
        relation="sentiment_aggregates",
        summary="Sentiment by coin and hour over windows, with dispersion, stories and sources.",
        filters=(COIN, HOURS, MODEL, flag("is_main", "Whether the model is the one that is served.")),
        order=("ts", "coin", "hours", "model", "model_version"),
        tags=("sentiment",),
    ),
    Reading(
        name="sentiment_now",
        path="sentiment/now",
        relation="sentiment_now",
        summary="Sentiment of each tracked symbol at present; null where nothing was said, never neutral.",
        filters=(SYMBOL, VENUE, COIN),
        order=("venue", "symbol"),
        time=None,
        known=None,
        no_as_of="it is the newest by definition: ask sentiment",
        newest_first=False,
        limit=5_000,
        is_now=True,
        tags=("sentiment",),
    ),
    Reading(
        name="sentiment_with_price",
        path="sentiment/price",
        relation="sentiment_with_price",
        summary="Sentiment beside the price of each hour.",
        filters=(SYMBOL, VENUE, COIN),
        needs=("symbol",),
        tags=("sentiment",),
    ),
    Reading(
        name="sentiment_correlations",
        path="sentiment/correlations",
        relation="sentiment_correlations",
        summary="How sentiment and price move together at lags, with intervals and what shuffling gives.",
        filters=(
            SYMBOL,
            VENUE,
            COIN,
            Filter(name="days", meaning="Days looked at.", kind="integer", example="30"),
            any_of("series", "Which series of sentiment", "score"),
            any_of("against", "What it is held against", "log_return"),
            Filter(name="lag", meaning="Hours that sentiment goes before.", kind="integer", example="1"),
            any_of("verdict", "Verdict"),
        ),
        order=("ts", "venue", "symbol", "days", "series", "against", "lag"),
        tags=("sentiment",),
    ),
    Reading(
        name="sentiment_scores",
        path="sentiment/scores",
        relation="sentiment_scores",
        summary="Scores of texts by model and version.",
        filters=(
            Filter(name="text_id", meaning="The text.", kind="integer", example="1"),
            MODEL,
            flag("is_preferred", "Whether it is the score that counts."),
        ),
        order=("ts", "text_id", "model", "model_version"),
        tags=("sentiment",),
    ),
    Reading(
        name="sentiment_data",
        path="sentiment/data",
        relation="sentiment_data",
        summary="Scores of texts by the coins that they tell of.",
        filters=(
            COIN,
            TEXT_KIND,
            SOURCE,
            MODEL,
            flag("is_preferred", "Whether it is the score that counts."),
        ),
        order=("ts", "coin", "text_id", "model", "model_version"),
        may_lack=(
            ("model", ""),
            ("model_version", ""),
        ),
        tags=("sentiment",),
    ),
    Reading(
        name="news",
        path="news",
        relation="texts",
        summary="News by time of publication, with their coins and the score that counts.",
        filters=(
            replace(COIN, inside=True),
            SOURCE,
            any_of("language", "Language", "en"),
            flag("is_first", "Only the first of its story."),
        ),
        order=("ts", "text_id"),
        statement="news",
        tags=("news",),
        meanings=(
            ("coins", "Coins that it tells of."),
            ("score", "Sentiment of the preferred model, -1 to 1; null where none could read it."),
            ("score_confidence", "Confidence of that score, 0 to 1."),
            ("model", "Model of that score."),
        ),
    ),
    Reading(
        name="texts",
        path="texts",
        relation="texts",
        summary="News and posts as they were read; what was removed at its source has no text.",
        filters=(
            TEXT_KIND,
            any_of("provider", "Who told it", "rss"),
            SOURCE,
            any_of("language", "Language", "en"),
        ),
        order=("ts", "text_id"),
        tags=("news",),
    ),
    Reading(
        name="stories",
        path="news/stories",
        relation="news_stories",
        summary="Stories: texts that tell the same, by how many outlets, of which coins.",
        filters=(SOURCE, any_of("language", "Language", "en")),
        order=("first_seen", "cluster_id"),
        time="first_seen",
        known="first_seen",
        tags=("news",),
    ),
    Reading(
        name="news_sources",
        path="news/sources",
        relation="news_sources",
        summary="Feeds, whether they answer, and how much they bring.",
        filters=(any_of("feed", "Feed"), any_of("state", "State", "answers")),
        order=("feed",),
        time=None,
        known=None,
        no_as_of="it tells how feeds are now",
        newest_first=False,
        is_now=True,
        tags=("news", "operations"),
    ),
)
