"""Daily flows of the spot ETFs of the United States, by fund and in total."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import polars as pl

from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.coinglass import CoinglassError
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Fetch, Reject

ASSETS: Final = {"BTC": "bitcoin", "ETH": "ethereum"}
"""Paths by coin."""
ALL_FUNDS: Final = "all"

FLOW_SCHEMA: Final = pl.Schema(
    {
        "asset": pl.String(),
        "fund": pl.String(),
        "ts": pl.Datetime("us", "UTC"),  # midnight (UTC) of the trading day
        "flow_usd": pl.Float64(),
        "price_usd": pl.Float64(),
    }
)


class Flows(NamedTuple):
    """What one answer told: rows of FLOW_SCHEMA, and what could not be read."""

    rows: pl.DataFrame
    rejects: list[Reject]
    fetches: list[Fetch]


class EtfFlows:
    """Asks Coinglass; an answer holds all days since the funds began."""

    def __init__(self, client: ProviderClient) -> None:
        self._client = client

    def between(self, asset: str, start: datetime, end: datetime) -> Flows:
        """Flows of the days in `[start, end)`."""
        answer = self._client.get(
            f"/api/etf/{ASSETS[asset]}/flow-history",
            {},
            Series(self._client.provider.name, asset),
            (start, end),
            lambda body: read(body, asset),
        )
        rows, rejects = answer.value
        return Flows(rows.filter(pl.col("ts").is_between(start, end, closed="left")), rejects, answer.fetches)


def read(body: Any, asset: str) -> tuple[pl.DataFrame, list[Reject]]:
    """Rows of all days, oldest first; a fund that has not told of a day yet has none of it.

    Raises CoinglassError where the body's own code says that it is no answer.
    """
    if str(body["code"]) != "0":
        raise CoinglassError(
            f"code {body['code']}: {body.get('msg') or body.get('message') or 'no reason given'}"
        )
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    for day in body["data"]:
        try:
            rows += _rows(day, asset)
        except (KeyError, TypeError, ValueError) as error:
            rejects.append(
                Reject("unreadable_value", {"day": day, "error": f"{type(error).__name__}: {error}"})
            )
    return pl.DataFrame(rows, FLOW_SCHEMA, orient="row").sort("ts", "fund"), rejects


def _rows(day: Mapping[str, Any], asset: str) -> list[tuple[Any, ...]]:
    ts = datetime.fromtimestamp(int(day["timestamp"]) / 1000, UTC)
    price = None if day.get("price_usd") is None else float(day["price_usd"])
    told = [(each["etf_ticker"], each.get("flow_usd")) for each in day["etf_flows"]]
    told.append((ALL_FUNDS, day["flow_usd"]))
    return [(asset, str(fund), ts, float(flow), price) for fund, flow in told if flow is not None]
