"""Hard rules of what institutions and stablecoins do."""

from typing import Final

from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_resources.providers.cftc.model import GROUPS, REPORTS

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
