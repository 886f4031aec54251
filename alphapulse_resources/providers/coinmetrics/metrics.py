"""Daily metrics of chains: what is asked, and what an answer means.

Documented (docs.coinmetrics.io/api-reference/timeseries): `{"data": [{"asset": "btc", "time":
"2020-01-01T00:00:00.000000000Z", "AdrActCnt": "496520"}, ...], "next_page_token": ..., "next_page_url":
...}`, figures as text, in the order of asset and time; a metric that an asset does not have has no key, null
means that nothing is known of that day. Daily figures are worked out at 00:00 UTC for the 24 hours before;
`time` is the start of the day.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.coinmetrics import CoinMetricsError
from alphapulse_resources.providers.model import Series
from alphapulse_resources.providers.onchain_model import (
    OF_A_DAY,
    Told,
    days_over,
    figure,
    frame,
    unreadable,
    within,
)
from alphapulse_resources.venues.model import ErrorKind, Fetch, Reject, VenueError

METRICS: Final = {
    "AdrActCnt": "active_addresses",
    "TxCnt": "transactions",
    "FeeTotNtv": "fees",
    "SplyCur": "supply",
    "HashRate": "hash_rate",
    "BlkCnt": "blocks",
}
"""Its names and ours; HashRate is in TH/s."""
ASSETS: Final = ("BTC", "ETH", "LTC", "XRP", "DOGE", "ADA")
PAGE: Final = 1000
MOST_PAGES: Final = 100
"""Pages of one question (ours): all days of all assets are some 25."""


class AssetMetrics:
    """Asks Coin Metrics."""

    def __init__(self, client: ProviderClient) -> None:
        self._client = client

    def between(self, assets: Sequence[str], start: datetime, end: datetime, now: datetime) -> Told:
        """Figures of the days in `[start, end)` that are over, page by page."""
        frames, rejects, fetches = [frame([])], list[Reject](), list[Fetch]()
        token: str | None = None
        for _ in range(MOST_PAGES):
            told, token = self._page(assets, start, end, token)
            frames.append(told.rows)
            rejects += told.rejects
            fetches += told.fetches
            if token is None:
                return Told(within(days_over(pl.concat(frames), now), start, end), rejects, fetches)
        raise VenueError(
            ErrorKind.BAD_BODY,
            f"{self._client.provider.name} {', '.join(assets)}: more than {MOST_PAGES} pages of "
            f"[{start:%Y-%m-%d}, {end:%Y-%m-%d}), and still not the last. Ask for fewer days, or report it.",
            fetches=fetches,
        )

    def _page(
        self, assets: Sequence[str], start: datetime, end: datetime, token: str | None
    ) -> tuple[Told, str | None]:
        parameters: dict[str, str | int] = {
            "assets": ",".join(each.lower() for each in assets),
            "metrics": ",".join(METRICS),
            "frequency": "1d",
            "start_time": f"{start:%Y-%m-%d}",
            "end_time": f"{end:%Y-%m-%dT%H:%M:%S}",
            "end_inclusive": "false",
            "page_size": PAGE,
            "paging_from": "start",
            "ignore_forbidden_errors": "true",
            "ignore_unsupported_errors": "true",
        }
        if token is not None:
            parameters["next_page_token"] = token
        series = Series(self._client.provider.name, ",".join(assets))
        answer = self._client.get("/v4/timeseries/asset-metrics", parameters, series, (start, end), read_page)
        rows, rejects, after = answer.value
        return Told(rows, rejects, answer.fetches), after


def read_page(body: Any) -> tuple[pl.DataFrame, list[Reject], str | None]:
    """Rows, what could not be read, and the token of the next page.

    Raises CoinMetricsError where the body says that it is no answer.
    """
    if "error" in body:
        raise CoinMetricsError(str(body["error"])[:200])
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    for day in body["data"]:
        try:
            rows += _rows(day)
        except (KeyError, TypeError, ValueError) as error:
            rejects.append(unreadable("day", day, error))
    return frame(rows), rejects, body.get("next_page_token")


def _rows(day: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    at, coin = datetime.fromisoformat(day["time"]).astimezone(UTC), str(day["asset"]).upper()
    return [
        figure(coin, ours, OF_A_DAY, at, day[theirs])
        for theirs, ours in METRICS.items()
        if day.get(theirs) is not None
    ]
