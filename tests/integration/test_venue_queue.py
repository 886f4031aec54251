"""Runs carry the venue that the limits of dagster.yaml count, whoever starts them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import dagster as dg
import pytest
import yaml
from automation_support import REPOSITORY
from dagster._core.remote_origin import RemoteJobOrigin
from dagster._core.run_coordinator.base import SubmitRunContext
from dagster._core.utils import make_new_run_id

from alphapulse_assets.datasets.partitions import partition_key, range_tags, today
from alphapulse_assets.datasets.reporting import REPORTS_ITSELF
from alphapulse_resources.venue_queue import VENUE_TAG, VenueQueue, venue_tags

CONFIGURED = yaml.safe_load((Path(__file__).resolve().parents[2] / "deploy" / "dagster.yaml").read_text())


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance with the queue and the limits that dagster.yaml configures."""
    chosen = {name: CONFIGURED[name] for name in ("run_coordinator", "concurrency")}
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides=chosen) as instance:
        yield instance


def submitted(instance: dg.DagsterInstance, tags: Mapping[str, str]) -> dg.DagsterRun:
    """A run with these tags once it is in the queue."""
    run = dg.DagsterRun(
        job_name="__ASSET_JOB",
        run_id=make_new_run_id(),
        status=dg.DagsterRunStatus.NOT_STARTED,
        tags=dict(tags),
        remote_job_origin=RemoteJobOrigin(REPOSITORY, "__ASSET_JOB"),
    )
    instance.run_storage.add_run(run)
    return instance.run_coordinator.submit_run(SubmitRunContext(run, cast(Any, None)))


def test_a_run_of_the_ui_is_queued_with_its_venue(instance: dg.DagsterInstance) -> None:
    assert isinstance(instance.run_coordinator, VenueQueue)
    one = submitted(instance, tags={"dagster/partition": partition_key(today(), "bybit")})
    assert (one.status, one.tags[VENUE_TAG]) == (dg.DagsterRunStatus.QUEUED, "bybit")
    several = submitted(instance, tags=range_tags(today(), today(), "binance", "bybit"))
    assert several.tags[VENUE_TAG] == "binance,binanceusdm,bybit"
    limits = instance.get_concurrency_config().run_queue_config
    assert limits is not None
    assert VENUE_TAG in {limit["key"] for limit in limits.tag_concurrency_limits}
    assert limits.max_concurrent_runs == CONFIGURED["concurrency"]["runs"]["max_concurrent_runs"]


def test_what_has_a_venue_or_none_or_is_a_refresh_keeps_its_tags() -> None:
    ours = range_tags(today(), today(), "bybit", "bybit")
    assert venue_tags({VENUE_TAG: "coinbase", **ours}) == {}
    assert venue_tags({**REPORTS_ITSELF, **ours}) == {}
    assert venue_tags({}) == venue_tags({"dagster/partition": "2024-01-01"}) == {}
