"""Texts of posts are kept for so many days; then only what was made of them is."""

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, Rows, Sources
from alphapulse_assets.news.social.bringing import REMOVALS
from alphapulse_assets.news.social.model import REMOVAL_SCHEMA, SOCIAL_REMOVALS
from alphapulse_resources.database.client import statement

MOST: Final = 50_000
"""Posts of one round (ours): more of them wait for the next."""


def forget(sources: Sources, now: datetime) -> Collected:
    """Removals of texts that are older than they are kept, and what is in quarantine of that age."""
    before = now - timedelta(days=sources.settings.news.keep_social_text_days)
    sources.database.execute(statement("social/forget_quarantined"), {"before": before})
    old = sources.database.rows(statement("social/old_texts"), {"before": before, "most": MOST})
    rows = [(row["text_id"], "forgotten", row["provider"], now, now) for row in old]
    frame = pl.DataFrame(rows, schema=REMOVAL_SCHEMA, orient="row")
    return Collected([Rows(REMOVALS, SOCIAL_REMOVALS, frame)])
