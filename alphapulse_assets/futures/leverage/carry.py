"""Funding by the year, what differs between venues, and what cash and carry leaves after fees. Pure.

Rates and fees are shares (0.0001 is one basis point). By the year means simple interest: rate times intervals
of a year, as venues and data providers show it, without compounding. Of stored
rows the view `funding_spreads` and the SQL function `cash_and_carry` say the same; tests hold them to these.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

HOURS_OF_YEAR: Final = 365 * 24

SPREADS_SCHEMA: Final = pl.Schema(
    {
        "base": pl.String(),
        "ts": pl.Datetime("us", "UTC"),
        "receiver": pl.Int32(),  # instrument_id: where the short is paid most
        "payer": pl.Int32(),  # where the long pays least
        "spread_annual": pl.Float64(),  # what a short there and a long here earn by the year, before fees
    }
)


@dataclass(frozen=True, slots=True)
class Fees:
    """Taker fees of one side of a trade, as shares of its value; what you pay, so no default."""

    spot: float
    perpetual: float

    def __post_init__(self) -> None:
        if not (-0.01 <= self.spot <= 0.1 and -0.01 <= self.perpetual <= 0.1):
            raise ValueError(
                f"fees of {self.spot} and {self.perpetual}: give shares of the value, 0.001 for 0.1 %"
            )

    @property
    def round_trip(self) -> float:
        """Both legs, in and out, of the value of one leg."""
        return 2 * (self.spot + self.perpetual)


@dataclass(frozen=True, slots=True)
class Carry:
    """A spot position against an equal and opposite perpetual, by the year, of the value of one leg."""

    funding: float  # what the perpetual's leg receives; never below 0, as the side is chosen so
    basis: float  # perpetual over spot less 1, not by the year
    fees: float  # by the year, if held for so many days
    net: float  # funding less fees
    net_with_basis: float  # and the basis, should it be gone at the end
    long_spot: bool  # else spot has to be borrowed and sold, whose cost is not in here


def annual(rate: float, interval_hours: float) -> float:
    """A rate of one interval by the year.

    Raises:
        ValueError: no interval.
    """
    if not interval_hours > 0:
        raise ValueError(f"an interval of {interval_hours} hours: funding needs its own to be by the year")
    return rate * HOURS_OF_YEAR / interval_hours


def basis(perpetual: float, spot: float) -> float:
    """How much dearer the perpetual is than spot, as a share of spot.

    Raises:
        ValueError: a price that is none.
    """
    if not (perpetual > 0 and spot > 0):
        raise ValueError(f"prices of {perpetual} and {spot} have no basis")
    return perpetual / spot - 1


def cash_and_carry(
    funding_annual: float, perpetual: float, spot: float, fees: Fees, days: float = 30.0
) -> Carry:
    """What it earns by the year if funding stays as it is for `days`.

    With funding above 0 it is spot bought and the perpetual sold, else the other way round. Fees are of both
    legs, in and out, spread over the days. A perpetual never expires, so that the basis goes away is a hope
    and not a contract: `net` leaves it out. Margin, borrowing and slippage are not in it.

    Raises:
        ValueError: no days, prices that are none.
    """
    if not days > 0:
        raise ValueError(f"held for {days} days: fees cannot be spread over them")
    apart = basis(perpetual, spot)
    long_spot = funding_annual >= 0
    costs = fees.round_trip * 365 / days
    earned = abs(funding_annual)
    closing = (apart if long_spot else -apart) * 365 / days
    return Carry(earned, apart, costs, earned - costs, earned - costs + closing, long_spot)


def break_even_days(funding_annual: float, fees: Fees) -> float | None:
    """How many days of this funding pay the fees; None where there is none to pay them."""
    earned = abs(funding_annual) / 365
    return max(fees.round_trip, 0.0) / earned if earned > 0 else None


def funding_spreads(rates: pl.DataFrame) -> pl.DataFrame:
    """The widest spread of funding of each coin and hour between venues: SPREADS_SCHEMA, sorted.

    `rates`: instrument_id, venue, base, ts, funding_annual. A row wherever two venues or more are known at
    that hour; perpetuals of one venue are never paired with each other.

    Raises:
        ValueError: a perpetual that occurs twice in an hour.
    """
    known = rates.drop_nulls("funding_annual")
    if known.select("instrument_id", "ts").is_duplicated().any():
        raise ValueError("a perpetual occurs twice in an hour: give one rate of each")
    pairs = known.join(known, on=["base", "ts"], suffix="_payer")
    both = pairs.filter(pl.col("venue") != pl.col("venue_payer"))
    spread = pl.col("funding_annual") - pl.col("funding_annual_payer")
    widest = (
        both.with_columns(spread.alias("spread_annual"))
        .sort("base", "ts", -pl.col("spread_annual"), "instrument_id", "instrument_id_payer")
        .group_by("base", "ts", maintain_order=True)
        .first()
    )
    return widest.select(
        "base",
        "ts",
        pl.col("instrument_id").alias("receiver"),
        pl.col("instrument_id_payer").alias("payer"),
        "spread_annual",
    ).match_to_schema(SPREADS_SCHEMA)
