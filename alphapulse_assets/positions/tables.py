"""The tables of positions and their risk, and the frames that are written to them. Pure."""

from typing import Final

import polars as pl

from alphapulse_resources.database.tables import Table

_TIME: Final = pl.Datetime("us", "UTC")

POSITIONS: Final = Table(
    "positions",
    key=("account", "instrument_id", "side", "opened_at", "ts"),
    values=(
        *(
            "known_at",
            "size",
            "size_unit",
            "contract_size",
            "entry_price",
            "leverage",
            "margin_mode",
            "margin",
        ),
        *("venue_liquidation_price", "closed_at", "source"),
    ),
)
POSITION_SCHEMA: Final = pl.Schema(
    {
        "account": pl.String(),
        "instrument_id": pl.Int32(),
        "side": pl.String(),
        "opened_at": _TIME,
        "ts": _TIME,
        "known_at": _TIME,
        "size": pl.Float64(),
        "size_unit": pl.String(),
        "contract_size": pl.Float64(),
        "entry_price": pl.Float64(),
        "leverage": pl.Float64(),
        "margin_mode": pl.String(),
        "margin": pl.Float64(),
        "venue_liquidation_price": pl.Float64(),
        "closed_at": _TIME,
        "source": pl.String(),
    }
)
BALANCES: Final = Table(
    "account_balances", key=("account", "currency", "ts"), values=("known_at", "wallet_balance", "source")
)
BALANCE_SCHEMA: Final = pl.Schema(
    {
        "account": pl.String(),
        "currency": pl.String(),
        "ts": _TIME,
        "known_at": _TIME,
        "wallet_balance": pl.Float64(),
        "source": pl.String(),
    }
)
TIERS: Final = Table(
    "maintenance_tiers",
    key=("instrument_id", "ts", "notional_floor"),
    values=("known_at", "rate", "amount", "max_leverage", "source"),
)
TIER_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "ts": _TIME,
        "notional_floor": pl.Float64(),
        "known_at": _TIME,
        "rate": pl.Float64(),
        "amount": pl.Float64(),
        "max_leverage": pl.Float64(),
        "source": pl.String(),
    }
)


def _computed(
    name: str, key: tuple[str, ...], columns: dict[str, pl.DataType], json: tuple[str, ...] = ()
) -> tuple[Table, pl.Schema]:
    """A table of computed rows and the schema of its frames; `key` are the first of `columns`."""
    values = tuple(column for column in columns if column not in key)
    return Table(name, key, values, computed=True, json=json), pl.Schema(columns)


POSITION_RISKS, POSITION_RISK_SCHEMA = _computed(
    "position_risks",
    ("account", "instrument_id", "side", "opened_at", "ts", "logic_version"),
    {
        "account": pl.String(),
        "instrument_id": pl.Int32(),
        "side": pl.String(),
        "opened_at": _TIME,
        "ts": _TIME,
        "logic_version": pl.Int32(),
        "known_at": _TIME,
        "mark_price": pl.Float64(),
        "mark_ts": _TIME,
        "mark_source": pl.String(),
        "base_size": pl.Float64(),
        "exposure": pl.Float64(),
        "gain": pl.Float64(),
        "liquidation_price": pl.Float64(),
        "liquidation_distance": pl.Float64(),
        "liquidation_reason": pl.String(),
        "funding_rate": pl.Float64(),
        "funding_interval_hours": pl.Float64(),
        "funding_per_day": pl.Float64(),
        "funding_reason": pl.String(),
    },
)
PORTFOLIO_RISKS, PORTFOLIO_RISK_SCHEMA = _computed(
    "portfolio_risks",
    ("account", "ts", "level", "logic_version"),
    {
        "account": pl.String(),
        "ts": _TIME,
        "level": pl.Float64(),
        "logic_version": pl.Int32(),
        "known_at": _TIME,
        "positions": pl.Int32(),
        "gross": pl.Float64(),
        "net": pl.Float64(),
        "equity": pl.Float64(),
        "leverage": pl.Float64(),
        "leverage_reason": pl.String(),
        "value_at_risk": pl.Float64(),
        "expected_shortfall": pl.Float64(),
        "alone": pl.Float64(),
        "days": pl.Int32(),
        "first_day": pl.Date(),
        "last_day": pl.Date(),
        "reason": pl.String(),
        "left_out": pl.String(),
    },
    json=("left_out",),
)
RISK_PARTS, RISK_PART_SCHEMA = _computed(
    "portfolio_risk_parts",
    ("account", "ts", "level", "instrument_id", "logic_version"),
    {
        "account": pl.String(),
        "ts": _TIME,
        "level": pl.Float64(),
        "instrument_id": pl.Int32(),
        "logic_version": pl.Int32(),
        "known_at": _TIME,
        "exposure": pl.Float64(),
        "alone": pl.Float64(),
        "component": pl.Float64(),
        "shortfall_component": pl.Float64(),
    },
)
SIGNAL_LIMITS, SIGNAL_LIMIT_SCHEMA = _computed(
    "signal_limits",
    (
        *("instrument_id", "timeframe_id", "ts", "logic_version", "configuration_version"),
        *("limits_version", "rules_version"),
    ),
    {
        "instrument_id": pl.Int32(),
        "timeframe_id": pl.Int16(),
        "ts": _TIME,
        "logic_version": pl.Int32(),
        "configuration_version": pl.Int32(),
        "limits_version": pl.Int32(),
        "rules_version": pl.Int32(),
        "known_at": _TIME,
        "equity": pl.Float64(),
        "wanted": pl.Float64(),
        "allowed": pl.Float64(),
        "size_allowed": pl.Float64(),
        "limited_by": pl.String(),
    },
)
