"""Alerts of shifting dominance. Pure; docs/market.md tells the rules.

A **shift** is a change by at least SHIFT points within the last hour or two, by one provider's own figures,
both of them with a confidence of at least TRUSTED: a provider that is stale, far off the other or incomplete
raises none. Twice that is a warning, else it is told for information. A **turn** is an hour whose regime is
another than that of the hour before.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from alphapulse_assets.alerts.market import MarketAlert, MarketAlertKind
from alphapulse_assets.alerts.model import Severity
from alphapulse_assets.market_metrics.model import ASSETS, METRICS_VERSION, REGIMES_VERSION

SHIFT: Final = {"btc": 0.5, "eth": 0.3, "stablecoin": 0.2}
"""Points in an hour (ours): what usually takes a day."""
TRUSTED: Final = 0.6
TURN_COOL_DOWN: Final = timedelta(hours=6)
_WHOSE: Final = {"btc": "Bitcoin's", "eth": "Ether's", "stablecoin": "Stablecoins'"}


def shifts(provider: str, row: Mapping[str, Any]) -> list[MarketAlert]:
    """Alerts of a provider's newest row beside one of an hour before (`market_metrics/shift`)."""
    if min(row["confidence"], row["before_confidence"]) < TRUSTED:
        return []
    found = []
    for asset in ASSETS:
        now, before = row[f"{asset}_dominance"], row[f"before_{asset}_dominance"]
        if now is None or before is None or abs(now - before) < SHIFT[asset]:
            continue
        if asset == "stablecoin" and row["stablecoin_basis"] != row["before_stablecoin_basis"]:
            continue  # two different sums
        found.append(_shift(provider, asset, now, before, row))
    return found


def _shift(provider: str, asset: str, now: float, before: float, row: Mapping[str, Any]) -> MarketAlert:
    change = now - before
    minutes = round((row["ts"] - row["before_ts"]) / timedelta(minutes=1))
    return MarketAlert(
        kind=MarketAlertKind.DOMINANCE_SHIFT,
        subject=f"{provider} market",
        ts=row["ts"],
        known_at=row["known_at"],
        severity=Severity.WARNING if abs(change) >= 2 * SHIFT[asset] else Severity.INFO,
        title=f"{_WHOSE[asset]} share of the market {'rose' if change > 0 else 'fell'} by "
        f"{abs(change):.2f} points to {now:.2f} % in {minutes} minutes ({provider})",
        detail={
            "asset": asset,
            "dominance": now,
            "before": before,
            "change_points": change,
            "minutes": minutes,
            "confidence": row["confidence"],
        },
        logic_version=METRICS_VERSION,
        reference=f"{asset} shift",
    )


def turns(rows: Sequence[Mapping[str, Any]]) -> list[MarketAlert]:
    """Alerts of hours in which a regime turned (`market_metrics/turns`)."""
    return [
        MarketAlert(
            kind=MarketAlertKind.DOMINANCE_SHIFT,
            subject=f"{row['provider']} market",
            ts=row["ts"],
            known_at=row["known_at"],
            severity=Severity.INFO,
            title=f"{_WHOSE[row['asset']]} share of the market turned from {row['turned_from']} to "
            f"{row['regime']} at {row['dominance']:.2f} % ({row['provider']})",
            detail={
                "asset": row["asset"],
                "dominance": row["dominance"],
                "change_24h": row["change_24h"],
                "regime": row["regime"],
                "turned_from": row["turned_from"],
            },
            logic_version=REGIMES_VERSION,
            reference=f"{row['asset']} turn",
            cool_down=TURN_COOL_DOWN,
        )
        for row in rows
    ]
