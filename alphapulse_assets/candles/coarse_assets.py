"""The venues' own bars of 1h and 1d as an asset: history from before a symbol has minutes."""

from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg

from alphapulse_assets.candles.assets import below_coverage
from alphapulse_assets.candles.coarse import CoarseFetch
from alphapulse_assets.candles.dataset import COARSE_CANDLES
from alphapulse_assets.candles.metadata import ingest_metadata
from alphapulse_assets.datasets.fetching import Outcome
from alphapulse_assets.datasets.metadata import column_schema, window_metadata
from alphapulse_assets.datasets.partitions import DAY_AND_VENUE, days_by_venue
from alphapulse_assets.datasets.policies import ONE_RUN, RETRY
from alphapulse_assets.datasets.reporting import asset_materialized
from alphapulse_assets.instruments.assets import instruments
from alphapulse_resources.database.fetch_store import Batch
from alphapulse_resources.resources import DatabaseResource, VenueResource
from alphapulse_resources.settings import get_settings
from alphapulse_resources.venues.model import Instrument


class CoarseConfig(dg.Config):
    """Whose bars to fetch."""

    symbols: list[str] | None = None
    """Only these symbols; without them every tracked symbol of the venue."""


@dg.asset(
    name=COARSE_CANDLES.name,
    partitions_def=DAY_AND_VENUE,
    backfill_policy=ONE_RUN,
    deps=[instruments],
    retry_policy=RETRY,
    **COARSE_CANDLES.facts(),
)
def coarse_candles(
    context: dg.AssetExecutionContext, config: CoarseConfig, database: DatabaseResource, venues: VenueResource
) -> dg.MaterializeResult[Any]:
    """Fetches the 1h and 1d bars of the days, as far as they lie before a symbol's minutes."""
    store, days, history = database.candles(), days_by_venue(context.partition_keys), get_settings().history
    fetch = CoarseFetch(
        client=venues.get(),
        store=store,
        batch=Batch(context.run.root_run_id or context.run.run_id, context.run.run_id),
        now=datetime.now(UTC),
        reach=history.coarse_days,
        first=history.first_partition,
        progress=lambda instrument, reached, end, rows: context.log.info(
            f"{instrument}: {rows} bars, at {reached:%Y-%m-%d} of {end:%Y-%m-%d}"
        ),
    )
    outcomes: list[Outcome[Instrument]] = []
    failing: list[str] = []
    for venue, venue_days in days.items():
        fetched = fetch.days(store.tracked(venue, config.symbols), venue_days)
        outcomes += fetched
        if below_coverage(fetched):
            failing.append(venue)
    metadata = {
        **window_metadata(days),
        **ingest_metadata(outcomes),
        "dagster/column_schema": column_schema(database.get(), COARSE_CANDLES.relation),
    }
    if failing:
        raise dg.Failure(
            f"too few symbols could be fetched at {', '.join(failing)}: "
            + "; ".join(str(outcome.error) for outcome in outcomes if outcome.error)[:2000],
            metadata=metadata,
        )
    return asset_materialized(context, metadata)


coarse_assets: Final = [coarse_candles]
