"""Supplies of stablecoins: all of them now, and one of them or their total by day.

A supply is told in units of what the coin is pegged to (`circulating: {"peggedEUR": ...}`); `price` is in
USD, and is left out or null where nobody quotes the coin.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import polars as pl

from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import Fetch, Reject

ALL: Final = "all"
"""What the total of all stablecoins is called, beside the provider's own numbers of coins."""
USD_PEG: Final = "peggedUSD"
SMALLEST_USD: Final = 10e6
"""Supply from which on a coin has rows of its own (ours); all of them are in the total."""
HIGHEST_PRICE: Final = 1.5
"""USD above which a dollar coin's price is a mistake (ours): pegs break downwards."""
TRACKED: Final = 40
"""How many of the largest coins have their history fetched (ours): more than 99 % of the supply."""

KEPT: Final = 500
"""Characters of an unreadable coin or day that are kept."""

SUPPLY_SCHEMA: Final = pl.Schema(
    {
        "stablecoin": pl.String(),
        "symbol": pl.String(),
        "peg": pl.String(),
        "ts": pl.Datetime("us", "UTC"),
        "circulating_usd": pl.Float64(),
        "circulating": pl.Float64(),
        "price": pl.Float64(),
        "peg_deviation": pl.Float64(),
        "coins": pl.Int32(),  # of the total: how many it is of
        "coingecko_id": pl.String(),
    }
)
_PEG: Final = "pegged"


class Supplies(NamedTuple):
    """What one answer told: rows of SUPPLY_SCHEMA, and what could not be read."""

    rows: pl.DataFrame
    rejects: list[Reject]
    fetches: list[Fetch]


class Stablecoins:
    """Asks DefiLlama."""

    def __init__(self, client: ProviderClient) -> None:
        self._client = client

    def now(self, at: datetime) -> Supplies:
        """Supplies at the moment: of coins from SMALLEST_USD on, the largest first, and of all together."""
        answer = self._client.get(
            "/stablecoins",
            {"includePrices": "true"},
            self._series(ALL),
            (at, at + timedelta(minutes=1)),
            lambda body: read_now(body, at),
        )
        return Supplies(*answer.value, answer.fetches)

    def history(self, stablecoin: str, symbol: str, start: datetime, end: datetime) -> Supplies:
        """Supply at the start of each UTC day in `[start, end)`; the answer always holds all days."""
        answer = self._client.get(
            "/stablecoincharts/all",
            {} if stablecoin == ALL else {"stablecoin": stablecoin},
            self._series(stablecoin),
            (start, end),
            lambda body: read_history(body, stablecoin, symbol),
        )
        rows, rejects = answer.value
        return Supplies(
            rows.filter(pl.col("ts").is_between(start, end, closed="left")), rejects, answer.fetches
        )

    def _series(self, name: str) -> Series:
        return Series(self._client.provider.name, name)


def read_now(body: Any, at: datetime) -> tuple[pl.DataFrame, list[Reject]]:
    """Rows of all coins told of, stamped `at`; coins without any supply have none."""
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    for coin in body["peggedAssets"]:
        try:
            if (row := _row_now(coin, at)) is not None:
                rows.append(row)
        except (KeyError, TypeError, ValueError) as error:
            rejects.append(_unreadable("coin", coin, error, at))
    frame = pl.DataFrame(rows, SUPPLY_SCHEMA, orient="row").sort(
        "circulating_usd", descending=True, nulls_last=True
    )
    if frame.is_empty():
        raise ValueError(f"none of {len(body['peggedAssets'])} stablecoins has a supply that can be read")
    valued_coins = frame["circulating_usd"].drop_nulls()
    total = (ALL, ALL, None, at, float(valued_coins.sum()), None, None, None, valued_coins.len(), None)
    large = frame.filter(pl.col("circulating_usd").is_null() | (pl.col("circulating_usd") >= SMALLEST_USD))
    return pl.concat([large, pl.DataFrame([total], SUPPLY_SCHEMA, orient="row")]), rejects


def _row_now(coin: Mapping[str, Any], at: datetime) -> tuple[Any, ...] | None:
    peg, price = str(coin["pegType"]), coin.get("price")
    units = (coin.get("circulating") or {}).get(peg)
    if not units:
        return None
    usd, deviation = valued(float(units), peg, None if price is None else float(price))
    name = str(coin["id"]), str(coin["symbol"]), currency(peg)
    return *name, at, usd, float(units), price, deviation, None, coin.get("gecko_id")


def valued(units: float, peg: str, price: float | None) -> tuple[float | None, float | None]:
    """Worth in USD and distance from the peg, as a share of it; dollars nobody quotes count as dollars.

    Raises ValueError for a price that no dollar coin has: it would be in the total too.
    """
    if price is None:
        return (units if peg == USD_PEG else None), None
    if peg == USD_PEG and price > HIGHEST_PRICE:
        raise ValueError(f"a dollar coin costs {price} USD")
    return units * price, price - 1 if peg == USD_PEG else None


def currency(peg: str) -> str:
    """What a coin is pegged to: USD of `peggedUSD`."""
    return peg.removeprefix(_PEG)


def read_history(body: Any, stablecoin: str, symbol: str) -> tuple[pl.DataFrame, list[Reject]]:
    """Daily rows, oldest first. Raises TypeError where the body is no list of days."""
    if not isinstance(body, list):
        raise TypeError(f"a list of days was expected, not {str(body)[:100]}")
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    for day in body:
        try:
            if (row := _row_of_day(day, stablecoin, symbol)) is not None:
                rows.append(row)
        except (KeyError, TypeError, ValueError) as error:
            rejects.append(
                Reject("unreadable_value", {"day": day, "error": f"{type(error).__name__}: {error}"})
            )
    return pl.DataFrame(rows, SUPPLY_SCHEMA, orient="row").sort("ts"), rejects


def _row_of_day(day: Mapping[str, Any], stablecoin: str, symbol: str) -> tuple[Any, ...] | None:
    ts = datetime.fromtimestamp(int(day["date"]), UTC)
    usd = {peg: float(value) for peg, value in day["totalCirculatingUSD"].items() if value is not None}
    if not usd:
        return None
    if stablecoin == ALL:
        return ALL, ALL, None, ts, sum(usd.values()), None, None, None, None, None
    (peg, worth), *more = usd.items()
    if more:
        raise ValueError(f"one peg was expected, not {', '.join(usd)}")
    units = float(day["totalCirculating"][peg])
    price = worth / units if units else None
    deviation = price - 1 if price is not None and peg == USD_PEG else None
    return stablecoin, symbol, currency(peg), ts, worth, units, price, deviation, None, None


def _unreadable(what: str, told: Any, error: Exception, ts: datetime | None) -> Reject:
    kept = str(told)[:KEPT]  # a coin is told with all its chains
    return Reject("unreadable_value", {what: kept, "error": f"{type(error).__name__}: {error}"}, ts)
