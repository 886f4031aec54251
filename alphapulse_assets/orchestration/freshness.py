"""How long an asset may go without a materialization before the UI says that it is not fresh.

Windows follow from what keeps the asset fresh: the venue's answer every `verify_minutes`, a timeframe's next
bar, the batch's look at what streams computed every `repair_minutes`, the day's runs. They leave room for a
queue, so that a healthy platform never trips them. What is collected has windows by its cadence
(`datasets.dataset`). Streamed tables have policies of their own
(`streaming.assets`), as far as they are written all the time; of events nobody can tell when the next is due.
"""

from datetime import timedelta
from typing import Final

import dagster as dg

from alphapulse_assets.datasets.tags import LAYER
from alphapulse_resources.frames import TIMEFRAMES
from alphapulse_resources.settings.sections import Automation

DAILY: Final = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=26), fail_window=timedelta(hours=50)
)
"""A day and the time its runs may take; two days (ours)."""
QUEUE: Final = timedelta(minutes=15)
"""What runs may wait for others, and take (ours)."""
_DAY: Final = timedelta(days=1)


def freshness_of(spec: dg.AssetSpec, settings: Automation) -> dg.FreshnessPolicy | None:
    """The policy of an asset by its layer; None for what has its own, or none."""
    match spec.tags.get(LAYER):
        case "candles" | "bars":
            verified = timedelta(minutes=settings.verify_minutes)
            return _window(verified + timedelta(minutes=2), 5 * verified)
        case "timeframes":
            length = TIMEFRAMES[spec.key.path[-1].removeprefix("ohlcv_")]
            # days are closed and verified each night, the week's last bar with them
            return DAILY if length >= _DAY else _window(length + QUEUE, 2 * (length + QUEUE))
        case "derived" | "signals":
            looked = timedelta(minutes=settings.repair_minutes) + QUEUE
            return _window(looked, 2 * looked)
        case "reference" | "gaps" | "quality" | "daily" | "outcomes" | "statistics":
            return DAILY
    return None


def with_freshness(spec: dg.AssetSpec, settings: Automation) -> dg.AssetSpec:
    """The asset with its policy."""
    policy = freshness_of(spec, settings)
    return spec if policy is None else dg.apply_freshness_policy(spec, policy)


def _window(warn: timedelta, fail: timedelta) -> dg.FreshnessPolicy:
    return dg.FreshnessPolicy.time_window(warn_window=warn, fail_window=fail)
