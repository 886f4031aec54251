"""What a materialization of days of news does: it fetches nothing, counts what was collected, and draws it.

An article of the past that is fetched now is known now: it would stand in today's partition, and look as if
the market had been told today. So there is no way to the past, and none is made up.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.collecting import FillContext, FillResult, Sources
from alphapulse_assets.news.texts.picture import texts_picture
from alphapulse_resources.database.client import statement

DAY: Final = timedelta(days=1)


def fill(context: FillContext) -> FillResult:
    """The texts that are stored of these days; a day without any is told as missing."""
    counts = {day: int(_hours(context.sources, [day])["texts"].sum()) for day in context.days}
    return FillResult(
        unchanged=sum(counts.values()),
        written=frozenset((None, day) for day, count in counts.items() if count),
        missing={
            day.isoformat(): "nothing was collected, and what is fetched later is known later"
            for day, count in counts.items()
            if not count
        },
    )


def show(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """Articles by hour and outlet of the last three of the days."""
    shown = sorted(days)[-3:]
    hours = _hours(sources, shown)
    start = datetime.combine(shown[0], time(), UTC)
    end = datetime.combine(shown[-1], time(), UTC) + DAY
    return {"news": dg.MetadataValue.md(texts_picture(hours, start, end))}


def _hours(sources: Sources, days: Sequence[date]) -> pl.DataFrame:
    start = datetime.combine(min(days), time(), UTC)
    end = datetime.combine(max(days), time(), UTC) + DAY
    return sources.database.read(statement("news/news_by_hour"), (start, end))
