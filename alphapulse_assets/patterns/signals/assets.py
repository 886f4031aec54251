"""Confidence, confluence and signals as assets: computed together, of all timeframes of an instrument."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal, Self

import dagster as dg
from pydantic import model_validator

from alphapulse_assets.datasets.dataset import REFRESH_DERIVED_JOB
from alphapulse_assets.datasets.derived_assets import (
    after,
    derived_materialized,
    derived_metadata,
    require_coverage,
)
from alphapulse_assets.datasets.metadata import column_schema, window_metadata
from alphapulse_assets.datasets.partitions import DAY_AND_VENUE, days_by_venue
from alphapulse_assets.datasets.policies import ONE_RUN, RETRY
from alphapulse_assets.datasets.reporting import require_own_reports
from alphapulse_assets.patterns.events.configuration_store import configured, record
from alphapulse_assets.patterns.metadata import counts_table
from alphapulse_assets.patterns.signals.dataset import DATASETS
from alphapulse_assets.patterns.signals.plots import signal_picture
from alphapulse_assets.patterns.signals.scoring_runs import OUTPUTS, Scored, Scoring
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

_COUNTS: Final = {
    "pattern_confidence": "patterns/confidence_counts",
    "pattern_confluence": "patterns/confluence_counts",
    "signals": "patterns/signal_counts",
}
"""The statement that counts what an asset holds, by pattern and kind."""


class SignalConfig(dg.Config):
    """What to compute."""

    symbols: list[str] | None = None
    """Only these symbols, tracked or not; without them every tracked symbol of the venue."""
    mode: Literal["days", "changed"] = "days"
    """days: the whole partitions; changed: what changed candles make due, of every venue, in the job
    refresh_indicators, whose runs report the days that they wrote."""

    @model_validator(mode="after")
    def _all_that_is_due(self) -> Self:
        if self.mode == "changed" and self.symbols is not None:
            raise ValueError("mode changed computes all that is due: leave out symbols")
        return self


@dg.multi_asset(
    name="signals",
    specs=[
        dg.AssetSpec(
            dataset.name, deps=after(*dataset.reads, lookback=dataset.reads_before), **dataset.facts()
        )
        for dataset in DATASETS
    ],
    partitions_def=DAY_AND_VENUE,
    backfill_policy=ONE_RUN,
    retry_policy=RETRY,
)
def signal_asset(
    context: dg.AssetExecutionContext, config: SignalConfig, database: DatabaseResource
) -> Iterator[dg.MaterializeResult[Any]]:
    """One pass over the events gives all three; what is computed of a moment rests on nothing later."""
    if config.mode == "changed":
        require_own_reports(context, config.mode, REFRESH_DERIVED_JOB)
    configuration = configured(get_settings())
    record(database.get(), configuration)
    scoring = Scoring(DerivedStore(database.get()), configuration, datetime.now(UTC))
    days = days_by_venue(context.partition_keys)
    found = scoring.changed() if config.mode == "changed" else scoring.days(days, config.symbols)
    shared = {**window_metadata(days), "configuration_version": configuration.version}
    told = {
        asset: {**shared, **_metadata(database.get(), asset, found, config.mode, configuration.version)}
        for asset in OUTPUTS
    }
    for asset, metadata in told.items():
        require_coverage(asset, found.outputs[asset], metadata)
    for asset, metadata in told.items():
        yield derived_materialized(context, config.mode, found.outputs[asset], metadata, asset=asset)


def _metadata(
    database: Database, asset: str, found: Scored, mode: str, configuration_version: int
) -> Mapping[str, Any]:
    """Counts, what was found, and of signals a picture."""
    derived = found.outputs[asset]
    _, frames = OUTPUTS[asset]
    table = next(iter(frames.values()))
    counts = counts_table(database, derived, _COUNTS[asset], configuration_version)
    picture = signal_picture(database, derived, configuration_version) if asset == "signals" else None
    return {
        **derived_metadata(derived, mode),
        "dagster/column_schema": column_schema(database, table.name),
        **({"counts": counts} if counts else {}),
        **({"picture": picture} if picture else {}),
    }


signal_assets: Final = [signal_asset]
