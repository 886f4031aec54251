"""Alerts of what is said: sentiment that leaps, a story that many tell. Pure; docs/news.md has the rules."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from alphapulse_assets.alerts.market import MarketAlert, MarketAlertKind
from alphapulse_assets.alerts.model import Severity
from alphapulse_assets.news.aggregates.model import AGGREGATES_VERSION, MARKET

SPIKE: Final = 3.0
"""Standard deviations of the hours of a week (ours)."""
STRONG: Final = 5.0
"""From which on it is a warning (ours)."""
LEAST_STORIES: Final = 5
"""Stories with a score that an hour needs (ours): one article is no mood."""
LEAST_SOURCES: Final = 2
SPIKE_COOL_DOWN: Final = timedelta(hours=6)
MANY: Final = 4
"""Sources that tell one story (ours)."""
WITHIN: Final = timedelta(hours=2)
"""From its first text on (ours)."""


def spikes(rows: Sequence[Mapping[str, Any]]) -> list[MarketAlert]:
    """Alerts of hours far from their week (`news/aggregates/spikes`)."""
    return [_spike(row) for row in rows]


def _spike(row: Mapping[str, Any]) -> MarketAlert:
    whose = "the market" if row["coin"] == MARKET else row["coin"]
    return MarketAlert(
        kind=MarketAlertKind.SENTIMENT_SPIKE,
        subject=row["coin"],
        ts=row["ts"],
        known_at=row["known_at"],
        severity=Severity.WARNING if abs(row["zscore"]) >= STRONG else Severity.INFO,
        title=f"Sentiment about {whose} {'leapt' if row['zscore'] > 0 else 'fell'} to {row['score']:+.2f} "
        f"from {row['baseline_mean']:+.2f} in a week ({row['zscore']:+.1f} standard deviations, "
        f"{row['stories']} stories of {row['sources']} sources in an hour)",
        detail={
            name: row[name]
            for name in (
                "model", "model_version", "score", "baseline_mean", "change", "zscore", "stories", "sources",
                "positive", "negative",
            )
        },
        logic_version=AGGREGATES_VERSION,
        cool_down=SPIKE_COOL_DOWN,
    )  # fmt: skip


def clusters(rows: Sequence[Mapping[str, Any]]) -> list[MarketAlert]:
    """Alerts of stories that MANY sources told WITHIN (`news/aggregates/clusters`), once a story and coin."""
    return [
        MarketAlert(
            kind=MarketAlertKind.STORY_CLUSTER,
            subject=row["coin"],
            ts=row["ts"],
            known_at=row["ts"],
            severity=Severity.WARNING,
            title=f"{MANY} sources tell of {row['coin']} within "
            f"{round((row['ts'] - row['first_at']) / timedelta(minutes=1))} minutes: "
            f"{row['title'] or 'a story whose text is no longer kept'}",
            detail={
                "story": row["cluster_id"],
                "sources": row["names"],
                "first_seen": row["first_at"].isoformat(),
                "url": row["url"] or "",
            },
            logic_version=AGGREGATES_VERSION,
            reference=str(row["cluster_id"]),
            cool_down=timedelta(days=4),
        )
        for row in rows
    ]
