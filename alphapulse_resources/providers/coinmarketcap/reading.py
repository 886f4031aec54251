"""What CoinMarketCap's answers mean. Pure; a body that is not as documented raises KeyError, TypeError,
ValueError.

Documented: pro.coinmarketcap.com/api/documentation, global-metrics/quotes/latest and
cryptocurrency/listings/latest. An answer with HTTP 200 and an error code other than 0 holds no data.
"""

from collections.abc import Mapping
from typing import Any

from alphapulse_resources.providers.market_model import (
    CoinRows,
    MarketFigures,
    moment,
    number,
    read_coins,
    whole,
)


def read_market(body: Any) -> MarketFigures:
    """The whole market."""
    data = _data(body)
    dollars = data["quote"]["USD"]
    return MarketFigures(
        ts=moment(dollars.get("last_updated") or data["last_updated"]),
        total_market_cap=number(dollars["total_market_cap"]),
        volume_24h=number(dollars.get("total_volume_24h")),
        btc_dominance=number(data["btc_dominance"]),
        eth_dominance=number(data["eth_dominance"]),
        active_coins=whole(data.get("active_cryptocurrencies")),
        markets=whole(data.get("active_exchanges")),
        stablecoin_market_cap=number(data.get("stablecoin_market_cap")),
        defi_market_cap=number(data.get("defi_market_cap")),
        defi_volume_24h=number(data.get("defi_volume_24h")),
    )


def read_listings(body: Any) -> CoinRows:
    """Coins by market cap."""
    data = _data(body)
    if not isinstance(data, list):
        raise TypeError(f"{type(data).__name__} where a list of coins belongs")
    return read_coins(data, _coin)


def _coin(row: Mapping[str, Any]) -> dict[str, Any]:
    dollars = row["quote"]["USD"]
    if not row["id"] or not row["symbol"]:
        raise ValueError("a coin without id or symbol")
    return {
        "coin": str(row["id"]),
        "symbol": str(row["symbol"]).upper(),
        "name": str(row.get("name") or row["symbol"]),
        "ts": moment(dollars.get("last_updated") or row["last_updated"]),
        "price": number(dollars.get("price")),
        "market_cap": number(dollars.get("market_cap")),
        "rank": whole(row.get("cmc_rank")),
        "volume_24h": number(dollars.get("volume_24h")),
        "circulating_supply": number(row.get("circulating_supply")),
        "total_supply": number(row.get("total_supply")),
        "max_supply": number(row.get("max_supply")),
        "change_24h": number(dollars.get("percent_change_24h")),
    }


def _data(body: Any) -> Any:
    status = body["status"]
    if int(status["error_code"]):
        raise ValueError(f"error {status['error_code']}: {status.get('error_message')}")
    return body["data"]
