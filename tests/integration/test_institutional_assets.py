"""Institutional flows as assets: what a materialization brings and shows, and what its checks catch."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from institutional_query_checks import institutional_market
from institutional_support import RULES, declare, look, sources_of, utc

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.collected_assets import collected_asset
from alphapulse_assets.market_metrics.institutional.dataset import (
    DATASETS,
    INSTITUTIONAL_POSITIONS,
    INSTITUTIONAL_RELEASES,
)
from alphapulse_assets.market_metrics.institutional.show import show_positions, show_supply
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.providers.cftc.model import CONTRACTS
from alphapulse_resources.resources import DatabaseResource, GatewayResource
from alphapulse_resources.settings import get_settings
from alphapulse_sim.process import SimulatorProcess

TUESDAY = "2024-06-04"


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


def test_a_materialization_fills_its_day_reports_it_and_shows_who_is_long(
    environment: pytest.MonkeyPatch, database: Database, sim: SimulatorProcess
) -> None:
    sim.set_clock("2024-06-12T12:00:00")
    environment.setenv("ALPHAPULSE_VENUE_URL", sim.url)
    get_settings.cache_clear()
    own = DatabaseResource.of(get_settings())
    assets = [collected_asset(each) for each in (INSTITUTIONAL_RELEASES, INSTITUTIONAL_POSITIONS)]
    config = {"ops": {"institutional_positions": {"config": {"symbols": ["133741"]}}}}
    result = dg.materialize(
        assets,
        partition_key=TUESDAY,
        run_config=config,
        resources={"database": own, "gateway": GatewayResource.of(get_settings(), own)},
    )
    assert result.success
    told = {
        each.asset_key.to_user_string(): (each.partition, each.metadata)
        for each in (event.materialization for event in result.get_asset_materialization_events())
    }
    assert {name: partition for name, (partition, _) in told.items()} == {
        "institutional_releases": TUESDAY,
        "institutional_positions": TUESDAY,
    }
    metadata = told["institutional_positions"][1]
    assert metadata["rows_inserted"].value == 2 * 5
    assert metadata["BTC positions"].value.startswith("![Net positions in CME BTC futures](data:image/png")
    (week,) = database.rows(
        "SELECT state, known_at FROM cot_weeks WHERE contract = '133741' AND report = 'futures'"
    )
    assert week == {"state": "told", "known_at": utc("2024-06-07T19:30")}


def test_checks_pass_on_what_is_collected_and_catch_sums_and_times_that_are_wrong(
    database: Database, sim: SimulatorProcess
) -> None:
    declare(database)
    sources = sources_of(database, sim.url, "k")
    for source in ("cftc", "defillama", "coinglass"):
        assert look(sources, sim, source, utc("2024-06-10T12:00")).error is None
    held = checked(database, TUESDAY)
    assert all(held.values()), held
    assert {name for name, _ in held} == RULES.keys()
    assert checked(database, TUESDAY, lightweight=True) == held

    break_it(database, "UPDATE institutional_positions SET long_contracts = long_contracts + 1")
    break_it(database, "UPDATE etf_flows SET flow_usd = flow_usd + 1000 WHERE fund = 'all'")
    database.execute(  # revised before it was first told
        "INSERT INTO institutional_positions SELECT provider, report, contract, trader_group, ts, 1,"
        " open_interest, long_contracts, short_contracts, spread_contracts, change_open_interest,"
        " change_long, change_short, change_spread, traders_long, traders_short, traders_spread,"
        " contract_units, known_at - INTERVAL '1 day', received_at FROM institutional_positions"
        " WHERE trader_group = 'dealer'"
    )
    broken = checked(database, TUESDAY, lightweight=True)
    assert {name for name, passed in broken.items() if not passed} == {
        ("institutional_positions", "adds_up"),
        ("institutional_positions", "known_in_order"),
        ("etf_flows", "funds_add_up"),
    }
    break_it(database, "UPDATE institutional_positions SET known_at = ts - INTERVAL '1 day'")
    assert not checked(database, TUESDAY, lightweight=True)["institutional_positions", "rules"]


def break_it(database: Database, statement: Any) -> None:
    """Write what the write path would not let in."""
    database.execute(statement)


def test_pictures_show_positions_under_the_price_and_supply_with_issuance(
    database: Database, sim: SimulatorProcess
) -> None:
    market = institutional_market(database)
    sources = sources_of(database, sim.url)
    days = [max(market.released).date()]
    pictures = {**show_positions(sources, days), **show_supply(sources, [max(market.supply).date()])}
    assert pictures.keys() == {"BTC positions", "supply"}
    assert all(len(each.value) > 5_000 for each in pictures.values())
    assert show_supply(sources, [utc("2010-01-01").date()]) == {}


def test_the_contracts_of_the_code_are_those_of_the_database(database: Database) -> None:
    rows = database.rows("SELECT contract, name, base, contract_size, since FROM institutional_contracts")
    stored = {(row["contract"], row["name"], row["base"], row["contract_size"], row["since"]) for row in rows}
    assert stored == {(each.code, each.name, each.base, each.size, each.since) for each in CONTRACTS}
