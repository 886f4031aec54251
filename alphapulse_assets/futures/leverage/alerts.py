"""When funding or open interest deserves an alert: rules over rows, and how the alert reads. Pure."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from alphapulse_assets.alerts.market import MarketAlert, MarketAlertKind
from alphapulse_assets.alerts.model import Detail, Severity

LOGIC_VERSION: Final = 1
"""Bumped whenever the same rows would raise other alerts."""

EXTREME_PERCENTILE: Final = 0.99
"""Highest or lowest hundredth of its own 90 days (ours)."""
EXTREME_ANNUAL: Final = 0.25
"""Funding by the year below which nothing is extreme, however quiet it was before (ours): more than twice the
0.01 % of eight hours at which venues' funding rests, 11 % by the year."""
SURELY_ANNUAL: Final = 1.0
"""Funding by the year that is extreme whatever the past, or without one (ours)."""
FUNDING_COOL_DOWN: Final = timedelta(hours=8)
"""One settlement of the most common interval (ours)."""

JUMP: Final = 0.10
"""Change of open interest within an hour, in base units (ours)."""
CRITICAL_JUMP: Final = 0.25
"""Change that is more than a warning (ours)."""
LEAST_VALUE: Final = 1_000_000.0
"""Open interest in dollars below which one order makes a jump (ours)."""
JUMP_COOL_DOWN: Final = timedelta(hours=4)
"""A new high of the same build-up is not news (ours)."""

Row = Mapping[str, Any]


def funding_alerts(rows: Iterable[Row]) -> list[MarketAlert]:
    """Of newest snapshots those with extreme funding; at most one for a settlement.

    Rows: venue, symbol, instrument_id, known_at and the funding columns of snapshots.
    """
    return [
        _funding_alert(row) for row in rows if is_extreme(row["funding_annual"], row["funding_percentile"])
    ]


def is_extreme(annual: float | None, percentile: float | None) -> bool:
    """Whether funding by the year is extreme beside its own past, or in any."""
    if annual is None or abs(annual) < EXTREME_ANNUAL:
        return False
    if abs(annual) >= SURELY_ANNUAL:
        return True
    if percentile is None:
        return False
    return percentile >= EXTREME_PERCENTILE if annual > 0 else percentile <= 1 - EXTREME_PERCENTILE


def open_interest_alerts(rows: Iterable[Row]) -> list[MarketAlert]:
    """Of newest readings those that jumped within an hour.

    Rows: venue, symbol, instrument_id, ts, known_at, base_amount, quote_value (null where it is not known),
    before_ts, before_amount (an hour earlier), in_dollars.
    """
    return [_jump_alert(row) for row in rows if is_jump(row)]


def is_jump(row: Row) -> bool:
    """Whether open interest of weight changed by JUMP or more within the hour."""
    now, before, value = row["base_amount"], row["before_amount"], row["quote_value"]
    if not (now and before and value):
        return False
    # what is left of an open interest that fell is not what it weighed
    weight = value * max(1.0, before / now)
    return bool(row["in_dollars"] and weight >= LEAST_VALUE and abs(now / before - 1) >= JUMP)


def _funding_alert(row: Row) -> MarketAlert:
    annual, pays = (
        row["funding_annual"],
        "longs pay shorts" if row["funding_annual"] > 0 else "shorts pay longs",
    )
    name = _name(row)
    detail: Detail = {
        "funding_annual": annual,
        **_known(row, "funding_rate", "funding_interval_hours", "funding_percentile", "funding_zscore"),
        **_known(row, "crowding_percentile", "open_interest_quote", "quadrant"),
    }
    rank = row["funding_percentile"]
    among = "no 14 days of past" if rank is None else f"percentile {100 * rank:.1f} of its 90 days"
    return MarketAlert(
        kind=MarketAlertKind.FUNDING_EXTREME,
        subject=name,
        ts=row["funding_at"],
        known_at=row["known_at"],
        severity=Severity.CRITICAL if abs(annual) >= SURELY_ANNUAL else Severity.WARNING,
        title=f"Funding of {name} is {annual:+.1%} by the year, {among}: {pays}",
        detail=detail,
        logic_version=LOGIC_VERSION,
        instrument_id=row["instrument_id"],
        reference="high" if annual > 0 else "low",
        cool_down=FUNDING_COOL_DOWN,
    )


def _jump_alert(row: Row) -> MarketAlert:
    change, name = row["base_amount"] / row["before_amount"] - 1, _name(row)
    minutes = (row["ts"] - row["before_ts"]) / timedelta(minutes=1)
    detail: Detail = {
        "change": change,
        "minutes": round(minutes, 1),
        "open_interest_base": row["base_amount"],
        "before_base": row["before_amount"],
        "open_interest_quote": row["quote_value"],
    }
    return MarketAlert(
        kind=MarketAlertKind.OPEN_INTEREST_JUMP,
        subject=name,
        ts=row["ts"],
        known_at=row["known_at"],
        severity=Severity.CRITICAL if abs(change) >= CRITICAL_JUMP else Severity.WARNING,
        title=f"Open interest of {name} {'rose' if change > 0 else 'fell'} by {abs(change):.1%}"
        f" in {minutes:.0f} minutes",
        detail=detail,
        logic_version=LOGIC_VERSION,
        instrument_id=row["instrument_id"],
        reference="up" if change > 0 else "down",
        cool_down=JUMP_COOL_DOWN,
    )


def _name(row: Row) -> str:
    return f"{row['symbol']} on {row['venue']}"


def _known(row: Row, *names: str) -> Detail:
    """What is not known is left out."""
    return {name: row[name] for name in names if row[name] is not None}
