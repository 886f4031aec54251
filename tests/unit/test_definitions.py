"""All definitions: they load, they are the ones that were agreed upon, and automation is a switch."""

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_representation.external_data import RepositorySnap
from pydantic import SecretStr

from alphapulse_assets.datasets.collected_assets import collected
from alphapulse_assets.datasets.derived_assets import LOOKBACK, LOOKBACK_DAYS
from alphapulse_assets.datasets.partitions import DAY_AND_VENUE, range_tags, run_keys
from alphapulse_assets.definitions import build_defs, defs
from alphapulse_assets.registry import DATASETS
from alphapulse_resources.database.derived_store import COMPUTED
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import Automation, History, Settings, Venues
from alphapulse_resources.venues.registry import VENUES

SNAPSHOT = Path(__file__).with_name("definitions_snapshot.json")
UPDATE = "ALPHAPULSE_UPDATE_SNAPSHOT"
ROOT = Path(__file__).resolve().parents[2]
GRAPH = defs.resolve_asset_graph()
AUTOMATION = [*(defs.sensors or ()), *(defs.schedules or ())]


def nodes() -> list[Any]:
    return [GRAPH.get(key) for key in sorted(GRAPH.get_all_asset_keys())]


def partitions(definition: dg.PartitionsDefinition[Any] | None) -> Any:
    """Dimensions by name; a venue dimension with its keys, since these are what we agreed upon."""
    if not isinstance(definition, dg.MultiPartitionsDefinition):
        return None if definition is None else type(definition).__name__
    return {
        dimension.name: dimension.partitions_def.get_partition_keys()
        if isinstance(dimension.partitions_def, dg.StaticPartitionsDefinition)
        else type(dimension.partitions_def).__name__
        for dimension in definition.partitions_defs
    }


def describe() -> dict[str, Any]:
    """The definitions as people would write them down."""
    repository = defs.get_repository_def()
    return {
        "assets": {
            node.key.to_user_string(): {
                "group": node.group_name,
                "depends_on": sorted(parent.to_user_string() for parent in node.parent_keys),
                "partitions": partitions(node.partitions_def),
                "code_version": node.code_version,
                "checks": {
                    check.name: "blocking" if GRAPH.get_check_spec(check).blocking else "informs"
                    for check in sorted(node.check_keys)
                },
            }
            for node in nodes()
        },
        "jobs": {
            job.name: sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
            for job in sorted(repository.get_all_jobs(), key=lambda job: job.name)
            if not job.name.startswith("__")
        },
        "sensors": {
            sensor.name: {
                "job": sensor.job_name if sensor.targets else None,
                "seconds": sensor.minimum_interval_seconds,
            }
            for sensor in sorted(repository.sensor_defs, key=lambda sensor: sensor.name)
        },
        "schedules": {
            schedule.name: {"job": schedule.job_name, "cron": schedule.cron_schedule}
            for schedule in sorted(repository.schedule_defs, key=lambda schedule: schedule.name)
        },
    }


def settings(**given: Any) -> Settings:
    """Settings with these sections and no developer's `.env`."""
    return Settings(_env_file=None, **given)


def test_definitions_are_valid_as_a_whole() -> None:
    dg.Definitions.validate_loadable(build_defs())


def test_definitions_are_those_of_the_snapshot() -> None:
    found = json.dumps(describe(), indent=2) + "\n"
    if os.environ.get(UPDATE) == "1":
        SNAPSHOT.write_text(found)
    assert json.loads(found) == json.loads(SNAPSHOT.read_text()), (
        f"the definitions are not those of {SNAPSHOT.name}: if the change is meant, run "
        f"`{UPDATE}=1 python -m pytest {Path(__file__).relative_to(ROOT)}` and commit the file"
    )


@pytest.mark.parametrize("node", nodes(), ids=lambda node: node.key.to_user_string())
def test_every_asset_says_what_it_is_whose_and_made_of_what(node: Any) -> None:
    assert len(node.description or "") > 40
    assert node.owners
    assert node.kinds
    assert node.code_version


@pytest.mark.parametrize("key", sorted(GRAPH.asset_check_keys), ids=lambda key: key.to_user_string())
def test_every_check_says_what_it_holds_assets_to(key: dg.AssetCheckKey) -> None:
    assert len(GRAPH.get_check_spec(key).description or "") > 40


@pytest.mark.parametrize("each", AUTOMATION, ids=lambda each: each.name)
def test_every_sensor_and_schedule_says_when_it_acts(each: Any) -> None:
    assert len(each.description or "") > 20


@pytest.mark.parametrize("node", nodes(), ids=lambda node: node.key.to_user_string())
def test_every_asset_names_its_relation_and_where_its_code_is(node: Any) -> None:
    assert node.metadata["dagster/table_name"]
    streamed = node.tags["layer"] == "live"
    if streamed:  # which the UI says has no automation
        assert "stream_supervisor" in node.description
    computed = node.is_executable  # what is only reported has no code that a run of it would call
    assert ("dagster/code_references" in node.metadata) is ((ROOT / ".git").exists() and computed)


