"""What a materialization shows of fear and greed: the index under Bitcoin's price, two years up to a day."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.news.picture import index_picture
from alphapulse_resources.database.client import statement

SHOWN: Final = timedelta(days=730)


def show_index(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """The picture; none where there are not two days of it."""
    last = max(days)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    index = sources.database.read(statement("news/fear_greed_picture"), (end - SHOWN, end))
    if index.height < 2:
        return {}
    prices = sources.database.read(statement("institutional/daily_prices"), ("BTC", end - SHOWN, end))
    return {"fear and greed": dg.MetadataValue.md(index_picture(index, prices))}
