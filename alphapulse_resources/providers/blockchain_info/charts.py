"""Charts of Bitcoin: what is asked, and what an answer means.

Documented: `{"status": "ok", "name": ..., "unit": "Transactions", "period": "day", "description": ...,
"values": [{"x": 1442534400, "y": 188330}, ...]}`, x in seconds; a daily chart's x is the start of the day.
Many points are thinned unless `sampled=false`. The newest day may not be over: it is left out.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import polars as pl

from alphapulse_resources.providers.blockchain_info import BlockchainInfoError
from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.onchain_model import (
    DAY,
    OF_A_DAY,
    OF_A_MOMENT,
    Told,
    days_over,
    figure,
    frame,
    unreadable,
    within,
)
from alphapulse_resources.venues.model import Reject

COIN: Final = "BTC"


class Chart(NamedTuple):
    """A chart: its name there, our metric, whether a point is of a day, and its unit as it is told there."""

    name: str
    metric: str
    sampled: str
    unit: str  # part of it, in lower case; empty where no figure hangs on it


CHARTS: Final = (
    Chart("hash-rate", "hash_rate", OF_A_DAY, "th/s"),
    Chart("difficulty", "difficulty", OF_A_DAY, ""),
    Chart("n-transactions", "transactions", OF_A_DAY, "transactions"),
    Chart("n-unique-addresses", "active_addresses", OF_A_DAY, ""),
    Chart("transaction-fees-usd", "fees_usd", OF_A_DAY, "usd"),
    Chart("miners-revenue", "miners_revenue_usd", OF_A_DAY, "usd"),
    Chart("mempool-size", "mempool_bytes", OF_A_MOMENT, "bytes"),
)


class BlockchainCharts:
    """Asks for charts."""

    def __init__(self, client: ProviderClient) -> None:
        self._client = client

    def between(self, chart: Chart, start: datetime, end: datetime, now: datetime) -> Told:
        """Points about `[start, end)` of days that are over at `now`; of moments one an hour."""
        first = start.replace(hour=0, minute=0, second=0, microsecond=0)
        days = max(1, -(-(end - first) // timedelta(days=1)))
        answer = self._client.get(
            f"/charts/{chart.name}",
            {
                "start": f"{first:%Y-%m-%d}",
                "timespan": f"{days}days",
                "format": "json",
                "sampled": "true" if chart.sampled == OF_A_MOMENT else "false",
            },
            Series(self._client.provider.name, chart.name),
            (start, end),
            lambda body: read(body, chart),
        )
        rows, rejects = answer.value
        return Told(within(days_over(rows, now), start, end), rejects, answer.fetches)


def read(body: Any, chart: Chart) -> tuple[pl.DataFrame, list[Reject]]:
    """Rows of all points.

    Raises:
        BlockchainInfoError: the body says that it is no answer.
        ValueError: it is of another unit than documented, or has other steps.
    """
    if body.get("status") != "ok":
        what = body.get("error") or body.get("message") or body.get("status") or "no status"
        raise BlockchainInfoError(f"{chart.name}: {what}"[:200])
    if chart.unit not in str(body["unit"]).lower():
        raise ValueError(f"the unit is {body['unit']}, not {chart.unit}")
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    for point in body["values"]:
        try:
            rows.append(_row(point, chart))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            rejects.append(unreadable("point", point, error))
    read_rows = frame(rows)
    if chart.sampled == OF_A_MOMENT:
        read_rows = read_rows.unique(pl.col("ts").dt.truncate("1h"), keep="first", maintain_order=True)
    return read_rows, rejects


def _row(point: Mapping[str, Any], chart: Chart) -> tuple[Any, ...]:
    at = datetime.fromtimestamp(int(point["x"]), UTC)
    if chart.sampled == OF_A_DAY and (at - datetime(1970, 1, 1, tzinfo=UTC)) % DAY:
        raise ValueError(f"{at} is no start of a day, and {chart.name} is of days")
    return figure(COIN, chart.metric, chart.sampled, at, point["y"])
