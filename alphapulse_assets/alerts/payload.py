"""An alert as sinks get it: one JSON object, the same for every kind. docs/alerts.md describes it. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

VERSION: Final = 1
"""It counts changes that break a reader."""


def payload(
    *,
    kind: str,
    ts: datetime,
    known_at: datetime,
    severity: str,
    title: str,
    detail: Mapping[str, Any],
    reference: str = "",
    venue: str | None = None,
    symbol: str | None = None,
    venue_symbol: str | None = None,
    subject: str | None = None,
    alert_id: int | None = None,
    rule: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The object; `symbol` is the unified one, `text` is put in where it is sent."""
    return {
        "version": VERSION,
        "source": "market",
        "alert_id": alert_id,
        "kind": kind,
        "venue": venue,
        "symbol": symbol,
        "venue_symbol": venue_symbol,
        "subject": subject,
        "timeframe": detail.get("timeframe"),
        "reference": reference,
        "severity": severity,
        "title": title,
        "ts": ts.isoformat(),
        "known_at": known_at.isoformat(),
        "detail": dict(detail),
        "rule": None if rule is None else dict(rule),
        "values": dict(detail.get("values") or {}) if rule is not None else None,
    }
