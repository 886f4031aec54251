"""Partitions: a UTC day and a venue, or a day alone; new ones at midnight."""

from datetime import UTC, date, datetime, timedelta, timezone

import dagster as dg
import pytest

from alphapulse_assets.datasets.partitions import (
    DAY,
    DAY_AND_VENUE,
    VENUE_NAMES,
    days_by_venue,
    days_of,
    partition_key,
    range_tags,
    run_keys,
    today,
)
from alphapulse_assets.datasets.reporting import REPORTS_ITSELF, asset_materialized
from alphapulse_resources.venue_queue import PROVIDER_TAG, venue_tags

EVENING = datetime(2025, 3, 9, 23, 59, 59, 999_999, tzinfo=UTC)
MIDNIGHT = datetime(2025, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "now",
    [
        EVENING,
        MIDNIGHT,
        MIDNIGHT.astimezone(timezone(timedelta(hours=-5))),
        datetime(2025, 3, 10, 14, 30, tzinfo=UTC),
    ],
)
def test_keys_are_those_that_dagster_lists(now: datetime) -> None:
    days = dg.DailyPartitionsDefinition(start_date="2017-01-01", end_offset=1)
    plain = dg.MultiPartitionsDefinition(
        {"day": days, "venue": dg.StaticPartitionsDefinition(list(VENUE_NAMES))}
    )
    keys = DAY_AND_VENUE.get_partition_keys(current_time=now)
    assert keys == plain.get_partition_keys(current_time=now)
    assert (partition_key(MIDNIGHT.date(), VENUE_NAMES[0]) in keys) is (now >= MIDNIGHT)
    assert plain == DAY_AND_VENUE


def test_keys_are_listed_once_a_day() -> None:
    keys = DAY_AND_VENUE.get_partition_keys(current_time=MIDNIGHT)
    assert DAY_AND_VENUE.get_partition_keys(current_time=MIDNIGHT + timedelta(hours=3)) is keys
    assert DAY_AND_VENUE.get_partition_keys(current_time=EVENING) is not keys


FIRST, LAST = date(2025, 3, 8), date(2025, 3, 9)


def test_a_run_of_days_alone_is_about_its_days() -> None:
    assert partition_key(LAST) == "2025-03-09"
    assert run_keys(range_tags(FIRST, LAST), DAY) == ["2025-03-08", "2025-03-09"]
    assert run_keys({"dagster/partition": "2025-03-09"}, DAY) == ["2025-03-09"]
    assert run_keys({}, DAY) == [today().isoformat()]
    both = ["2025-03-09", partition_key(FIRST, "bybit"), partition_key(LAST, "bybit")]
    assert days_of(both) == [FIRST, LAST]
    with pytest.raises(ValueError, match="'2025-03-09' is of a day alone"):
        days_by_venue(both)


def test_a_run_of_a_provider_is_counted_as_its_own() -> None:
    assert venue_tags({PROVIDER_TAG: "coingecko", **range_tags(FIRST, LAST)}) == {}
    assert venue_tags(range_tags(FIRST, LAST)) == {}


@pytest.mark.parametrize(("written", "reported"), [(None, [FIRST, LAST]), ([LAST], [LAST]), ([], [])])
def test_an_asset_without_a_venue_reports_the_days_that_it_wrote(
    written: list[date] | None, reported: list[date]
) -> None:
    @dg.asset(partitions_def=DAY, backfill_policy=dg.BackfillPolicy.single_run())
    def market_caps(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        days = None if written is None else [(None, day) for day in written]
        return asset_materialized(context, {"dagster/row_count": 3}, days)

    with dg.DagsterInstance.ephemeral() as instance:
        tags = {**REPORTS_ITSELF, **range_tags(FIRST, LAST)}
        assert dg.materialize([market_caps], instance=instance, tags=tags).success
        found = instance.get_materialized_partitions(market_caps.key)
    assert found == {day.isoformat() for day in reported}
