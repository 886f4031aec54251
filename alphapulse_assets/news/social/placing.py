"""In which language new posts are, and to which story they belong."""

from datetime import datetime

import polars as pl

from alphapulse_resources.database.client import Database


def placed(database: Database, new: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """New posts (POST_SCHEMA) with language and story."""
    return new
