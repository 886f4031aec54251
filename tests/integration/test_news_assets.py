"""News as an asset: what a materialization counts and draws, what its checks catch, and who writes first."""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
import polars as pl
import pytest
from news_support import declare, look, news, sources_of, utc

from alphapulse_assets.collecting.job import collectors_of
from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.collected_assets import collected_asset
from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.news.model import NEWS_EVENTS
from alphapulse_assets.news.texts.dataset import DATASETS, NEWS
from alphapulse_assets.news.texts.memory import StoryMemory
from alphapulse_assets.news.texts.model import NEWS_SCHEMA, READ_SCHEMA
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.resources import DatabaseResource, GatewayResource
from alphapulse_resources.settings import get_settings
from alphapulse_sim.process import SimulatorProcess

DAY = "2025-03-12"
NOW = utc("2025-03-12T15:00")
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def sim() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as process:
        yield process


@pytest.fixture
def sources(database: Database, sim: SimulatorProcess) -> Sources:
    sources = sources_of(database, sim)
    declare(sources)
    return sources


def checked(database: Database) -> dict[str, dg.AssetCheckResult]:
    """What each promise says of the day."""
    scope = CheckScope(DerivedStore(database), [DAY], lightweight=True)
    return {check.name: check.run(scope, NEWS) for check in NEWS.checks}


def test_a_materialization_fetches_nothing_counts_and_draws(
    environment: pytest.MonkeyPatch, sources: Sources, sim: SimulatorProcess
) -> None:
    environment.setenv("ALPHAPULSE_VENUE_URL", sim.url)
    get_settings.cache_clear()
    for n in range(3):
        look(sources, "coindesk.com", NOW + n * HOUR, sim)
        look(sources, "decrypt.co", NOW + n * HOUR, sim)
    before, asked = news(sources.database), len(sim.log())
    own = DatabaseResource.of(get_settings())
    result = dg.materialize(
        [collected_asset(NEWS)],
        partition_key=DAY,
        resources={"database": own, "gateway": GatewayResource.of(get_settings(), own)},
    )
    (told,) = (event.materialization for event in result.get_asset_materialization_events())
    assert (told.partition, told.metadata["rows_unchanged"].value) == (DAY, len(before))
    assert str(told.metadata["news"].value).startswith("![News by hour and outlet](data:image/png")
    assert (news(sources.database), len(sim.log())) == (before, asked)


def test_checks_pass_on_what_is_collected_and_catch_stories_that_cannot_be(
    sources: Sources, sim: SimulatorProcess
) -> None:
    for minutes in range(0, 120, 20):
        for source in ("coindesk.com", "cointelegraph.com", "decrypt.co", "theblock.co"):
            look(sources, source, NOW + timedelta(minutes=minutes), sim)
    found = checked(sources.database)
    assert {name: each.passed for name, each in found.items()} == {
        "rules": True, "stories": True, "duplicate_rate": True, "timeliness": True, "sources_alive": True,
    }  # fmt: skip
    assert found["timeliness"].metadata["share"].value == 1.0
    assert 0 < float(str(found["duplicate_rate"].metadata["duplicate_rate"].value)) < 0.5
    sources.database.execute(
        "UPDATE news_events SET cluster_id = 1 WHERE text_id = (SELECT min(text_id) FROM news_events)"
    )
    assert not checked(sources.database)["stories"].passed
    sources.database.execute(
        "UPDATE collectors SET answered_at = now() - INTERVAL '25 hours' WHERE source = 'decrypt.co'"
    )
    alive = checked(sources.database)["sources_alive"]
    assert (alive.passed, "news_events rss decrypt.co" in alive.metadata) == (False, True)


def article(number: int, title: str, source: str) -> pl.DataFrame:
    """One article as it was read."""
    row = {
        "text_id": number, "ts": NOW, "provider": "rss", "source": source, "url": f"https://{source}/{number}",
        "title": title, "logic_version": 1, "known_at": NOW,
    }  # fmt: skip
    return pl.DataFrame([row], READ_SCHEMA)


def test_two_who_write_the_same_article_at_once_leave_the_first(database: Database) -> None:
    first = article(7, "Exchange halts withdrawals after attack", "a.com").with_columns(cluster_id="text_id")
    later = first.with_columns(ts=pl.col("ts") + HOUR, known_at=pl.col("ts") + HOUR, title=pl.lit("Other"))
    with database.transaction() as connection:
        one = database.upsert(
            connection, NEWS_EVENTS, first.match_to_schema(NEWS_SCHEMA, missing_columns="insert")
        )
    with database.transaction() as connection:
        two = database.upsert(
            connection, NEWS_EVENTS, later.match_to_schema(NEWS_SCHEMA, missing_columns="insert")
        )
    assert ((one.inserted, one.unchanged), (two.inserted, two.changed, two.unchanged)) == ((1, 0), (0, 0, 1))
    assert [(row["title"], row["ts"]) for row in news(database)] == [
        ("Exchange halts withdrawals after attack", NOW)
    ]


def test_two_sources_that_tell_a_story_at_once_share_it_and_one_that_was_never_stored_is_forgotten(
    database: Database,
) -> None:
    memory, title = StoryMemory(), "Exchange halts withdrawals of all tokens after attack"
    one = memory.place(database, article(1, title, "a.com"), NOW)
    two = memory.place(database, article(2, title, "b.com"), NOW)
    assert one["cluster_id"].to_list() == two["cluster_id"].to_list() == [1]
    later = NOW + timedelta(minutes=11)  # neither was stored: their rounds have failed
    three = article(3, title, "c.com").with_columns(ts=pl.lit(later).cast(pl.Datetime("us", "UTC")))
    assert memory.place(database, three, later)["cluster_id"].to_list() == [3]


def test_the_memory_is_what_the_database_holds_whatever_is_purged(
    sources: Sources, sim: SimulatorProcess
) -> None:
    title = "Exchange halts withdrawals of all tokens after attack"
    memory = StoryMemory()
    for number, source in ((1, "a.com"), (2, "b.com")):
        row = article(number, title, source)
        placed = memory.place(sources.database, row, NOW)
        rows = row.join(placed, on="text_id").match_to_schema(NEWS_SCHEMA, missing_columns="insert")
        with sources.database.transaction() as connection:
            sources.database.upsert(connection, NEWS_EVENTS, rows)
    sources.database.execute("DELETE FROM news_events")
    assert memory.place(sources.database, article(3, title, "c.com"), NOW)["cluster_id"].to_list() == [3]


def test_collectors_of_the_registry_and_those_of_the_settings_have_names_of_their_own(
    sources: Sources,
) -> None:
    own = sources.settings.model_copy(deep=True)
    own.news.feeds = "https://www.decrypt.co/feed"
    names = [each.name for each in collectors_of(DATASETS, own)]
    assert len(names) == len(set(names)) == len(collectors_of(DATASETS)) + 1
    assert "news_events rss decrypt.co/feed" in names
