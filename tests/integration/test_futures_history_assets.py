"""Days of funding and open interest as Dagster fills them: partitions, counts, checks."""

from datetime import date

from dagster_support import TUESDAY, WEDNESDAY, Platform

from alphapulse_assets.collecting.automation import BY_VENUE
from alphapulse_assets.datasets.partitions import partition_key, range_tags

pytest_plugins = ("dagster_fixtures",)


def test_venue_days_are_filled_with_their_checks(platform: Platform) -> None:
    platform.track("binanceusdm", "BTC/USDT:USDT", "LINK/USDT:USDT")
    assets = ["funding_rates", "open_interest"]
    tags = range_tags(TUESDAY, WEDNESDAY, "binanceusdm", "binanceusdm")
    run = platform.run(BY_VENUE, tags=tags, assets=assets)
    assert run.success, run.failures()
    days: tuple[date, ...] = (TUESDAY, WEDNESDAY)
    for asset in assets:
        assert run.partitions(asset) == {partition_key(day, "binanceusdm") for day in days}
        assert run.check(asset, "rules").passed
    assert run.metadata("funding_rates")["rows_inserted"] == 2 * 3 + 2 * 24  # LINK settles each hour
    assert run.metadata("open_interest")["rows_inserted"] == 2 * 2 * 288
    again = platform.run(BY_VENUE, tags=tags, assets=assets)
    assert again.success
    assert again.metadata("open_interest")["rows_inserted"] == 0
    sources = "SELECT DISTINCT source FROM open_interest_readings"
    assert [row["source"] for row in platform.database.rows(sources)] == ["archive"]
