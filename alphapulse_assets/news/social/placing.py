"""In which language new posts are, and to which story they belong: that of news, where they take it up."""

from datetime import datetime

import polars as pl

from alphapulse_assets.news.model import STORY_WINDOW
from alphapulse_assets.news.texts.language import language_of
from alphapulse_assets.news.texts.stories import NEW_SCHEMA, PLACED_SCHEMA, assigned
from alphapulse_resources.database.client import Database, statement


def placed(database: Database, new: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """New posts (POST_SCHEMA) with language and story.

    Compared with all texts of the 72 hours before, news and posts, that are stored by now.
    """
    if new.is_empty():
        return new
    words = new.select(pl.concat_str("title", "body", separator=" ", ignore_nulls=True)).to_series()
    languages = [language_of(each or "") for each in words]
    stored = database.read(statement("social/stored_texts"), (now - STORY_WINDOW, now))
    where = assigned(new.match_to_schema(NEW_SCHEMA, extra_columns="ignore"), stored)
    return (
        new.drop("cluster_id", "similarity")
        .with_columns(
            language=pl.Series([each.code for each in languages], dtype=pl.String()),
            language_confidence=pl.Series([each.confidence for each in languages], dtype=pl.Float64()),
        )
        .join(where.match_to_schema(PLACED_SCHEMA), on="text_id", maintain_order="left")
        .select(new.columns)
    )
