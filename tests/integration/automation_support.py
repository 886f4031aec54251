"""What tests of sensors and schedules share: what they ask for, runs that were, days that are done."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.utils import make_new_run_id
from dagster_support import Platform

from alphapulse_assets.datasets.partitions import DAY_AND_VENUE, partition_key
from alphapulse_assets.datasets.switchable import Switchable
from alphapulse_assets.definitions import build_defs
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

BTC, ETH, SOL = "BTC/USDT", "ETH/USDT", "SOL/USDT"
DAY = timedelta(days=1)
DEFINITIONS = build_defs()
REPOSITORY = RemoteRepositoryOrigin(GrpcServerCodeLocationOrigin("127.0.0.1", 4266), "alphapulse")
LEDGER = """
INSERT INTO ingest_ledger (instrument_id, day, status, attempts, updated_at, fetched_until)
SELECT instrument_id, day, 'complete', 0, now(), day + INTERVAL '1 day'
FROM instruments, generate_series(%(first)s::date, %(last)s::date, INTERVAL '1 day') AS day
WHERE symbol = %(symbol)s
ON CONFLICT (instrument_id, dataset, day) DO UPDATE SET status = 'complete', attempts = 0
"""


Sensor = Switchable[dg.SensorDefinition]
Schedule = Switchable[dg.ScheduleDefinition]


def job_of(asker: Sensor | Schedule) -> str:
    """The job it asks for runs of."""
    name = asker.define(False).job_name
    assert name
    return name


def tick(platform: Platform, sensor: Sensor, cursor: str | None = None) -> dg.SensorResult:
    """One evaluation, as the daemon does it."""
    with dg.build_sensor_context(
        platform.instance,
        cursor=cursor,
        resources={"database": DatabaseResource.of(get_settings())},
        definitions=DEFINITIONS,
    ) as context:
        result = DEFINITIONS.resolve_sensor_def(sensor.name)(context)
    assert isinstance(result, dg.SensorResult)
    for request in result.run_requests or ():
        validate(job_of(sensor), request)
    return result


def requests_of(platform: Platform, sensor: Sensor) -> list[dg.RunRequest]:
    """What the sensor asks for now; if nothing, it says why."""
    result = tick(platform, sensor)
    assert result.run_requests or result.skip_reason
    return list(result.run_requests or ())


def asked(platform: Platform, schedule: Schedule) -> Any:
    with dg.build_schedule_context(
        platform.instance, resources={"database": DatabaseResource.of(get_settings())}
    ) as context:
        result = DEFINITIONS.resolve_schedule_def(schedule.name)(context)
    for request in result if isinstance(result, list) else [result]:
        if isinstance(request, dg.RunRequest):
            validate(job_of(schedule), request)
    return result


def validate(job_name: str, request: dg.RunRequest) -> None:
    """The job takes this config, and the partitions exist."""
    dg.validate_run_config(DEFINITIONS.resolve_job_def(job_name), request.run_config)
    if "dagster/asset_partition_range_start" in request.tags:
        assert keys_of(request)


def keys_of(request: dg.RunRequest) -> list[str]:
    """Partition keys of a request."""
    ends = (request.tags[f"dagster/asset_partition_range_{end}"] for end in ("start", "end"))
    return [str(key) for key in DAY_AND_VENUE.get_partition_keys_in_range(dg.PartitionKeyRange(*ends))]


def keys(first: date, last: date, *venues: str) -> set[str]:
    days = (last - first).days + 1
    return {partition_key(first + n * DAY, venue) for n in range(days) for venue in venues}


def config_of(request: dg.RunRequest, op: str = "ohlcv_1m") -> dict[str, Any]:
    config: dict[str, Any] = request.run_config["ops"][op]["config"]
    return config


def put_run(
    platform: Platform,
    job: str,
    status: dg.DagsterRunStatus = dg.DagsterRunStatus.QUEUED,
    *,
    tags: Mapping[str, str] | None = None,
    created: datetime | None = None,
) -> str:
    """A run of the job that was made at some time; returns its id."""
    run = dg.DagsterRun(
        job_name=job,
        run_id=make_new_run_id(),
        status=status,
        tags=dict(tags or {}),
        remote_job_origin=RemoteJobOrigin(REPOSITORY, job),  # a queued run needs one
    )
    platform.instance.run_storage.add_historical_run(run, created or datetime.now(UTC))
    return run.run_id


def done(platform: Platform, symbol: str, first: date, last: date) -> None:
    """The ledger says that these days are complete."""
    platform.database.execute(LEDGER, {"symbol": symbol, "first": first, "last": last})
