"""Hard rules of market metrics: what breaks one goes to quarantine."""

from typing import Final

from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.market_metrics.model import ASSETS

_SHARE: Final = (0.0, 100.0)
_PART: Final = (0.0, 1.0)
_NOT_NEGATIVE: Final = (0.0, None)

MARKET_RULES: Final = RuleSet(
    known=("provider", "total_market_cap", "confidence", "known_at"),
    between={
        "total_market_cap": (1.0, None),
        **dict.fromkeys(("volume_24h", "stablecoin_market_cap", "defi_market_cap"), _NOT_NEGATIVE),
        **dict.fromkeys(("defi_volume_24h", "age_seconds", "active_coins", "markets"), _NOT_NEGATIVE),
        **dict.fromkeys(("btc_dominance", "eth_dominance", "stablecoin_dominance", "defi_dominance"), _SHARE),
        **dict.fromkeys(("completeness", "agreement", "confidence"), _PART),
    },
    among={"stablecoin_basis": ("category", "largest", "provider")},
)
COIN_RULES: Final = RuleSet(
    known=("coin", "symbol", "known_at"),
    between={
        **dict.fromkeys(("price", "market_cap", "volume_24h"), _NOT_NEGATIVE),
        **dict.fromkeys(("circulating_supply", "total_supply", "max_supply"), _NOT_NEGATIVE),
        "rank": (1, None),
        "confidence": _PART,
    },
)
REGIME_RULES: Final = RuleSet(
    known=("known_at",),
    between={"dominance": _SHARE, "change_24h": (-100.0, 100.0)},
    among={
        "asset": ASSETS,
        "regime": ("rising", "falling", "flat"),
        "turned_from": ("rising", "falling", "flat"),
    },
)
CORRELATION_RULES: Final = RuleSet(
    known=("known_at", "pairs"),
    between={
        **dict.fromkeys(("correlation", "low", "high"), (-1.0, 1.0)),
        "pairs": (0, None),
        "best_lag": (-3, 3),
    },
    ordered=(("low", "correlation"), ("correlation", "high")),
)
