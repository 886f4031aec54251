"""Tracking as Dagster jobs, for those who live in the UI: the same SQL functions as everywhere."""

from datetime import timedelta

import dagster as dg
from pydantic import Field

from alphapulse_assets.datasets.venue_choice import VenueChoice
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings


class TrackConfig(dg.Config):
    """Symbols to track at a venue."""

    venue: VenueChoice
    symbols: list[str]
    history_days: int | None = Field(None, description="ALPHAPULSE_HISTORY__DAYS if not given.")


class UntrackConfig(dg.Config):
    """Symbols to stop tracking at a venue."""

    venue: VenueChoice
    symbols: list[str]


@dg.op
def track(context: dg.OpExecutionContext, config: TrackConfig, database: DatabaseResource) -> None:
    """Track symbols from now on; sensors look them up and fill their history."""
    days = config.history_days or get_settings().history.days
    for symbol in config.symbols:
        database.get().rows(
            "SELECT track_symbol(%(venue)s, %(symbol)s, %(history)s)",
            {
                "venue": str(config.venue),
                "symbol": symbol,
                "history": timedelta(days=days),
            },
        )
        context.log.info(f"tracking {config.venue} {symbol}")


@dg.op
def untrack(context: dg.OpExecutionContext, config: UntrackConfig, database: DatabaseResource) -> None:
    """Stop tracking symbols; their history stays."""
    for symbol in config.symbols:
        database.get().rows(
            "SELECT untrack_symbol(%(venue)s, %(symbol)s)", {"venue": str(config.venue), "symbol": symbol}
        )
        context.log.info(f"no longer tracking {config.venue} {symbol}")


@dg.job(executor_def=dg.in_process_executor)
def track_symbols() -> None:
    """Add symbols at run time."""
    track()


@dg.job(executor_def=dg.in_process_executor)
def untrack_symbols() -> None:
    """Remove symbols at run time."""
    untrack()


instrument_jobs = [track_symbols, untrack_symbols]
