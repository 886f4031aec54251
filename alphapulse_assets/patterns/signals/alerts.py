"""Which signals are worth an alert: strong ones that are confident. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from alphapulse_assets.alerts.model import Alert, AlertKind, AlertSubject, Detail, Severity
from alphapulse_assets.patterns.events.configuration import LEVELS, PatternConfiguration
from alphapulse_assets.patterns.scoring.confidence import level

_STRONG: Final = {"strong_buy": "strong buy", "strong_sell": "strong sell"}
_SURE: Final = LEVELS[LEVELS.index("high") :]
_SHOWN: Final = (
    "signal",
    "score",
    "confidence",
    "entry",
    "stop",
    "target",
    "risk_atr",
    "reward_risk",
    "run",
)
"""What of a signal is in its alert's detail."""


def signal_alert(
    row: Mapping[str, Any], symbol: str, venue: str, known_at: float, configuration: PatternConfiguration
) -> Alert | None:
    """The alert of a strong signal (a row of SIGNAL_SCHEMA) whose confidence is high or extreme; else None.

    Args:
        row: the signal.
        symbol: the unified symbol.
        venue: for the title.
        known_at: when it was known here, in seconds since 1970 UTC.
        configuration: from when on a confidence is high.
    """
    called, sure = _STRONG.get(row["signal"]), row["confidence"]
    # every winning pattern has passed the least coverage itself
    if called is None or level(sure, 1.0, configuration) not in _SURE:
        return None
    title = (
        f"{called} on {row['timeframe']} at {row['entry']:g}, confidence {sure:.0f}, "
        f"stop {row['stop']:g}, target {row['target']:g}, by {row['trigger']} and {row['patterns'] - 1} more"
    )
    detail: Detail = {
        "timeframe": row["timeframe"],
        "configuration_version": row["configuration_version"],
        **{name: row[name] for name in _SHOWN},
    }
    return AlertSubject(row["instrument_id"], symbol, venue, row["logic_version"]).alert(
        AlertKind.SIGNAL,
        Severity.WARNING,
        (row["known_at"].timestamp(), known_at),
        title,
        detail,
        row["timeframe"],
    )