def test_a_run_config_takes_known_venues_and_refuses_others_with_the_list() -> None:
    job = build_defs().resolve_job_def("track_symbols")
    config = {"ops": {"track": {"config": {"venue": "bybit", "symbols": ["BTC/USDT"]}}}}
    dg.validate_run_config(job, config)
    config["ops"]["track"]["config"]["venue"] = "binanse"
    with pytest.raises(dg.DagsterInvalidConfigError, match=re.escape("|".join(VENUES))):
        dg.validate_run_config(job, config)


def test_what_is_computed_from_bars_hangs_on_one_asset_of_all_timeframes() -> None:
    bars = {f"ohlcv_{timeframe}" for timeframe in COMPUTED}
    parents = {key.to_user_string() for key in GRAPH.get(dg.AssetKey("ohlcv")).parent_keys}
    assert parents == bars | {"coarse_candles"}
    computed = {"indicators", "market_regime", "volume_patterns", "candlestick_patterns", "chart_patterns"}
    for name in computed:
        parents = {key.to_user_string() for key in GRAPH.get(dg.AssetKey(name)).parent_keys}
        assert "ohlcv" in parents
        assert not parents & bars
        # the days before a day, through the asset between as before
        mapped = LOOKBACK.get_upstream_mapped_partitions_result_for_partitions(
            downstream_partitions_subset=DAY_AND_VENUE.subset_with_partition_keys(["2026-03-31|bybit"]),
            downstream_partitions_def=DAY_AND_VENUE,
            upstream_partitions_def=DAY_AND_VENUE,
        )
        assert len(list(mapped.partitions_subset.get_partition_keys())) == LOOKBACK_DAYS + 1
    from_bars = {each.name for each in DATASETS if not collected([each])}
    edges = sum(len(node.parent_keys) for node in nodes() if node.key.to_user_string() in from_bars)
    assert edges <= 71  # some 120 without it


def test_resources_can_be_put_in_the_place_of_ours() -> None:
    other = DatabaseResource(home="elsewhere")
    built = build_defs({"database": other})
    assert built.resources is not None
    assert built.resources["database"] is other
    assert set(built.resources) == set(defs.resources or {})


@pytest.mark.parametrize(("enabled", "status"), [(False, "STOPPED"), (True, "RUNNING")])
def test_automation_is_on_where_the_settings_say_so(enabled: bool, status: str) -> None:
    built = build_defs(settings=settings(automation=Automation(enabled=enabled)))
    switches = {each.name: each.default_status.value for each in (*built.sensors, *built.schedules)}
    assert switches == {each.name: status for each in AUTOMATION}


def test_partitions_start_where_the_settings_say() -> None:
    built = build_defs(settings=settings(history=History(first_partition=date(2015, 5, 4))))
    graph = built.resolve_asset_graph()
    partitioned = [key for key in GRAPH.get_all_asset_keys() if GRAPH.get(key).partitions_def is not None]
    assert len(partitioned) > 10
    for key in partitioned:
        days = graph.get(key).partitions_def
        if isinstance(days, dg.MultiPartitionsDefinition):
            days = days.get_partitions_def_for_dimension("day")
        assert days.get_first_partition_key() == "2015-05-04", key
    assert run_keys(range_tags(date(2015, 5, 4), date(2015, 5, 5), "bybit", "bybit")) == [
        "2015-05-04|bybit",
        "2015-05-05|bybit",
    ]


def test_resources_are_made_of_the_settings_and_show_no_secret() -> None:
    given = settings(
        dsn=SecretStr("postgresql://me:s3cret@there/db"), home="/some/home", venues=Venues(wait_seconds=7)
    )
    built = build_defs(settings=given)
    shown = dg.serialize_value(RepositorySnap.from_def(built.get_repository_def()))
    assert "/some/home" in shown
    assert "s3cret" not in shown
    venues = (built.resources or {})["venues"]
    assert (venues.wait_seconds, venues.database.address()) == (7, given.dsn)


def test_a_run_can_use_two_databases_at_once() -> None:
    seen: dict[str, str] = {}

    @dg.op
    def ask(one: DatabaseResource, other: DatabaseResource) -> None:
        seen.update(one=one.get().dsn, other=other.get().dsn)

    @dg.job
    def compare() -> None:
        ask()

    dsns = {name: f"postgresql://me@there/{name}" for name in ("one", "other")}
    resources = {name: DatabaseResource(dsn=SecretStr(dsn), home=".") for name, dsn in dsns.items()}
    compare.execute_in_process(resources=resources)
    assert seen == dsns
