"""Tables, columns and ids of texts. Pure.

A text is known when it was first seen here (`ts`, which is `known_at`); what it says of its own time is
`published`, and may be a lie. A coin is a currency as in `instruments.base`. Scores are -1 (bad) to 1 (good).
"""

import hashlib
from datetime import timedelta
from typing import Final

import polars as pl

from alphapulse_resources.database.tables import Table, computed_table

TEXTS_VERSION: Final = 1
"""Version of canonical addresses, languages and stories."""
LINKS_VERSION: Final = 1
"""Version of the rules and aliases that link texts to coins."""
STORY_WINDOW: Final = timedelta(hours=72)
"""How long after its first text a copy still belongs to a story (research: near-duplicates within 72 h)."""

_TIME: Final = pl.Datetime("us", "UTC")
TEXT_SCHEMA: Final = pl.Schema(
    {
        "text_id": pl.Int64(),
        "ts": _TIME,
        "kind": pl.String(),  # news, social
        "provider": pl.String(),
        "source": pl.String(),
        "title": pl.String(),
        "body": pl.String(),  # description of news, body of posts
        "language": pl.String(),
        "cluster_id": pl.Int64(),
    }
)
"""A text as linking and scoring read it, whatever it is of (sql/news/texts.sql)."""
LINK_SCHEMA: Final = pl.Schema(
    {"text_id": pl.Int64(), "coin": pl.String(), "rule": pl.String(), "confidence": pl.Float64(),
     "mention": pl.String()}
)  # fmt: skip
"""What linking finds in texts: a row a text and coin, by the strongest rule."""
SCORE_SCHEMA: Final = pl.Schema(
    {
        "text_id": pl.Int64(),
        "model": pl.String(),
        "model_version": pl.String(),
        "score": pl.Float64(),
        "confidence": pl.Float64(),
        "negative": pl.Float64(),
        "neutral": pl.Float64(),
        "positive": pl.Float64(),
        "note": pl.String(),
        "data_hash": pl.String(),
    }
)
"""What a model says of texts: a row a text, also where it cannot read it."""

NEWS_EVENTS: Final = Table(
    "news_events",
    key=("text_id",),
    values=(
        "title", "ts", "provider", "source", "url", "description", "published", "published_note", "language",
        "language_confidence", "cluster_id", "similarity",
    ),
    provenance=("logic_version", "known_at"),
    first_told=True,  # seen first stays first, whoever tells it again
)  # fmt: skip
SOCIAL_POSTS: Final = Table(
    "social_posts",
    key=("text_id",),
    values=(
        "provider", "source", "post_id", "ts", "url", "title", "body", "published", "published_note",
        "author_hash", "likes", "replies", "language", "language_confidence", "cluster_id", "similarity",
        "deleted_at", "forgotten_at",
    ),
    provenance=("logic_version", "known_at"),
)  # fmt: skip
TEXT_LINKS: Final = computed_table(
    "text_links", ("text_id", "coin", "logic_version"), ("ts", *LINK_SCHEMA.names())
)
TEXT_SCORES: Final = computed_table(
    "text_scores", ("text_id", "model", "model_version"), ("ts", *SCORE_SCHEMA.names())
)


def text_id(*natural_key: str) -> int:
    """Id of a text: the first 8 bytes of the BLAKE2b hash of what identifies it, as a signed number.

    Of news that is ("news", canonical address), of posts (provider, the provider's id). That two of a million
    texts share an id has a probability of 3e-8.
    """
    key = "\x1f".join(natural_key).encode()
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big", signed=True)
