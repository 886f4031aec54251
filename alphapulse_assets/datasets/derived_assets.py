"""What assets of derived rows share: their run config, how they run, and what a materialization shows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, Literal, Self

import dagster as dg
from pydantic import field_validator, model_validator

from alphapulse_assets.datasets.dataset import Dataset, required
from alphapulse_assets.datasets.derivation import DerivationResult, DerivationRunner
from alphapulse_assets.datasets.metadata import column_schema, window_metadata
from alphapulse_assets.datasets.partitions import DAY_AND_VENUE, days_by_venue
from alphapulse_assets.datasets.policies import ONE_RUN, RETRY
from alphapulse_assets.datasets.reporting import asset_materialized, require_own_reports
from alphapulse_resources.database.derived_store import COMPUTED, DerivedStore
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

LOOKBACK_DAYS: Final = 40
"""Days before a partition that Dagster is told its rows are made of: a month and the warm-up of 5m bars.

Longer timeframes reach further back; a graph of years for each day would be too slow to be drawn.
"""
LOOKBACK: Final = dg.MultiPartitionMapping(
    {
        "day": dg.DimensionPartitionMapping(
            "day",
            dg.TimeWindowPartitionMapping(
                start_offset=-LOOKBACK_DAYS, allow_nonexistent_upstream_partitions=True
            ),
        ),
        "venue": dg.DimensionPartitionMapping("venue", dg.IdentityPartitionMapping()),
    }
)


def after(*assets: str, lookback: bool = True) -> list[dg.AssetDep]:
    """Dependencies on the partitions of these assets and, with `lookback`, those before them."""
    return [dg.AssetDep(asset, partition_mapping=LOOKBACK if lookback else None) for asset in assets]


def dataset_asset(dataset: Dataset) -> Callable[..., dg.AssetsDefinition]:
    """`dg.asset` for what is made of other data sets: by day and venue, days in a row in one run."""
    return dg.asset(
        name=dataset.name,
        partitions_def=DAY_AND_VENUE,
        deps=after(*dataset.reads, lookback=dataset.reads_before),
        backfill_policy=ONE_RUN,
        retry_policy=RETRY,
        **dataset.facts(),
    )


BARS: Final = [f"ohlcv_{timeframe}" for timeframe in COMPUTED]
"""The assets whose bars are computed with."""


class DerivedConfig(dg.Config):
    """What to compute."""

    symbols: list[str] | None = None
    """Only these symbols, tracked or not; without them every tracked symbol of the venue."""
    timeframes: list[str] | None = None
    """Only these timeframes; without them all that are computed."""
    version: int | None = None
    """A trial: write under this version (below 0) beside what there is; without it under the rules' own."""
    mode: Literal["days", "changed"] = "days"
    """days: the whole partitions; changed: what changed candles make due, of every venue, in the job
    refresh_indicators (pattern_outcomes: refresh_reactions), whose runs report the days that they wrote."""

    @field_validator("timeframes")
    @classmethod
    def _known(cls, timeframes: list[str] | None) -> list[str] | None:
        if unknown := sorted(set(timeframes or ()) - set(COMPUTED)):
            raise ValueError(f"nothing is computed of {', '.join(unknown)}; choose of {', '.join(COMPUTED)}")
        return timeframes

    @field_validator("version")
    @classmethod
    def _trial(cls, version: int | None) -> int | None:
        if version is not None and version >= 0:
            raise ValueError(
                f"version {version} is not below 0: numbers from 0 up belong to released rules, whose rows "
                "are written without this option"
            )
        return version

    @model_validator(mode="after")
    def _trials_take_no_marks(self) -> Self:
        if self.mode == "changed" and (self.version, self.timeframes, self.symbols) != (None, None, None):
            raise ValueError(
                "mode changed computes all that is due: leave out version, timeframes and symbols"
            )
        return self


def derived_asset(dataset: Dataset) -> dg.AssetsDefinition:
    """The asset of a data set whose rows follow from bars.

    Raises:
        ValueError: the data set has no derivation.
    """
    required(dataset.derivation, dataset.name)

    def rows(
        context: dg.AssetExecutionContext, config: DerivedConfig, database: DatabaseResource
    ) -> dg.MaterializeResult[Any]:
        derived, metadata = derive(context, config, database, dataset)
        shown = dataset.show(DerivedStore(database.get()), derived) if dataset.show else {}
        return derived_materialized(context, config.mode, derived, {**metadata, **shown})

    return dataset_asset(dataset)(rows)


