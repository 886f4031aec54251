"""What a materialization shows of chains: some daily series of Bitcoin, a year to its last day."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.news.picture import series_picture
from alphapulse_resources.database.client import statement

SHOWN: Final = timedelta(days=365)
COIN: Final = "BTC"


def show_chain(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """The picture; none where nothing is stored of these days."""
    last = max(days)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    rows = sources.database.read(statement("news/onchain_picture"), (COIN, end - SHOWN, end))
    return {f"{COIN} chain": dg.MetadataValue.md(series_picture(rows, COIN))} if rows.height else {}
