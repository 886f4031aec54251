"""Partitions: a UTC day and a venue; new ones at midnight."""

from datetime import UTC, datetime, timedelta, timezone

import dagster as dg
import pytest

from alphapulse_assets.datasets.partitions import DAY_AND_VENUE, VENUE_NAMES, partition_key

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
