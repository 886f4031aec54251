"""What CoinGecko's answers mean. Pure; a body that is not as documented raises KeyError, TypeError or
ValueError.

Documented:
docs.coingecko.com/demo/reference/{crypto-global,global-defi,coins-markets,coins-id-market-chart-range}.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from alphapulse_resources.providers.market_model import (
    COIN_SCHEMA,
    CoinRows,
    DefiFigures,
    MarketFigures,
    moment,
    number,
    read_coins,
    whole,
)

CHART_SCHEMA: Final = pl.Schema(
    {
        "ts": pl.Datetime("us", "UTC"),
        "price": pl.Float64(),  # USD
        "market_cap": pl.Float64(),  # USD
        "volume_24h": pl.Float64(),  # USD
    }
)


def read_global(body: Any) -> MarketFigures:
    """The whole market (`/global`)."""
    data = body["data"]
    shares = {
        name: share
        for name, value in _mapping(data["market_cap_percentage"])
        if (share := number(value)) is not None
    }
    return MarketFigures(
        ts=moment(data["updated_at"]),
        total_market_cap=number(data["total_market_cap"].get("usd")),
        volume_24h=number(data["total_volume"].get("usd")),
        btc_dominance=shares.get("btc"),
        eth_dominance=shares.get("eth"),
        active_coins=whole(data.get("active_cryptocurrencies")),
        markets=whole(data.get("markets")),
        shares=shares,
    )


def read_defi(body: Any) -> DefiFigures:
    """Decentralised finance (`/global/decentralized_finance_defi`): its numbers are texts of 18 decimals."""
    data = body["data"]
    return DefiFigures(
        market_cap=number(data["defi_market_cap"]),
        volume_24h=number(data.get("trading_volume_24h")),
        dominance=number(data.get("defi_dominance")),
    )


def read_markets(body: Any) -> CoinRows:
    """A page of coins (`/coins/markets`)."""
    if not isinstance(body, list):
        raise TypeError(f"{type(body).__name__} where a list of coins belongs")
    return read_coins(body, _coin)


def _coin(row: Mapping[str, Any]) -> dict[str, Any]:
    if not row["id"] or not row["symbol"]:
        raise ValueError("a coin without id or symbol")
    return {
        "coin": str(row["id"]),
        "symbol": str(row["symbol"]).upper(),
        "name": str(row.get("name") or row["id"]),
        "ts": moment(row["last_updated"]),
        "price": number(row.get("current_price")),
        "market_cap": number(row.get("market_cap")),
        "rank": whole(row.get("market_cap_rank")),
        "volume_24h": number(row.get("total_volume")),
        "circulating_supply": number(row.get("circulating_supply")),
        "total_supply": number(row.get("total_supply")),
        "max_supply": number(row.get("max_supply")),
        "change_24h": number(row.get("price_change_percentage_24h")),
    }


def read_chart(body: Any) -> pl.DataFrame:
    """The past of a coin (`/coins/{id}/market_chart/range`): CHART_SCHEMA, each time once, in order.

    The three lists have the same times; where one lacks a time its figure is null.
    """
    columns = {"prices": "price", "market_caps": "market_cap", "total_volumes": "volume_24h"}
    found: dict[datetime, dict[str, Any]] = {}
    for list_name, column in columns.items():
        for at, value in body[list_name]:
            ts = datetime.fromtimestamp(int(at) / 1000, UTC)
            found.setdefault(ts, {"ts": ts})[column] = number(value)
    rows = [{name: row.get(name) for name in CHART_SCHEMA} for _, row in sorted(found.items())]
    return pl.DataFrame(rows, schema=CHART_SCHEMA, orient="row")


def _mapping(value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{type(value).__name__} where shares by symbol belong")
    return [(str(name).lower(), share) for name, share in value.items()]


EMPTY_COINS: Final = CoinRows(pl.DataFrame(schema=COIN_SCHEMA))
