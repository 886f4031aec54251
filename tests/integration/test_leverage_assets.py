"""The asset of leverage snapshots, materialized as the UI does it: partitions, counts, pictures, checks."""

from dagster_support import Platform
from leverage_support import DAY, TODAY, leverage_market

from alphapulse_assets.collecting.automation import BY_DAY

pytest_plugins = ("dagster_fixtures",)


def test_a_materialized_day_has_its_rows_pictures_and_checks(platform: Platform) -> None:
    leverage_market(platform.database)
    day = (TODAY - DAY).date().isoformat()
    for inserted in (3 * 24, 0):
        run = platform.run(BY_DAY, tags={"dagster/partition": day}, assets=["leverage_snapshots"])
        assert run.success, run.failures()
        assert run.partitions("leverage_snapshots") == {day}
        told = run.metadata("leverage_snapshots")
        assert (told["rows_inserted"], told["rows_changed"], told["missing"]) == (inserted, 0, 0)
        for picture in ("open interest under price", "funding"):
            assert told[picture].startswith("![")
        assert run.check("leverage_snapshots", "rules").passed
        assert run.check("leverage_snapshots", "recomputed").passed
