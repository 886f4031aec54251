"""Candles as assets: 1m from the venues, 5m to 1w each from the finer one, gaps and quality beside them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal

import dagster as dg

from alphapulse_assets.candles.dataset import CANDLE_GAPS, OHLCV_1M, QUALITY_SCORES, TIMEFRAMES
from alphapulse_assets.candles.gap_report import gap_report
from alphapulse_assets.candles.ingest import Ingest, Outcome
from alphapulse_assets.candles.metadata import (
    PICTURE_SYMBOLS,
    REFRESH_SYMBOLS,
    coverage_metadata,
    ingest_metadata,
)
from alphapulse_assets.candles.scoring import score_days
from alphapulse_assets.candles.timeframe_refresh import TimeframeRefresh
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.metadata import column_schema, window_metadata
from alphapulse_assets.datasets.partitions import DAY_AND_VENUE, days_by_venue, first_and_last
from alphapulse_assets.datasets.policies import RETRY
from alphapulse_assets.datasets.reporting import (
    VenueDay,
    asset_materialized,
    days_of_venues,
    last_reports,
    reports_itself,
    require_own_reports,
)
from alphapulse_assets.instruments.assets import instruments
from alphapulse_resources.database.candle_store import Batch
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.resources import DatabaseResource, VenueResource
from alphapulse_resources.settings import get_settings

REFRESH_JOB: Final = "refresh_candles"
"""Job of the newest candles (`automation`), which runs every few minutes."""
REPAIR_JOB: Final = "repair_gaps"
"""Job that asks for the open gaps that are due (`automation`)."""


class FetchConfig(dg.Config):
    """Which candles to fetch."""

    symbols: list[str] | None = None
    """Only these symbols; without them every tracked symbol of the venue."""
    mode: Literal["days", "newest", "gaps"] = "days"
    """days: the whole partitions; newest: what came since the newest candle; gaps: open gaps only. The last
    two are for the jobs refresh_candles and repair_gaps, whose runs report the days that they wrote."""


@dg.asset(
    partitions_def=DAY_AND_VENUE,
    backfill_policy=dg.BackfillPolicy.single_run(),
    deps=[instruments],
    retry_policy=RETRY,
    **OHLCV_1M.facts(),
)
def ohlcv_1m(
    context: dg.AssetExecutionContext, config: FetchConfig, database: DatabaseResource, venues: VenueResource
) -> dg.MaterializeResult[Any]:
    """Fetches what the run asks for; one symbol's failure is recorded and stops no other."""
    if config.mode != "days":
        require_own_reports(context, config.mode, REFRESH_JOB if config.mode == "newest" else REPAIR_JOB)
    store, days = database.candles(), days_by_venue(context.partition_keys)
    ingest = Ingest(
        client=venues.get(),
        store=store,
        batch=_batch(context),
        now=datetime.now(UTC),
        progress=_progress(context),
    )
    outcomes: list[Outcome] = []
    failing: list[str] = []
    for venue, venue_days in days.items():
        tracked = store.tracked(venue, config.symbols)
        match config.mode:
            case "days":
                fetched = ingest.days(tracked, venue_days)
            case "newest":
                fetched = ingest.newest(tracked)
            case "gaps":
                fetched = ingest.gaps(tracked, venue_days)
        outcomes += fetched
        if below_coverage(fetched):
            failing.append(venue)
    coverage = coverage_metadata(database.get(), days, symbols=_shown(context))
    metadata = {
        **coverage,
        **window_metadata(days),
        "dagster/partition_row_count": coverage["minutes"],
        **ingest_metadata(outcomes),
        "dagster/column_schema": column_schema(database.get(), "ohlcv_1m"),
    }
    if failing and (config.mode == "days" or len(failing) == len(days)):
        raise dg.Failure(
            f"too few symbols could be fetched at {', '.join(failing)}: "
            + "; ".join(str(outcome.error) for outcome in outcomes if outcome.error)[:2000],
            metadata=metadata,
        )
    written = None if config.mode == "days" else _written(context, database.get(), outcomes, days)
    return asset_materialized(context, metadata, written)


def _written(
    context: dg.AssetExecutionContext,
    database: Database,
    outcomes: Sequence[Outcome],
    days: Mapping[str, Sequence[date]],
) -> set[VenueDay]:
    """The venue-days that a fetch wrote, and those the stream wrote that the venue has now answered for."""
    wrote = sum((outcome.written for outcome in outcomes), Written())
    found = days_of_venues(wrote.changed_days, [outcome.instrument for outcome in outcomes])
    since = last_reports(context, days)
    answered = [outcome.instrument for outcome in outcomes if outcome.rows]
    streamed = database.rows(
        statement("candles/streamed_since"),
        {
            "instrument_ids": [each.instrument_id for each in answered],
            "since": [since[each.venue] for each in answered],
        },
    )
    return found | {(row["venue"], row["day"]) for row in streamed}


def _shown(context: dg.AssetExecutionContext) -> int:
    """How many symbols the picture shows: few where the next run comes in minutes."""
    return REFRESH_SYMBOLS if context.run.job_name == REFRESH_JOB else PICTURE_SYMBOLS


