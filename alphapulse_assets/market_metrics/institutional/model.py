"""Tables of what institutions and stablecoins do. Pure.

`known_at` is no value: who writes the same figures again does not change since when they were known.
"""

from datetime import timedelta
from typing import Final

from alphapulse_resources.database.tables import Table

LOGIC_VERSION: Final = 1
"""Of the rules by which `known_at` and revisions are made."""

POSITIONS: Final = Table(
    "institutional_positions",
    key=("provider", "report", "contract", "trader_group", "ts", "revision"),
    values=(
        "open_interest",
        "long_contracts",
        "short_contracts",
        "spread_contracts",
        "change_open_interest",
        "change_long",
        "change_short",
        "change_spread",
        "traders_long",
        "traders_short",
        "traders_spread",
    ),
    provenance=("contract_units", "known_at", "received_at"),
    computed=True,
)
RELEASES: Final = Table(
    "institutional_releases",
    key=("provider", "ts"),
    values=("due_at", "normal_due_at", "reason"),
    provenance=("known_at",),
    computed=True,
)
SUPPLY: Final = Table(
    "stablecoin_supply",
    key=("provider", "stablecoin", "sampled", "ts", "revision"),
    values=("symbol", "peg", "circulating_usd", "circulating", "price", "peg_deviation", "coins"),
    provenance=("coingecko_id", "known_at", "received_at"),
    computed=True,
)
FLOWS: Final = Table(
    "etf_flows",
    key=("provider", "asset", "fund", "ts", "revision"),
    values=("flow_usd", "price_usd"),
    provenance=("known_at", "received_at"),
    computed=True,
)

LOOK_BACK: Final = timedelta(days=100)
"""How far back collectors ask each time: what is revised later than that is seen by a backfill (ours)."""
