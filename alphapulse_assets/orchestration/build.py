"""What is in the one Definitions object. Tests and tools may put other resources in the place of ours."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import dagster as dg

from alphapulse_assets.candles.all_bars import ohlcv
from alphapulse_assets.candles.assets import candle_assets
from alphapulse_assets.candles.checks import candle_checks
from alphapulse_assets.candles.coarse_assets import coarse_assets
from alphapulse_assets.collecting.automation import collected_history, collected_jobs, collected_schedules
from alphapulse_assets.collecting.job import collect_market_data
from alphapulse_assets.collecting.supervisor import collection_supervisor
from alphapulse_assets.datasets.collected_assets import collected, collected_asset
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.derived_assets import derived_asset
from alphapulse_assets.datasets.derived_checks import checks_of
from alphapulse_assets.datasets.partitions import starting
from alphapulse_assets.indicators.series_store import asked_for
from alphapulse_assets.instruments.assets import instruments
from alphapulse_assets.instruments.jobs import instrument_jobs
from alphapulse_assets.models.assets import model_assets
from alphapulse_assets.models.drift_check import model_checks
from alphapulse_assets.news.scoring.assets import sentiment_assets
from alphapulse_assets.operations.sensors import platform_watch, run_failures
from alphapulse_assets.orchestration.analysts import analyst_limits
from alphapulse_assets.orchestration.automation import jobs, schedules, sensors
from alphapulse_assets.orchestration.code_references import with_code_references
from alphapulse_assets.orchestration.freshness import with_freshness
from alphapulse_assets.orchestration.retention import purge_refreshes, purge_schedule
from alphapulse_assets.patterns.calibration.assets import calibration_assets
from alphapulse_assets.patterns.evaluation.assets import outcome_assets
from alphapulse_assets.patterns.signal_performance.assets import signal_performance_assets
from alphapulse_assets.patterns.signals.assets import signal_assets
from alphapulse_assets.registry import DATASETS, checked_by_partition, derived
from alphapulse_assets.streaming.assets import live_assets
from alphapulse_assets.streaming.checks import check_streams, check_streams_hourly, live_checks
from alphapulse_assets.streaming.job import StreamWorkerResource, stream_market_data
from alphapulse_assets.streaming.supervisor import stream_supervisor
from alphapulse_assets.volume.assets import volume_assets
from alphapulse_resources.resources import DatabaseResource, GatewayResource, VenueResource
from alphapulse_resources.settings import Settings, get_settings

_SCHEDULES: Final = [*schedules, purge_schedule, check_streams_hourly]
_SENSORS: Final = [
    *sensors,
    stream_supervisor,
    collection_supervisor,
    platform_watch,
    run_failures,
    analyst_limits,
]


def build_defs(
    resources: Mapping[str, Any] | None = None,
    settings: Settings | None = None,
    *,
    datasets: Sequence[Dataset] = DATASETS,
) -> dg.Definitions:
    """All assets, checks, jobs, schedules and sensors, with `resources` over the usual ones.

    `settings` (default: this process's) say where partitions start, what is switched on, what is fresh and
    what resources are made with. What runs and sensors read later they ask of `get_settings`. What follows
    from bars, and what is promised of each data set, comes from the registry; below are the assets that rooms
    make themselves.
    """
    settings = settings or get_settings()
    asked_for(settings)  # an indicator that cannot be is refused here, not by every run
    database = DatabaseResource.of(settings)
    filling = collected_jobs(datasets)
    assets = [
        instruments,
        *candle_assets,
        *coarse_assets,
        ohlcv,
        *map(derived_asset, derived(datasets)),
        *map(collected_asset, collected(datasets)),
        *volume_assets,
        *signal_assets,
        *model_assets,
        *outcome_assets,
        *signal_performance_assets,
        *calibration_assets,
        *sentiment_assets,
        *live_assets,
    ]
    return dg.Definitions(
        assets=dg.map_asset_specs(
            partial(with_freshness, settings=settings.automation),
            with_code_references(starting(settings.history.first_partition, assets), datasets),
        ),
        asset_checks=[
            *candle_checks,
            *map(checks_of, checked_by_partition(datasets)),
            *live_checks,
            *model_checks,
        ],
        jobs=[
            *jobs,
            *instrument_jobs,
            purge_refreshes,
            stream_market_data,
            collect_market_data,
            *filling,
            check_streams,
        ],
        schedules=[
            each.define(settings.automation.enabled) for each in (*_SCHEDULES, *collected_schedules(filling))
        ],
        sensors=[
            each.define(settings.automation.enabled)
            for each in (*_SENSORS, *collected_history(datasets, filling))
        ],
        resources={
            "database": database,
            "venues": VenueResource.of(settings, database),
            "gateway": GatewayResource.of(settings, database),
            "stream_worker": StreamWorkerResource(),
            **(resources or {}),
        },
        executor=dg.in_process_executor,
    )
