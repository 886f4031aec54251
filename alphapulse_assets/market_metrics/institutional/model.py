"""Tables and rules of what institutions and stablecoins do. Pure.

`known_at` is no value: who writes the same figures again does not change since when they were known.
"""

from datetime import timedelta
from typing import Final

from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_resources.database.tables import Table
from alphapulse_resources.providers.cftc.model import GROUPS, REPORTS

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
    values=("symbol", "peg", "circulating_usd", "circulating", "price", "peg_deviation"),
    provenance=("known_at", "received_at"),
    computed=True,
)
FLOWS: Final = Table(
    "etf_flows",
    key=("provider", "asset", "fund", "ts", "revision"),
    values=("flow_usd", "price_usd"),
    provenance=("known_at", "received_at"),
    computed=True,
)

POSITION_RULES: Final = RuleSet(
    known=("known_at", "open_interest", "long_contracts", "short_contracts"),
    between={
        "open_interest": (0, None),
        "long_contracts": (0, None),
        "short_contracts": (0, None),
        "spread_contracts": (0, None),
        "traders_long": (0, None),
        "traders_short": (0, None),
        "traders_spread": (0, None),
    },
    ordered=(("ts", "known_at"), ("long_contracts", "open_interest"), ("short_contracts", "open_interest")),
    among={"trader_group": tuple(group.name for group in GROUPS), "report": tuple(REPORTS)},
)
RELEASE_RULES: Final = RuleSet(
    known=("due_at", "normal_due_at"), ordered=(("ts", "normal_due_at"), ("normal_due_at", "due_at"))
)
SUPPLY_RULES: Final = RuleSet(
    known=("known_at", "symbol"),
    between={"circulating_usd": (0, None), "circulating": (0, None), "price": (0, None)},
    ordered=(("ts", "known_at"),),
    among={"sampled": ("live", "day")},
)
MOST_FLOW_USD: Final = 50e9
"""Beyond anything in a day, some ten times the largest there was: a unit was mistaken (ours)."""
FLOW_RULES: Final = RuleSet(
    known=("known_at", "flow_usd"),
    between={"flow_usd": (-MOST_FLOW_USD, MOST_FLOW_USD), "price_usd": (0, None)},
    ordered=(("ts", "known_at"),),
    among={"asset": ("BTC", "ETH")},
)

LOOK_BACK: Final = timedelta(days=100)
"""How far back collectors ask each time: what is revised later than that is seen by a backfill (ours)."""
