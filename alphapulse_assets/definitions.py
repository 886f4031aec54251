"""The one Definitions object. `build_defs` lets tests and tools put other resources in the place of ours."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import dagster as dg

from alphapulse_assets.candles.assets import candle_assets
from alphapulse_assets.candles.checks import candle_checks
from alphapulse_assets.datasets.derived_checks import derived_checks
from alphapulse_assets.datasets.partitions import starting
from alphapulse_assets.indicators.assets import indicators
from alphapulse_assets.instruments.assets import instruments
from alphapulse_assets.instruments.jobs import instrument_jobs
from alphapulse_assets.operations.sensors import platform_watch, run_failures
from alphapulse_assets.orchestration.analysts import analyst_limits
from alphapulse_assets.orchestration.automation import jobs, schedules, sensors
from alphapulse_assets.orchestration.retention import purge_refreshes, purge_schedule
from alphapulse_assets.patterns.assets import pattern_assets
from alphapulse_assets.patterns.evaluation.assets import outcome_assets
from alphapulse_assets.patterns.evaluation.checks import outcome_checks
from alphapulse_assets.patterns.signals.assets import signal_assets
from alphapulse_assets.patterns.signals.checks import signal_checks
from alphapulse_assets.regime.assets import market_regime
from alphapulse_assets.streaming.assets import live_assets
from alphapulse_assets.streaming.checks import check_streams, check_streams_hourly, live_checks
from alphapulse_assets.streaming.job import StreamWorkerResource, stream_market_data
from alphapulse_assets.streaming.supervisor import stream_supervisor
from alphapulse_assets.volume.assets import volume_assets
from alphapulse_resources.resources import DatabaseResource, VenueResource
from alphapulse_resources.settings import Settings, get_settings

_ASSETS: Final[Sequence[Any]] = [
    instruments,
    *candle_assets,
    indicators,
    market_regime,
    *volume_assets,
    *pattern_assets,
    *signal_assets,
    *outcome_assets,
    *live_assets,
]
_SCHEDULES: Final = [*schedules, purge_schedule, check_streams_hourly]
_SENSORS: Final = [*sensors, stream_supervisor, platform_watch, run_failures, analyst_limits]


def build_defs(
    resources: Mapping[str, Any] | None = None, settings: Settings | None = None
) -> dg.Definitions:
    """All assets, checks, jobs, schedules and sensors, with `resources` over the usual ones.

    `settings` (default: this process's) say where partitions start, what is switched on and what resources
    are made with. What runs and sensors read later they ask of `get_settings`.
    """
    settings = settings or get_settings()
    database = DatabaseResource.of(settings)
    return dg.Definitions(
        assets=starting(settings.history.first_partition, _ASSETS),
        asset_checks=[*candle_checks, *derived_checks, *signal_checks, *outcome_checks, *live_checks],
        jobs=[*jobs, *instrument_jobs, purge_refreshes, stream_market_data, check_streams],
        schedules=[each.define(settings.automation.enabled) for each in _SCHEDULES],
        sensors=[each.define(settings.automation.enabled) for each in _SENSORS],
        resources={
            "database": database,
            "venues": VenueResource.of(settings, database),
            "stream_worker": StreamWorkerResource(),
            **(resources or {}),
        },
        executor=dg.in_process_executor,
    )


defs = build_defs()
