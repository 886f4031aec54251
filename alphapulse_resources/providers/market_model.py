"""What providers tell of the market as a whole and of single coins, in one vocabulary. Pure.

A figure that a provider does not tell is None, also where it says so in words: bodies were seen with the text
"null" for a number. A text that is neither is an error. Shares are in per cent of the provider's own total.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from alphapulse_resources.venues.model import Reject

_NOTHING: Final = frozenset({"", "null", "none", "nan", "n/a"})
"""Texts that stand for no number, in lower case."""
OLDEST: Final = datetime(2009, 1, 3, tzinfo=UTC)
"""Nothing was known of coins before the first block of Bitcoin."""

COIN_SCHEMA: Final = pl.Schema(
    {
        "coin": pl.String(),  # the provider's own id
        "symbol": pl.String(),  # upper case; not unique
        "name": pl.String(),
        "ts": pl.Datetime("us", "UTC"),  # what the provider says its figures are of
        "price": pl.Float64(),  # USD
        "market_cap": pl.Float64(),  # USD
        "rank": pl.Int64(),  # by market cap, 1 is the largest
        "volume_24h": pl.Float64(),  # USD
        "circulating_supply": pl.Float64(),  # coins
        "total_supply": pl.Float64(),  # coins
        "max_supply": pl.Float64(),  # coins; null where there is no limit
        "change_24h": pl.Float64(),  # of the price, per cent
    }
)


@dataclass(frozen=True, slots=True)
class MarketFigures:
    """The whole market as one provider has it, in USD and per cent."""

    ts: datetime  # what the provider says its figures are of
    total_market_cap: float | None
    volume_24h: float | None
    btc_dominance: float | None
    eth_dominance: float | None
    active_coins: int | None
    markets: int | None = None
    shares: Mapping[str, float] | None = None  # of the largest coins by symbol in lower case, where it tells
    stablecoin_market_cap: float | None = None
    defi_market_cap: float | None = None
    defi_volume_24h: float | None = None


@dataclass(frozen=True, slots=True)
class DefiFigures:
    """Decentralised finance as one provider has it."""

    market_cap: float | None  # USD
    volume_24h: float | None  # USD
    dominance: float | None  # per cent


@dataclass(frozen=True, slots=True)
class CoinRows:
    """Coins of one answer: COIN_SCHEMA, and rows that could not be read. `rows` counts both."""

    frame: pl.DataFrame
    rejects: tuple[Reject, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows the answer had."""
        return self.frame.height + len(self.rejects)


def number(value: Any) -> float | None:
    """A number as it came, or as text; None where there is none.

    Raises:
        ValueError, TypeError: something else, also infinity and what is true or false.
    """
    if value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING):
        return None
    if isinstance(value, bool):
        raise TypeError(f"{value} where a number belongs")
    found = float(value)
    if not math.isfinite(found):
        raise ValueError(f"{value} where a number belongs")
    return found


def whole(value: Any) -> int | None:
    """A whole number; None where there is none."""
    found = number(value)
    return None if found is None else round(found)


def moment(value: Any) -> datetime:
    """A time of ISO text (an offset or Z has to be there), or in seconds since 1970.

    Raises:
        ValueError, TypeError: none of these, without an offset, or before there were coins.
    """
    if isinstance(value, str):
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise ValueError(f"{value} has no offset from UTC")
    else:
        seconds = number(value)
        if seconds is None:
            raise ValueError("there is no time")
        found = datetime.fromtimestamp(seconds, UTC)
    if found < OLDEST:
        raise ValueError(f"{found} is before there were coins")
    return found.astimezone(UTC)


def read_coins(rows: Iterable[Any], read: Any) -> CoinRows:
    """Rows of a list by `read`, which makes COIN_SCHEMA's columns of one; those it cannot read are
    rejects."""
    found: list[Mapping[str, Any]] = []
    rejects: list[Reject] = []
    for row in rows:
        try:
            found.append(read(row))
        except (KeyError, TypeError, ValueError) as error:
            words = f"{type(error).__name__}: {error}"[:200]
            rejects.append(Reject("unreadable_value", {"row": row, "error": words}))
    return CoinRows(pl.DataFrame(found, schema=COIN_SCHEMA, orient="row"), tuple(rejects))