def below_coverage(outcomes: list[Outcome]) -> bool:
    """Whether fewer symbols succeeded than ALPHAPULSE_MIN_COVERAGE allows."""
    good = sum(outcome.error is None for outcome in outcomes)
    return bool(outcomes) and good < get_settings().min_coverage * len(outcomes)


def _timeframe_asset(dataset: Dataset) -> dg.AssetsDefinition:
    timeframe = dataset.name.removeprefix("ohlcv_")

    @dg.asset(
        name=dataset.name,
        partitions_def=DAY_AND_VENUE,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=list(dataset.reads),
        retry_policy=RETRY,
        **dataset.facts(),
    )
    def timeframe_asset(
        context: dg.AssetExecutionContext, database: DatabaseResource
    ) -> dg.MaterializeResult[Any]:
        days = days_by_venue(context.partition_keys)
        first, last = first_and_last(days)
        start, end = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
        venues = {each.instrument_id: venue for venue in days for each in database.candles().tracked(venue)}
        ids = list(venues)
        refresh = TimeframeRefresh(database.get(), timeframe, venues, (first, last))
        refresh.run()
        metadata = {
            **coverage_metadata(database.get(), days, timeframe, symbols=_shown(context)),
            **window_metadata(days),
            "dagster/partition_row_count": _count(database, timeframe, ids, start, end),
            "dagster/column_schema": column_schema(database.get(), f"ohlcv_{timeframe}"),
        }
        written = refresh.written(last_reports(context, days)) if reports_itself(context) else None
        return asset_materialized(context, metadata, written)

    return timeframe_asset


def _count(database: DatabaseResource, timeframe: str, ids: list[int], start: datetime, end: datetime) -> int:
    rows = database.get().rows(
        f"SELECT count(*) AS n FROM ohlcv_{timeframe}"
        " WHERE instrument_id = ANY (%(ids)s) AND ts >= %(start)s AND ts < %(end)s",
        {"ids": ids, "start": start, "end": end},
    )
    return int(rows[0]["n"])


timeframe_assets: Final = [_timeframe_asset(dataset) for dataset in TIMEFRAMES]


@dg.asset(
    partitions_def=DAY_AND_VENUE,
    backfill_policy=dg.BackfillPolicy.single_run(),
    deps=[ohlcv_1m],
    **CANDLE_GAPS.facts(),
)
def candle_gaps(context: dg.AssetExecutionContext, database: DatabaseResource) -> dg.MaterializeResult[Any]:
    """Brings the gap ledger up to date with the candles of the days."""
    days = days_by_venue(context.partition_keys)
    metadata = {
        **window_metadata(days),
        **gap_report(database.candles(), days, now=datetime.now(UTC)),
        "dagster/column_schema": column_schema(database.get(), "candle_gaps"),
    }
    return asset_materialized(
        context, metadata, _changed_gaps(context, database.get(), days) if reports_itself(context) else None
    )


def _changed_gaps(
    context: dg.AssetExecutionContext, database: Database, days: Mapping[str, Sequence[date]]
) -> set[VenueDay]:
    """The venue-days, from the one before the run's on, whose gaps changed since the last report."""
    first, _ = first_and_last(days)
    since = last_reports(context, days)
    values = {
        "first": first - timedelta(days=1),
        "venues": list(since),
        "since": list(since.values()),
    }
    return {(row["venue"], row["day"]) for row in database.rows(statement("gaps/changed_since"), values)}


@dg.asset(
    partitions_def=DAY_AND_VENUE,
    backfill_policy=dg.BackfillPolicy.single_run(),
    deps=[ohlcv_1m, candle_gaps],
    **QUALITY_SCORES.facts(),
)
def quality_scores(
    context: dg.AssetExecutionContext, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """Scores every symbol's days and writes the flags of odd candles."""
    days = days_by_venue(context.partition_keys)
    metadata = {
        **window_metadata(days),
        **score_days(database.candles(), days, now=datetime.now(UTC)),
        "dagster/column_schema": column_schema(database.get(), "quality_scores"),
    }
    return asset_materialized(context, metadata)


def _batch(context: dg.AssetExecutionContext) -> Batch:
    """A backfill or a run with all its retries is one batch."""
    run = context.run
    return Batch(run.tags.get("dagster/backfill") or run.root_run_id or run.run_id, run.run_id)


def _progress(context: dg.AssetExecutionContext) -> Any:
    """Log how far a symbol has come, at most every ten seconds a symbol."""
    last: dict[int, datetime] = {}

    def report(instrument: Any, reached: datetime, end: datetime, rows: int) -> None:
        now = datetime.now(UTC)
        if now - last.setdefault(instrument.instrument_id, now) >= timedelta(seconds=10):
            last[instrument.instrument_id] = now
            context.log.info(
                f"{instrument}: {rows} candles, at {reached:%Y-%m-%d %H:%M} of {end:%Y-%m-%d %H:%M}"
            )

    return report


candle_assets: Final = [ohlcv_1m, *timeframe_assets, candle_gaps, quality_scores]