def derive(
    context: dg.AssetExecutionContext, config: DerivedConfig, database: DatabaseResource, dataset: Dataset
) -> tuple[DerivationResult, dict[str, Any]]:
    """Compute and write what a run asks for; returns it with the metadata of the materialization.

    Raises:
        dagster.Failure: fewer symbols than ALPHAPULSE_MIN_COVERAGE could be computed, or what changed is
            asked for in a run that reports its own partitions (those of `refreshed_by` do not).
    """
    if config.mode == "changed":
        require_own_reports(context, config.mode, dataset.refreshed_by)
    derivation = required(dataset.derivation, dataset.name)
    if dataset.prepare is not None:
        dataset.prepare(database.get(), derivation.version if config.version is None else config.version)
    deriving = DerivationRunner(
        DerivedStore(database.get()), derivation, datetime.now(UTC), config.timeframes, config.version
    )
    days = days_by_venue(context.partition_keys)
    derived = deriving.changed() if config.mode == "changed" else deriving.days(days, config.symbols)
    metadata = {
        **window_metadata(days),
        **derived_metadata(derived, config.mode),
        "dagster/column_schema": column_schema(database.get(), derivation.table.name),
    }
    require_coverage(derivation.dataset, derived, metadata)
    return derived, metadata


def derived_materialized(
    context: dg.AssetExecutionContext,
    mode: str,
    derived: DerivationResult,
    metadata: Mapping[str, Any],
    *,
    asset: str | None = None,
) -> dg.MaterializeResult[Any]:
    """The result of a derived asset: of the run's partitions, or of the venue-days that got rows."""
    written = derived.venue_days if mode == "changed" else None
    return asset_materialized(context, metadata, written, asset=asset)


def require_coverage(dataset: str, derived: DerivationResult, metadata: Mapping[str, Any]) -> None:
    """Let a run of enough symbols go on.

    Raises:
        dagster.Failure: fewer symbols than ALPHAPULSE_MIN_COVERAGE could be computed.
    """
    good = len(derived.subjects) - len(derived.failures)
    if derived.subjects and good < get_settings().min_coverage * len(derived.subjects):
        told = "; ".join(f"{subject}: {error}" for subject, error in derived.failures.items())
        raise dg.Failure(f"{dataset} of too few symbols: {told[:2000]}", metadata=dict(metadata))


def derived_metadata(derived: DerivationResult, mode: str) -> dict[str, Any]:
    """Counts, by timeframe too, and a table of the symbols that failed."""
    total = derived.total
    return {
        "mode": mode,
        "logic_version": derived.version,
        "symbols": len(derived.subjects),
        "symbols_failed": len(derived.failures),
        "rows_inserted": total.inserted,
        "rows_changed": total.changed,
        "rows_unchanged": total.unchanged,
        "rows_removed": total.removed,
        "dagster/partition_row_count": total.inserted + total.changed + total.unchanged,
        **({"timeframes": _timeframes(derived)} if derived.written else {}),
        **({"failures": _failures(derived)} if derived.failures else {}),
    }


def last_day(days: Mapping[str, Sequence[date]]) -> date:
    """The last of all days."""
    return max(day for venue_days in days.values() for day in venue_days)


def _timeframes(derived: DerivationResult) -> dg.TableMetadataValue:
    counts = ("inserted", "changed", "unchanged", "removed")
    return dg.MetadataValue.table(
        [
            dg.TableRecord({"timeframe": timeframe, **{count: getattr(written, count) for count in counts}})
            for timeframe, written in derived.written.items()
        ],
        schema=dg.TableSchema(
            [dg.TableColumn("timeframe"), *(dg.TableColumn(count, "int") for count in counts)]
        ),
    )


def _failures(derived: DerivationResult) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [
            dg.TableRecord({"symbol": str(subject), "error": error[:500]})
            for subject, error in derived.failures.items()
        ],
        schema=dg.TableSchema([dg.TableColumn("symbol"), dg.TableColumn("error")]),
    )
