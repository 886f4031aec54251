"""Assets of what is collected: the poller keeps them fresh, a materialization fills whole days."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.collecting import Fill, FillContext, FillResult, Sources
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.metadata import column_schema
from alphapulse_assets.datasets.partitions import DAY, DAY_AND_VENUE, days_of, venue_days
from alphapulse_assets.datasets.policies import ONE_RUN, RETRY
from alphapulse_assets.datasets.reporting import asset_materialized
from alphapulse_resources.resources import DatabaseResource, GatewayResource
from alphapulse_resources.settings import get_settings

MOST_MISSING: Final = 200
"""Reasons that a materialization lists (ours)."""


class FillConfig(dg.Config):
    """What to fill."""

    symbols: list[str] | None = None
    """Only these symbols (or, of data without instruments, series); without them all there are."""


def collected_asset(dataset: Dataset) -> dg.AssetsDefinition | dg.AssetSpec:
    """The asset of a data set with collectors or a fill; one without a way to the past is only reported."""
    partitions = DAY_AND_VENUE if dataset.by_venue else DAY
    if dataset.fill is None:
        return dg.AssetSpec(
            dataset.name, deps=list(dataset.reads), partitions_def=partitions, **dataset.facts()
        )
    fill = dataset.fill

    @dg.asset(
        name=dataset.name,
        partitions_def=partitions,
        deps=list(dataset.reads),
        backfill_policy=ONE_RUN,
        retry_policy=RETRY,
        **dataset.facts(),
    )
    def rows(
        context: dg.AssetExecutionContext,
        config: FillConfig,
        database: DatabaseResource,
        gateway: GatewayResource,
    ) -> dg.MaterializeResult[Any]:
        sources = Sources(database.get(), get_settings(), gateway.get())
        return _filled(context, config, sources, dataset, fill)

    return rows


def _filled(
    context: dg.AssetExecutionContext, config: FillConfig, sources: Sources, dataset: Dataset, fill: Fill
) -> dg.MaterializeResult[Any]:
    keys = list(context.partition_keys)
    days = days_of(keys)
    result = fill(
        FillContext(
            sources=sources,
            days=days,
            venues=list(dict.fromkeys(venue for venue, _ in venue_days(keys) if venue is not None)),
            batch=context.run.tags.get("dagster/backfill") or context.run.root_run_id or context.run_id,
            run_id=context.run_id,
            symbols=config.symbols,
            log=context.log.info,
        )
    )
    metadata: dict[str, Any] = {
        "window_start": days[0].isoformat(),
        "window_end": (days[-1] + timedelta(days=1)).isoformat(),
        **_counts(result),
        "dagster/column_schema": column_schema(sources.database, dataset.relation),
        **(dataset.show_collected(sources, days) if dataset.show_collected else {}),
    }
    if result.failed:
        raise dg.Failure(f"{dataset.name}: {_reasons(result)}"[:2000], metadata=metadata)
    return asset_materialized(context, metadata, result.written)


def _counts(result: FillResult) -> dict[str, Any]:
    counts = {
        "rows_inserted": result.inserted,
        "rows_changed": result.changed,
        "rows_unchanged": result.unchanged,
        "quarantined": result.quarantined,
        "dagster/partition_row_count": result.inserted + result.changed + result.unchanged,
        "missing": len(result.missing),
    }
    if not result.missing:
        return counts
    table = dg.MetadataValue.table(
        [
            dg.TableRecord({"what": what, "why": why[:500]})
            for what, why in list(result.missing.items())[:MOST_MISSING]
        ],
        schema=dg.TableSchema([dg.TableColumn("what"), dg.TableColumn("why")]),
    )
    return {**counts, "what is missing": table}


def _reasons(result: FillResult) -> str:
    return "; ".join(f"{what}: {why}" for what, why in result.missing.items()) or "nothing could be filled"


def collected(datasets: Sequence[Dataset]) -> list[Dataset]:
    """Those whose assets this module makes."""
    return [each for each in datasets if each.collectors or each.fill is not None]
