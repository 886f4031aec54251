"""Tables and columns of posts. Pure; the table of posts themselves is in `news/model.py`."""

from typing import Final

import polars as pl

from alphapulse_resources.database.tables import Table

KEPT_FOR_LOOKUPS: Final = 0.2
"""Share of the budget at X that is for asking whether posts are still there (ours)."""

_TIME: Final = pl.Datetime("us", "UTC")
POST_SCHEMA: Final = pl.Schema(
    {
        "text_id": pl.Int64(),
        "provider": pl.String(),
        "source": pl.String(),
        "post_id": pl.String(),
        "ts": _TIME,
        "url": pl.String(),
        "title": pl.String(),
        "body": pl.String(),
        "published": _TIME,
        "published_note": pl.String(),
        "author_hash": pl.String(),
        "likes": pl.Int64(),
        "replies": pl.Int64(),
        "language": pl.String(),
        "language_confidence": pl.Float64(),
        "cluster_id": pl.Int64(),
        "similarity": pl.Float64(),
        "deleted_at": _TIME,
        "forgotten_at": _TIME,
        "logic_version": pl.Int32(),
        "known_at": _TIME,
    }
)
"""A row of social_posts, without what the database fills in."""
REMOVAL_SCHEMA: Final = pl.Schema(
    {"text_id": pl.Int64(), "reason": pl.String(), "provider": pl.String(), "ts": _TIME, "known_at": _TIME}
)
SOCIAL_REMOVALS: Final = Table(
    "social_removals",
    key=("text_id", "reason"),
    values=("provider", "ts"),
    provenance=("known_at",),
    first_told=True,  # when it was first noticed stays
)
