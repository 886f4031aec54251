"""What is asked of the Commitments of Traders: contracts, trader groups, reports, by their columns. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl


@dataclass(frozen=True, slots=True)
class Contract:
    """One futures contract: `size` is how many coins one contract is."""

    code: str  # cftc_contract_market_code
    name: str  # contract_market_name
    base: str
    size: float
    since: date  # no report is older: the first there is of Bitcoin, of others the Tuesday after the listing


CONTRACTS: Final = (
    Contract("133741", "BITCOIN", "BTC", 5.0, date(2018, 4, 10)),
    Contract("133742", "MICRO BITCOIN", "BTC", 0.1, date(2021, 5, 4)),
    Contract("146021", "ETHER CASH SETTLED", "ETH", 50.0, date(2021, 2, 9)),
    Contract("146022", "MICRO ETHER", "ETH", 0.1, date(2021, 12, 7)),
)
"""CME's crypto futures with cash settlement. Codes: the CFTC's; sizes: CME's contract specifications."""


@dataclass(frozen=True, slots=True)
class Group:
    """One trader group: the columns of its figures. Their endings are not alike in the report."""

    name: str  # ours
    positions: tuple[str, str, str | None]  # long, short, spreading
    changes: tuple[str, str, str | None]
    traders: tuple[str, str, str] | None


GROUPS: Final = (
    Group(
        "dealer",
        ("dealer_positions_long_all", "dealer_positions_short_all", "dealer_positions_spread_all"),
        ("change_in_dealer_long_all", "change_in_dealer_short_all", "change_in_dealer_spread_all"),
        ("traders_dealer_long_all", "traders_dealer_short_all", "traders_dealer_spread_all"),
    ),
    Group(
        "asset_manager",
        ("asset_mgr_positions_long", "asset_mgr_positions_short", "asset_mgr_positions_spread"),
        ("change_in_asset_mgr_long", "change_in_asset_mgr_short", "change_in_asset_mgr_spread"),
        ("traders_asset_mgr_long_all", "traders_asset_mgr_short_all", "traders_asset_mgr_spread"),
    ),
    Group(
        "leveraged",
        ("lev_money_positions_long", "lev_money_positions_short", "lev_money_positions_spread"),
        ("change_in_lev_money_long", "change_in_lev_money_short", "change_in_lev_money_spread"),
        ("traders_lev_money_long_all", "traders_lev_money_short_all", "traders_lev_money_spread"),
    ),
    Group(
        "other",
        ("other_rept_positions_long", "other_rept_positions_short", "other_rept_positions_spread"),
        ("change_in_other_rept_long", "change_in_other_rept_short", "change_in_other_rept_spread"),
        ("traders_other_rept_long_all", "traders_other_rept_short", "traders_other_rept_spread"),
    ),
    Group(
        "small",  # too small to report: what is left of the open interest, so neither spreads nor traders
        ("nonrept_positions_long_all", "nonrept_positions_short_all", None),
        ("change_in_nonrept_long_all", "change_in_nonrept_short_all", None),
        None,
    ),
)

REPORTS: Final = {"futures": "gpe5-46if", "combined": "yw9f-hn96"}
"""Data sets by what they count: futures only, or futures and options by their deltas."""

REPORT_SCHEMA: Final = pl.Schema(
    {
        "contract": pl.String(),
        "trader_group": pl.String(),
        "ts": pl.Datetime("us", "UTC"),  # midnight (UTC) of the day whose closing positions these are
        "open_interest": pl.Int64(),
        "long_contracts": pl.Int64(),
        "short_contracts": pl.Int64(),
        "spread_contracts": pl.Int64(),
        "change_open_interest": pl.Int64(),
        "change_long": pl.Int64(),
        "change_short": pl.Int64(),
        "change_spread": pl.Int64(),
        "traders_long": pl.Int64(),
        "traders_short": pl.Int64(),
        "traders_spread": pl.Int64(),
        "contract_units": pl.String(),  # as the report has it
    }
)
"""Rows of a report, one a contract, group and week."""
