"""Everything that automation keeps fresh says how fresh, and the windows follow from what keeps it so."""

from datetime import timedelta

import dagster as dg
import pytest

from alphapulse_assets.datasets.tags import LATENCY, LAYER
from alphapulse_assets.definitions import build_defs
from alphapulse_assets.orchestration.freshness import DAILY, QUEUE, freshness_of
from alphapulse_resources.settings.sections import Automation

SPECS = {spec.key.to_user_string(): spec for spec in build_defs().resolve_all_asset_specs()}
EVENTS = {"order_book_events", "whale_activities", "liquidity_sweeps", "order_book_alerts", "liquidations"}
"""Streamed when something happens: nothing tells when it is late."""
ONCE = {"coarse_candles"}
"""Comes once, from before a symbol has minutes: it is never late."""
SELDOM = {"institutional_positions", "institutional_releases", "etf_flows", "social_removals"}
"""A week's reports, put off by holidays; trading days, where somebody has a key; posts taken down."""


def windows(name: str) -> tuple[timedelta, timedelta]:
    policy = SPECS[name].freshness_policy
    assert policy is not None, name
    assert policy.warn_window is not None
    return policy.warn_window.to_timedelta(), policy.fail_window.to_timedelta()


@pytest.mark.parametrize("name", sorted(SPECS))
def test_all_but_events_have_a_window_that_warns_before_it_fails(name: str) -> None:
    if name in EVENTS | ONCE:
        assert SPECS[name].freshness_policy is None
        return
    warn, fail = windows(name)
    assert timedelta(0) < warn < fail <= (timedelta(days=21) if name in SELDOM else timedelta(hours=50))
    assert {LAYER, LATENCY} <= SPECS[name].tags.keys()


def test_a_timeframe_may_be_as_old_as_its_bar_and_the_queue() -> None:
    assert [windows(f"ohlcv_{name}")[0] for name in ("5m", "1h", "4h")] == [
        timedelta(minutes=20),
        timedelta(minutes=75),
        timedelta(minutes=255),
    ]
    assert SPECS["ohlcv_1w"].freshness_policy == SPECS["ohlcv_1d"].freshness_policy == DAILY


def test_windows_follow_the_settings() -> None:
    slow = Automation(verify_minutes=60, repair_minutes=120)
    candles, indicators = (freshness_of(SPECS[name], slow) for name in ("ohlcv_1m", "indicators"))
    assert candles == dg.FreshnessPolicy.time_window(
        warn_window=timedelta(minutes=62), fail_window=timedelta(minutes=300)
    )
    assert indicators is not None
    assert indicators.warn_window is not None
    assert indicators.warn_window.to_timedelta() == timedelta(minutes=120) + QUEUE
