"""Positions, what is needed to tell their risk, the risk, and what limits leave of signals, as data sets."""

from datetime import timedelta
from typing import Final

from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.dataset import Dataset, Retention
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.positions import collect, fill, limits, liquidation, value_at_risk
from alphapulse_assets.positions.model import MARGIN_MODES, SIDES, SIZE_UNITS
from alphapulse_assets.positions.tables import (
    BALANCES,
    PORTFOLIO_RISKS,
    POSITION_RISKS,
    POSITIONS,
    RISK_PARTS,
    SIGNAL_LIMITS,
    TIERS,
)

GROUP: Final = "positions"
KEPT: Final = timedelta(days=400)
"""How long the risk of every five minutes is kept: a year to look back on (ours). Positions are for good."""

_KNOWN_THEN: Final = (("ts", "known_at"),)
_LEVELS: Final = (0.5, 0.999)

POSITION: Final = Dataset(
    name="positions",
    layer="collected",
    description="Positions as they were known: entered by hand or in SQL, or read from a venue with a key "
    "that may only read. A row is added for each state; none is ever changed.",
    group=GROUP,
    tables=[POSITIONS],
    relations=["positions_open", "exposure", "exposure_by_symbol", "exposure_by_base", "exposure_by_account"],
    collectors=collect.ACCOUNTS,
    rules=RuleSet(
        known=("account", "side", "entry_price", "known_at"),
        between={"size": (0.0, None), "entry_price": (0.0, None), "leverage": (0.0, None)},
        ordered=(("opened_at", "ts"), ("opened_at", "closed_at"), *_KNOWN_THEN),
        among={"side": SIDES, "size_unit": SIZE_UNITS, "margin_mode": MARGIN_MODES},
    ),
    checks=[collected_rules("Sizes and prices above 0, closed after opened, known once it was so.")],
)
ACCOUNT_BALANCES: Final = Dataset(
    name="account_balances",
    layer="collected",
    description="What accounts hold, without the unrealised gains of their positions.",
    group=GROUP,
    tables=[BALANCES],
    collectors=collect.ACCOUNTS,
    rules=RuleSet(known=("account", "currency", "wallet_balance", "known_at"), ordered=_KNOWN_THEN),
    checks=[collected_rules("Every balance has its account, currency and figure.")],
)
MAINTENANCE_TIERS: Final = Dataset(
    name="maintenance_tiers",
    layer="collected",
    description="Maintenance margin by what a position is worth, of what accounts hold, as venues tell it.",
    group=GROUP,
    tables=[TIERS],
    collectors=collect.ACCOUNTS,
    rules=RuleSet(
        known=("rate", "amount", "known_at"),
        between={"rate": (0.0, 1.0), "amount": (0.0, None), "notional_floor": (0.0, None)},
        ordered=_KNOWN_THEN,
    ),
    checks=[collected_rules("Rates from 0 to 1, amounts and floors not negative.")],
)
POSITION_RISK: Final = Dataset(
    name="position_risk",
    layer="collected",
    description="What each open position is worth, where it would be liquidated and how far that is, and "
    "what funding costs a day; what cannot be told is null, with the reason.",
    group=GROUP,
    tables=[POSITION_RISKS],
    relations=["position_risk"],
    reads=["positions", "ohlcv"],
    versions=[liquidation.LOGIC_VERSION],
    collectors=[collect.RISK],
    fill=fill.fill_position_risk,
    rules=RuleSet(
        known=("known_at", "side"),
        between={"mark_price": (0.0, None), "base_size": (0.0, None), "liquidation_price": (0.0, None)},
        ordered=(("mark_ts", "ts"), *_KNOWN_THEN),
        among={"side": SIDES, "mark_source": ("mark_price", "candle")},
    ),
    checks=[collected_rules("Prices and sizes above 0, no price of later than it is told of.")],
    retention={POSITION_RISKS.name: Retention(KEPT)},
)
PORTFOLIO_RISK: Final = Dataset(
    name="portfolio_risk",
    layer="collected",
    description="Leverage, and value at risk by historical simulation over stored days, of each account and "
    "of all together. All positions of a day are simulated together, so that what moves together counts so.",
    group=GROUP,
    tables=[PORTFOLIO_RISKS],
    relations=["portfolio_risk"],
    reads=["positions", "ohlcv"],
    versions=[value_at_risk.LOGIC_VERSION],
    collectors=[collect.RISK],
    fill=fill.fill_portfolio_risk,
    rules=RuleSet(
        known=("known_at", "gross", "net"),
        between={
            **{"gross": (0.0, None), "positions": (1, None), "days": (0, value_at_risk.WINDOW_DAYS)},
            **{"level": _LEVELS, "leverage": (0.0, None)},
        },
        ordered=(("net", "gross"), ("value_at_risk", "expected_shortfall"), *_KNOWN_THEN),
    ),
    checks=[collected_rules("The net within the gross, the shortfall at least the value at risk.")],
    retention={PORTFOLIO_RISKS.name: Retention(KEPT)},
)
RISK_BY_SYMBOL: Final = Dataset(
    name="portfolio_risk_by_symbol",
    layer="collected",
    description="What each symbol adds to the value at risk of each portfolio; what hedges is below 0.",
    group=GROUP,
    tables=[RISK_PARTS],
    relations=["portfolio_risk_by_symbol"],
    reads=["portfolio_risk"],
    versions=[value_at_risk.LOGIC_VERSION],
    collectors=[collect.RISK],
    fill=fill.fill_risk_parts,
    rules=RuleSet(
        known=("known_at", "exposure"),
        between={"level": _LEVELS},
        ordered=_KNOWN_THEN,
    ),
    checks=[collected_rules("Every part has its exposure, at a level that there is.")],
    retention={RISK_PARTS.name: Retention(KEPT)},
)
WITHIN_LIMITS: Final = Dataset(
    name="signals_within_limits",
    layer="collected",
    description="What limits leave of the size of each signal: by the positions and candles known when the "
    "signal was, and by the limits that went then. Without limits nothing is here, and sizes stay.",
    group=GROUP,
    tables=[SIGNAL_LIMITS],
    relations=["signals_within_limits", "risk_limits"],
    reads=["signals", "positions"],
    versions=[limits.LOGIC_VERSION, value_at_risk.LOGIC_VERSION],
    collectors=[collect.SIZES],
    fill=fill.fill_sizes,
    rules=RuleSet(
        known=("known_at", "wanted", "allowed", "size_allowed"),
        between={"wanted": (0.0, None), "allowed": (0.0, None), "size_allowed": (0.0, None)},
        ordered=(("allowed", "wanted"), *_KNOWN_THEN),
    ),
    checks=[collected_rules("Never more than was wanted, and never below nothing.")],
)
DATASETS: Final = (
    POSITION,
    ACCOUNT_BALANCES,
    MAINTENANCE_TIERS,
    POSITION_RISK,
    PORTFOLIO_RISK,
    RISK_BY_SYMBOL,
    WITHIN_LIMITS,
)
