"""Fear and greed, and chains, as assets: what a materialization brings and shows, and what checks catch."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from chain_query_checks import chain_market
from chain_support import DATASETS, DAY, HOUR, declare, look, sources_of, utc

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.collected_assets import collected_asset
from alphapulse_assets.news.fear_greed.show import show_index
from alphapulse_assets.news.onchain.dataset import ONCHAIN
from alphapulse_assets.news.onchain.show import show_chain
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.resources import DatabaseResource, GatewayResource
from alphapulse_resources.settings import get_settings
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_sim.process import SimulatorProcess

TODAY = "2024-06-04"
NOON = utc("2024-06-04T12:00")


@pytest.fixture(scope="module")
def sim() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as process:
        yield process


def checked(database: Database, key: str, *, lightweight: bool = False) -> dict[tuple[str, str], bool]:
    """Whether each promise of each data set holds of a day."""
    scope = CheckScope(DerivedStore(database), [key], lightweight)
    return {
        (each.name, check.name): check.run(scope, each).passed for each in DATASETS for check in each.checks
    }


def revised(database: Database, day: str) -> object:
    """How many figures of a chain's day the check counts that were told otherwise later."""
    (settles,) = (check for check in ONCHAIN.checks if check.name == "settles")
    return settles.run(CheckScope(DerivedStore(database), [day], True), ONCHAIN).metadata["revised"].value


def test_a_materialization_fills_its_days_and_shows_pictures(
    environment: pytest.MonkeyPatch, database: Database, sim: SimulatorProcess
) -> None:
    environment.setenv("ALPHAPULSE_VENUE_URL", sim.url)
    environment.setattr(
        DatabaseRateLimiter, "acquire", lambda *_: 0.0
    )  # seven charts are a minute and a half
    get_settings.cache_clear()
    sim.set_clock("2024-06-12T12:00:00")
    own = DatabaseResource.of(get_settings())
    result = dg.materialize(
        [collected_asset(each) for each in DATASETS],
        partition_key=TODAY,
        resources={"database": own, "gateway": GatewayResource.of(get_settings(), own)},
    )
    assert result.success
    told = {
        each.asset_key.to_user_string(): each.metadata
        for each in (event.materialization for event in result.get_asset_materialization_events())
    }
    assert told["fear_greed"]["rows_inserted"].value == 1
    assert told["onchain_metrics"]["rows_inserted"].value == 6 + 1  # charts, and mempool.space's hash rate
    assert told["onchain_metrics"]["BTC chain"].value.startswith(
        "![What the chain of BTC tells](data:image/png"
    )
    (missing,) = told["onchain_metrics"]["what is missing"].value.records  # type: ignore[union-attr]
    assert "COINMETRICS_ENABLED=true" in str(missing.data["why"])


def test_pictures_show_the_index_under_the_price_and_the_series_of_a_chain(
    database: Database, sim: SimulatorProcess
) -> None:
    market = chain_market(database)
    sources = sources_of(database, sim.url)
    look(sources, sim, "blockchain_info", NOON)
    pictures = {**show_index(sources, [max(market.index).date()]), **show_chain(sources, [NOON.date()])}
    assert pictures.keys() == {"fear and greed", "BTC chain"}
    assert all(5_000 < len(each.value) <= 30_000 for each in pictures.values())
    assert show_index(sources, [utc("2019-01-01").date()]) == {}
    assert show_chain(sources, [utc("2019-01-01").date()]) == {}


def test_checks_pass_on_what_is_collected_and_catch_what_is_wrong(
    database: Database, sim: SimulatorProcess
) -> None:
    declare(database)
    sources = sources_of(database, sim.url)
    for source in ("alternative_me", "mempool_space", "blockchain_info", "coinmetrics"):
        assert look(sources, sim, source, NOON).error is None
        assert look(sources, sim, source, NOON + DAY + HOUR).error is None
    held = checked(database, TODAY)
    assert all(held.values()), held
    assert {name for name, _ in held} == {"fear_greed", "onchain_metrics"}
    assert checked(database, TODAY, lightweight=True) == held
    assert revised(database, TODAY) == 0  # it was not over when it was first looked
    assert revised(database, "2024-06-03") == 6  # each chart put its day right

    break_it(database, "UPDATE fear_greed_vintages SET classification = 'greed' WHERE value <= 46")
    break_it(database, "DELETE FROM fear_greed_vintages WHERE ts = '2024-06-04T00:00Z'")
    break_it(
        database,
        "UPDATE onchain_vintages SET revision = revision + 12 WHERE metric = 'difficulty'",
    )
    break_it(
        database,
        "UPDATE onchain_vintages SET value = value / 2 WHERE metric = 'supply' AND ts = '2024-06-04T00:00Z'",
    )
    broken = checked(database, TODAY, lightweight=True)
    assert {name for name, passed in broken.items() if not passed} == {
        ("fear_greed", "no_day_missing"),
        ("onchain_metrics", "never_less"),
        ("onchain_metrics", "settles"),
    }
    before = checked(database, "2024-06-03", lightweight=True)
    assert {name for name, passed in before.items() if not passed} == {
        ("fear_greed", "classes"),
        ("onchain_metrics", "settles"),
    }
    break_it(database, "UPDATE onchain_vintages SET known_at = scheduled_at - INTERVAL '1 hour'")
    assert not checked(database, TODAY, lightweight=True)["onchain_metrics", "known_in_order"]


def break_it(database: Database, statement: Any) -> None:
    """Write what the write path would not let in."""
    database.execute(statement)
